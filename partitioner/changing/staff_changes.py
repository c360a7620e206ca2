"""Who serves elsewhere: after a redraw, where staff follow with the fewest changes, or in any two staffed plans."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from partitioner.changing.redrawing import Redrawing
from partitioner.errors import Fault, InputError, Place, Text
from partitioner.io.reading.roster import RosterRead, read_roster
from partitioner.io.staffing_json import StaffingRecord, read_staffing
from partitioner.io.targets import PlanTargets
from partitioner.io.writing import PlannedLevels
from partitioner.io.writing.redraw import StaffChange
from partitioner.io.writing.staffed import Staffed
from partitioner.levels.top_down import Notify
from partitioner.model import Units
from partitioner.posting import Wishes, explained, make_roster, planned_targets, served_targets, staffing_profile
from partitioner.profiles import Profile
from partitioner.solver import Cancel, Limits
from partitioner.staffing import Pair, Person, Roster, follow_staff, settled, with_locks

STAFFING = "staffing.json"
"""In the folder of a staffed plan."""


@dataclass(frozen=True, kw_only=True)
class Postings:
    """Who served where before, and who there is to serve.

    Parameters
    ----------
    record : StaffingRecord
        Of the plan before.
    rosters : tuple of Path
        Everybody who serves today; without any, those who served before, whose homes and limits are not known.
    locks : tuple of (str, str)
        Number of a person, and any word for a target of the plan before: this post does not change.
    roster : Roster or None
        Everybody who serves, read before, with the targets of the plan before; no file is read then, and locks name
        targets by their codes.
    """

    record: StaffingRecord
    rosters: tuple[Path, ...] = ()
    locks: tuple[tuple[str, str], ...] = ()
    crs: Mapping[str, str] | str | None = None
    roster: Roster | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class FollowedPosts:
    """The assignment of today, and whose posts have changed."""

    staffed: Staffed
    changes: tuple[StaffChange, ...]


def follow_posts(
    previous: PlannedLevels,
    redrawing: Redrawing,
    postings: Postings,
    *,
    became: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    cancel: Cancel | None = None,
    notify: Notify = lambda _: None,
) -> FollowedPosts:
    """Let staff follow a redraw: posts go on where the areas did, and then as few as possible change.

    Parameters
    ----------
    became : mapping of str to str, optional
        From ids of buildings before to those of today, where they differ.

    Raises
    ------
    InputError
        With every fault of the rosters and the locks.
    """
    profile = staffing_profile(redrawing.planned.levels[0].profile)
    after = planned_targets(redrawing.planned, profile)
    notify("roster")
    posted = postings.record.posted
    roster, notices = _roster(previous, profile, postings)
    targets, neighbours = served_targets(after, roster.roles)
    heirs = _heirs(previous, redrawing, dict(became or {}), [target.id for target in roster.targets])
    notify("assign")
    followed = follow_staff(
        roster,
        [(one.number, name) for one in roster.people for name in one.previous],
        targets=targets,
        neighbours=neighbours,
        heirs=heirs,
        limits=limits,
        cancel=cancel,
    )
    notify("explain")
    staffed = explained(after, profile, followed.roster, followed.staffing, notices=notices)
    changes = post_changes(
        posted,
        followed.staffing.posted,
        people=frozenset(roster.person),
        old=frozenset(target.id for target in roster.targets),
        new=frozenset(target.id for target in targets),
    )
    return FollowedPosts(staffed=staffed, changes=changes)


def _roster(previous: PlannedLevels, profile: Profile, postings: Postings) -> tuple[Roster, tuple[Fault, ...]]:
    """Who there is, with what they served; and what had to be left out."""
    posted = postings.record.posted
    if postings.roster is not None:
        there = [pair for pair in posted if pair[0] in postings.roster.person and pair[1] in postings.roster.target]
        return with_locks(settled(postings.roster, there), postings.locks), ()
    before = planned_targets(previous, profile)
    if postings.rosters:
        read = read_roster(postings.rosters, before, profile.staffing, crs=postings.crs)
    else:
        read = _those_who_served(postings.record, before)
    wishes = Wishes(previous=posted, locks=postings.locks)
    roster, notices = make_roster(read, before, profile.staffing, wishes)
    return roster, (*read.notices, *notices)


def _those_who_served(record: StaffingRecord, targets: PlanTargets) -> RosterRead:
    """Without a roster: people go on serving in the communities where they served."""
    unknown = sorted({number for number, _ in record.posted} - set(record.roles))
    if unknown:
        raise InputError([_no_roster()])
    parent = {target.id: target.parent for target in targets.targets}
    areas: dict[str, list[str]] = {}
    for number, name in record.posted:
        areas.setdefault(number, []).append(_outermost(name, parent))
    people = tuple(
        Person(number=number, role=role, areas=tuple(dict.fromkeys(areas[number])))
        for number, role in record.roles.items()
    )
    return RosterRead(people=people, notices=(_no_homes(len(people)),))


def _outermost(name: str, parent: Mapping[str, str | None]) -> str:
    """The widest area around a target."""
    while (around := parent.get(name)) is not None:
        name = around
    return name


def _heirs(
    previous: PlannedLevels, redrawing: Redrawing, became: dict[str, str], targets: Iterable[str]
) -> dict[str, str]:
    """From ids of targets before to those of today, where they differ; of two levels that share one, with the level."""
    found = _heirs_above(previous.levels[0].problem.units, redrawing.planned.levels[0].problem.units, became)
    for told in redrawing.told:
        for code, heir in told.lineage.heirs().items():
            found[code] = heir
            found[f"{told.name}:{code}"] = f"{told.name}:{heir}"
    for name in targets:
        building, slash, stairwell = name.partition("/")
        if building in became:
            found[name] = f"{became[building]}{slash}{stairwell}"
    return found


def _heirs_above(before: Units, after: Units, became: Mapping[str, str]) -> dict[str, str]:
    """From areas above the widest level that are gone to the one that holds most of their households."""
    now = dict(zip(after.id, zip(after.parent.values(), after.households.tolist(), strict=True), strict=True))
    votes: dict[str, dict[str, int]] = {}
    for name, area in zip(before.id, before.parent.values(), strict=True):
        heir, households = now.get(became.get(name, name), (None, 0))
        if area is not None and heir is not None:
            of = votes.setdefault(area, {})
            of[heir] = of.get(heir, 0) + households
    return {
        area: max(sorted(of), key=lambda name: of[name]) for area, of in votes.items() if area not in after.parent.names
    }


def staff_changes(before: Path, after: Path) -> tuple[StaffChange, ...] | None:
    """Everybody whose posts differ in two folders, by number; None where a folder has no staffing.

    Raises
    ------
    InputError
        A staffing file cannot be read.
    """
    files = [folder / STAFFING for folder in (before, after)]
    if not all(file.is_file() for file in files):
        return None
    return post_changes(*(read_staffing(file).posted for file in files))


def post_changes(
    before: Sequence[Pair],
    after: Sequence[Pair],
    *,
    people: Collection[str] | None = None,
    old: Collection[str] | None = None,
    new: Collection[str] | None = None,
) -> tuple[StaffChange, ...]:
    """Everybody whose posts differ, by number.

    Parameters
    ----------
    people : collection of str, optional
        Who is on the roster of today, where that is known.
    old, new : collections of str, optional
        Targets before and today, where they are known.
    """
    was, now = _by_person(before), _by_person(after)
    found = []
    for person in sorted(was.keys() | now.keys()):
        left = sorted(was.get(person, set()) - now.get(person, set()))
        joined = sorted(now.get(person, set()) - was.get(person, set()))
        if not left and not joined:
            continue
        gone = [name for name in left if new is not None and name not in new]
        fresh = [name for name in joined if old is not None and name not in old]
        found.append(
            StaffChange(
                person=person,
                left=tuple(left),
                joined=tuple(joined),
                kept=tuple(sorted(was.get(person, set()) & now.get(person, set()))),
                reason=_reason(people is None or person in people, gone, fresh),
            )
        )
    return tuple(found)


def _by_person(pairs: Iterable[Pair]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for person, target in pairs:
        found.setdefault(person, set()).add(target)
    return found


def _reason(on_roster: bool, gone: list[str], fresh: list[str]) -> Text | None:
    if not on_roster:
        return Text("已不在花名册", "not on the roster any more")
    if gone:
        return Text(f"{'、'.join(gone)} 已撤销", f"{', '.join(gone)} is retired")
    if fresh:
        return Text(f"{'、'.join(fresh)} 为新设", f"{', '.join(fresh)} is new")
    return None


def _no_roster() -> Fault:
    return Fault(
        rule="roster_missing",
        place=Place(column="--roster"),
        message=Text("原人员安排没有写明职务", "the earlier assignment does not tell who has which role"),
        remedy=Text("请用 --roster 给出花名册", "give the roster with --roster"),
    )


def _no_homes(num: int) -> Fault:
    return Fault(
        rule="roster_not_given",
        message=Text(
            f"没有给花名册：原安排中的 {num} 人仍在原来的社区内服务，个人的上限和住处未知",
            f"no roster was given: the {num} people of the earlier assignment serve in the communities where they "
            "did; their own limits and homes are not known",
        ),
        remedy=Text("如有花名册，请用 --roster 给出", "give the roster with --roster if there is one"),
    )
