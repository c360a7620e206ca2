"""A valid lower bound for one piece by Lagrangian relaxation of “every node is covered once”."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from partitioner.model import FloatArray, IntArray
from partitioner.solver.kernels.case import Case
from partitioner.solver.kernels.pricing import FREE, candidates, cover, price_centres

MAX_STATES = 4096
"""Households are counted in buckets where a bound lies above this: the dynamic programme's table must stay small."""

_EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, kw_only=True, eq=False)
class Pricing:
    """The pricing problem of one piece, ready to be solved for any prices.

    Where households are large numbers they are counted in buckets of `bucket`, rounded down; bounds and the balance
    term are widened so that every lawful grid stays allowed at no more than its cost.
    """

    case: Case
    bucket: int
    low: int
    balance: FloatArray
    group_of: IntArray
    node_of: IntArray
    start: IntArray
    item: IntArray

    @classmethod
    def of(cls, case: Case) -> Pricing:
        """Pricing for `case`; the `move` term is left out, which only lowers the bound (see `retainable`)."""
        num = len(case.households)
        group_of = np.full(num, FREE, dtype=np.int64)
        if case.split > 0:
            has = case.group_start[1:] > case.group_start[:-1]
            group_of[has] = case.group_item[case.group_start[:-1][has]]
        node_of = np.empty(case.walk.shape[0], dtype=np.int64)
        for node in range(num):
            node_of[case.unit_item[case.unit_start[node] : case.unit_start[node + 1]]] = node
        start, item = candidates(case, group_of, node_of)
        bucket = max(1, -(-case.high // MAX_STATES))
        low, high = case.low, case.high
        if bucket > 1:
            case = case._replace(households=case.households // bucket)
            low, high = max(0, -(-(low - num * (bucket - 1)) // bucket)), high // bucket
        return cls(
            case=case,
            bucket=bucket,
            low=low,
            balance=_balance(case, bucket, high, num),
            group_of=group_of,
            node_of=node_of,
            start=start,
            item=item,
        )

    def values(self, dual: FloatArray) -> FloatArray:
        """Least reduced cost per centre; shape (units,). Infinite where no grid can have the centre."""
        value = np.empty(len(self.node_of))
        price_centres(
            self.case, self.group_of, self.node_of, self.start, self.item, dual, self.low, self.balance,
            0, len(value), value,
        )  # fmt: skip
        return value

    def coverage(self, dual: FloatArray, centres: IntArray) -> IntArray:
        """How often the best grids of `centres` cover each node; shape (n,)."""
        times = np.zeros(len(dual), dtype=np.int64)
        cover(
            self.case, self.group_of, self.node_of, self.start, self.item, dual, self.low, self.balance, centres, times
        )
        return times

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


def improve_bound(
    pricing: Pricing,
    dual: FloatArray,
    counts: tuple[int, int],
    *,
    best_known: float,
    rounds: int,
    should_stop: Callable[[], bool] = lambda: False,
    close_enough: float = 0.0,
) -> Bound:
    """Deflected subgradient steps of Polyak length (Camerini, Fratta & Maffioli 1975, doi:10.1007/BFb0120697).

    Parameters
    ----------
    dual : float array, shape (n,)
        Where to start.
    counts : (int, int)
        Fewest and most grids.
    best_known : float
        Cost of a lawful plan, for the step length only: the bound is valid whatever it is.
    rounds : int
        Pricing rounds at most.
    close_enough : float
        End when the bound is within this share of `best_known`.
    """
    best_value, best_dual = -np.inf, dual.copy()
    direction = np.zeros(len(dual))
    reach, stale = 1.0, 0
    for _ in range(rounds):
        if should_stop():
            break
        values = pricing.values(dual)
        value, num = lagrangian_value(pricing, dual, values, counts)
        if value > best_value + 1e-9 * abs(best_value if np.isfinite(best_value) else 0.0):
            stale = 0 if value > best_value + 1e-4 * abs(best_known - best_value) else stale + 1
            best_value, best_dual = value, dual.copy()
        else:
            stale += 1
        if not np.isfinite(value) or best_value >= best_known - close_enough * abs(best_known):
            break
        if stale >= 10:
            reach, stale = reach / 2, 0
            dual = best_dual.copy()
            direction[:] = 0.0
            if reach < 1e-3:
                break
            continue
        chosen = np.argsort(values, kind="stable")[:num].astype(np.int64)
        missing = 1.0 - pricing.coverage(dual, chosen)
        square = float(missing @ missing)
        if square == 0.0:
            break  # the relaxed plan covers every node once: no better prices exist
        if float(direction @ missing) < 0:
            direction *= 0.0
        direction = missing + 0.6 * direction
        step = reach * max(best_known - value, 1e-6 * abs(best_known)) / float(direction @ direction)
        dual = dual + step * direction
    return Bound(value=best_value, dual=best_dual)
