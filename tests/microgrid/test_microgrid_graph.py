"""Ways inside and between buildings: stairs, lifts, doors, corridors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components
from slicing import stock, stocks

from partitioner.microgrid import Corridors, Depth, SliceGraph, Slices, StairwellLedger, Stock, cut_slices, slice_graph
from partitioner.model import Graph, SliceRule

RULE = SliceRule()


def edges_of(found: SliceGraph) -> dict[tuple[int, int], float]:
    graph = found.graph
    return dict(zip(zip(graph.u.tolist(), graph.v.tolist(), strict=True), graph.length_m.tolist(), strict=True))


def joined(
    slices: Slices, num: int, edges: list[tuple[int, int, float]], doors: list[tuple[float, float]]
) -> SliceGraph:
    """Units at 30 m steps on a line, doors per slice as given."""
    units = Graph(num_units=num, u=[e[0] for e in edges], v=[e[1] for e in edges], length_m=[e[2] for e in edges])
    unit_xy = np.column_stack([30.0 * np.arange(num), np.zeros(num)])
    return slice_graph(slices, units, unit_xy=unit_xy, door_xy=np.array(doors), rule=RULE)


def test_floors_are_a_chain_of_stairs_below_seven_floors_and_of_a_lift_from_then_on() -> None:
    walk_up = cut_slices(stock([9], [1], [3]), np.array([2]), RULE)
    assert edges_of(joined(walk_up, 1, [], [(0, 0)] * 3)) == {(0, 1): 8.0, (1, 2): 8.0}
    high = cut_slices(stock([9], [1], [7]), np.array([2]), RULE)
    assert set(edges_of(joined(high, 1, [], [(0, 0)] * 7)).values()) == {3.0}


def test_stairwells_meet_at_their_doors_on_the_ground_floor() -> None:
    slices = cut_slices(stock([18], [3], [2]), np.array([2]), RULE)
    doors = [(0.0, 0.0)] * 2 + [(15.0, 0.0)] * 2 + [(30.0, 0.0)] * 2
    assert edges_of(joined(slices, 1, [], doors)) == {(0, 1): 8, (2, 3): 8, (4, 5): 8, (0, 2): 15, (2, 4): 15}


def test_buildings_meet_at_their_mutually_nearest_doors_and_keep_what_makes_the_way_longer() -> None:
    # Two slabs of two stairwells end to end; the way between them is 12 m longer than the straight line of 30 m.
    slices = cut_slices(stock([8, 8], [2, 2], [1, 1]), np.array([2, 2]), RULE)
    found = joined(slices, 2, [(0, 1, 42.0)], [(-7, 0), (7, 0), (23, 0), (37, 0)])
    assert edges_of(found) == {(0, 1): 14.0, (2, 3): 14.0, (1, 2): 16.0 + 12.0}
    assert found.upper.tolist() == [-1, 0, -1]


def test_parallel_slabs_are_joined_door_by_door() -> None:
    slices = cut_slices(stock([8, 8], [2, 2], [1, 1]), np.array([2, 2]), RULE)
    found = joined(slices, 2, [(0, 1, 30.0)], [(0, 0), (0, 14), (30, 0), (30, 14)])
    assert edges_of(found) == {(0, 1): 14.0, (2, 3): 14.0, (0, 2): 30.0, (1, 3): 30.0}


def test_whole_buildings_keep_their_edge_and_its_length() -> None:
    slices = cut_slices(stock([3, 3]), np.array([0, 0]), RULE)
    assert edges_of(joined(slices, 2, [(0, 1, 77.5)], [(0, 0), (30, 0)])) == {(0, 1): 77.5}


def test_a_way_is_never_shorter_than_a_metre() -> None:
    slices = cut_slices(stock([3, 3]), np.array([0, 0]), RULE)
    units = Graph(num_units=2, u=[0], v=[1], length_m=[0.0])
    found = slice_graph(slices, units, unit_xy=np.zeros((2, 2)), door_xy=np.zeros((2, 2)), rule=RULE)
    assert edges_of(found) == {(0, 1): 1.0}


def test_a_corridor_joins_two_stairwells_on_its_floor() -> None:
    slices = cut_slices(stock([24], [3], [4]), np.array([2]), RULE)
    doors = np.repeat([[0.0, 0.0], [15.0, 0.0], [30.0, 0.0]], 4, axis=0)
    corridors = Corridors(building=[0, 0], stairwell_a=[1, 1], stairwell_b=[3, 9], floor=[4, 4])
    nothing = Graph(num_units=1, u=[], v=[], length_m=[])
    found = edges_of(
        slice_graph(slices, nothing, unit_xy=np.zeros((1, 2)), door_xy=doors, rule=RULE, corridors=corridors)
    )
    assert found[3, 11] == 30.0
    assert len(found) == 9 + 2 + 1


def test_units_left_out_lose_their_edges() -> None:
    slices = cut_slices(stock([3, 3, 3]), np.array([0, Depth.OUT, 0]), RULE)
    found = joined(slices, 3, [(0, 1, 30), (1, 2, 30), (0, 2, 90)], [(0, 0), (60, 0)])
    assert edges_of(found) == {(0, 1): 90.0}


@pytest.mark.parametrize("depth", [Depth.STAIRWELL, Depth.FLOOR])
@given(case=stocks(), seed=st.integers(0, 999))
def test_what_hangs_together_among_units_does_among_slices(
    depth: Depth, case: tuple[Stock, np.ndarray, StairwellLedger], seed: int
) -> None:
    of, _, known = case
    rng = np.random.default_rng(seed)
    num = len(of)
    pairs = [(u, v) for u in range(num) for v in range(u) if rng.random() < 0.4]
    units = Graph(num_units=num, u=[p[0] for p in pairs], v=[p[1] for p in pairs], length_m=rng.random(len(pairs)) * 99)
    slices = cut_slices(of, np.full(num, int(depth)), RULE, known)
    doors = rng.integers(0, 4, (len(slices), 2)).astype(float)
    found = slice_graph(slices, units, unit_xy=rng.random((num, 2)), door_xy=doors, rule=RULE)
    assert _same_parts(units, found.graph, slices.unit)
    outside = found.upper >= 0
    ends = np.sort(np.stack([slices.unit[found.graph.u], slices.unit[found.graph.v]]), axis=0)[:, outside]
    assert (ends == np.stack([units.u, units.v])[:, found.upper[outside]]).all()


def _same_parts(units: Graph, slices: Graph, unit: np.ndarray) -> bool:
    coarse = connected_components(units.sparse, directed=False)[1][unit]
    fine = connected_components(slices.sparse, directed=False)[1]
    return len(set(zip(coarse.tolist(), fine.tolist(), strict=True))) == len(set(coarse.tolist())) == len(set(fine))
