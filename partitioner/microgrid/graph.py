"""The ways between slices: stairs and lifts, doors of one building, neighbouring buildings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from partitioner.microgrid.ragged import position_in_run
from partitioner.microgrid.slices import Slices
from partitioner.model import FloatArray, Graph, IntArray, SliceRule
from partitioner.model.arrays import frozen_floats, frozen_ints

LEAST_M = 1.0
"""No way between two doors is shorter."""

CHUNK = 4_000_000
"""So many pairs of doors are compared at a time."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Corridors:
    """Passages on one floor between two stairwells of a building; shape (k,), building codes as in `Slices`."""

    building: IntArray
    stairwell_a: IntArray
    stairwell_b: IntArray
    floor: IntArray

    def __post_init__(self) -> None:
        for name in ("building", "stairwell_a", "stairwell_b", "floor"):
            object.__setattr__(self, name, frozen_ints(getattr(self, name)))

    @classmethod
    def none(cls) -> Corridors:
        """No building has any."""
        empty = frozen_ints([])
        return cls(building=empty, stairwell_a=empty, stairwell_b=empty, floor=empty)


@dataclass(frozen=True, kw_only=True, eq=False)
class SliceGraph:
    """Edges between slices.

    Parameters
    ----------
    graph : Graph
    upper : int array, shape (len(graph),)
        The edge between units that each comes from; -1 inside a building.
    """

    graph: Graph
    upper: IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class _Edges:
    u: IntArray
    v: IntArray
    length_m: FloatArray
    upper: IntArray


def slice_graph(
    slices: Slices,
    units: Graph,
    *,
    unit_xy: FloatArray,
    door_xy: FloatArray,
    rule: SliceRule,
    corridors: Corridors | None = None,
) -> SliceGraph:
    """Neighbours among slices, with metres.

    Floors of a stairwell form a chain. Its lowest slice is its door; doors of stairwells next to one another are
    joined. Where two units of different buildings are neighbours, so are the doors of the one and the other that are
    mutually nearest: at least one pair, so that what hangs together in `units` does among slices, too. Their length is
    the distance of the doors and what the way between the units is longer than the straight line.

    Parameters
    ----------
    units : Graph
        Of the units that were cut; edges inside a building are drawn anew.
    unit_xy : float array, shape (number of units, 2), metres
        Where the lengths of `units` are measured from.
    door_xy : float array, shape (number of slices, 2), metres
        The door of each slice's stairwell (of the building, where it is whole).
    """
    corridors = Corridors.none() if corridors is None else corridors
    between = _between(slices, units, unit_xy, door_xy)
    edges = [
        _chains(slices, rule),
        _neighbouring_doors(slices, door_xy),
        _along_corridors(slices, door_xy, corridors),
        between,
    ]
    u, v = (np.concatenate([getattr(part, end) for part in edges]) for end in ("u", "v"))
    length_m = np.round(np.concatenate([part.length_m for part in edges]), 3)
    upper = np.concatenate([part.upper for part in edges])
    low, high = np.minimum(u, v), np.maximum(u, v)
    # In the order of `Graph`, of parallel edges the shortest, so that `upper` stays beside its edge.
    order = np.lexsort((length_m, high, low))
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(low[order]) != 0) | (np.diff(high[order]) != 0)
    kept = order[first]
    return SliceGraph(
        graph=Graph(num_units=len(slices), u=low[kept], v=high[kept], length_m=length_m[kept]),
        upper=frozen_ints(upper[kept]),
    )


def _inside(u: IntArray, v: IntArray, length_m: FloatArray) -> _Edges:
    return _Edges(u=u, v=v, length_m=length_m, upper=np.full(len(u), -1, dtype=np.int64))


def _chains(slices: Slices, rule: SliceRule) -> _Edges:
    """Each floor and the next one of its stairwell."""
    below = np.flatnonzero(
        (np.diff(slices.building) == 0) & (np.diff(slices.stairwell) == 0) & (slices.floor_low[:-1] > 0)
    )
    step_m = np.where(slices.floors[below] >= rule.lift_from_floors, rule.lift_m_per_floor, rule.stairs_m_per_floor)
    rise = slices.floor_low[below + 1] - slices.floor_low[below]
    return _inside(below, below + 1, step_m * rise)


def _neighbouring_doors(slices: Slices, door_xy: FloatArray) -> _Edges:
    """The lowest slices of stairwells that stand side by side, whichever unit they came from."""
    new = np.ones(len(slices), dtype=bool)
    new[1:] = (np.diff(slices.building) != 0) | (np.diff(slices.stairwell) != 0)
    doors = np.flatnonzero(new)
    next_to = (np.diff(slices.building[doors]) == 0) & (np.diff(slices.stairwell[doors]) == 1)
    u, v = doors[:-1][next_to], doors[1:][next_to]
    return _inside(u, v, _apart_m(door_xy[u], door_xy[v]))


def _along_corridors(slices: Slices, door_xy: FloatArray, corridors: Corridors) -> _Edges:
    key = Slices.key(slices.building, slices.stairwell, slices.floor_low)
    ends = []
    for stairwell in (corridors.stairwell_a, corridors.stairwell_b):
        at = np.searchsorted(key, Slices.key(corridors.building, stairwell, corridors.floor), side="right") - 1
        met = at >= 0
        met[met] = (slices.building[at[met]] == corridors.building[met]) & (slices.stairwell[at[met]] == stairwell[met])
        ends.append(np.where(met, at, -1))
    u, v = ends
    met = (u >= 0) & (v >= 0) & (u != v)
    return _inside(u[met], v[met], _apart_m(door_xy[u[met]], door_xy[v[met]]))


def _apart_m(a: FloatArray, b: FloatArray) -> FloatArray:
    return np.asarray(np.maximum(np.hypot(*(a - b).T), LEAST_M), dtype=np.float64)


def _between(slices: Slices, units: Graph, unit_xy: FloatArray, door_xy: FloatArray) -> _Edges:
    """Mutually nearest doors of units of different buildings."""
    num_units = units.num_units
    doors = np.flatnonzero(slices.is_door)
    num = np.bincount(slices.unit[doors], minlength=num_units)
    start = np.cumsum(num) - num
    building = np.full(num_units, -1, dtype=np.int64)
    building[slices.unit] = slices.building
    used = np.flatnonzero((num[units.u] > 0) & (num[units.v] > 0) & (building[units.u] != building[units.v]))
    straight_m = np.hypot(*(unit_xy[units.u] - unit_xy[units.v]).T)
    detour_m = np.maximum(units.length_m - straight_m, 0.0)
    found = []
    size = num[units.u[used]] * num[units.v[used]]
    for edges in np.split(used, np.flatnonzero(np.diff(np.cumsum(size) // CHUNK)) + 1):
        a, b = units.u[edges], units.v[edges]
        i, j, edge, metres = _mutually_nearest(doors, start[a], num[a], start[b], num[b], door_xy)
        length_m = np.maximum(metres + detour_m[edges[edge]], LEAST_M)
        found.append((i, j, length_m, edges[edge]))
    u, v, length, upper = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return _Edges(u=u, v=v, length_m=length, upper=upper)


def _mutually_nearest(
    doors: IntArray, start_a: IntArray, num_a: IntArray, start_b: IntArray, num_b: IntArray, door_xy: FloatArray
) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
    """For each pair of runs of doors: the pairs of which each is the other's nearest; ties go to the earlier door.

    Returns
    -------
    slices on both sides, position of the pair of runs, metres
    """
    size = num_a * num_b
    edge = np.repeat(np.arange(len(size)), size)
    inner = position_in_run(size)
    i, j = np.divmod(inner, num_b[edge])
    a, b = doors[start_a[edge] + i], doors[start_b[edge] + j]
    metres = np.hypot(*(door_xy[a] - door_xy[b]).T)
    first = np.cumsum(size) - size
    turned = first[edge] + j * num_a[edge] + i
    by_b = np.empty(len(edge), dtype=np.int64)
    by_b[turned] = np.arange(len(edge))
    nearest = _first_least(metres, np.repeat(num_b, num_a))
    nearest_of_b = np.zeros(len(edge), dtype=bool)
    nearest_of_b[by_b] = _first_least(metres[by_b], np.repeat(num_a, num_b))
    kept = np.flatnonzero(nearest & nearest_of_b)
    return a[kept], b[kept], edge[kept], frozen_floats(metres[kept])


def _first_least(values: FloatArray, num: IntArray) -> npt.NDArray[np.bool_]:
    """Whether each value is the first least one of its run."""
    if not len(values):
        return np.zeros(0, dtype=bool)
    start = np.cumsum(num) - num
    least = np.repeat(np.minimum.reduceat(values, start), num)
    at = np.where(values == least, np.arange(len(values)), len(values))
    return np.asarray(np.arange(len(values)) == np.repeat(np.minimum.reduceat(at, start), num), dtype=bool)
