"""Fewest moved households where lists get too long: every node chooses the previous grid that it goes to.

Previous grids are places with names, so the model has none of the symmetry of drawing from nothing: it is an
assignment with bounds, and a node that stays costs nothing. Connected grids are asked for where they are missed: when
a part C of a grid hangs apart from the rest of it, a node of C and one of the rest may share a grid only if some node
around C does, too. Grids that carry on none get a few places of their own; more of them than that would move more
households than the plan that was found.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from partitioner.model import IntArray, Problem
from partitioner.redraw.columns import Columns
from partitioner.redraw.freezing import Fixed
from partitioner.redraw.near_part import Near, near_parts
from partitioner.redraw.region import Region
from partitioner.solver.kernels.listing import grid_cost
from partitioner.solver.limits import StopSignal

MAX_ROUNDS = 400
EFFORT = 6.0
"""What all solves of one model may take together, in CP-SAT's own measure (about seconds)."""

MAX_PLACES = 20_000
"""More pairs of nodes and grids than this are not modelled."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Anchored:
    """Parameters
    ----------
    bound : int
        No lawful plan of the region moves fewer households.
    columns : Columns or None
        The grids of a plan that moves so many; None where none was found.
    """

    bound: int
    columns: Columns | None


def fewest_moved(
    problem: Problem, region: Region, fixed: Fixed, at_least: int, signal: StopSignal, *, seconds: float | None
) -> Anchored:
    """Fewest moved households of the region; `at_least` are known to move."""
    nothing = Anchored(bound=at_least, columns=None)
    if not _fits(problem, region):
        return nothing
    free = sum(int(part.piece.case.households.sum()) for part in region.parts) - int(_had(region).sum())
    fresh = 1
    while True:
        model = _Model(region, near_parts(problem, region, fixed), fixed, fresh, at_least)
        if model.num_places > MAX_PLACES:
            return nothing
        found = model.solve(signal, seconds)
        if found is None:
            return Anchored(bound=max(at_least, model.bound), columns=None)
        # With more fresh grids than places, each of `min` households, these come from elsewhere or are new.
        if (fresh + 1) * problem.bounds.min - free >= model.bound:
            return Anchored(bound=model.bound, columns=found)
        fresh += 1


def _fits(problem: Problem, region: Region) -> bool:
    return not region.locked and problem.max_walk_m is None and problem.bounds.min > 0


def _had(region: Region) -> IntArray:
    return np.concatenate([part.piece.case.previous_households for part in region.parts])


class _Model:
    """The assignment, with the cuts that were needed so far."""

    def __init__(self, region: Region, nears: list[Near], fixed: Fixed, fresh: int, at_least: int) -> None:
        self.region = region
        self.bound = at_least
        self.places = [near for near in nears for _ in range(fresh if near.label < 0 else 1)]
        self.num_places = sum(len(near.incoming) for near in self.places)
        self.model = cp_model.CpModel()
        if self.num_places > MAX_PLACES:
            return
        self.inside = [[self.model.new_bool_var("") for _ in near.incoming] for near in self.places]
        self.used = [self.model.new_bool_var("") for _ in self.places]
        self._every_node_once()
        self._bounds()
        self._carried_once()
        self._rules(fixed)
        terms = [
            int(num) * var
            for near, row in zip(self.places, self.inside, strict=True)
            for num, var in zip(near.incoming.tolist(), row, strict=True)
            if num
        ]
        self.moved = sum(terms)
        self.model.add(self.moved >= at_least)
        self.model.minimize(self.moved)

    def _every_node_once(self) -> None:
        """Every node goes to one place of its part."""
        for number, part in enumerate(self.region.parts):
            mine = [k for k, near in enumerate(self.places) if near.number == number]
            for node in range(len(part.piece.case.households)):
                self.model.add_exactly_one(self.inside[k][node] for k in mine)

    def _bounds(self) -> None:
        """A place in use holds between `min` and `max` households; a small node is never alone."""
        for near, row, used in zip(self.places, self.inside, self.used, strict=True):
            case = near.part.piece.case
            load = sum(int(num) * var for num, var in zip(case.households.tolist(), row, strict=True) if num)
            self.model.add(load >= case.low * used)
            self.model.add(load <= case.high * used)
            for node, var in enumerate(row):
                self.model.add_implication(var, used)
                if case.households[node] < case.low:
                    beside = case.neighbour[case.start[node] : case.start[node + 1]].tolist()
                    self.model.add_bool_or([var.negated(), *(row[other] for other in beside)])

    def _carried_once(self) -> None:
        """A previous grid is carried on in one part, by a grid that holds some of it; counts hold."""
        by_label: dict[int, list[int]] = {}
        for k, near in enumerate(self.places):
            if near.label >= 0:
                by_label.setdefault(near.label, []).append(k)
                self.model.add_bool_or([self.used[k].negated(), *(self.inside[k][r] for r in near.roots.tolist())])
        for places in by_label.values():
            self.model.add_at_most_one(self.used[k] for k in places)
        for counted in self.region.counted:
            mine = [self.used[k] for k, near in enumerate(self.places) if near.number in counted.parts]
            self.model.add_linear_constraint(sum(mine), counted.low, counted.high)

    def _rules(self, fixed: Fixed) -> None:
        """Pins, sets that must share a grid, pairs that must not, frozen lines."""
        for near, row in zip(self.places, self.inside, strict=True):
            case = near.part.piece.case
            for node in np.flatnonzero(near.inside).tolist():
                self.model.add(row[node] == 1)
            for node in np.flatnonzero(near.outside).tolist():
                self.model.add(row[node] == 0)
            for nodes in near.part.loose:
                for other in nodes.tolist()[1:]:
                    self.model.add(row[int(nodes[0])] == row[other])
            for node in range(len(row)):
                for other in case.apart_item[case.apart_start[node] : case.apart_start[node + 1]].tolist():
                    if node < other:
                        self.model.add_bool_or([row[node].negated(), row[other].negated()])
            if len(fixed.lines):
                owner = np.repeat(np.arange(len(row)), np.diff(case.previous_start))
                for a, b in np.argwhere(np.triu(fixed.lines)).tolist():
                    for u in owner[case.previous_item == a].tolist():
                        for v in owner[case.previous_item == b].tolist():
                            self.model.add_bool_or([row[u].negated(), row[v].negated()])

    def solve(self, signal: StopSignal, seconds: float | None) -> Columns | None:
        """Solve, cut and solve again until all grids are connected; None where that was not reached."""
        left = EFFORT
        for _ in range(MAX_ROUNDS):
            solver = cp_model.CpSolver()
            solver.parameters.num_workers = 1
            solver.parameters.catch_sigint_signal = False  # it would take the caller's own handler away
            solver.parameters.random_seed = 1
            solver.parameters.max_deterministic_time = left
            if seconds is not None:
                solver.parameters.max_time_in_seconds = max(0.01, min(seconds, signal.remaining_s or seconds))
            forget = signal.listen(solver.stop_search)
            try:
                status = solver.solve(self.model)
            finally:
                forget()
            if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
                self.bound = max(self.bound, round(solver.best_objective_bound))
            left -= solver.deterministic_time
            if status != cp_model.OPTIMAL or signal():
                return None
            grids = [
                np.array([node for node, var in enumerate(row) if solver.boolean_value(var)], dtype=np.int64)
                for row in self.inside
            ]
            if not self._cut(grids):
                return self._columns(grids)
            if left <= 0:
                return None
            self.model.clear_hints()  # type: ignore[no-untyped-call]
            for row in self.inside:
                for var in row:
                    self.model.add_hint(var, solver.boolean_value(var))
        return None

    def _cut(self, grids: list[IntArray]) -> bool:
        """Ask for what connects the parts of every grid; whether any was in parts."""
        torn = False
        for k, nodes in enumerate(grids):
            near = self.places[k]
            parts = _parts(near, nodes)
            home = max(parts, key=lambda part: _weight(near, part), default=[])
            for part in parts:
                if part is not home:
                    torn = True
                    self._connect(near.number, part, home)
        return torn

    def _connect(self, number: int, part: list[int], home: list[int]) -> None:
        case = self.region.parts[number].piece.case
        here = set(part)
        around = {o for v in part for o in case.neighbour[case.start[v] : case.start[v + 1]].tolist()} - here
        a = max(part, key=lambda v: (int(case.households[v]), -v))
        b = max(home, key=lambda v: (int(case.households[v]), -v))
        for k, near in enumerate(self.places):
            if near.number == number:
                row = self.inside[k]
                self.model.add_bool_or([row[a].negated(), row[b].negated(), *(row[s] for s in sorted(around))])

    def _columns(self, grids: list[IntArray]) -> Columns:
        chosen = [(near, nodes) for near, nodes in zip(self.places, grids, strict=True) if len(nodes)]
        return Columns(
            complete=False,
            start=np.cumsum([0, *(len(nodes) for _, nodes in chosen)]).astype(np.int64),
            item=np.concatenate([nodes + near.part.first for near, nodes in chosen]),
            cost=np.array([_cost(near, nodes) for near, nodes in chosen]),
            incoming=np.array([int(near.incoming[nodes].sum()) for near, nodes in chosen], dtype=np.int64),
            least=np.zeros(len(chosen), dtype=np.int64),
            label=np.array([near.label for near, _ in chosen], dtype=np.int64),
            part=np.array([near.number for near, _ in chosen], dtype=np.int64),
        )


def _cost(near: Near, nodes: IntArray) -> float:
    case = near.part.piece.case
    return float(grid_cost(case, nodes, len(nodes), int(case.households[nodes].sum()), case.far.shape[0] > 0))


def _weight(near: Near, nodes: list[int]) -> tuple[int, int]:
    return int(near.part.piece.case.households[nodes].sum()), -nodes[0]


def _parts(near: Near, nodes: IntArray) -> list[list[int]]:
    """Connected parts of some nodes."""
    case = near.part.piece.case
    left = set(nodes.tolist())
    found = []
    for first in nodes.tolist():
        if first not in left:
            continue
        left.discard(first)
        part = [first]
        for node in part:
            for other in case.neighbour[case.start[node] : case.start[node + 1]].tolist():
                if other in left:
                    left.discard(other)
                    part.append(other)
        found.append(part)
    return found
