"""Shapes as they come: mended where that is safe, and named."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from geometry_places import squares, towns
from hypothesis import given, settings

from partitioner.geometry.cleaning import Cleaned, clean_geometries


def cleaned(*shapes: shapely.Geometry | None) -> Cleaned:
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return clean_geometries(array, [f"b{k}" for k in range(len(shapes))])


def rules(found: Cleaned) -> list[str]:
    return [notice.rule for notice in found.notices]


HOUSE = shapely.box(0, 0, 10, 10)


def test_good_shapes_pass_untouched_and_nothing_is_said() -> None:
    found = cleaned(*squares((0, 0), (20, 0)), shapely.Point(50, 50))
    assert found.notices == ()
    assert found.kept.tolist() == [0, 1, 2]
    assert shapely.equals_exact(found.geometries[0], HOUSE)


def test_null_and_empty_shapes_are_left_out_and_named() -> None:
    found = cleaned(None, HOUSE, shapely.Polygon(), shapely.Point(np.nan, 1.0))
    assert found.kept.tolist() == [1]
    assert found.findings["geometry_missing"] == (("b0",), ("b2",), ("b3",))
    assert "b0, b2, b3" in found.notices[0].message.en


def test_heights_are_dropped() -> None:
    found = cleaned(shapely.force_3d(HOUSE, 7.0))
    assert not shapely.has_z(found.geometries).any()
    assert rules(found) == ["geometry_z"]


def test_a_bow_tie_keeps_both_of_its_halves() -> None:
    found = cleaned(shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)]))
    assert rules(found) == ["geometry_invalid"]
    assert found.geometries[0].area == pytest.approx(50.0)
    assert found.geometries[0].is_valid


def test_what_has_no_area_becomes_a_point() -> None:
    flat = shapely.Polygon([(0, 0), (10, 0), (20, 0)])
    found = cleaned(flat, shapely.LineString([(0, 50), (10, 50)]), shapely.MultiPoint([(0, 90), (10, 90)]))
    assert [shape.geom_type for shape in found.geometries] == ["Point"] * 3
    assert found.findings["geometry_without_area"] == (("b0",), ("b1",), ("b2",))


def test_a_closed_line_is_an_outline() -> None:
    found = cleaned(shapely.LineString(HOUSE.exterior.coords))
    assert found.geometries[0].area == pytest.approx(100.0)


def test_of_a_collection_the_areas_count() -> None:
    found = cleaned(shapely.GeometryCollection([HOUSE, shapely.Point(50, 50)]))
    assert found.geometries[0].equals(HOUSE)


def test_parts_that_touch_become_one_and_parts_far_apart_are_named() -> None:
    touching = shapely.MultiPolygon([HOUSE, shapely.box(10, 0, 20, 10)])
    apart = shapely.MultiPolygon([shapely.box(0, 50, 10, 60), shapely.box(100, 50, 105, 55)])
    found = cleaned(touching, apart, shapely.MultiPolygon([shapely.box(50, 0, 60, 10)]))
    assert [shape.geom_type for shape in found.geometries] == ["Polygon", "MultiPolygon", "Polygon"]
    assert found.geometries[0].area == pytest.approx(200.0)
    assert found.findings == {"geometry_invalid": (("b0",),), "parts_apart": (("b1",),)}


def test_duplicates_are_kept_and_named_whatever_corner_they_start_at() -> None:
    turned = shapely.Polygon([(10, 10), (0, 10), (0, 0), (10, 0)])
    found = cleaned(HOUSE, turned, shapely.Point(50, 50), shapely.Point(50, 50.0001))
    assert found.findings == {"geometry_duplicate": (("b0", "b1"), ("b2", "b3"))}
    assert len(found.kept) == 4


def test_overlaps_are_named_but_slivers_are_not() -> None:
    found = cleaned(HOUSE, shapely.box(5, 0, 15, 10), shapely.box(-10, 0, 0.05, 10))
    assert found.findings == {"geometry_overlap": (("b0", "b1"),)}


def test_a_typing_error_a_hundred_kilometres_away_is_named_and_a_hamlet_is_not() -> None:
    town = [shapely.box(x, y, x + 10, y + 10) for x in range(0, 200, 20) for y in range(0, 200, 20)]
    found = cleaned(*town, shapely.box(2000, 0, 2010, 10), shapely.box(100_000, 0, 100_010, 10))
    assert found.findings == {"far_flung": (("b101",),)}


def test_notices_name_ten_and_count_the_rest() -> None:
    found = cleaned(*[None] * 25, HOUSE)
    assert found.notices[0].message.en.endswith("b9 and 15 more")
    assert found.notices[0].message.zh.endswith("等共 25 个")
    assert len(found.findings["geometry_missing"]) == 25


@settings(max_examples=40, deadline=None)
@given(towns())
def test_cleaning_what_is_clean_changes_nothing(shapes: np.ndarray) -> None:
    once = clean_geometries(shapes, [str(k) for k in range(len(shapes))])
    twice = clean_geometries(once.geometries, [str(k) for k in range(len(shapes))])
    assert shapely.to_wkb(once.geometries).tolist() == shapely.to_wkb(twice.geometries).tolist()
    assert shapely.is_valid(once.geometries).all()


def test_no_shapes_no_notices() -> None:
    assert cleaned().notices == ()
