"""Maps of a large plan are drawn by a second process: the same files, whatever happens to it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from writing_levels import planned_levels

from partitioner.errors import OutputError
from partitioner.io.writing import PlannedLevels, beside, write_overview
from partitioner.io.writing.beside import MapFiles, maps_beside


@pytest.fixture(scope="module")
def levels() -> PlannedLevels:
    return planned_levels(2, 1)


@pytest.fixture(autouse=True)
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "WORTHWHILE_UNITS", 0)


def drawing() -> list[psutil.Process]:
    """Processes that this one has started to draw."""
    return [child for child in psutil.Process().children() if "draw_what_is_sent" in " ".join(child.cmdline())]


def maps_in(folder: Path) -> list[MapFiles]:
    return [("grid", folder / "map.png", folder / "map.pdf")]


def test_a_second_process_draws_the_same_maps(
    levels: PlannedLevels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "_draw", lambda *_: pytest.fail("drawn by the first process"))
    with maps_beside(levels, maps_in(tmp_path), cores=2):
        (child,) = drawing()
    assert not child.is_running()
    write_overview(levels, tmp_path / "here.png", tmp_path / "here.pdf", level="grid")
    for suffix in (".png", ".pdf"):
        assert (tmp_path / f"map{suffix}").read_bytes() == (tmp_path / f"here{suffix}").read_bytes()


def test_one_core_is_not_shared(levels: PlannedLevels, tmp_path: Path) -> None:
    with maps_beside(levels, maps_in(tmp_path), cores=1):
        assert not drawing()
        assert not list(tmp_path.iterdir())
    assert len(list(tmp_path.iterdir())) == 2


def test_maps_of_a_killed_process_are_drawn_here(levels: PlannedLevels, tmp_path: Path) -> None:
    with maps_beside(levels, maps_in(tmp_path), cores=2):
        for child in drawing():
            child.kill()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["map.pdf", "map.png"]


def test_what_cannot_be_written_is_told(levels: PlannedLevels, tmp_path: Path) -> None:
    (tmp_path / "map.png").mkdir()
    with (
        pytest.raises(OutputError, match=r"cannot write .*map\.png"),
        maps_beside(levels, maps_in(tmp_path), cores=2),
    ):
        pass


def test_a_failure_meanwhile_ends_the_second_process(levels: PlannedLevels, tmp_path: Path) -> None:
    children: list[psutil.Process] = []

    def fail() -> None:
        with maps_beside(levels, maps_in(tmp_path), cores=2):
            children.extend(drawing())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert children
    assert not any(child.is_running() for child in children)


def test_the_second_process_ends_with_the_first() -> None:
    waiting = "from partitioner.io.writing.beside import _end_with; _end_with(0, exit)"
    with subprocess.Popen([sys.executable, "-c", waiting], stdin=subprocess.PIPE) as child:
        time.sleep(0.1)
        assert child.poll() is None
        assert child.stdin is not None
        child.stdin.close()
        assert child.wait(60) == 0
