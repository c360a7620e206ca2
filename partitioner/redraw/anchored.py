"""Fewest moved households where lists get too long: every node chooses the previous grid that it goes to.

A plan comes from grids that grow from their middles (`ordered.py`), a bound from a model that lets small nodes be
divided, and where the two do not meet the exact model looks for what is in between (`place_model.py`). Grids that carry
on none get a few places of their own; more of them than that would move more households than the plan that was found.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from partitioner.model import IntArray, Problem
from partitioner.redraw.columns import Columns
from partitioner.redraw.freezing import Fixed
from partitioner.redraw.near_part import Near, near_parts
from partitioner.redraw.ordered import places_around, places_of
from partitioner.redraw.place_model import Cells, PlaceModel, joined_cells, single_cells
from partitioner.redraw.region import Region
from partitioner.solver.kernels.listing import grid_cost
from partitioner.solver.limits import StopSignal

EFFORT = 3.0
"""What the exact model may take, in CP-SAT's own measure (about seconds)."""

GROWING, DIVIDING = 1.5, 1.5
"""The same for each model of grids that grow, and for the one in which small nodes are divided."""

MAX_STARTS = 3
"""Times that middles are looked for."""

MAX_PLACES = 20_000
"""More pairs of nodes and grids than this are not modelled."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Anchored:
    """Parameters
    ----------
    bound : int
        No lawful plan of the region moves fewer households.
    columns : Columns or None
        The grids of a plan that moves few, perhaps no more than `bound`; None where none was found.
    """

    bound: int
    columns: Columns | None


@dataclass(frozen=True, kw_only=True, eq=False)
class _Asked:
    """The region and how it may be worked on."""

    region: Region
    low: int
    fixed: Fixed
    nears: list[Near]
    signal: StopSignal
    seconds: float | None


def few_moved(
    problem: Problem, region: Region, fixed: Fixed, at_least: int, signal: StopSignal, *, seconds: float | None
) -> Columns | None:
    """A plan of the region that moves few households, of which `at_least` are known to move; None where none was found.

    Its grids grow in the order of their places, from better and better middles.
    """
    if not _fits(problem, region):
        return None
    places = places_of(near_parts(problem, region, fixed))
    cells = [single_cells(part) for part in region.parts]
    best: Columns | None = None
    for _ in range(MAX_STARTS):
        if sum(len(place.rank) for place in places) > MAX_PLACES or signal():
            break
        nears = [place.near for place in places]
        model = PlaceModel(region, nears, cells, fixed, at_least, moved_by(best), places)
        if not model.solve(signal, seconds, GROWING):
            break
        best = _columns(nears, model.grids)
        if moved_by(best) == at_least:
            break
        places = places_around(places, model.grids)
    return best


def divided_bound(
    problem: Problem, region: Region, fixed: Fixed, at_least: int, signal: StopSignal, *, seconds: float | None
) -> int:
    """No lawful plan of the region moves fewer, even if small nodes were divided; `at_least` are known to move."""
    if not _fits(problem, region):
        return at_least
    asked = _asked(problem, region, fixed, signal, seconds)
    cells = [joined_cells(part, [near for near in asked.nears if near.part is part]) for part in region.parts]
    if not any(some.divisible.any() for some in cells):
        return at_least
    return _proved(asked, cells, at_least, None, DIVIDING)[0]


def fewest_moved(
    problem: Problem,
    region: Region,
    fixed: Fixed,
    at_least: int,
    signal: StopSignal,
    *,
    seconds: float | None,
    best: Columns | None,
) -> Anchored:
    """A bound for the region, where `at_least` households are known to move, and a plan no worse than `best`."""
    if not _fits(problem, region):
        return Anchored(bound=at_least, columns=best)
    asked = _asked(problem, region, fixed, signal, seconds)
    cells = [single_cells(part) for part in region.parts]
    bound, found = _proved(asked, cells, at_least, moved_by(best), EFFORT)
    return Anchored(bound=bound, columns=found or best)


def moved_by(columns: Columns | None) -> int | None:
    """Households that a plan of exactly these columns moves."""
    return None if columns is None else int(columns.incoming.sum())


def _asked(problem: Problem, region: Region, fixed: Fixed, signal: StopSignal, seconds: float | None) -> _Asked:
    nears = near_parts(problem, region, fixed)
    return _Asked(region=region, low=problem.bounds.min, fixed=fixed, nears=nears, signal=signal, seconds=seconds)


def _proved(
    asked: _Asked, cells: list[Cells], at_least: int, below: int | None, effort: float
) -> tuple[int, Columns | None]:
    """A bound on moved households, and a plan that moves so many if one was found with less than `below`."""
    region, low = asked.region, asked.low
    free = sum(int(part.piece.case.households.sum()) for part in region.parts) - int(_had(region).sum())
    fresh = 1
    while True:
        places = [near for near in asked.nears for _ in range(fresh if near.label < 0 else 1)]
        if sum(len(cells[near.number]) for near in places) > MAX_PLACES or asked.signal():
            return at_least, None
        model = PlaceModel(region, places, cells, asked.fixed, at_least, below)
        found = model.solve(asked.signal, asked.seconds, effort)
        # With more fresh grids than places, each of `min` households, these come from elsewhere or are new.
        enough = (fresh + 1) * low - free
        if enough >= model.bound or not model.settled:
            bound = min(model.bound, max(at_least, enough))
            return bound, _columns(places, model.grids) if found and model.settled else None
        fresh += 1


def _fits(problem: Problem, region: Region) -> bool:
    return not region.locked and problem.max_walk_m is None and problem.bounds.min > 0


def _had(region: Region) -> IntArray:
    return np.concatenate([part.piece.case.previous_households for part in region.parts])


def _columns(places: list[Near], grids: list[IntArray]) -> Columns:
    chosen = [(near, nodes) for near, nodes in zip(places, grids, strict=True) if len(nodes)]
    return Columns(
        complete=False,
        start=np.cumsum([0, *(len(nodes) for _, nodes in chosen)]).astype(np.int64),
        item=np.concatenate([nodes + near.part.first for near, nodes in chosen]),
        cost=np.array([_cost(near, nodes) for near, nodes in chosen]),
        incoming=np.array([int(near.incoming[nodes].sum()) for near, nodes in chosen], dtype=np.int64),
        least=np.zeros(len(chosen), dtype=np.int64),
        label=np.array([near.label for near, _ in chosen], dtype=np.int64),
        part=np.array([near.number for near, _ in chosen], dtype=np.int64),
    )


def _cost(near: Near, nodes: IntArray) -> float:
    case = near.part.piece.case
    return float(grid_cost(case, nodes, len(nodes), int(case.households[nodes].sum()), case.far.shape[0] > 0))
