"""The GeoPackage holds the plan, whole and in order."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely
from writing_county import SIDE, planned_town, with_plan

from partitioner.errors import OutputError
from partitioner.io.writing import write_geopackage


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gpkg") / "plan.gpkg"
    write_geopackage(planned_town(), path)
    return path


def test_it_has_the_four_layers_in_the_county_system(package: Path) -> None:
    assert pyogrio.list_layers(package)[:, 0].tolist() == ["grids", "units", "barriers", "edges"]
    for layer in ("grids", "units", "barriers", "edges"):
        assert gpd.read_file(package, layer=layer).crs.to_epsg() == 4548


def test_grids_cover_the_town_without_gaps_or_overlaps(package: Path) -> None:
    grids = gpd.read_file(package, layer="grids")
    assert shapely.coverage_is_valid(grids.geometry.to_numpy())
    assert grids.area.sum() == pytest.approx((SIDE * 60.0) ** 2)
    assert grids.union_all().equals(shapely.box(*grids.total_bounds))


def test_a_grid_tells_its_size_and_rules(package: Path) -> None:
    grids = gpd.read_file(package, layer="grids").set_index("code")
    assert grids.index.tolist() == [f"13112600100{c}00{k}" for c in (1, 2) for k in (1, 2)]
    first = grids.loc["131126001001002"]
    assert (first.community, first.households, first.units, first.buildings) == ("东关社区", 405, 9, 10)
    assert first.compounds == "小区乙; 小区甲"
    assert (first.deviation, first.within_bounds, first.mean_walk_m) == (5.0, True, 80.0)
    assert pd.isna(first.violations)


def test_every_building_is_there_with_its_grid(package: Path) -> None:
    units = gpd.read_file(package, layer="units").set_index("id")
    assert len(units) == SIDE * SIDE + 1
    assert units.loc["b01", "grid"] == units.loc["shed", "grid"] == "131126001001002"
    assert not units.loc["shed", "inhabited"]
    assert units.loc["shed", "unit"] == "b01"
    assert units.loc["b01", "previous_grid"] == "001234567890123456"


def test_edges_carry_metres_and_those_that_the_river_cut_are_marked(package: Path) -> None:
    edges = gpd.read_file(package, layer="edges")
    assert edges["cut"].sum() == SIDE - 1
    assert (edges.loc[~edges["cut"], "length_m"] == 60.0).all()
    assert edges.loc[edges["cut"], "length_m"].isna().all()


def test_a_grid_in_pieces_is_written_as_one_feature(tmp_path: Path) -> None:
    labels: list[str | None] = ["A"] * 36
    labels[7] = labels[28] = "B"
    labels[35] = None
    write_geopackage(with_plan(planned_town(), labels), tmp_path / "p.gpkg")
    grids = gpd.read_file(tmp_path / "p.gpkg", layer="grids").set_index("code")
    assert grids.geometry.loc["B"].geom_type == "MultiPolygon"
    assert "connected" in grids.loc["B", "violations"]
    units = gpd.read_file(tmp_path / "p.gpkg", layer="units").set_index("id")
    assert pd.isna(units.loc["b36", "grid"])


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "plan.gpkg").mkdir()
    (tmp_path / "plan.gpkg" / "kept").write_text("kept")
    with pytest.raises(OutputError):
        write_geopackage(planned_town(), tmp_path / "plan.gpkg")
    assert (tmp_path / "plan.gpkg" / "kept").read_text() == "kept"
    assert [path.name for path in tmp_path.iterdir()] == ["plan.gpkg"]


def test_a_missing_folder_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        write_geopackage(planned_town(), tmp_path / "nowhere" / "plan.gpkg")
