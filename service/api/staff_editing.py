"""Who serves where in a draft: the plan's posts, with what a hand changed, at the areas as they are drawn now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from partitioner.errors import Fault, Place, Text
from partitioner.model import Problem
from partitioner.staffing import (
    ORDER,
    Breach,
    Pair,
    Posts,
    Roster,
    Situation,
    Target,
    settled,
    who_could_take,
    with_targets,
)
from service.errors import FaultsError, invalid
from service.jobs.drafting import Drawn
from service.jobs.rosters import KeptRoster, UnitWork

SPECIAL = "special"
"""The level of fixed grids, which are grids to everybody but the staff."""


@dataclass(frozen=True, kw_only=True, eq=False)
class DraftStaff:
    """The staff of a draft.

    Parameters
    ----------
    base : frozenset of Pair
        Posts of the plan.
    kept : KeptRoster
        With the plan's posts as everybody's previous ones.
    level : str
        Of the areas that the draft redraws.
    drawn_roster : Roster
        With the areas as they are drawn now.
    posts : Posts
        As they stand in the draft.
    """

    kept: KeptRoster
    base: frozenset[Pair]
    level: str
    drawn_roster: Roster
    posts: Posts

    @property
    def num_changes(self) -> int:
        """Posts begun and ended since the plan."""
        return len(self.base ^ self.posts.posted)

    def after(self, drawn: Drawn, problem: Problem, *, redrawn: bool) -> DraftStaff:
        """The staff of the draft after an edit; `redrawn` tells whether areas have changed."""
        roster = _drawn_roster(self.kept, self.level, problem, drawn) if redrawn else self.drawn_roster
        posts = Posts(roster, (self.base - drawn.ended) | drawn.begun, self.posts)
        return replace(self, drawn_roster=roster, posts=posts)


def opened(kept: KeptRoster, posted: Iterable[Pair], level: str, drawn: Drawn, problem: Problem) -> DraftStaff:
    """The staff of a draft."""
    base = frozenset(posted)
    kept = replace(kept, roster=settled(kept.roster, base))
    roster = _drawn_roster(kept, level, problem, drawn)
    posts = Posts(roster, (base - drawn.ended) | drawn.begun)
    return DraftStaff(kept=kept, base=base, level=level, drawn_roster=roster, posts=posts)


@dataclass(frozen=True, kw_only=True, eq=False)
class StaffOutcome:
    """What an edit does to the staff.

    Parameters
    ----------
    people : tuple of (str, float)
        Everybody whose posts or load have changed, and the load before.
    change : mapping from role to changes of all stages
    broken : tuple of Breach
        Rules that are broken afterwards, of people and targets that the edit touched.
    mended : tuple of Breach
        Those that were broken before and are not any longer.
    """

    after: Posts
    people: tuple[tuple[str, float], ...]
    change: Mapping[str, Mapping[str, float]]
    broken: tuple[Breach, ...]
    mended: tuple[Breach, ...]


def staff_outcome(before: Posts, after: Posts) -> StaffOutcome:
    """What has changed between two states of a draft."""
    touched = {name for name, role in after.roles.items() if role is not before.roles[name]}
    people: list[tuple[str, float]] = []
    change: dict[str, dict[str, float]] = {}
    for name in sorted(touched):
        was, now = before.roles[name], after.roles[name]
        moved = {number for number, _ in set(was.posted) ^ set(now.posted)}
        moved |= {number for number, load in now.load.items() if load != was.load[number]}
        if moved or was.stages != now.stages:
            change[name] = {stage: float(now.stages[stage] - was.stages[stage]) for stage in ORDER}
        people += [(number, was.load[number]) for number in sorted(moved)]
    begun_or_ended = before.posted ^ after.posted
    near = {number for number, _ in people} | {name for _, name in begun_or_ended}
    old, new = set(before.breaches), set(after.breaches)
    broken = [one for one in after.breaches if one not in old or one.person in near or one.target in near]
    return StaffOutcome(
        after=after,
        people=tuple(people),
        change=change,
        broken=tuple(broken),
        mended=tuple(one for one in before.breaches if one not in new),
    )


def checked_staff(changes: Sequence[Mapping[str, Any]], staff: DraftStaff | None) -> None:
    """Whether the changes can be made one after the other; rules that they break are no hindrance.

    Raises
    ------
    FaultsError
        The draft is not staffed, or people or targets are not there or do not fit.
    """
    if not changes:
        return
    if staff is None:
        raise invalid(
            "/staff", "该方案没有人员安排，或由旧版服务安排",
            "nobody is posted in this plan, or an older server did it",
            "请先安排人员，再由该版本建立草稿", "staff it first, and make a draft of that version",
        )  # fmt: skip
    roster, held = staff.drawn_roster, set(staff.posts.posted)
    faults: list[Fault] = []
    for i, change in enumerate(changes):
        found = list(_faults(change, roster, held, f"/staff/{i}"))
        faults += found
        if not found:
            held.discard((change["from"], change["target"]))
            if change["to"] is not None:
                held.add((change["to"], change["target"]))
    if faults:
        raise FaultsError(faults, "request_invalid")


def takers(staff: DraftStaff, name: str) -> list[dict[str, Any]]:
    """Who could take a target as things are, role by role, the best first.

    Raises
    ------
    FaultsError
        The draft has no such target.
    """
    posts = staff.posts
    target = posts.roster.target.get(name)
    if target is None:
        raise FaultsError([unknown_name("/target", name)], "request_invalid")
    found = []
    # What is broken elsewhere stays as it is; it must not stand in the way here.
    roster = posts.roomy()
    for role in roster.roles:
        if role.level == target.level:
            choices = who_could_take(Situation(roster, role, posts.posted), name)
            told = [
                {
                    "person": one.person,
                    "gained": [list(pair) for pair in one.gained],
                    "lost": [list(pair) for pair in one.lost],
                    "effect": {stage: round(float(value), 6) for stage, value in one.effect.items()},
                }
                for one in choices
            ]
            found.append({"role": role.name, "choices": told})
    return found


def unknown_name(pointer: str, name: str) -> Fault:
    """A unit, grid, person or target that a draft does not have."""
    return _fault("name_unknown", pointer, name, "草稿中没有这个名称", "the draft has nothing of this name",
                  "请检查编号", "check the id")  # fmt: skip


def _faults(change: Mapping[str, Any], roster: Roster, held: set[Pair], pointer: str) -> Iterable[Fault]:
    target, leaves, comes = change["target"], change["from"], change["to"]
    if target not in roster.target:
        yield unknown_name(f"{pointer}/target", target)
        return
    if leaves is None and comes is None:
        yield _fault("nobody_named", pointer, None, "没有写明由谁离开、由谁接替", "nobody is named",
                     "请填写 from、to 或两者", "name from, to or both")  # fmt: skip
    for key, number in (("from", leaves), ("to", comes)):
        if number is None:
            continue
        person = roster.person.get(number)
        if person is None:
            yield unknown_name(f"{pointer}/{key}", number)
        elif roster.role[person.role].level != roster.target[target].level:
            yield _fault("level_other", f"{pointer}/{key}", number, "该职务不服务这一层级的对象",
                         "people of this role do not serve targets of this level",
                         "请改选人员或对象", "choose another person or target")  # fmt: skip
        elif key == "from" and (number, target) not in held:
            yield _fault("not_posted", f"{pointer}/{key}", number, "此人没有负责该对象",
                         "this person does not serve it", "请刷新后再试", "look at who serves it now")  # fmt: skip
        elif key == "to" and (number, target) in held:
            yield _fault("already_posted", f"{pointer}/{key}", number, "此人已负责该对象",
                         "this person serves it already", "无需更改", "nothing has to change")  # fmt: skip
    both = [roster.person[number].role for number in (leaves, comes) if number in roster.person]
    if len(set(both)) > 1:
        yield _fault("role_other", f"{pointer}/to", comes, "两人职务不同，不能接替", "the two have different roles",
                     "请选同一职务的人员", "choose somebody of the same role")  # fmt: skip


def _drawn_roster(kept: KeptRoster, level: str, problem: Problem, drawn: Drawn) -> Roster:
    """The roster at the areas as they are drawn: those whose units changed have other work, some are new or gone."""
    roster, moved = kept.roster, drawn.moved()
    work = kept.units.get(level)
    own = (level, SPECIAL) if level == "grid" else (level,)
    if not moved or work is None or not any(target.level in own for target in roster.targets):
        return roster
    ids = _Ids(roster, level, own)
    members: dict[str, list[int]] = {}
    changed = {drawn.base[i] for i in moved} | {drawn.labels[i] for i in moved}
    for place, label in enumerate(drawn.labels):
        if label is not None and label in changed:
            members.setdefault(label, []).append(place)
    home = {label: ids.of(drawn.base[places[0]] or label) for label, places in members.items()}
    redrawn = {
        ids.of(label): _target(ids.of(label), level, roster, home[label], places, work)
        for label, places in members.items()
    }
    gone = {ids.of(label) for label in changed if label is not None and label not in members}
    targets = [redrawn.pop(one.id, one) for one in roster.targets if one.id not in gone]
    targets += redrawn.values()
    at = [None if label is None else ids.of(label) for label in drawn.labels]
    return with_targets(roster, tuple(targets), _neighbours(roster, own, problem, at), {})


class _Ids:
    """Ids of the areas of one level: where two levels share a code, the narrower is called ``level:code``."""

    def __init__(self, roster: Roster, level: str, own: Sequence[str]) -> None:
        self._known = {target.id: target.level for target in roster.targets}
        self._level, self._own = level, own

    def of(self, label: str) -> str:
        """The id of an area, which need not be there yet."""
        if self._known.get(label, self._level) in self._own:
            return label
        return f"{self._level}:{label}"


def _target(name: str, level: str, roster: Roster, home: str, places: list[int], of: UnitWork) -> Target:
    """An area with the work of its units; a new one lies where the first of them came from."""
    like = roster.target.get(name) or roster.target.get(home)
    work = {} if like is None or like.id != name else dict(like.work)
    work |= {kind: float(amounts[places].sum()) for kind, amounts in of.work.items()}
    x, y = of.x[places], of.y[places]
    placed = np.isfinite(x) & np.isfinite(y)
    weights = of.work["households"][places][placed]
    weights = weights if weights.sum() > 0 else np.ones(int(placed.sum()))
    there = {
        "x": float(np.average(x[placed], weights=weights)) if placed.any() else None,
        "y": float(np.average(y[placed], weights=weights)) if placed.any() else None,
    }
    if like is None:
        return Target(id=name, level=level, work=work, **there)
    if like.id == name:
        return replace(like, work=work, **there)
    return Target(id=name, level=level, parent=like.parent, organisation=like.organisation, work=work, **there)


def _neighbours(roster: Roster, own: Sequence[str], problem: Problem, at: Sequence[str | None]) -> tuple[Pair, ...]:
    """Links of the drawn level anew, all others as they were."""
    others = [pair for pair in roster.neighbours if roster.target[pair[0]].level not in own]
    code = {name: k for k, name in enumerate(sorted({name for name in at if name is not None}))}
    names = list(code)
    area = np.array([-1 if name is None else code[name] for name in at])
    u, v = area[problem.graph.u], area[problem.graph.v]
    across = (u != v) & (u >= 0) & (v >= 0)
    pairs = np.unique(np.sort(np.column_stack([u[across], v[across]]), axis=1), axis=0)
    return (*others, *((names[a], names[b]) for a, b in pairs.tolist()))


def _fault(rule: str, pointer: str, value: str | None, zh: str, en: str, remedy_zh: str, remedy_en: str) -> Fault:
    return Fault(
        rule=rule, place=Place(pointer=pointer), value=value, message=Text(zh, en), remedy=Text(remedy_zh, remedy_en)
    )
