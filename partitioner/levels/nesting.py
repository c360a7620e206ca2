"""Two levels, one inside the other, and where every unit of them stands."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from partitioner.model import IntArray, Labels, Plan, Problem
from partitioner.profiles import Level
from partitioner.scoring.objective import walk_of

SolvePart = Callable[[Problem], Plan]
"""Solves a part: areas or pairs of areas, each a parent of its own."""


MICRO_LINE_PRICE = 2_000.0
"""What grids may lose, in household-metres, for every household that is brought within the bounds of micro-grids."""


def line_price(level: Level) -> float:
    """What the level above may lose for the sake of `level`: no limit but for the narrowest of three.

    Grids are the norm that has legal force: where a community's line makes one unlawful, it is moved whatever it costs.
    """
    if level.line_price is not None:
        return level.line_price
    return MICRO_LINE_PRICE if level.name == "micro" else math.inf


@dataclass(frozen=True, kw_only=True, eq=False)
class Nested:
    """Two levels, one inside the other.

    Parameters
    ----------
    upper, lower : Problem
        Parents of `lower` are not read: the upper areas are its parents.
    upper_of_lower : int array, shape (units of `lower`,)
        The upper unit that each lower unit is a part of. Upper units are never cut by a line.
    price : float
        What the upper objective may lose for every household that is brought within the lower bounds; infinite:
        whatever it costs.
    """

    upper: Problem
    lower: Problem
    upper_of_lower: IntArray
    price: float = math.inf

    def __post_init__(self) -> None:
        if len(self.upper_of_lower) != len(self.lower.units):
            raise ValueError(f"{len(self.upper_of_lower)} positions for {len(self.lower.units)} lower units")
        if len(self.upper_of_lower) and int(self.upper_of_lower.min()) < 0:
            raise ValueError("every lower unit must be a part of an upper one")

    def cost_of(self, areas: Iterable[IntArray]) -> float:
        """What these upper areas add to the upper objective, compounds counted in each; without `move`."""
        units, weights, aim = self.upper.units, self.upper.weights, self.upper.bounds.aim
        total = 0.0
        for members in areas:
            groups = np.unique(units.group.code[members])
            total += weights.walk * walk_of(self.upper, members)[0] + weights.split * int((groups >= 0).sum())
            total += weights.balance * abs(int(units.households[members].sum()) - aim)
        return total

    def rank(self, misfit: int, cost: float) -> tuple[float, float]:
        """Less is better: households outside the lower bounds at their price, with what the upper areas cost."""
        return (misfit, cost) if math.isinf(self.price) else (misfit * self.price + cost, misfit)


def misfit_by_cell(problem: Problem, cell: IntArray) -> IntArray:
    """Households outside the bounds for every cell number; 0 in locked cells, which no bound holds."""
    size = np.bincount(cell, weights=problem.units.households).astype(np.int64)
    outside = np.maximum(np.maximum(problem.bounds.min - size, size - problem.bounds.max), 0)
    outside[np.bincount(cell) == 0] = 0
    for members in problem.locked:
        outside[cell[members[0]]] = 0
    return outside


@dataclass(eq=False)
class Standing:
    """Where every unit is now.

    `area` names the upper area of every upper unit (None: in none), `cell` numbers the lower area of every lower unit.
    """

    nested: Nested
    area: list[str | None]
    cell: IntArray
    fixed: frozenset[str]
    next_cell: int = 0

    @classmethod
    def of(cls, nested: Nested, upper_plan: Plan, lower_plan: Plan) -> Standing:
        """Areas that hold a locked set stay as they are, and so do those of lower units without an area."""
        area = list(upper_plan.grid.values())
        cell = lower_plan.grid.code.copy()
        unlabelled = cell < 0
        cell[unlabelled] = len(lower_plan.grid.names) + np.arange(int(unlabelled.sum()))
        fixed = {area[p] for members in nested.upper.locked for p in members}
        fixed |= {area[int(p)] for p in nested.upper_of_lower[unlabelled]}
        state = cls(nested, area, cell, frozenset(name for name in fixed if name is not None))
        state.next_cell = int(cell.max(initial=-1)) + 1
        return state

    def area_of_lower(self) -> Labels:
        return Labels(self.area[p] for p in self.nested.upper_of_lower.tolist())

    def members(self, names: Iterable[str]) -> list[IntArray]:
        """Upper units of every area named, ascending."""
        at: dict[str | None, list[int]] = {name: [] for name in names}
        for unit, name in enumerate(self.area):
            if name in at:
                at[name].append(unit)
        return [np.array(units, dtype=np.int64) for units in at.values()]

    def upper_cost(self) -> float:
        """What all areas cost; comparable among plans of one problem."""
        code = Labels(self.area)
        return self.nested.cost_of(code.members())

    def misfit(self) -> int:
        return int(misfit_by_cell(self.nested.lower, self.cell).sum())

    def hopeful(self) -> IntArray:
        """Misfit by cell, without lone units that are too large for any cell: moving a line does not help them."""
        outside = misfit_by_cell(self.nested.lower, self.cell)
        size = np.bincount(self.cell, weights=self.nested.lower.units.households)
        outside[(np.bincount(self.cell) == 1) & (size > self.nested.lower.bounds.max)] = 0
        return outside

    def misfit_by_area(self, outside: IntArray) -> dict[str, int]:
        """Households outside the lower bounds in every area that has any."""
        home = np.zeros(len(outside), dtype=np.int64)
        home[self.cell] = self.nested.upper_of_lower
        found: dict[str, int] = {}
        for cell in np.flatnonzero(outside).tolist():
            name = self.area[int(home[cell])]
            if name is not None:
                found[name] = found.get(name, 0) + int(outside[cell])
        return found
