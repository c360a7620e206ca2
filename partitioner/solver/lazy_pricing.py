"""Pricing that looks closely only at the centres that count in the Lagrangian bound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from partitioner.model import FloatArray, IntArray
from partitioner.solver.kernels.capacity import all_of_centres, promising
from partitioner.solver.kernels.lazy import Lists, cover_shares, price_lazily

if TYPE_CHECKING:
    from partitioner.solver.lagrangian import Prices, Pricing

PRECISION = 1e-6
"""Of the mean cost of a grid: how far below its maximum over multipliers a value may stay."""

DRIFT = 0.1
"""How far prices per household may rise, in mean prices, before the lists of promising candidates are made anew."""

REACH = 0.05
"""How far from the best a set may be, in costs of a large grid, for these lists to be enough."""

LOOKS = 100
"""Looks at a candidate, or table entries, that take about as long as one candidate of the search."""


@dataclass(kw_only=True, eq=False)
class LazyPricing:
    """Lower bounds on the values of `pricing`, at most rounding above them, sharp where they count for `counts`.

    Where households are counted in buckets no value is sharp: it may fall short by about what one node costs.

    Parameters
    ----------
    pricing : Pricing
    counts : (int, int)
        Fewest and most grids.
    """

    pricing: Pricing
    counts: tuple[int, int]
    effort: int = 0
    """Of the last round, in candidates of the search."""

    def __post_init__(self) -> None:
        units = len(self.pricing.node_of)
        self._price = np.zeros(units)
        self._value = np.zeros(units)
        self._sharp = np.zeros(units, dtype=np.bool_)
        self._spent = np.zeros(1, dtype=np.int64)
        pricing = self.pricing
        households, walking = all_of_centres(pricing.original, pricing.start, pricing.item, pricing.flag)
        self._lists = Lists(
            start=pricing.start,
            item=pricing.item,
            kept_start=pricing.start,
            kept=pricing.item,
            steepest=np.full(units, np.inf),
            reach=np.full(1, np.inf),
            households=households,
            walking=walking,
        )
        self._listed_at: FloatArray | None = None
        self._drift = 0.0

    def values(self, prices: Prices) -> FloatArray:
        """As `Pricing.values`; where a value cannot count, it may be far too low."""
        pricing, dual = self.pricing, prices.node
        self._spent[:] = 0
        self._keep_promising(dual)
        fewest, most = min(self.counts), max(self.counts)
        done = price_lazily(
            pricing.original, pricing.group_of, pricing.charge(prices), pricing.node_of, self._lists, dual,
            pricing.balance, fewest, most, pricing.bucket == 1, self._precision(dual), self._price, self._value,
            self._sharp, self._spent, pricing.flag,
        )  # fmt: skip
        self.effort = self._work()
        return self._value.copy() if done else np.full(len(self._value), -np.inf)

    def coverage(self, prices: Prices, centres: IntArray) -> tuple[FloatArray, FloatArray]:
        """How much the best sets of `centres` cover each node and touch each group, after `values(prices)`.

        Shapes (n,) and (groups,).
        """
        pricing, dual = self.pricing, prices.node
        shares = np.zeros(len(dual))
        touches = np.zeros(len(pricing.fewest_touches))
        cover_shares(
            pricing.original, pricing.group_of, pricing.charge(prices), pricing.node_of, self._lists, dual,
            pricing.balance, self._precision(dual), self._price, self._value, self._sharp, centres, shares, touches,
            self._spent, pricing.flag,
        )  # fmt: skip
        self.effort = self._work()
        return shares, touches

    def _keep_promising(self, dual: FloatArray) -> None:
        """Shorten the lists of candidates; anew where prices have risen by more than the lists allow for."""
        case = self.pricing.original
        weight = np.maximum(case.households, 1)
        if self._listed_at is not None and float(((dual - self._listed_at) / weight).max()) <= self._drift:
            return
        mean = float(np.abs(dual).sum()) / float(weight.sum())
        drift = DRIFT * mean
        steepest = np.maximum(2.0 * case.balance, 2.0 * self._price)
        reach = REACH * mean * case.high
        kept_start, kept = promising(
            case, self.pricing.start, self.pricing.item, dual, steepest, reach, 1.001 * drift,
            self.pricing.flag,
        )  # fmt: skip
        if self.pricing.flag[0]:
            return  # the lists may be incomplete
        self._lists = self._lists._replace(kept_start=kept_start, kept=kept, steepest=steepest, reach=np.full(1, reach))
        self._listed_at, self._drift = dual, drift
        self._spent += len(self.pricing.item)

    def _precision(self, dual: FloatArray) -> float:
        return PRECISION * float(np.abs(dual).sum()) / max(1, min(self.counts)) + 1e-12

    def _work(self) -> int:
        return max(1, int(self._spent[0]) // LOOKS)
