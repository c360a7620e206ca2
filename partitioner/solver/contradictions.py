"""Rules that contradict one another: found by name, and the fewest of them set aside.

Locked, together, apart and parent rules can clash before any household is counted. `settle` finds a smallest set of
rules whose removal leaves the rest consistent (a hitting set over minimal conflicts, by iterative deepening), so that
everything after it works on rules that can hold together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from partitioner.errors import Text
from partitioner.model import Problem, Violation

MAX_EXACT_DEPTH = 6
"""Up to this many rules are set aside by exact search; beyond it one rule per conflict, greedily."""


@dataclass(frozen=True, kw_only=True)
class Settled:
    """Rules that can hold together, and why the others cannot.

    `problem` lacks the rules that were set aside; `together` are its disjoint sets of units outside locked grids that
    must share a grid; `reasons` name every conflict.
    """

    problem: Problem
    together: tuple[tuple[int, ...], ...]
    reasons: tuple[Violation, ...]


@dataclass(frozen=True, order=True)
class _Rule:
    kind: str
    position: int


SHOWN = 3
"""Units of a rule that its reason names; all of them stand in `units`."""

_KIND_ZH = {"locked": "锁定", "together": "同格", "apart": "分开"}


def settle(problem: Problem) -> Settled:
    """Set aside as few rules as possible so that the rest is consistent; nothing where there is no conflict."""
    rules = [_Rule(kind, i) for kind in ("locked", "together", "apart") for i in range(len(getattr(problem, kind)))]
    conflicts: list[tuple[_Rule, ...]] = []

    def conflict_of(kept: list[_Rule]) -> tuple[_Rule, ...] | None:
        if _consistent(problem, kept, kept):
            return None
        return _minimal(kept, lambda some: not _consistent(problem, some, kept))

    dropped: frozenset[_Rule] = frozenset()
    if not _consistent(problem, rules, rules):
        for depth in range(1, MAX_EXACT_DEPTH + 1):
            found = _drop(rules, frozenset(), depth, conflict_of)
            if found is not None:
                dropped = found
                break
        else:
            dropped = _drop_greedily(rules, conflict_of)
        conflicts = _conflicts_of(rules, dropped, conflict_of)
    kept = [rule for rule in rules if rule not in dropped]
    chosen = {
        kind: tuple(getattr(problem, kind)[r.position] for r in kept if r.kind == kind)
        for kind in ("locked", "together", "apart")
    }
    settled = replace(
        problem,
        locked=tuple(sorted(set(chosen["locked"]))),
        together=chosen["together"],
        apart=chosen["apart"],
    )
    return Settled(
        problem=settled,
        together=_free_classes(settled),
        reasons=tuple(_reason(problem, conflict) for conflict in conflicts),
    )


def _drop(
    rules: list[_Rule],
    dropped: frozenset[_Rule],
    depth: int,
    conflict_of: Callable[[list[_Rule]], tuple[_Rule, ...] | None],
) -> frozenset[_Rule] | None:
    conflict = conflict_of([rule for rule in rules if rule not in dropped])
    if conflict is None:
        return dropped
    if depth == 0:
        return None
    for rule in sorted(conflict, key=_dispensable):
        found = _drop(rules, dropped | {rule}, depth - 1, conflict_of)
        if found is not None:
            return found
    return None


def _dispensable(rule: _Rule) -> tuple[int, int]:
    """Of equally good choices a wish to be apart goes first, a lock last, and the later rule before the earlier."""
    return ("apart", "together", "locked").index(rule.kind), -rule.position


def _drop_greedily(
    rules: list[_Rule], conflict_of: Callable[[list[_Rule]], tuple[_Rule, ...] | None]
) -> frozenset[_Rule]:
    dropped: frozenset[_Rule] = frozenset()
    while (conflict := conflict_of([rule for rule in rules if rule not in dropped])) is not None:
        dropped |= {min(conflict, key=_dispensable)}
    return dropped


def _conflicts_of(
    rules: list[_Rule],
    dropped: frozenset[_Rule],
    conflict_of: Callable[[list[_Rule]], tuple[_Rule, ...] | None],
) -> list[tuple[_Rule, ...]]:
    """For every rule that was set aside a minimal conflict that it is part of."""
    conflicts = []
    kept = [rule for rule in rules if rule not in dropped]
    for rule in sorted(dropped):
        conflict = conflict_of([*kept, rule])
        if conflict is not None:
            conflicts.append(conflict)
    return conflicts


def _minimal(rules: list[_Rule], clashes: Callable[[list[_Rule]], bool]) -> tuple[_Rule, ...]:
    """A minimal subset of `rules` that still clashes, by halving and then deletion."""
    core = list(rules)
    size = len(core) // 2
    while size >= 1:
        at = 0
        while at < len(core):
            rest = core[:at] + core[at + size :]
            if rest and clashes(rest):
                core = rest
            else:
                at += size
        size //= 2
    return tuple(core)


def _consistent(problem: Problem, rules: list[_Rule], all_kept: list[_Rule]) -> bool:
    return next(_clashes(problem, rules, all_kept), None) is None


def _clashes(problem: Problem, rules: list[_Rule], all_kept: list[_Rule]) -> Iterator[str]:
    """What clashes among `rules`, a part of `all_kept`.

    A set that must stay together inside a locked grid does so whatever its parents are. All locks kept excuse it, not
    only those in `rules`: so a clash within `rules` remains one in everything between `rules` and `all_kept`.
    """
    excusing = [set(problem.locked[r.position]) for r in all_kept if r.kind == "locked"]
    locked = [problem.locked[r.position] for r in rules if r.kind == "locked"]
    together = [problem.together[r.position] for r in rules if r.kind == "together"]
    apart = [problem.apart[r.position] for r in rules if r.kind == "apart"]
    owner: dict[int, int] = {}
    for i, members in enumerate(dict.fromkeys(locked)):
        if not _is_connected(problem, members):
            yield "a locked grid is in pieces"
        for unit in members:
            if unit in owner:
                yield "two locked grids share a unit"
            owner[unit] = i
    where = _Merged(len(problem.units))
    for members in together:
        where.join(members)
    parent = problem.units.parent.code
    component = _free_component(problem, owner)
    for members in together:
        if len({owner.get(unit, -1) for unit in members}) > 1:
            yield "together reaches into a locked grid"
        if members[0] in owner or any(lock.issuperset(members) for lock in excusing):
            continue
        if len(set(parent[list(members)].tolist())) > 1:
            yield "together spans two parents"
        if len(set(component[list(members)].tolist())) > 1:
            yield "together spans parts that nothing connects"
    for members in apart:
        homes = [(-1 - owner[u]) if u in owner else where.find(u) for u in members]
        if len(set(homes)) < len(homes):
            yield "apart within one locked grid or one together set"


def _is_connected(problem: Problem, members: tuple[int, ...]) -> bool:
    inside = set(members)
    seen = {members[0]}
    waiting = [members[0]]
    while waiting:
        for other in problem.graph.neighbours(waiting.pop()).tolist():
            if other in inside and other not in seen:
                seen.add(other)
                waiting.append(other)
    return len(seen) == len(inside)


def _free_component(problem: Problem, owner: dict[int, int]) -> np.ndarray:
    """Connected part of each unit among units of its own parent that are not locked; -1 for locked ones."""
    graph, parent = problem.graph, problem.units.parent.code
    merged = _Merged(len(problem.units))
    for u, v in zip(graph.u.tolist(), graph.v.tolist(), strict=True):
        if parent[u] == parent[v] and u not in owner and v not in owner:
            merged.join((u, v))
    return np.array([-1 if i in owner else merged.find(i) for i in range(len(problem.units))], dtype=np.int64)


def _free_classes(problem: Problem) -> tuple[tuple[int, ...], ...]:
    """Disjoint sets of free units that must share a grid."""
    owner = {unit for members in problem.locked for unit in members}
    merged = _Merged(len(problem.units))
    for members in problem.together:
        if members[0] not in owner:
            merged.join(members)
    classes: dict[int, list[int]] = {}
    for unit in sorted({u for members in problem.together for u in members if members[0] not in owner}):
        classes.setdefault(merged.find(unit), []).append(unit)
    return tuple(tuple(members) for members in classes.values())


class _Merged:
    """Disjoint sets with path halving; the lowest unit stands for its set."""

    def __init__(self, num: int) -> None:
        self._up = list(range(num))

    def find(self, unit: int) -> int:
        while self._up[unit] != unit:
            self._up[unit] = self._up[self._up[unit]]
            unit = self._up[unit]
        return unit

    def join(self, members: tuple[int, ...]) -> None:
        for unit in members[1:]:
            a, b = self.find(members[0]), self.find(unit)
            if a != b:
                self._up[max(a, b)] = min(a, b)


def _told(problem: Problem, rule: _Rule) -> Text:
    """Which rule it is: by the previous grid that its units share, if they do, and by the first of them."""
    units = sorted(getattr(problem, rule.kind)[rule.position])
    ids = [problem.units.id[unit] for unit in units[:SHOWN]]
    previous = problem.units.previous
    codes = set() if previous is None else {int(previous.code[unit]) for unit in units}
    shared = codes.pop() if len(codes) == 1 else -1
    grid = previous.names[shared] if previous is not None and shared >= 0 else None
    of_zh, of_en = ("", "") if grid is None else (f"原属 {grid}，", f"of {grid}: ")
    more_zh, more_en = ("", "") if len(units) <= SHOWN else (f" 等 {len(units)} 个", f" … {len(units)} in all")
    return Text(
        f"{_KIND_ZH[rule.kind]}第 {rule.position + 1} 组（{of_zh}{'、'.join(ids)}{more_zh}）",
        f"{rule.kind} set {rule.position + 1} ({of_en}{', '.join(ids)}{more_en})",
    )


def _reason(problem: Problem, conflict: tuple[_Rule, ...]) -> Violation:
    units = sorted({u for rule in conflict for u in getattr(problem, rule.kind)[rule.position]})
    told = [_told(problem, rule) for rule in conflict]
    names_zh, names_en = "、".join(text.zh for text in told), ", ".join(text.en for text in told)
    alone = len(conflict) == 1
    what_zh = "自身无法满足（不相连、跨社区或被隔开）" if alone else "互相矛盾"
    what_en = (
        "cannot be kept by itself (it is in pieces, spans two parents, or nothing connects it)"
        if alone
        else "contradict one another"
    )
    return Violation(
        rule=conflict[-1].kind,
        grid=None,
        units=tuple(problem.units.id[u] for u in units),
        amount=len(conflict),
        message=Text(f"规则{what_zh}：{names_zh}", f"rules that {what_en}: {names_en}"),
        remedy=Text("请取消或修改其中一条", "lift or change one of them"),
    )
