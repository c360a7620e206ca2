"""The job itself: read, post, explain; and questions about the result."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from partitioner.errors import Fault, InputError, Text
from partitioner.io.reading.roster import RosterRead, read_roster
from partitioner.io.reading.roster_places import RosterPlaces
from partitioner.io.targets import PlanTargets
from partitioner.io.writing.staffed import Staffed
from partitioner.io.writing.staffing_words import KINDS
from partitioner.posting.norms import norm_rows
from partitioner.posting.wishes import Wishes, make_roster, unknown_target
from partitioner.profiles import Profile
from partitioner.solver import Cancel, Limits
from partitioner.staffing import (
    LEAST_CHANGE,
    ORDER,
    Choice,
    EmptyPost,
    Pair,
    RoleResult,
    Roster,
    Situation,
    Staffing,
    StageReport,
    assign,
    bottlenecks,
    who_could_take,
)

MAX_WHOLE = 600
"""Roles of more people and targets are explained with those only who are linked to what is short."""

MAX_BOTTLENECKS = 6
"""Shortfalls of a role that are explained: each relaxation is tried before it is named, which takes a while."""

Notify = Callable[[str], None]
"""Told the name of each phase when it begins: roster, assign, explain."""

OnStage = Callable[[Text, StageReport], None]
"""Told what a role is called and each of its stages when it is done."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Who could take a target, the best way for every person, best first."""

    target: str
    role: str
    choices: tuple[Choice, ...]
    seconds: float


def staff_plan(
    targets: PlanTargets,
    profile: Profile,
    rosters: Sequence[str | os.PathLike[str]],
    *,
    wishes: Wishes | None = None,
    crs: Mapping[str, str] | str | None = None,
    columns: Mapping[str, str] | None = None,
    with_names: bool = False,
    limits: Limits | None = None,
    cancel: Cancel | None = None,
    notify: Notify = lambda _: None,
    on_stage: OnStage | None = None,
) -> Staffed:
    """Read the rosters, post everybody, and explain what is short.

    Roles of the profile that nobody on the rosters has are left out. With an earlier assignment, few changes come
    before even loads.

    Parameters
    ----------
    on_stage : function, optional
        Told role and report of every stage when it is done.

    Raises
    ------
    InputError
        With every fault of the rosters and the wishes.
    """
    wishes = wishes or Wishes()
    notify("roster")
    read = read_roster(rosters, targets, profile.staffing, crs=crs, columns=columns, with_names=with_names)
    roster, notices = make_roster(read, targets, profile.staffing, wishes)
    notify("assign")
    order = ORDER if wishes.previous is None else LEAST_CHANGE

    def told(role: str, stage: StageReport) -> None:
        if on_stage is not None:
            on_stage(profile.staffing.role(role).title, stage)

    found = assign(roster, order=order, limits=limits, cancel=cancel, on_stage=told)
    notify("explain")
    left = _left(read, roster, wishes)
    notices = (*read.notices, *notices)
    return explained(targets, profile, roster, found, notices=notices, left=left, names=read.names)


def explained(
    targets: PlanTargets,
    profile: Profile,
    roster: Roster,
    found: Staffing,
    *,
    notices: Sequence[Fault] = (),
    left: Sequence[Pair] = (),
    names: Mapping[str, str] | None = None,
) -> Staffed:
    """An assignment with the norms it is held to, what is not known, and why posts stay open."""
    staffed = Staffed(
        targets=targets,
        profile=profile.name,
        rules=profile.staffing,
        roster=roster,
        staffing=found,
        norms=tuple(norm_rows(targets, profile, roster, found)),
        notices=(*notices, *_untold(targets, roster)),
        left=tuple(left),
        names=names or {},
    )
    return replace(staffed, empty=dict(_empty(staffed)))


def _left(read: RosterRead, roster: Roster, wishes: Wishes) -> list[Pair]:
    """What people served who are away, or who are on the earlier assignment and not on the roster."""
    before = wishes.previous
    if before is None:
        before = tuple((person.number, name) for person in read.people for name in person.previous)
    return sorted({pair for pair in before if pair[0] not in roster.person})


def who_could(staffed: Staffed, word: str) -> list[Answer]:
    """“Who could take this?”, once for every role that serves targets of its level.

    Raises
    ------
    InputError
        The word names no target that somebody on the roster serves, or several.
    """
    return answers_about(staffed.targets, staffed.roster, staffed.situations, word)


def answers_about(targets: PlanTargets, roster: Roster, situations: Mapping[str, Situation], word: str) -> list[Answer]:
    """As `who_could`, of situations by the name of their role."""
    levels = {role.level for role in roster.roles}
    found, _ = RosterPlaces(targets).areas(word, levels)
    if len(found) != 1:
        raise InputError([unknown_target("--who-could-take", word, found)])
    level = roster.target[found[0]].level
    answers = []
    for role in roster.roles:
        if role.level == level:
            began = time.monotonic()
            choices = who_could_take(situations[role.name], found[0])
            answers.append(Answer(target=found[0], role=role.name, choices=choices, seconds=time.monotonic() - began))
    return answers


def _untold(targets: PlanTargets, roster: Roster) -> Iterator[Fault]:
    """Work that has a weight but that no building tells, and metres that nobody knows."""
    weighed = {kind for role in roster.roles if role.measure == "load" for kind, w in role.weights.items() if w}
    silent = sorted(weighed - targets.told)
    if silent:
        names = [KINDS.get(kind, Text(kind, kind)) for kind in silent]
        yield Fault(
            rule="work_untold",
            message=Text(
                f"台账没有{'、'.join(name.zh for name in names)}，负荷中按 0 计",
                f"the ledger does not tell {', '.join(name.en for name in names)}; they count as no load",
            ),
            remedy=Text(
                "如需计入，请在台账中补列（老年人、特殊人群、电梯、事件数），重新划分",
                "Add the columns (elderly, special_care, lifts, events) to the ledger and plan again",
            ),
        )
    nowhere = sum(person.x is None for person in roster.people)
    if nowhere or not targets.placed:
        yield Fault(
            rule="metres_unknown",
            message=Text(
                f"{nowhere} 人没有住处坐标，距离按 0 计" if targets.placed else "方案没有坐标，距离未知，按 0 计",
                f"the homes of {nowhere} people have no position; their metres count as 0"
                if targets.placed
                else "the plan has no positions; metres are unknown and count as 0",
            ),
            remedy=Text("如需计算距离，请补填居住楼栋或坐标", "Fill in buildings or coordinates if metres matter"),
        )


def _empty(staffed: Staffed) -> Iterator[tuple[str, tuple[EmptyPost, ...]]]:
    for result in staffed.staffing.roles:
        if result.short_targets:
            yield result.role, bottlenecks(_around_shortfalls(staffed, result), most=MAX_BOTTLENECKS)


def _around_shortfalls(staffed: Staffed, result: RoleResult) -> Situation:
    """A role with everybody, or, where these are many, with those only who are linked to the first shortfalls.

    Every relaxation is tried on the whole roster that it is given, so a small one is what makes that quick.
    """
    roster, whole = staffed.roster, staffed.situations[result.role]
    people = {person.number for person in whole.pairs.people}
    targets = {target.id for target in whole.pairs.targets}
    if len(people) + len(targets) > MAX_WHOLE:
        pieces = list(dict.fromkeys(whole.piece_of[name][0] for name, _ in result.short_targets))[:MAX_BOTTLENECKS]
        people = {number for number, (k, _) in whole.place_of.items() if k in pieces}
        targets = {name for name, (k, _) in whole.piece_of.items() if k in pieces}
    around = {area for name in targets for area in roster.around[name]}
    posted = [pair for pair in result.posted if pair[0] in people and pair[1] in targets]
    small = Roster(
        people=tuple(person for person in roster.people if person.number in people),
        targets=tuple(target for target in roster.targets if target.id in around),
        roles=(whole.role,),
        neighbours=tuple(pair for pair in roster.neighbours if set(pair) <= around),
        must=tuple(pair for pair in roster.must if pair[0] in people and pair[1] in targets),
        must_not=tuple(pair for pair in roster.must_not if pair[0] in people and pair[1] in targets),
    )
    return Situation(small, whole.role, posted)
