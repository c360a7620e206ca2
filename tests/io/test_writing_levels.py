"""Several levels are written together: one ledger, one report, one GeoPackage, a map and two documents per level."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyogrio
import pytest
from pypdf import PdfReader
from writing_county import planned_town
from writing_levels import planned_levels

from partitioner.io.writing import PlannedLevels, write_folder, write_geopackage, write_ledger, write_report
from partitioner.io.writing.contents import area_contents, building_titles
from partitioner.io.writing.rows import area_rows
from partitioner.io.writing.totals import total_gap
from partitioner.model.plan_json import read_plan


@pytest.fixture(scope="module")
def levels() -> PlannedLevels:
    return planned_levels(3, 2)


@pytest.fixture(scope="module")
def folder(levels: PlannedLevels, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("levels") / "out"
    files = write_folder(levels, target, sheets=True)
    assert sorted(files) == sorted(target.iterdir())
    return target


@pytest.fixture(scope="module")
def layers(folder: Path) -> dict[str, gpd.GeoDataFrame]:
    names = pyogrio.list_layers(folder / "plan.gpkg")[:, 0].tolist()
    return {name: gpd.read_file(folder / "plan.gpkg", layer=name) for name in names}


def test_every_level_has_its_files(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()}
    for level in ("community", "grid", "micro"):
        for stem, suffix in (("problem", "json"), ("plan", "json"), ("overview", "png"), ("overview", "pdf")):
            assert f"{stem}-{level}.{suffix}" in names
    assert {"communities.geojson", "grids.geojson", "micro_grids.geojson", "units.geojson", "parts.geojson"} <= names
    assert {"ledger.xlsx", "plan.gpkg", "elevations.pdf", "sheets.pdf", "report.zh.md", "report.en.md"} <= names
    assert not {"problem.json", "plan.json", "overview.png"} & names


def test_each_plan_can_be_read_again(folder: Path, levels: PlannedLevels) -> None:
    for level in levels.levels:
        assert read_plan(folder / f"plan-{level.level.name}.json").grid == level.result.plan.grid


def test_a_plan_of_one_level_keeps_the_plain_names(tmp_path: Path) -> None:
    names = [path.name for path in write_folder(planned_town(), tmp_path)]
    assert names == [
        "problem.json", "plan.json", "plan.gpkg", "state.gpkg", "ledger.xlsx", "grids.geojson", "units.geojson",
        "overview.png", "overview.pdf", "report.zh.md", "report.en.md",
    ]  # fmt: skip


def test_the_package_has_a_layer_per_level(layers: dict[str, gpd.GeoDataFrame]) -> None:
    assert list(layers) == ["communities", "grids", "micro_grids", "units", "parts", "barriers", "edges"]


def test_areas_nest_and_their_households_add_up(layers: dict[str, gpd.GeoDataFrame]) -> None:
    grids, communities = layers["grids"].set_index("code"), layers["communities"].set_index("code")
    inside = layers["micro_grids"].groupby("grid")["households"]
    assert (inside.sum() == grids["households"].reindex(inside.sum().index)).all()
    assert (inside.size() == grids["micro_grids"].reindex(inside.size().index)).all()
    assert (grids.groupby("community_code")["households"].sum() == communities["households"]).all()
    assert set(layers["micro_grids"]["grid"]) == set(grids.index)
    for name in ("communities", "grids", "micro_grids"):
        assert layers[name].area.sum() == pytest.approx(9 * 6 * 60.0**2, rel=1e-5)  # shares meet to a millimetre


def test_a_building_names_all_its_micro_grids_and_its_parts_name_one_each(layers: dict[str, gpd.GeoDataFrame]) -> None:
    units, parts = layers["units"].set_index("id"), layers["parts"]
    tower = parts[parts["building"] == "b01000"]
    assert len(tower) == 22
    assert sorted(set(tower["micro_grid"])) == units.loc["b01000", "micro_grids"].split("; ")
    assert (tower["grid"] == units.loc["b01000", "grid"]).all()
    assert (tower["community"] == units.loc["b01000", "community"]).all()
    houses = parts[parts["stairwell"].isna()]
    assert (houses["id"] == houses["building"]).all()
    assert parts["households"].sum() == units["households"].sum()


def test_a_building_that_a_grid_line_cuts_belongs_where_most_of_it_lives(layers: dict[str, gpd.GeoDataFrame]) -> None:
    """A plan of grids alone whose units are floors."""
    micro = planned_levels(3, 2, names=("micro",)).levels[0]
    grids = replace(micro, level=micro.profile.level("grid"))
    frame = write_and_read(grids, "units")
    tower = frame.set_index("id").loc["b01000"]
    assert len(frame) == len(layers["units"])
    assert tower["households"] == 44
    assert tower["grid"] in tower["grids"].split("; ")
    assert len(tower["grids"].split("; ")) == 4
    assert tower["geometry"].area == pytest.approx(44.0 * 12.0)


def write_and_read(planned: object, layer: str) -> gpd.GeoDataFrame:
    from partitioner.io.writing.layers import units_layer

    assert layer == "units"
    return units_layer(planned)  # type: ignore[arg-type]


def test_collections_hold_the_same_areas(folder: Path, layers: dict[str, gpd.GeoDataFrame]) -> None:
    for name in ("communities", "grids", "micro_grids", "units", "parts"):
        features = json.loads((folder / f"{name}.geojson").read_text(encoding="utf-8"))["features"]
        assert len(features) == len(layers[name])
        assert set(features[0]["properties"]) == set(layers[name].columns) - {"geometry"}


def test_the_ledger_has_a_sheet_per_level(folder: Path, levels: PlannedLevels) -> None:
    book = openpyxl.load_workbook(folder / "ledger.xlsx")
    assert book.sheetnames == ["社区", "网格", "微网格", "楼栋", "单元楼层", "说明"]
    rows = area_rows(levels)
    for sheet, level in (("社区", "community"), ("网格", "grid"), ("微网格", "micro")):
        assert [cell.value for cell in book[sheet]["A"][1:]] == [row.code for row in rows[level]]
        assert {cell.data_type for cell in book[sheet]["A"][1:]} == {"s"}
    rows_of_parts = list(book["单元楼层"].iter_rows(values_only=True))
    assert ("b01000", "1号楼", "小区2-1", 1, 6, 11, 12) in {row[:7] for row in rows_of_parts}
    assert sum(row[6] for row in rows_of_parts[1:]) == sum(row.households for row in rows["grid"])


def test_contents_are_told_in_words(levels: PlannedLevels) -> None:
    told = area_contents(levels.level("micro"))
    texts = set(told.values())
    assert {"1–12号院", "1号楼1单元1–5层", "1号楼2单元6–11层", "2号楼3单元"} <= texts
    assert area_contents(levels.level("grid"))["131126001001004"] == "1–9号楼"


@pytest.mark.parametrize(
    ("name", "compound", "title"),
    [
        ("首府 4", "首府", "4号楼"),
        ("3号楼", "", "3号楼"),
        ("甲", "甲", "甲"),
        ("B7", "东苑", "B7号楼"),
    ],
)
def test_a_stairwell_can_follow_the_name_of_its_building(name: str, compound: str, title: str) -> None:
    assert building_titles(["b12"], [name], [compound]) == [title]


def test_buildings_without_names_are_called_by_the_end_of_their_ids() -> None:
    ids = ["BATIMENT0001234", "BATIMENT0005678", "x"]
    assert building_titles(ids, ["", "", "3号楼"], [""] * 3) == ["…1234", "…5678", "3号楼"]
    assert building_titles(["b12", "b7"], ["", ""], ["", ""]) == ["b12", "b7"]


def test_the_report_has_a_table_of_levels_and_the_total_gap(folder: Path, levels: PlannedLevels) -> None:
    zh, en = ((folder / f"report.{language}.md").read_text(encoding="utf-8") for language in ("zh", "en"))
    assert total_gap(levels) == pytest.approx(0.02)
    assert "| 微网格 | 177 | 177 | 0 | 合规方案 |" in zh
    assert "| 4.5 |" in zh
    assert "Total gap at most: **2." in en
    assert "wangge check problem-micro.json plan-micro.json" in zh
    assert "`overview-grid.png` | grid: overview map (picture)" in en
    assert zh.count("# 数据提示") <= 1


def test_an_unknown_bound_leaves_the_total_gap_unknown(levels: PlannedLevels, tmp_path: Path) -> None:
    first = levels.levels[0]
    unknown = replace(first, result=replace(first.result, bound=None, gap=None))
    changed = replace(levels, levels=(unknown, *levels.levels[1:]))
    assert total_gap(changed) is None
    write_report(changed, tmp_path / "zh.md", tmp_path / "en.md")
    assert "the bound of a level is not known" in (tmp_path / "en.md").read_text(encoding="utf-8")


def test_exceptions_are_told_with_their_remedies(tmp_path: Path) -> None:
    wrong = planned_levels(3, 2, wrong=True)
    write_report(wrong, tmp_path / "zh.md", tmp_path / "en.md")
    zh = (tmp_path / "zh.md").read_text(encoding="utf-8")
    assert "比上限 15 多 7 户" in zh
    write_ledger(wrong, tmp_path / "ledger.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "ledger.xlsx")["微网格"]
    states = [row[-1] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert sum(state == "户数超限 7" for state in states) == 10


def test_the_map_of_micro_grids_bears_the_labels_of_grids(folder: Path) -> None:
    text = PdfReader(folder / "overview-micro.pdf").pages[0].extract_text()
    for wanted in ("方城县微网格划分图", "348户", "东关社区", "网格（编号、户数）"):
        assert wanted in text
    text = PdfReader(folder / "overview-community.pdf").pages[0].extract_text()
    assert "街道（乡镇）界" in text


def test_two_runs_write_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_folder(planned_levels(3, 2), tmp_path, sheets=True)
    for path in sorted(folder.iterdir()):
        assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name


def test_communities_alone_are_written_under_their_own_names(tmp_path: Path) -> None:
    write_geopackage(planned_levels(3, 2, names=("community",)), tmp_path / "plan.gpkg")
    assert pyogrio.list_layers(tmp_path / "plan.gpkg")[:, 0].tolist() == ["communities", "units", "barriers", "edges"]
    units = gpd.read_file(tmp_path / "plan.gpkg", layer="units")
    assert "grid" not in units.columns
    assert units["community"].notna().all()
