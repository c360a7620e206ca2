"""Cells partition the land, neighbours are those whose cells share a border, and melted cells leave no gap."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from geometry_places import reference_borders, squares, towns
from hypothesis import given, settings
from hypothesis import strategies as st

from partitioner.geometry.borders import cell_borders, pairs_of
from partitioner.geometry.cells import Region, cell_polygons
from partitioner.geometry.dissolve import dissolve, simplified
from partitioner.geometry.outlines import outline_points
from partitioner.model import Labels

AREA = shapely.box(-50, -50, 300, 300)


def cells_of(shapes: np.ndarray, area: shapely.Geometry = AREA) -> np.ndarray:
    points = outline_points(shapes)
    borders = cell_borders(points).within(area)
    return cell_polygons([Region(units=np.arange(len(shapes)), points=points, borders=borders, area=area)], len(shapes))


@settings(max_examples=60, deadline=None)
@given(towns())
def test_cells_partition_the_area(shapes: np.ndarray) -> None:
    """Every unit has a cell, coinciding ones too; cells are valid, fit without overlap, and fill the area."""
    cells = cells_of(shapes)
    assert not shapely.is_empty(cells).any()
    assert shapely.is_valid(cells).all()
    assert shapely.coverage_is_valid(cells)
    assert shapely.area(cells).sum() == pytest.approx(AREA.area, rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(towns(most=6))
def test_pairs_are_those_whose_true_cells_share_a_border(shapes: np.ndarray) -> None:
    """Borders of more than 1.1 cm are found with their length, borders of less than 0.9 cm are not."""
    points = outline_points(shapes, step_m=10.0)
    box = (-60.0, -70.0, 280.0, 290.0)
    pairs = pairs_of(cell_borders(points).within(shapely.box(*box)))
    found = dict(zip(zip(pairs.a.tolist(), pairs.b.tolist(), strict=True), pairs.border_m.tolist(), strict=True))
    true_m = reference_borders(points.xy, points.owner, points.shared, box)
    for a in range(len(shapes)):
        for b in range(a + 1, len(shapes)):
            if (a, b) in found:
                assert found[a, b] == pytest.approx(true_m[a, b], abs=1e-4)
            else:
                assert true_m[a, b] < 0.011
    assert all(a < b for a, b in found)


@settings(max_examples=40, deadline=None)
@given(towns(), st.data())
def test_melted_cells_leave_no_gap_and_never_overlap(shapes: np.ndarray, data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from("ABC"), min_size=len(shapes), max_size=len(shapes)))
    labels = Labels(names)
    melted = dissolve(cells_of(shapes), labels)
    assert len(melted) == len(labels.names)
    assert shapely.coverage_is_valid(melted)
    assert shapely.area(melted).sum() == pytest.approx(AREA.area, rel=1e-9)
    coarse = simplified(melted, tolerance_m=5.0)
    assert shapely.coverage_is_valid(coarse)
    assert shapely.area(coarse).sum() == pytest.approx(AREA.area, rel=1e-9)


def test_units_without_a_label_leave_a_hole() -> None:
    cells = cells_of(squares((0, 0), (50, 0), (100, 0)))
    melted = dissolve(cells, Labels(["A", None, "A"]))
    assert melted[0].area == pytest.approx(cells[0].area + cells[2].area)


def test_a_duplicate_has_the_neighbours_of_its_twin() -> None:
    shapes = squares((0, 0), (30, 0), (30, 0), (60, 0))
    pairs = pairs_of(cell_borders(outline_points(shapes)))
    found = set(zip(pairs.a.tolist(), pairs.b.tolist(), strict=True))
    assert {(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)} <= found


def test_hundred_units_on_one_spot_have_a_cell_each() -> None:
    cells = cells_of(np.array([shapely.Point(100, 100)] * 100, dtype=object))
    assert (shapely.area(cells) > 0).all()
    assert shapely.coverage_is_valid(cells)


def test_a_corner_is_not_a_border() -> None:
    """Of four points in a square, those across the diagonal meet in one point only."""
    points = outline_points(np.array([shapely.Point(x, y) for x in (0, 100) for y in (0, 100)], dtype=object))
    pairs = pairs_of(cell_borders(points))
    assert set(zip(pairs.a.tolist(), pairs.b.tolist(), strict=True)) == {(0, 1), (0, 2), (1, 3), (2, 3)}


@pytest.mark.parametrize("num", [0, 1, 2])
def test_very_few_units_work(num: int) -> None:
    shapes = squares((0, 0), (100, 0))[:num]
    if num:
        cells = cells_of(shapes)
        assert shapely.area(cells).sum() == pytest.approx(AREA.area)
    assert len(cell_borders(outline_points(shapes))) == 0 or num == 2


def test_the_outline_counts_not_the_centre() -> None:
    """Between two long slabs stands nobody, although a third centre is nearer to both."""
    slabs = np.array([shapely.box(0, 0, 200, 10), shapely.box(0, 30, 200, 40), shapely.box(205, 15, 215, 25)])
    pairs = pairs_of(cell_borders(outline_points(slabs)))
    assert (0, 1) in set(zip(pairs.a.tolist(), pairs.b.tolist(), strict=True))
    assert pairs.reach_m[0] == pytest.approx(10.3, abs=0.2)
