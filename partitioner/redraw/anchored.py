"""Fewest moved households where lists get too long: every node chooses the previous grid that it goes to.

A bound comes from a model that lets small nodes be divided, a plan from its grids, small nodes shared out whole, or
from grids that grow from their middles (`ordered.py`); where the two do not meet the exact model looks for what is in
between (`place_model.py`). Grids that carry
on none get a few places of their own; more of them than that would move more households than the plan that was found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from partitioner.model import IntArray, Problem
from partitioner.redraw.columns import Columns
from partitioner.redraw.freezing import Fixed
from partitioner.redraw.near_part import Near, near_parts
from partitioner.redraw.ordered import Place, place_around, places_around, places_of
from partitioner.redraw.place_model import Cells, PlaceModel, joined_cells, single_cells
from partitioner.redraw.region import Part, Region
from partitioner.solver.kernels.listing import grid_cost
from partitioner.solver.limits import StopSignal

EFFORT = 3.0
"""What the exact model may take, in CP-SAT's own measure (about seconds)."""

GROWING, DIVIDING = 1.5, 3.0
"""The same for each model of grids that grow, and, per part of the region, for the one with divided nodes."""

MAX_STARTS = 3
"""Times that middles are looked for."""

MAX_PLACES = 20_000
"""More pairs of nodes and grids than this are not modelled."""


Locked = tuple[Mapping[int, int], ...]
"""Households of locked grids by previous grid."""


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
class Divided:
    """What is known when small nodes may be divided.

    Parameters
    ----------
    bound : int
        No lawful plan of the region moves fewer households.
    grids : tuple of (Near, int array, int array)
        Places in use: nodes held whole, and those of which some share is held. Empty where no such plan was found.
    """

    bound: int
    grids: tuple[tuple[Near, IntArray, IntArray], ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class _Asked:
    """The region and how it may be worked on."""

    region: Region
    low: int
    fixed: Fixed
    nears: list[Near]
    signal: StopSignal
    seconds: float | None
    locked: Locked
    alone: int | None = None
    """The only part that is asked for."""


def few_moved(
    problem: Problem,
    region: Region,
    fixed: Fixed,
    at_least: int,
    signal: StopSignal,
    *,
    seconds: float | None,
    divided: Divided | None = None,
) -> Columns | None:
    """A plan of the region that moves few households, of which `at_least` are known to move; None where none was found.

    What `divided` nodes show is tried first. Then grids grow in the order of their places, from better and better
    middles.
    """
    if not _fits(problem):
        return None
    locked = _locked(problem, region)
    best = None
    if divided and divided.grids:
        best = _undivided(region, fixed, locked, divided, at_least, signal, seconds)
    if moved_by(best) == at_least:
        return best
    places = places_of(near_parts(problem, region, fixed))
    cells = [single_cells(part) for part in region.parts]
    for _ in range(MAX_STARTS):
        if sum(len(place.rank) for place in places) > MAX_PLACES or signal():
            break
        nears = [place.near for place in places]
        model = PlaceModel(region, nears, cells, fixed, at_least, moved_by(best), places, locked=locked)
        found = _columns(model, locked) if model.solve(signal, seconds, GROWING) else None
        if found is None:
            break
        best = found
        if moved_by(best) == at_least:
            break
        places = places_around(places, model.grids)
    return best


def _undivided(
    region: Region,
    fixed: Fixed,
    locked: Locked,
    divided: Divided,
    at_least: int,
    signal: StopSignal,
    seconds: float | None,
) -> Columns | None:
    """The plan with the fewest moves in which nodes held whole stay where they are and all others grow from them."""
    places = [_grown_from(near, whole, shared) for near, whole, shared in divided.grids]
    nears = [place.near for place in places]
    cells = [single_cells(part) for part in region.parts]
    model = PlaceModel(region, nears, cells, fixed, at_least, None, places, locked=locked)
    for k, (_, whole, shared) in enumerate(divided.grids):
        model.keep(k, whole, shared)
    return _columns(model, locked) if model.solve(signal, seconds, GROWING) else None


def _grown_from(near: Near, whole: IntArray, shared: IntArray) -> Place:
    """From nodes held whole and its own."""
    own = np.union1d(whole, np.intersect1d(shared, near.roots) if near.label >= 0 else shared[:0])
    return place_around(near, own if len(own) else shared)


def divided_bound(
    problem: Problem, region: Region, fixed: Fixed, at_least: int, signal: StopSignal, *, seconds: float | None
) -> Divided:
    """Bound and plan if small nodes were divided, where `at_least` households are known to move."""
    if not _fits(problem):
        return Divided(bound=at_least)
    asked = _asked(problem, region, fixed, signal, seconds)
    cells = [joined_cells(part, [near for near in asked.nears if near.part is part]) for part in region.parts]
    if not any(some.divisible.any() for some in cells):
        return Divided(bound=at_least)
    least: dict[int, int] = {}
    alone: list[Divided] = []
    if len(cells) > 1 and not region.counted:
        for number in range(len(cells)):
            mine = [near for near in asked.nears if near.number == number]
            here = replace(asked, nears=mine, alone=number, locked=())
            alone.append(_divided(here, cells, 0, {}, DIVIDING))
            least[number] = alone[-1].bound
        found = [grid for part in alone for grid in part.grids]
        labels = [near.label for near, _, _ in found if near.label >= 0]
        at_least = max(at_least, sum(least.values()))
        if all(part.grids for part in alone) and len(labels) == len(set(labels)) and not region.locked:
            return Divided(bound=at_least, grids=tuple(found))
    return _divided(asked, cells, at_least, least, DIVIDING * len(cells))


def _divided(asked: _Asked, cells: list[Cells], at_least: int, least: dict[int, int], effort: float) -> Divided:
    """Over the parts that are asked for; `least`: households that move in each at least."""
    bound, model = _modelled(asked, cells, at_least, None, effort, least)
    grids = [] if model is None else [(near, *held) for near, held in zip(model.places, model.shares, strict=True)]
    return Divided(bound=bound, grids=tuple(grid for grid in grids if len(grid[1]) + len(grid[2])))


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
    if not _fits(problem):
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
    low, locked = problem.bounds.min, _locked(problem, region)
    return _Asked(region=region, low=low, fixed=fixed, nears=nears, signal=signal, seconds=seconds, locked=locked)


def _proved(
    asked: _Asked, cells: list[Cells], at_least: int, below: int | None, effort: float
) -> tuple[int, Columns | None]:
    """A bound on moved households, and a plan that moves so many if one was found with less than `below`."""
    bound, model = _modelled(asked, cells, at_least, below, effort)
    return bound, _columns(model, asked.locked) if model is not None and model.settled else None


def _modelled(
    asked: _Asked,
    cells: list[Cells],
    at_least: int,
    below: int | None,
    effort: float,
    least: Mapping[int, int] | None = None,
) -> tuple[int, PlaceModel | None]:
    """A bound on moved households, and the model that it comes from if it holds a plan."""
    region, low = asked.region, asked.low
    free = sum(_never_had(region.parts[number]) for number in {near.number for near in asked.nears})
    fresh = 1
    while True:
        places = [near for near in asked.nears for _ in range(fresh if near.label < 0 else 1)]
        if sum(len(cells[near.number]) for near in places) > MAX_PLACES or asked.signal():
            return at_least, None
        model = PlaceModel(region, places, cells, asked.fixed, at_least, below, alone=asked.alone, locked=asked.locked)
        for number, households in (least or {}).items():
            model.require(number, households)
        found = model.solve(asked.signal, asked.seconds, effort)
        # With more fresh grids than places, each of `min` households, these come from elsewhere or are new.
        enough = (fresh + 1) * low - free
        if enough >= model.bound or not model.settled:
            return min(model.bound, max(at_least, enough)), model if found else None
        fresh += 1


def _fits(problem: Problem) -> bool:
    return problem.bounds.min > 0


def _locked(problem: Problem, region: Region) -> Locked:
    """Households of every locked grid of the region by previous grid."""
    code, households = problem.units.previous.code, problem.units.households
    found = []
    for members in region.locked:
        own: dict[int, int] = {}
        for unit in members:
            if code[unit] >= 0:
                own[int(code[unit])] = own.get(int(code[unit]), 0) + int(households[unit])
        found.append(own)
    return tuple(found)


def _never_had(part: Part) -> int:
    """Households of a part that had no grid."""
    case = part.piece.case
    return int(case.households.sum()) - int(case.previous_households.sum())


def _columns(model: PlaceModel, locked: Locked) -> Columns | None:
    """The plan of a model; None where a grid of it reaches farther than `max_walk_m`, of which models know nothing."""
    region = model.region
    chosen = [(near, nodes) for near, nodes in zip(model.places, model.grids, strict=True) if len(nodes)]
    cost = np.array([*(_cost(near, nodes) for near, nodes in chosen), *(0.0 for _ in locked)])
    if not np.isfinite(cost).all():
        return None
    first, parts = region.num_nodes - len(locked), len(region.parts)
    items = [nodes + near.part.first for near, nodes in chosen] + [np.array([first + k]) for k in range(len(locked))]
    lost = [sum(own.values()) - own.get(label, 0) for own, label in zip(locked, model.carried, strict=True)]
    return Columns(
        complete=False,
        start=np.cumsum([0, *map(len, items)]).astype(np.int64),
        item=np.concatenate([np.zeros(0, dtype=np.int64), *items]),
        cost=cost,
        incoming=np.array([*(int(near.incoming[nodes].sum()) for near, nodes in chosen), *lost], dtype=np.int64),
        least=np.zeros(len(items), dtype=np.int64),
        label=np.array([*(near.label for near, _ in chosen), *model.carried], dtype=np.int64),
        part=np.array([*(near.number for near, _ in chosen), *range(parts, parts + len(locked))], dtype=np.int64),
    )


def _cost(near: Near, nodes: IntArray) -> float:
    case = near.part.piece.case
    return float(grid_cost(case, nodes, len(nodes), int(case.households[nodes].sum()), case.far.shape[0] > 0))
