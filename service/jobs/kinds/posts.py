"""The posts of a staffed plan in the plan that follows it: those of the draft, where their targets still are."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from partitioner import __version__
from partitioner.changing import FollowedPosts, Postings, Redrawing, follow_posts, staff_locks
from partitioner.errors import Fault, InputError, Place, Text
from partitioner.io.reading.previous_staffing import read_previous, read_record
from partitioner.io.staffing_json import staffing_to_json
from partitioner.io.work_rows import rows_of_level
from partitioner.io.writing import PlannedCounty, PlannedLevels
from partitioner.io.writing.staffed import Staffed
from partitioner.io.writing.staffing_folder import write_staffing_folder
from partitioner.model import FloatArray
from partitioner.posting import explained, planned_targets, served_targets, staffing_profile
from partitioner.staffing import Breach, Pair, Posts, Roster, settled, with_targets
from service.errors import fault_to_stored
from service.jobs.documents import document_of
from service.jobs.rosters import ROSTER, UnitWork, kept_roster, roster_document
from service.jobs.task import Task, write_json
from service.jobs.watching import Watch

STAFFING = "_staffing.json"


def carry_posts(task: Task, planned: PlannedLevels) -> None:
    """Write who serves where in `planned`, the plan that a draft has become; nothing where the draft is not staffed."""
    kept_file = task.given / ROSTER
    if not kept_file.is_file():
        return
    inputs = task.inputs
    before = set(read_previous(task.given / "plan" / "staffing.json"))
    pairs = before - _pairs(inputs["posts"]["ended"]) | _pairs(inputs["posts"]["begun"])
    heirs = _heirs(planned, inputs["level"], inputs["labels"])
    roster = kept_roster(json.loads(kept_file.read_text("utf-8"))).roster
    profile = staffing_profile(planned.levels[0].profile)
    targets = planned_targets(planned, profile)
    chosen, neighbours = served_targets(targets, roster.roles)
    roster = with_targets(settled(roster, before), chosen, neighbours, heirs)
    posts = Posts(roster, [(number, heirs.get(name, name)) for number, name in pairs])
    staffed = explained(targets, profile, posts.forced(), posts.staffing())
    write_staffed(staffed, task, planned=planned, roster=roster, breaches=posts.breaches)


def followed_posts(
    task: Task, watch: Watch, previous: PlannedLevels, became: Mapping[str, str], done: Redrawing
) -> FollowedPosts | None:
    """Staff of a redrawn plan: everybody goes on where the areas did; None where nobody was posted.

    Raises
    ------
    InputError
        A post that is to be kept is none.
    """
    kept_file, locks = task.given / ROSTER, staff_locks(task.inputs.get("freeze") or [])
    if not kept_file.is_file():
        if locks:
            raise InputError([_nobody_posted(number, name) for number, name in locks])
        return None
    kept = kept_roster(json.loads(kept_file.read_text("utf-8")))
    postings = Postings(
        record=read_record(task.given / "plan" / "staffing.json"),
        locks=locks,
        roster=kept.roster,
    )
    return follow_posts(
        previous, done, postings, became=became, limits=task.limits, cancel=task.cancel, notify=watch.phase
    )


def posted_again(task: Task, planned: PlannedLevels) -> Staffed:
    """The staff of a stored plan."""
    roster = kept_roster(json.loads((task.given / ROSTER).read_text("utf-8"))).roster
    posts = Posts(roster, read_previous(task.given / "plan" / "staffing.json"))
    profile = staffing_profile(planned.levels[0].profile)
    return Staffed(
        targets=planned_targets(planned, profile),
        profile=profile.name,
        rules=profile.staffing,
        roster=posts.forced(),
        staffing=posts.staffing(),
    )


def write_staffed(
    staffed: Staffed,
    task: Task,
    *,
    planned: PlannedLevels | None,
    roster: Roster,
    breaches: Iterable[Breach] = (),
    answers: Sequence[Any] = (),
) -> dict[str, Any]:
    """Everything that is kept of an assignment; returns what is told of it.

    Parameters
    ----------
    roster : Roster
        With the rules as they were asked for.
    breaches : iterable of Breach
        Rules that posts given by hand break.
    """
    engine = f"wangge {__version__}"
    write_staffing_folder(staffed, task.made, engine, planned=planned, sheets=bool(task.inputs.get("sheets")))
    told = staffing_to_json(staffed, engine)
    told["people"] = _people(staffed)
    told["empty"] = {role: document_of(posts) for role, posts in staffed.empty.items()}
    told["norms"] = document_of(staffed.norms)
    told["who_could_take"] = document_of(answers)
    told["broken"] = document_of(tuple(breaches))
    told["notices"] = [fault_to_stored(notice) for notice in staffed.notices]
    write_json(task.made / STAFFING, told)
    units = {} if planned is None else {level.level.name: _unit_work(level) for level in planned.levels}
    write_json(task.made / ROSTER, roster_document(roster, staffed.targets.titles, units))
    return told


def _nobody_posted(number: str, name: str) -> Fault:
    return Fault(
        rule="freeze_unknown",
        place=Place(pointer="/inputs/freeze"),
        value=f"staff:{number}={name}",
        message=Text("该方案没有人员安排", "nobody is posted in this plan"),
        remedy=Text("请先安排人员，或去掉该项", "staff it first, or leave this out"),
    )


def _pairs(listed: Iterable[Sequence[str]]) -> set[Pair]:
    return {(number, name) for number, name in listed}


def _heirs(planned: PlannedLevels, name: str, labels: Sequence[str | None]) -> dict[str, str]:
    """From areas of the draft that go by another code now to the area that holds most of their households."""
    level = planned.level(name)
    now, households = level.result.plan.grid, level.problem.units.households.tolist()
    votes: dict[str, Counter[str]] = {}
    for place, label in enumerate(labels):
        code = now.at(place)
        if label is not None and code is not None and label not in now.names:
            votes.setdefault(label, Counter())[code] += max(households[place], 1)
    heirs = {label: min(of, key=lambda code: (-of[code], code)) for label, of in votes.items()}
    return heirs | {f"{name}:{label}": f"{name}:{code}" for label, code in heirs.items()}


def _people(staffed: Staffed) -> list[dict[str, Any]]:
    """Everybody by number: load against capacity and fair share, in households or posts."""
    return [
        {
            "person": person.number,
            "role": person.role,
            "targets": list(staffed.held[person.number]),
            "load": round(staffed.loads[person.number][0], 2) if person.number in staffed.loads else 0.0,
            "share": round(staffed.loads[person.number][1], 2) if person.number in staffed.loads else 0.0,
            "capacity": round(float(staffed.roster.capacity(person)), 2),
        }
        for person in staffed.roster.people
    ]


def _unit_work(level: PlannedCounty) -> UnitWork:
    """What every unit of a level makes of work, and where."""
    rows, unit = rows_of_level(level), np.asarray(level.unit_of_building)
    num = len(level.problem.units)
    there = unit >= 0

    def summed(amounts: FloatArray, where: Any) -> FloatArray:
        return np.bincount(unit[where], weights=amounts[where], minlength=num)

    placed = there & np.isfinite(rows.x) & np.isfinite(rows.y)
    count = summed(np.ones(len(unit)), placed)
    with np.errstate(invalid="ignore", divide="ignore"):
        x, y = (summed(np.nan_to_num(values), placed) / count for values in (rows.x, rows.y))
    work = {kind: summed(amounts, there) for kind, amounts in rows.work.items()}
    return UnitWork(work=work, x=x.round(2), y=y.round(2))
