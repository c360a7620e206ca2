"""A valid lower bound for one piece by Lagrangian relaxation of “every node is covered once”."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from partitioner.model import FloatArray, IntArray
from partitioner.solver.bundle import Bundle
from partitioner.solver.kernels.case import Case
from partitioner.solver.kernels.pricing import FREE, candidates, cover, price_centres
from partitioner.solver.lazy_pricing import LazyPricing

MAX_STATES = 4096
"""Households are counted in buckets where a bound lies above this: the dynamic programme's table must stay small."""

_EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, kw_only=True, eq=False)
class Pricing:
    """The pricing problem of one piece, ready to be solved for any prices.

    Where households are large numbers they are counted in buckets of `bucket`, rounded down; bounds and the balance
    term are widened so that every lawful grid stays allowed at no more than its cost.
    """

    original: Case
    case: Case
    bucket: int
    low: int
    balance: FloatArray
    group_of: IntArray
    node_of: IntArray
    start: IntArray
    item: IntArray
    flag: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, case: Case, flag: npt.NDArray[np.bool_] | None = None) -> Pricing:
        """Pricing for `case`; the `move` term is left out, which only lowers the bound."""
        num = len(case.households)
        group_of = np.full(num, FREE, dtype=np.int64)
        if case.split > 0:
            has = case.group_start[1:] > case.group_start[:-1]
            group_of[has] = case.group_item[case.group_start[:-1][has]]
        node_of = np.empty(case.walk.shape[0], dtype=np.int64)
        for node in range(num):
            node_of[case.unit_item[case.unit_start[node] : case.unit_start[node + 1]]] = node
        start, item = candidates(case, group_of, node_of)
        original = case
        bucket = max(1, -(-case.high // MAX_STATES))
        low, high = case.low, case.high
        if bucket > 1:
            case = case._replace(households=case.households // bucket)
            low, high = max(0, -(-(low - num * (bucket - 1)) // bucket)), high // bucket
        return cls(
            original=original,
            case=case,
            bucket=bucket,
            low=low,
            balance=_balance(case, bucket, high, num),
            group_of=group_of,
            node_of=node_of,
            start=start,
            item=item,
            flag=np.zeros(1, dtype=np.bool_) if flag is None else flag,
        )

    def values(self, dual: FloatArray) -> FloatArray:
        """Least reduced cost per centre; shape (units,). Infinite where no grid can have the centre.

        Once `flag` is set the values are -inf: they bound nothing.
        """
        value = np.empty(len(self.node_of))
        done = price_centres(
            self.case, self.group_of, self.node_of, self.start, self.item, dual, self.low, self.balance, self._rate,
            value, self.flag,
        )  # fmt: skip
        return value if done else np.full(len(value), -np.inf)

    @property
    def _rate(self) -> float:
        """Most that a household can save in the balance term; no limit in buckets, where sizes are not exact."""
        return self.case.balance if self.bucket == 1 else np.inf

    def coverage(self, dual: FloatArray, centres: IntArray) -> IntArray:
        """How often the best grids of `centres` cover each node; shape (n,)."""
        times = np.zeros(len(dual), dtype=np.int64)
        cover(
            self.case, self.group_of, self.node_of, self.start, self.item, dual, self.low, self.balance, self._rate,
            centres, times, self.flag,
        )  # fmt: skip
        return times

    @property
    def effort(self) -> int:
        """What one pricing round costs, in candidates of the search (measured: about 160 table entries each)."""
        return max(1, len(self.item) * len(self.balance) // 160)

    def margin(self, dual: FloatArray) -> float:
        """An upper bound on what rounding can add to a Lagrangian value at `dual`.

        Every value of the dynamic programme is a sum of at most n + groups + 2 terms; each addition is off by at most
        half an epsilon of the partial sum, which never exceeds the sum of all magnitudes.
        """
        case = self.case
        num = len(dual)
        size = float(np.abs(dual).sum()) + float(case.walk.max(axis=0, initial=0.0).sum())
        size += case.split * (num + 1) + float(np.max(self.balance[np.isfinite(self.balance)], initial=0.0))
        return _EPSILON * (2 * num + 8) * size


def _balance(case: Case, bucket: int, high: int, num: int) -> FloatArray:
    """Least balance term of a grid that holds s buckets; shape (high + 1,)."""
    least = np.arange(high + 1, dtype=np.float64) * bucket
    most = least + num * (bucket - 1)
    return case.balance * np.maximum(0.0, np.maximum(least - case.target, case.target - most))


@dataclass(frozen=True, kw_only=True)
class Bound:
    """A lower bound on the cost of one piece, and the prices that prove it."""

    value: float
    dual: FloatArray


def lagrangian_value(
    pricing: Pricing, dual: FloatArray, values: FloatArray, counts: tuple[int, int]
) -> tuple[float, int]:
    """Bound at `dual` over all numbers of grids from `counts[0]` to `counts[1]`, and the number that attains it.

    Infinite (no lawful plan exists) where fewer than `counts[0]` centres have any grid.
    """
    ordered = np.sort(values)
    finite = int(np.isfinite(ordered).sum())
    low, high = counts[0], min(counts[1], finite)
    if low > high:
        return np.inf, low
    num = min(max(int((ordered < 0).sum()), low), high)
    value = float(dual.sum()) + float(ordered[:num].sum())
    return value - (num + 1) * pricing.margin(dual), num


class Ascent:
    """Better prices round by round: a proximal bundle method on the Lagrangian bound.

    Parameters
    ----------
    dual : float array, shape (n,)
        Where to start.
    counts : (int, int)
        Fewest and most grids.
    """

    def __init__(self, pricing: Pricing, dual: FloatArray, counts: tuple[int, int]) -> None:
        self.pricing = pricing
        self.counts = counts
        self.best = Bound(value=-np.inf, dual=dual)
        self.finished = False
        self.effort = pricing.effort
        """What the last round has cost, in candidates of the search."""
        self._lazy = LazyPricing(pricing=pricing, counts=counts)
        self._bundle: Bundle | None = None
        self._stale = 0

    def step(self, best_known: float) -> None:
        """One pricing round.

        Parameters
        ----------
        best_known : float
            Cost of a lawful plan, for the first step and the end only: the bound is valid whatever it is.
        """
        dual = self.best.dual if self._bundle is None else self._bundle.next_point()
        left = NEGLIGIBLE * (best_known - self.best.value) + ROUNDING * abs(best_known)
        if self._stale >= PATIENT_STEPS or (self._bundle is not None and self._bundle.hope <= left):
            self.finished = True
            return
        values = self._lazy.values(dual)
        if self.pricing.flag[0]:
            return
        value, num = lagrangian_value(self.pricing, dual, values, self.counts)
        self._stale = 0 if value > self.best.value + left else self._stale + 1
        if value > self.best.value:
            self.best = Bound(value=value, dual=dual)
        if not np.isfinite(value) or self.best.value >= best_known - ROUNDING * abs(best_known):
            self.finished = True
            return
        chosen = np.argsort(values, kind="stable")[:num].astype(np.int64)
        missing = 1.0 - self._lazy.coverage(dual, chosen)
        self.effort = self._lazy.effort
        if self.pricing.flag[0]:
            return
        if not missing.any():
            self.finished = True  # the relaxed plan covers every node once: no better prices exist
        elif self._bundle is None:
            length = (best_known - value) / float((missing * missing).sum())
            self._bundle = Bundle(dual, value, missing, length)
        else:
            self._bundle.learn(dual, value, missing)


NEGLIGIBLE = 1e-4
"""Share of the distance to the best plan: the ascent ends when it can hope for no more."""

PATIENT_STEPS = 50
"""Rounds without a gain worth the name after which it ends all the same."""

ROUNDING = 1e-9
"""Share of a plan's cost that is not worth another round."""
