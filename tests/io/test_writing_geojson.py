"""GeoJSON is longitude, latitude, with the right-hand rule."""

from __future__ import annotations

import json

import pytest
import shapely
from pyproj import Transformer
from writing_county import SOUTH, WEST, planned_town

from partitioner.io.writing import write_geojson


@pytest.fixture(scope="module")
def collections(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, dict]:
    folder = tmp_path_factory.mktemp("geojson")
    write_geojson(planned_town(), folder)
    grids, units = ((folder / name).read_text(encoding="utf-8") for name in ("grids.geojson", "units.geojson"))
    return json.loads(grids), json.loads(units)


def test_coordinates_are_longitude_and_latitude(collections: tuple[dict, dict]) -> None:
    grids, _ = collections
    assert "crs" not in grids
    expected = Transformer.from_crs(4548, "OGC:CRS84", always_xy=True).transform(WEST - 30, SOUTH - 30)
    corners = [tuple(p) for feature in grids["features"] for p in feature["geometry"]["coordinates"][0]]
    assert min(corners) == pytest.approx(expected, abs=1e-6)


def test_outer_rings_run_counter_clockwise(collections: tuple[dict, dict]) -> None:
    for feature in collections[0]["features"]:
        assert shapely.LinearRing(feature["geometry"]["coordinates"][0]).is_ccw


def test_rounding_opens_no_gaps(collections: tuple[dict, dict]) -> None:
    shapes = [shapely.geometry.shape(feature["geometry"]) for feature in collections[0]["features"]]
    assert shapely.coverage_is_valid(shapes)


def test_features_carry_codes_and_unknown_values_are_null(collections: tuple[dict, dict]) -> None:
    grids, units = collections
    assert grids["features"][0]["id"] == "131126001001001"
    assert grids["features"][0]["properties"]["residents"] is None
    shed = units["features"][-1]
    assert shed["geometry"]["type"] == "Point"
    assert (shed["id"], shed["properties"]["grid"]) == ("shed", "131126001001002")
    assert (shed["properties"]["households"], shed["properties"]["inhabited"]) == (0, False)
