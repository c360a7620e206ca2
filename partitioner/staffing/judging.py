"""The second witness: every rule and every stage of any assignment, written plainly and apart from the engine."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from partitioner.errors import Text
from partitioner.staffing.goal import Stage
from partitioner.staffing.leading import led
from partitioner.staffing.loads import LOAD_UNIT, fair_share, in_units, load_of
from partitioner.staffing.people import Person
from partitioner.staffing.roles import MAX_SHARERS, Role
from partitioner.staffing.roster import Pair, Roster
from partitioner.staffing.targets import Target

RULES = (
    "known", "level", "must", "must_not", "avoid", "own_area", "same_organisation", "tag", "wants", "distance",
    "living", "leader", "max_posts", "max_people", "max_ratio", "contiguous",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Breach:
    """A broken rule, and whom and what it concerns."""

    rule: str
    person: str | None
    target: str | None
    message: Text


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """Breaches of all rules, and the stages of every role by name."""

    breaches: tuple[Breach, ...]
    stages: dict[str, dict[Stage, Fraction]]


def judge(roster: Roster, posted: Iterable[Pair]) -> Judgement:
    """Judge any set of pairs."""
    pairs = sorted(set(posted))
    roster = led(roster, pairs)
    known = [pair for pair in pairs if pair[0] in roster.person and pair[1] in roster.target]
    breaches = [
        _breach("known", *pair, "人员或对象不存在", "no such person or target") for pair in pairs if pair not in known
    ]
    breaches += given_up(roster, pairs)
    stages: dict[str, dict[Stage, Fraction]] = {}
    for role in roster.roles:
        own = [(n, t) for n, t in known if roster.person[n].role == role.name]
        breaches += breaches_of(roster, role, own)
        stages[role.name] = stages_of(roster, role, own, fair_shares(roster, role))
    return Judgement(breaches=tuple(breaches), stages=stages)


def given_up(roster: Roster, posted: Iterable[Pair]) -> list[Breach]:
    """Locks that are not kept."""
    gone = sorted(set(roster.must) - set(posted))
    return [_breach("must", *pair, "锁定未执行", "a lock is not kept") for pair in gone]


def breaches_of(roster: Roster, role: Role, own: list[Pair]) -> list[Breach]:
    """What the posts of one role break. `roster` knows who leads (`leading.led`)."""
    return [*_of_pairs(roster, role, own), *_of_counts(roster, role, own)]


def _breach(rule: str, person: str | None, target: str | None, zh: str, en: str) -> Breach:
    return Breach(rule=rule, person=person, target=target, message=Text(zh, en))


def why_not(roster: Roster, role: Role, person: Person, target: Target) -> str | None:
    """The first rule that keeps this person from this target, locks aside; None if there is none."""
    around = roster.around[target.id]
    if target.level != role.level:
        return "level"
    if (person.number, target.id) in roster.must_not:
        return "must_not"
    if any(area in person.avoid for area in around):
        return "avoid"
    if role.own_area and not any(area in person.areas for area in around):
        return "own_area"
    if role.same_organisation and (person.organisation is None or person.organisation != target.organisation):
        return "same_organisation"
    if role.tag is not None and role.tag not in person.tags:
        return "tag"
    if any(tag not in person.tags for tag in target.wants):
        return "wants"
    metres = metres_between(person, target)
    if role.max_distance_m is not None and metres is not None and metres > role.max_distance_m:
        return "distance"
    lives_there = target.id in roster.home_areas(person)
    if (role.living == "here" and not lives_there) or (role.living == "elsewhere" and lives_there):
        return "living"
    if role.led_within == "organisation":
        leaders = roster.leaders(role, target.id)
        if leaders and person.organisation not in {lead.organisation for lead in leaders} - {None}:
            return "leader"
    return None


def metres_between(person: Person, target: Target) -> float | None:
    """Way from home in a straight line; None where a place is unknown."""
    if person.x is None or person.y is None or target.x is None or target.y is None:
        return None
    return math.hypot(person.x - target.x, person.y - target.y)


NOT_ALLOWED = {
    "level": Text("层级不符", "the target is of another level"),
    "must_not": Text("该配对已被排除", "the pair is ruled out"),
    "avoid": Text("应回避", "the person must not take it"),
    "own_area": Text("不在本人可服务的范围", "it lies outside the areas of the person"),
    "same_organisation": Text("不属同一单位", "it belongs to another organisation"),
    "tag": Text("不具备职务要求的条件", "the person lacks the tag of the role"),
    "wants": Text("不具备该对象要求的条件", "the person lacks a tag that the target wants"),
    "distance": Text("超出距离上限", "it is too far from home"),
    "living": Text("与居住地规则不符", "the rule on living there forbids it"),
    "leader": Text("与该处负责人不属同一单位", "those who lead there belong to another organisation"),
}
"""Why a pair is not allowed, by rule."""


def _of_pairs(roster: Roster, role: Role, own: list[Pair]) -> Iterator[Breach]:
    locked = set(roster.must)
    for number, name in own:
        rule = why_not(roster, role, roster.person[number], roster.target[name])
        if rule is not None and ((number, name) not in locked or rule == "level"):
            yield _breach(rule, number, name, NOT_ALLOWED[rule].zh, NOT_ALLOWED[rule].en)


def _held(own: list[Pair]) -> dict[str, list[str]]:
    held: dict[str, list[str]] = defaultdict(list)
    for number, name in own:
        held[number].append(name)
    return held


def _most_people(roster: Roster, role: Role, target: Target) -> int | None:
    most = roster.people_range(role, target)[1]
    return MAX_SHARERS if most is None and role.sharing == "split" else most


def _of_counts(roster: Roster, role: Role, own: list[Pair]) -> Iterator[Breach]:
    at: dict[str, int] = defaultdict(int)
    for _, name in own:
        at[name] += 1
    for name, num in at.items():
        most = _most_people(roster, role, roster.target[name])
        if most is not None and num > most:
            yield _breach(
                "max_people", None, name, f"安排 {num} 人，上限 {most}", f"{num} people, at most {most} may be"
            )
    loads = loads_of(roster, role, own)
    for number, names in _held(own).items():
        person = roster.person[number]
        most = roster.posts_range(person)[1]
        if most is not None and len(names) > most:
            text = f"{len(names)} posts, at most {most} may be"
            yield _breach("max_posts", number, None, f"承担 {len(names)} 个，上限 {most}", text)
        if role.max_ratio is not None:
            locked = sum(load_of(role, roster.target[name]) for n, name in set(roster.must) if n == number)
            allowed = max(Fraction(str(role.max_ratio)) * in_units(roster.capacity(person)), Fraction(locked))
            if loads[number] > allowed:
                yield _breach("max_ratio", number, None, "负荷超过上限", "the load is above the limit")
        if role.contiguous and not _hangs_together(roster, number, names):
            yield _breach("contiguous", number, None, "负责的对象不相邻", "the targets do not hang together")


def _hangs_together(roster: Roster, number: str, names: list[str]) -> bool:
    if len(names) < 2:
        return True
    locked = {name for n, name in roster.must if n == number}
    links = [pair for pair in roster.neighbours if pair[0] in names and pair[1] in names]
    links += [(a, b) for a in names for b in names if a in locked and b in locked]
    reached = {names[0]}
    for _ in names:
        reached |= {b for a, b in links if a in reached} | {a for a, b in links if b in reached}
    return len(reached) == len(set(names))


def loads_of(roster: Roster, role: Role, own: list[Pair]) -> dict[str, Fraction]:
    """Everybody's load in hundredths, those without posts included."""
    at: dict[str, int] = defaultdict(int)
    for _, name in own:
        at[name] += 1
    loads = {person.number: Fraction(0) for person in roster.people if person.role == role.name}
    for number, name in own:
        share = at[name] if role.sharing == "split" else 1
        loads[number] += Fraction(load_of(role, roster.target[name]), share)
    return loads


def short_targets(roster: Roster, role: Role, own: list[Pair]) -> dict[str, int]:
    """Targets of a role with fewer people than they want, and how many fewer."""
    at: dict[str, int] = defaultdict(int)
    for _, name in own:
        at[name] += 1
    targets = (target for target in roster.targets if target.level == role.level)
    missing = {one.id: roster.people_range(role, one)[0] - at[one.id] for one in targets}
    return {name: num for name, num in missing.items() if num > 0}


def short_people(roster: Roster, role: Role, own: list[Pair]) -> dict[str, int]:
    """People of a role with fewer posts than they must have, and how many fewer."""
    held = _held(own)
    people = (person for person in roster.people if person.role == role.name)
    missing = {one.number: roster.posts_range(one)[0] - len(held.get(one.number, ())) for one in people}
    return {number: num for number, num in missing.items() if num > 0}


def stages_of(roster: Roster, role: Role, own: list[Pair], fair: Mapping[str, int]) -> dict[Stage, Fraction]:
    """All stages of one role; `fair` as `fair_shares` tells it."""
    people = [person for person in roster.people if person.role == role.name]
    targets = [target for target in roster.targets if target.level == role.level]
    loads = loads_of(roster, role, own)
    unfilled = sum(short_targets(roster, role, own).values()) + sum(short_people(roster, role, own).values())
    names = {target.id for target in targets}
    before = {(one.number, name) for one in people for name in one.previous if name in names}
    ways = [metres_between(roster.person[n], roster.target[t]) for n, t in own]
    return {
        "unfilled": Fraction(unfilled),
        "ratio": max((loads[one.number] / in_units(roster.capacity(one)) for one in people), default=Fraction(0)),
        "deviation": sum((abs(loads[number] - fair[number]) for number in loads), Fraction(0)) / LOAD_UNIT,
        "changes": Fraction(len(before - set(own))),
        "metres": Fraction(sum(math.floor(way + 0.5) for way in ways if way is not None)),
    }


def fair_shares(roster: Roster, role: Role) -> dict[str, int]:
    """Everybody's fair share in hundredths: by capacity, of the load of all targets that allowed pairs link them to."""
    shares: dict[str, int] = {}
    for people, targets in _linked(roster, role):
        load = sum(
            load_of(role, one) * (1 if role.sharing == "split" else roster.people_range(role, one)[0])
            for one in targets
        )
        capacity = sum(in_units(roster.capacity(one)) for one in people)
        shares |= {one.number: fair_share(in_units(roster.capacity(one)), load, capacity) for one in people}
    return shares


def _linked(roster: Roster, role: Role) -> list[tuple[list[Person], list[Target]]]:
    """People and targets that a chain of allowed pairs links."""
    people = [person for person in roster.people if person.role == role.name]
    targets = [target for target in roster.targets if target.level == role.level]
    locked: dict[str, set[str]] = defaultdict(set)
    for number, name in roster.must:
        locked[number].add(name)
    areas: dict[str, list[Target]] = defaultdict(list)
    for target in targets:
        for area in roster.around[target.id]:
            areas[area].append(target)
    group_of: dict[str, int] = {}
    groups: dict[int, tuple[list[Person], list[Target]]] = {}
    for k, person in enumerate(people):
        mine: tuple[list[Person], list[Target]] = ([person], [])
        within = (
            {t.id: t for area in person.areas for t in areas[area]} if role.own_area else {t.id: t for t in targets}
        )
        within |= {name: roster.target[name] for name in locked[person.number]}
        reach = [
            t for t in within.values() if t.id in locked[person.number] or why_not(roster, role, person, t) is None
        ]
        for old in sorted({group_of[t.id] for t in reach if t.id in group_of}):
            mine[0].extend(groups[old][0])
            mine[1].extend(groups.pop(old)[1])
        mine[1].extend(t for t in reach if t.id not in group_of)
        groups[k] = mine
        group_of |= {t.id: k for t in mine[1]}
    return list(groups.values())
