"""What of a large graph the distances inside one piece depend on."""

from __future__ import annotations

import heapq

import numpy as np

from partitioner.compiling import kernel

MARGIN = 1.0 + 1e-9
"""Sums of metres in another order differ by less."""


@kernel
def around(start, neighbour, metres, units, ways, distance, place):
    """The units of a piece and all others that a shortest path between two of them may cross.

    A path between two units of a connected piece is at most twice as long as the way from the piece's middle to its
    farthest unit, so whatever lies on it is within that way of one of its ends. Dead ends are left out.

    Parameters
    ----------
    start, neighbour, metres : arrays
        The whole graph, CSR.
    units : int array
    ways : float
        Radius in ways from the middle to the farthest unit. With 2 everything is kept, dead ends included, that is
        nearer to a unit than some unit of its part.
    distance : float array, shape (n,), infinite
    place : int array, shape (n,), 0
        Scratch; left as it was.

    Returns
    -------
    int array
        Ascending.
    """
    for unit in units:
        place[unit] = 1
    radius = 0.0
    for unit in units:
        if place[unit] == 1:
            part, _ = _inside(start, neighbour, metres, unit, distance, place)
            for member in part:
                place[member] = 2
            middle = _middle(start, neighbour, metres, part, distance, place)
            _, farthest = _inside(start, neighbour, metres, middle, distance, place)
            radius = max(radius, farthest)
    region = _within(start, neighbour, metres, units, ways * radius * MARGIN, distance)
    for unit in region:
        if place[unit] == 0:
            place[unit] = 3
    if ways < 2.0:
        region = _without_dead_ends(start, neighbour, region, place)
    for unit in units:
        place[unit] = 0
    result = np.array(region)
    for unit in result:
        place[unit] = 0
    result.sort()
    return result


@kernel
def _inside(start, neighbour, metres, source, distance, place):
    """Units that paths through units with the mark of `source` reach, in order, and the distance of the last one."""
    mark = place[source]
    heap = [(0.0, source)]
    distance[source] = 0.0
    touched = [source]
    order = [source]
    order.clear()
    farthest = 0.0
    while len(heap) > 0:
        here, unit = heapq.heappop(heap)
        if here > distance[unit]:
            continue
        order.append(unit)
        farthest = here
        for i in range(start[unit], start[unit + 1]):
            other = neighbour[i]
            there = here + metres[i]
            if place[other] == mark and there < distance[other]:
                if distance[other] == np.inf:
                    touched.append(other)
                distance[other] = there
                heapq.heappush(heap, (there, other))
    for unit in touched:
        distance[unit] = np.inf
    return order, farthest


@kernel
def _middle(start, neighbour, metres, part, distance, place):
    """A unit that is far from neither of two that lie far apart."""
    one, _ = _inside(start, neighbour, metres, part[0], distance, place)
    way, _ = _inside(start, neighbour, metres, one[-1], distance, place)
    back, _ = _inside(start, neighbour, metres, way[-1], distance, place)
    rank = {}
    for i in range(len(back)):
        rank[back[i]] = i
    best = len(part)
    middle = part[0]
    for i in range(len(way)):
        worse = max(i, rank[way[i]])
        if worse < best:
            best = worse
            middle = way[i]
    return middle


@kernel
def _within(start, neighbour, metres, units, radius, distance):
    """All units within `radius` of one of `units`."""
    heap = [(0.0, units[0])]
    heap.clear()
    touched = [units[0]]
    touched.clear()
    for unit in units:
        distance[unit] = 0.0
        touched.append(unit)
        heapq.heappush(heap, (0.0, unit))
    while len(heap) > 0:
        here, unit = heapq.heappop(heap)
        if here > distance[unit]:
            continue
        for i in range(start[unit], start[unit + 1]):
            other = neighbour[i]
            there = here + metres[i]
            if there <= radius and there < distance[other]:
                if distance[other] == np.inf:
                    touched.append(other)
                distance[other] = there
                heapq.heappush(heap, (there, other))
    for unit in touched:
        distance[unit] = np.inf
    return touched


@kernel
def _without_dead_ends(start, neighbour, region, place):
    """`region` without the units outside the piece (mark 3) of which no more than one neighbour is left."""
    waiting = [unit for unit in region if place[unit] == 3]
    while len(waiting) > 0:
        unit = waiting.pop()
        if place[unit] != 3:
            continue
        left = 0
        for i in range(start[unit], start[unit + 1]):
            if place[neighbour[i]] > 0:
                left += 1
        if left <= 1:
            place[unit] = 0
            waiting.extend([other for other in neighbour[start[unit] : start[unit + 1]] if place[other] == 3])
    return [unit for unit in region if place[unit] > 0]
