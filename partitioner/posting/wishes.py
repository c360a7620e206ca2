"""From a roster as it was read, and what else is asked for, to the whole question."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from partitioner.errors import Fault, InputError, Place, Text
from partitioner.io.reading.roster import RosterRead
from partitioner.io.reading.roster_places import RosterPlaces
from partitioner.io.targets import ALWAYS, PlanTargets
from partitioner.profiles import StaffRules
from partitioner.staffing import Pair, Person, Role, Roster, Target, settled, without_people


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What is asked for beside the roster.

    Parameters
    ----------
    previous : tuple of Pair, or None
        An earlier assignment: everybody's previous targets, and as few changes as possible.
    locks : tuple of (str, str)
        Number of a person, and any word for a target.
    absent : tuple of str
        Numbers of people who are away.
    """

    previous: tuple[Pair, ...] | None = None
    locks: tuple[tuple[str, str], ...] = ()
    absent: tuple[str, ...] = ()


def make_roster(
    read: RosterRead, targets: PlanTargets, rules: StaffRules, wishes: Wishes
) -> tuple[Roster, tuple[Fault, ...]]:
    """The whole question, and what had to be left out.

    Raises
    ------
    InputError
        With every fault: levels that were not planned, unknown people or targets.
    """
    present = {person.role for person in read.people}
    roles = tuple(role.role for role in rules.roles if role.name in present)
    roles, notices = _where_no_areas(roles, read.people, targets, rules)
    chosen, neighbours = served_targets(targets, roles)
    faults = list(_unplanned(roles, chosen, rules))
    people = {person.number: person for person in read.people}
    locks = list(_locks(wishes.locks, targets, rules, people, faults))
    faults += [_unknown_person("--absent", number) for number in wishes.absent if number not in people]
    if faults:
        raise InputError(faults)
    roster = Roster(
        people=read.people,
        targets=chosen,
        roles=roles,
        neighbours=neighbours,
        must=tuple(dict.fromkeys((*read.locked, *locks))),
    )
    if wishes.previous is not None:
        kept = [
            (number, name)
            for number, name in wishes.previous
            if number in people and name in roster.target
            and roster.target[name].level == roster.role[people[number].role].level
        ]  # fmt: skip
        lost = len(wishes.previous) - len(kept)
        roster = settled(roster, kept)
        if lost:
            notices.append(_dropped(lost))
    return without_people(roster, wishes.absent), tuple(notices)


def _where_no_areas(
    roles: tuple[Role, ...], people: Iterable[Person], targets: PlanTargets, rules: StaffRules
) -> tuple[tuple[Role, ...], list[Fault]]:
    """Roles that keep to their own areas may go anywhere in a plan without communities, if nobody names an area."""
    if targets.townships or any(target.level == "community" for target in targets.targets):
        return roles, []
    named = {person.role for person in people if person.areas}
    free = [role.name for role in roles if role.own_area and role.name not in named]
    titles = [rules.role(name).title for name in free]
    if not free:
        return roles, []
    told = Fault(
        rule="areas_untold",
        message=Text(
            f"方案没有社区，花名册也没有可服务的范围：{'、'.join(title.zh for title in titles)}可去任何对象",
            "the plan has no communities and the roster names no areas: "
            f"{', '.join(title.en for title in titles)} may serve anywhere",
        ),
        remedy=Text(
            "如需限定，请在台账中补填社区后重新划分，或在花名册“可服务社区”中填网格、小区的编码",
            "To keep people apart, tell communities in the ledger and plan again, or name grids or compounds as areas",
        ),
    )
    return tuple(replace(role, own_area=False) if role.name in free else role for role in roles), [told]


def served_targets(targets: PlanTargets, roles: Iterable[Role]) -> tuple[tuple[Target, ...], tuple[Pair, ...]]:
    """The targets that matter to these roles, and which of them are neighbours."""
    levels = {role.level for role in roles} | set(ALWAYS)
    if "stairwell" in levels:
        levels.add("building")
    chosen = tuple(target for target in targets.targets if target.level in levels)
    ids = {target.id for target in chosen}
    return chosen, tuple(pair for pair in targets.neighbours if pair[0] in ids and pair[1] in ids)


def _unplanned(roles: Iterable[Role], targets: Iterable[Target], rules: StaffRules) -> Iterator[Fault]:
    there = {target.level for target in targets}
    for role in roles:
        if role.level in there:
            continue
        title = rules.role(role.name).title
        yield Fault(
            rule="level_not_planned",
            value=role.level,
            message=Text(
                f"方案中没有职务“{title.zh}”所需的对象（层级 {role.level}）",
                f"the plan has no targets of the level {role.level}, which the role {title.en} serves",
            ),
            remedy=Text(
                "请用 --levels 划分该层级，或在台账中补填（楼栋单元数、专属网格等），或去掉该职务的人员",
                "Plan that level with --levels, tell stairwells or special grids in the ledger, or drop these people",
            ),
        )


def _locks(
    locks: Iterable[tuple[str, str]],
    targets: PlanTargets,
    rules: StaffRules,
    people: Mapping[str, Person],
    faults: list[Fault],
) -> Iterator[Pair]:
    places = RosterPlaces(targets)
    for number, word in locks:
        person = people.get(number)
        if person is None:
            faults.append(_unknown_person("--lock", number))
            continue
        found, _ = places.areas(word, (rules.role(person.role).role.level,))
        if len(found) == 1:
            yield number, found[0]
        else:
            faults.append(unknown_target("--lock", word, found))


def _unknown_person(option: str, number: str) -> Fault:
    return Fault(
        rule="person_unknown",
        place=Place(column=option),
        value=number,
        message=Text("花名册中没有这个工号", "nobody on the roster has this number"),
        remedy=Text("请检查工号（按文字比较，前导零有意义）", "Check it; numbers are texts, leading zeros count"),
    )


def unknown_target(option: str, word: str, found: Collection[str]) -> Fault:
    """A word of an option that names no target, or several."""
    if found:
        several = ", ".join(sorted(found)[:4])
        message = Text(f"指多个对象（{several}）", f"it names several targets ({several})")
    else:
        message = Text("方案中没有这个对象", "the plan has no such target")
    return Fault(
        rule="target_unknown",
        place=Place(column=option),
        value=word,
        message=message,
        remedy=Text("请写完整编码", "Use the whole code"),
    )


def _dropped(lost: int) -> Fault:
    return Fault(
        rule="previous_dropped",
        message=Text(
            f"以前的安排中有 {lost} 条的人员或对象已不存在，没有沿用",
            f"{lost} earlier postings are of people or targets that are gone",
        ),
        remedy=Text("无需处理", "nothing to do"),
    )
