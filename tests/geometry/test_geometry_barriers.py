"""What stands between two houses: hard barriers cut, soft ones cost metres, bridges lead across."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from geometry_places import barrier, barriers, edges, squares

from partitioner.geometry.adjacency import UnitGraph, build_unit_graph

TWO = squares((0, 0), (50, 0))
BETWEEN = shapely.LineString([(30, -100), (30, 100)])


def graph_of(shapes: np.ndarray, rows: object, **more: object) -> UnitGraph:
    return build_unit_graph(shapes, ids=[str(k) for k in range(len(shapes))], barriers=rows, **more)


def test_a_river_between_two_houses_cuts() -> None:
    found = graph_of(TWO, barrier("river", "hard", BETWEEN))
    assert edges(found) == set()
    assert (found.cut_u.tolist(), found.cut_v.tolist()) == ([0], [1])


def test_a_river_area_between_two_houses_cuts() -> None:
    assert edges(graph_of(TWO, barrier("river", "hard", shapely.box(20, -100, 40, 100)))) == set()


def test_a_river_beside_two_houses_does_not_cut() -> None:
    assert edges(graph_of(TWO, barrier("river", "hard", shapely.LineString([(-10, -100), (-10, 100)])))) == {(0, 1)}


def test_a_river_drawn_in_pieces_cuts_like_one() -> None:
    """The nearest line crosses one piece, the line between the places another."""
    slabs = np.array([shapely.box(0, 0, 10, 200), shapely.box(50, 0, 60, 20)])
    pieces = [("river", "hard", shapely.LineString([(30, y), (30, y + 5)])) for y in range(-100, 300, 5)]
    assert edges(graph_of(slabs, barriers(*pieces))) == set()


def test_a_stub_that_ends_between_long_walls_does_not_cut() -> None:
    slabs = np.array([shapely.box(0, 0, 10, 200), shapely.box(50, -180, 60, 20)])
    stub = barrier("railway", "hard", shapely.LineString([(30, 19), (30, 300)]))
    assert edges(graph_of(slabs, stub)) == {(0, 1)}


def test_a_house_that_overlaps_the_bank_stays_on_its_side() -> None:
    """It stands with its front in the water: the neighbour behind stays, the one across is cut."""
    shapes = squares((0, 0), (15, 0), (60, 0))
    found = graph_of(shapes, barrier("river", "hard", shapely.box(22, -100, 50, 100)))
    assert edges(found) == {(0, 1)}


def test_a_house_in_the_water_stands_on_the_nearest_bank() -> None:
    shapes = squares((0, 0), (23, 0), (70, 0))
    found = graph_of(shapes, barrier("river", "hard", shapely.box(20, -100, 60, 100)))
    assert edges(found) == {(0, 1)}


def test_a_river_line_through_a_house_puts_it_on_the_side_of_its_centre() -> None:
    shapes = squares((0, 0), (20, 0), (40, 0))
    found = graph_of(shapes, barrier("river", "hard", shapely.LineString([(28, -100), (28, 100)])))
    assert edges(found) == {(0, 1)}


def test_nothing_stands_between_houses_that_touch() -> None:
    shapes = squares((0, 0), (10, 0))
    assert edges(graph_of(shapes, barrier("railway", "hard", shapely.LineString([(10, -50), (10, 50)])))) == {(0, 1)}


def test_a_soft_barrier_adds_the_metres_of_its_kind() -> None:
    found = graph_of(TWO, barrier("wall", "soft", BETWEEN))
    assert found.soft_m.tolist() == [150.0]
    assert found.graph.length_m.tolist() == [200.0]


def test_the_caller_may_set_the_metres() -> None:
    assert graph_of(TWO, barrier("wall", "soft", BETWEEN), soft_m={"wall": 7.0}).soft_m.tolist() == [7.0]


def test_an_unknown_kind_costs_the_usual_metres() -> None:
    assert graph_of(TWO, barrier("沟", "soft", BETWEEN)).soft_m.tolist() == [100.0]


def test_different_soft_barriers_add_up() -> None:
    rows = barriers(("wall", "soft", BETWEEN), ("road", "soft", shapely.LineString([(40, -100), (40, 100)])))
    assert graph_of(TWO, rows).soft_m.tolist() == [210.0]


def test_two_carriageways_count_once_and_two_roads_twice() -> None:
    def roads(*at: float) -> object:
        return barriers(*[("road", "soft", shapely.LineString([(x, -300), (x, 300)])) for x in at])

    far = squares((0, 0), (150, 0))
    assert graph_of(far, roads(60, 75)).soft_m.tolist() == [60.0]
    assert graph_of(far, roads(30, 120)).soft_m.tolist() == [120.0]


def test_a_soft_area_counts_once_however_wide() -> None:
    far = squares((0, 0), (190, 0))
    assert graph_of(far, barrier("canal", "soft", shapely.box(20, -100, 180, 100))).soft_m.tolist() == [200.0]


def test_a_bridge_carries_neighbours_at_the_length_of_the_way_over_it() -> None:
    span = shapely.LineString([(25, 100), (35, 100)])
    found = graph_of(TWO, barriers(("river", "hard", BETWEEN), ("bridge", "open", span)))
    assert edges(found) == {(0, 1)}
    way = np.hypot(25 - 5, 95) + 10 + np.hypot(55 - 35, 95)
    assert found.graph.length_m[0] == pytest.approx(way)
    assert (found.bridged_u.tolist(), found.cut_u.tolist()) == ([0], [])


def test_a_bridge_as_a_point_will_do() -> None:
    rows = barriers(("river", "hard", BETWEEN), ("bridge", "open", shapely.Point(30, 5)))
    assert graph_of(TWO, rows).graph.length_m[0] == pytest.approx(50.0)


def test_a_bridge_far_away_carries_only_the_pair_with_the_shortest_way() -> None:
    shapes = squares((0, 0), (50, 0), (0, 40), (50, 40))
    river = shapely.LineString([(30, -1000), (30, 1000)])
    span = shapely.LineString([(25, 400), (35, 400)])
    found = graph_of(shapes, barriers(("river", "hard", river), ("bridge", "open", span)))
    assert edges(found) == {(0, 2), (1, 3), (2, 3)}


def test_a_bridge_over_another_barrier_does_not_help() -> None:
    railway = shapely.LineString([(500, -100), (500, 100)])
    rows = barriers(("river", "hard", BETWEEN), ("railway", "hard", railway), ("bridge", "open", shapely.Point(500, 5)))
    assert edges(graph_of(TWO, rows)) == set()


def test_river_and_railway_need_a_bridge_each() -> None:
    far = squares((0, 0), (150, 0))
    river = ("river", "hard", shapely.LineString([(40, -300), (40, 300)]))
    railway = ("railway", "hard", shapely.LineString([(100, -300), (100, 300)]))
    over_river, over_railway = ("bridge", "open", shapely.Point(40, 5)), ("bridge", "open", shapely.Point(100, 5))
    assert edges(graph_of(far, barriers(river, railway, over_river))) == set()
    found = graph_of(far, barriers(river, railway, over_river, over_railway))
    assert found.graph.length_m[0] == pytest.approx(150.0)


def test_a_road_across_a_river_is_a_passage_unless_told_otherwise() -> None:
    road = ("road", "soft", shapely.LineString([(-100, 20), (100, 20)]))
    rows = barriers(("river", "hard", BETWEEN), road)
    assert edges(graph_of(TWO, rows)) == {(0, 1)}
    assert edges(graph_of(TWO, rows, roads_pass=False)) == set()
    wall = ("wall", "soft", road[2])
    assert edges(graph_of(TWO, barriers(("river", "hard", BETWEEN), wall))) == set()


def test_a_walk_along_the_road_over_a_river_area_uses_the_stretch_inside_as_bridge() -> None:
    road = ("road", "soft", shapely.LineString([(-100, 5), (100, 5)]))
    found = graph_of(TWO, barriers(("river", "hard", shapely.box(20, -100, 40, 100)), road))
    assert found.graph.length_m[0] == pytest.approx(50.0)


def test_a_pond_is_walked_around_but_not_where_a_stream_leaves_it() -> None:
    pond = ("water", "hard", shapely.box(20, -40, 40, 60))
    found = graph_of(TWO, barriers(pond))
    assert (edges(found), found.soft_m.tolist()) == ({(0, 1)}, [60.0])
    stream = ("water", "hard", shapely.LineString([(30, 60), (30, 400)]))
    assert edges(graph_of(TWO, barriers(pond, stream))) == set()


def test_the_wall_of_an_estate_costs_only_those_who_pass_it() -> None:
    shapes = squares((0, 0), (20, 0), (60, 0))
    found = graph_of(shapes, barriers(("wall", "soft", shapely.box(-10, -10, 45, 20))))
    assert edges(found) == {(0, 1), (1, 2)}
    assert found.soft_m.tolist() == [0.0, 150.0]


def test_the_wall_of_an_estate_may_be_hard() -> None:
    shapes = squares((0, 0), (20, 0), (60, 0))
    assert edges(graph_of(shapes, barriers(("wall", "hard", shapely.box(-10, -10, 45, 20))))) == {(0, 1)}


def test_barriers_without_shape_are_passed_over_and_crossed_ones_still_cut() -> None:
    tie = shapely.Polygon([(20, -100), (40, 100), (20, 100), (40, -100)])
    assert edges(graph_of(TWO, barriers(("river", "hard", tie), ("road", "soft", None)))) == set()
