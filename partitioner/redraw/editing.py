"""Edits by hand on a map: what a move of units would do, told while the finger is still on the mouse.

An `Editor` keeps the terms of every grid. A trial touches only the grids that lose or gain units.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

import numpy as np

from partitioner.errors import Fault, InputError, Place, Text
from partitioner.model import Count, Graph, IntArray, Labels, Plan, Problem, Units
from partitioner.redraw.freezing import Frozen
from partitioner.redraw.goal import STRICT
from partitioner.redraw.redrawing import Redrawn, redraw
from partitioner.scoring.distances import central_unit
from partitioner.scoring.grids import pieces_of
from partitioner.scoring.matching import carried_on
from partitioner.scoring.objective import walk_of
from partitioner.scoring.validation import WALK_TOLERANCE_M
from partitioner.solver import Limits


@dataclass(frozen=True, kw_only=True)
class GridState:
    """Terms of one grid and what it breaks by itself.

    Parameters
    ----------
    pieces : int
        Connected pieces; 1 in a lawful grid, 0 in an empty one.
    parents : int
        Parents that it touches.
    apart : int
        Units too many of sets that must be kept apart.
    too_far : int
        Metres beyond `max_walk_m`, rounded up.
    """

    households: int
    walk: float
    balance: float
    groups: frozenset[int]
    pieces: int
    parents: int
    apart: int
    too_far: int


@dataclass(frozen=True, kw_only=True)
class Broken:
    """A rule that a grid breaks, in the words of the town."""

    rule: str
    grid: str
    amount: int
    message: Text


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What a move would do.

    Parameters
    ----------
    lawful : bool
        The grids that it touches break no rule afterwards.
    walk, split, balance, move, total : float
        Changes of the terms; `total` is weighted.
    broken : tuple of Broken
        Rules that the touched grids break afterwards.
    mended : tuple of Broken
        Those that they break now and would not afterwards.
    households : dict of str to int
        Of every touched grid afterwards.
    """

    lawful: bool
    walk: float
    split: int
    balance: float
    move: int
    total: float
    broken: tuple[Broken, ...]
    mended: tuple[Broken, ...]
    households: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class Placing:
    """A grid that a new building could join."""

    grid: str
    lawful: bool
    total: float
    households: int


class Editor:
    """A plan being edited. Every unit has a grid.

    Parameters
    ----------
    problem : Problem
    plan : Plan

    Raises
    ------
    InputError
        The plan does not label every unit of the problem.
    """

    def __init__(self, problem: Problem, plan: Plan) -> None:
        if len(plan) != len(problem.units) or (plan.grid.code < 0).any():
            raise InputError([_unlabelled()])
        self.problem = problem
        self._labels: list[str] = [str(name) for name in plan.grid.values()]
        self._members: dict[str, set[int]] = {}
        for position, name in enumerate(self._labels):
            self._members.setdefault(name, set()).add(position)
        self._state = {name: self._judge(members) for name, members in self._members.items()}
        self._number = self.plan.grid.code.copy()
        self._retained = self._most_retained({})

    @property
    def plan(self) -> Plan:
        """The plan as it is now."""
        return Plan(grid=Labels(self._labels))

    def label(self, unit: int) -> str:
        """The grid of one unit as it is now."""
        return self._labels[unit]

    def fork(self) -> Editor:
        """Another editor of the plan as it is now; what is done to one does not reach the other."""
        other = copy.copy(self)
        other._labels, other._number = list(self._labels), self._number.copy()
        other._members = {name: set(members) for name, members in self._members.items()}
        other._state = dict(self._state)
        return other

    def try_move(self, units: Collection[int], grid: str) -> Trial:
        """What giving `units` (positions) to `grid` (a new one where nobody carries that label) would do."""
        after = self._after(units, grid)
        return self._trial(after)

    def move(self, units: Collection[int], grid: str) -> Trial:
        """Do it."""
        after = self._after(units, grid)
        trial = self._trial(after)
        for name, members in after.items():
            if members:
                self._members[name], self._state[name] = members, self._judge(members)
            else:
                del self._members[name], self._state[name]
        for unit in units:
            self._labels[unit] = grid
        self._number = self.plan.grid.code.copy()
        self._retained = self._most_retained({})
        return trial

    def takers(self, units: Collection[int]) -> list[tuple[str, Trial]]:
        """The grids next to `units` that could take them: lawful ones first, then by total."""
        chosen = set(units)
        parents = {int(self.problem.units.parent.code[u]) for u in chosen}
        near = set()
        for unit in sorted(chosen):
            for other in self.problem.graph.neighbours(unit).tolist():
                if other not in chosen and int(self.problem.units.parent.code[other]) in parents:
                    near.add(self._labels[other])
        tried = [(name, self.try_move(chosen, name)) for name in sorted(near)]
        mine = {self._labels[u] for u in chosen}
        tried = [(name, trial) for name, trial in tried if mine != {name}]
        return sorted(tried, key=lambda entry: (not entry[1].lawful, entry[1].total, entry[0]))

    def complete(self, touched: Collection[int], *, limits: Limits | None = None) -> Redrawn:
        """The best end of a half-made edit: all rules hold again, `touched` units stay where they were put, and as few
        other households as possible move from where they are now."""
        ids = self.problem.units.id
        asked = replace(self.problem, units=replace(self.problem.units, previous=self.plan.grid))
        return redraw(asked, STRICT, frozen=Frozen(units=frozenset(ids[u] for u in touched)), limits=limits)

    def _after(self, units: Collection[int], grid: str) -> dict[str, set[int]]:
        chosen = set(units)
        after = {grid: self._members.get(grid, set()) | chosen}
        for name in sorted({self._labels[unit] for unit in chosen} - {grid}):
            after[name] = self._members[name] - chosen
        return after

    def _trial(self, after: dict[str, set[int]]) -> Trial:
        weights = self.problem.weights
        states = {name: self._judge(members) for name, members in after.items()}
        was = {name: self._state.get(name, _EMPTY) for name in after}
        walk = sum(states[n].walk - was[n].walk for n in after)
        balance = sum(states[n].balance - was[n].balance for n in after)
        split = sum(len(states[n].groups) - len(was[n].groups) for n in after)
        move = self._retained - self._most_retained(after)
        broken = [fault for name in sorted(after) for fault in self._broken(name, states[name], after[name])]
        broken += self._miscounted(after)
        before = [
            fault for name in sorted(after) for fault in self._broken(name, was[name], self._members.get(name, set()))
        ]
        before += self._miscounted({})
        now = {(fault.rule, fault.grid) for fault in broken}
        return Trial(
            lawful=not broken,
            walk=walk,
            split=split,
            balance=balance,
            move=move,
            total=weights.walk * walk + weights.split * split + weights.balance * balance + weights.move * move,
            broken=tuple(broken),
            mended=tuple(fault for fault in before if (fault.rule, fault.grid) not in now),
            households={name: states[name].households for name in sorted(after)},
        )

    def _judge(self, members: set[int]) -> GridState:
        if not members:
            return _EMPTY
        problem, units = self.problem, self.problem.units
        inside = np.array(sorted(members), dtype=np.int64)
        households = int(units.households[inside].sum())
        codes = units.group.code[inside]
        return GridState(
            households=households,
            walk=walk_of(problem, inside)[0],
            balance=abs(households - problem.bounds.aim),
            groups=frozenset(np.unique(codes[codes >= 0]).tolist()),
            pieces=len(pieces_of(problem.graph, inside)),
            parents=len(np.unique(units.parent.code[inside])),
            apart=sum(max(0, len(members.intersection(pair)) - 1) for pair in problem.apart),
            too_far=self._too_far(inside),
        )

    def _too_far(self, inside: IntArray) -> int:
        limit = self.problem.max_walk_m
        if limit is None:
            return 0
        reach = central_unit(self.problem.graph, inside).cost
        if reach <= limit + WALK_TOLERANCE_M:
            return 0
        return math.ceil(reach - limit) if math.isfinite(reach) else math.ceil(self.problem.graph.length_m.sum())

    def _broken(self, name: str, state: GridState, members: set[int]) -> Iterable[Broken]:
        """What the grid breaks; locks and sets that should share a grid included."""
        bounds = self.problem.bounds
        found = [
            ("size_min", max(0, bounds.min - state.households) if members else 0, "户数低于下限", "below the minimum"),
            ("size_max", max(0, state.households - bounds.max), "户数超过上限", "above the maximum"),
            ("connected", max(0, state.pieces - 1), "不相连", "not connected"),
            ("parent", max(0, state.parents - 1), "跨上级", "across parents"),
            ("apart", state.apart, "含应分开的楼栋", "holds units that must be kept apart"),
            ("max_walk_m", state.too_far, "超出步行范围", "reaches too far"),
            ("together", self._parted(self.problem.together, members), "拆开了应同格的楼栋", "parts a set"),
            ("locked", self._unlocked(members), "改动了锁定网格", "changes a locked grid"),
        ]
        locked = tuple(sorted(members)) in self.problem.locked
        for rule, amount, zh, en in found:
            if amount and not (locked and rule in ("size_min", "size_max", "parent", "max_walk_m")):
                yield Broken(
                    rule=rule,
                    grid=name,
                    amount=amount,
                    message=Text(f"网格 {name} {zh}（{amount}）", f"grid {name} {en} ({amount})"),
                )

    def _miscounted(self, after: dict[str, set[int]]) -> list[Broken]:
        """Parents with too many or too few grids, with the grids of `after` in place of those of now."""
        count, parent = self.problem.count, self.problem.units.parent
        if count == Count():
            return []
        num: dict[str | None, int] = dict.fromkeys(parent.values(), 0)
        for members in {**self._members, **after}.values():
            for name in {parent.at(unit) for unit in members}:
                num[name] += 1
        found = []
        for name, grids in num.items():
            allowed = count.of(name)
            low, high = allowed.min or 0, grids if allowed.max is None else allowed.max
            for rule, amount in (("count_min", low - grids), ("count_max", grids - high)):
                if amount > 0:
                    message = Text(f"{name or '全域'}有 {grids} 个网格", f"{name or 'the area'} has {grids} grids")
                    found.append(Broken(rule=rule, grid=name or "", amount=amount, message=message))
        return found

    def _parted(self, sets: Iterable[tuple[int, ...]], members: set[int]) -> int:
        return sum(0 < len(members.intersection(s)) < len(s) for s in sets)

    def _unlocked(self, members: set[int]) -> int:
        return sum(bool(members.intersection(s)) and members != set(s) for s in self.problem.locked)

    def _most_retained(self, after: dict[str, set[int]]) -> int:
        """Households that the best matching retains, with the grids of `after` in place of those of now."""
        previous, households = self.problem.units.previous, self.problem.units.households
        if not len(previous.names):
            return 0
        label = self._number.copy()
        for number, members in enumerate(after.values()):
            label[sorted(members)] = len(label) + number
        return sum(num for _, _, num in carried_on(label, previous.code, households))


_EMPTY = GridState(households=0, walk=0.0, balance=0.0, groups=frozenset(), pieces=0, parents=1, apart=0, too_far=0)


def best_places(
    problem: Problem, plan: Plan, households: int, neighbours: dict[int, float], *, group: str | None = None,
    parent: str | None = None,
) -> list[Placing]:  # fmt: skip
    """Where a new building fits best: the grids of its neighbours, lawful ones first, then by what the total gains.

    Parameters
    ----------
    households : int
    neighbours : dict of int to float
        Positions of the units next to it, and metres to each.
    group, parent : str, optional
        Its compound and parent; the parent defaults to that of the nearest neighbour.
    """
    units = problem.units
    nearest = min(neighbours, key=lambda unit: (neighbours[unit], unit))
    home = parent if parent is not None else units.parent.at(nearest)
    name = "+"
    while name in units.id:
        name += "+"
    place = len(units)
    wider = replace(
        problem,
        units=Units(
            id=(*units.id, name),
            households=np.append(units.households, households),
            x=None if units.x is None else np.append(units.x, units.x[nearest]),
            y=None if units.y is None else np.append(units.y, units.y[nearest]),
            group=Labels([*units.group.values(), group]),
            parent=Labels([*units.parent.values(), home]),
            previous=Labels([*units.previous.values(), None]),
        ),
        graph=Graph(
            num_units=place + 1,
            u=np.append(problem.graph.u, sorted(neighbours)),
            v=np.append(problem.graph.v, np.full(len(neighbours), place)),
            length_m=np.append(problem.graph.length_m, [neighbours[unit] for unit in sorted(neighbours)]),
        ),
    )
    alone = "".join(set(plan.grid.names)) + "+"
    editor = Editor(wider, Plan(grid=Labels([*plan.grid.values(), alone])))
    return [
        Placing(grid=grid, lawful=trial.lawful, total=trial.total, households=trial.households[grid])
        for grid, trial in editor.takers([place])
    ]


def _unlabelled() -> Fault:
    return Fault(
        rule="unlabelled",
        place=Place(pointer="/grid"),
        message=Text("编辑前每栋楼都须有网格", "every unit needs a grid before it can be edited"),
        remedy=Text("请先补全方案", "complete the plan first"),
    )
