"""What may not change in a redraw, at three levels. (Where a search starts is another question.)"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

import numpy as np

from partitioner.errors import Fault, InputError, Place, Text
from partitioner.model import IntArray, Problem


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """Frozen grids, units and lines, named by the previous plan.

    Parameters
    ----------
    grids : frozenset of str
        Previous grids that stay exactly as they are. Where one breaks a bound now, that is a warning.
    units : frozenset of str
        Ids of units that stay with their grid: the grid that carries on their previous one holds them.
    lines : frozenset of (str, str)
        Pairs of previous grids between which the line stays: no grid holds units of both.
    """

    grids: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()
    lines: frozenset[tuple[str, str]] = frozenset()

    def __post_init__(self) -> None:
        object.__setattr__(self, "grids", frozenset(self.grids))
        object.__setattr__(self, "units", frozenset(self.units))
        lines = frozenset((min(pair), max(pair)) for pair in self.lines)
        if any(a == b for a, b in lines):
            raise ValueError("a line lies between two different grids")
        object.__setattr__(self, "lines", lines)

    def __bool__(self) -> bool:
        return bool(self.grids or self.units or self.lines)


@dataclass(frozen=True, kw_only=True, eq=False)
class Fixed:
    """`Frozen` as positions in one problem.

    Parameters
    ----------
    grids : frozenset of int
        Codes of previous grids.
    pinned : bool array, shape (n,)
    lines : byte array, shape (previous grids, previous grids), or (0, 0) where there is none
    """

    grids: frozenset[int]
    pinned: np.ndarray[tuple[int], np.dtype[np.bool_]]
    lines: np.ndarray[tuple[int, int], np.dtype[np.uint8]]


def fixed(problem: Problem, frozen: Frozen) -> Fixed:
    """Look `frozen` up in `problem`.

    Raises
    ------
    InputError
        A grid or unit that is not there, or a unit without a previous grid.
    """
    previous = problem.units.previous
    code = {name: i for i, name in enumerate(previous.names)}
    position = problem.units.position()
    faults = [
        _unknown("frozen_grid", "网格", "previous grid", name)
        for name in sorted(frozen.grids | {name for line in frozen.lines for name in line})
        if name not in code
    ]
    faults += [_unknown("frozen_unit", "楼栋", "unit", name) for name in sorted(frozen.units) if name not in position]
    faults += [
        Fault(
            rule="frozen_unit",
            value=name,
            place=Place(),
            message=Text("该楼栋原来不属于任何网格，无法固定", "this unit had no grid to stay with"),
            remedy=Text("请去掉该项，或填写其原网格", "leave it out, or say which grid it belonged to"),
        )
        for name in sorted(frozen.units)
        if name in position and previous.code[position[name]] < 0
    ]
    if faults:
        raise InputError(faults)
    pinned = np.zeros(len(problem.units), dtype=np.bool_)
    pinned[[position[name] for name in frozen.units]] = True
    size = len(code) if frozen.lines else 0
    lines = np.zeros((size, size), dtype=np.uint8)
    for a, b in frozen.lines:
        lines[code[a], code[b]] = lines[code[b], code[a]] = 1
    return Fixed(grids=frozenset(code[name] for name in frozen.grids), pinned=pinned, lines=lines)


def with_locks(problem: Problem, grids: Collection[str]) -> Problem:
    """`problem` with previous grids, by name, as locked ones."""
    previous = problem.units.previous
    members = dict(zip(previous.names, previous.members(), strict=True))
    locked = {tuple(members[name].tolist()) for name in grids}
    return replace(problem, locked=(*problem.locked, *sorted(locked - set(problem.locked)))) if locked else problem


def broken_pins(problem: Problem, frozen: Fixed, label: Iterable[str | None]) -> list[str]:
    """Ids of pinned units that do not carry their previous grid's label."""
    previous = problem.units.previous.values()
    return [
        problem.units.id[i]
        for i, (now, before) in enumerate(zip(label, previous, strict=True))
        if frozen.pinned[i] and now != before
    ]


def broken_lines(problem: Problem, frozen: Fixed, grids: Iterable[IntArray]) -> list[tuple[str, str]]:
    """Frozen lines that some grid lies across, as pairs of names."""
    found = set()
    previous = problem.units.previous
    if not len(frozen.lines):
        return []
    for members in grids:
        codes = np.unique(previous.code[members])
        codes = codes[codes >= 0]
        for a, b in zip(*np.nonzero(frozen.lines[np.ix_(codes, codes)]), strict=True):
            found.add((previous.names[codes[min(a, b)]], previous.names[codes[max(a, b)]]))
    return sorted(found)


def _unknown(rule: str, what_zh: str, what_en: str, name: str) -> Fault:
    return Fault(
        rule=rule,
        value=name,
        place=Place(),
        message=Text(f"没有这个{what_zh}", f"there is no such {what_en}"),
        remedy=Text("请核对名称", "check the name"),
    )
