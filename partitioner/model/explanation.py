"""What a plan looks like, grid by grid: data for ledgers, maps and reports. Prose is rendered last."""

from __future__ import annotations

from dataclasses import dataclass

from partitioner.model.plan import Objective
from partitioner.model.violation import Violation


@dataclass(frozen=True, kw_only=True)
class GridSummary:
    """One grid.

    Parameters
    ----------
    grid : str
        Its label in the plan.
    walk : float
        Its term of the objective: household-metres to the best centre (metres to the power `walk_power`).
    deviation : float
        Households minus target; negative where the grid is small.
    groups : tuple of str
        Compounds it touches, sorted.
    split_groups : tuple of str
        Those of `groups` that other grids touch too, sorted.
    centre : str
        Id of the unit that the walk is measured from.
    parent : str or None
        The parent of most of its households; None where the units have none.
    pieces : int
        Connected pieces; 1 in a lawful grid.
    locked : bool
        Whether it is one of the problem's locked sets.
    violations : tuple of Violation
        The broken rules that name this grid.
    max_walk_m : float or None
        Longest shortest path from the centre to a unit of the grid, metres; None where a unit cannot be reached or
        nobody asked.
    """

    grid: str
    num_units: int
    households: int
    walk: float
    deviation: float
    groups: tuple[str, ...]
    split_groups: tuple[str, ...]
    centre: str
    parent: str | None
    pieces: int
    locked: bool = False
    violations: tuple[Violation, ...] = ()
    max_walk_m: float | None = None


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """A whole plan.

    Parameters
    ----------
    grids : tuple of GridSummary
        In the order in which labels first appear in the plan.
    objective : Objective
        Of the whole plan.
    num_groups : int
        Compounds in the problem.
    num_split_groups : int
        Compounds that two or more grids touch.
    unlabelled : tuple of str
        Ids of units without a grid, in the problem's order.
    violations, warnings : tuple of Violation
        Of the whole plan, those of single grids included.
    """

    grids: tuple[GridSummary, ...]
    objective: Objective
    num_groups: int
    num_split_groups: int
    unlabelled: tuple[str, ...] = ()
    violations: tuple[Violation, ...] = ()
    warnings: tuple[Violation, ...] = ()

    def by_grid(self) -> dict[str, GridSummary]:
        """From label to summary."""
        return {summary.grid: summary for summary in self.grids}
