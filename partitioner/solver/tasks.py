"""What the portfolio solves one by one: pieces with their counts, and what is known against them beforehand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from partitioner.model import IntArray, Problem, Violation
from partitioner.solver.pieces import Area, areas_of
from partitioner.solver.prechecks import count_range, impossible


@dataclass(frozen=True, kw_only=True, eq=False)
class Task:
    """One piece to solve.

    Parameters
    ----------
    units : int array
        Ascending positions in the problem.
    counts : (int, int)
        Fewest and most grids of a lawful plan.
    ruled : (int, int)
        Fewest and most grids that the rules allow where bounds may be broken.
    together : tuple of tuples
        Sets of `units` that must share a grid and are connected.
    loose : tuple of tuples
        Sets of `units` that must share a grid and are in pieces.
    bridged : tuple of tuples
        All of these sets, loose ones joined by the units on a shortest way between their parts: a
        search may keep these together, a proof may not.
    reasons : tuple of Violation
        Why the piece cannot be planned lawfully, proved; empty where nothing is known against it.
    floor : float or None
        Only of a block of a larger piece, about which nothing can be proved by looking at the block: its share of a
        lower bound on the cost of that piece.
    """

    parent: int
    units: IntArray
    counts: tuple[int, int]
    ruled: tuple[int, int]
    together: tuple[tuple[int, ...], ...]
    loose: tuple[tuple[int, ...], ...]
    bridged: tuple[tuple[int, ...], ...]
    reasons: tuple[Violation, ...]
    floor: float | None = None


def tasks_of(problem: Problem, together: Sequence[tuple[int, ...]]) -> list[Task]:
    """Cut a settled problem into tasks, in the order of its areas."""
    areas = areas_of(problem)
    reasons = impossible(problem, areas, together)
    sets = {members[0]: members for members in together}
    tasks = []
    for area in areas:
        parts = list(area.components)
        if len(parts) > 1 and (area.count_low is not None or area.count_high is not None):
            # Only all parts together know how many grids each may have.
            found = [reason for part in parts for reason in reasons.get(int(part[0]), ())]
            tasks.append(_task(problem, area, np.sort(np.concatenate(parts)), sets, found))
            continue
        tasks += [_task(problem, area, part, sets, reasons.get(int(part[0]), [])) for part in parts]
    return tasks


def _task(
    problem: Problem,
    area: Area,
    units: IntArray,
    sets: Mapping[int, tuple[int, ...]],
    reasons: list[Violation],
) -> Task:
    here = set(units.tolist())
    inside = sorted(sets[unit] for unit in here & sets.keys())
    tight = tuple(members for members in inside if _pieces(problem, members) == 1)
    bridged = tight if len(tight) == len(inside) else _bridged(problem, here, inside)
    low, high = count_range(
        int(problem.units.households[units].sum()), problem.bounds.min, problem.bounds.max, len(units)
    )
    if low > high or reasons:  # where no lawful plan exists, sizes say nothing about the number of grids
        low, high = 1, len(units)
    counts = (
        low if area.count_low is None else max(low, area.count_low),
        high if area.count_high is None else min(high, area.count_high),
    )
    if counts[0] > counts[1]:  # the counts themselves are the reason: they stay, the bounds give way
        counts = (max(1, area.count_low or 1), max(1, len(units) if area.count_high is None else area.count_high))
    return Task(
        parent=area.parent,
        units=units,
        counts=counts,
        ruled=(max(1, area.count_low or 1), len(units) if area.count_high is None else max(1, area.count_high)),
        together=tight,
        loose=tuple(members for members in inside if members not in tight),
        bridged=bridged,
        reasons=tuple(reasons),
    )


def _pieces(problem: Problem, members: tuple[int, ...]) -> int:
    inside, seen, pieces = set(members), set[int](), 0
    for first in members:
        if first in seen:
            continue
        pieces += 1
        seen.add(first)
        waiting = [first]
        while waiting:
            for other in problem.graph.neighbours(waiting.pop()).tolist():
                if other in inside and other not in seen:
                    seen.add(other)
                    waiting.append(other)
    return pieces


def _bridged(problem: Problem, here: set[int], sets: list[tuple[int, ...]]) -> tuple[tuple[int, ...], ...]:
    """`sets` grown until each is connected and no two overlap."""
    grown = [set(members) for members in sets]
    for members in grown:
        while _pieces(problem, tuple(sorted(members))) > 1:
            members |= _way_out(problem, here, members)
    merged: list[set[int]] = []
    for members in grown:
        for other in [m for m in merged if m & members]:
            members |= other
            merged.remove(other)
        merged.append(members)
    return tuple(tuple(sorted(members)) for members in merged)


def _way_out(problem: Problem, here: set[int], members: set[int]) -> set[int]:
    """Units on a way with fewest units from the first part of `members` to any other part of it."""
    first = min(members)
    part = {first}
    waiting = [first]
    while waiting:
        for other in problem.graph.neighbours(waiting.pop()).tolist():
            if other in members and other not in part:
                part.add(other)
                waiting.append(other)
    came_from: dict[int, int] = dict.fromkeys(part, -1)
    wave = sorted(part)
    while wave:
        following = []
        for unit in wave:
            for other in problem.graph.neighbours(unit).tolist():
                if other in came_from or other not in here:
                    continue
                came_from[other] = unit
                if other in members:
                    return _trail(came_from, other)
                following.append(other)
        wave = following
    raise AssertionError("a settled set is always reachable within its part")


def _trail(came_from: dict[int, int], unit: int) -> set[int]:
    trail = set()
    while unit >= 0:
        trail.add(unit)
        unit = came_from[unit]
    return trail
