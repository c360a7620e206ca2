"""Pieces whose distances would not fit into memory, cut into connected blocks of whole numbers of grids.

Blocks are no rule of the problem: plans found block by block are plans of the piece, but nothing proved about a block
holds for the piece.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from partitioner.model import FloatArray, IntArray, Problem
from partitioner.solver.pieces import edges_among
from partitioner.solver.prechecks import count_range
from partitioner.solver.tasks import Task

DENSE_UNITS = 6_000
"""Pieces of more units are cut into blocks: a matrix of distances grows with the square."""

NEAR = 0.1
"""Share of the households by which a cut may miss its place to run between groups."""

BLOCK_UNITS = 3_000
"""No block is larger, unless a set of units that must stay together is."""


def in_blocks(problem: Problem, tasks: list[Task], *, dense: int = DENSE_UNITS, most: int = BLOCK_UNITS) -> list[Task]:
    """`tasks`, with blocks in place of those of more than `dense` units."""
    return [part for task in tasks for part in (_blocks(problem, task, most) if len(task.units) > dense else [task])]


def _blocks(problem: Problem, task: Task, most: int) -> list[Task]:
    nodes = _Nodes(problem, task)
    waiting, parts = [np.arange(len(nodes.households))], []
    while waiting:
        part = waiting.pop()
        if nodes.num_units[part].sum() <= most or len(part) == 1:
            parts.append(part)
        else:
            waiting += _in_two(problem, nodes, part)
    parts.sort(key=lambda part: int(part[0]))
    counts = _counts(problem, task, [int(nodes.households[part].sum()) for part in parts])
    floor = _floor(problem, task)
    blocks: list[Task] = []
    for part, count in zip(parts, counts, strict=True):
        units = task.units[np.isin(nodes.of_unit, part)]
        here = set(units.tolist())
        blocks.append(
            replace(
                task,
                units=units,
                counts=count,
                ruled=(1, len(units)),
                together=tuple(members for members in task.together if members[0] in here),
                loose=tuple(members for members in task.loose if members[0] in here),
                bridged=tuple(members for members in task.bridged if members[0] in here),
                reasons=() if blocks else task.reasons,
                floor=0.0 if blocks else floor,
            )
        )
    return blocks


class _Nodes:
    """Units of a task with the sets that the search keeps together as one."""

    def __init__(self, problem: Problem, task: Task) -> None:
        first = np.arange(len(task.units))
        for members in task.bridged:
            at = np.searchsorted(task.units, np.array(members))
            first[at] = at.min()
        _, self.of_unit = np.unique(first, return_inverse=True)
        num = int(self.of_unit.max()) + 1
        u, v, metres = edges_among(problem, task.units)
        u, v = self.of_unit[u], self.of_unit[v]
        across = u != v
        self.graph = csr_array((metres[across] + 1.0, (u[across], v[across])), shape=(num, num))
        self.num_units = np.bincount(self.of_unit)
        self.households = np.bincount(self.of_unit, weights=problem.units.households[task.units])
        group = np.empty(num, dtype=np.int64)
        group[self.of_unit] = problem.units.group.code[task.units]
        alone = group < 0
        group[alone] = len(problem.units.group.names) + np.flatnonzero(alone)
        self.group = group


def _in_two(problem: Problem, nodes: _Nodes, part: IntArray) -> list[IntArray]:
    """`part` cut across its length where about half of its grids are on either side; both sides connected.

    Groups stay on one side where that still leaves a whole number of grids. A part in several pieces is cut into these.
    """
    graph = nodes.graph[part][:, part]
    count, piece = connected_components(graph, directed=False)
    if count > 1:
        return [part[piece == i] for i in range(count)]
    there = dijkstra(graph, indices=int(np.argmax(dijkstra(graph, indices=0))))
    place = there - dijkstra(graph, indices=int(np.argmax(there)))
    _, group = np.unique(nodes.group[part], return_inverse=True)
    middle = np.bincount(group, weights=place) / np.bincount(group)
    order = np.lexsort((place, group, middle[group]))
    upto: FloatArray = np.cumsum(nodes.households[part[order]]).astype(np.float64)
    cut = _where_to_cut(problem, upto, np.flatnonzero(np.diff(group[order])))
    first, torn = _largest_piece(graph, order[: cut + 1])
    second, torn = _largest_piece(graph, np.concatenate([order[cut + 1 :], torn]))
    return [np.sort(part[np.concatenate([first, torn])]), np.sort(part[second])]


def _where_to_cut(problem: Problem, upto: FloatArray, ends: npt.NDArray[np.integer[Any]]) -> int:
    """Last position of the first side: at the end of a group if one is near enough, where whole grids fit on both."""
    total, bounds = float(upto[-1]), problem.bounds
    aim = bounds.aim if bounds.aim > 0 else max(1.0, total / len(upto))
    grids = max(2, round(total / aim))
    wanted = total * (grids // 2) / grids
    choices = ends if len(ends) else np.arange(len(upto) - 1)
    by_distance = choices[np.argsort(np.abs(upto[choices] - wanted), kind="stable")]
    for cut in by_distance[:20].tolist():
        sides = (int(upto[cut]), int(total - upto[cut]))
        ranges = [count_range(side, bounds.min, bounds.max, len(upto)) for side in sides]
        if abs(upto[cut] - wanted) <= NEAR * total and all(fewest <= most for fewest, most in ranges):
            return int(cut)
    return min(int(np.searchsorted(upto, wanted)), len(upto) - 2)


def _largest_piece(graph: csr_array, members: IntArray) -> tuple[IntArray, IntArray]:
    """The connected piece with the most nodes, and the rest."""
    _, piece = connected_components(graph[members][:, members], directed=False)
    largest = piece == int(np.argmax(np.bincount(piece)))
    return members[largest], members[~largest]


def _counts(problem: Problem, task: Task, households: list[int]) -> list[tuple[int, int]]:
    """Numbers of grids of each block: any that fits, or shares of the number where rules limit it."""
    bounds, num = problem.bounds, len(task.units)
    if task.ruled == (1, num):
        ranges = [count_range(h, bounds.min, bounds.max, num) for h in households]
        return [(low, high) if low <= high else (1, num) for low, high in ranges]
    aim = bounds.aim if bounds.aim > 0 else sum(households) / num
    total = min(max(round(sum(households) / aim), task.counts[0]), task.counts[1])
    exact = np.array(households) * (total / max(1, sum(households)))
    shares = np.maximum(1, np.floor(exact)).astype(np.int64)
    while shares.sum() < total:
        shares[int(np.argmax(exact - shares))] += 1
    while shares.sum() > total and shares.max() > 1:
        shares[int(np.argmax(np.where(shares > 1, shares - exact, -np.inf)))] -= 1
    return [(share, share) for share in shares.tolist()]


def _floor(problem: Problem, task: Task) -> float:
    """A lower bound on the cost of the piece, in the search's terms: every group once, and the least balance."""
    units, weights = problem.units, problem.weights
    groups = units.group.code[task.units]
    had = units.previous.code[task.units] >= 0
    total = int(units.households[task.units].sum())
    counts = np.arange(task.counts[0], task.counts[1] + 1)
    balance = weights.balance * float(np.abs(total - counts * problem.bounds.aim).min())
    return (
        weights.split * len(np.unique(groups[groups >= 0]))
        + balance
        - weights.move * float(units.households[task.units][had].sum())
    )
