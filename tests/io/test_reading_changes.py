"""Changes as flags and files: understood alike, made to the county, and unclear ones told at once."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
import shapely
from writing_county import SOUTH, WEST, planned_town

from partitioner.errors import InputError
from partitioner.geometry.county import County
from partitioner.io.reading.changes import Edit
from partitioner.io.reading.changes_file import read_change_file
from partitioner.io.reading.changes_flags import read_flags
from partitioner.io.reading.changes_made import Change, make_changes
from partitioner.io.reading.changes_matching import match_buildings, read_confirmed
from partitioner.io.writing import PlannedLevels
from partitioner.io.writing.redraw import write_doubts

EAST = "131126001002"


@pytest.fixture(scope="module")
def town() -> PlannedLevels:
    planned = planned_town()
    return PlannedLevels(levels=(planned,), seconds=(0.0,), source=planned.county)


def after(town: PlannedLevels, **flags: list[str]) -> Change:
    return make_changes(town, read_flags({f"--{name.replace('_', '-')}": given for name, given in flags.items()}))


def cell(county: County, name: str, column: str) -> object:
    return county.buildings.set_index("id")[column][name]


def test_nothing_changed_is_the_county_as_it_was(town: PlannedLevels) -> None:
    county = make_changes(town, []).county
    assert town.source is not None
    assert county.buildings.equals(town.source.buildings)
    assert county.buildings.dtypes.equals(town.source.buildings.dtypes)
    assert county.communities.equals(town.source.communities)
    assert county.barriers.equals(town.source.barriers)


def test_households_are_set_raised_and_lowered(town: PlannedLevels) -> None:
    county = after(town, households=["b01=60,b02,b03=+5", "b04=-45"]).county
    assert [cell(county, f"b0{k}", "households") for k in (1, 2, 3, 4)] == [60, 50, 50, 0]


def test_buildings_come_and_go(town: PlannedLevels) -> None:
    county = after(town, new=[f"b99=48@{WEST + 10},{SOUTH + 20}"], demolish=["b01,b02"]).county
    ids = county.buildings["id"].tolist()
    assert "b99" in ids
    assert not {"b01", "b02"} & set(ids)
    assert cell(county, "b99", "households") == 48
    assert cell(county, "b99", "community") == "131126001001"


def test_a_moved_line_takes_the_land_along(town: PlannedLevels) -> None:
    county = after(town, move_line=["b03=西苑社区"]).county
    assert cell(county, "b03", "community") == EAST
    areas = county.communities.set_index("id").geometry
    assert areas[EAST].contains(cell(county, "b03", "geometry"))
    assert areas.intersection(shapely.box(WEST - 30, SOUTH - 30, WEST + 330, SOUTH + 330)).area.sum() == pytest.approx(
        sum(shape.area for shape in town.levels[0].county.communities.geometry)
    )


def test_communities_merge_and_split(town: PlannedLevels) -> None:
    merged = after(town, merge_communities=[f"131126001001,{EAST}"]).county
    assert set(merged.buildings["community"].dropna()) == {"131126001001"}
    assert merged.communities["id"].tolist() == ["131126001001"]
    split = after(town, split_community=["131126001001=131126001009:b01,b02"]).county
    assert cell(split, "b01", "community") == "131126001009"
    assert split.communities["id"].tolist()[-1] == "131126001009"


def test_a_bridge_joins_two_buildings_and_a_compound_a_third(town: PlannedLevels) -> None:
    county = after(town, bridge=["b09,b10"], compound=["b01=小区丁"], special=["b02=市场"]).county
    assert county.barriers["crossing"].tolist()[-1] == "open"
    assert cell(county, "b01", "compound") == "小区丁"
    assert cell(county, "b02", "special") == "市场"


def test_a_barrier_comes_from_a_file(town: PlannedLevels, tmp_path: Path) -> None:
    line = shapely.LineString([(WEST - 30, SOUTH + 30), (WEST + 330, SOUTH + 30)])
    gpd.GeoDataFrame({"name": ["x"]}, geometry=[line], crs="EPSG:4548").to_file(tmp_path / "new.gpkg", layer="lines")
    county = after(town, barrier=[f"{tmp_path / 'new.gpkg'}:河流"]).county
    assert county.barriers[["kind", "crossing"]].to_numpy().tolist()[-1] == ["river", "hard"]


def test_bounds_belong_to_a_level(town: PlannedLevels) -> None:
    bounds = after(town, bounds=["grid=320-480"]).levels[0].bounds
    assert (bounds.min, bounds.max, bounds.aim) == (320, 480, 400)


ROWS = (
    ("类型", "对象", "值", "备注"),
    ("户数变化", "b01、b02", "60户", "加建"),
    ("拆除", "b05", None, None),
    ("改线", "b03", "西苑社区", None),
    ("上下限", "网格", "320-480", None),
)


def as_xlsx(path: Path) -> Path:
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    book.save(path)
    return path


def as_csv(path: Path) -> Path:
    path.write_text("\n".join(",".join(cell or "" for cell in row) for row in ROWS), encoding="gb18030")
    return path


def as_json(path: Path) -> Path:
    rows = [{k: v for k, v in zip(ROWS[0], row, strict=True) if v} for row in ROWS[1:]]
    path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    return path


def as_toml(path: Path) -> Path:
    entries = [
        "[[change]]\n" + "\n".join(f'"{k}" = "{v}"' for k, v in zip(ROWS[0], row, strict=True) if v) for row in ROWS[1:]
    ]
    path.write_text("\n".join(entries), encoding="utf-8")
    return path


def plain(edits: list[Edit]) -> list[tuple[str, tuple[str, ...], str]]:
    return [(edit.kind, edit.objects, edit.value) for edit in edits]


def test_every_kind_of_file_says_the_same(town: PlannedLevels, tmp_path: Path) -> None:
    files = [
        as_xlsx(tmp_path / "a.xlsx"), as_csv(tmp_path / "a.csv"), as_json(tmp_path / "a.json"),
        as_toml(tmp_path / "a.toml"),
    ]  # fmt: skip
    first, *others = [plain(read_change_file(file)) for file in files]
    assert [kind for kind, _, _ in first] == ["households", "demolish", "line", "bounds"]
    assert all(other == first for other in others)
    county = make_changes(town, read_change_file(files[0])).county
    assert cell(county, "b02", "households") == 60


def rules(error: pytest.ExceptionInfo[InputError]) -> list[str]:
    assert all(fault.message.zh and fault.remedy.en for fault in error.value.faults)
    return [fault.rule for fault in error.value.faults]


def test_all_faults_of_a_file_are_told_with_their_rows(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("类型,对象,值\n搬迁,b01,x\n拆除,,\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_change_file(tmp_path / "a.csv")
    assert rules(caught) == ["change_kind", "change_object"]
    assert [fault.place.row for fault in caught.value.faults] == [2, 3]


def test_a_table_without_its_headings_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("什么,对象,值\n加建,b01,60\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_change_file(tmp_path / "a.csv")
    assert rules(caught) == ["change_headings"]


@pytest.mark.parametrize(
    ("flags", "rule"),
    [
        ({"households": ["b99=4"]}, "change_building"),
        ({"households": ["b01=-99"]}, "change_number"),
        ({"households": ["b01"]}, "change_malformed"),
        ({"households": ["b01=many"]}, "change_number"),
        ({"new": ["b01=4@1,2"]}, "change_id_taken"),
        ({"new": ["b99=4"]}, "change_malformed"),
        ({"new": ["b99=4@east,2"]}, "change_position"),
        ({"new": [f"b99=4@{WEST},{SOUTH - 5000}"]}, "change_community_unclear"),
        ({"move_line": ["b01=北关社区"]}, "change_community"),
        ({"merge_communities": ["131126001001"]}, "change_merge"),
        ({"split_community": [f"131126001001={EAST}:b01"]}, "change_split"),
        ({"bridge": ["b01"]}, "change_bridge"),
        ({"bounds": ["grid=500-300"]}, "change_bounds"),
        ({"bounds": ["village=1-2"]}, "change_bounds"),
        ({"barrier": ["nowhere.gpkg"]}, "file_missing"),
    ],
)
def test_what_is_unclear_is_named(town: PlannedLevels, flags: dict[str, list[str]], rule: str) -> None:
    with pytest.raises(InputError) as caught:
        after(town, **flags)
    assert rules(caught) == [rule]


def test_faults_of_all_changes_come_at_once(town: PlannedLevels) -> None:
    with pytest.raises(InputError) as caught:
        after(town, demolish=["b77"], households=["b78=1"], move_line=["b01=x"])
    assert sorted(rules(caught)) == ["change_building", "change_building", "change_community"]


def renamed(county: County, names: dict[str, str], **columns: object) -> County:
    frame = county.buildings.copy()
    frame["id"] = frame["id"].map(lambda name: names.get(name, name)).astype("string")
    return replace(county, buildings=frame.assign(**columns))


def test_ids_that_changed_are_found_by_place(town: PlannedLevels) -> None:
    before = town.levels[0].county
    names = {f"b{k:02d}": f"n{k:02d}" for k in range(1, 37)}
    found = match_buildings(before, renamed(before, names))
    assert found.became == names
    assert not found.doubts


def test_a_match_with_little_in_common_is_a_doubt_until_it_is_answered(town: PlannedLevels, tmp_path: Path) -> None:
    before = town.levels[0].county
    frame = renamed(before, {"b01": "n01"}).buildings
    row = frame.index[frame["id"] == "n01"][0]
    frame.loc[row, "name"] = "新楼"
    frame.loc[row, "households"] = 90
    frame.loc[row, "geometry"] = shapely.affinity.translate(frame.geometry[row], 8.0, 0.0)
    now = replace(before, buildings=frame)
    found = match_buildings(before, now)
    assert not found.became
    assert [(doubt.before, doubt.after) for doubt in found.doubts] == [("b01", "n01")]
    write_doubts(found.doubts, tmp_path / "matches.xlsx")
    with pytest.raises(InputError) as caught:
        read_confirmed(tmp_path / "matches.xlsx")
    assert rules(caught) == ["match_unanswered"]
    book = openpyxl.load_workbook(tmp_path / "matches.xlsx")
    book.active.cell(2, 3).value = "是"
    book.save(tmp_path / "matches.xlsx")
    answers = read_confirmed(tmp_path / "matches.xlsx")
    assert match_buildings(before, now, answers).became == {"b01": "n01"}
    assert not match_buildings(before, now, {("b01", "n01"): False}).doubts


def test_an_id_that_means_another_building_is_a_doubt(town: PlannedLevels) -> None:
    before = town.levels[0].county
    frame = before.buildings.copy()
    row = frame.index[frame["id"] == "b01"][0]
    frame.loc[row, "compound"] = "别处"
    frame.loc[row, "geometry"] = shapely.affinity.translate(frame.geometry[row], -900.0, 0.0)
    found = match_buildings(before, replace(before, buildings=frame))
    assert [(doubt.before, doubt.after) for doubt in found.doubts] == [("b01", "b01")]
    assert match_buildings(before, replace(before, buildings=frame), {("b01", "b01"): False}).replaced == ("b01",)
