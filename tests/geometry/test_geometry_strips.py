"""Stairwells and floors as drawn: they partition footprints and cells, in a fixed order."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from partitioner.geometry.cells import EMPTY
from partitioner.geometry.cutting import Strips, cut_evenly
from partitioner.geometry.strips import Layout, frames_of, part_shapes

SLAB = shapely.box(0, 0, 30, 12)
COURT = SLAB.union(shapely.box(0, 0, 8, 40)).union(shapely.box(22, 0, 30, 40))


def grid_layout(columns: list[int], bands: list[int]) -> Layout:
    """Units of so many stairwells, each of so many floors."""
    rows = [
        (u, c, columns[u], b, bands[u]) for u in range(len(columns)) for c in range(columns[u]) for b in range(bands[u])
    ]
    unit, column, num, band, high = np.array(rows).T
    return Layout(unit=unit, column=column, columns=num, band=band, bands=high)


def parts_of(shapes: list[shapely.Geometry], columns: list[int], bands: list[int], cells: list | None = None) -> tuple:
    array = np.array(shapes, dtype=object)
    layout = grid_layout(columns, bands)
    frames = frames_of(array, np.arange(len(array)), np.array(columns))
    at = frames.points(layout.unit, (layout.column + 0.5) / layout.columns, (layout.band + 0.5) / layout.bands)
    return *part_shapes(array, None if cells is None else np.array(cells, dtype=object), frames, layout, at), at


def test_a_slab_is_cut_along_its_length_from_the_west_and_up_from_the_south() -> None:
    footprints, lands, at = parts_of([SLAB], [2], [3])
    expected = [(0, 0), (0, 4), (0, 8), (15, 0), (15, 4), (15, 8)]
    assert shapely.bounds(footprints) == pytest.approx(np.array([(x, y, x + 15, y + 4) for x, y in expected]))
    assert at == pytest.approx(np.array([[x + 7.5, y + 2] for x, y in expected]))
    assert shapely.is_empty(lands).all()


@pytest.mark.parametrize("turn", [10, 40, 50, 80, 100, 170])
def test_a_turned_slab_is_cut_as_its_walls_run(turn: int) -> None:
    turned = shapely.affinity.rotate(SLAB, turn, origin=(0, 0))
    footprints, _, _ = parts_of([turned], [3], [1])
    assert shapely.area(footprints) == pytest.approx([120.0] * 3, abs=0.1)
    # Each part is as long as a third of the slab and as deep as the slab.
    for part in footprints:
        assert part.minimum_rotated_rectangle.area == pytest.approx(part.area, abs=0.1)
    middle = shapely.get_coordinates(shapely.centroid(footprints))
    step = middle[1] - middle[0]
    assert step[0] > 0 if abs(step[0]) > abs(step[1]) else step[1] < 0


def test_a_building_that_is_a_point_is_drawn_as_points_of_an_assumed_slab() -> None:
    footprints, _, at = parts_of([shapely.Point(100, 50)], [2], [1])
    assert shapely.get_coordinates(footprints).tolist() == at.tolist() == [[94, 50], [106, 50]]
    _, _, many = parts_of([shapely.Point(100, 50)], [10], [2])
    assert np.ptp(many[:, 0]) == pytest.approx(36)
    assert len(np.unique(many, axis=0)) == 20


def test_uncut_shapes_stay_what_they_are() -> None:
    point = shapely.Point(3, 4)
    footprints, lands, _ = parts_of([SLAB, point, COURT], [1, 1, 1], [1, 1, 1], [SLAB, EMPTY, COURT])
    assert footprints.tolist() == [SLAB, point, COURT]
    assert shapely.equals(lands, np.array([SLAB, EMPTY, COURT])).all()


def test_stairwells_of_a_court_are_pieces_of_it_and_floors_without_room_are_points() -> None:
    footprints, _, _ = parts_of([COURT], [5], [4])
    solid = footprints[shapely.get_dimensions(footprints) == 2]
    assert shapely.area(solid).sum() == pytest.approx(COURT.area, abs=1e-6)
    assert shapely.is_valid(solid).all()
    assert len(footprints) == 20


def test_parts_of_a_stairwell_follow_the_direction_of_its_building() -> None:
    halves = [shapely.box(0, 0, 8, 12), shapely.box(8, 0, 16, 12)]
    array = np.array(halves, dtype=object)
    frames = frames_of(array, np.array([0, 0]), np.array([1, 1]))
    layout = grid_layout([1, 1], [2, 2])
    footprints, _ = part_shapes(array, None, frames, layout, np.zeros((4, 2)))
    assert [part.bounds for part in footprints] == [(0, 0, 8, 6), (0, 6, 8, 12), (8, 0, 16, 6), (8, 6, 16, 12)]


def voronoi(seed: int, num: int) -> np.ndarray:
    """A coverage on a grid of a millimetre; some cells are joined, so that there are holes and several parts."""
    rng = np.random.default_rng(seed)
    points = shapely.multipoints(rng.random((num, 2)) * 300)
    faces = shapely.intersection(
        shapely.get_parts(shapely.voronoi_polygons(points, extend_to=shapely.box(-300, -300, 600, 600))),
        shapely.box(0, 0, 300, 300),
    )
    lines = shapely.union_all(shapely.boundary(faces), grid_size=0.001)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    owner = rng.integers(0, max(1, num // 2), len(faces))
    return np.array([shapely.coverage_union_all(faces[owner == k]) for k in np.unique(owner)], dtype=object)


@given(seed=st.integers(0, 10**6), num=st.integers(3, 40))
def test_cut_cells_are_a_coverage_of_the_same_land(seed: int, num: int) -> None:
    cells = voronoi(seed, num)
    rng = np.random.default_rng([seed, 1])
    pieces, shape = cells, np.arange(len(cells))
    for _ in range(2):
        angle = rng.random(len(pieces)) * np.pi
        axis = np.column_stack([np.cos(angle), np.sin(angle)])
        width = rng.random(len(pieces)) * 30 + 2
        low = np.einsum("ij,ij->i", shapely.get_coordinates(shapely.centroid(pieces)), axis) - 3 * width
        strips = Strips(axis=axis, low_m=low, width_m=width, num=rng.integers(1, 8, len(pieces)))
        before = pieces
        pieces, shape, strip = cut_evenly(before, strips, coverage=True)
        assert shapely.is_valid(pieces).all()
        assert shapely.coverage_is_valid(pieces)
        assert np.bincount(shape, shapely.area(pieces)) == pytest.approx(shapely.area(before), abs=1.0)
        assert len(set(zip(shape.tolist(), strip.tolist(), strict=True))) == len(pieces)
    assert shapely.area(pieces).sum() == pytest.approx(90_000, abs=1e-3)


@given(seed=st.integers(0, 10**6))
def test_parts_of_footprints_partition_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shapes, columns, bands = [], [], []
    for k in range(6):
        base = [SLAB, COURT, shapely.Point(15, 6).buffer(14), shapely.Point(15, 6)][int(rng.integers(0, 4))]
        turned = shapely.affinity.rotate(base, float(rng.random() * 180), origin=(15, 6))
        shapes.append(shapely.affinity.translate(turned, 500_000 + 100 * k, 4_000_000))
        columns.append(int(rng.integers(1, 6)))
        bands.append(int(rng.integers(1, 20)))
    footprints, _, _ = parts_of(shapes, columns, bands)
    unit = grid_layout(columns, bands).unit
    assert shapely.is_valid(footprints).all()
    for k, shape in enumerate(shapes):
        mine = footprints[unit == k]
        assert shapely.area(mine).sum() == pytest.approx(shape.area, abs=0.05)
        solid = mine[shapely.get_dimensions(mine) == 2]
        if len(solid):
            assert shapely.union_all(solid).area == pytest.approx(shape.area, abs=0.05)
