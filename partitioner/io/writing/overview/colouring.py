"""Colours for grids such that no two neighbours share one."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely


def touching_pairs(shapes: npt.NDArray[np.object_], slack_m: float = 0.01) -> list[tuple[int, int]]:
    """Pairs of shapes that share a border or a corner, each once, sorted.

    Parameters
    ----------
    slack_m : float
        Borders that miss each other by this little still touch.
    """
    tree = shapely.STRtree(shapes)
    first, second = tree.query(shapes, predicate="dwithin", distance=slack_m)
    once = first < second
    return sorted(zip(first[once].tolist(), second[once].tolist(), strict=True))


def coloured(num: int, pairs: Sequence[tuple[int, int]], num_colours: int) -> list[int]:
    """A colour 0 … for every node, different for the ends of every pair.

    DSATUR: the node whose neighbours show the most colours goes first (ties: more neighbours, then position). It takes
    the least used of `num_colours` that is free, so that all colours occur about equally often; where none is free, a
    colour beyond them.

    References
    ----------
    D. Brélaz (1979), New methods to color the vertices of a graph, https://doi.org/10.1145/359094.359101
    """
    neighbours: list[set[int]] = [set() for _ in range(num)]
    for a, b in pairs:
        neighbours[a].add(b)
        neighbours[b].add(a)
    colour = [-1] * num
    seen: list[set[int]] = [set() for _ in range(num)]
    used = [0] * num_colours
    queue = [(0, -len(neighbours[k]), k) for k in range(num)]
    heapq.heapify(queue)
    while queue:
        saturation, _, node = heapq.heappop(queue)
        if colour[node] >= 0 or -saturation < len(seen[node]):
            continue  # coloured already, or waiting further up under its present saturation
        chosen = _least_used(seen[node], used)
        colour[node] = chosen
        used[chosen] += 1
        for other in neighbours[node]:
            if colour[other] < 0 and chosen not in seen[other]:
                seen[other].add(chosen)
                heapq.heappush(queue, (-len(seen[other]), -len(neighbours[other]), other))
    return colour


def _least_used(taken: set[int], used: list[int]) -> int:
    free = [c for c in range(len(used)) if c not in taken]
    if not free:
        used.append(0)
        return len(used) - 1
    return min(free, key=lambda c: (used[c], c))
