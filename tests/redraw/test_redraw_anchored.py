"""Nodes choosing their places find the same fewest moves as trying everything."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from redraw.every_redraw import every_redraw
from redraw.test_redraw_enumeration import case

from partitioner.model import Bounds, Graph, Labels, Problem, Units
from partitioner.redraw import Frozen, clusters, place_model, redraw
from partitioner.redraw.anchored import divided_bound, few_moved
from partitioner.redraw.columns import Columns, list_columns
from partitioner.redraw.freezing import fixed
from partitioner.redraw.near_part import Near, near_parts
from partitioner.redraw.place_model import PlaceModel, single_cells
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
        if not known:
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


def village_between_slabs(seed: int) -> Problem:
    """Two rows of four plots: houses of one household hang together, slabs of more belong to two other grids."""
    rng = np.random.default_rng([83, seed])
    links = [(k, k + 1) for k in range(7) if k != 3] + [(k, k + 4) for k in range(4)]
    kept = [pair for pair in links if rng.random() < 0.85]
    village = {int(rng.integers(0, 8))}
    while len(village) < 3:
        beside = {v for a, b in links for u, v in ((a, b), (b, a)) if u in village} - village
        village.add(int(rng.choice(sorted(beside))))
    previous = ["village" if k in village else str(rng.choice(["east", "west"])) for k in range(8)]
    households = [1 if k in village else int(rng.integers(2, 5)) for k in range(8)]
    u, v = np.array(sorted({*kept, *(pair for pair in links if village.issuperset(pair))})).T
    return Problem(
        units=Units(id=tuple(f"h{k}" for k in range(8)), households=np.array(households), previous=Labels(previous)),
        graph=Graph(num_units=8, u=u, v=v, length_m=np.ones(len(u))),
        bounds=Bounds(min=3, max=10),
    )


def arm_through_a_village() -> Problem:
    """West needs nine households; only three slabs beyond two houses of the village have as many to give."""
    households = [4, 1, 1, 17, 3, 3, 3, 13]
    u, v = np.array([(0, 1), (1, 2), (1, 3), (2, 4), (4, 5), (4, 6), (5, 7)]).T
    previous = ["west", "village", "village", "village", "east", "east", "east", "east"]
    return Problem(
        units=Units(id=tuple(f"h{k}" for k in range(8)), households=np.array(households), previous=Labels(previous)),
        graph=Graph(num_units=8, u=u, v=v, length_m=np.ones(len(u))),
        bounds=Bounds(min=13, max=22),
    )


def bound_and_plan(problem: Problem) -> tuple[int, int | None]:
    """What dividing small nodes proves, and the households that the plan found with its help moves."""
    held = fixed(problem, Frozen())
    state = standing(problem, held)
    with StopSignal(None, None) as signal:
        region = region_of(problem, (), state, range(state.num_blocks), signal)
        divided = divided_bound(problem, region, held, 0, signal, seconds=None)
        plan = few_moved(problem, region, held, divided.bound, signal, seconds=None, divided=divided)
    return divided.bound, None if plan is None else int(plan.incoming.sum())


def test_divided_villages_prove_no_more_than_trying_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place_model, "SMALL", 3)
    tight = 0
    for seed in range(4):
        problem = village_between_slabs(seed)
        known = every_redraw(problem, Frozen())
        if known:
            fewest = min(plan.moved for plan in known)
            bound, moved = bound_and_plan(problem)
            assert bound <= fewest, seed
            assert moved is None or moved >= fewest, seed
            tight += bound == fewest
    assert tight >= 1


def test_who_crosses_a_divided_village_takes_the_way_through_it(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = arm_through_a_village()
    assert min(plan.moved for plan in every_redraw(problem, Frozen())) == 11
    monkeypatch.setattr(place_model, "SMALL", 5)
    assert bound_and_plan(problem) == (11, 11)
    monkeypatch.setattr(PlaceModel, "_crossed", lambda *_: False)
    assert bound_and_plan(problem)[0] == 10
