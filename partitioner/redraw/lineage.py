"""What became of every grid: kept, changed, split, merged, new or retired."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import linear_sum_assignment

from partitioner.model import IntArray, Labels

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

    def renamed(self) -> dict[str, str]:
        """From labels of today to the previous label that each grid carries on."""
        return {line.grid: line.previous for line in self.lines if line.grid is not None and line.previous is not None}


def lineage(before: Labels, after: Labels, households: IntArray) -> Lineage:
    """Match grids one to one so that as many households as possible stay.

    Among such matchings one is taken in which equal labels meet as often as possible. Grids without any household in
    common are matched only if they have the same label and a unit in common.

    Parameters
    ----------
    before, after : Labels
        Of the same units; null where a unit had, or has, no grid.
    households : int array, shape (n,)
    """
    overlap = _table(before, after, households)
    units = _table(before, after, np.ones(len(before), dtype=np.int64))
    num_before, num_after = len(before.names), len(after.names)
    same = np.array([[a == b for b in before.names] for a in after.names], dtype=np.int64).reshape(
        num_after, num_before
    )
    gain = overlap[:-1, :-1] * (num_after + 1) + same * (units[:-1, :-1] > 0)
    rows, columns = linear_sum_assignment(gain, maximize=True)
    carried = {int(r): int(c) for r, c in zip(rows, columns, strict=True) if gain[r, c] > 0}
    lines = [_line_of(i, carried, before, after, overlap, units) for i in range(num_after)]
    alive = set(carried.values())
    lines += [_retired(c, before, after, overlap) for c in range(num_before) if c not in alive]
    retained = sum(int(overlap[r, c]) for r, c in carried.items())
    return Lineage(lines=tuple(lines), moved=int(overlap[:, :-1].sum()) - retained)


def _table(before: Labels, after: Labels, weight: IntArray) -> IntArray:
    """Weight by (grid of today, previous grid); the last row and column are for null labels."""
    table = np.zeros((len(after.names) + 1, len(before.names) + 1), dtype=np.int64)
    np.add.at(table, (after.code, before.code), weight)
    return table


def _line_of(
    i: int, carried: dict[int, int], before: Labels, after: Labels, overlap: IntArray, units: IntArray
) -> Line:
    c = carried.get(i)
    households = int(overlap[i].sum())
    return Line(
        grid=after.names[i],
        previous=None if c is None else before.names[c],
        fate=_fate(i, c, carried, overlap, units),
        households=households,
        retained=0 if c is None else int(overlap[i, c]),
        origins=_ranked(overlap[i], before.names),
        heirs=() if c is None else _ranked(overlap[:, c], after.names),
    )


def _fate(i: int, c: int | None, carried: dict[int, int], overlap: IntArray, units: IntArray) -> Fate:
    whole = [
        p
        for p in np.flatnonzero(units[i, :-1]).tolist()
        if units[i, p] == units[:, p].sum() and p != c and p not in carried.values()
    ]
    if c is not None:
        if whole:
            return "merged"
        same = units[i, c] == units[i].sum() == units[:, c].sum()
        return "kept" if same else "changed"
    if len(whole) > 1:
        return "merged"
    largest = int(overlap[i, :-1].max(initial=0))
    return "split" if largest > 0 and largest >= MOST * int(overlap[i].sum()) else "new"


def _retired(c: int, before: Labels, after: Labels, overlap: IntArray) -> Line:
    return Line(
        grid=None,
        previous=before.names[c],
        fate="retired",
        households=int(overlap[:, c].sum()),
        retained=0,
        origins=(),
        heirs=_ranked(overlap[:, c], after.names),
    )


def _ranked(values: IntArray, names: tuple[str, ...]) -> tuple[tuple[str | None, int], ...]:
    """Names with households, most first; the last entry of `values` is for no name."""
    labels: list[str | None] = [*names, None]
    order = sorted(np.flatnonzero(values).tolist(), key=lambda k: (-int(values[k]), k))
    return tuple((labels[k], int(values[k])) for k in order)
