"""Coordinate systems: declared, read, carried by headings, told by the numbers."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS, Transformer
from reading_samples import LEDGER, changed, faults_of, footprints, read, rules_of, write_csv

from partitioner.geometry.coordinates import wgs84_to_bd09, wgs84_to_gcj02
from partitioner.geometry.county import County

LON, LAT = 116.300, 39.430


def table(path: Path, headings: tuple[str, ...], *points: tuple[float, ...]) -> Path:
    rows = [("楼栋编号", "户数", *headings), *[(f"b{k}", 10, *point) for k, point in enumerate(points)]]
    return write_csv(path, rows)


def position(county: County, row: int = 0) -> tuple[float, float]:
    point = county.buildings.to_crs(4326).geometry[row].centroid
    return point.x, point.y


def near(county: County, row: int = 0, metres: float = 0.05) -> bool:
    x, y = position(county, row)
    return bool(np.hypot((x - LON) * 85_000, (y - LAT) * 111_000) < metres)


def test_plain_degrees_are_taken_as_wgs84_and_said_to_be_ambiguous(tmp_path: Path) -> None:
    county = read(table(tmp_path / "a.csv", ("经度", "纬度"), (LON, LAT)))
    assert near(county)
    assert "crs_assumed_wgs84" in rules_of(county)


@pytest.mark.parametrize(
    ("headings", "system"),
    [
        (("lon_bd09", "lat_bd09"), "bd09"),
        (("百度经度", "百度纬度"), "bd09"),
        (("经度(BD-09)", "纬度(BD-09)"), "bd09"),
        (("lng_gcj02", "lat_gcj02"), "gcj02"),
        (("高德经度", "高德纬度"), "gcj02"),
        (("经度（GCJ02）", "纬度（GCJ02）"), "gcj02"),
        (("lon_wgs84", "lat_wgs84"), "wgs84"),
        (("GPS经度", "GPS纬度"), "wgs84"),
        (("经度(CGCS2000)", "纬度(CGCS2000)"), "wgs84"),
    ],
)
def test_headings_carry_the_system(tmp_path: Path, headings: tuple[str, str], system: str) -> None:
    shift = {"bd09": wgs84_to_bd09, "gcj02": wgs84_to_gcj02, "wgs84": lambda x, y: (x, y)}[system]
    county = read(table(tmp_path / "a.csv", headings, shift(LON, LAT)))
    assert near(county)
    assert "crs_assumed_wgs84" not in rules_of(county)


def test_wgs84_columns_win_over_shifted_ones_unless_declared(tmp_path: Path) -> None:
    headings = ("lon_bd09", "lat_bd09", "lon_wgs84", "lat_wgs84")
    bd09 = wgs84_to_bd09(LON, LAT)
    path = table(tmp_path / "a.csv", headings, (*bd09, LON + 0.01, LAT))
    assert not near(read(path))
    assert near(read(path, crs={"a.csv": "bd09"}))
    assert near(read(path, crs="bd09"))


@pytest.mark.parametrize("key", ["a.csv", "a"])
def test_a_declared_system_holds_by_file_or_for_all(tmp_path: Path, key: str) -> None:
    path = table(tmp_path / "a.csv", ("经度", "纬度"), wgs84_to_gcj02(LON, LAT))
    assert near(read(path, crs="gcj02"))
    assert near(read(path, crs={key: "GCJ-02"}))


def test_beside_names_all_other_files_may_be_declared_and_the_county_is_in_their_system(tmp_path: Path) -> None:
    shifted = table(tmp_path / "a.csv", ("经度", "纬度"), wgs84_to_gcj02(LON, LAT))
    for default, used in (("EPSG:4547", "EPSG:4547"), ("EPSG:3857", "EPSG:4548"), ("wgs84", "EPSG:4548")):
        county = read(shifted, crs={"a": "gcj02", "*": default})
        assert near(county)
        assert county.crs == CRS.from_user_input(used)


def test_a_declaration_by_name_wins_over_what_a_file_says(tmp_path: Path) -> None:
    x, y = wgs84_to_gcj02(LON, LAT)
    frame = gpd.GeoDataFrame({"id": ["a"], "households": [5]}, geometry=[shapely.Point(x, y)], crs="EPSG:4326")
    frame.to_file(tmp_path / "buildings.gpkg")
    assert not near(read(tmp_path / "buildings.gpkg", crs="gcj02"))
    assert near(read(tmp_path / "buildings.gpkg", crs={"buildings": "gcj02"}))


def test_a_geojson_that_says_nothing_takes_the_default(tmp_path: Path) -> None:
    x, y = wgs84_to_gcj02(LON, LAT)
    feature = {
        "type": "Feature",
        "properties": {"id": "a", "households": 5},
        "geometry": {"type": "Point", "coordinates": [float(x), float(y)]},
    }
    text = json.dumps({"type": "FeatureCollection", "features": [feature]})
    (tmp_path / "buildings.geojson").write_text(text)
    assert near(read(tmp_path / "buildings.geojson", crs="gcj02"))
    (tmp_path / "buildings_gcj02.geojson").write_text(text)
    county = read(tmp_path / "buildings_gcj02.geojson")
    assert near(county)
    assert "crs_from_name" in rules_of(county)


def test_one_cell_may_hold_both_coordinates_and_degrees_may_have_minutes(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [("编号", "户数", "坐标"), ("1", 5, f"{LON}，{LAT}")], separator="\t")
    assert near(read(path))
    path = write_csv(tmp_path / "b.csv", [("编号", "户数", "经度", "纬度"), ("1", 5, "116°18′00″", "39°25′48″")])
    assert near(read(path))


@pytest.mark.parametrize("epsg", [4527, 4548, 4547, 32650])
def test_declared_metres_are_read_in_either_axis_order(tmp_path: Path, epsg: int) -> None:
    x, y = Transformer.from_crs(4326, epsg, always_xy=True).transform(LON, LAT)
    straight = read(table(tmp_path / "a.csv", ("X", "Y"), (x, y)), crs=f"EPSG:{epsg}")
    assert near(straight)
    turned = read(table(tmp_path / "b.csv", ("X", "Y"), (y, x)), crs=str(epsg))
    assert near(turned)
    assert "axes_swapped" in rules_of(turned)


def test_swapped_axes_are_recognised_by_a_prj_that_names_no_area(tmp_path: Path) -> None:
    wkt = CRS.from_epsg(4548).to_wkt("WKT1_ESRI")
    assert CRS.from_wkt(wkt).area_of_use is None
    x, y = Transformer.from_crs(4326, 4548, always_xy=True).transform(LON, LAT)
    assert near(read(table(tmp_path / "a.csv", ("X", "Y"), (x, y)), crs=wkt))
    turned = read(table(tmp_path / "b.csv", ("X", "Y"), (y, x)), crs=wkt)
    assert near(turned)
    assert "axes_swapped" in rules_of(turned)


@pytest.mark.parametrize("order", ["east first", "north first"])
def test_a_zone_in_front_of_the_easting_tells_the_system(tmp_path: Path, order: str) -> None:
    x, y = Transformer.from_crs(4326, 4527, always_xy=True).transform(LON, LAT)
    county = read(table(tmp_path / "a.csv", ("横坐标", "纵坐标"), (x, y) if order == "east first" else (y, x)))
    assert near(county)
    assert county.crs.to_epsg() == 4527
    assert "crs_from_zone" in rules_of(county)


def test_metres_without_zone_and_system_are_a_fault_with_the_remedy(tmp_path: Path) -> None:
    x, y = Transformer.from_crs(4326, 4548, always_xy=True).transform(LON, LAT)
    path = table(tmp_path / "a.csv", ("X", "Y"), (x, y))
    (fault,) = faults_of(lambda: read(path))["crs_missing"]
    assert "--crs EPSG:4547" in fault.remedy.en


def test_other_faults_are_told_together_with_a_missing_system(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [("id", "户数", "X", "Y"), ("a", -5, 440_000, 4_366_000)])
    assert {"crs_missing", "households_negative"} <= faults_of(lambda: read(path)).keys()


def test_a_map_without_prj_is_a_fault_or_declared(tmp_path: Path) -> None:
    footprints().to_file(tmp_path / "buildings.shp")
    (tmp_path / "buildings.prj").unlink()
    assert "crs_missing" in faults_of(lambda: read(tmp_path / "buildings.shp"))
    assert len(read(tmp_path / "buildings.shp", crs="EPSG:4548").buildings) == 3


def test_a_declared_system_that_cannot_be_is_a_fault(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv")
    for wrong in ("EPSG:999999", "nonsense", "", "99999999999999999999"):
        assert "crs_unknown" in faults_of(lambda wrong=wrong: read(path, crs=wrong))
    assert "crs_contradicts" in faults_of(lambda: read(path, crs={"a.csv": "EPSG:2154"}))
    frame = footprints(None).set_crs("EPSG:4326", allow_override=True)
    frame.to_file(tmp_path / "buildings.gpkg")
    assert "crs_contradicts" in faults_of(lambda: read(tmp_path / "buildings.gpkg"))


def test_swapped_degrees_are_mended_in_all_rows_and_refused_in_some(tmp_path: Path) -> None:
    county = read(table(tmp_path / "a.csv", ("经度", "纬度"), (LAT, LON), (LAT, LON)))
    assert near(county)
    assert "lonlat_swapped_all" in rules_of(county)
    path = table(tmp_path / "b.csv", ("经度", "纬度"), (LON, LAT), (LAT, LON), (LON, LAT))
    (fault,) = faults_of(lambda: read(path))["lonlat_swapped"]
    assert fault.place.row == 3


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        (0, "coordinate_zero"),
        ("abc", "coordinate_text"),
        (11630, "coordinate_range"),
        ("", "geometry_missing"),
        ("nan", "coordinate_text"),
    ],
)
def test_bad_coordinates_are_named_by_row(tmp_path: Path, cell: object, rule: str) -> None:
    rows = changed(3, "经度", cell)
    rows = changed(3, "纬度", 0, rows) if cell == 0 else rows
    path = write_csv(tmp_path / "a.csv", rows)
    assert 3 in {fault.place.row for fault in faults_of(lambda: read(path))[rule]}


def test_a_metric_system_is_kept_and_web_mercator_is_not(tmp_path: Path) -> None:
    footprints().to_crs(32650).to_file(tmp_path / "buildings.gpkg")
    assert read(tmp_path / "buildings.gpkg").crs.to_epsg() == 32650
    footprints().to_crs(3857).to_file(tmp_path / "mercator.gpkg", layer="buildings")
    county = read(tmp_path / "mercator.gpkg")
    assert county.crs.to_epsg() == 4548
    assert county.buildings.geometry.area.tolist() == pytest.approx([400] * 3, rel=1e-3)


def test_all_layers_come_in_one_system(tmp_path: Path) -> None:
    footprints().to_file(tmp_path / "buildings.gpkg")
    line = shapely.LineString([(LON, LAT - 0.001), (LON, LAT + 0.001)])
    gpd.GeoDataFrame(geometry=[line], crs="EPSG:4490").to_file(tmp_path / "river.gpkg")
    county = read(tmp_path / "buildings.gpkg", tmp_path / "river.gpkg")
    assert county.barriers.crs == county.buildings.crs == county.crs
    assert county.barriers.geometry.length[0] == pytest.approx(222, abs=1)


def test_abroad_plain_degrees_need_no_notice_and_get_utm(tmp_path: Path) -> None:
    county = read(table(tmp_path / "a.csv", ("lon", "lat"), (2.57, 44.35)))
    assert county.crs.to_epsg() == 32631
    assert "crs_assumed_wgs84" not in rules_of(county)


def test_the_sample_ledger_is_what_the_other_tests_think(tmp_path: Path) -> None:
    assert near(read(write_csv(tmp_path / "a.csv", LEDGER)))
