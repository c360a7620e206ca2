"""How many areas each area above gets when the county says how many there are in all."""

from __future__ import annotations

import numpy as np

from partitioner.errors import Fault, InputError, Text
from partitioner.model import Count, CountRange, Problem


def apportioned(problem: Problem, num_areas: int) -> Count:
    """Counts that share `num_areas` areas, beside locked ones, among the parents of `problem`, by households.

    Every parent gets the whole number nearest to its share that its households allow, by largest remainder (Hamilton's
    method); locked grids come on top. Parts of a parent that nothing connects are counted one by one when it comes to
    what is possible.

    Raises
    ------
    InputError
        No lawful plan can have that many areas.
    """
    parents = _parents(problem)
    low = np.array([entry[1] for entry in parents])
    high = np.array([entry[2] for entry in parents])
    households = np.array([entry[3] for entry in parents], dtype=np.float64)
    if not low.sum() <= num_areas <= high.sum():
        raise InputError([_impossible(num_areas, int(low.sum()), int(high.sum()))])
    share = num_areas * households / households.sum()
    given = np.clip(np.floor(share), low, high).astype(np.int64)
    while (missing := num_areas - int(given.sum())) != 0:
        step = 1 if missing > 0 else -1
        room = (given < high) if step > 0 else (given > low)
        given[int(np.argmax(np.where(room, step * (share - given), -np.inf)))] += step
    ranges = {
        name: CountRange(min=int(num) + locked, max=int(num) + locked)
        for (name, _, _, _, locked), num in zip(parents, given.tolist(), strict=True)
    }
    default = ranges.pop(None, CountRange())
    return Count(default=default, by_parent={name: one for name, one in ranges.items() if name is not None})


def still_fits(problem: Problem, count: Count, num_areas: int) -> bool:
    """Whether `count` has a number for every parent that its households allow: `num_areas`, beside locked ones."""
    if not set(count.by_parent) <= set(problem.units.parent.names):
        return False
    total = 0
    for name, fewest, most, _, locked in _parents(problem):
        asked = count.of(name)
        if asked.min is None or asked.min != asked.max or not fewest <= asked.min - locked <= most:
            return False
        total += asked.min - locked
    return total == num_areas


def _parents(problem: Problem) -> list[tuple[str | None, int, int, int, int]]:
    """Name, fewest and most grids, households, locked grids of every parent that has free units."""
    parent, units = problem.units.parent, problem.units
    free = np.ones(len(units), dtype=bool)
    locked: dict[int, int] = {}
    for members in problem.locked:
        free[list(members)] = False
        for code in sorted(set(parent.code[list(members)].tolist())):
            locked[code] = locked.get(code, 0) + 1
    found = []
    for code in sorted(set(parent.code[free].tolist())):
        here = free & (parent.code == code)
        households = int(units.households[here].sum())
        fewest = max(1, -(-households // problem.bounds.max))
        most = households // problem.bounds.min if problem.bounds.min else int(here.sum())
        name = None if code < 0 else parent.names[code]
        found.append((name, fewest, max(fewest, most), households, locked.get(code, 0)))
    return found


def _impossible(num_areas: int, low: int, high: int) -> Fault:
    return Fault(
        rule="num_areas",
        value=str(num_areas),
        message=Text(
            f"要求 {num_areas} 个；按户数上下限，总数应在 {low} 与 {high} 之间",
            f"{num_areas} were asked for; the household bounds allow between {low} and {high} in all",
        ),
        remedy=Text("请改变所要求的数目或户数上下限", "change the number asked for or the bounds"),
    )
