"""`wangge batch`: a folder of problems and ledgers, one summary, and going on where a run ended."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cli_running import document, wangge, write_csv

from partitioner.cli import batch as command
from partitioner.cli.batch_summary import COLUMNS, worst
from partitioner.model.plan_json import read_plan
from partitioner.solver import Cancel

LIMITS = ("--step-limit", 5, "--threads", 1, "--json")


def line(num: int, **changes: object) -> dict[str, Any]:
    """Buildings of 100 households in a row, in grids of 200–300."""
    return {
        "format": "wangge-problem/1",
        "name": f"line {num}",
        "units": {"id": [f"b{k}" for k in range(num)], "households": [100] * num},
        "edges": {"u": list(range(num - 1)), "v": list(range(1, num))},
        "bounds": {"min": 200, "max": 300},
    } | changes


def put(path: Path, value: object) -> None:
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")


def fill(folder: Path) -> Path:
    put(folder / "b.json", line(4))
    put(folder / "a.json", line(5))
    put(folder / "tight.json", line(3, bounds={"min": 50, "max": 60}))
    put(folder / "broken.json", '{"format": "wangge-problem/1", "units": ')
    put(folder / "wrong.json", line(3, bounds={"min": -1, "max": "x"}))
    put(folder / "package.json", {"name": "something else"})
    put(folder / "notes.txt", "not looked at")
    return folder


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    folder = fill(tmp_path_factory.mktemp("batch"))
    return folder, wangge("batch", folder, *LIMITS)


def rows_of(summary: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for entry in summary["entries"] for row in entry["rows"]}


def test_every_problem_is_told_in_order_and_a_bad_file_stops_nothing(done: tuple[Path, Any]) -> None:
    folder, result = done
    rows = rows_of(document(result))
    assert list(rows) == ["a.json", "b.json", "broken.json", "tight.json", "wrong.json"]
    assert [row["status"] for row in rows.values()] == ["optimal", "optimal", "bad_input", "infeasible", "bad_input"]
    assert [row["exit_code"] for row in rows.values()] == [0, 0, 2, 3, 2]
    for name in ("a", "b", "tight"):
        assert len(read_plan(folder / "plans" / f"{name}.plan.json")) == rows[f"{name}.json"]["units"]


def test_the_worst_result_is_the_exit_code(done: tuple[Path, Any]) -> None:
    assert done[1].exit_code == document(done[1])["exit_code"] == 2
    assert [worst(codes) for codes in ([0, 3, 4, 2], [0, 3, 4], [3, 0], [0], [])] == [2, 4, 3, 0, 0]


def test_what_is_no_problem_is_named(done: tuple[Path, Any]) -> None:
    assert document(done[1])["left_out"] == ["package.json"]
    assert "package.json" in done[1].stderr
    assert "notes.txt" not in done[1].stderr


def test_all_faults_of_all_files_come_at_the_end(done: tuple[Path, Any]) -> None:
    folder, result = done
    faults = document(result)["faults"]
    assert {Path(fault["file"]).name for fault in faults} == {"broken.json", "wrong.json"}
    assert len(faults) >= 3
    assert (folder / "plans" / "faults.xlsx").is_file()


def test_both_summaries_say_the_same(done: tuple[Path, Any]) -> None:
    folder, result = done
    written = json.loads((folder / "plans" / "summary.json").read_text(encoding="utf-8"))
    assert document(result) | {"faults": None} == written | {"faults": None}
    with (folder / "plans" / "summary.csv").open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    assert list(table[0]) == list(COLUMNS)
    told = rows_of(written)
    assert [row["name"] for row in table] == list(told)
    for row in table:
        assert row == {key: "" if value is None else str(value) for key, value in told[row["name"]].items()}
    assert told["tight.json"]["first_violation"]


def test_a_second_run_does_only_what_is_new(tmp_path: Path) -> None:
    folder = fill(tmp_path)
    before = document(wangge("batch", folder, *LIMITS))
    plan = folder / "plans" / "a.plan.json"
    stamp = plan.stat().st_mtime_ns
    put(folder / "b.json", line(6))
    put(folder / "broken.json", line(2))
    again = wangge("batch", folder, *LIMITS)
    assert plan.stat().st_mtime_ns == stamp
    assert {name for name in ("a", "tight", "b") if f"{name}.json: done before" in again.stderr} == {"a", "tight"}
    rows, old = rows_of(document(again)), rows_of(before)
    assert rows["a.json"] == old["a.json"]
    assert rows["b.json"]["units"] == 6
    assert rows["broken.json"]["status"] == "optimal"
    wangge("batch", folder, *LIMITS, "--force")
    assert plan.stat().st_mtime_ns > stamp


def test_other_limits_are_another_run(tmp_path: Path) -> None:
    put(tmp_path / "a.json", line(4))
    wangge("batch", tmp_path, *LIMITS)
    assert "done before" not in wangge("batch", tmp_path, *LIMITS, "--seed", 3, "--lang", "en").stderr


def test_step_limited_runs_are_the_same_bytes(done: tuple[Path, Any], tmp_path: Path) -> None:
    folder = done[0]
    wangge("batch", folder, "-o", tmp_path, *LIMITS)
    for file in [*sorted((folder / "plans").glob("*.json")), folder / "plans" / "summary.csv"]:
        assert (tmp_path / file.name).read_bytes() == file.read_bytes()


def test_folders_of_ledgers_are_planned(tmp_path: Path) -> None:
    for place in ("east", "empty"):
        (tmp_path / place).mkdir()
    write_csv(tmp_path / "east" / "楼栋台账.csv")
    result = wangge("batch", tmp_path, "--step-limit", 1, "--threads", 1, "--json")
    assert document(result)["left_out"] == ["empty"]
    row = rows_of(document(result))["east"]
    assert (row["level"], row["units"], row["plan"]) == ("grid", 24, "east/plan.json")
    assert (tmp_path / "plans" / "east" / "ledger.xlsx").is_file()
    assert result.exit_code == 0


def test_what_an_interrupted_run_finished_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "a.json", line(4))
    wangge("batch", tmp_path, *LIMITS)
    put(tmp_path / "b.json", line(5))

    @contextmanager
    def interrupted(_speaker: object) -> Iterator[Cancel]:
        cancel = Cancel()
        cancel.set()
        yield cancel

    with monkeypatch.context() as patch:
        patch.setattr(command, "cancel_on_interrupt", interrupted)
        result = wangge("batch", tmp_path, *LIMITS)
    assert [row["status"] for row in rows_of(document(result)).values()] == ["optimal", "not_reached"]
    assert result.exit_code == 4
    assert wangge("batch", tmp_path, *LIMITS).exit_code == 0


@pytest.mark.parametrize(("name", "rule"), [("nowhere", "folder_missing"), (".", "batch_empty")])
def test_a_folder_with_nothing_to_do_is_bad_input(tmp_path: Path, name: str, rule: str) -> None:
    result = wangge("batch", tmp_path / name, "--json")
    assert result.exit_code == 2
    assert [fault["rule"] for fault in document(result)["faults"]] == [rule]
