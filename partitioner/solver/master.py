"""The linear programme over the grids listed so far: cover every node once, at least cost."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import dataclass

import numpy as np
from ortools.math_opt.python import mathopt

from partitioner.model import FloatArray, IntArray
from partitioner.solver.lagrangian import Prices, Pricing

SCALE = 1e-3
"""Costs are handed over in thousands: the simplex method's tolerances are absolute."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Solution:
    """An optimum of the restricted programme.

    Parameters
    ----------
    prices : Prices
    penalty : float array, shape (cuts,)
        What each cut charges, at least 0.
    count_price : float
        What one more grid is worth.
    weight : float array, shape (columns,)
        How much of each grid is used.
    relaxed : float
        How much of the nodes is covered at the edge of the trust region instead of by grids.
    """

    prices: Prices
    penalty: FloatArray
    count_price: float
    weight: FloatArray
    relaxed: float


@dataclass(frozen=True)
class Cut:
    """Σ ⌊nodes of the cut in the grid / divisor⌋ over the grids of a plan is at most ⌊nodes / divisor⌋."""

    nodes: tuple[int, ...]
    divisor: int

    @property
    def most(self) -> int:
        """The right-hand side."""
        return len(self.nodes) // self.divisor


class Master:
    """Columns are grids; rows are nodes, groups that several grids must touch, the number of grids, and cuts.

    Node prices stay within a trust region: covering a node too much or too little is possible at its edge.
    """

    def __init__(self, pricing: Pricing, counts: tuple[int, int]) -> None:
        self.pricing = pricing
        self.columns: list[IntArray] = []
        self.costs: list[float] = []
        self.cuts: list[Cut] = []
        self._known: set[bytes] = set()
        num = len(pricing.original.households)
        self._model = mathopt.Model()
        self._cover = [self._model.add_linear_constraint(lb=1.0, ub=1.0) for _ in range(num)]
        self._touch = {
            group: self._model.add_linear_constraint(lb=float(fewest))
            for group, fewest in enumerate(pricing.fewest_touches.tolist())
            if fewest > 1
        }
        self._count = self._model.add_linear_constraint(lb=float(counts[0]), ub=float(min(counts[1], num)))
        self._less = [self._model.add_variable(lb=0.0) for _ in range(num)]
        self._more = [self._model.add_variable(lb=0.0) for _ in range(num)]
        for row, less, more in zip(self._cover, self._less, self._more, strict=True):
            row.set_coefficient(less, 1.0)
            row.set_coefficient(more, -1.0)
        for row in self._touch.values():
            spare = self._model.add_variable(lb=0.0)
            row.set_coefficient(spare, 1.0)
            self._model.objective.set_linear_coefficient(spare, pricing.original.split * SCALE)
        self._used: list[mathopt.Variable] = []
        self._rows: list[mathopt.LinearConstraint] = []
        self._cuts_of: list[list[int]] = [[] for _ in range(num)]
        self._columns_of: list[list[int]] = [[] for _ in range(num)]
        self._solver = mathopt.IncrementalSolver(self._model, mathopt.SolverType.GLOP)

    def trust(self, centre: FloatArray, width: FloatArray) -> None:
        """Keep node prices within `width` of `centre`; both of shape (n,)."""
        for node, (low, high) in enumerate(zip((centre - width).tolist(), (centre + width).tolist(), strict=True)):
            self._model.objective.set_linear_coefficient(self._less[node], high * SCALE)
            self._model.objective.set_linear_coefficient(self._more[node], -low * SCALE)

    def add(self, nodes: IntArray, cost: float) -> bool:
        """A grid, as ascending nodes, with its terms; False if it is known."""
        key = nodes.tobytes()
        if key in self._known:
            return False
        self._known.add(key)
        variable = self._model.add_variable(lb=0.0)
        held: Counter[int] = Counter()
        for node in nodes.tolist():
            self._cover[node].set_coefficient(variable, 1.0)
            held.update(self._cuts_of[node])
            self._columns_of[node].append(len(self.columns))
        for cut, num in held.items():
            times = num // self.cuts[cut].divisor
            if times:
                self._rows[cut].set_coefficient(variable, float(times))
        for group in np.unique(self.pricing.group_of[nodes]).tolist():
            if group in self._touch:
                self._touch[group].set_coefficient(variable, 1.0)
        self._count.set_coefficient(variable, 1.0)
        self._model.objective.set_linear_coefficient(variable, cost * SCALE)
        self._used.append(variable)
        self.columns.append(nodes)
        self.costs.append(cost)
        return True

    def cut(self, cut: Cut) -> None:
        """Add a cut."""
        row = self._model.add_linear_constraint(ub=float(cut.most))
        for node in cut.nodes:
            self._cuts_of[node].append(len(self.cuts))
        self.cuts.append(cut)
        self._rows.append(row)
        held: Counter[int] = Counter()
        for node in cut.nodes:
            held.update(self._columns_of[node])
        for column, num in sorted(held.items()):
            if num >= cut.divisor:
                row.set_coefficient(self._used[column], float(num // cut.divisor))

    def solve(self, seconds: float | None) -> Solution | None:
        """An optimum; None if there was no time for it."""
        limit = None if seconds is None else datetime.timedelta(seconds=max(seconds, 0.01))
        result = self._solver.solve(params=mathopt.SolveParameters(time_limit=limit))
        if result.termination.reason != mathopt.TerminationReason.OPTIMAL:
            return None
        split = self.pricing.original.split
        touch = np.zeros(len(self.pricing.fewest_touches))
        if self._touch:
            touch[list(self._touch)] = result.dual_values(list(self._touch.values()))
        # Whatever the simplex method says, these prices are allowed: a bound from them is valid.
        return Solution(
            prices=Prices(
                node=np.array(result.dual_values(self._cover)) / SCALE, touch=np.clip(touch / SCALE, 0.0, split)
            ),
            penalty=np.maximum(0.0, -np.array(result.dual_values(self._rows)) / SCALE),
            count_price=result.dual_values(self._count) / SCALE,
            weight=np.array(result.variable_values(self._used)),
            relaxed=float(sum(result.variable_values(self._less)) + sum(result.variable_values(self._more))),
        )
