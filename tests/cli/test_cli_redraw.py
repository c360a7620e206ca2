"""`redraw`, `diff`, `check` and `repair` as a planner uses them, on a ledger of 24 buildings."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
import shapely
from cli_running import LEDGER, document, wangge, write_csv

STEPS = ("--step-limit", 3_000, "--threads", 1)
PLAN = {
    "problem.json", "plan.json", "plan.gpkg", "state.gpkg", "ledger.xlsx", "grids.geojson", "units.geojson",
    "overview.png", "overview.pdf", "report.zh.md", "report.en.md",
}  # fmt: skip
CHANGES = {"changes.xlsx", "notices.xlsx", "notices.md"}
MAPS = {"before-after.png", "before-after.pdf"}


def _blank(*places: object, **_: object) -> None:
    """In the place of a map: drawing takes seconds, and other tests look at maps."""
    for place in places:
        if isinstance(place, Path):
            place.touch()


@pytest.fixture(scope="module", autouse=True)
def _no_overviews() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("partitioner.io.writing.beside.write_overview", _blank)
        yield


@pytest.fixture(autouse=True)
def _no_maps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the fixtures of the module draw maps of before and after."""
    monkeypatch.setattr("partitioner.io.writing.redraw.folder.write_maps", _blank)


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("redraw")
    ledger = write_csv(folder / "台账.csv")
    assert wangge("plan", ledger, "-o", folder / "plan", "--name", "试县", *STEPS, "-q").exit_code == 0
    return folder / "plan"


@pytest.fixture(scope="module")
def smaller(planned: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    """Three of the six buildings of one grid are gone, so that households of others must move."""
    out = tmp_path_factory.mktemp("smaller") / "out"
    words = ("--demolish", "b00,b01,b06", "--trade-off", "--compare-scratch")
    return out, document(wangge("redraw", planned, "-o", out, *words, *STEPS, "--json"))


def test_no_change_gives_the_same_plan_to_the_byte(planned: Path, tmp_path: Path) -> None:
    told = document(wangge("redraw", planned, "-o", tmp_path / "out", *STEPS, "--json"))
    assert told["moved"] == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == PLAN | CHANGES
    for name in ("plan.json", "problem.json"):
        assert (planned / name).read_bytes() == (tmp_path / "out" / name).read_bytes()


def test_the_fewest_households_move_and_are_listed_with_reasons(smaller: tuple[Path, dict[str, object]]) -> None:
    out, told = smaller
    assert {path.name for path in out.iterdir()} == PLAN | CHANGES | MAPS | {"trade-off.xlsx", "trade-off.png"}
    (level,) = told["levels"]
    assert level["proved_fewest"]
    assert 0 < level["moved"] <= level["moved_anew"]
    assert level["moved"] == sum(move["households"] for move in level["moves"])
    book = openpyxl.load_workbook(out / "changes.xlsx")
    assert book.sheetnames == ["汇总", "网格变动清单", "网格沿革", "变化"]
    assert book["网格变动清单"].max_row == 1 + level["num_moved_units"]
    assert any("b00" in str(row[1]) for row in book["变化"].iter_rows(values_only=True))
    notices = (out / "notices.md").read_text("utf-8")
    assert all(move["unit"] in notices for move in level["moves"])


def test_the_curve_falls_from_the_fewest_moves(smaller: tuple[Path, dict[str, object]]) -> None:
    curve = smaller[1]["trade_off"]
    assert curve["points"][0]["moved"] == curve["fewest"]
    qualities = [point["quality"] for point in curve["points"]]
    assert qualities == sorted(qualities, reverse=True)
    assert all(point["bound"] is None or point["bound"] <= point["quality"] * (1 + 1e-6) for point in curve["points"])


def test_a_redrawn_plan_is_lawful_and_can_be_redrawn_again(
    smaller: tuple[Path, dict[str, object]], tmp_path: Path
) -> None:
    out = smaller[0]
    assert wangge("check", out).exit_code == 0
    told = document(wangge("redraw", out, "-o", tmp_path / "again", "--bounds", "grid=200-500", *STEPS, "--json"))
    assert told["moved"] == 0
    problem = json.loads((tmp_path / "again" / "problem.json").read_text("utf-8"))
    assert problem["bounds"]["min"] == 200
    assert document(wangge("redraw", tmp_path / "again", "-o", tmp_path / "third", *STEPS, "--json"))["moved"] == 0


def test_what_is_frozen_stays(planned: Path, tmp_path: Path) -> None:
    grid = dict(zip(*_labels(planned), strict=True))["b02"]
    words = ("redraw", planned, "-o", tmp_path / "out", "--demolish", "b00,b01,b06", *STEPS, "--json")
    told = document(wangge(*words, "--freeze", f"grid:{grid}"))
    before, after = (dict(zip(*_labels(folder), strict=True)) for folder in (planned, tmp_path / "out"))
    stayed = {unit for unit, label in before.items() if label == grid} & after.keys()
    assert {unit for unit, label in after.items() if label == grid} == stayed
    assert told["levels"][0]["level"] == "grid"
    refused = wangge(*words, "--freeze", "grid:nowhere", "--freeze", "house:b1")
    assert refused.exit_code == 2
    assert document(refused)["num_faults"] == 2


def _labels(folder: Path) -> tuple[list[str], list[str]]:
    ids = json.loads((folder / "problem.json").read_text("utf-8"))["units"]["id"]
    return ids, json.loads((folder / "plan.json").read_text("utf-8"))["grid"]


def test_a_new_ledger_with_other_ids_is_matched_by_place(planned: Path, tmp_path: Path) -> None:
    rows = [LEDGER[0], *((f"n{row[0]}", *row[1:]) for row in LEDGER[1:])]
    ledger = write_csv(tmp_path / "新台账.csv", rows)
    told = document(wangge("redraw", planned, ledger, "-o", tmp_path / "out", *STEPS, "--json"))
    assert told["moved"] == 0
    assert set(_labels(tmp_path / "out")[0]) == {f"nb{k:02d}" for k in range(24)}


def test_doubtful_matches_stop_the_run_and_are_written_to_be_answered(planned: Path, tmp_path: Path) -> None:
    """Between two of the old buildings stands a new one; it may be either."""
    first = list(LEDGER[1])
    rows = [LEDGER[0], ("x1", first[1], first[2], 60, f"{116.3 + 2e-4:.5f}", first[5]), *LEDGER[2:]]
    ledger = write_csv(tmp_path / "新台账.csv", rows)
    words = ("redraw", planned, ledger, "-o", tmp_path / "out", *STEPS)
    result = wangge(*words, "--lang", "zh")
    assert result.exit_code == 2
    assert "match_doubtful" in result.stderr
    book = openpyxl.load_workbook(tmp_path / "out" / "matches.xlsx")
    assert [cell.value for cell in book.active[2]][:2] == ["b00", "x1"]
    book.active.cell(2, 3).value = "否"
    book.save(tmp_path / "answered.xlsx")
    assert wangge(*words, "--matches", tmp_path / "answered.xlsx", "-q").exit_code == 0
    assert wangge(*words, "--accept-matches", "-q").exit_code == 0


def test_limits_of_moves_exclude_one_another(planned: Path, tmp_path: Path) -> None:
    assert wangge("redraw", planned, "-o", tmp_path / "out", "--strict", "--cap", 5).exit_code == 2


@pytest.fixture(scope="module")
def drawn(planned: Path) -> Path:
    """Three areas drawn by hand over the 24 buildings: one too small, one too large, three buildings left out."""
    grids = gpd.read_file(planned / "plan.gpkg", layer="grids")
    left, bottom, right, top = grids.total_bounds
    x, y = (left + right) / 2 - 30, (bottom + top) / 2 + 40
    areas = [
        shapely.box(left, y, x, top), shapely.box(x, y, right, top), shapely.box(left, bottom, x, y),
        shapely.box(x - 40, bottom, right - 120, y),
    ]  # fmt: skip
    path = planned.parent / "手绘.gpkg"
    gpd.GeoDataFrame({"网格编码": ["甲1", "甲2", "甲3", "甲4"]}, geometry=areas, crs=grids.crs).to_file(path)
    return path


def test_a_drawn_plan_is_judged_and_compared_with_what_could_be(planned: Path, drawn: Path) -> None:
    result = wangge("check", planned, drawn, "--json")
    told = document(result)
    assert result.exit_code == 1
    assert {violation["rule"] for violation in told["violations"]} >= {"labelled", "size_min", "size_max"}
    assert [notice["rule"] for notice in told["notices"]] == ["drawn_nowhere"]
    assert told["best_known"]["bound"] <= told["best_known"]["total"]


def test_a_drawn_plan_is_mended_with_the_fewest_moves(planned: Path, drawn: Path, tmp_path: Path) -> None:
    result = wangge("repair", planned, drawn, "-o", tmp_path / "out", *STEPS, "--json")
    (level,) = document(result)["levels"]
    assert result.exit_code == 0
    assert level["proved_fewest"]
    assert level["broken_after"] == 0 < level["broken_before"]
    assert set(_labels(tmp_path / "out")[1]) <= {"甲1", "甲2", "甲3", "甲4"}
    assert (tmp_path / "out" / "before-after.png").is_file()


def test_labels_in_a_ledger_are_a_drawn_plan_too(planned: Path, tmp_path: Path) -> None:
    ids, labels = _labels(planned)
    rows = [("楼栋编号", "网格"), *zip(ids, labels, strict=True)]
    result = wangge("check", planned, write_csv(tmp_path / "标签.csv", rows), "--json")
    assert document(result)["lawful"]


@pytest.mark.parametrize(
    ("name", "rows", "rule"),
    [
        ("a.csv", [("楼栋编号", "户数"), ("b00", 5)], "drawn_labels_missing"),
        ("b.csv", [("楼栋编号", "网格"), ("z1", "甲")], "labels_unknown"),
        ("c.csv", [("楼栋编号", "网格"), ("b00", "甲"), ("b00", "乙")], "label_twice"),
    ],
)
def test_a_drawn_plan_that_cannot_be_read_is_told(
    planned: Path, tmp_path: Path, name: str, rows: list[tuple[object, ...]], rule: str
) -> None:
    result = wangge("check", planned, write_csv(tmp_path / name, rows), "--json")
    assert result.exit_code == 2
    assert [fault["rule"] for fault in document(result)["faults"]] == [rule]


def test_two_folders_are_compared_by_what_moved(
    planned: Path, smaller: tuple[Path, dict[str, object]], tmp_path: Path
) -> None:
    told = document(wangge("diff", planned, smaller[0], "-o", tmp_path / "out", "--json"))
    assert told["moved"] == smaller[1]["moved"]
    assert {path.name for path in (tmp_path / "out").iterdir()} == CHANGES | MAPS
    assert document(wangge("diff", planned, planned, "--json"))["moved"] == 0


def test_a_plan_is_compared_with_a_drawn_one_and_plan_files_with_each_other(planned: Path, drawn: Path) -> None:
    assert document(wangge("diff", planned, drawn, "--json"))["moved"] > 0
    words = ("diff", planned / "plan.json", planned / "plan.json")
    assert document(wangge(*words, "--problem", planned / "problem.json", "--json"))["moved"] == 0
    assert wangge(*words).exit_code == 2


@pytest.fixture(scope="module")
def staffed(planned: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plan with a worker for each of its grids; the roster lies beside it."""
    folder = tmp_path_factory.mktemp("staffed") / "plan"
    shutil.copytree(planned, folder)
    grids = sorted(set(_labels(planned)[1]))
    rows = [("工号", "职务", "居住楼栋"), *((f"W{k}", "网格员", f"b{5 * k + 2:02d}") for k in range(len(grids)))]
    roster = write_csv(folder / "花名册.csv", rows)
    with pytest.MonkeyPatch.context() as patch:
        _without_charts(patch)
        assert wangge("staff", folder, roster, "-o", folder, *STEPS[:2], "-q").exit_code == 0
    return folder


def _without_charts(patch: pytest.MonkeyPatch) -> None:
    for name in ("write_load_charts", "write_staffing_geopackage"):
        patch.setattr(f"partitioner.io.writing.staffing_folder.{name}", lambda *_args, **_options: None)


def _posts(folder: Path) -> dict[str, str]:
    posted = json.loads((folder / "staffing.json").read_text("utf-8"))["posted"]
    return {entry["person"]: entry["target"] for entry in posted}


RETIRING = ("--demolish", "b00,b01,b02,b03,b04,b05,b06,b07")
"""A third of the buildings: one grid less."""


@pytest.mark.parametrize("roster", [True, False])
def test_staff_follow_their_grids_and_only_heirs_change_hands(
    staffed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, roster: bool
) -> None:
    _without_charts(monkeypatch)
    words = ("--roster", staffed / "花名册.csv") if roster else ()
    told = document(wangge("redraw", staffed, "-o", tmp_path / "out", *RETIRING, *words, *STEPS, "--json"))
    before, after = _posts(staffed), _posts(tmp_path / "out")
    there = set(_labels(tmp_path / "out")[1])
    assert set(after.values()) == there
    assert {person for person, grid in before.items() if grid in there and after.get(person) != grid} == set()
    changed = {person for person in before if after.get(person) != before[person]}
    assert {change["person"] for change in told["staff"]} == changed
    assert changed == {person for person, grid in before.items() if grid not in there}
    assert all("已撤销" in change["reason"]["zh"] for change in told["staff"])
    rows = list(openpyxl.load_workbook(tmp_path / "out" / "changes.xlsx")["人员变动"].iter_rows(values_only=True))
    assert [row[0] for row in rows[1:]] == sorted(changed)
    assert document(wangge("diff", staffed, tmp_path / "out", "--json"))["staff"][0]["left"] == [
        before[sorted(changed)[0]]
    ]


def test_a_frozen_post_goes_on_with_the_heir_of_its_grid(
    staffed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _without_charts(monkeypatch)
    before = _posts(staffed)
    first = document(wangge("redraw", staffed, "-o", tmp_path / "one", *RETIRING, *STEPS, "--json"))
    (moved,) = first["staff"]
    person, grid = moved["person"], before[moved["person"]]
    words = (*RETIRING, "--roster", staffed / "花名册.csv", "--freeze", f"staff:{person}={grid}", *STEPS)
    wangge("redraw", staffed, "-o", tmp_path / "two", *words, "--lang", "zh")
    after = _posts(tmp_path / "two")
    assert after[person] in set(_labels(tmp_path / "two")[1])
    refused = wangge("redraw", staffed, "-o", tmp_path / "three", *words[:-4], "--freeze", "staff:W0", *STEPS, "--json")
    assert {fault["rule"] for fault in document(refused)["faults"]} == {"freeze_unknown"}


def test_a_roster_without_an_earlier_assignment_is_told(planned: Path, tmp_path: Path) -> None:
    result = wangge("redraw", planned, "-o", tmp_path / "out", "--roster", tmp_path / "花名册.csv", *STEPS, "--json")
    assert result.exit_code == 2
    assert [fault["rule"] for fault in document(result)["faults"]] == ["staffing_missing"]
