"""A part of a problem as a problem of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from partitioner.model import Graph, IntArray, Labels, Problem, Sets, Units


def restricted(problem: Problem, positions: IntArray, *, parent: Labels | None = None) -> Problem:
    """`problem` over the units at `positions` (ascending) and the edges between them.

    Ways through other units are gone, so that walking counts a little more than in the whole. Sets keep the members
    that are left, and are dropped where too few are. Counts are dropped: they speak of whole parents.

    Parameters
    ----------
    parent : Labels, optional
        Other parents, in the order of `positions`.
    """
    units, graph = problem.units, problem.graph
    place = np.full(len(units), -1, dtype=np.int64)
    place[positions] = np.arange(len(positions))
    kept = (place[graph.u] >= 0) & (place[graph.v] >= 0)
    return Problem(
        name=problem.name,
        units=Units(
            id=tuple(units.id[p] for p in positions.tolist()),
            households=units.households[positions],
            x=None if units.x is None else units.x[positions],
            y=None if units.y is None else units.y[positions],
            group=units.group.take(positions),
            parent=units.parent.take(positions) if parent is None else parent,
            previous=units.previous.take(positions),
        ),
        graph=Graph(
            num_units=len(positions),
            u=place[graph.u[kept]],
            v=place[graph.v[kept]],
            length_m=graph.length_m[kept],
        ),
        bounds=problem.bounds,
        weights=problem.weights,
        max_walk_m=problem.max_walk_m,
        locked=_left(problem.locked, place, 1),
        together=_left(problem.together, place, 2),
        apart=_left(problem.apart, place, 2),
    )


def side_by_side(parts: Sequence[Problem]) -> Problem:
    """Problems of one level as one, with nothing between them; ids get the number of their part in front.

    Counts are dropped.
    """
    first = np.cumsum([0, *(len(part.units) for part in parts)])
    placed = all(part.units.x is not None for part in parts)
    units = Units(
        id=tuple(f"{k}/{name}" for k, part in enumerate(parts) for name in part.units.id),
        households=np.concatenate([part.units.households for part in parts]),
        x=np.concatenate([part.units.x for part in parts if part.units.x is not None]) if placed else None,
        y=np.concatenate([part.units.y for part in parts if part.units.y is not None]) if placed else None,
        group=_column(parts, "group"),
        parent=_column(parts, "parent"),
        previous=_column(parts, "previous"),
    )
    graph = Graph(
        num_units=len(units),
        u=np.concatenate([part.graph.u + start for part, start in zip(parts, first[:-1], strict=True)]),
        v=np.concatenate([part.graph.v + start for part, start in zip(parts, first[:-1], strict=True)]),
        length_m=np.concatenate([part.graph.length_m for part in parts]),
    )
    return Problem(
        units=units,
        graph=graph,
        bounds=parts[0].bounds,
        weights=parts[0].weights,
        max_walk_m=parts[0].max_walk_m,
        locked=_shifted([part.locked for part in parts], first),
        together=_shifted([part.together for part in parts], first),
        apart=_shifted([part.apart for part in parts], first),
    )


def _shifted(sets: Sequence[Sets], first: IntArray) -> Sets:
    starts = first[:-1].tolist()
    return tuple(tuple(start + p for p in one) for given, start in zip(sets, starts, strict=True) for one in given)


def _column(parts: Sequence[Problem], name: str) -> Labels:
    """A column of labels; names of different parts are different."""
    return Labels(
        None if value is None else f"{k}/{value}"
        for k, part in enumerate(parts)
        for value in getattr(part.units, name).values()
    )


def with_parents(problem: Problem, parent: Labels) -> Problem:
    """`problem` with other parents; counts of single parents are dropped, for they name the old ones."""
    count = replace(problem.count, by_parent={})
    return replace(problem, units=replace(problem.units, parent=parent), count=count)


def _left(sets: Sets, place: IntArray, least: int) -> Sets:
    found = (tuple(int(place[p]) for p in members if place[p] >= 0) for members in sets)
    return tuple(members for members in found if len(members) >= least)
