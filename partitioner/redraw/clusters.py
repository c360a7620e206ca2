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
from partitioner.redraw.admitting import Admits, choose_admitted
from partitioner.redraw.anchored import divided_bound, few_moved, fewest_moved, moved_by
from partitioner.redraw.choice import Aim, Choice
from partitioner.redraw.columns import ROUNDING, Columns, least_losses, list_columns
from partitioner.redraw.freezing import Fixed
from partitioner.redraw.lawfulness import proved_hopeless
from partitioner.redraw.links import Links, ball
from partitioner.redraw.prices import Prices, best_prices
from partitioner.redraw.region import Region, region_of
from partitioner.redraw.standing import Standing
from partitioner.solver import Observer, Snapshot
from partitioner.solver.limits import StopSignal

VISITS = 300_000
"""Steps of one listing at one set of prices: some tenths of a second."""

FEW_VISITS = 60_000
"""Where a listing takes more, a plan is looked for in another way first."""

MANY = 1_000
"""More columns than this are not chosen from before a plan was looked for in another way."""

FIRST_EFFORT = 3.0
"""CP-SAT's own measure of what a choice among listed columns may take before nodes choose their places instead."""

SHARE = 0.35
"""Of the time that is left, what one choice may take: others, or a search, may have to follow."""

PLAN_SHARE, BOUND_SHARE = 0.5, 0.15
"""The same for the first plan that there is, and for the bound before it."""

LEAPS = 2
"""Where all near grids would have to give, those within so many times the next distance are looked at next."""

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
    admits: Admits | None = None
    observer: Observer | None = None

    def seconds(self, share: float = SHARE) -> float | None:
        """What one choice may take of the time that is left."""
        left = self.signal.remaining_s
        return None if left is None else share * left

    @property
    def typical(self) -> int:
        """Households of half a grid: where more must move, it may be that nothing helps."""
        return self.problem.bounds.max // 2

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
        Households moved by the plan that was found; None while there is none. Fewest if `at_least` says so.
    at_least : int
        A lower bound on the fewest.
    infeasible : bool
        Proved: no lawful plan exists.
    radius : int
        How far from the sources grids are drawn anew; at least the budget.
    listable : bool
        Whether no listing over `whole` was given up.
    """

    sources: tuple[int, ...]
    budget: int = 0
    radius: int = 0
    at_least: int = 0
    moved: int | None = None
    infeasible: bool = False
    stuck: bool = False
    region: Region | None = None
    ladder: tuple[Prices, ...] = ()
    columns: Columns | None = None
    choice: Choice | None = None
    whole: Region | None = None
    listable: bool = True
    asked: bool = False
    """Whether the solver was asked if there is a lawful plan at all."""
    known: Columns | None = None
    """A plan of `whole`, all that the cluster could ever reach."""

    @property
    def open(self) -> bool:
        return self.moved is None and not (self.infeasible or self.stuck)


def clusters_of(case: Case, sources: Iterable[int]) -> list[Cluster]:
    """Clusters around `sources`, each with its fewest moved households as far as these can be proved."""
    clusters = [Cluster(sources=(source,)) for source in sorted(sources)]
    while True:
        clusters = _merged(case, clusters)
        waiting = [cluster for cluster in clusters if cluster.open]
        _tell(case, clusters, len(clusters) - len(waiting))
        if not waiting or case.signal():
            return clusters
        _try(case, waiting[0])


def _tell(case: Case, clusters: list[Cluster], done: int) -> None:
    """Households that move, and that must."""
    if case.observer is None or not clusters:
        return
    plans = [moved_by(cluster.known) if cluster.moved is None else cluster.moved for cluster in clusters]
    known = [moved for moved in plans if moved is not None]
    case.observer.on_progress(
        Snapshot(
            phase="moves",
            best=float(sum(known)) if len(known) == len(plans) else None,
            bound=float(sum(cluster.at_least for cluster in clusters if not cluster.infeasible)),
            done=done,
            pieces=len(clusters),
        )
    )


def _try(case: Case, cluster: Cluster) -> None:
    """One budget: solved, proved too small, or given up."""
    within = _within(case, cluster)
    if cluster.region is None or set(cluster.region.blocks) != set(within):
        cluster.region = region_of(case.problem, case.together, case.state, within, case.signal)
        losses = least_losses(case.problem, cluster.region)
        cluster.ladder = best_prices(case.problem, cluster.region, case.fixed, losses, case.signal)
    region, ladder = cluster.region, cluster.ladder
    # Plans that move fewer than `growth` households change nothing outside; so the bound holds for them only.
    everything = ball(case.links, cluster.sources, 1 << 60)
    growth = min((d for d in everything.values() if d > max(cluster.budget, cluster.radius)), default=1 << 60)
    known = math.ceil(ladder[0].bound - ROUNDING)
    at_least = min(known, growth)
    if at_least > cluster.budget:
        cluster.budget = cluster.at_least = at_least
        if known >= growth:
            cluster.radius = min(known, LEAPS * growth)
        return
    columns = list_columns(case.problem, region, case.fixed, ladder, cluster.budget, case.signal, visits=FEW_VISITS)
    if not columns.complete:
        tried = cluster.budget
        _plan(case, cluster, everything)
        cluster.listable = set(within) != set(everything)
        if not cluster.open or set(_within(case, cluster)) != set(within):
            return
        if cluster.budget == tried:  # what was too long for less is hopeless for more
            columns = list_columns(case.problem, region, case.fixed, ladder, tried, case.signal, visits=VISITS)
    if not columns.complete:
        _anchor(case, cluster, everything)
        return
    if len(columns) > MANY and cluster.whole is None:
        _plan(case, cluster, everything)
        if cluster.open:
            _stop_short_of_known(cluster)
        return
    aim = Aim(cost=0.0, move=1.0, cap=cluster.budget)
    choice = choose_admitted(
        columns, region, aim, case.signal, case.admits, seconds=case.seconds(), effort=FIRST_EFFORT
    )
    if choice.outcome == "best":
        assert choice.value is not None
        cluster.moved = cluster.at_least = cluster.budget = round(choice.value)
        cluster.columns, cluster.choice = columns, choice
    elif choice.outcome == "open":
        _anchor(case, cluster, everything)
    else:
        cluster.at_least = cluster.budget + 1
        if cluster.budget >= case.typical and _hopeless(case, cluster, everything):
            return
        if cluster.budget >= case.households(everything) and len(within) == len(everything):
            cluster.infeasible = True
            return
        cluster.budget = max(cluster.budget + LEAST_GROWTH, int(cluster.budget * GROWTH))
        _stop_short_of_known(cluster)


def _within(case: Case, cluster: Cluster) -> dict[int, int]:
    return ball(case.links, cluster.sources, max(cluster.budget, cluster.radius))


def _plan(case: Case, cluster: Cluster, everything: Iterable[int]) -> None:
    """Look for a plan where lists are long; it is the best one if it moves no more than is known to move."""
    if cluster.whole is None:
        cluster.whole = region_of(case.problem, case.together, case.state, everything, case.signal)
        asked = case.problem, cluster.whole, case.fixed
        # The bound comes first: a search that knows how few must move ends as soon as it has found so few.
        divided = divided_bound(*asked, cluster.at_least, case.signal, seconds=case.seconds(BOUND_SHARE))
        cluster.at_least = divided.bound
        cluster.budget = max(cluster.budget, cluster.at_least)
        cluster.known = few_moved(
            *asked, cluster.at_least, case.signal, seconds=case.seconds(PLAN_SHARE), divided=divided
        )
        if cluster.known is None:
            _hopeless(case, cluster, everything)
    _take_known(cluster)


def _hopeless(case: Case, cluster: Cluster, everything: Iterable[int]) -> bool:
    """Whether there is no lawful plan, as far as that can be seen at once; asked once."""
    if not cluster.asked:
        cluster.asked = True
        region = region_of(case.problem, case.together, case.state, everything, case.signal)
        cluster.infeasible = proved_hopeless(case.problem, region)
    return cluster.infeasible


def _stop_short_of_known(cluster: Cluster) -> None:
    """A budget that a better plan than the known one needs, all of it where that is little more; or take that plan."""
    most = moved_by(cluster.known)
    if most is not None:
        little = cluster.budget * GROWTH >= most - 1
        cluster.budget = max(most - 1 if little else cluster.budget, cluster.at_least)
        _take_known(cluster)


def _take_known(cluster: Cluster) -> None:
    """Take the plan that is known, if nothing can be better."""
    most = moved_by(cluster.known)
    if most is not None and most <= cluster.at_least:
        _take(cluster)


def _take(cluster: Cluster) -> None:
    assert cluster.known is not None
    cluster.region, cluster.columns, cluster.ladder = cluster.whole, cluster.known, ()
    cluster.moved = cluster.budget = int(cluster.known.incoming.sum())
    value = float(cluster.moved)
    cluster.choice = Choice(outcome="best", picked=tuple(range(len(cluster.known))), value=value, bound=value)


def _anchor(case: Case, cluster: Cluster, everything: Iterable[int]) -> None:
    """By the model of nodes and places, over all that the cluster could ever reach."""
    _plan(case, cluster, everything)
    if not cluster.open:
        return
    assert cluster.whole is not None
    anchored = fewest_moved(
        case.problem,
        cluster.whole,
        case.fixed,
        cluster.at_least,
        case.signal,
        seconds=case.seconds(),
        best=cluster.known,
    )
    cluster.at_least = max(cluster.at_least, anchored.bound)
    cluster.known = anchored.columns
    if cluster.known is None:
        cluster.stuck = True
    else:
        _take(cluster)


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
            radius=max(a.radius, b.radius),
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
