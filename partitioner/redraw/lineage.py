"""What became of every grid: kept, changed, split, merged, new or retired."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from partitioner.model import IntArray, Labels
from partitioner.redraw.matching import best_matching, summed_pairs

Fate = Literal["kept", "changed", "split", "merged", "new", "retired"]
"""kept: the same units. changed: it carries on one previous grid with other units. split: none is carried on, and most
of its households come from one grid that lives on. merged: it carries on one grid and took over all of another, or
carries on none and holds several whole ones. new: nobody in it had a grid, or those who had come from several that
live on. retired: a previous grid that no grid carries on."""

MOST = 0.5
"""Share of a grid's households from which it counts as coming from one previous grid."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One grid, of today or retired.

    Parameters
    ----------
    grid : str or None
        Its label today; None if it is retired.
    previous : str or None
        The grid that it carries on; for retired grids itself.
    fate : str
    households, retained : int
        All of the grid today (of a retired one: before, in households of today), and those it kept.
    origins : tuple of (str or None, int)
        Previous grids of its households, most first; None are households without one.
    heirs : tuple of (str or None, int)
        Where the households of `previous` are today, most first; None are households left out.
    """

    grid: str | None
    previous: str | None
    fate: Fate
    households: int
    retained: int
    origins: tuple[tuple[str | None, int], ...]
    heirs: tuple[tuple[str | None, int], ...]


@dataclass(frozen=True, kw_only=True)
class Lineage:
    """All grids of today in the order of their labels' first appearance, then the retired ones.

    Parameters
    ----------
    moved : int
        Households that had a grid and are not in the one that carries it on.
    """

    lines: tuple[Line, ...]
    moved: int

    @property
    def retired(self) -> tuple[str, ...]:
        """Labels that are never to be used again."""
        return tuple(line.previous for line in self.lines if line.fate == "retired" and line.previous is not None)

    @property
    def fresh(self) -> tuple[str, ...]:
        """Grids of today that carry on none: they need codes of their own."""
        return tuple(line.grid for line in self.lines if line.previous is None and line.grid is not None)

    def successors(self) -> dict[str, tuple[str, ...]]:
        """From each retired label to the grids that hold its households, most first."""
        return {
            line.previous: tuple(grid for grid, _ in line.heirs if grid is not None)
            for line in self.lines
            if line.fate == "retired" and line.previous is not None
        }

    def heirs(self) -> dict[str, str]:
        """From each retired label to the grid that holds most of its households."""
        return {name: grids[0] for name, grids in self.successors().items() if grids}

    def renamed(self) -> dict[str, str]:
        """From labels of today to the previous label that each grid carries on."""
        return {line.grid: line.previous for line in self.lines if line.grid is not None and line.previous is not None}


def lineage(before: Labels, after: Labels, households: IntArray) -> Lineage:
    """Match grids one to one so that as many households as possible stay.

    Among such matchings one is taken in which equal labels, or the very same units, meet as often as possible. Grids
    without any household in common are matched only if they have the same label and a unit in common, or all units: a
    market where nobody lives keeps its code whatever the solver called it.

    Parameters
    ----------
    before, after : Labels
        Of the same units; null where a unit had, or has, no grid.
    households : int array, shape (n,)
    """
    flow = _Flow(before, after, households)
    place = {name: code for code, name in enumerate(before.names)}
    many = len(after.names) + 1
    same = np.array([place.get(name, -1) for name in after.names], dtype=np.int64)
    matched = (flow.after >= 0) & (flow.before >= 0)
    gain = flow.households * many
    gain[matched] += (same[flow.after[matched]] == flow.before[matched]) | flow.unchanged[matched]
    carried = best_matching(flow.after[matched], flow.before[matched], gain[matched])
    alive = set(carried.values())
    lines = [_line_of(i, carried, alive, flow) for i in range(len(after.names))]
    lines += [_retired(c, flow) for c in range(len(before.names)) if c not in alive]
    had = int(households[before.code >= 0].sum())
    return Lineage(lines=tuple(lines), moved=had - sum(line.retained for line in lines))


class _Flow:
    """Units and households by (grid of today, previous grid); -1 where there is none."""

    def __init__(self, before: Labels, after: Labels, households: IntArray) -> None:
        self.names_before, self.names_after = before.names, after.names
        self.after, self.before, self.households = summed_pairs(after.code, before.code, households)
        self.units = summed_pairs(after.code, before.code, np.ones(len(before), dtype=np.int64))[2]
        sizes = [np.bincount(each.code + 1, minlength=len(each.names) + 1) for each in (before, after)]
        self.size_before = sizes[0][1:]
        self.unchanged = (self.units == sizes[0][self.before + 1]) & (self.units == sizes[1][self.after + 1])
        self._of_after = _positions(self.after, len(after.names))
        self._of_before = _positions(self.before, len(before.names))

    def into(self, i: int) -> IntArray:
        """Entries of one grid of today."""
        return self._of_after[i]

    def out_of(self, c: int) -> IntArray:
        """Entries of one previous grid."""
        return self._of_before[c]

    def origins(self, i: int) -> tuple[tuple[str | None, int], ...]:
        """Previous grids of one grid of today, most households first."""
        return _ranked(self.before[self.into(i)], self.households[self.into(i)], self.names_before)

    def heirs(self, c: int) -> tuple[tuple[str | None, int], ...]:
        """Grids of today of one previous grid, most households first."""
        return _ranked(self.after[self.out_of(c)], self.households[self.out_of(c)], self.names_after)


def _positions(codes: IntArray, num: int) -> list[IntArray]:
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(num + 1))
    return [order[a:b] for a, b in pairwise(starts)]


def _line_of(i: int, carried: dict[int, int], alive: set[int], flow: _Flow) -> Line:
    c = carried.get(i)
    entries = flow.into(i)
    return Line(
        grid=flow.names_after[i],
        previous=None if c is None else flow.names_before[c],
        fate=_fate(i, c, alive, flow),
        households=int(flow.households[entries].sum()),
        retained=0 if c is None else int(flow.households[entries[flow.before[entries] == c]].sum()),
        origins=flow.origins(i),
        heirs=() if c is None else flow.heirs(c),
    )


def _fate(i: int, c: int | None, alive: set[int], flow: _Flow) -> Fate:
    entries = [k for k in flow.into(i).tolist() if flow.before[k] >= 0]
    whole = [k for k in entries if flow.units[k] == flow.size_before[flow.before[k]]]
    swallowed = [k for k in whole if int(flow.before[k]) not in alive]
    if c is not None:
        if swallowed:
            return "merged"
        same = len(flow.into(i)) == 1 and len(whole) == 1
        return "kept" if same else "changed"
    if len(swallowed) > 1:
        return "merged"
    largest = max((int(flow.households[k]) for k in entries), default=0)
    return "split" if largest > 0 and largest >= MOST * int(flow.households[flow.into(i)].sum()) else "new"


def _retired(c: int, flow: _Flow) -> Line:
    return Line(
        grid=None,
        previous=flow.names_before[c],
        fate="retired",
        households=int(flow.households[flow.out_of(c)].sum()),
        retained=0,
        origins=(),
        heirs=flow.heirs(c),
    )


def _ranked(codes: IntArray, households: IntArray, names: tuple[str, ...]) -> tuple[tuple[str | None, int], ...]:
    """Names with households, most first."""
    order = sorted(range(len(codes)), key=lambda k: (-int(households[k]), int(codes[k])))
    return tuple((None if codes[k] < 0 else names[codes[k]], int(households[k])) for k in order)
