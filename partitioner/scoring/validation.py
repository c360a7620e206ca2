"""Every rule that a plan breaks: one short function per rule, one sentence each in the town's words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from partitioner.errors import Text
from partitioner.model import IntArray, Plan, Problem, Violation
from partitioner.scoring.distances import central_unit, ways_of
from partitioner.scoring.grids import check_length, members_by_grid, pieces_of, torn_grids

WALK_TOLERANCE_M = 1e-6
"""A path may exceed `max_walk_m` by this much: what adding metres in another order can change."""


def validate(problem: Problem, plan: Plan) -> tuple[tuple[Violation, ...], tuple[Violation, ...]]:
    """Check `plan` against every rule.

    Returns
    -------
    violations : tuple of Violation
        All of them, by rule in the order of `model.RULES`, then by grid in the order of appearance.
    warnings : tuple of Violation
        Bounds, parents and reach that locked grids break: they are kept as they are.

    Raises
    ------
    InputError
        The plan is not as long as the problem.
    """
    check_length(problem, plan)
    case = _Case(problem, plan)
    violations: list[Violation] = []
    warnings: list[Violation] = []
    for rule, check in _CHECKS.items():
        for violation in check(case):
            excused = rule in _EXCUSED_WHEN_LOCKED and violation.grid in case.locked_grids
            if excused:
                warnings.append(replace(violation, remedy=_LOCKED_REMEDY))
            else:
                violations.append(violation)
    return tuple(violations), tuple(warnings)


@dataclass(frozen=True, eq=False)
class _Case:
    problem: Problem
    plan: Plan

    @cached_property
    def grids(self) -> dict[str, IntArray]:
        return members_by_grid(self.plan)

    @cached_property
    def households(self) -> dict[str, int]:
        return {g: int(self.problem.units.households[m].sum()) for g, m in self.grids.items()}

    @cached_property
    def locked_grids(self) -> frozenset[str]:
        """Grids that are exactly a locked set."""
        locked = set(self.problem.locked)
        return frozenset(g for g, m in self.grids.items() if tuple(m.tolist()) in locked)

    @cached_property
    def grids_in(self) -> dict[int, int]:
        """Grids that each parent has units of, by its code, ascending."""
        parent, grid = self.problem.units.parent.code, self.plan.grid.code
        labelled = grid >= 0
        pairs = np.unique(np.column_stack([parent[labelled], grid[labelled]]), axis=0)
        codes, first = np.unique(np.concatenate([parent, pairs[:, 0]]), return_inverse=True)
        num = np.bincount(first[len(parent) :], minlength=len(codes))
        return dict(zip(codes.tolist(), num.tolist(), strict=True))

    def ids(self, positions: IntArray | list[int] | tuple[int, ...]) -> tuple[str, ...]:
        return tuple(self.problem.units.id[int(p)] for p in positions)

    def label(self, position: int) -> str | None:
        return self.plan.grid.at(position)


def _labelled(case: _Case) -> Iterator[Violation]:
    """Every unit belongs to a grid."""
    missing = np.flatnonzero(case.plan.grid.code < 0)
    if len(missing):
        yield Violation(
            rule="labelled",
            grid=None,
            units=case.ids(missing),
            amount=len(missing),
            message=Text(f"{len(missing)} 栋楼没有划入网格", f"{len(missing)} units belong to no grid"),
            remedy=Text("请把它们划入相邻网格", "give them to a neighbouring grid"),
        )


def _size_min(case: _Case) -> Iterator[Violation]:
    """No grid holds fewer households than the minimum."""
    low = case.problem.bounds.min
    for grid, households in case.households.items():
        if households < low:
            yield Violation(
                rule="size_min",
                grid=grid,
                units=case.ids(case.grids[grid]),
                amount=low - households,
                message=Text(
                    f"网格 {grid} 有 {households} 户，比下限 {low} 少 {low - households} 户",
                    f"grid {grid} has {households} households, {low - households} below the minimum of {low}",
                ),
                remedy=Text("请并入相邻网格或从邻格划入楼栋", "merge it with a neighbour or take buildings from one"),
            )


def _size_max(case: _Case) -> Iterator[Violation]:
    """No grid holds more households than the maximum."""
    high = case.problem.bounds.max
    for grid, households in case.households.items():
        if households > high:
            alone = len(case.grids[grid]) == 1
            yield Violation(
                rule="size_max",
                grid=grid,
                units=case.ids(case.grids[grid]),
                amount=households - high,
                message=Text(
                    f"网格 {grid} 有 {households} 户，比上限 {high} 多 {households - high} 户",
                    f"grid {grid} has {households} households, {households - high} above the maximum of {high}",
                ),
                remedy=Text(
                    "请按单元或楼层拆分该楼栋，或提高上限", "cut this unit by stairwells or floors, or raise max"
                )
                if alone
                else Text("请拆分，或把楼栋划给相邻网格", "split it, or give buildings to a neighbour"),
            )


def _connected(case: _Case) -> Iterator[Violation]:
    """A grid is one piece: neighbours all the way."""
    for grid in torn_grids(case.problem.graph, case.plan):
        pieces = pieces_of(case.problem.graph, case.grids[grid])
        stray = np.sort(np.concatenate(pieces[1:]))
        yield Violation(
            rule="connected",
            grid=grid,
            units=case.ids(stray),
            amount=len(pieces) - 1,
            message=Text(f"网格 {grid} 不相连，分成 {len(pieces)} 块", f"grid {grid} falls into {len(pieces)} pieces"),
            remedy=Text("请把列出的楼栋划给与其相邻的网格", "give the units listed to a grid that they are next to"),
        )


def _parent(case: _Case) -> Iterator[Violation]:
    """A grid stays inside one community."""
    parent = case.problem.units.parent
    for grid, members in case.grids.items():
        counts = Counter(parent.code[members].tolist())
        if len(counts) > 1:
            home = max(counts, key=lambda code: (counts[code], -code))
            stray = members[parent.code[members] != home]
            names = ", ".join("—" if c < 0 else parent.names[c] for c in sorted(counts))
            yield Violation(
                rule="parent",
                grid=grid,
                units=case.ids(stray),
                amount=len(counts) - 1,
                message=Text(
                    f"网格 {grid} 跨 {len(counts)} 个上级：{names}",
                    f"grid {grid} lies in {len(counts)} parents: {names}",
                ),
                remedy=Text("请把列出的楼栋划回本社区的网格", "give the units listed to a grid of their own parent"),
            )


def _locked(case: _Case) -> Iterator[Violation]:
    """A locked grid is kept as it is."""
    for members in case.problem.locked:
        labels = Counter(case.label(p) for p in members)
        grid = max(labels, key=lambda g: (labels[g], g is not None, g or ""))
        lost = [p for p in members if case.label(p) != grid]
        intruders = [] if grid is None else sorted(set(case.grids[grid].tolist()) - set(members))
        if lost or intruders or grid is None:
            yield Violation(
                rule="locked",
                grid=grid,
                units=case.ids(sorted([*lost, *intruders])),
                amount=len(lost) + len(intruders),
                message=Text(
                    f"锁定的网格被改动：少了 {len(lost)} 栋楼，多了 {len(intruders)} 个",
                    f"a locked grid was changed: {len(lost)} units lost, {len(intruders)} added",
                ),
                remedy=Text("请恢复原样或解除锁定", "restore it or lift the lock"),
            )


def _together(case: _Case) -> Iterator[Violation]:
    """Units that belong together share a grid."""
    for members in case.problem.together:
        labels = Counter(case.label(p) for p in members)
        if len(labels) > 1:
            home = max(labels, key=lambda g: (labels[g], g or ""))
            stray = [p for p in members if case.label(p) != home]
            yield Violation(
                rule="together",
                grid=None,
                units=case.ids(members),
                amount=len(stray),
                message=Text(
                    f"应在一起的 {len(members)} 栋楼分在 {len(labels)} 处",
                    f"{len(members)} units that must share a grid lie in {len(labels)}",
                ),
                remedy=Text("请划入同一网格或取消该规则", "give them to one grid or drop the rule"),
            )


def _apart(case: _Case) -> Iterator[Violation]:
    """Units that must be kept apart never share a grid."""
    for members in case.problem.apart:
        labels = Counter(case.label(p) for p in members)
        for grid in sorted(g for g, num in labels.items() if g is not None and num > 1):
            units = [p for p in members if case.label(p) == grid]
            yield Violation(
                rule="apart",
                grid=grid,
                units=case.ids(units),
                amount=len(units) - 1,
                message=Text(
                    f"网格 {grid} 含 {len(units)} 个应分开的楼栋",
                    f"grid {grid} holds {len(units)} units that must be kept apart",
                ),
                remedy=Text("请划入不同网格或取消该规则", "give them to different grids or drop the rule"),
            )


def _max_walk_m(case: _Case) -> Iterator[Violation]:
    """From some unit of the grid every other is within reach."""
    limit = case.problem.max_walk_m
    if limit is None:
        return
    ways = ways_of(case.problem.graph)
    for grid, members in case.grids.items():
        centre = central_unit(ways, members)
        farthest, reach = int(np.argmax(centre.metres)), centre.cost
        if reach > limit + WALK_TOLERANCE_M:
            over = reach - limit if np.isfinite(reach) else float(case.problem.graph.length_m.sum())
            yield Violation(
                rule="max_walk_m",
                grid=grid,
                units=case.ids(members[[farthest]]),
                amount=over,
                message=Text(
                    f"网格 {grid} 内最远 {reach:.0f} 米，超出 {limit:g} 米",
                    f"grid {grid} reaches {reach:.0f} m, above {limit:g} m",
                ),
                remedy=Text("请把最远的楼栋划给邻格", "give the farthest unit to a neighbour"),
            )


def _count(case: _Case, side: str) -> Iterator[Violation]:
    parent = case.problem.units.parent
    for code, num in case.grids_in.items():
        name = None if code < 0 else parent.names[code]
        bounds = case.problem.count.of(name)
        limit = bounds.min if side == "min" else bounds.max
        if limit is None or (num >= limit if side == "min" else num <= limit):
            continue
        area_zh, area_en = ("全域", "the whole area") if name is None else (f"“{name}”", f"“{name}”")
        few = side == "min"
        yield Violation(
            rule=f"count_{side}",
            grid=None,
            units=(),
            amount=abs(limit - num),
            message=Text(
                f"{area_zh}有 {num} 个网格，{'少' if few else '多'}于规定的 {limit} 个",
                f"{area_en} has {num} grids, {'fewer' if few else 'more'} than the {limit} allowed",
            ),
            remedy=Text("请增设网格或降低规定数", "add grids or lower the number")
            if few
            else Text("请合并网格或提高规定数", "merge grids or raise the number"),
        )


def _count_min(case: _Case) -> Iterator[Violation]:
    """Each community has at least its number of grids."""
    return _count(case, "min")


def _count_max(case: _Case) -> Iterator[Violation]:
    """Each community has at most its number of grids."""
    return _count(case, "max")


_CHECKS: dict[str, Callable[[_Case], Iterator[Violation]]] = {
    "labelled": _labelled,
    "size_min": _size_min,
    "size_max": _size_max,
    "connected": _connected,
    "parent": _parent,
    "locked": _locked,
    "together": _together,
    "apart": _apart,
    "max_walk_m": _max_walk_m,
    "count_min": _count_min,
    "count_max": _count_max,
}

_LOCKED_REMEDY = Text(
    "这是锁定网格（如专属网格），允许例外；如不应锁定，请取消锁定",
    "This grid is locked (such as a special grid) and may differ; unlock it if it should not",
)

_EXCUSED_WHEN_LOCKED = frozenset({"size_min", "size_max", "parent", "max_walk_m"})
"""A locked grid is kept as it is: these are warnings there. It must still be connected."""
