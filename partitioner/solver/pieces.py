"""Cutting a problem into pieces that can be solved on their own, and each piece into flat arrays.

A piece is a connected part of one parent without its locked grids; where the number of grids of a parent is limited,
it is all of the parent. Groups that several pieces touch add up exactly: split = Σ_grids |groups of the grid| -
|groups|.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from partitioner.model import IntArray, Problem, Sets
from partitioner.solver.kernels.case import Case
from partitioner.solver.kernels.paths import fill_metres

WALK_TOLERANCE_M = 5e-7
"""Slack on `max_walk_m`, half of what the judgement allows: what adding metres in another order can change."""

_Edges = tuple[IntArray, IntArray, npt.NDArray[np.float64]]
"""Ends of edges, both ways, and metres."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Area:
    """Units of one parent (or of none) that are not locked, and how many grids they may form.

    `parent` is -1 for the units without a parent. `components` are ascending unit positions of its connected parts.
    """

    parent: int
    components: tuple[IntArray, ...]
    count_low: int | None
    count_high: int | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Piece:
    """A part of a problem as the kernels see it.

    Parameters
    ----------
    units : int array, shape (u,)
        Positions in the problem.
    node_of : int array, shape (u,)
        Node of each of these units.
    case : Case
    num_groups : int
        Size of the range of group ids in `case`.
    components : tuple of int arrays
        Nodes of each connected part.
    unknown_walk : float
        0 where all distances are known. Else the run was over before that: missing ones count as 0 in `case`, and no
        plan walks more than this.
    """

    units: IntArray
    node_of: IntArray
    case: Case
    num_groups: int
    components: tuple[IntArray, ...]
    unknown_walk: float = 0.0

    @property
    def households(self) -> int:
        """Of the whole piece."""
        return int(self.case.households.sum())


def areas_of(problem: Problem) -> list[Area]:
    """All areas of `problem`, in the order of their parents' first appearance; those without a parent last."""
    parent = problem.units.parent
    locked = np.zeros(len(problem.units), dtype=bool)
    locked_in: dict[int, int] = {}
    for members in problem.locked:
        locked[list(members)] = True
        for code in sorted(set(parent.code[list(members)].tolist())):
            locked_in[code] = locked_in.get(code, 0) + 1
    areas = []
    order = np.argsort(parent.code, kind="stable")
    order = order[~locked[order]]
    first = np.searchsorted(parent.code[order], np.arange(-1, len(parent.names) + 1))
    for code in [*range(len(parent.names)), -1]:
        free = order[first[code + 1] : first[code + 2]]
        count = problem.count.of(None if code < 0 else parent.names[code])
        if not len(free):
            continue
        taken = locked_in.get(code, 0)
        areas.append(
            Area(
                parent=code,
                components=components_of(problem, free),
                count_low=None if count.min is None else max(count.min - taken, 0),
                count_high=None if count.max is None else count.max - taken,
            )
        )
    return areas


def components_of(problem: Problem, units: IntArray) -> tuple[IntArray, ...]:
    """Connected parts of `units` in the induced graph, ordered by their lowest unit."""
    return tuple(units[part] for part in _parts(len(units), edges_among(problem, units)))


def _parts(num_units: int, edges: _Edges) -> list[IntArray]:
    """Connected parts of the units 0 … num_units - 1."""
    u, v, _ = edges
    inside = csr_array((np.ones(len(u)), (u, v)), shape=(num_units, num_units))
    num, component = connected_components(inside, directed=False)
    order = np.argsort(component, kind="stable")
    return np.split(order, np.searchsorted(component[order], np.arange(1, num)))


def _places(units: IntArray, wanted: IntArray) -> IntArray:
    """Position of every wanted unit in the ascending `units`, -1 for those that are not there."""
    at = np.minimum(np.searchsorted(units, wanted), len(units) - 1)
    return np.where(units[at] == wanted, at, -1)


def edges_among(problem: Problem, units: IntArray) -> _Edges:
    """Edges between `units` as positions in it, both ways; found from these units, however large the problem is."""
    start, neighbour, length = problem.graph.csr
    degree = start[units + 1] - start[units]
    u = np.repeat(np.arange(len(units)), degree)
    at = np.arange(len(u)) + np.repeat(start[units] - np.cumsum(degree) + degree, degree)
    v = _places(units, neighbour[at])
    inside = v >= 0
    return u[inside], v[inside], length[at][inside]


def make_piece(
    problem: Problem,
    units: IntArray,
    together: Sets,
    counts: tuple[int, int],
    stop: npt.NDArray[np.bool_] | None = None,
    *,
    reach: int | None = None,
) -> Piece:
    """The arrays of one piece.

    Parameters
    ----------
    units : int array
        Ascending positions in the problem.
    together : Sets
        Positions that must share a grid; every set lies in `units`, is connected, and no two overlap.
    counts : (int, int)
        Fewest and most grids.
    stop : bool array, shape (1,), optional
        Once set, distances are no longer computed (see `Piece.unknown_walk`): a plan can still be made.
    reach : int, optional
        Only so many units around each unit get their distance; the others count as lying no farther than these, which
        is less than they do. For a search, never for a proof.
    """
    num_units = len(units)
    edges = edges_among(problem, units)
    node_of = _nodes(num_units, [_places(units, np.array(members)) for members in together])
    num = int(node_of.max()) + 1
    start, neighbour, length = problem.graph.csr
    stop = np.zeros(1, dtype=np.bool_) if stop is None else stop
    farthest = float(length.sum()) + 1.0
    metres = np.zeros((num_units, num_units))
    known = int(
        fill_metres(metres, start, neighbour, length, units, units, farthest, reach or len(problem.units), stop)
    )
    weights = problem.weights
    far = np.zeros((0, 0), dtype=np.uint8)
    if problem.max_walk_m is not None:
        out_of_reach = (metres > problem.max_walk_m + WALK_TOLERANCE_M).astype(np.float64)
        far = (_sum_columns(out_of_reach, node_of, num) > 0).astype(np.uint8)
    # In place: a matrix of a few thousand units takes longer to allocate than to fill.
    if weights.walk_power != 1:
        metres[:known] **= weights.walk_power
    weight = weights.walk * problem.units.weight[units]
    metres[:known] *= weight
    walk = _sum_columns(metres, node_of, num)
    node_start, node_neighbour, node_length = _node_graph(edges, node_of, num)
    unit_start, unit_item = lists_of(num, node_of, np.arange(num_units))
    group = problem.units.group.code[units]
    group_start, group_item = lists_of(num, node_of[group >= 0], group[group >= 0], distinct=True)
    group_names, group_item = np.unique(group_item, return_inverse=True)
    previous_start, previous_item, previous_households = _previous(problem, units, node_of, num)
    apart_start, apart_item = _apart(problem, units, node_of, num)
    households = np.bincount(node_of, weights=problem.units.households[units], minlength=num).astype(np.int64)
    case = Case(
        households=households,
        start=node_start,
        neighbour=node_neighbour,
        length=node_length,
        unit_start=unit_start,
        unit_item=unit_item,
        walk=walk,
        far=far,
        group_start=group_start,
        group_item=group_item.astype(np.int64),
        previous_start=previous_start,
        previous_item=previous_item,
        previous_households=previous_households,
        apart_start=apart_start,
        apart_item=apart_item,
        low=problem.bounds.min,
        high=problem.bounds.max,
        target=problem.bounds.aim,
        split=weights.split,
        balance=weights.balance,
        move=weights.move,
        count_low=counts[0],
        count_high=counts[1],
    )
    arrays: dict[str, Any] = {
        name: _plain(entry) for name, entry in case._asdict().items() if isinstance(entry, np.ndarray)
    }
    case = case._replace(**arrays)
    return Piece(
        units=units,
        node_of=node_of,
        case=case,
        num_groups=len(group_names),
        components=tuple(np.unique(node_of[part]) for part in _parts(num_units, edges)),
        unknown_walk=0.0 if known == num_units else float(weight.sum()) * farthest**weights.walk_power,
    )


def connected_start(piece: Piece, slot: IntArray) -> IntArray:
    """Node labels from any numbers of the units: every connected part of a number is a grid of its own."""
    case = piece.case
    num = len(case.households)
    of_node = np.empty(num, dtype=np.int64)
    of_node[piece.node_of[::-1]] = slot[::-1]  # of several units the lowest is written last
    owner = np.repeat(np.arange(num), np.diff(case.start))
    same = (of_node[owner] == of_node[case.neighbour]) & (of_node[owner] >= 0)
    links = csr_array((np.ones(int(same.sum())), (owner[same], case.neighbour[same])), shape=(num, num))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)


def _plain(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Writable and contiguous: for numba another kind of array is another type, and everything would compile twice."""
    return array if array.flags.writeable and array.flags.c_contiguous else np.array(array, order="C")


def _nodes(num_units: int, together: list[IntArray]) -> IntArray:
    """Node of each unit: sets that stay together become one; nodes are numbered by their lowest unit."""
    lowest = np.arange(num_units)
    for members in together:
        lowest[members] = members.min()
    return np.unique(lowest, return_inverse=True)[1].astype(np.int64)


def _sum_columns(matrix: npt.NDArray[np.float64], node_of: IntArray, num: int) -> npt.NDArray[np.float64]:
    if num == len(node_of):
        return np.ascontiguousarray(matrix)
    result = np.zeros((len(matrix), num))
    for unit, node in enumerate(node_of.tolist()):
        result[:, node] += matrix[:, unit]
    return result


def _node_graph(edges: _Edges, node_of: IntArray, num: int) -> tuple[IntArray, IntArray, npt.NDArray[np.float64]]:
    u, v, metres = edges
    ends, others = node_of[u], node_of[v]
    across = ends != others
    ends, others, both = ends[across], others[across], metres[across]
    order = np.lexsort((both, others, ends))
    ends, others, both = ends[order], others[order], both[order]
    first = np.ones(len(ends), dtype=bool)
    first[1:] = (ends[1:] != ends[:-1]) | (others[1:] != others[:-1])
    ends, others, both = ends[first], others[first], both[first]
    return np.searchsorted(ends, np.arange(num + 1)).astype(np.int64), others.astype(np.int64), both


def lists_of(num: int, owner: IntArray, item: IntArray, distinct: bool = False) -> tuple[IntArray, IntArray]:
    """CSR lists of the items of every owner, ascending."""
    pairs = np.stack([owner, item], axis=1)
    pairs = np.unique(pairs, axis=0) if distinct else pairs[np.lexsort((item, owner))]
    return np.searchsorted(pairs[:, 0], np.arange(num + 1)).astype(np.int64), pairs[:, 1].astype(np.int64)


def _previous(problem: Problem, units: IntArray, node_of: IntArray, num: int) -> tuple[IntArray, IntArray, IntArray]:
    previous = problem.units.previous.code[units]
    had = previous >= 0
    pairs = np.stack([node_of[had], previous[had]], axis=1)
    distinct, index = np.unique(pairs, axis=0, return_inverse=True)
    households = np.bincount(
        index.reshape(-1), weights=problem.units.households[units][had], minlength=len(distinct)
    ).astype(np.int64)
    start = np.searchsorted(distinct[:, 0], np.arange(num + 1)).astype(np.int64)
    return start, np.ascontiguousarray(distinct[:, 1]).astype(np.int64), households


def _apart(problem: Problem, units: IntArray, node_of: IntArray, num: int) -> tuple[IntArray, IntArray]:
    pairs: set[tuple[int, int]] = set()
    for members in problem.apart:
        place = _places(units, np.array(members))
        here = sorted(set(node_of[place[place >= 0]].tolist()))
        pairs.update((a, b) for a in here for b in here if a != b)
    array = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
    return lists_of(num, array[:, 0], array[:, 1])
