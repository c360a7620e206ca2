"""A piece cut out of a problem: a small problem of its own with all that its distances depend on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from partitioner.model import Graph, IntArray, Labels, Problem, Sets, Units
from partitioner.solver.kernels.region import around
from partitioner.solver.pieces import edges_among
from partitioner.solver.tasks import Task

HALF, WHOLE = 1.0, 2.0
"""In ways from a piece's middle to its farthest unit: how far from its units a path between two of them may lead; and
how far units may lie that count where only the nearest ones get their distance."""


class Extracts:
    """Cuts tasks out of `problem`, one after the other; not to be used by several threads at once."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        num = len(problem.units)
        self._distance = np.full(num, np.inf)
        self._place = np.zeros(num, dtype=np.int64)
        self._apart: dict[int, list[int]] = {}
        for number, members in enumerate(problem.apart):
            for unit in members:
                self._apart.setdefault(unit, []).append(number)

    def of(self, task: Task) -> tuple[Problem, Task]:
        """A problem of the units of `task` and those that shortest paths may cross, and the task in its positions."""
        whole, units = self._problem, task.units
        start, neighbour, length = whole.graph.csr
        ways = HALF if task.floor is None else WHOLE
        region = around(start, neighbour, length, units, ways, self._distance, self._place)
        u, v, metres = edges_among(whole, region)
        once = u < v
        inside = np.zeros(len(region), dtype=np.bool_)
        inside[np.searchsorted(region, units)] = True
        small = Problem(
            units=Units(
                id=tuple(whole.units.id[unit] for unit in region.tolist()),
                households=whole.units.households[region],
                group=_labels(whole.units.group, region, inside),
                previous=_labels(whole.units.previous, region, inside),
            ),
            graph=Graph(num_units=len(region), u=u[once], v=v[once], length_m=metres[once]),
            bounds=whole.bounds,
            weights=whole.weights,
            max_walk_m=whole.max_walk_m,
            apart=self._apart_in(region, units),
        )
        return small, replace(
            task,
            units=np.searchsorted(region, units),
            together=_moved(task.together, region),
            loose=_moved(task.loose, region),
            bridged=_moved(task.bridged, region),
        )

    def _apart_in(self, region: IntArray, units: IntArray) -> Sets:
        if not self._apart:
            return ()
        here = set(units.tolist())
        numbers = sorted({number for unit in units.tolist() for number in self._apart.get(unit, ())})
        sets = [[unit for unit in self._problem.apart[number] if unit in here] for number in numbers]
        return _moved([members for members in sets if len(members) > 1], region)


def _labels(labels: Labels, region: IntArray, inside: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Labels:
    """Names of the units inside; what lies outside needs none."""
    names = labels.names
    code = np.where(inside, labels.code[region], -1).tolist()
    return Labels(None if number < 0 else names[number] for number in code)


def _moved(sets: Iterable[Iterable[int]], region: IntArray) -> Sets:
    return tuple(tuple(np.searchsorted(region, np.array(list(members))).tolist()) for members in sets)
