"""Units of a wider level from units of a finer one: households, middles and walking metres between them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from partitioner.geometry.adjacency import UnitGraph
from partitioner.geometry.dissolve import dissolve
from partitioner.model import FloatArray, Graph, IntArray, Labels, Units
from partitioner.model.arrays import frozen_floats, frozen_ints


def pieces(num: int, u: IntArray, v: IntArray) -> IntArray:
    """Connected piece of each of `num` positions along edges, numbered by its lowest position; shape (num,)."""
    matrix = csr_array((np.ones(len(u)), (u, v)), shape=(num, num))
    found = np.asarray(connected_components(matrix, directed=False)[1], dtype=np.int64)
    _, first, place = np.unique(found, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[place], dtype=np.int64)


def middles(unit_of_fine: IntArray, weight: FloatArray, x: FloatArray, y: FloatArray) -> FloatArray:
    """Mean positions of units, each finer unit counting with its weight; shape (number of units, 2)."""
    total = np.bincount(unit_of_fine, weights=weight)
    along = [np.bincount(unit_of_fine, weights=weight * axis) / total for axis in (x, y)]
    return np.column_stack(along)


def central(unit_of_fine: IntArray, middle: FloatArray, x: FloatArray, y: FloatArray) -> IntArray:
    """The finer unit that lies nearest to the middle of its unit, the lowest of equals; shape (number of units,)."""
    gap = (x - middle[unit_of_fine, 0]) ** 2 + (y - middle[unit_of_fine, 1]) ** 2
    order = np.lexsort((np.arange(len(x)), gap, unit_of_fine))
    first = np.ones(len(order), dtype=bool)
    first[1:] = unit_of_fine[order][1:] != unit_of_fine[order][:-1]
    return order[first].astype(np.int64)


def heaviest(unit_of_fine: IntArray, weight: FloatArray) -> IntArray:
    """The finer unit of most weight in each unit, the lowest of equals; shape (number of units,)."""
    order = np.lexsort((np.arange(len(weight)), -weight, unit_of_fine))
    return order[np.unique(unit_of_fine[order], return_index=True)[1]].astype(np.int64)


def contracted_units(
    fine: Units, unit_of_fine: IntArray, *, ids: Sequence[str], parent: Labels, previous: Labels
) -> Units:
    """Units that are sets of finer units of one group and one parent each.

    Parameters
    ----------
    parent, previous : Labels
        Columns of the finer units. A unit's previous area is the one of most of its households.
    """
    num = len(ids)
    assert fine.x is not None
    assert fine.y is not None
    middle = middles(unit_of_fine, fine.weight, fine.x, fine.y)
    first = np.unique(unit_of_fine, return_index=True)[1]
    return Units(
        id=tuple(ids),
        households=np.bincount(unit_of_fine, weights=fine.households, minlength=num).astype(np.int64),
        x=np.round(middle[:, 0], 3),
        y=np.round(middle[:, 1], 3),
        group=fine.group.take(first),
        parent=parent.take(first),
        previous=main_label(previous, unit_of_fine, fine.weight, num),
    )


def main_label(labels: Labels, unit_of_fine: IntArray, weight: FloatArray, num_units: int) -> Labels:
    """Per unit the label that carries most of its weight; null where none of its finer units has one."""
    known = labels.code >= 0
    width = max(len(labels.names), 1)
    key = unit_of_fine[known] * width + labels.code[known]
    found, place = np.unique(key, return_inverse=True)
    share = np.bincount(place, weights=weight[known], minlength=len(found))
    order = np.lexsort((found, -share, found // width))
    unit, first = np.unique(found[order] // width, return_index=True)
    names: list[str | None] = [None] * num_units
    for position, code in zip(unit.tolist(), (found[order][first] % width).tolist(), strict=True):
        names[position] = labels.names[code]
    return Labels(names)


def contracted_unit_graph(fine: UnitGraph, unit_of_fine: IntArray, middle: FloatArray, centre: IntArray) -> UnitGraph:
    """The graph, land and barriers of units that are sets of finer units.

    See `contracted_graph` for lengths; the soft metres of an edge are those of the finer edge that it runs over.

    Parameters
    ----------
    unit_of_fine : int array, shape (n,)
        Every unit is connected in the finer graph.
    middle : float array, shape (number of units, 2), metres
    centre : int array, shape (number of units,)
        Finer position of the centre of each unit.
    """
    num = len(centre)
    graph, edge = contracted_graph(fine.graph, unit_of_fine, centre)
    edges = graph.u * num + graph.v
    ends = {
        name: _distinct(unit_of_fine[getattr(fine, f"{name}_u")], unit_of_fine[getattr(fine, f"{name}_v")], num)
        for name in ("cut", "bridged", "far")
    }
    # A pair that a barrier cuts at one place and an edge joins at another is joined.
    ends["cut"] = ends["cut"][~np.isin(ends["cut"], edges)]
    columns = {f"{name}_u": frozen_ints(key // num) for name, key in ends.items()}
    columns |= {f"{name}_v": frozen_ints(key % num) for name, key in ends.items()}
    return UnitGraph(
        graph=graph,
        cells=_cells(fine, unit_of_fine, num),
        place_xy=middle,
        soft_m=frozen_floats(fine.soft_m[edge]),
        notices=fine.notices,
        **columns,
    )


def contracted_graph(graph: Graph, unit_of_fine: IntArray, centre: IntArray) -> tuple[Graph, IntArray]:
    """The graph of units that are sets of finer units; and which finer edge each of its edges runs over.

    Two units are neighbours where an edge joins finer units of theirs. The length of their edge is the shortest way
    between their centres that leaves neither of them; parts of a unit that have no way to its centre count as if there.
    """
    unit_u, unit_v = unit_of_fine[graph.u], unit_of_fine[graph.v]
    inner = unit_u == unit_v
    shape = (graph.num_units, graph.num_units)
    inside = csr_array((graph.length_m[inner], (graph.u[inner], graph.v[inner])), shape=shape)
    from_centre = np.asarray(dijkstra(inside, directed=False, indices=centre, min_only=True))
    from_centre[~np.isfinite(from_centre)] = 0.0
    across = np.flatnonzero(~inner)
    length_m = from_centre[graph.u[across]] + graph.length_m[across] + from_centre[graph.v[across]]
    length_m = np.round(length_m, 3)
    low, high = np.minimum(unit_u, unit_v)[across], np.maximum(unit_u, unit_v)[across]
    order = np.lexsort((length_m, high, low))
    _, first = np.unique(low[order] * len(centre) + high[order], return_index=True)
    shortest = order[first]
    contracted = Graph(num_units=len(centre), u=low[shortest], v=high[shortest], length_m=length_m[shortest])
    return contracted, across[shortest]


def _distinct(a: IntArray, b: IntArray, num: int) -> IntArray:
    """Pairs of different units as sorted keys, each once."""
    low, high = np.minimum(a, b), np.maximum(a, b)
    return np.unique(low[low < high] * num + high[low < high]).astype(np.int64)


def _cells(fine: UnitGraph, unit_of_fine: IntArray, num: int) -> np.ndarray:
    """Land of each unit: the land of its finer units, melted."""
    names = Labels(str(unit) for unit in unit_of_fine.tolist())
    merged = dissolve(fine.cells, names)
    cells = np.empty(num, dtype=object)
    cells[[int(name) for name in names.names]] = merged
    return cells
