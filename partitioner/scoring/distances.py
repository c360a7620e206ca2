"""Shortest paths over the whole graph from the units of one grid, as far as a judgement needs them.

Written apart from the solver's paths: a textbook Dijkstra that ends when every unit of the grid has been reached.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from partitioner.compiling import kernel
from partitioner.model import FloatArray, Graph, IntArray

FEW = 24
"""In grids of so few units every centre is tried."""

LANDMARKS = 12
"""Units of a larger grid whose distances to all others tell which centres are worth a try."""

SLACK = 1e-9
"""Share of the largest sums at hand that rounding may be off by."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Centre:
    """The best centre of a set of units.

    Parameters
    ----------
    cost : float
    position : int
        Among the units of the set; the lowest of equals.
    metres : float array, shape (m,)
        From the centre to every unit of the set.
    """

    cost: float
    position: int
    metres: FloatArray


class Ways(NamedTuple):
    """A graph and room to look for paths in it, made once for many grids. For one thread at a time.

    Parameters
    ----------
    start, neighbour, length : arrays
        The whole graph, CSR; metres.
    whole : float
        Sum of all edges, metres.
    place : int array, shape (n,), -1
    metres : float array, shape (n,), infinite
        Scratch; left as it was.
    """

    start: IntArray
    neighbour: IntArray
    length: FloatArray
    whole: float
    place: IntArray
    metres: FloatArray


def ways_of(graph: Graph) -> Ways:
    """Room to look for paths in `graph`."""
    num = graph.num_units
    return Ways(*graph.csr, float(graph.length_m.sum()), np.full(num, -1, dtype=np.int64), np.full(num, np.inf))


def nearest_centre(graph: Graph | Ways, members: IntArray, weight: FloatArray, power: float) -> Centre:
    """The unit c of `members` with the least Σ weight_v · D(v, c)^power.

    Where there is no path the sum of all edges stands in for D, longer than any path.

    Parameters
    ----------
    graph : Graph or Ways
        The second where many grids are asked for.
    members : int array, shape (m,)
    weight : float array, shape (m,), at least 0
    power : float
    """
    cost, position, metres = _best(graph, members, weight, power, False)
    return Centre(cost=cost, position=position, metres=metres)


def central_unit(graph: Graph | Ways, members: IntArray) -> Centre:
    """The unit c of `members` with the least longest D(v, c), which is its `cost`; infinite where there is no path."""
    cost, position, metres = _best(graph, members, np.ones(len(members)), 1.0, True)
    return Centre(cost=cost, position=position, metres=metres)


def _best(
    graph: Graph | Ways, members: IntArray, weight: FloatArray, power: float, longest: bool
) -> tuple[float, int, FloatArray]:
    ways = ways_of(graph) if isinstance(graph, Graph) else graph
    missing = np.inf if longest else ways.whole
    units = np.ascontiguousarray(members, dtype=np.int64)
    weights = np.ascontiguousarray(weight, dtype=np.float64)
    cost, position, metres = best_centre(
        ways.start, ways.neighbour, ways.length, units, weights, float(power), longest, missing, FEW, LANDMARKS,
        ways.place, ways.metres,
    )  # fmt: skip
    return float(cost), int(position), metres


@kernel
def best_centre(
    start: IntArray,
    neighbour: IntArray,
    length: FloatArray,
    members: IntArray,
    weight: FloatArray,
    power: float,
    longest: bool,
    missing: float,
    few: int,
    landmarks: int,
    place: IntArray,
    metres: FloatArray,
) -> tuple[float, int, FloatArray]:
    """The least cost of a centre, its position among `members`, and its distances to them.

    By the triangle inequality |D(a, v) - D(a, c)| is at most D(c, v) for any landmark a. Centres are tried in the order
    of the bounds that follow, until no other can be better: the outcome is that of trying all.

    Parameters
    ----------
    start, neighbour, length : arrays
        The whole graph, CSR; metres.
    members : int array, shape (m,)
    weight : float array, shape (m,)
    power : float
    longest : bool
        Whether the longest distance counts, not the weighted sum.
    missing : float
        Distance where there is no path.
    few, landmarks : int
    place, metres : arrays, shape (n,)
        Scratch: -1 and infinite, and so again afterwards.
    """
    num = len(members)
    for i in range(num):
        place[members[i]] = i
    best_row = np.empty(num)
    best, at = np.inf, -1
    tried = np.zeros(num, dtype=np.bool_)
    bound = np.zeros(num)
    slack = 0.0
    if num > few:
        rows = np.empty((landmarks, num))
        nearest = np.full(num, np.inf)
        source = 0
        whole = True
        for a in range(landmarks):
            row = distances_from(start, neighbour, length, members[source], place, num, metres, missing)
            rows[a] = row
            value = cost_of(row, weight, power, longest)
            slack = max(slack, SLACK * value)
            tried[source] = True
            if at < 0 or value < best or (value == best and source < at):
                best, at = value, source
                best_row[:] = row
            if row.max() >= missing:
                whole = False
                break
            # The next landmark is the unit farthest from all so far.
            source = -1
            for i in range(num):
                nearest[i] = min(nearest[i], row[i])
                if not tried[i] and (source < 0 or nearest[i] > nearest[source]):
                    source = i
        if whole:
            fill_bounds(rows, weight, power, longest, bound)
    for source in np.argsort(bound, kind="mergesort"):
        if bound[source] > best + slack:
            break
        if tried[source]:
            continue
        row = distances_from(start, neighbour, length, members[source], place, num, metres, missing)
        value = cost_of(row, weight, power, longest)
        if at < 0 or value < best or (value == best and source < at):
            best, at = value, source
            best_row[:] = row
    for i in range(num):
        place[members[i]] = -1
    return best, at, best_row


@kernel
def distances_from(
    start: IntArray,
    neighbour: IntArray,
    length: FloatArray,
    source: int,
    place: IntArray,
    num: int,
    metres: FloatArray,
    missing: float,
) -> FloatArray:
    """Distances from `source` to the `num` units that have a `place`; `metres` is scratch and stays infinite."""
    row = np.full(num, missing)
    heap = [(0.0, source)]
    touched = [source]
    metres[source] = 0.0
    left = num
    while len(heap) > 0 and left > 0:
        here, unit = heapq.heappop(heap)
        if here > metres[unit]:
            continue
        if place[unit] >= 0:
            row[place[unit]] = here
            left -= 1
        for i in range(start[unit], start[unit + 1]):
            other = neighbour[i]
            there = here + length[i]
            if there < metres[other]:
                if metres[other] == np.inf:
                    touched.append(other)
                metres[other] = there
                heapq.heappush(heap, (there, other))
    for unit in touched:
        metres[unit] = np.inf
    return row


@kernel
def cost_of(row: FloatArray, weight: FloatArray, power: float, longest: bool) -> float:
    """Longest distance, or the weighted sum of distances to the power."""
    if longest:
        return float(row.max())
    total = 0.0
    for i in range(len(row)):
        total += weight[i] * (row[i] if power == 1.0 else row[i] ** power)
    return total


@kernel
def fill_bounds(rows: FloatArray, weight: FloatArray, power: float, longest: bool, bound: FloatArray) -> None:
    """A lower bound on the cost of every centre from the distances of the landmarks, shape (landmarks, m)."""
    count, num = rows.shape
    by_unit = rows.T.copy()
    for centre in range(num):
        total = 0.0
        for unit in range(num):
            least = 0.0
            for a in range(count):
                least = max(least, abs(by_unit[unit, a] - by_unit[centre, a]))
            if longest:
                total = max(total, least)
            else:
                total += weight[unit] * (least if power == 1.0 else least**power)
        bound[centre] = total
