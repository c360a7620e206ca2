"""Growth over size, its picture, and runs against the last dated result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks import growth
from benchmarks.__main__ import main
from benchmarks.child import measured
from benchmarks.comparing import compare
from benchmarks.contestants import GOAL
from benchmarks.history import last_before
from benchmarks.pictures import at, course, draw, median_course, own_course
from benchmarks.rows import Row
from benchmarks.run_file import write_run
from benchmarks.tables import section
from benchmarks.watching import Trail, gap_within
from partitioner.solver import Snapshot

OLD: dict[str, Any] = {"date": "2025-01-01T00:00Z", "commit": "aaa", "processor": "one", "cores": 2, "python": "3.11"}
NEW = OLD | {"date": "2025-01-03T00:00Z", "commit": "ccc"}
GROWN: Row = {
    "suite": "growth", "name": "whole-50", "kind": "whole", "units": 50, "households": 2500, "seed": 0,
    "time_limit_s": 120.0, "status": "feasible", "to_2pct_s": 2.0, "gap_left": 0.0, "seconds": 2.0,
    "first_lawful_s": 0.01, "stop": "cancelled",
}  # fmt: skip
CONTEST: list[Row] = [
    {
        "suite": "peers", "name": "town-0", "class": "town", "part": GOAL, "peer": False, "time_limit_s": 60.0,
        "total": 100.0, "bound": 99.0, "gap": 0.01, "violations": 0, "over_best": 0.0, "seconds": 60.0,
        "trail": [[0.1, 120.0, None], [1.0, 110.0, 90.0], [50.0, 100.0, 99.0]],
    },
    {
        "suite": "peers", "name": "town-0", "class": "town", "part": "METIS", "peer": True, "time_limit_s": 60.0,
        "bound": None, "total": 130.0, "violations": 0, "over_best": 0.3, "seconds": 60.0,
        "trail": [[2.0, 130.0, None]],
    },
    {
        "suite": "peers", "name": "town-0", "class": "town", "part": "KaHIP", "peer": True, "time_limit_s": 60.0,
        "total": 90.0, "violations": 3, "seconds": 60.0, "trail": [],
    },
    {"suite": "peers", "name": "town-0", "class": "town", "part": "HiGHS", "peer": True, "skipped": "not installed"},
    {
        "suite": "peers", "name": "town-0", "class": "town", "part": "never worse", "holds": True, "our_total": 101.0,
        "best_peer": "METIS", "peer_total": 130.0,
    },
]  # fmt: skip


def test_a_size_is_solved_until_the_gap_is_there() -> None:
    """One real child; the smallest size."""
    (row,) = measured("growth", "whole-50", {"time_limit_s": 3.0})
    assert row["units"] == 50
    assert row["violations"] == 0
    assert row["first_lawful_s"] <= row["seconds"]
    assert (row["to_2pct_s"] is None) == (row["gap_left"] is None or row["gap_left"] > growth.GAP)


def test_sizes_go_up_to_3000_without_communities_and_to_20000_with_them() -> None:
    names = growth.names()
    assert {"whole-50", "whole-3000", "nested-20000"} <= set(names)


def test_a_trail_keeps_what_changed_and_knows_when() -> None:
    trail = Trail()
    for best, bound in ((None, None), (100.0, None), (100.0, None), (100.0, 97.0), (99.0, 97.5)):
        trail.on_progress(Snapshot(phase="search", best=best, bound=bound, done=0, pieces=1))
    assert [point[1:] for point in trail.points] == [(100.0, None), (100.0, 97.0), (99.0, 97.5)]
    assert trail.first_s(gap_within(0.02)) == round(trail.points[2][0], 3)
    assert trail.first_s(gap_within(0.001)) is None
    assert trail.thinned(2) == [[round(trail.points[0][0], 3), 100.0, None], [round(trail.points[2][0], 3), 99.0, 97.5]]


def test_a_course_falls_only_and_is_empty_before_the_first_plan() -> None:
    row = {"trail": [[1.0, None, 50.0], [2.0, 200.0, 50.0], [3.0, 250.0, 60.0], [4.0, 125.0, 100.0]]}
    assert course(row, 100.0) == [(2.0, 0.5), (4.0, pytest.approx(0.2))]
    assert own_course(row) == [(2.0, 0.75), (3.0, 0.76), (4.0, pytest.approx(0.2))]
    assert at([(1.0, 0.5), (2.0, 0.4)], 0.5) is None
    assert median_course([[(1.0, 0.5)], [(1.0, 0.3)], []], [0.5, 1.5]) == [None, 0.5]


def test_pictures_are_drawn_of_what_was_measured(tmp_path: Path) -> None:
    late = GROWN | {"name": "nested-400", "kind": "nested", "units": 400, "to_2pct_s": None, "gap_left": 0.07}
    drawn = draw([*CONTEST, GROWN, late], tmp_path, "run")
    assert [file for _, file in drawn] == ["run-peers.png", "run-growth.png"]
    assert all(0 < (tmp_path / file).stat().st_size < 300_000 for _, file in drawn)
    assert draw([{"suite": "solver", "name": "town-0"}], tmp_path, "other") == []


def test_peers_stand_side_by_side_and_the_claim_is_said() -> None:
    head = OLD | {"load": 0.1, "load_after": 0.2}
    text = section(head, [*CONTEST, GROWN], source="results/x.json", pictures=[("Gaps", "results/x.png")])
    assert "| name | ours | METIS | KaHIP |" in text
    assert "| town-0 | +0.00 % | +30.00 % | breaks 3 rules |" in text
    assert "| town-0 | yes | 101.0 | METIS | 130.0 |" in text
    assert "Left out: HiGHS: not installed." in text
    assert "![Gaps](results/x.png)" in text
    assert "### growth" in text


def test_rows_of_peers_are_no_regression_of_ours() -> None:
    worse = [row | {"total": 500.0} if row.get("peer") and "total" in row else row for row in CONTEST]
    assert {finding.verdict for finding in compare(CONTEST, worse)} == {"same"}


@pytest.mark.parametrize(
    ("change", "figure", "verdict"),
    [
        ({"to_2pct_s": 4.0}, "to_2pct_s", "worse"),
        ({"to_2pct_s": 2.9}, "to_2pct_s", "same"),
        ({"to_2pct_s": None}, "to_2pct_s", "worse"),
        ({"gap_left": 0.01}, "gap_left", "worse"),
    ],
)
def test_slower_growth_is_worse(change: Row, figure: str, verdict: str) -> None:
    found = {finding.figure: finding.verdict for finding in compare([GROWN], [GROWN | change])}
    assert found[figure] == verdict


def test_a_claim_that_no_longer_holds_is_worse() -> None:
    found = compare(CONTEST, [*CONTEST[:-1], CONTEST[-1] | {"holds": False}])
    assert [(f.figure, f.verdict) for f in found if f.verdict != "same"] == [("holds", "worse")]


def test_where_the_clock_ended_a_run_half_a_percent_is_noise() -> None:
    cut = {"suite": "solver", "name": "city-0", "stop": "time_limit", "total": 1000.0, "seconds": 60.0}
    assert {f.verdict for f in compare([cut], [cut | {"total": 1004.0}])} == {"same"}
    proved = cut | {"stop": "proved"}
    assert "worse" in {f.verdict for f in compare([proved], [proved | {"total": 1004.0}])}


def test_every_row_meets_its_own_last_dated_result() -> None:
    first, second = GROWN | {"to_2pct_s": 9.0}, GROWN | {"to_2pct_s": 8.0, "time_limit_s": 2.0}
    other = GROWN | {"name": "whole-100"}
    head, rows = last_before([GROWN, other], [(OLD | {"date": "2025-01-02T00:00Z"}, [second]), (OLD, [first, other])])
    assert rows == [first, other], "the last with the same budget, though a later run has it with another"
    assert head["date"] == OLD["date"]
    assert last_before([GROWN], []) == ({}, [])


def test_the_command_compares_with_the_last_dated_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "results").mkdir()
    folder = ["--folder", str(tmp_path)]
    assert main(["compare", *folder]) == 2
    write_run(tmp_path / "results" / "a.json", OLD, [GROWN])
    assert main(["compare", *folder]) == 2
    assert "no run older than" in capsys.readouterr().err
    write_run(tmp_path / "results" / "b.json", OLD | {"date": "2025-01-02T00:00Z"}, [GROWN | {"name": "whole-100"}])
    write_run(tmp_path / "results" / "c.json", NEW, [GROWN | {"to_2pct_s": 60.0}])
    assert main(["compare", *folder]) == 1
    assert "to_2pct_s: 2.0 → 60.0" in capsys.readouterr().out
    write_run(tmp_path / "new.json", NEW, [GROWN | {"to_2pct_s": 0.5}])
    assert main(["compare", str(tmp_path / "new.json"), *folder]) == 0
    assert "better" in capsys.readouterr().out
