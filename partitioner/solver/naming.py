"""Labels of grids."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from partitioner.model import IntArray, Labels, Plan, Problem
from partitioner.model.ordering import reading_order
from partitioner.scoring.matching import carried_on


def name_grids(problem: Problem, slot: IntArray) -> Plan:
    """A plan whose grids are labelled.

    A grid that is matched to a previous one (one-to-one, most households retained) carries its label; the others get
    ``G001`` …, in reading order where the units have positions, else by their lowest unit, without labels that were in
    use before.

    Parameters
    ----------
    slot : int array, shape (n,)
        Grid of each unit as any number; every unit has one.
    """
    slots, member = np.unique(slot, return_inverse=True)
    carried = _carried(problem, member)
    taken = set(problem.units.previous.names)
    order = _order(problem, member, len(slots))
    fresh = [grid for grid in order if grid not in carried]
    width = max(3, len(str(len(slots))))
    names = dict(carried)
    number = 0
    for grid in fresh:
        number += 1
        while (name := f"G{number:0{width}d}") in taken:
            number += 1
        names[grid] = name
    return Plan(grid=Labels(names[grid] for grid in member.tolist()))


def _order(problem: Problem, member: npt.NDArray[np.intp], num: int) -> list[int]:
    units = problem.units
    if units.x is None or units.y is None:
        _, first = np.unique(member, return_index=True)
        return sorted(range(num), key=lambda grid: int(first[grid]))
    size = np.bincount(member, minlength=num)
    x = np.bincount(member, weights=units.x, minlength=num) / size
    y = np.bincount(member, weights=units.y, minlength=num) / size
    return reading_order(x, y)


def _carried(problem: Problem, member: npt.NDArray[np.intp]) -> dict[int, str]:
    previous = problem.units.previous
    pairs = carried_on(member.astype(np.int64), previous.code, problem.units.households)
    return {grid: previous.names[old] for grid, old, _ in pairs}
