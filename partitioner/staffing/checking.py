"""What can be wrong with a roster before anybody is posted."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from math import lcm
from typing import TYPE_CHECKING

from partitioner.errors import Fault, Text
from partitioner.staffing.loads import load_of
from partitioner.staffing.people import Person
from partitioner.staffing.roles import MAX_SHARERS, Role
from partitioner.staffing.targets import Target

if TYPE_CHECKING:
    from partitioner.staffing.roster import Roster

MAX_LOAD = 1e6
"""Loads and capacities beyond this are mistakes, and would overflow exact sums."""

MAX_SUM = 1 << 58
"""All loads of a role together, multiplied so that every share of them is whole."""

MAX_METRES = 1e8
MAX_COUNT = 10**6


def faults_of(roster: Roster) -> list[Fault]:
    """Everything that is wrong, in the order roles, targets, people, neighbours, locks."""
    found = [*_repeated("role", [role.name for role in roster.roles])]
    found += [fault for role in roster.roles for fault in _of_role(role)]
    found += _of_leaders(roster)
    found += _repeated("target", [target.id for target in roster.targets])
    known = {role.name: role for role in roster.roles}
    found += [fault for target in roster.targets for fault in _of_target(target, known)]
    found += _circles(roster)
    found += _repeated("person", [person.number for person in roster.people])
    found += [fault for person in roster.people for fault in _of_person(person, known)]
    ids = {target.id for target in roster.targets}
    for pair in roster.neighbours:
        unknown = sorted(set(pair) - ids)
        if unknown:
            found.append(
                _fault("neighbour_unknown", "相邻关系中有未知的对象", "neighbours name an unknown target", unknown[0])
            )
    return found or [*_sums(roster), *_of_locks(roster)]


def _fault(rule: str, zh: str, en: str, value: object) -> Fault:
    remedy = Text("请在名册或规则中改正", "correct it in the roster or its rules")
    return Fault(rule=rule, message=Text(zh, en), remedy=remedy, value=str(value))


def _repeated(what: str, names: list[str]) -> Iterator[Fault]:
    zh = {"role": "职务", "target": "对象编号", "person": "工号"}[what]
    for name, times in Counter(names).items():
        if times > 1:
            yield _fault(f"{what}_repeated", f"{zh}出现 {times} 次", f"this {what} is given {times} times", name)
        if not name.strip():
            yield _fault(f"{what}_empty", f"{zh}为空", f"a {what} has no name", name)


def _range(name: str, low: int, high: int | None) -> Iterator[Fault]:
    if not 0 <= low <= MAX_COUNT or (high is not None and not low <= high <= MAX_COUNT):
        yield _fault("range", "最少与最多人数或岗位数不合理", "needs 0 <= fewest <= most", f"{name}: {low} … {high}")


def _number(name: str, value: float | None, low: float, high: float) -> Iterator[Fault]:
    if value is not None and not (math.isfinite(value) and low <= value <= high):
        yield _fault(
            "number", f"数值应在 {low:g} 到 {high:g} 之间", f"must lie in {low:g} … {high:g}", f"{name}: {value}"
        )


def _of_role(role: Role) -> Iterator[Fault]:
    yield from _range(f"{role.name} people", role.min_people, role.max_people)
    yield from _range(f"{role.name} posts", role.min_posts, role.max_posts)
    yield from _number(f"{role.name} capacity", role.capacity, 0.01, MAX_LOAD)
    yield from _number(f"{role.name} max_ratio", role.max_ratio, 0.0, 1e4)
    yield from _number(f"{role.name} max_distance_m", role.max_distance_m, 0.0, MAX_METRES)
    yield from _sharers(role, role.name, role.min_people, role.max_people)
    for kind, weight in role.weights.items():
        yield from _number(f"{role.name} weight of {kind}", weight, 0.0, MAX_LOAD)


def _of_leaders(roster: Roster) -> Iterator[Fault]:
    """A leading role that is not on the roster leads nobody; that is no fault."""
    above = {role.name: role.led_by for role in roster.roles}
    for role in roster.roles:
        at, seen = role.led_by, {role.name}
        if at is None and role.led_within != "anyone":
            yield _fault("leader_missing", "要求与负责人同单位，但没有负责的职务", "needs led_by as well", role.name)
        while at in above and at not in seen:
            seen.add(at)
            at = above[at]
        if at == role.name:
            yield _fault("leader_circle", "职务的领导关系成环", "roles lead one another in a circle", role.name)


def _sharers(role: Role, name: str, low: int, high: int | None) -> Iterator[Fault]:
    if role.sharing == "split" and max(low, high or 0) > MAX_SHARERS:
        zh, en = f"最多 {MAX_SHARERS} 人分担一个对象", f"at most {MAX_SHARERS} people can share one target"
        yield _fault("sharers", zh, en, f"{name}: {max(low, high or 0)}")


def _of_target(target: Target, roles: dict[str, Role]) -> Iterator[Fault]:
    for name, value in (("x", target.x), ("y", target.y)):
        yield from _number(f"{target.id} {name}", value, -MAX_METRES, MAX_METRES)
    load = 0.0
    for kind, amount in target.work.items():
        yield from _number(f"{target.id} {kind}", amount, 0.0, MAX_LOAD)
        load = max([load, *(amount * role.weights.get(kind, 0.0) for role in roles.values())])
    yield from _number(f"{target.id} load", load, 0.0, MAX_LOAD)
    for name, (low, high) in target.people.items():
        if name not in roles:
            yield _fault("role_unknown", "未知的职务", "no such role", f"{target.id}: {name}")
            continue
        yield from _range(f"{target.id} people of {name}", low, high)
        yield from _sharers(roles[name], target.id, low, high)


def _sums(roster: Roster) -> Iterator[Fault]:
    for role in roster.roles:
        targets = [target for target in roster.targets if target.level == role.level]
        people = sum(person.role == role.name for person in roster.people)
        multiple = lcm(*range(1, min(people, MAX_SHARERS) + 1)) if role.sharing == "split" else max(people, 1)
        if sum(load_of(role, target) for target in targets) * multiple > MAX_SUM:
            yield _fault("load_sum", "负荷总和过大", "all loads together are too large to be exact", role.name)


def _circles(roster: Roster) -> Iterator[Fault]:
    parent = {target.id: target.parent for target in roster.targets}
    for start in parent:
        seen = {start}
        at = parent[start]
        while at is not None and at not in seen:
            seen.add(at)
            at = parent.get(at)
        if at == start:
            yield _fault("parent_circle", "上级关系成环", "lies inside itself", start)


def _of_person(person: Person, roles: dict[str, Role]) -> Iterator[Fault]:
    role = roles.get(person.role)
    if role is None:
        yield _fault("role_unknown", "未知的职务", "no such role", f"{person.number}: {person.role}")
        return
    for name, value in (("x", person.x), ("y", person.y)):
        yield from _number(f"{person.number} {name}", value, -MAX_METRES, MAX_METRES)
    yield from _number(f"{person.number} capacity", person.capacity, 0.01, MAX_LOAD)
    low = role.min_posts if person.min_posts is None else person.min_posts
    yield from _range(f"{person.number} posts", low, role.max_posts if person.max_posts is None else person.max_posts)


def _of_locks(roster: Roster) -> Iterator[Fault]:
    for pair in (*roster.must, *roster.must_not):
        person, target = roster.person.get(pair[0]), roster.target.get(pair[1])
        shown = " – ".join(pair)
        if person is None or target is None:
            yield _fault("lock_unknown", "锁定的人员或对象不存在", "a lock names an unknown person or target", shown)
        elif target.level != roster.role[person.role].level:
            yield _fault("lock_level", "锁定对象的层级与职务不符", "the target is not of this role's level", shown)
    if any(pair[0] not in roster.person or pair[1] not in roster.target for pair in roster.must):
        return
    for pair in sorted(set(roster.must) & set(roster.must_not)):
        yield _fault("lock_both", "同一对既锁定又排除", "a pair is both locked and ruled out", " – ".join(pair))
    yield from _full_locks(roster)


def _full_locks(roster: Roster) -> Iterator[Fault]:
    must = sorted(set(roster.must))
    for number, held in sorted(Counter(number for number, _ in must).items()):
        most = roster.posts_range(roster.person[number])[1]
        if most is not None and held > most:
            yield _fault(
                "lock_posts", f"锁定 {held} 个，超过其上限 {most}", f"{held} locks, but at most {most} posts", number
            )
    for (name, role_name), held in sorted(Counter((t, roster.person[n].role) for n, t in must).items()):
        role = roster.role[role_name]
        most = roster.people_range(role, roster.target[name])[1]
        if role.sharing == "split":
            most = MAX_SHARERS if most is None else most
        if most is not None and held > most:
            yield _fault(
                "lock_people", f"锁定 {held} 人，超过其上限 {most}", f"{held} locks, but at most {most} people", name
            )
