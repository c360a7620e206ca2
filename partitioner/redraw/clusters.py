"""Fewest moved households, proved: each trouble with its surroundings, which grow until nothing nearer can help.

A cluster is a set of troubled blocks with a budget. All columns of plans within the budget are listed in the ball
around them (see `links`) and the choice with the fewest moves is made. If there is none, the fewest moves exceed the
budget, and it grows; the first choice that exists is proved best. Clusters that could help each other – whose distance
is at most the sum of their budgets – become one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from partitioner.model import Problem
from partitioner.redraw.anchored import fewest_moved
from partitioner.redraw.choice import Aim, Choice, choose
from partitioner.redraw.columns import ROUNDING, Columns, least_losses, list_columns
from partitioner.redraw.freezing import Fixed
from partitioner.redraw.links import Links, ball
from partitioner.redraw.prices import Prices, best_prices
from partitioner.redraw.region import Region, region_of
from partitioner.redraw.standing import Standing
from partitioner.solver.limits import StopSignal

VISITS = 3_000_000
"""Steps of one listing: about a second."""

FIRST_EFFORT = 3.0
"""CP-SAT's own measure of what a choice among listed columns may take before nodes choose their places instead."""

SHARE = 0.2
"""Of the time that is left, what one choice may take: others, or a search, may have to follow."""

GROWTH = 1.12
LEAST_GROWTH = 8
"""A budget that allows no plan grows to so many times itself, and by so many households at least."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Case:
    """What all clusters of one redraw share. `together` are disjoint sets of free units."""

    problem: Problem
    together: tuple[tuple[int, ...], ...]
    state: Standing
    fixed: Fixed
    links: Links
    signal: StopSignal

    def seconds(self) -> float | None:
        """What one choice may take of the time that is left."""
        left = self.signal.remaining_s
        return None if left is None else SHARE * left

    def households(self, blocks: Iterable[int]) -> int:
        """Households of previous grids among `blocks`: more than these can never move."""
        chosen = np.zeros(self.state.num_blocks, dtype=np.bool_)
        chosen[[b for b in blocks if b < self.state.num_grids]] = True
        return int(self.problem.units.households[chosen[self.state.block]].sum())


@dataclass(kw_only=True, eq=False)
class Cluster:
    """Troubled blocks that are mended together.

    Parameters
    ----------
    moved : int or None
        Fewest moved households, proved; None while not known.
    at_least : int
        A lower bound on them.
    infeasible : bool
        Proved: no lawful plan exists.
    """

    sources: tuple[int, ...]
    budget: int = 0
    at_least: int = 0
    moved: int | None = None
    infeasible: bool = False
    stuck: bool = False
    region: Region | None = None
    ladder: tuple[Prices, ...] = ()
    columns: Columns | None = None
    choice: Choice | None = None

    @property
    def open(self) -> bool:
        return self.moved is None and not (self.infeasible or self.stuck)


def clusters_of(case: Case, sources: Iterable[int]) -> list[Cluster]:
    """Clusters around `sources`, each with its fewest moved households as far as these can be proved."""
    clusters = [Cluster(sources=(source,)) for source in sorted(sources)]
    while True:
        clusters = _merged(case, clusters)
        waiting = [cluster for cluster in clusters if cluster.open]
        if not waiting or case.signal():
            return clusters
        _try(case, waiting[0])


def _try(case: Case, cluster: Cluster) -> None:
    """One budget: solved, proved too small, or given up."""
    within = ball(case.links, cluster.sources, cluster.budget)
    if cluster.region is None or set(cluster.region.blocks) != set(within):
        cluster.region = region_of(case.problem, case.together, case.state, within, case.signal)
        losses = least_losses(case.problem, cluster.region)
        cluster.ladder = best_prices(case.problem, cluster.region, case.fixed, losses, case.signal)
    region, ladder = cluster.region, cluster.ladder
    # Plans that move fewer than `growth` households change nothing outside; so the bound holds for them only.
    everything = ball(case.links, cluster.sources, 1 << 60)
    growth = min((d for d in everything.values() if d > cluster.budget), default=1 << 60)
    at_least = min(math.ceil(ladder[0].bound - ROUNDING), growth)
    if at_least > cluster.budget:
        cluster.budget = cluster.at_least = at_least
        return
    columns = list_columns(case.problem, region, case.fixed, ladder, cluster.budget, case.signal, visits=VISITS)
    if not columns.complete:
        _anchor(case, cluster, everything)
        return
    aim = Aim(cost=0.0, move=1.0, cap=cluster.budget)
    choice = choose(columns, region, aim, case.signal, seconds=case.seconds(), effort=FIRST_EFFORT)
    if choice.outcome == "best":
        assert choice.value is not None
        cluster.moved = cluster.at_least = cluster.budget = round(choice.value)
        cluster.columns, cluster.choice = columns, choice
    elif choice.outcome == "open":
        _anchor(case, cluster, everything)
    else:
        cluster.at_least = cluster.budget + 1
        if cluster.budget >= case.households(everything) and len(within) == len(everything):
            cluster.infeasible = True
            return
        cluster.budget = max(cluster.budget + LEAST_GROWTH, int(cluster.budget * GROWTH))


def _anchor(case: Case, cluster: Cluster, everything: Iterable[int]) -> None:
    """By the model of nodes and places, over all that the cluster could ever reach."""
    cluster.region = region_of(case.problem, case.together, case.state, everything, case.signal)
    cluster.ladder = ()
    anchored = fewest_moved(
        case.problem, cluster.region, case.fixed, cluster.at_least, case.signal, seconds=case.seconds()
    )
    cluster.at_least = max(cluster.at_least, anchored.bound)
    if anchored.columns is None:
        cluster.stuck = True
        return
    cluster.columns = anchored.columns
    cluster.moved = cluster.budget = cluster.at_least = int(anchored.columns.incoming.sum())
    value = float(cluster.moved)
    cluster.choice = Choice(outcome="best", picked=tuple(range(len(cluster.columns))), value=value, bound=value)


def _merged(case: Case, clusters: list[Cluster]) -> list[Cluster]:
    """Clusters as far apart from one another as their budgets together."""
    while True:
        pair = _near_pair(case, clusters)
        if pair is None:
            return clusters
        a, b = pair
        both = Cluster(
            sources=tuple(sorted({*a.sources, *b.sources})),
            budget=a.budget + b.budget,
            # A family of links around both moves at least what each alone has to move.
            at_least=max(a.at_least, b.at_least),
            stuck=a.stuck or b.stuck,
            infeasible=a.infeasible or b.infeasible,
        )
        clusters = sorted([c for c in clusters if c is not a and c is not b] + [both], key=lambda c: c.sources)


def _near_pair(case: Case, clusters: list[Cluster]) -> tuple[Cluster, Cluster] | None:
    if len(clusters) < 2:
        return None
    largest = max(cluster.budget for cluster in clusters)
    owner = {source: cluster for cluster in clusters for source in cluster.sources}
    for cluster in clusters:
        for block, distance in sorted(ball(case.links, cluster.sources, cluster.budget + largest).items()):
            other = owner.get(block)
            if other is not None and other is not cluster and distance <= cluster.budget + other.budget:
                return cluster, other
    return None
