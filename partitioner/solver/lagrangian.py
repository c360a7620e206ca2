"""A valid lower bound for one piece by Lagrangian relaxation of “every node is covered once”."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from partitioner.model import FloatArray, IntArray
from partitioner.solver.bundle import Bundle
from partitioner.solver.kernels.case import Case
from partitioner.solver.kernels.pricing import FREE, candidates, cover, price_centres
from partitioner.solver.lazy_pricing import LazyPricing

MAX_SHARES = 30
"""Nodes of less than this part of a grid leave nothing over that a count of theirs would tell."""

MAX_THRESHOLDS = 256
"""Sizes below which nodes are left out of such a count, each tried in turn."""

MAX_STATES = 4096
"""Households are counted in buckets where a bound lies above this: the dynamic programme's table must stay small."""

_EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, kw_only=True, eq=False)
class Prices:
    """Multipliers of the relaxed rules.

    Parameters
    ----------
    node : float array, shape (n,)
        Of “this node is covered once”; any sign.
    touch : float array, shape (groups,)
        Of “at least `fewest_touches` grids touch this group”; from 0 to `split`, and 0 where that says nothing.
    """

    node: FloatArray
    touch: FloatArray


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
    fewest_touches: IntArray
    node_of: IntArray
    start: IntArray
    item: IntArray
    flag: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, case: Case, flag: npt.NDArray[np.bool_] | None = None) -> Pricing:
        """Pricing for `case`; the `move` term is left out, which only lowers the bound.

        Not to be used where `flag` is set at the end: candidates may be missing.
        """
        flag = np.zeros(1, dtype=np.bool_) if flag is None else flag
        num = len(case.households)
        group_of = np.full(num, FREE, dtype=np.int64)
        if case.split > 0:
            has = case.group_start[1:] > case.group_start[:-1]
            group_of[has] = case.group_item[case.group_start[:-1][has]]
        node_of = np.empty(case.walk.shape[0], dtype=np.int64)
        for node in range(num):
            node_of[case.unit_item[case.unit_start[node] : case.unit_start[node + 1]]] = node
        start, item = candidates(case, group_of, node_of, flag)
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
            fewest_touches=fewest_touches(original, group_of),
            node_of=node_of,
            start=start,
            item=item,
            flag=flag,
        )

    def prices(self, node: FloatArray) -> Prices:
        """Prices on nodes alone."""
        return Prices(node=node, touch=np.zeros(len(self.fewest_touches)))

    def fair_prices(self, cost: float) -> Prices:
        """Prices to start from: the cost of a plan shared among all nodes by households.

        Groups that several grids must touch have the highest price for that, which their nodes have less. Sharing each
        grid's own cost among its nodes starts lower, and on a city was still behind after 60 steps.
        """
        weight = np.maximum(self.original.households, 1).astype(np.float64)
        node = weight * (cost / float(weight.sum()))
        touch = np.where(self.fewest_touches > 1, self.original.split, 0.0)
        inside = self.group_of >= 0
        group = self.group_of[inside]
        of_group = np.bincount(group, weights=weight[inside], minlength=len(touch))
        node[inside] -= (touch * self.fewest_touches)[group] * weight[inside] / of_group[group]
        return Prices(node=node, touch=touch)

    def charge(self, prices: Prices) -> FloatArray:
        """What a grid still pays for touching each group."""
        return np.asarray(self.original.split - prices.touch, dtype=np.float64)

    def worth(self, prices: Prices) -> float:
        """What covering everything as often as it must be is worth."""
        return float(prices.node.sum()) + float(prices.touch @ self.fewest_touches)

    def values(self, prices: Prices) -> FloatArray:
        """Least reduced cost per centre; shape (units,). Infinite where no grid can have the centre.

        Once `flag` is set the values are -inf: they bound nothing.
        """
        value = np.empty(len(self.node_of))
        done = price_centres(
            self.case, self.group_of, self.node_of, self.start, self.item, prices.node, self.charge(prices), self.low,
            self.balance, self._rate, value, self.flag,
        )  # fmt: skip
        return value if done else np.full(len(value), -np.inf)

    @property
    def _rate(self) -> float:
        """Most that a household can save in the balance term; no limit in buckets, where sizes are not exact."""
        return self.case.balance if self.bucket == 1 else np.inf

    def coverage(self, prices: Prices, centres: IntArray) -> tuple[IntArray, IntArray]:
        """How often the best grids of `centres` cover each node and touch each group; shapes (n,) and (groups,)."""
        times = np.zeros(len(prices.node), dtype=np.int64)
        touches = np.zeros(len(self.fewest_touches), dtype=np.int64)
        cover(
            self.case, self.group_of, self.node_of, self.start, self.item, prices.node, self.charge(prices), self.low,
            self.balance, self._rate, centres, times, touches, self.flag,
        )  # fmt: skip
        return times, touches

    @property
    def effort(self) -> int:
        """What one pricing round costs, in candidates of the search (measured: about 160 table entries each)."""
        return max(1, len(self.item) * len(self.balance) // 160)

    @cached_property
    def _farthest(self) -> float:
        """Sum over all nodes of the walking to the farthest centre."""
        return float(self.case.walk.max(axis=0, initial=0.0).sum())

    def margin(self, prices: Prices) -> float:
        """An upper bound on what rounding can add to a Lagrangian value at these prices.

        Every value of the dynamic programme is a sum of at most n + groups + 2 terms; each addition is off by at most
        half an epsilon of the partial sum, which never exceeds the sum of all magnitudes.
        """
        case = self.case
        num = len(prices.node)
        size = float(np.abs(prices.node).sum()) + float(prices.touch @ self.fewest_touches) + self._farthest
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
    prices: Prices


def lagrangian_value(
    pricing: Pricing, prices: Prices, values: FloatArray, counts: tuple[int, int]
) -> tuple[float, int]:
    """Bound at these prices over all numbers of grids from `counts[0]` to `counts[1]`, and the number that attains it.

    Infinite (no lawful plan exists) where fewer than `counts[0]` centres have any grid.
    """
    value, num = bound_of_values(values, pricing.worth(prices), counts)
    return value - (num + 1) * pricing.margin(prices), num


def bound_of_values(values: FloatArray, worth: float, counts: tuple[int, int]) -> tuple[float, int]:
    """`worth` and the least sum of so many values as there may be grids, every grid at a centre of its own.

    Infinite where fewer than `counts[0]` values are finite.
    """
    ordered = np.sort(values)
    finite = int((ordered < np.inf).sum())
    low, high = counts[0], min(counts[1], finite)
    if low > high:
        return np.inf, low
    num = min(max(int((ordered < 0).sum()), low), high)
    return worth + float(ordered[:num].sum()), num


def dearest_grid(values: FloatArray, counts: tuple[int, int]) -> float:
    """What a bound of these values pays for the last of the grids that it must choose; 0 if that is a gain.

    In a plan better than the best known one the other grids cost at least the bound without this one, so no grid of it
    has a reduced cost above (best known - bound) + this. Infinite where that is not known: too few centres have a grid,
    or the values were not all computed.
    """
    _, num = bound_of_values(values, 0.0, counts)
    if not 0 < num <= len(values) or np.isneginf(values).any():
        return np.inf
    return max(0.0, float(np.sort(values)[num - 1]))


def fewest_touches(case: Case, group_of: IntArray) -> IntArray:
    """How many grids must touch each group at least; shape (groups,).

    Grids are bins of `high` households: two nodes of more than half of that never share one, and the smaller ones must
    find room beside them (bound L2 of Martello & Toth 1990); of nodes above a third never more than two do, above a
    quarter three, and so on (dual feasible functions u(k) behind f0, Fekete & Schepers 2001). 0 where some node lies
    in several groups: those touch a group without paying for it in the pricing problem.
    """
    num = int(max(case.group_item.max(initial=-1), group_of.max(initial=-1))) + 1
    fewest = np.zeros(num, dtype=np.int64)
    if case.split <= 0:
        return fewest
    several = np.diff(case.group_start) > 1
    mixed = np.zeros(num, dtype=bool)
    for node in np.flatnonzero(several).tolist():
        mixed[case.group_item[case.group_start[node] : case.group_start[node + 1]]] = True
    for group in range(num):
        if not mixed[group]:
            fewest[group] = _bins(case.households[group_of == group], case.high)
    return fewest


def _bins(sizes: IntArray, room: int) -> int:
    """Bins of `room` that items of `sizes` need at least."""
    best = -(-int(sizes.sum()) // room)
    value, times = np.unique(sizes, return_counts=True)
    shares = range(1, min(MAX_SHARES, room // max(1, int(value.min(initial=1)))) + 1)
    smaller = value[2 * value <= room]
    for small in [0, *smaller[:: -(-len(smaller) // MAX_THRESHOLDS) or 1].tolist()]:
        large = sizes > room - small
        middle = (2 * sizes > room) & ~large
        fitting = (sizes >= small) & (2 * sizes <= room)
        free = int(middle.sum()) * room - int(sizes[middle].sum())
        best = max(best, int((large | middle).sum()) + max(0, -(-(int(sizes[fitting].sum()) - free) // room)))
        rounded = np.where(value > room - small, room, np.where(value < small, 0, value))
        for share in shares:
            whole, rest = np.divmod((share + 1) * rounded, room)
            weight = np.where(rest == 0, share * rounded, whole * room)
            best = max(best, -(-int((weight * times).sum()) // (share * room)))
    return best


class Ascent:
    """Better prices round by round: a proximal bundle method on the Lagrangian bound.

    Parameters
    ----------
    start : Prices
    counts : (int, int)
        Fewest and most grids.

    Not to be used where the flag of `pricing` is set at the end of the construction.
    """

    def __init__(self, pricing: Pricing, start: Prices, counts: tuple[int, int]) -> None:
        self.pricing = pricing
        self.counts = counts
        self.best = Bound(value=-np.inf, prices=start)
        self.finished = False
        self.effort = pricing.effort
        """What the last round has cost, in candidates of the search."""
        self._rewarded = np.flatnonzero(pricing.fewest_touches > 1)
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
        prices = self.best.prices if self._bundle is None else self._priced(self._bundle.next_point())
        left = NEGLIGIBLE * (best_known - self.best.value) + ROUNDING * abs(best_known)
        if self._stale >= PATIENT_STEPS or (self._bundle is not None and self._bundle.hope <= left):
            self.finished = True
            return
        values = self._lazy.values(prices)
        if self.pricing.flag[0]:
            return
        value, num = lagrangian_value(self.pricing, prices, values, self.counts)
        self._stale = 0 if value > self.best.value + left else self._stale + 1
        if value > self.best.value:
            self.best = Bound(value=value, prices=prices)
        if not np.isfinite(value) or self.best.value >= best_known - ROUNDING * abs(best_known):
            self.finished = True
            return
        chosen = np.argsort(values, kind="stable")[:num].astype(np.int64)
        covered, touched = self._lazy.coverage(prices, chosen)
        self.effort = self._lazy.effort
        if self.pricing.flag[0]:
            return
        point = self._point(prices)
        missing = self._missing(prices, covered, touched)
        if not missing.any():
            self.finished = True  # the relaxed plan keeps every rule that is priced: no better prices exist
        elif self._bundle is None:
            length = (best_known - value) / float((missing * missing).sum())
            self._bundle = Bundle(point, value, missing, length)
        else:
            self._bundle.learn(point, value, missing)

    def dearest_grid(self) -> float:
        """What the best bound pays for the last of its grids (see `dearest_grid`)."""
        return dearest_grid(self.pricing.values(self.best.prices), self.counts)

    def _point(self, prices: Prices) -> FloatArray:
        return np.concatenate([prices.node, prices.touch[self._rewarded]])

    def _priced(self, point: FloatArray) -> Prices:
        """The nearest prices that are allowed."""
        num = len(self.best.prices.node)
        touch = np.zeros(len(self.pricing.fewest_touches))
        touch[self._rewarded] = np.clip(point[num:], 0.0, self.pricing.original.split)
        return Prices(node=point[:num], touch=touch)

    def _missing(self, prices: Prices, covered: FloatArray, touched: FloatArray) -> FloatArray:
        """The gradient; 0 where it points out of the allowed prices, which keeps its cut valid."""
        wanting = (self.pricing.fewest_touches - touched)[self._rewarded]
        touch = prices.touch[self._rewarded]
        outward = ((touch <= 0.0) & (wanting < 0.0)) | ((touch >= self.pricing.original.split) & (wanting > 0.0))
        return np.concatenate([1.0 - covered, np.where(outward, 0.0, wanting)])


NEGLIGIBLE = 1e-4
"""Share of the distance to the best plan: the ascent ends when it can hope for no more."""

PATIENT_STEPS = 50
"""Rounds without a gain worth the name after which it ends all the same."""

ROUNDING = 1e-9
"""Share of a plan's cost that is not worth another round."""
