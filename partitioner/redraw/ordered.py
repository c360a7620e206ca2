"""Places that grow from a middle: in which order a grid may take nodes so that it hangs together without being asked.

A grid that holds a node only if it holds a neighbour that comes earlier in some order is connected (and so is what it
leaves behind, whose nodes are in such grids as well). Not every connected grid grows in a given order, so that the best
choice of such grids is a plan, and no more than that; but CP-SAT finds it without a single cut.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from partitioner.model import FloatArray, IntArray
from partitioner.redraw.near_part import Near
from partitioner.solver.kernels.case import Case

LEAST_M = 1e-3
"""No edge counts as shorter, so that every node but the first has one before it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Place:
    """Where a grid of one part may grow.

    Parameters
    ----------
    near : Near
        The part and the previous grid that is carried on, or none.
    middle : int
        The node that every such grid holds.
    rank : int array, shape (nodes,)
        Position of each node in the order; the middle comes first. -1: never held, for nothing leads there.
    """

    near: Near
    middle: int
    rank: IntArray


def places_of(nears: list[Near]) -> list[Place]:
    """One place for every previous grid in every part, and fresh ones where new or too many households are."""
    found: list[Place] = []
    for near in nears:
        case = near.part.piece.case
        links = _links(case)
        if near.label >= 0:
            pieces = _pieces(links, near.roots)
            found += [_place(near, links, piece, _middle(links, piece)) for piece in pieces[:1]]
        else:
            found += _fresh(near, links)
    return found


def places_around(places: list[Place], grids: list[IntArray]) -> list[Place]:
    """The same places with orders that start from other grids; empty ones stay as they are."""
    return [
        _place(place.near, links, nodes, _middle(links, nodes)) if len(nodes) else place
        for place, nodes in zip(places, grids, strict=True)
        for links in [_links(place.near.part.piece.case)]
    ]


def place_around(near: Near, nodes: IntArray) -> Place:
    """The place whose grid grows from some nodes, which need not hang together."""
    links = _links(near.part.piece.case)
    return _place(near, links, nodes, _middle(links, _pieces(links, nodes)[0]))


def _fresh(near: Near, links: csr_array) -> list[Place]:
    """Places for grids that carry on none: in new households, in what lies apart, at the far end of large ones."""
    case = near.part.piece.case
    num = len(case.households)
    owner = np.repeat(np.arange(num), np.diff(case.previous_start))
    had = np.zeros(num, dtype=np.bool_)
    had[owner] = True
    starts = [(piece, _middle(links, piece)) for piece in _pieces(links, np.flatnonzero(~had))]
    for label in sorted(set(case.previous_item.tolist())):
        pieces = _pieces(links, np.unique(owner[case.previous_item == label]))
        starts += [(piece, _middle(links, piece)) for piece in pieces[1:]]
        if int(case.households[pieces[0]].sum()) > case.high:
            starts.append((pieces[0], _far_end(links, pieces[0])))
    for piece, middle in list(starts):
        if int(case.households[piece].sum()) > case.high:
            starts.append((piece, _far_end(links, piece, middle)))
    return [_place(near, links, piece, middle) for piece, middle in starts]


def _place(near: Near, links: csr_array, own: IntArray, middle: int) -> Place:
    """First the nodes of `own` by their way from the middle inside it, then all others by their way from `own`."""
    inside = np.full(links.shape[0], np.inf)
    within = np.asarray(dijkstra(links[own][:, own], indices=int(np.searchsorted(own, middle))))
    inside[own] = within
    around = np.asarray(dijkstra(links, indices=own[np.isfinite(within)], min_only=True))
    key = np.where(np.isfinite(inside), inside, float(within[np.isfinite(within)].max()) + 1.0 + around)
    order = np.argsort(key, kind="stable")
    rank = np.empty(len(key), dtype=np.int64)
    rank[order] = np.arange(len(key))
    rank[~np.isfinite(key)] = -1
    return Place(near=near, middle=middle, rank=rank)


def _links(case: Case) -> csr_array:
    num = len(case.households)
    return csr_array((np.maximum(case.length, LEAST_M), case.neighbour, case.start), shape=(num, num))


def _pieces(links: csr_array, nodes: IntArray) -> list[IntArray]:
    """Connected pieces of ascending `nodes`, those of most nodes first."""
    if not len(nodes):
        return []
    nodes = np.sort(nodes)
    piece = connected_components(links[nodes][:, nodes], directed=False)[1]
    found = [nodes[piece == k] for k in range(int(piece.max()) + 1)]
    return sorted(found, key=lambda some: (-len(some), int(some[0])))


def _ways(links: csr_array, nodes: IntArray) -> FloatArray:
    return np.asarray(dijkstra(links[nodes][:, nodes], directed=False))


def _middle(links: csr_array, nodes: IntArray) -> int:
    """The node whose farthest one is nearest."""
    nodes = np.sort(nodes)
    return int(nodes[int(_ways(links, nodes).max(axis=1).argmin())])


def _far_end(links: csr_array, nodes: IntArray, start: int | None = None) -> int:
    """The node farthest from `start` (from the middle, if none is given)."""
    nodes = np.sort(nodes)
    at = _middle(links, nodes) if start is None else start
    return int(nodes[int(_ways(links, nodes)[int(np.searchsorted(nodes, at))].argmax())])
