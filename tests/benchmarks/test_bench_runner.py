"""The runner: what it keeps, where, and that older results stay."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import benchmarks.__main__ as runner
from benchmarks.child import measured
from benchmarks.places import PLACES
from benchmarks.rows import Row
from benchmarks.run_file import file_name, read_run, write_run
from benchmarks.tables import TITLE, add_section, section, table

ROOT = Path(__file__).parents[2]
HEAD = {"date": "2025-01-02T03:04Z", "commit": "abc1234", "load": 0.5, "load_after": 0.7, "packages": {"numpy": "2.2"}}
ROWS: list[Row] = [
    {"suite": "phases", "name": "guan", "part": "read", "seconds": 1.0, "peak_mb": 300},
    {"suite": "phases", "name": "guan", "part": "all", "seconds": 9.0, "peak_mb": 12345, "grids": 5, "gap": 0.01234},
    {"suite": "solver", "name": "city-0", "failed": "MemoryError | none left"},
]


def test_a_run_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / file_name(HEAD)
    write_run(path, HEAD, ROWS)
    assert path.name == "2025-01-02T0304Z-abc1234.json"
    head, rows = read_run(path)
    assert rows == ROWS
    assert head["commit"] == "abc1234"
    assert all(json.loads(line) for line in path.read_text("utf-8").splitlines())


def test_a_table_leaves_out_columns_that_no_row_fills() -> None:
    lines = table(("name", "seconds", "gap"), [{"name": "a", "seconds": 1.5}, {"name": "b"}])
    assert lines == ["| name | seconds |", "| --- | --- |", "| a | 1.5 |", "| b | — |"]


def test_a_section_shows_conditions_phases_plans_and_failures() -> None:
    text = section(HEAD, ROWS, source="results/x.json")
    assert "commit abc1234" in text
    assert "load 0.5 at the start, 0.7 at the end" in text
    assert "| guan | all | 9.0 | 12,345 |" in text
    assert "| guan | 5 | 1.23 % |" in text
    assert "MemoryError \\| none left" in text


def test_uncommitted_changes_are_confessed() -> None:
    assert "not exactly that commit; changed files: a.py" in section(HEAD | {"uncommitted": ["a.py"]}, [], source="x")


def test_older_sections_stay_below_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "RESULTS.md"
    for commit in ("first", "second", "third"):
        add_section(path, HEAD | {"commit": commit}, ROWS, source=f"results/{commit}.json")
    text = path.read_text("utf-8")
    assert text.startswith(TITLE)
    assert text.index("commit third") < text.index("commit second") < text.index("commit first")
    assert text.count("### phases: plans") == 3
    assert section(HEAD | {"commit": "first"}, ROWS, source="results/first.json").strip() in text


def _fake(suite: str, names: tuple[str, ...]) -> Callable[..., Iterator[Row]]:
    def run(wanted: Callable[[str], bool], *, quick: bool) -> Iterator[Row]:
        yield from ({"suite": suite, "name": name, "seconds": 1.0, "quick": quick} for name in filter(wanted, names))

    return run


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        runner,
        "RUNS",
        {
            "phases": _fake("phases", ("guan",)),
            "adjacency": _fake("adjacency", ()),
            "solver": _fake("solver", ("town-0",)),
        },
    )


@pytest.mark.usefixtures("fakes")
def test_suites_and_names_are_chosen_and_kept(tmp_path: Path) -> None:
    assert runner.main(["--quick", "--folder", str(tmp_path)]) == 0
    assert runner.main(["solver", "--quick", "--only", "town-0", "--folder", str(tmp_path / "other")]) == 0
    (first,) = (tmp_path / "results").iterdir()
    (second,) = (tmp_path / "other" / "results").iterdir()
    assert [row["name"] for row in read_run(first)[1]] == ["guan", "town-0"]
    assert [row["name"] for row in read_run(second)[1]] == ["town-0"]
    assert first.name in (tmp_path / "RESULTS.md").read_text("utf-8")


@pytest.mark.usefixtures("fakes")
def test_a_quick_run_is_not_kept_unless_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(runner, "ROOT", tmp_path)
    assert runner.main(["--quick"]) == 0
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("fakes")
@pytest.mark.parametrize("words", [["nonsense"], ["--quick", "--only", "nowhere"]])
def test_a_wrong_name_ends_with_2(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        runner.main(words)
    assert ended.value.code == 2


def test_a_measurement_that_fails_is_a_row_that_says_why_and_not_where() -> None:
    settings = {"source": str(Path(__file__).parent), "output": "", "time_limit_s": 1.0}
    (row,) = measured("phases", "nowhere", settings)
    assert (row["suite"], row["name"]) == ("phases", "nowhere")
    assert "KeyError" in row["failed"]
    assert "/" not in row["failed"]


def test_a_quick_measurement_of_the_solver_fills_its_columns() -> None:
    """One real child: the smallest class with a second of time."""
    (row,) = measured("solver", "community-0", {"time_limit_s": 1.0})
    assert row["status"] in ("feasible", "optimal")
    assert row["violations"] == 0
    assert row["bound"] <= row["total"]
    assert 0 < row["first_lawful_s"] <= row["best_found_s"] <= row["seconds"]
    assert row["peak_mb"] > 0


STRETCHES = """
from benchmarks.memory import peak_mb, start_peak
can = start_peak()
before = peak_mb()
block = bytearray(80 * 2**20)
block[:: 2**12] = b"x" * len(block[:: 2**12])
held = peak_mb()
del block
start_peak()
print(can, before, held, peak_mb())
"""


def test_peak_memory_is_that_of_the_stretch() -> None:
    """In a process of its own: other tests' threads give memory back at times of their own."""
    told = subprocess.run([sys.executable, "-c", STRETCHES], cwd=ROOT, capture_output=True, text=True, check=True)
    can, before, held, after = told.stdout.split()
    if can == "False":
        pytest.skip("this system cannot reset the peak of a process")
    assert int(held) >= int(before) + 70
    assert int(after) < int(before) + 70


def test_every_place_is_read_from_its_folder(tmp_path: Path) -> None:
    for place in PLACES.values():
        assert all(path.is_relative_to(tmp_path / place.folder) for path in place.paths(tmp_path))
