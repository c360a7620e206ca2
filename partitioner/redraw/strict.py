"""The least of the other terms at the fewest moves, cluster by cluster."""

from __future__ import annotations

import numpy as np

from partitioner.model import IntArray
from partitioner.redraw.admitting import choose_admitted
from partitioner.redraw.assembly import put, staying_slots, withdraw
from partitioner.redraw.choice import Aim, Choice
from partitioner.redraw.clusters import FEW_VISITS, Case, Cluster
from partitioner.redraw.columns import Columns, least_losses, list_columns
from partitioner.redraw.drawn import Drawn
from partitioner.redraw.offering import offered
from partitioner.redraw.prices import best_prices
from partitioner.redraw.region import Region
from partitioner.redraw.rest import cost_of, least_rest, moved_of
from partitioner.redraw.whole import DOMINANCE
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
        put(slot, wish, region, columns, choice)
        if bound is None or choice.outcome == "open":
            rest = value
            if region.parts:
                rest = least_rest(case.problem, case.together, region, limits, case.signal).bound
                value = _nearby(case, cluster, region, slot, wish, value, limits)
            bound = max(rest, -np.inf if bound is None else bound)
        lost += max(0.0, value - bound)
        opened.update(region.labels)
    return Drawn(slot=slot, wish=wish, lost=lost, opened=frozenset(opened))


def _nearby(
    case: Case, cluster: Cluster, region: Region, slot: IntArray, wish: dict[int, int], value: float, limits: Limits
) -> float:
    """Take what a search finds that moves as few and is better; the value of the plan that is left in `slot`."""
    units = case.problem.units
    price = DOMINANCE * value / max(1, int(units.households[region.units].sum()))
    found = least_rest(case.problem, case.together, region, limits, case.signal, price=price, start=slot)
    better = offered(case, region, found, slot)
    if better is None or moved_of(case.problem, region.units, better) > (cluster.moved or 0):
        return value
    cost = cost_of(region, better)
    if cost >= value:
        return value
    slot[:] = better
    withdraw(wish, region)
    return cost


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
