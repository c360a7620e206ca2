"""Nodes choosing their places find the same fewest moves as trying everything."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from redraw.test_redraw_enumeration import case

from partitioner.redraw import clusters, redraw
from partitioner.redraw.columns import Columns, list_columns
from partitioner.redraw.freezing import fixed
from partitioner.redraw.near_part import Near, near_parts
from partitioner.redraw.place_model import single_cells
from partitioner.redraw.reaching_out import NOWHERE, cells_beyond, own_pieces, ways_from
from partitioner.redraw.region import region_of
from partitioner.redraw.standing import standing
from partitioner.solver.contradictions import settle
from partitioner.solver.limits import StopSignal


def test_the_model_of_places_agrees_with_trying_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    def given_up(*args: object, **settings: object) -> Columns:
        return replace(list_columns(*args, **settings), complete=False)  # type: ignore[arg-type]

    monkeypatch.setattr(clusters, "list_columns", given_up)
    solved = 0
    for seed in range(140):
        problem, frozen, known = case(seed)
        if not known or problem.locked or frozen.grids or problem.max_walk_m is not None:
            continue
        drawn = redraw(problem, frozen=frozen)
        fewest = min(plan.moved for plan in known)
        assert drawn.moved_bound <= fewest, seed
        assert drawn.moved >= fewest, seed
        if fewest and problem.bounds.min > 0:
            assert drawn.moved == drawn.moved_bound == fewest, seed
            solved += 1
    assert solved >= 8


def test_budgets_that_stop_short_of_a_known_plan_miss_no_better_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "MANY", 0)
    proved = 0
    for seed in range(20):
        problem, frozen, known = case(seed)
        if not known:
            continue
        drawn = redraw(problem, frozen=frozen)
        assert drawn.moved == drawn.moved_bound == min(plan.moved for plan in known), seed
        proved += drawn.moved > 0
    assert proved >= 2


def connected_sets(near: Near) -> list[frozenset[int]]:
    """Every connected set of nodes with a node of the previous grid."""
    graph = near.part.piece.case
    around = [set(graph.neighbour[a:b].tolist()) for a, b in zip(graph.start[:-1], graph.start[1:], strict=True)]
    found, waiting = set[frozenset[int]](), [frozenset({root}) for root in near.roots.tolist()]
    while waiting:
        nodes = waiting.pop()
        if nodes not in found:
            found.add(nodes)
            waiting += [nodes | {other} for node in nodes for other in around[node] - nodes]
    return sorted(found, key=sorted)


def test_what_a_grid_takes_on_its_way_is_no_more_than_any_connected_grid_takes() -> None:
    torn = beyond = 0
    for seed in range(60):
        problem, frozen, _ = case(seed)
        settled, held = settle(problem), fixed(problem, frozen)
        state = standing(settled.problem, held)
        with StopSignal(None, None) as signal:
            region = region_of(settled.problem, settled.together, state, range(state.num_blocks), signal)
        for near in near_parts(settled.problem, region, held):
            if near.label < 0 or len(near.incoming) > 8:
                continue
            sets = connected_sets(near)
            gained = {nodes: int(near.incoming[list(nodes)].sum()) for nodes in sets}
            way = ways_from(near, near.roots.tolist())
            for node in range(len(near.incoming)):
                least = min((gained[nodes] for nodes in sets if node in nodes), default=NOWHERE)
                assert way[node] == least, seed
            beyond += sum(households <= way[cell] for households, cell in cells_beyond(near, single_cells(near.part)))
            pieces = own_pieces(near)
            for a, b, households in pieces.between:
                both = [
                    gained[nodes]
                    for nodes in sets
                    if nodes & set(pieces.nodes[a].tolist()) and nodes & set(pieces.nodes[b].tolist())
                ]
                assert households == min(both), seed
                torn += 1
            assert all(not np.intersect1d(a, b).size for a, b in combinations(pieces.nodes, 2))
    assert torn >= 5
    assert beyond >= 20
