"""Two runs against each other: what counts as worse, and what is not compared at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.__main__ import main
from benchmarks.comparing import TOLERANCES, compare
from benchmarks.run_file import write_run

HEAD = {"date": "2025-01-01T00:00Z", "commit": "abc1234", "processor": "one", "cores": 2, "python": "3.11"}
ROW: dict[str, Any] = {
    "suite": "solver",
    "name": "town-0",
    "time_limit_s": 30.0,
    "seed": 0,
    "status": "feasible",
    "total": 1000.0,
    "bound": 900.0,
    "gap": 0.1,
    "violations": 0,
    "seconds": 10.0,
    "peak_mb": 300,
}


def verdicts(**changes: Any) -> dict[str, str]:
    return {finding.figure: finding.verdict for finding in compare([ROW], [ROW | changes])}


def test_a_run_is_the_same_as_itself() -> None:
    assert set(verdicts().values()) == {"same"}


@pytest.mark.parametrize(
    ("figure", "worse", "better"),
    [
        ("seconds", 13.0, 7.0),
        ("peak_mb", 350, 250),
        ("total", 1003.0, 997.0),
        ("bound", 890.0, 910.0),
        ("gap", 0.11, 0.09),
        ("status", "unknown", "optimal"),
    ],
)
def test_each_figure_knows_its_good_direction(figure: str, worse: Any, better: Any) -> None:
    assert verdicts(**{figure: worse})[figure] == "worse"
    assert verdicts(**{figure: better})[figure] == "better"


@pytest.mark.parametrize(("figure", "value"), [("seconds", 12.4), ("peak_mb", 340), ("total", 1001.9), ("gap", 0.1019)])
def test_a_change_within_the_tolerance_is_none(figure: str, value: float) -> None:
    assert verdicts(**{figure: value})[figure] == "same"


def test_short_times_are_compared_by_tenths_of_seconds_not_by_share() -> None:
    assert TOLERANCES["seconds"].judge(0.1, 0.5) == "same"


def test_one_violation_more_is_worse_and_spoils_the_comparison_of_values() -> None:
    found = verdicts(violations=1, total=1.0)
    assert found["violations"] == "worse"
    assert found["total"] == "not compared"


def test_a_bound_that_is_no_longer_known_is_worse() -> None:
    assert verdicts(bound=None)["bound"] == "worse"


def test_rows_of_another_budget_are_not_compared() -> None:
    assert verdicts(time_limit_s=60.0, total=1.0) == {"row": "not compared"}


def test_a_measurement_that_fails_now_is_worse_and_one_that_works_now_is_better() -> None:
    failed = {"suite": "solver", "name": "town-0", "failed": "ValueError: no"}
    assert [f.verdict for f in compare([ROW], [failed])] == ["worse"]
    assert [f.verdict for f in compare([failed], [ROW])] == ["better"]
    assert [f.verdict for f in compare([failed], [failed])] == ["not compared"]


def test_parts_of_one_name_are_rows_of_their_own() -> None:
    read = {"suite": "phases", "name": "guan", "part": "read", "seconds": 1.0}
    write = {"suite": "phases", "name": "guan", "part": "write", "seconds": 9.0}
    assert {(f.part, f.verdict) for f in compare([read, write], [write, read])} == {("read", "same"), ("write", "same")}


def test_a_row_that_only_one_run_has_is_said_but_is_no_regression() -> None:
    (finding,) = compare([ROW], [])
    assert (finding.verdict, finding.why) == ("not compared", "only in the old run")


def test_the_command_ends_with_1_on_a_regression_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, worse, better = (tmp_path / f"{name}.json" for name in ("old", "worse", "better"))
    write_run(old, HEAD, [ROW])
    write_run(worse, HEAD | {"cores": 4}, [ROW | {"total": 1100.0}])
    write_run(better, HEAD, [ROW | {"total": 950.0}])
    assert main(["compare", str(old), str(better)]) == 0
    assert "better" in capsys.readouterr().out
    assert main(["compare", str(old), str(worse)]) == 1
    said = capsys.readouterr().out
    assert "solver · town-0 · total: 1000.0 → 1100.0" in said
    assert "another cores: 2 → 4" in said


def test_files_that_are_no_runs_end_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, empty, other = (tmp_path / f"{name}.json" for name in ("good", "empty", "other"))
    write_run(good, HEAD, [ROW])
    empty.write_text("", encoding="utf-8")
    other.write_text('{"format": "wangge-plan/1"}\n', encoding="utf-8")
    for bad in (empty, other, tmp_path / "missing.json"):
        assert main(["compare", str(good), str(bad)]) == 2
        assert bad.name in capsys.readouterr().err
