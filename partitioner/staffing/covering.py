"""Everybody holds one set, every target is served: the linear programme over all sets by column generation.

Dantzig & Wolfe 1960 (doi:10.1287/opre.8.1.101); prices stay near the best ones so far (du Merle, Villeneuve, Desrosiers
& Hansen 1999, doi:10.1016/S0012-365X(98)00213-1). The bound is Lagrange's at these prices, whatever the simplex method
says.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from ortools.linear_solver import pywraplp
from ortools.sat.python import cp_model

from partitioner.model import FloatArray, IntArray
from partitioner.solver.kernels.post_sets import ascend, cheapest
from partitioner.staffing.effort import Share
from partitioner.staffing.searcher import searcher

ROUNDS = 20
"""Of ascent before the first linear programme."""

FIRST, MORE = 6, 3
"""Sets per person in the first programme, and added to it each time."""

MAX_PROGRAMMES = 200

PARAMETERS = "use_preprocessing: false max_number_of_iterations: 50000 max_deterministic_time: 10"
"""Of the simplex method: each programme begins where the last one ended, and none goes on for ever."""

LEAST_S = 0.05
"""Programmes are not begun with less time than this."""

ROUNDING = 1e-6
"""A bound this little above a whole number is that number: prices are no whole numbers."""

EFFORT_PER_ENTRY = 2e-9
"""Deterministic time of looking at one set of one person once."""

COLUMNS = (500, 2_000, 8_000)
"""Of one whole-number programme after the other: the first look for a good choice, the last proves it the best."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Budget:
    """Σ cost over the sets of all people is at most `most`."""

    cost: FloatArray
    most: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Covered:
    """What was found.

    Parameters
    ----------
    bound : float
        No choice of sets costs less.
    reduced : float array, shape (people, sets)
        What choosing a set adds to the bound at least, on top of what others add; infinite where not allowed.
    price : float array, shape (targets,)
        What one person more at a target adds (or one fewer, where it is below 0), on top of the sets.
    free : bool
        Whether no budget is charged: then the rest of a cost above the bound is in sets and targets alone.
    held : int array, shape (people,)
        The best choice that was found.
    """

    bound: float
    reduced: FloatArray
    price: FloatArray
    free: bool
    held: IntArray


class Covering:
    """One stage of one piece; sets by position, a target's price at its position and 0 behind the last one."""

    def __init__(
        self, cost: FloatArray, member: IntArray, low: IntArray, high: IntArray, budgets: tuple[Budget, ...], seed: int
    ) -> None:
        self.seed = seed
        self.cost, self.member, self.low, self.high, self.budgets = cost, member, low, high, budgets
        self.best = -math.inf
        self.price = np.zeros(len(low) + 1)
        self.charge = np.zeros(len(budgets))
        self.columns: list[tuple[int, int]] = []
        self._known: set[tuple[int, int]] = set()

    def settle(self, held: IntArray, share: Share, price: FloatArray | None = None) -> Covered:
        """A bound, and the best choice that was found; `held` must keep all rules. `price` is looked at first."""
        if price is not None:
            self._look(np.append(price, 0.0), np.zeros(len(self.budgets)), 1)
        if not self._closed(self._worth(held)):
            self._ascend(self._worth(held), share)
        if not self._closed(self._worth(held)):
            weight = self._generate(held, share)
            better = None if weight is None else self._rounded(weight)
            held = held if better is None or self._worth(better) > self._worth(held) else better
            held = self._whole(held, share)
        return self._covered(held)

    def looked_at(self, price: FloatArray) -> Covered:
        """The bound at these prices, nothing else."""
        self._look(np.append(price, 0.0), np.zeros(len(self.budgets)), 1)
        return self._covered(np.empty(0, dtype=np.int64))

    def _covered(self, held: IntArray) -> Covered:
        reduced = self._reduced(self.price, self.charge)
        reduced -= reduced.min(axis=1, keepdims=True)
        free = not np.any(self.charge)
        return Covered(bound=self.best, reduced=reduced, price=self.price[:-1], free=free, held=held)

    def _worth(self, held: IntArray) -> float:
        return float(self.cost[np.arange(len(held)), held].sum())

    def _closed(self, upper: float) -> bool:
        return self.best - ROUNDING > upper - 1

    def _reduced(self, price: FloatArray, charge: FloatArray) -> FloatArray:
        worth = price[self.member].sum(axis=1)
        found: FloatArray = self.cost - worth[None, :]
        for one, budget in zip(charge.tolist(), self.budgets, strict=True):
            if one:
                found += one * np.where(np.isfinite(budget.cost), budget.cost, 0.0)
        return found

    def _charged(self, charge: FloatArray) -> FloatArray:
        return self._reduced(np.zeros_like(self.price), charge) if np.any(charge) else self.cost

    def _look(self, price: FloatArray, charge: FloatArray, num: int) -> tuple[IntArray, FloatArray, bool]:
        """The cheapest sets at these prices, and whether their bound is the best so far."""
        top, reduced = cheapest(self._charged(charge), self.member, price, num)
        own = price[:-1]
        bound = float(np.where(own > 0, own * self.low, own * self.high).sum() + reduced[:, 0].sum())
        bound -= sum(float(one) * budget.most for one, budget in zip(charge, self.budgets, strict=True))
        better = bound > self.best
        if better:
            self.best, self.price, self.charge = bound, price.copy(), charge.copy()
        return top, reduced, better

    def _ascend(self, upper: float, share: Share) -> None:
        start = self.price[:-1]
        if not np.any(start):
            each = self.member < len(self.low)
            start = np.full(len(self.low), upper / max(int(self.low.sum()), 1) if each.any() else 0.0)
        now = np.append(start, 0.0)
        price, _ = ascend(self.cost, self.member, self.low, self.high, now, upper, ROUNDS, share.flag)
        share.used(EFFORT_PER_ENTRY * ROUNDS * self.cost.size)
        self._look(price, np.zeros(len(self.budgets)), 1)

    def _add(self, master: _Master, top: IntArray, reduced: FloatArray, below: float) -> int:
        new = [
            (p, s)
            for p, (sets, values) in enumerate(zip(top.tolist(), reduced.tolist(), strict=True))
            for s, value in zip(sets, values, strict=True)
            if s >= 0 and value < below and (p, s) not in self._known
        ]
        for p, s in new:
            self._known.add((p, s))
            self.columns.append((p, s))
            master.add(p, self.member[s], float(self.cost[p, s]), [float(one.cost[p, s]) for one in self.budgets])
        return len(new)

    def _generate(self, held: IntArray, share: Share) -> FloatArray | None:
        """Add columns until the linear programme is solved; how much of each its optimum takes."""
        upper = self._worth(held)
        master = _Master(len(self.cost), self.low, self.high, self.budgets)
        self._add(master, held[:, None], np.zeros((len(held), 1)), math.inf)
        top, reduced, _ = self._look(self.price, self.charge, FIRST)
        self._add(master, top, reduced, math.inf)
        width = np.full(len(self.low), max(abs(upper) / max(len(self.low), 1), 1.0))
        for _ in range(MAX_PROGRAMMES):
            if _too_late(share):
                break
            master.trust(self.price[:-1], width)
            solution = master.solve(share)
            if solution is None:
                break
            top, reduced, better = self._look(np.append(solution.price, 0.0), solution.charge, MORE)
            share.used(EFFORT_PER_ENTRY * self.cost.size + 1e-6 * len(self.columns))
            whole = solution.relaxed <= ROUNDING
            if self._closed(upper) or (whole and solution.value - self.best <= ROUNDING):
                return master.weight() if whole else None
            num = self._add(master, top, reduced - solution.person[:, None], -ROUNDING)
            if not num and whole:
                return master.weight()
            width = width * (4.0 if not num else 2.0 if better else 0.7)
        return None

    def _rounded(self, weight: FloatArray) -> IntArray | None:
        """The choice that a whole-number optimum is; None if it is none."""
        taken = np.flatnonzero(weight > 1 - 1e-6)
        if len(taken) != len(self.cost):
            return None
        held = np.full(len(self.cost), -1, dtype=np.int64)
        for k in taken.tolist():
            held[self.columns[k][0]] = self.columns[k][1]
        return held if np.all(held >= 0) else None

    def _whole(self, held: IntArray, share: Share) -> IntArray:
        """The best choice among the sets whose reduced costs leave room for one; closes the gap if these are all."""
        people = np.arange(len(held))
        for most in COLUMNS:
            upper = float(self.cost[people, held].sum())
            if self._closed(upper) or _too_late(share):
                break
            reduced = self._reduced(self.price, self.charge)
            reduced -= reduced.min(axis=1, keepdims=True)
            near = reduced <= upper - self.best - 1 + ROUNDING
            complete = np.count_nonzero(near) <= most
            if not complete:
                near = np.zeros(reduced.shape, dtype=bool)
                near.flat[np.argpartition(reduced, most, axis=None)[:most]] = True  # and no more where many are alike
            near[people, held] = True
            near &= np.isfinite(self.cost)
            person, sets = np.nonzero(near)
            columns = _Columns(
                cost=self.cost[person, sets].astype(np.int64),
                person=person,
                member=self.member[sets],
                charged=tuple(one.cost[person, sets].astype(np.int64) for one in self.budgets),
            )
            limits = [math.floor(one.most) for one in self.budgets]
            start = np.flatnonzero(sets == held[person])
            part = share.part(0.5)
            taken, bound = _whole_number(columns, self.low, self.high, limits, start, part, self.seed)
            held = held.copy()
            held[person[taken]] = sets[taken]
            if complete:
                self.best = max(self.best, min(upper, bound))
                break
        return held


def _too_late(share: Share) -> bool:
    """Whether there is no time for another programme."""
    left = share.seconds()
    return share.over() or share.effort() <= 0 or (left is not None and left < LEAST_S)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Solution:
    value: float
    price: FloatArray
    charge: FloatArray
    person: FloatArray
    relaxed: float


class _Master:
    """Columns are sets of people; rows are people, targets and budgets."""

    def __init__(self, num_people: int, low: IntArray, high: IntArray, budgets: tuple[Budget, ...]) -> None:
        solver = pywraplp.Solver.CreateSolver("GLOP")
        solver.SetSolverSpecificParametersAsString(PARAMETERS)
        self._solver, self._objective = solver, solver.Objective()
        self._person = [solver.Constraint(1.0, 1.0) for _ in range(num_people)]
        self._target = [solver.Constraint(float(a), float(b)) for a, b in zip(low.tolist(), high.tolist(), strict=True)]
        self._budget = [solver.Constraint(-solver.infinity(), one.most) for one in budgets]
        self._less = [solver.NumVar(0.0, solver.infinity(), "") for _ in low]
        self._more = [solver.NumVar(0.0, solver.infinity(), "") for _ in low]
        for row, less, more in zip(self._target, self._less, self._more, strict=True):
            row.SetCoefficient(less, 1.0)
            row.SetCoefficient(more, -1.0)
        self._used: list[Any] = []

    def trust(self, centre: FloatArray, width: FloatArray) -> None:
        """Keep prices within `width` of `centre`."""
        for t, (low, high) in enumerate(zip((centre - width).tolist(), (centre + width).tolist(), strict=True)):
            self._objective.SetCoefficient(self._less[t], high)
            self._objective.SetCoefficient(self._more[t], -low)

    def add(self, person: int, targets: IntArray, cost: float, charged: list[float]) -> None:
        """A column."""
        one = self._solver.NumVar(0.0, self._solver.infinity(), "")
        self._person[person].SetCoefficient(one, 1.0)
        for t in targets.tolist():
            if t < len(self._target):
                self._target[t].SetCoefficient(one, 1.0)
        for row, amount in zip(self._budget, charged, strict=True):
            row.SetCoefficient(one, amount)
        self._objective.SetCoefficient(one, cost)
        self._used.append(one)

    def weight(self) -> FloatArray:
        """How much of each column the last optimum takes."""
        return np.array([one.solution_value() for one in self._used])

    def solve(self, share: Share) -> _Solution | None:
        """An optimum; None if there was no time for it."""
        seconds = share.seconds()
        if seconds is not None:
            self._solver.SetTimeLimit(max(1, round(1000 * seconds)))
        forget = share.listen(self._solver.InterruptSolve)
        try:
            status = self._solver.Solve()
        finally:
            forget()
        if status != pywraplp.Solver.OPTIMAL:
            return None
        return _Solution(
            value=self._objective.Value(),
            price=np.array([row.dual_value() for row in self._target]),
            charge=np.array([max(-row.dual_value(), 0.0) for row in self._budget]),
            person=np.array([row.dual_value() for row in self._person]),
            relaxed=float(sum(one.solution_value() for one in (*self._less, *self._more))),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Columns:
    """Sets of people by position: what each costs, whose it is, what it serves, what it takes of each budget."""

    cost: IntArray
    person: IntArray
    member: IntArray
    charged: tuple[IntArray, ...]


def _whole_number(
    columns: _Columns, low: IntArray, high: IntArray, most: list[int], start: IntArray, share: Share, seed: int
) -> tuple[IntArray, float]:
    """The columns of the best choice, those of `start` if there is none better, and a bound on it."""
    model = cp_model.CpModel()
    used = [model.new_bool_var("") for _ in columns.cost]
    of_person: dict[int, list[cp_model.IntVar]] = {}
    of_target: list[list[cp_model.IntVar]] = [[] for _ in low]
    for one, p, targets in zip(used, columns.person.tolist(), columns.member.tolist(), strict=True):
        of_person.setdefault(p, []).append(one)
        for t in targets:
            if t < len(low):
                of_target[t].append(one)
    for own in of_person.values():
        model.add_exactly_one(own)
    for serving, least, highest in zip(of_target, low.tolist(), high.tolist(), strict=True):
        if least == highest == 1:
            model.add_exactly_one(serving)
        else:
            model.add_linear_constraint(cp_model.LinearExpr.sum(serving), least, highest)
    for amounts, limit in zip(columns.charged, most, strict=True):
        model.add(cp_model.LinearExpr.weighted_sum(used, amounts.tolist()) <= limit)
    model.minimize(cp_model.LinearExpr.weighted_sum(used, columns.cost.tolist()))
    begun = np.zeros(len(used), dtype=bool)
    begun[start] = True
    for one, taken in zip(used, begun.tolist(), strict=True):
        model.add_hint(one, taken)
    solver = searcher(share, seed)
    solver.parameters.cp_model_presolve = False  # it would not look at the clock, and finds nothing in such programmes
    forget = share.listen(solver.stop_search)
    try:
        status = solver.solve(model)
    finally:
        forget()
    share.used(solver.response_proto.deterministic_time)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return start, -math.inf
    taken = np.flatnonzero([solver.boolean_value(one) for one in used])
    return taken, math.ceil(solver.best_objective_bound - ROUNDING)
