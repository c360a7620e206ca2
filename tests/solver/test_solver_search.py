"""Clusters, chains of windows and searches on large pieces keep what they promise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse.csgraph import connected_components

from datasets.instances import city, town, village
from partitioner.model import IntArray, Labels, Plan, Problem
from partitioner.scoring import score
from partitioner.solver import Limits, solve
from partitioner.solver.coarse import coarsened
from partitioner.solver.kernels.anneal import totals
from partitioner.solver.kernels.case import rebuild
from partitioner.solver.kernels.chance import make_stream
from partitioner.solver.kernels.recombine import recombine
from partitioner.solver.pieces import Piece, make_piece
from partitioner.solver.search import COARSE_FROM, Search

NEVER = np.zeros(1, dtype=np.bool_)
STOPPED = np.ones(1, dtype=np.bool_)


def whole(problem: Problem, stop: np.ndarray = NEVER) -> Piece:
    num = len(problem.units)
    return make_piece(problem, np.arange(num), (), (1, num), stop)


def parts_of(problem: Problem, label: IntArray) -> list[int]:
    return [
        connected_components(problem.graph.sparse[nodes][:, nodes], directed=False)[0]
        for nodes in (np.flatnonzero(label == slot) for slot in np.unique(label))
    ]


@pytest.fixture(scope="module")
def hamlets() -> Problem:
    return village(3, 500)


def test_clusters_are_connected_and_lie_in_one_group_and_one_slot(hamlets: Problem) -> None:
    piece = whole(hamlets)
    label = (hamlets.units.x > np.median(hamlets.units.x)).astype(np.int64)
    cluster = coarsened(piece, make_stream(1), 25, label).cluster
    assert set(parts_of(hamlets, cluster)) == {1}
    assert len(np.unique(np.stack([cluster, label]), axis=1).T) == cluster.max() + 1
    assert len(np.unique(np.stack([cluster, hamlets.units.group.code]), axis=1).T) == cluster.max() + 1
    load = np.bincount(cluster, weights=hamlets.units.households)
    assert load.max() <= 2 * 25
    assert len(load) < len(cluster) / 5


def test_nodes_that_must_stay_apart_never_share_a_cluster(hamlets: Problem) -> None:
    u, v = (int(end) for end in (hamlets.graph.u[0], hamlets.graph.v[0]))
    piece = whole(replace(hamlets, apart=((u, v),)))
    coarse = coarsened(piece, make_stream(1), 100)
    assert coarse.cluster[u] != coarse.cluster[v]
    case = coarse.piece.case
    a, b = coarse.cluster[u], coarse.cluster[v]
    assert b in case.apart_item[case.apart_start[a] : case.apart_start[a + 1]]


@pytest.mark.parametrize("seed", range(3))
def test_a_plan_of_clusters_costs_no_more_node_by_node(hamlets: Problem, seed: int) -> None:
    problem = replace(hamlets, weights=replace(hamlets.weights, walk_power=1 + seed % 2))
    piece = whole(problem)
    coarse = coarsened(piece, make_stream(seed), 30)
    rough = Search(coarse.piece, seed, 0, NEVER)
    rough.round()
    assert rough.best is not None
    fine = Search(piece, seed, 0, NEVER)._judged(rough.best.label[coarse.cluster])
    assert (fine.broken, fine.misfit) == (rough.best.broken, rough.best.misfit)
    assert fine.cost <= rough.best.cost * (1 + 1e-9)


@pytest.mark.parametrize(("seed", "temperature"), [(0, 0.0), (1, 0.0), (2, 2_000.0), (3, 50_000.0)])
def test_a_chain_of_windows_keeps_grids_connected_and_its_sums_right(seed: int, temperature: float) -> None:
    problem = town(seed) if seed % 2 else replace(town(seed), max_walk_m=500.0)
    piece = whole(problem)
    search = Search(piece, seed, 0, NEVER)
    search.round()
    assert search.best is not None
    state = search.state_of(search.best.label)
    before = totals(state)
    chances = np.cumsum(np.where(state.size > 0, state.cost, 0.0)) if seed > 1 else np.empty(0)
    recombine(piece.case, state, search.rng, 200, 10, 100.0, temperature, chances, NEVER)
    broken, misfit, cost = totals(state)
    assert set(parts_of(problem, state.label)) == {1}
    assert (broken, misfit) <= before[:2]
    if temperature == 0 and (broken, misfit) == before[:2]:
        assert cost <= before[2]
    rebuild(piece.case, state)
    assert totals(state) == pytest.approx((broken, misfit, cost), rel=1e-9)


def test_a_stopped_chain_changes_nothing() -> None:
    search = Search(whole(town(0)), 0, 0, NEVER)
    search.round()
    assert search.best is not None
    state = search.state_of(search.best.label)
    assert recombine(search.case, state, search.rng, 200, 10, 100.0, 0.0, np.empty(0), STOPPED) == 0
    assert (state.label == search.best.label).all()


@pytest.mark.parametrize("make", [lambda: village(3, 500), lambda: city(5, 450)])
def test_the_same_stream_gives_the_same_plan(make) -> None:
    piece = whole(make())
    found = []
    for _ in range(2):
        search = Search(piece, 3, 1, NEVER)
        for _ in range(8):
            search.round()
        assert search.best is not None
        found.append((search.steps, search.best.cost, search.best.label.tolist()))
    assert found[0] == found[1]


def test_a_village_is_searched_by_clusters_and_ends_lawful() -> None:
    problem = village(1, 800)
    assert len(problem.units) / (problem.units.households.sum() / problem.bounds.aim) > COARSE_FROM
    result = solve(problem, Limits(step_limit=2_000_000, threads=1))
    assert result.status in ("feasible", "optimal")
    assert result.objective == score(problem, result.plan)


def test_without_distances_a_plan_is_made_and_its_cost_not_understated(hamlets: Problem) -> None:
    piece = whole(hamlets, STOPPED)
    assert piece.unknown_walk > 0
    search = Search(piece, 0, 0, STOPPED)
    search.round()
    assert search.best is not None
    plan = Plan(grid=Labels(f"G{slot:03d}" for slot in search.best.label[piece.node_of].tolist()))
    true = score(hamlets, plan).total + hamlets.weights.split * piece.num_groups
    assert search.best.cost >= true
