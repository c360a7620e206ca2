"""GerryChain (Metric Geometry and Gerrymandering Group): short bursts of recombination on our objective.

The chain is ReCom with tolerance exactly the hard bounds (two new grids of min … max each); bursts of ten steps, each
from the best plan so far (Cannon, Goldblatt-Eidmann, DeVries & Duchin 2023). The start is the package's own recursive
tree partition, tried with new seeds until one fits; from 40 grids on, where that takes a large part of the time, a
mended METIS partition where there is a lawful one. The objective is evaluated for the two changed grids only.
"""

from __future__ import annotations

from functools import partial
from random import Random
from typing import Any

import networkx as nx
import numpy as np
from gerrychain import Graph, MarkovChain, Partition, accept, updaters
from gerrychain.partition import recursive_seed_part, recursive_tree_part
from gerrychain.proposals import recom
from gerrychain.tree import bipartition_tree

from benchmarks.peers.case import Case
from benchmarks.peers.found import Found
from benchmarks.peers.objective import GridCosts
from benchmarks.peers.start import best_start, lawful

BURST = 10
ATTEMPTS = 100
"""Trees that are drawn for one cut before another pair of grids is tried."""

MANY_GRIDS = 40
START_SHARE = 0.05
"""METIS starts from so many grids on, in this share of the time."""


def run(case: Case, found: Found) -> None:
    if case.num_grids < 2:
        found.plan(np.zeros(len(case), dtype=np.int64))
        found.say("one grid: nothing to recombine")
        return
    rng = Random(case.seed)
    graph = _graph(case)
    costs = _Costs(case)
    best = _start(case, graph, costs, rng, found)
    if best is None:
        found.say("no start within the bounds")
        return
    least = best["cost"]
    found.plan(_labels(graph, best))
    cut = partial(bipartition_tree, max_attempts=ATTEMPTS, warn_attempts=ATTEMPTS + 1, allow_pair_reselection=True)
    middle = (case.min + case.max) / 2
    proposal = partial(
        recom, pop_col="households", pop_target=middle, epsilon=case.max / middle - 1, bipartition_tree_fn=cut
    )
    steps = 0
    while found.left_s > 0:
        try:
            for state in MarkovChain(proposal, [], accept.always_accept, best, BURST, rng=rng):
                steps += 1
                if state["cost"] <= least:
                    if state["cost"] < least:
                        found.plan(_labels(graph, state))
                    best, least = state, state["cost"]
                if found.left_s <= 0:
                    break
        except RuntimeError:
            continue  # no pair could be cut in so many attempts: another burst draws other trees
        best.parent = None
    found.say(f"{steps} steps")


class _Costs:
    """The `cost` of a partition, from that of its parent where there is one."""

    def __init__(self, case: Case) -> None:
        self._costs = GridCosts(case)

    def __call__(self, partition: Any) -> float:
        if partition.parent is None:
            return sum(self._of(partition, part) for part in partition.parts) - self._costs.free
        old = partition.parent
        changed = {old.assignment.mapping[unit] for unit in partition.flips} | set(partition.flips.values())
        return old["cost"] + sum(self._of(partition, part) - self._of(old, part) for part in changed)

    def _of(self, partition: Any, part: int) -> float:
        return self._costs.of(list(partition.parts[part]))


def _graph(case: Case) -> Graph:
    graph = nx.Graph()
    for unit, households in enumerate(case.households.tolist()):
        graph.add_node(unit, households=households)
    graph.add_edges_from(zip(case.u.tolist(), case.v.tolist(), strict=True))
    return Graph.from_networkx(graph)


def _start(case: Case, graph: Graph, costs: _Costs, rng: Random, found: Found) -> Any:
    mean = int(case.households.sum()) / case.num_grids
    epsilon = min(case.max / mean - 1, 1 - case.min / mean)
    if epsilon < 0:
        return None
    cut = partial(bipartition_tree, max_attempts=ATTEMPTS, warn_attempts=ATTEMPTS + 1)
    tally = updaters.Tally("households", alias="households")
    seed_part = recursive_seed_part if case.num_grids >= MANY_GRIDS else recursive_tree_part
    if case.num_grids >= MANY_GRIDS:
        grid = lawful(case, best_start(case, START_SHARE * case.seconds, more=(0,)))
        if grid is not None:
            return Partition(graph, dict(enumerate(grid.tolist())), {"households": tally, "cost": costs})
    while found.left_s > 0:
        try:
            parts = seed_part(
                graph, range(case.num_grids), mean, "households", epsilon, bipartition_tree_fn=cut, rng=rng
            )
        except Exception:  # the package raises several kinds where a start does not come out
            continue
        return Partition(graph, parts, {"households": tally, "cost": costs})
    return None


def _labels(graph: Graph, state: Any) -> np.ndarray:
    grid = np.empty(len(graph), dtype=np.int64)
    for unit, part in state.assignment.items():
        grid[unit] = part
    return grid
