"""Graph and problem of slices, from those of the units that they were cut from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import numpy.typing as npt

from partitioner.errors import Fault
from partitioner.geometry.adjacency import UnitGraph
from partitioner.microgrid import SliceGraph, Slices
from partitioner.microgrid.ragged import proportional_shares
from partitioner.model import FloatArray, Graph, IntArray, Labels, Problem, Sets
from partitioner.model.arrays import frozen_floats, frozen_ints


def opened_problem(problem: Problem, slices: Slices, ids: Sequence[str], graph: Graph, place_xy: FloatArray) -> Problem:
    units = problem.units
    unit = slices.unit
    opened = replace(
        units,
        id=tuple(ids),
        households=_measure(units.households, slices),
        x=place_xy[:, 0],
        y=place_xy[:, 1],
        group=spread(units.group, unit),
        parent=spread(units.parent, unit),
        previous=spread(units.previous, unit),
    )
    num = np.bincount(unit, minlength=len(units))
    start = np.cumsum(num) - num
    members = {u: range(int(start[u]), int(start[u] + num[u])) for s in _all_sets(problem) for u in s}
    return replace(
        problem,
        units=opened,
        graph=graph,
        locked=_united(problem.locked, members, 1),
        together=_united(problem.together, members, 2),
        apart=tuple(
            pair
            for s in problem.apart
            for i, u in enumerate(s)
            for v in s[:i]
            for pair in product(members[u], members[v])
        ),
    )


def _all_sets(problem: Problem) -> Sets:
    return problem.locked + problem.together + problem.apart


def _united(sets: Sets, members: dict[int, range], least: int) -> Sets:
    """Sets of slices for sets of units; those that are left with too few are dropped."""
    found = [tuple(k for u in s for k in members[u]) for s in sets]
    return tuple(s for s in found if len(s) >= least)


def _measure(whole: IntArray, slices: Slices) -> IntArray:
    """What a unit weighs, shared like its households."""
    new = np.ones(len(slices), dtype=bool)
    new[1:] = np.diff(slices.unit) != 0
    run = np.cumsum(new) - 1
    return proportional_shares(whole[slices.unit[new]], slices.households, run)


def spread(labels: Labels, unit: IntArray) -> Labels:
    """The label of its unit for each slice."""
    values = labels.values()
    return Labels([values[u] for u in unit.tolist()])


def opened_graph(
    upper: UnitGraph,
    slices: Slices,
    inner: SliceGraph,
    cells: npt.NDArray[np.object_],
    place_xy: FloatArray,
    notices: tuple[Fault, ...],
) -> UnitGraph:
    graph = inner.graph
    outside = inner.upper >= 0
    soft_m = np.where(outside, upper.soft_m[inner.upper], 0.0) if len(upper.soft_m) else np.zeros(len(graph))
    first = np.full(upper.graph.num_units, -1, dtype=np.int64)
    doors = np.flatnonzero(slices.is_door)[::-1]
    first[slices.unit[doors]] = doors
    cut_u, cut_v = first[upper.cut_u], first[upper.cut_v]
    kept = (cut_u >= 0) & (cut_v >= 0)
    listed = {}
    for kind in ("bridged", "far"):
        keys = getattr(upper, f"{kind}_u") * upper.graph.num_units + getattr(upper, f"{kind}_v")
        special = np.isin(upper.graph.u * upper.graph.num_units + upper.graph.v, keys)
        here = outside & special[inner.upper] if len(special) else np.zeros(len(graph), dtype=bool)
        listed[kind] = graph.u[here], graph.v[here]
    return UnitGraph(
        graph=graph,
        cells=cells,
        place_xy=place_xy,
        soft_m=frozen_floats(soft_m),
        cut_u=frozen_ints(cut_u[kept]),
        cut_v=frozen_ints(cut_v[kept]),
        bridged_u=listed["bridged"][0],
        bridged_v=listed["bridged"][1],
        far_u=listed["far"][0],
        far_v=listed["far"][1],
        notices=upper.notices + notices,
    )
