"""A part of a problem as a problem of its own."""

from __future__ import annotations

import numpy as np

from partitioner.model.arrays import IntArray, Labels
from partitioner.model.graph import Graph
from partitioner.model.problem import Problem, Sets
from partitioner.model.units import Units


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


def _left(sets: Sets, place: IntArray, least: int) -> Sets:
    found = (tuple(int(place[p]) for p in members if place[p] >= 0) for members in sets)
    return tuple(members for members in found if len(members) >= least)
