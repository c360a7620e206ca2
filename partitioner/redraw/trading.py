"""Moved households against the other terms: at a price for each, or with a cap on all.

Let U be the value of the best plan known and R a lower bound on the other terms alone. At price w a better plan moves
at most M = (U - R) / w households, so that the columns of plans within M hold every better plan. Where these are too
many, those within some B < M are listed: then every plan is worth at least min(the best within B, R + w·(B + 1)).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable

import numpy as np

from partitioner.errors import Text
from partitioner.model import IntArray, Violation
from partitioner.redraw.admitting import choose_admitted
from partitioner.redraw.assembly import put, staying_slots, withdraw
from partitioner.redraw.choice import Aim, Choice
from partitioner.redraw.clusters import Case, Cluster
from partitioner.redraw.columns import Columns, least_losses, list_columns
from partitioner.redraw.drawn import Drawn
from partitioner.redraw.goal import Goal
from partitioner.redraw.links import ball
from partitioner.redraw.offering import offered
from partitioner.redraw.prices import Prices, best_prices
from partitioner.redraw.region import Region, region_of
from partitioner.redraw.rest import Rest, cost_of, least_rest, moved_of
from partitioner.solver import Limits

VISITS = 6_000_000
"""Steps of one listing: a second or two."""

STEPS = (0.25, 0.5, 0.75)
"""Shares of a budget that are tried where the columns of all of it are too many."""


def traded(
    case: Case, clusters: list[Cluster], goal: Goal, reach: Collection[str | None] | None, limits: Limits
) -> Drawn:
    """Start from the plan with the fewest moves and trade moves for better terms.

    Parameters
    ----------
    clusters : list of Cluster
        All solved.
    reach : collection of str or None, optional
        Parents that may be opened beside the clusters.
    """
    slot, wish = staying_slots(case.state)
    for cluster in clusters:
        assert cluster.region is not None
        assert cluster.columns is not None
        assert cluster.choice is not None
        put(slot, wish, cluster.region, cluster.columns, cluster.choice)
    families = _families(case, clusters, reach)
    fewest = sum(cluster.at_least for cluster in clusters)
    if goal.kind == "capped":
        assert goal.cap is not None
        families = [tuple(sorted({block for family in families for block in family}))] if families else []
        if fewest > goal.cap:
            reasons = (_above_cap(fewest, goal.cap),)
            return Drawn(slot=slot, wish=wish, lost=math.inf, opened=frozenset(), reasons=reasons)
    lost = 0.0
    opened: set[int] = set()
    for family in families:
        trade = _Trade(case, family, slot, wish, goal, _fewest_in(clusters, family), limits)
        trade.run()
        lost += trade.lost
        opened.update(trade.region.labels)
    return Drawn(slot=slot, wish=wish, lost=lost, opened=frozenset(opened))


def _families(case: Case, clusters: list[Cluster], reach: Collection[str | None] | None) -> list[tuple[int, ...]]:
    """Blocks that may be opened, in families that exchange units with nobody else."""
    parent = case.problem.units.parent
    sources = _sources(clusters)
    if reach is None:
        sources |= set(range(case.state.num_blocks))
    else:
        inside = np.array([parent.at(i) in reach for i in range(len(parent))], dtype=np.bool_)
        sources |= set(np.unique(case.state.block[inside]).tolist())
    families = []
    locked = {unit for members in case.problem.locked for unit in members}
    free = np.array([unit not in locked for unit in range(len(parent))], dtype=np.bool_)
    seen: set[int] = set(range(case.state.num_blocks)) - set(np.unique(case.state.block[free]).tolist())
    for source in sorted(sources):
        if source not in seen:
            family = tuple(sorted(ball(case.links, [source], 1 << 60)))
            seen.update(family)
            families.append(family)
    return families


def _sources(clusters: list[Cluster]) -> set[int]:
    return {source for cluster in clusters for source in cluster.sources}


def _fewest_in(clusters: list[Cluster], family: Iterable[int]) -> int:
    inside = set(family)
    return sum(cluster.at_least for cluster in clusters if inside.issuperset(cluster.sources))


def _above_cap(fewest: int, cap: int) -> Violation:
    return Violation(
        rule="move_cap",
        grid=None,
        units=(),
        amount=fewest - cap,
        message=Text(
            f"至少须调整 {fewest} 户（已证明），超过允许的 {cap} 户",
            f"at least {fewest} households must move (proved), more than the {cap} allowed",
        ),
        remedy=Text(f"请把上限提高到 {fewest} 户", f"raise the cap to {fewest}"),
    )


class _Trade:
    """One family. Writes every better plan into `slot` and `wish`."""

    def __init__(
        self,
        case: Case,
        family: tuple[int, ...],
        slot: IntArray,
        wish: dict[int, int],
        goal: Goal,
        fewest: int,
        limits: Limits,
    ) -> None:
        self.case, self.slot, self.wish, self.goal, self.limits = case, slot, wish, goal, limits
        self.region: Region = region_of(case.problem, case.together, case.state, family, case.signal)
        self.price = case.problem.weights.move if goal.kind == "weighted" else 0.0
        self.fewest = fewest
        self.moved = moved_of(case.problem, self.region.units, slot) if self.region.num_nodes else 0
        self.value = cost_of(self.region, slot) + self.price * self.moved
        self.proved = -math.inf
        self.rest = Rest(bound=-math.inf, slots=None)
        self.ladder: tuple[Prices, ...] = ()

    @property
    def lost(self) -> float:
        return max(0.0, self.value - self.proved)

    def run(self) -> None:
        """Try the whole budget; where its columns are too many, shares of it."""
        if not self.region.parts:
            self.proved = self.value
            return
        self.rest = least_rest(self.case.problem, self.case.together, self.region, self.limits, self.case.signal)
        self.proved = max(self.proved, self.rest.bound + self.price * self.fewest)
        self._offer_rest()
        case = self.case
        self.ladder = best_prices(
            case.problem, self.region, case.fixed, least_losses(case.problem, self.region), case.signal
        )
        if self._within(1.0):
            return
        for share in STEPS:
            if self.case.signal() or not self._within(share):
                break

    def _most(self) -> int:
        """More households than these are moved by no plan that is better and allowed."""
        everything = self.case.households(self.region.blocks)
        if self.goal.cap is not None:
            return min(self.goal.cap, everything)
        if self.price == 0:
            return everything
        return min(everything, math.floor((self.value - self.rest.bound) / self.price + 1e-6))

    def _within(self, share: float) -> bool:
        """Choose among the columns within a share of the budget; False where these are too many."""
        most = self._most()
        budget = most if share == 1.0 else self.fewest + int(share * (most - self.fewest))
        if most < max(self.fewest, 0):
            self.proved = self.value
            return True
        case = self.case
        columns = list_columns(case.problem, self.region, case.fixed, self.ladder, budget, case.signal, visits=VISITS)
        if not columns.complete:
            return False
        aim = Aim(cost=1.0, move=self.price, cap=budget)
        choice = choose_admitted(
            columns, self.region, aim, case.signal, case.admits, seconds=case.seconds(), cutoff=self.value
        )
        known = self._known(choice)
        if choice.picked:
            self._take(columns, choice)
        if budget >= self._most():
            self.proved = max(self.proved, min(known, self.value))
        elif self.price > 0:
            self.proved = max(self.proved, min(known, self.value, self.rest.bound + self.price * (budget + 1)))
        return choice.outcome != "open"

    def _known(self, choice: Choice) -> float:
        """No plan from the columns is worth less."""
        if choice.outcome == "none":
            return self.value
        return -math.inf if choice.bound is None else choice.bound

    def _take(self, columns: Columns, choice: Choice) -> None:
        value = float(
            columns.cost[list(choice.picked)].sum() + self.price * columns.incoming[list(choice.picked)].sum()
        )
        if value < self.value:
            put(self.slot, self.wish, self.region, columns, choice)
            self.moved = moved_of(self.case.problem, self.region.units, self.slot)
            self.value = value

    def _offer_rest(self) -> None:
        """The plan of the other terms alone, where it breaks no rule that it was not told of."""
        case, region = self.case, self.region
        slot = offered(case, region, self.rest, self.slot)
        if slot is None:
            return
        moved = moved_of(self.case.problem, region.units, slot)
        value = cost_of(region, slot) + self.price * moved
        if value < self.value and (self.goal.cap is None or moved <= self.goal.cap):
            self.slot[:] = slot
            self.moved, self.value = moved, value
            withdraw(self.wish, region)
