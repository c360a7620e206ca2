"""How far a change can reach: links between blocks, in households.

Take a plan with the fewest moved households and call two previous grids linked when a unit of one ends up in the grid
that carries on the other (or both give to one new grid). A connected family of linked grids none of which is troubled
could be put back as it was: fewer households would move, and no rule would notice, for each of its grids was lawful.
So every family holds a troubled block, and a path of k links moves k units. Hence no plan with at most M moved
households changes a block whose distance from all troubled ones exceeds M, where a link between neighbours counts as
much as the smallest unit of the two.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable

import numpy as np

from partitioner.model import IntArray, Problem
from partitioner.redraw.freezing import Fixed
from partitioner.redraw.standing import Standing
from partitioner.solver.pieces import areas_of

Links = list[dict[int, int]]
"""For every block the blocks it may exchange units with, and the fewest households that this moves."""


def links_of(problem: Problem, together: Iterable[tuple[int, ...]], state: Standing, fixed: Fixed) -> Links:
    """Links between neighbouring blocks of one parent, and between blocks that one rule holds together.

    Blocks without a grid are linked for nothing. Where the number of grids of a parent is limited, all its blocks are:
    one grid more here is one less there.
    """
    units, block = problem.units, state.block
    smallest = np.full(state.num_blocks, np.iinfo(np.int64).max)
    np.minimum.at(smallest, block, units.households)
    smallest[state.num_grids :] = 0
    locked = _whole_locks(problem, block)
    barred = fixed.grids | locked
    links: Links = [{} for _ in range(state.num_blocks)]

    def link(a: int, b: int, households: int) -> None:
        if a != b and a not in barred and b not in barred:
            for one, other in ((a, b), (b, a)):
                links[one][other] = min(households, links[one].get(other, households))

    graph, parent = problem.graph, units.parent.code
    inside = parent[graph.u] == parent[graph.v]
    pairs = np.unique(np.stack([block[graph.u[inside]], block[graph.v[inside]]], axis=1), axis=0)
    for a, b in pairs.tolist():
        link(a, b, int(min(smallest[a], smallest[b])))
    for members in [*together, *problem.locked]:
        blocks = np.unique(block[list(members)]).tolist()
        for other in blocks[1:]:
            link(blocks[0], other, 0)
    for area in areas_of(problem):
        if area.count_low is not None or area.count_high is not None:
            blocks = [b for b in np.unique(block[np.concatenate(area.components)]).tolist() if b not in barred]
            for other in blocks[1:]:
                link(blocks[0], other, 0)
    return links


def ball(links: Links, sources: Iterable[int], radius: int) -> dict[int, int]:
    """Distance of every block that is at most `radius` households from the nearest source."""
    distance = dict.fromkeys(sources, 0)
    waiting = [(0, source) for source in sorted(distance)]
    heapq.heapify(waiting)
    while waiting:
        here, block = heapq.heappop(waiting)
        if here > distance[block]:
            continue
        for other, households in links[block].items():
            there = here + households
            if there <= radius and there < distance.get(other, there + 1):
                distance[other] = there
                heapq.heappush(waiting, (there, other))
    return distance


def _whole_locks(problem: Problem, block: IntArray) -> frozenset[int]:
    """Blocks that are exactly a locked set: they never exchange anything."""
    size = np.bincount(block)
    whole = set()
    for members in problem.locked:
        blocks = np.unique(block[list(members)])
        if len(blocks) == 1 and size[blocks[0]] == len(members):
            whole.add(int(blocks[0]))
    return frozenset(whole)
