"""Who may import whom, and what must not be found anywhere in the project."""

from __future__ import annotations

import ast
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

ARROWS: dict[str, set[str]] = {
    "errors": set(),
    "compiling": set(),  # how inner loops are compiled and kept
    "model": {"errors"},
    "geometry": {"errors", "model"},
    "scoring": {"errors", "model", "compiling"},
    "profiles": {"errors", "model", "staffing"},  # a profile holds the rules of roles
    "solver": {"errors", "model", "scoring", "compiling"},
    # Plans that are read back are judged again; rosters are read and assignments written as values of `staffing`.
    "io": {"errors", "model", "geometry", "profiles", "scoring", "staffing"},
    "apportionment": {"errors", "model"},
    "microgrid": {"errors", "model", "scoring", "solver"},
    "staffing": {"errors", "model", "scoring", "solver", "compiling"},
    "redraw": {"errors", "model", "scoring", "solver"},
    # A redraw knows units and numbers only; that levels follow one another is told beside `top_down`.
    "levels": {
        "errors",
        "model",
        "geometry",
        "scoring",
        "profiles",
        "solver",
        "io",
        "apportionment",
        "microgrid",
        "redraw",
    },
    "planning": {
        "errors",
        "model",
        "geometry",
        "scoring",
        "profiles",
        "solver",
        "io",
        "apportionment",
        "microgrid",
        "levels",
    },
    "changing": {
        "errors",
        "model",
        "geometry",
        "scoring",
        "profiles",
        "solver",
        "io",
        "levels",
        "planning",
        "redraw",
        "staffing",
        "posting",  # staff follow a redraw
    },
    "posting": {"errors", "model", "profiles", "solver", "io", "staffing"},
    "cli": {
        "errors",
        "model",
        "geometry",
        "scoring",
        "profiles",
        "solver",
        "io",
        "levels",
        "planning",
        "staffing",
        "posting",
        "redraw",
        "changing",
    },
}
"""What each part of `partitioner` may import of the others."""

SOURCES = sorted([*(ROOT / "partitioner").rglob("*.py"), *(ROOT / "service").rglob("*.py")])


def imports_of(path: Path) -> Iterator[str]:
    """Full names of the modules that a file imports, inside functions, too."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            name = ".".join(part for part in (base, node.module) if part)
            yield from (f"{name}.{alias.name}" for alias in node.names)


def part_of(path: Path) -> str:
    return path.relative_to(ROOT / "partitioner").with_suffix("").parts[0]


def tracked() -> list[Path]:
    """Files under version control; outside a checkout, all text files of the project."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode == 0:
        return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]
    folders = ("partitioner", "service", "datasets", "benchmarks", "tests", "docs")
    return [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]


@pytest.mark.parametrize("part", ARROWS)
def test_a_part_imports_only_what_lies_below_it(part: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in SOURCES
        if path.is_relative_to(ROOT / "partitioner") and part_of(path) == part
        for name in imports_of(path)
        if name.startswith("partitioner.") and name.split(".")[1] not in {part, "__version__"} | ARROWS[part]
    ]
    assert not wrong


def test_every_part_of_the_library_has_its_arrows() -> None:
    assert {part_of(path) for path in SOURCES if path.is_relative_to(ROOT / "partitioner")} == {*ARROWS, "__init__"}


SERVICE_COMMANDS = {ROOT / "partitioner" / "cli" / name for name in ("serve.py", "admin.py", "remote.py")}
"""They start the service, look after its data, and ask it to plan."""


def test_the_library_knows_nothing_of_the_service_tests_or_datasets() -> None:
    wrong = {"service", "tests", "datasets", "benchmarks"}
    found = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in SOURCES
        if path not in SERVICE_COMMANDS
        for name in imports_of(path)
        if name.split(".")[0] in wrong - {path.relative_to(ROOT).parts[0]}
    ]
    assert not found


def test_the_solver_never_sees_a_polygon() -> None:
    shapes = {"shapely", "geopandas", "pyproj", "pyogrio", "pandas"}
    inner = ("errors", "model", "scoring", "solver")
    found = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in SOURCES
        if path.is_relative_to(ROOT / "partitioner") and part_of(path) in inner
        for name in imports_of(path)
        if name.split(".")[0] in shapes
    ]
    assert not found


def test_nothing_prints_but_the_command() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in SOURCES
        if not path.is_relative_to(ROOT / "partitioner" / "cli")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not found


def test_the_two_solvers_that_cannot_share_a_process_are_never_both_imported() -> None:
    """Only a peer of the benchmarks brings highspy in, and peers run in processes without our library."""
    peers = ROOT / "benchmarks" / "peers"
    for path in tracked():
        if path.suffix != ".py":
            continue
        tops = {name.split(".")[0] for name in imports_of(path)}
        assert not tops & {"highspy", "spopt"} or path.parent == peers, path
        assert not (tops & {"highspy", "spopt"} and "ortools" in tops), path
        assert "partitioner" not in tops or path.parent != peers, path


def test_no_file_names_a_place_on_one_machine() -> None:
    places = [os.environ.get("WANGGE_DATA", "").rstrip("/"), "/" + "work/", "/root" + "/", "/tmp" + "/wg"]
    hosts = ["pypi" + ".org", "files.python" + "hosted", "registry" + ".npmjs", "proxy" + ".golang"]
    wanted = re.compile("|".join(re.escape(text) for text in [*places, *hosts] if text))
    found = []
    for path in tracked():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {match.group()}" for match in wanted.finditer(text)]
    assert not found
