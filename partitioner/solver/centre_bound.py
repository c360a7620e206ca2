"""A lower bound whose cost does not depend on how large the numbers of households are, and what it rules out.

“Every node is covered once” is relaxed with prices; the grid of each centre becomes a fractional knapsack
(kernels/centring.py). At the best prices the bound is that of the linear programme of the centre-based model (Hess et
al. 1965, doi:10.1287/opre.13.6.998), and an assignment of a node to a centre whose reduced cost lifts it to the cost of
a known plan is in no better plan (Validi, Buchanan & Lykhovyd 2022, doi:10.1287/opre.2021.2141).
"""

from __future__ import annotations

import time

import numpy as np
import numpy.typing as npt

from partitioner.model import FloatArray, IntArray
from partitioner.solver.kernels.case import Case
from partitioner.solver.kernels.centring import centre_values, cover_shares, forbid_dear, forbid_unreachable
from partitioner.solver.kernels.whole import forbid_dear_whole, whole_values
from partitioner.solver.limits import StopSignal
from partitioner.solver.prechecks import count_range

MAX_STEPS = 1_500
MAX_WHOLE_STEPS = 100
PATIENT_STEPS = 20
WHOLE_PATIENT_STEPS = 8
FIRST_REACH = 1.0
WHOLE_REACH = 0.5
LAST_REACH = 1e-3
DEFLECTION = 0.6
"""Subgradient steps of Polyak length: at most this many, halved in length after so many in vain."""

FEW_PER_NODE = 10
"""So few assignments per node make the model easy, and the slower knapsacks needless."""

MAX_WHOLE = 30_000
"""With more assignments than this a step over whole nodes takes half a second and more."""

FIXING_PERIOD = 10
"""Steps between two attempts to forbid assignments; one attempt costs about n steps' work on n nodes."""

STATES = 16_384
"""Buckets of households in the knapsacks with whole nodes."""

_EPSILON = float(np.finfo(np.float64).eps)


class CentreBound:
    """What plans that cost less than `cutoff` can look like.

    Parameters
    ----------
    case : Case
        The `move` term and `far` are left out, which only lowers the bound.
    cutoff : float
        Infinite where no plan is known: then more than any plan can cost takes its place.

    Attributes
    ----------
    allowed : bool array, shape (units, n)
        Whether such a plan may have the node in the grid of the centre.
    value : float
        Lower bound on the cost of such plans; at least `cutoff` if there are none.
    """

    def __init__(self, case: Case, cutoff: float, signal: StopSignal) -> None:
        num = len(case.households)
        self.case = case
        self.known = bool(np.isfinite(cutoff))
        self.cutoff = cutoff if self.known else dearest(case)
        self.value = -np.inf
        self._signal = signal
        self.node_of = np.empty(case.walk.shape[0], dtype=np.int64)
        for node in range(num):
            self.node_of[case.unit_item[case.unit_start[node] : case.unit_start[node + 1]]] = node
        fewest, most = count_range(int(case.households.sum()), case.low, case.high, num)
        self.counts = max(case.count_low, fewest), min(case.count_high, most)
        self.num_groups = int(case.group_item.max(initial=-1)) + 1
        self.allowed = self._at_first()
        self.dual = np.zeros(num)
        self._whole = False
        self._bucket = max(1, -(-case.high // (STATES - 1)))
        held = np.arange(case.high // self._bucket + 1, dtype=np.float64) * self._bucket
        over, under = held - case.target, case.target - held - num * (self._bucket - 1)
        self._ends = case.balance * np.maximum(0.0, np.maximum(over, under))

    def improve(self, deadline: float | None = None) -> None:
        """Raise the bound, forbidding on the way: with fractions of nodes first, then with whole ones.

        Parameters
        ----------
        deadline : float or None
            When to end, by `time.monotonic`.
        """
        if self.counts[0] > self.counts[1]:
            self.value = np.inf
            return
        self.dual = self._fair_prices()
        self._ascend(MAX_STEPS, FIRST_REACH, PATIENT_STEPS, deadline)
        if int(self.allowed.sum()) > MAX_WHOLE:
            return
        self._whole = True
        self._ascend(MAX_WHOLE_STEPS, WHOLE_REACH, WHOLE_PATIENT_STEPS, deadline)

    def _ascend(self, steps: int, reach: float, patience: int, deadline: float | None) -> None:
        now, direction = self.dual.copy(), np.zeros(len(self.dual))
        stale = 0
        for step in range(steps):
            if self._signal() or (deadline is not None and time.monotonic() > deadline):
                return
            values = self._values(now)
            value, num = self._total(now, values)
            if value == -np.inf:
                return
            if value > self.value:
                worthwhile = value > self.value + 1e-4 * abs(self._goal(value) - self.value)
                stale = 0 if worthwhile else stale + 1
                self.value, self.dual = value, now.copy()
            else:
                stale += 1
            if self.value >= self.cutoff or not np.isfinite(self.value):
                return
            if step % FIXING_PERIOD == FIXING_PERIOD - 1 and self.forbid():
                if not np.isfinite(self.value):
                    return
                values = self._values(now)
                value, num = self._total(now, values)
                if not np.isfinite(value):
                    continue
            if self._whole and int(self.allowed.sum()) <= FEW_PER_NODE * len(now):
                break
            if stale >= patience:
                reach, stale = reach / 2, 0
                if reach < LAST_REACH:
                    break
                now, direction[:] = self.dual.copy(), 0.0
                continue
            missing = 1.0 - self._coverage(now, np.argsort(values, kind="stable")[:num])
            if float(np.abs(missing).max()) < 1e-9:
                break
            if float(direction @ missing) < 0:
                direction[:] = 0.0
            direction = missing + DEFLECTION * direction
            way = max(self._goal(value) - value, 1e-6 * abs(value))
            now = now + reach * way / float(direction @ direction) * direction
        self.forbid()

    def forbid(self) -> int:
        """Rule out assignments by the best prices and by reachability; returns how many."""
        total = 0
        while not self._signal():
            values = self._values(self.dual)
            value, _ = self._total(self.dual, values)
            self.value = max(self.value, value)
            if not np.isfinite(value):
                break
            forbidden = self._forbid_dear(self._limits(values))
            forbidden += forbid_unreachable(self.case, self.node_of, self.allowed)
            if not forbidden:
                break
            total += forbidden
        return total

    def _forbid_dear(self, limits: FloatArray) -> int:
        case, dual, flag = self.case, self.dual, self._signal.flag
        if self._whole:
            return int(
                forbid_dear_whole(
                    case, self.node_of, self.allowed, dual, self.num_groups, self._bucket, self._ends, limits, flag
                )
            )
        return int(forbid_dear(case, self.node_of, self.allowed, dual, self.num_groups, limits, flag))

    def _at_first(self) -> npt.NDArray[np.bool_]:
        case = self.case
        allowed = np.ones(case.walk.shape, dtype=np.bool_)
        for centre, own in enumerate(self.node_of.tolist()):
            allowed[centre, case.apart_item[case.apart_start[own] : case.apart_start[own + 1]]] = False
            allowed[centre, own] = True
        forbid_unreachable(case, self.node_of, allowed)
        return allowed

    def _goal(self, value: float) -> float:
        """Where to aim: the cutoff, or a little above the bound where no plan is known."""
        return self.cutoff if self.known else min(self.cutoff, value + 0.05 * abs(value) + 1e-3 * self._guess)

    def _fair_prices(self) -> FloatArray:
        """The cost of a plan shared among all nodes by households."""
        weight = np.maximum(self.case.households, 1).astype(np.float64)
        each = (self.cutoff if self.known else self._guess) / float(weight.sum())
        return np.asarray(weight * each, dtype=np.float64)

    @property
    def _guess(self) -> float:
        """A plan's cost by order of magnitude."""
        return 0.1 * float(self.case.walk.mean(axis=0).sum()) + self.case.split * self.num_groups + 1.0

    def _values(self, dual: FloatArray) -> FloatArray:
        value = np.empty(len(self.node_of))
        if not self._whole:
            centre_values(self.case, self.node_of, self.allowed, dual, self.num_groups, value)
            return value
        done = self._look(dual, value, np.empty(len(dual)), np.empty(0, dtype=np.int64))
        return value if done else np.full(len(value), -np.inf)

    def _coverage(self, dual: FloatArray, centres: IntArray) -> FloatArray:
        times = np.empty(len(dual))
        centres = centres.astype(np.int64)
        if self._whole:
            self._look(dual, np.empty(len(self.node_of)), times, centres)
        else:
            cover_shares(self.case, self.node_of, self.allowed, dual, self.num_groups, centres, times)
        return times

    def _look(self, dual: FloatArray, value: FloatArray, times: FloatArray, centres: IntArray) -> bool:
        return bool(
            whole_values(
                self.case, self.node_of, self.allowed, dual, self.num_groups, self._bucket, self._ends, value, times,
                centres, self._signal.flag,
            )
        )  # fmt: skip

    def _total(self, dual: FloatArray, values: FloatArray) -> tuple[float, int]:
        """Bound at `dual`, and the number of grids that attains it; -inf at values of a stopped run."""
        ordered = np.sort(values)
        low, high = self.counts[0], min(self.counts[1], int((ordered < np.inf).sum()))
        if low > high:
            return np.inf, low
        num = min(max(int((ordered < 0).sum()), low), high)
        return float(dual.sum()) + float(ordered[:num].sum()) - self._margin(dual), num

    def _limits(self, values: FloatArray) -> FloatArray:
        """Most that the grid of each centre may cost (reduced) in a plan cheaper than the cutoff."""
        order = np.argsort(values, kind="stable")
        ordered = values[order]
        rank = np.empty(len(values), dtype=np.int64)
        rank[order] = np.arange(len(values))
        sums = np.concatenate([[0.0], np.cumsum(ordered)])
        room = self.cutoff - float(self.dual.sum()) + self._margin(self.dual)
        limits = np.full(len(values), -np.inf)
        for num in range(self.counts[0], min(self.counts[1], int(np.isfinite(ordered).sum())) + 1):
            if num > 0:
                # The others cost at least as much as the cheapest num - 1 other centres.
                others = np.where(rank < num, sums[num] - values, sums[num - 1])
                others = np.where(np.isfinite(values), others, np.inf)
                limits = np.maximum(limits, room - others)
        return limits

    def _margin(self, dual: FloatArray) -> float:
        """More than rounding can add to a bound at `dual`: sums of a few terms per node and centre, each addition off
        by half an epsilon of magnitudes that never exceed the sum of all."""
        case, num = self.case, len(dual)
        size = float(np.abs(dual).sum()) + float(case.walk.max(axis=0, initial=0.0).sum()) + case.split * (num + 1)
        size += case.balance * float(case.households.sum() + case.high + abs(case.target))
        return _EPSILON * 8 * (num + 4) * size


def dearest(case: Case) -> float:
    """More than any plan can cost."""
    off = max(case.high - case.target, case.target - case.low, 0.0)
    total = float(case.walk.max(axis=0, initial=0.0).sum())
    total += case.split * len(case.group_item) + case.balance * off * len(case.households)
    return 1.0 + 1.000001 * total
