"""Regions of a plan: a dozen neighbouring grids, cut out as a problem of their own that can be settled exactly."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from partitioner.model import FloatArray, IntArray, Problem
from partitioner.solver.extracts import Extracts
from partitioner.solver.kernels.chance import below
from partitioner.solver.pieces import Piece
from partitioner.solver.prechecks import count_range
from partitioner.solver.tasks import Task

REGION_NODES = 70
"""Nodes of a region at most: proofs take some tenths of a second."""

NODES_PER_GRID = 10
"""Where grids hold more nodes on average, a region of several grids is too large for a quick proof."""

ENOUGH = 2
"""Regions that each node lies in before all is said to be settled region by region."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Region:
    """A few grids of a plan.

    Parameters
    ----------
    nodes : int array
        Of the piece, ascending.
    problem, task
        These alone, and what shortest paths between them may cross.
    units : int array
        Their positions among the units of the piece.
    """

    nodes: IntArray
    problem: Problem
    task: Task
    units: IntArray


@dataclass(kw_only=True, eq=False)
class Regions:
    """Draws regions of the plans of one piece, always where there were fewest so far.

    Parameters
    ----------
    problem : Problem
    task : Task
        Without loose sets.
    piece : Piece
    rng : uint64 array
        Stream of random numbers; advanced.
    """

    problem: Problem
    task: Task
    piece: Piece
    rng: npt.NDArray[np.uint64]
    _extracts: Extracts = field(init=False)
    _times: IntArray = field(init=False)

    def __post_init__(self) -> None:
        self._extracts = Extracts(self.problem)
        self._times = np.zeros(len(self.piece.case.households), dtype=np.int64)

    @property
    def finished(self) -> bool:
        """Every node was in enough regions since its grid has changed."""
        return bool((self._times >= ENOUGH).all())

    def draw(self, label: IntArray, weight: FloatArray, other: Region | None = None) -> Region:
        """Grids around a node that was in fewest regions, as many as are settled quickly.

        Parameters
        ----------
        label : int array, shape (n,)
            Grid of each node, numbered 0, 1, … without gaps.
        weight : float array, shape (grids,)
            Where there is a choice, the grid that weighs most.
        other : Region, optional
            Whose grids stay out of this one, if any others are left.
        """
        taken = np.zeros(len(weight), dtype=np.bool_)
        if other is not None:
            taken[label[other.nodes]] = True
        left = np.flatnonzero(~taken[label])
        if not len(left):
            taken[:] = False
            left = np.arange(len(label))
        fewest = left[self._times[left] == self._times[left].min()]
        heaviest = fewest[weight[label[fewest]] >= weight[label[fewest]].max()]
        chosen = self._grown(label, int(label[heaviest[below(self.rng, len(heaviest))]]), taken)
        nodes = np.flatnonzero(np.isin(label, chosen))
        inside = np.zeros(len(label), dtype=np.bool_)
        inside[nodes] = True
        mine = np.flatnonzero(inside[self.piece.node_of])
        problem, task = self._extracts.of(self._task(self.piece.units[mine], len(chosen), int(label.max()) + 1))
        return Region(nodes=nodes, problem=problem, task=task, units=mine)

    def settled(self, region: Region, *, changed: bool) -> None:
        """Remember that the region was looked at; where grids have changed, all around them is open again."""
        self._times[region.nodes] += 1
        if changed:
            self._times[region.nodes] = 1

    def _grown(self, label: IntArray, first: int, out: npt.NDArray[np.bool_]) -> list[int]:
        """`first` and grids that share most edges with what is chosen already, none of those that are `out`."""
        case = self.piece.case
        size = np.bincount(label)
        ends = np.repeat(label, np.diff(case.start))
        others = label[case.neighbour]
        shared = np.zeros(len(size), dtype=np.int64)
        chosen, total = [first], int(size[first])
        taken = out.copy()
        while True:
            taken[chosen[-1]] = True
            shared += np.bincount(others[ends == chosen[-1]], minlength=len(size))
            fitting = np.flatnonzero((shared > 0) & ~taken & (size + total <= REGION_NODES))
            if not len(fitting):
                return chosen
            # A little chance in it, so that the next region around here is another one.
            weight = [int(shared[grid]) * (4 + int(below(self.rng, 4))) for grid in fitting.tolist()]
            following = int(fitting[int(np.argmax(weight))])
            chosen.append(following)
            total += int(size[following])

    def _task(self, units: IntArray, grids: int, all_grids: int) -> Task:
        """As many grids as their households allow, and the rules on the number of all grids."""
        bounds = self.problem.bounds
        households = int(self.problem.units.households[units].sum())
        fewest, most = count_range(households, bounds.min, bounds.max, len(units))
        low, high = self.task.counts
        here = set(units.tolist())
        together = tuple(members for members in self.task.bridged if members[0] in here)
        return replace(
            self.task,
            units=units,
            counts=(max(fewest, grids - (all_grids - low)), min(most, grids + (high - all_grids))),
            ruled=(1, len(units)),
            together=together,
            bridged=together,
            reasons=(),
            floor=None,
        )
