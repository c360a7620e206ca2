"""Problems side by side as one, and a problem with other parents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from partitioner.model import Graph, IntArray, Labels, Problem, Sets, Units


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
