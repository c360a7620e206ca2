"""Grids that a caller refuses, whatever the rules say: chosen anew without them until all are admitted."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from partitioner.model import IntArray
from partitioner.redraw.choice import Aim, Choice, choose
from partitioner.redraw.columns import Columns, is_locked, units_of
from partitioner.redraw.region import Region
from partitioner.solver.limits import StopSignal

Admits = Callable[[IntArray], bool]
"""Whether these units (positions, ascending) may be a grid. The same answer for the same units."""

MAX_TURNS = 40
"""Times that a choice is made again without what was refused; where more is refused, nothing is proved."""


def choose_admitted(
    columns: Columns,
    region: Region,
    aim: Aim,
    signal: StopSignal,
    admits: Admits | None,
    *,
    seconds: float | None,
    cutoff: float = math.inf,
    hint: tuple[int, ...] = (),
    effort: float | None = None,
) -> Choice:
    """The best choice of admitted columns; `hint` holds admitted ones only. See `choose`."""
    kept = np.ones(len(columns), dtype=np.bool_)
    more = {} if effort is None else {"effort": effort}
    for _ in range(MAX_TURNS):
        alive = np.flatnonzero(kept)
        few = columns if len(alive) == len(columns) else columns.where(kept)
        known = tuple(np.searchsorted(alive, hint).tolist())
        choice = choose(few, region, aim, signal, seconds=seconds, cutoff=cutoff, hint=known, **more)
        picked = tuple(int(alive[j]) for j in choice.picked)
        refused = [] if admits is None else [j for j in picked if not _admitted(columns, region, j, admits)]
        if not refused:
            return replace(choice, picked=picked)
        for position in refused:
            kept &= ~_same(columns, position)
        if signal():
            break
    return Choice(outcome="open", picked=hint)


def _admitted(columns: Columns, region: Region, position: int, admits: Admits) -> bool:
    return is_locked(columns, region, position) or admits(units_of(columns, region, position))


def _same(columns: Columns, position: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Columns of the same nodes, whatever previous grid they carry on."""
    nodes = columns.nodes(position)
    same = np.zeros(len(columns), dtype=np.bool_)
    for j in np.flatnonzero(np.diff(columns.start) == len(nodes)).tolist():
        same[j] = np.array_equal(columns.nodes(j), nodes)
    return same
