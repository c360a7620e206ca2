"""What changed between a plan and the problem of today, unit by unit, and the previous labels that follow from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Literal

from partitioner.errors import Text
from partitioner.model import Labels, Plan, Problem, Sets

UnitChange = Literal["new", "gone", "households", "parent", "group"]
"""What may have changed about one unit."""


@dataclass(frozen=True, kw_only=True)
class Changed:
    """One change of one unit.

    Parameters
    ----------
    unit : str
        Its id today; the old id if it is gone.
    kind : str
    before, after : str or None
        Households, or names of parents or compounds, as text; None where there is nothing.
    grid : str or None
        The grid it had in the plan.
    """

    unit: str
    kind: UnitChange
    before: str | None
    after: str | None
    grid: str | None
    reason: Text


@dataclass(frozen=True, kw_only=True)
class EdgeChange:
    """Two units that became neighbours, no longer are, or whose distance changed. `before`, `after`: metres or None."""

    units: tuple[str, str]
    before: float | None
    after: float | None
    reason: Text


@dataclass(frozen=True, kw_only=True)
class RuleChange:
    """A rule: bounds, counts, weights, reach, locks, sets.

    Parameters
    ----------
    units : tuple of str or None
        Those of today that it speaks of; None: all.
    """

    rule: str
    reason: Text
    units: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class ParentChange:
    """What became of a parent. `kind`: new, gone, merged (into one of today), split (into several).

    A parent whose units went over to one that existed before counts as merged into it.
    """

    kind: Literal["new", "gone", "merged", "split"]
    before: tuple[str, ...]
    after: tuple[str, ...]
    reason: Text


@dataclass(frozen=True, kw_only=True)
class Changes:
    """Everything that changed."""

    units: tuple[Changed, ...]
    edges: tuple[EdgeChange, ...]
    rules: tuple[RuleChange, ...]
    parents: tuple[ParentChange, ...]

    def __bool__(self) -> bool:
        return bool(self.units or self.edges or self.rules or self.parents)

    def by_unit(self) -> dict[str, tuple[Changed, ...]]:
        """From id to what changed about that unit."""
        found: dict[str, tuple[Changed, ...]] = {}
        for change in self.units:
            found[change.unit] = (*found.get(change.unit, ()), change)
        return found


def with_previous(old: Problem, plan: Plan, new: Problem, became: Mapping[str, str] | None = None) -> Problem:
    """`new` with the labels of `plan` as its previous grids.

    Parameters
    ----------
    plan : Plan
        Of `old`.
    became : mapping of str to str, optional
        From old ids to ids of today, for units whose id changed. Several old units may become one: the label of most
        households counts. Units that keep their id need not be named.
    """
    votes: dict[str, dict[str, int]] = {}
    names = became or {}
    for position, name in enumerate(old.units.id):
        label = plan.grid.at(position)
        if label is not None:
            weight = int(old.units.households[position])
            mine = votes.setdefault(names.get(name, name), {})
            mine[label] = mine.get(label, 0) + weight
    most = {name: max(sorted(of), key=lambda grid: of[grid]) for name, of in votes.items()}
    labels = [most.get(name) for name in new.units.id]
    return replace(new, units=replace(new.units, previous=Labels(labels)))


def changes_between(old: Problem, plan: Plan, new: Problem, became: Mapping[str, str] | None = None) -> Changes:
    """Compare the problem that `plan` was made for with that of today.

    Weights of `move` and previous labels are not compared: they belong to the redraw.
    """
    names = became or {}
    here = new.units.position()
    place = {i: here.get(names.get(name, name), -1) for i, name in enumerate(old.units.id)}
    return Changes(
        units=tuple(_units(old, plan, new, place)),
        edges=tuple(_edges(old, new, place)),
        rules=tuple(_rules(old, new, place)),
        parents=tuple(_parents(old, new, place)),
    )


def _units(old: Problem, plan: Plan, new: Problem, place: dict[int, int]) -> list[Changed]:
    found: list[Changed] = []
    for i, j in place.items():
        grid = plan.grid.at(i)
        if j < 0:
            num = str(int(old.units.households[i]))
            reason = Text(f"已拆除（原 {num} 户）", f"gone (it had {num} households)")
            found.append(Changed(unit=old.units.id[i], kind="gone", before=num, after=None, grid=grid, reason=reason))
            continue
        pairs: list[tuple[UnitChange, str | None, str | None, str, str]] = [
            ("households", str(old.units.households[i]), str(new.units.households[j]), "户数", "households"),
            ("parent", old.units.parent.at(i), new.units.parent.at(j), "上级", "parent"),
            ("group", old.units.group.at(i), new.units.group.at(j), "小区", "compound"),
        ]
        for kind, before, after, what_zh, what_en in pairs:
            if before != after:
                reason = Text(
                    f"{what_zh}由 {before or '无'} 变为 {after or '无'}",
                    f"{what_en} changed from {before or 'none'} to {after or 'none'}",
                )
                found.append(
                    Changed(unit=new.units.id[j], kind=kind, before=before, after=after, grid=grid, reason=reason)
                )
    known = set(place.values())
    for j, name in enumerate(new.units.id):
        if j not in known:
            num = str(int(new.units.households[j]))
            reason = Text(f"新增（{num} 户）", f"new ({num} households)")
            found.append(Changed(unit=name, kind="new", before=None, after=num, grid=None, reason=reason))
    return found


def _edges(old: Problem, new: Problem, place: dict[int, int]) -> list[EdgeChange]:
    """Edges between units that exist on both days; those of new or gone units follow from these."""
    before: dict[tuple[int, int], float] = {}
    for u, v, metres in _listed(old):
        a, b = place[u], place[v]
        if a >= 0 and b >= 0 and a != b:
            pair = (min(a, b), max(a, b))
            before[pair] = min(metres, before.get(pair, metres))
    known = set(place.values())
    after = {(u, v): metres for u, v, metres in _listed(new) if u in known and v in known}
    found = []
    for pair in sorted({*before, *after}):
        was, now = before.get(pair), after.get(pair)
        if was == now:
            continue
        if now is None:
            reason = Text("不再相邻（有新的阻隔或楼栋）", "no longer neighbours (a new barrier or building)")
        elif was is None:
            reason = Text(
                "成为相邻（有新的通道，或其间的楼栋已不在）",
                "neighbours now (a new passage, or what stood between is gone)",
            )
        else:
            reason = Text(f"距离由 {was:.0f} 米变为 {now:.0f} 米", f"{now:.0f} m apart, {was:.0f} m before")
        ids = new.units.id
        found.append(EdgeChange(units=(ids[pair[0]], ids[pair[1]]), before=was, after=now, reason=reason))
    return found


def _listed(problem: Problem) -> list[tuple[int, int, float]]:
    graph = problem.graph
    return list(zip(graph.u.tolist(), graph.v.tolist(), graph.length_m.tolist(), strict=True))


def _rules(old: Problem, new: Problem, place: dict[int, int]) -> list[RuleChange]:
    found = []
    for name, zh in (("min", "下限"), ("max", "上限"), ("target", "目标")):
        was, now = getattr(old.bounds, name), getattr(new.bounds, name)
        if was != now:
            reason = Text(f"户数{zh}由 {was:g} 变为 {now:g}", f"{name} changed from {was:g} to {now:g} households")
            found.append(RuleChange(rule=f"bounds.{name}", reason=reason))
    if (old.count.default, dict(old.count.by_parent)) != (new.count.default, dict(new.count.by_parent)):
        found.append(RuleChange(rule="count", reason=Text("网格数规定改变", "other numbers of grids are asked for")))
    if old.max_walk_m != new.max_walk_m:
        reason = Text(
            f"最远步行由 {old.max_walk_m} 变为 {new.max_walk_m} 米",
            f"max_walk_m changed from {old.max_walk_m} to {new.max_walk_m}",
        )
        found.append(RuleChange(rule="max_walk_m", reason=reason))
    for field in fields(old.weights):
        was, now = getattr(old.weights, field.name), getattr(new.weights, field.name)
        if field.name != "move" and was != now:
            reason = Text(f"权重 {field.name} 由 {was:g} 变为 {now:g}", f"weight {field.name}: {was:g} to {now:g}")
            found.append(RuleChange(rule=f"weights.{field.name}", reason=reason))
    for rule, zh in (("locked", "锁定网格"), ("together", "同格"), ("apart", "分开")):
        changed = _left(getattr(old, rule), place, 1 if rule == "locked" else 2) ^ _sorted(getattr(new, rule))
        if changed:
            units = tuple(new.units.id[p] for p in sorted({p for members in changed for p in members}))
            found.append(RuleChange(rule=rule, reason=Text(f"{zh}规则改变", f"other sets of {rule}"), units=units))
    return found


def _left(sets: Sets, place: dict[int, int], least: int) -> set[tuple[int, ...]]:
    """Sets over the units of today; those that lost too many members speak of nothing any more."""
    here = _sorted(tuple({place[p] for p in members} - {-1}) for members in sets)
    return {members for members in here if len(members) >= least}


def _sorted(sets: Iterable[tuple[int, ...]]) -> set[tuple[int, ...]]:
    return {tuple(sorted(members)) for members in sets}


def _parents(old: Problem, new: Problem, place: dict[int, int]) -> list[ParentChange]:
    """Parents that came, went, were joined or cut, by the households that went along."""
    flow: dict[tuple[str, str], int] = {}
    for i, j in place.items():
        was, now = old.units.parent.at(i), None if j < 0 else new.units.parent.at(j)
        if was is not None and now is not None:
            flow[was, now] = flow.get((was, now), 0) + int(old.units.households[i])
    before, after = set(old.units.parent.names), set(new.units.parent.names)
    found = []
    for name in sorted(before - after):
        heirs = sorted(now for was, now in flow if was == name)
        if len(heirs) == 1:
            reason = Text(f"{name} 并入 {heirs[0]}", f"{name} was merged into {heirs[0]}")
            found.append(ParentChange(kind="merged", before=(name,), after=(heirs[0],), reason=reason))
        elif heirs:
            reason = Text(f"{name} 分入 {'、'.join(heirs)}", f"{name} was split among {', '.join(heirs)}")
            found.append(ParentChange(kind="split", before=(name,), after=tuple(heirs), reason=reason))
        else:
            reason = Text(f"{name} 不复存在", f"{name} is gone")
            found.append(ParentChange(kind="gone", before=(name,), after=(), reason=reason))
    for name in sorted(after - before):
        origins = sorted(was for was, now in flow if now == name)
        if len(origins) == 1:
            reason = Text(f"{name} 由 {origins[0]} 析出", f"{name} was cut from {origins[0]}")
            found.append(ParentChange(kind="split", before=(origins[0],), after=(name,), reason=reason))
        elif origins:
            reason = Text(f"{name} 由 {'、'.join(origins)} 合成", f"{name} was made of {', '.join(origins)}")
            found.append(ParentChange(kind="merged", before=tuple(origins), after=(name,), reason=reason))
        else:
            found.append(
                ParentChange(kind="new", before=(), after=(name,), reason=Text(f"{name} 新设", f"{name} is new"))
            )
    return found
