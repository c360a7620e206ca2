"""The least of the other terms at the fewest moves, cluster by cluster."""

from __future__ import annotations

import numpy as np

from partitioner.redraw.admitting import choose_admitted
from partitioner.redraw.assembly import put, staying_slots
from partitioner.redraw.choice import Aim, Choice
from partitioner.redraw.clusters import FEW_VISITS, Case, Cluster
from partitioner.redraw.columns import Columns, least_losses, list_columns
from partitioner.redraw.drawn import Drawn
from partitioner.redraw.prices import best_prices
from partitioner.redraw.region import Region
from partitioner.redraw.rest import least_rest
from partitioner.solver import Limits

SHARES = (0.0, 0.25, 0.5, 1.0)
"""Columns are listed for plans with so much of the room between the bound and the fewest moves, as far as lists are not
too long: among them a better plan is looked for."""


def best_at_fewest(case: Case, clusters: list[Cluster], limits: Limits) -> Drawn:
    """Every cluster is solved: its fewest moves are known."""
    slot, wish = staying_slots(case.state)
    lost = 0.0
    opened: set[int] = set()
    for cluster in clusters:
        region = cluster.region
        assert region is not None
        columns, choice = _best(case, cluster, region)
        value = float(columns.cost[list(choice.picked)].sum())
        bound = choice.bound
        if bound is None or choice.outcome == "open":
            rest = least_rest(case.problem, case.together, region, limits, case.signal).bound if region.parts else value
            bound = max(rest, -np.inf if bound is None else bound)
        lost += max(0.0, value - bound)
        put(slot, wish, region, columns, choice)
        opened.update(region.labels)
    return Drawn(slot=slot, wish=wish, lost=lost, opened=frozenset(opened))


def _best(case: Case, cluster: Cluster, region: Region) -> tuple[Columns, Choice]:
    columns, first, moved = cluster.columns, cluster.choice, cluster.moved
    assert columns is not None
    assert first is not None
    assert moved is not None
    aim = Aim(cost=1.0, move=0.0, cap=moved)
    if columns.complete:
        kept = np.flatnonzero(columns.least <= moved)
        place = {int(j): i for i, j in enumerate(kept)}
        few = columns.within(moved)
        hint = tuple(place[j] for j in first.picked)
        return few, choose_admitted(few, region, aim, case.signal, case.admits, seconds=case.seconds(), hint=hint)
    if not cluster.listable:
        return columns, Choice(outcome="open", picked=first.picked, value=float(columns.cost.sum()))
    losses = least_losses(case.problem, region)
    ladder = best_prices(case.problem, region, case.fixed, losses, case.signal)
    room = max(0.0, moved - ladder[0].bound)
    listed = None
    for budget in sorted({moved - int((1.0 - share) * room) for share in SHARES}):
        tried = list_columns(case.problem, region, case.fixed, ladder, budget, case.signal, visits=FEW_VISITS)
        if not tried.complete:  # lists grow with their budgets
            break
        listed, known = tried, budget
    if listed is None:
        return columns, Choice(outcome="open", picked=first.picked, value=float(columns.cost.sum()))
    everything = columns.joined(listed)
    choice = choose_admitted(
        everything, region, aim, case.signal, case.admits, seconds=case.seconds(), hint=first.picked
    )
    if known < moved:  # better plans may hold other columns
        choice = Choice(outcome="open", picked=choice.picked, value=choice.value)
    return everything, choice
