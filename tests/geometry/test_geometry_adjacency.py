"""The graph of units: who is a neighbour, at what length, and what is said about the rest."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from geometry_places import barrier, barriers, edges, squares, towns
from hypothesis import given, settings

from partitioner.geometry.adjacency import UnitGraph, build_unit_graph
from partitioner.geometry.components import components
from partitioner.model import Labels


def graph_of(shapes: np.ndarray, **more: object) -> UnitGraph:
    return build_unit_graph(shapes, ids=[f"b{k}" for k in range(len(shapes))], **more)


def rules(found: UnitGraph) -> list[str]:
    return [notice.rule for notice in found.notices]


@settings(max_examples=40, deadline=None)
@given(towns())
def test_without_barriers_everybody_is_connected_and_lengths_are_metres_between_centres(shapes: np.ndarray) -> None:
    found = graph_of(shapes)
    graph = found.graph
    assert components(len(shapes), graph.u, graph.v).max() == 0
    centre = shapely.get_coordinates(shapely.centroid(shapes))
    assert graph.length_m == pytest.approx(np.hypot(*(centre[graph.u] - centre[graph.v]).T))
    assert not found.soft_m.any()


@settings(max_examples=25, deadline=None)
@given(towns())
def test_the_order_of_units_does_not_matter(shapes: np.ndarray) -> None:
    """Reversed input gives the same neighbours, but for units on one spot, where the first comes first."""
    if len({shapely.normalize(shape).wkb for shape in shapes}) < len(shapes):
        return
    if any(shapely.intersects(a, b) for k, a in enumerate(shapes) for b in shapes[:k]):
        return
    last = len(shapes) - 1
    turned = {(last - v, last - u) for u, v in edges(graph_of(shapes[::-1]))}
    assert edges(graph_of(shapes)) == turned


def test_hamlets_far_apart_are_joined_once_by_the_shortest_link_and_named() -> None:
    shapes = squares((0, 0), (30, 0), (0, 30), (3000, 0), (3030, 0), (3000, 30))
    found = graph_of(shapes)
    assert list(zip(found.far_u.tolist(), found.far_v.tolist(), strict=True)) == [(1, 3)]
    assert rules(found) == ["far_link"]
    assert "b1–b3 (2970 m)" in found.notices[0].message.en


def test_cells_that_only_meet_far_out_at_the_rim_do_not_make_neighbours() -> None:
    """Three houses nearly in a row: the outer two share a border some kilometres away."""
    found = graph_of(np.array([shapely.Point(0, 0), shapely.Point(100, 1), shapely.Point(200, 0)]))
    assert edges(found) == {(0, 1), (1, 2)}


def test_units_across_a_field_face_each_other() -> None:
    found = graph_of(squares((0, 0), (400, 0)))
    assert edges(found) == {(0, 1)}
    assert not len(found.far_u)


def test_parents_areas_clip_cells_and_neighbours() -> None:
    """Two units of one parent on either side of a notch that belongs to another are not neighbours through it."""
    shapes = squares((10, 80), (80, 80), (45, 80), (45, 10))
    notch = shapely.box(35, 40, 65, 100)
    areas = {"U": shapely.difference(shapely.box(0, 0, 100, 100), notch), "notch": notch}
    found = graph_of(shapes, parents=Labels(["U", "U", "notch", "U"]), areas=areas)
    assert (0, 1) not in edges(found)
    assert {(0, 3), (1, 3), (0, 2), (1, 2)} <= edges(found)
    assert shapely.equals(shapely.union_all(found.cells[[0, 1, 3]]), areas["U"])
    assert shapely.coverage_is_valid(found.cells)
    assert shapely.area(found.cells).sum() == pytest.approx(10_000)


def test_an_area_that_crosses_itself_is_mended() -> None:
    tie = shapely.Polygon([(0, 0), (100, 0), (0, 20), (100, 20)])
    found = graph_of(squares((20, 1), (70, 1)), parents=Labels(["a", "a"]), areas={"a": tie})
    assert shapely.area(found.cells).sum() == pytest.approx(1000.0)


def test_neighbours_of_different_parents_stay_neighbours() -> None:
    shapes = squares((0, 0), (20, 0))
    areas = {"a": shapely.box(-10, -10, 15, 20), "b": shapely.box(15, -10, 40, 20)}
    assert edges(graph_of(shapes, parents=Labels(["a", "b"]), areas=areas)) == {(0, 1)}


def test_pieces_of_one_parent_are_joined_and_named_where_no_barrier_parts_them() -> None:
    """A community in two parts, by name only: between them lives another one."""
    shapes = squares((0, 0), (100, 0), (200, 0))
    found = graph_of(shapes, parents=Labels(["a", "b", "a"]))
    assert (0, 2) in edges(found)
    assert rules(found) == ["far_link"]


def test_the_boundary_clips_the_land() -> None:
    land = shapely.box(-5, -5, 60, 20)
    found = graph_of(squares((0, 0), (40, 0)), boundary=land)
    assert shapely.equals_exact(shapely.union_all(found.cells), land, normalize=True) or shapely.area(
        shapely.symmetric_difference(shapely.union_all(found.cells), land)
    ) == pytest.approx(0, abs=1e-6)


def test_who_a_river_leaves_alone_is_named() -> None:
    """One house on the far bank has no edge; two of them are a piece apart."""
    river = barrier("river", "hard", shapely.LineString([(-500, 50), (500, 50)]))
    one = graph_of(squares((0, 0), (30, 0), (15, 80)), barriers=river)
    assert edges(one) == {(0, 1)}
    assert rules(one) == ["barrier_effect", "unit_isolated"]
    assert "b2" in one.notices[1].message.en
    two = graph_of(squares((0, 0), (30, 0), (60, 0), (15, 80), (45, 80)), barriers=river)
    assert rules(two) == ["barrier_effect", "piece_enclosed"]
    assert "b3, b4" in two.notices[1].message.en


def test_a_parent_parted_by_a_river_is_named_even_where_others_hold_the_map_together() -> None:
    river = barrier("river", "hard", shapely.LineString([(-100, 50), (60, 50)]))
    shapes = squares((0, 0), (0, 80), (80, 0), (80, 80))
    found = graph_of(shapes, barriers=river, parents=Labels(["a", "a", "b", "b"]))
    assert components(4, found.graph.u, found.graph.v).max() == 0
    assert any("“a”" in notice.message.en for notice in found.notices if notice.rule == "piece_enclosed")


def test_same_input_same_bytes() -> None:
    chance = np.random.default_rng(1)
    shapes = shapely.buffer(shapely.points(chance.uniform(0, 1000, (80, 2))), 8)
    lines = [shapely.LineString(chance.uniform(0, 1000, (2, 2))) for _ in range(6)]
    rows = barriers(*[("road", "soft", line) for line in lines[:4]], *[("river", "hard", line) for line in lines[4:]])
    one, two = graph_of(shapes, barriers=rows), graph_of(shapes, barriers=rows)
    assert one.graph.length_m.tobytes() == two.graph.length_m.tobytes()
    assert shapely.to_wkb(one.cells).tolist() == shapely.to_wkb(two.cells).tolist()
    assert one.notices == two.notices


def test_null_shapes_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="b1"):
        graph_of(np.array([shapely.Point(0, 0), None], dtype=object))


@pytest.mark.parametrize("num", [1, 2])
def test_one_or_two_units_make_a_graph(num: int) -> None:
    found = graph_of(squares((0, 0), (30, 0))[:num])
    assert len(found.graph) == num - 1
    assert found.notices == ()


def test_no_units_make_an_empty_graph() -> None:
    found = graph_of(np.empty(0, dtype=object))
    assert len(found.graph) == 0
    assert len(found.cells) == 0


def test_bubenec_has_the_neighbours_of_the_published_tessellation(wangge_data: Path) -> None:
    """Of the pairs whose published cells share more than a metre of border, all are ours."""
    file = wangge_data / "bubenec" / "bubenec.gpkg"
    buildings = gpd.read_file(file, layer="buildings")
    cells = gpd.read_file(file, layer="tessellation").set_index("uID").loc[buildings["uID"]]
    found = edges(graph_of(np.asarray(buildings.geometry.values)))
    shapes = np.asarray(cells.geometry.values)
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    shared_m = shapely.length(shapely.intersection(shapes[a], shapes[b]))
    long = (a < b) & (shared_m > 1.0)
    assert set(zip(a[long].tolist(), b[long].tolist(), strict=True)) <= found
