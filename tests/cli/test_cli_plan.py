"""`wangge plan` as a new user runs it: good ledgers, and everything that can be wrong with them."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely
from cli_running import LEDGER, changed, document, wangge, without, write_csv

FEW = ("--step-limit", 5_000, "--threads", 1)
FILES = {
    "problem.json", "plan.json", "plan.gpkg", "ledger.xlsx", "grids.geojson", "units.geojson", "overview.png",
    "overview.pdf", "report.zh.md", "report.en.md", "state.gpkg",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _no_maps(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing takes most of the time of a small plan; where `maps` is asked for they are drawn."""

    def blank(*places: object, **_: object) -> None:
        for place in places:
            if isinstance(place, Path):
                place.touch()

    if "maps" not in request.fixturenames:
        monkeypatch.setattr("partitioner.io.writing.beside.write_overview", blank)


@pytest.fixture
def maps() -> None:
    """Maps are drawn."""


def refused(tmp_path: Path, *words: object, place: str, rule: str | None = None) -> str:
    """Plan what cannot be planned: exit code 2, the place named, faults as a workbook. Returns what was told."""
    out = tmp_path / "out"
    result = wangge("plan", *words, "-o", out, *FEW, "--lang", "en")
    assert result.exit_code == 2, result.output
    assert place in result.stderr
    assert not result.stdout
    if rule is not None:
        assert f"[{rule}]" in result.stderr
    rows = list(openpyxl.load_workbook(out / "faults.xlsx").active.iter_rows(values_only=True))
    assert len(rows) > 1
    assert {path.name for path in out.iterdir()} == {"faults.xlsx"}
    told = document(wangge("plan", *words, "-o", out, *FEW, "--json"))
    assert told["num_faults"] == len(rows) - 1
    assert told["fault_table"] == str(out / "faults.xlsx")
    assert all(fault["message"]["zh"] and fault["remedy"]["en"] for fault in told["faults"])
    return str(result.stderr)


def footprints(path: Path, households: list[object], crs: str | None = "EPSG:4548", **columns: list[object]) -> Path:
    """Square footprints of 20 m in a row, 60 m apart."""
    squares = [shapely.box(440_000 + 60 * k, 4_366_000, 440_020 + 60 * k, 4_366_020) for k in range(len(households))]
    data = {"id": [f"b{k}" for k in range(len(households))], "households": households, **columns}
    gpd.GeoDataFrame(pd.DataFrame(data), geometry=squares, crs=crs).to_file(path, layer="buildings")
    return path


@pytest.mark.usefixtures("maps")
def test_a_ledger_becomes_a_plan_that_passes_the_check(tmp_path: Path) -> None:
    out = tmp_path / "new" / "out"
    result = wangge("plan", write_csv(tmp_path / "台账.csv"), "-o", out, "--name", "试县", *FEW, "--lang", "both")
    assert result.exit_code == 0, result.output
    assert {path.name for path in out.iterdir()} == FILES
    assert all(str(out / name) in result.stdout for name in FILES)
    assert "网格数 / grids" in result.stdout
    assert json.loads((out / "problem.json").read_text("utf-8"))["name"] == "试县"
    checked = document(wangge("check", out / "problem.json", out / "plan.json", "--json"))
    assert checked["lawful"]
    assert checked["num_grids"] in (3, 4)


def test_the_same_input_gives_the_same_plan_and_problem(tmp_path: Path) -> None:
    ledger = write_csv(tmp_path / "台账.csv")
    told = [document(wangge("plan", ledger, "-o", tmp_path / name, *FEW, "--json")) for name in ("a", "b")]
    for name in ("problem.json", "plan.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert [told[0][key] for key in ("objective", "seed")] == [told[1][key] for key in ("objective", "seed")]


def test_a_building_above_the_maximum_is_opened_and_named(tmp_path: Path) -> None:
    out = tmp_path / "out"
    ledger = write_csv(tmp_path / "台账.csv", changed(5, "户数", 620))
    result = wangge("plan", ledger, "-o", out, *FEW, "--lang", "zh")
    assert result.exit_code == 0, result.output
    assert "b03" in result.stderr
    ids = json.loads((out / "problem.json").read_text("utf-8"))["units"]["id"]
    assert "b03" not in ids
    assert "b03#1" in ids
    assert "b03" in (out / "report.zh.md").read_text("utf-8")
    assert wangge("check", out / "problem.json", out / "plan.json").exit_code == 0


def test_an_island_of_too_few_households_ends_with_3_and_its_place_is_named(tmp_path: Path) -> None:
    """A community of its own with 54 households: no grid of 300 can lie in it."""
    out = tmp_path / "out"
    ledger = write_csv(tmp_path / "台账.csv", changed(5, "社区", "孤岛社区"))
    result = wangge("plan", ledger, "-o", out, *FEW, "--lang", "zh")
    assert result.exit_code == 3, result.output
    assert "孤岛社区" in result.stdout
    assert "孤岛社区" in (out / "report.zh.md").read_text("utf-8")
    assert wangge("check", out / "problem.json", out / "plan.json").exit_code == 1


def test_three_levels_nest_and_each_can_be_checked_again(tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ("--levels", "community,grid,micro", "--step-limit", "20000")
    told = document(wangge("plan", write_csv(tmp_path / "台账.csv"), "-o", out, *words, "--json"))
    assert [level["level"] for level in told["levels"]] == ["community", "grid", "micro"]
    parents: set[str] = set()
    for level in ("community", "grid", "micro"):
        problem = json.loads((out / f"problem-{level}.json").read_text("utf-8"))
        plan = json.loads((out / f"plan-{level}.json").read_text("utf-8"))
        assert wangge("check", out / f"problem-{level}.json", out / f"plan-{level}.json").exit_code in (0, 1)
        assert not parents or set(problem["units"]["parent"]) == parents
        inside = dict(zip(plan["grid"], problem["units"].get("parent", []), strict=False))
        assert all(
            inside[label] == parent
            for label, parent in zip(plan["grid"], problem["units"].get("parent", []), strict=False)
        )
        parents = set(plan["grid"])


LEDGER_FAULTS = {
    "no households column": (without("户数"), "台账.csv", None),
    "negative households": (changed(3, "户数", -4), "row 3", "households_negative"),
    "households as text": (changed(4, "户数", "六十"), "row 4", "households_text"),
    "households not a number": (changed(4, "户数", "NaN"), "row 4", None),
    "duplicate ids": (changed(5, "楼栋编号", "b00"), "row 5", None),
    "lon and lat swapped": ([*LEDGER[:5], [*LEDGER[5][:4], LEDGER[5][5], LEDGER[5][4]], *LEDGER[6:]], "row 6", None),
    "huge numbers": (changed(2, "户数", "1e30"), "row 2", None),
    "no coordinates": (without("经度", "纬度"), "台账.csv", None),
    "only headings": ([LEDGER[0]], "台账.csv", "table_empty"),
    "codes as numbers": (changed(2, "社区", "1.31022E+11"), "row 2", None),
    "nobody lives there": (
        [LEDGER[0], *[[*row[:3], 0, *row[4:]] for row in LEDGER[1:]]], "household", "nobody_lives_here",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", LEDGER_FAULTS)
def test_a_faulty_ledger_is_told(tmp_path: Path, kind: str) -> None:
    rows, place, rule = LEDGER_FAULTS[kind]
    refused(tmp_path, write_csv(tmp_path / "台账.csv", rows), place=place, rule=rule)


def test_all_faults_of_a_ledger_are_told_at_once(tmp_path: Path) -> None:
    rows = changed(3, "户数", -4)
    rows[6][3] = "x"
    rows[8][0] = "b00"
    told = refused(tmp_path, write_csv(tmp_path / "台账.csv", rows), place="row 3")
    assert "row 7" in told
    assert "row 9" in told


def test_a_ledger_with_all_positions_swapped_is_mended_and_told(tmp_path: Path) -> None:
    rows = [LEDGER[0], *[[*row[:4], row[5], row[4]] for row in LEDGER[1:]]]
    result = wangge("plan", write_csv(tmp_path / "台账.csv", rows), "-o", tmp_path / "out", *FEW, "--lang", "en")
    assert result.exit_code == 0
    assert "[lonlat_swapped_all]" in result.stderr


def test_blank_households_are_reported_and_not_guessed(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = wangge("plan", write_csv(tmp_path / "a.csv", changed(3, "户数", "")), "-o", out, *FEW, "--lang", "en")
    assert result.exit_code == 0
    assert "[households_blank]" in result.stderr
    assert "b01" not in json.loads((out / "problem.json").read_text("utf-8"))["units"]["id"]


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.gpkg", "a.geojson", "a.shp", "a.xls", "a.zip"])
def test_empty_files_are_told(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    refused(tmp_path, tmp_path / name, place=name, rule="file_empty")


def test_broken_files_are_told(tmp_path: Path) -> None:
    for name, content in (("a.geojson", "{"), ("a.gpkg", "text"), ("a.xlsx", "text")):
        (tmp_path / name).write_text(content)
        refused(tmp_path, tmp_path / name, place=name)


def test_maps_without_a_coordinate_system_are_told(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="'crs' was not provided"):
        path = footprints(tmp_path / "a.gpkg", [100, 100, 120], crs=None)
    told = refused(tmp_path, path, place="a.gpkg")
    assert "--crs" in told
    assert wangge("plan", path, "-o", tmp_path / "ok", "--crs", "EPSG:4548", *FEW, "--quiet").exit_code in (0, 3)


def test_a_wrong_layer_is_told(tmp_path: Path) -> None:
    path = footprints(tmp_path / "a.gpkg", [100, 100, 120])
    refused(tmp_path, path, "--role", "houses=buildings", place="houses")


def test_shapefiles_in_gbk_without_their_code_page_are_read(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"编号": ["甲1", "甲2", "甲3"], "户数": [100, 120, 130]},
        geometry=[shapely.box(440_000 + 60 * k, 4_366_000, 440_020 + 60 * k, 4_366_020) for k in range(3)],
        crs="EPSG:4548",
    )
    frame.to_file(tmp_path / "楼栋.shp", encoding="GBK")
    (tmp_path / "楼栋.cpg").unlink()
    result = wangge("plan", tmp_path / "楼栋.shp", "-o", tmp_path / "out", *FEW, "--quiet")
    assert result.exit_code == 0, result.output
    assert json.loads((tmp_path / "out" / "problem.json").read_text("utf-8"))["units"]["id"] == ["甲1", "甲2", "甲3"]


def test_polygons_that_cross_themselves_are_mended_or_told(tmp_path: Path) -> None:
    bow = shapely.Polygon([(440_000, 4_366_000), (440_020, 4_366_020), (440_020, 4_366_000), (440_000, 4_366_020)])
    path = tmp_path / "a.gpkg"
    others = [shapely.box(440_040 + 60 * k, 4_366_000, 440_060 + 60 * k, 4_366_020) for k in range(3)]
    frame = gpd.GeoDataFrame(
        {"id": ["b0", "b1", "b2", "b3"], "households": [100] * 4}, geometry=[bow, *others], crs="EPSG:4548"
    )
    frame.to_file(path, layer="buildings")
    result = wangge("plan", path, "-o", tmp_path / "out", *FEW, "--lang", "en")
    assert result.exit_code == 0
    assert "b0" in result.stderr


def test_a_community_without_buildings_is_told_and_does_not_stop_the_plan(tmp_path: Path) -> None:
    path = footprints(tmp_path / "a.gpkg", [100, 100, 120])
    shapes = [shapely.box(west, 4_365_900, west + 400, 4_366_100) for west in (439_900, 439_500)]
    areas = gpd.GeoDataFrame({"id": ["c1", "c2"], "name": ["东", "西"]}, geometry=shapes, crs="EPSG:4548")
    areas.to_file(path, layer="communities")
    result = wangge("plan", path, "-o", tmp_path / "out", *FEW, "--lang", "en")
    assert result.exit_code == 0, result.output
    assert "c2" in result.stderr or "西" in result.stderr


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (("--crs", "EPSG:999999"), "EPSG:999999"),
        (("--crs", "moon"), "moon"),
        (("--crs", "a=EPSG:4548", "--crs", "bd09"), "--crs"),
        (("--role", "buildings"), "--role"),
        (("--role", "a.csv=palace"), "palace"),
        (("--role", "nowhere=buildings"), "nowhere"),
        (("--column", "households"), "--column"),
        (("--column", "households=没有"), "没有"),
        (("--column", "storeys=层数"), "storeys"),
        (("--profile", "atlantis"), "atlantis"),
        (("--profile", "none.toml"), "none.toml"),
        (("--levels", "planet"), "planet"),
        (("--levels", "micro,grid"), "micro"),
        (("--levels", "community,micro"), "community"),
        (("--levels", "micro", "--grids", "3"), "--grids"),
        (("--levels", ""), "--levels"),
        (("--time-limit", 1, "--step-limit", 1), "--time-limit"),
    ],
)
def test_options_that_make_no_sense_end_with_2(tmp_path: Path, words: tuple[object, ...], place: str) -> None:
    ledger = write_csv(tmp_path / "a.csv")
    result = wangge("plan", ledger, "-o", tmp_path / "out", *words, "--lang", "en")
    assert result.exit_code == 2
    assert place in result.stderr
    assert not (tmp_path / "out" / "plan.json").exists()


def test_a_profile_with_bounds_the_wrong_way_round_is_told(tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "partitioner" / "profiles" / "hebei.toml"
    text = shipped.read_text("utf-8")
    assert "min = 300" in text
    (tmp_path / "mine.toml").write_text(text.replace("min = 300", "min = 900"), encoding="utf-8")
    refused(tmp_path, write_csv(tmp_path / "a.csv"), "--profile", tmp_path / "mine.toml", place="mine.toml")


def test_missing_inputs_are_told(tmp_path: Path) -> None:
    refused(tmp_path, tmp_path / "none.csv", place="none.csv", rule="file_missing")
    assert wangge("plan", "-o", tmp_path / "out").exit_code == 2
    assert wangge("plan", tmp_path / "none.csv").exit_code == 2


def test_an_output_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    ledger = write_csv(tmp_path / "a.csv")
    before = ledger.read_bytes()
    for target in (ledger, ledger / "out"):
        result = wangge("plan", ledger, "-o", target, *FEW, "--lang", "en")
        assert result.exit_code == 2
        assert "cannot write" in result.stderr
        assert document(wangge("plan", ledger, "-o", target, *FEW, "--json"))["error"] == "output"
    assert ledger.read_bytes() == before


def test_faults_are_told_although_their_table_cannot_be_written(tmp_path: Path) -> None:
    ledger = write_csv(tmp_path / "a.csv", changed(3, "户数", -4))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "faults.xlsx").mkdir()
    result = wangge("plan", ledger, "-o", tmp_path / "out", *FEW, "--lang", "en")
    assert result.exit_code == 2
    assert "row 3" in result.stderr
    assert document(wangge("plan", ledger, "-o", tmp_path / "out", "--json"))["fault_table"] is None
