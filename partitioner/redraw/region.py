"""The part of a problem that is drawn anew: some blocks, cut into connected pieces."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from partitioner.model import IntArray, Problem
from partitioner.redraw.standing import Standing
from partitioner.solver.limits import StopSignal
from partitioner.solver.pieces import Piece, areas_of, components_of, make_piece


@dataclass(frozen=True, kw_only=True, eq=False)
class Part:
    """One connected piece of a region; its nodes count from `first` on in the region."""

    piece: Piece
    first: int
    loose: tuple[IntArray, ...]
    """Nodes that must share a grid though they do not hang together by themselves."""


@dataclass(frozen=True, kw_only=True)
class Counted:
    """How many grids some parts hold together."""

    parts: tuple[int, ...]
    low: int
    high: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Region:
    """Blocks to be drawn anew.

    Parameters
    ----------
    blocks : tuple of int
        Ascending.
    labels : tuple of int
        Codes of the previous grids among them.
    locked : Sets
        Locked grids that hold units of these blocks; they are nodes after all others.
    """

    blocks: tuple[int, ...]
    labels: tuple[int, ...]
    parts: tuple[Part, ...]
    counted: tuple[Counted, ...]
    locked: tuple[tuple[int, ...], ...]

    @property
    def num_nodes(self) -> int:
        return sum(len(part.piece.case.households) for part in self.parts) + len(self.locked)

    @property
    def units(self) -> IntArray:
        """Positions of all units that may change, and those of the locked grids."""
        free = [part.piece.units for part in self.parts]
        return np.sort(np.concatenate([*free, *(np.array(members) for members in self.locked)]).astype(np.int64))


def region_of(
    problem: Problem,
    together: Iterable[tuple[int, ...]],
    state: Standing,
    blocks: Iterable[int],
    signal: StopSignal,
) -> Region:
    """Cut `blocks` into parts. Ways are measured over the whole graph."""
    chosen = sorted(set(blocks))
    wanted = np.zeros(state.num_blocks, dtype=np.bool_)
    wanted[chosen] = True
    inside = wanted[state.block]
    sets = [members for members in together if inside[members[0]]]
    parts: list[Part] = []
    counted: list[Counted] = []
    first = 0
    for area in areas_of(problem):
        everything = np.concatenate(area.components)
        units = np.sort(everything[inside[everything]])
        if not len(units):
            continue
        numbers = []
        for component in components_of(problem, units):
            part = _part(problem, component, sets, first, signal)
            first += len(part.piece.case.households)
            numbers.append(len(parts))
            parts.append(part)
        if area.count_low is not None or area.count_high is not None:
            others = len(np.unique(state.block[everything[~inside[everything]]]))
            high = len(units) if area.count_high is None else area.count_high - others
            counted.append(Counted(parts=tuple(numbers), low=max(0, (area.count_low or 0) - others), high=max(0, high)))
    return Region(
        blocks=tuple(chosen),
        labels=tuple(b for b in chosen if b < state.num_grids),
        parts=tuple(parts),
        counted=tuple(counted),
        locked=tuple(members for members in problem.locked if inside[list(members)].any()),
    )


def _part(problem: Problem, units: IntArray, together: list[tuple[int, ...]], first: int, signal: StopSignal) -> Part:
    here = set(units.tolist())
    mine = [members for members in together if members[0] in here]
    tight = [members for members in mine if len(components_of(problem, np.array(members))) == 1]
    piece = make_piece(problem, units, tuple(tight), (1, len(units)), signal.flag)
    loose = [members for members in mine if members not in tight]
    return Part(
        piece=piece,
        first=first,
        loose=tuple(np.unique(piece.node_of[np.searchsorted(units, np.array(members))]) for members in loose),
    )
