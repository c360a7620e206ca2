"""`staff`: people posted to the areas of a plan. `takers`: who could take one of them."""

from __future__ import annotations

from typing import Any

from partitioner import __version__
from partitioner.io.reading.previous_staffing import read_previous
from partitioner.io.staffing_json import staffing_to_json
from partitioner.io.writing.staffed import Staffed
from partitioner.io.writing.staffing_folder import write_staffing_folder
from partitioner.posting import Wishes, plan_targets, read_plan_folder, staff_plan, who_could, who_could_instead
from service.errors import fault_to_stored
from service.jobs.documents import document_of
from service.jobs.task import Outcome, Task, write_json

STAFFING, TAKERS = "_staffing.json", "_takers.json"


def staff(task: Task) -> Outcome:
    """A version of the plan with its assignment; people appear by number only."""
    task.phase("read")
    inputs, engine = task.inputs, f"wangge {__version__}"
    home = task.given / "plan"
    folder = read_plan_folder(home, None)
    earlier = read_previous(home / "staffing.json") if (home / "staffing.json").is_file() else None
    wishes = Wishes(
        previous=earlier,
        locks=tuple((pair["person"], pair["target"]) for pair in inputs.get("locks") or ()),
        absent=tuple(inputs.get("absent") or ()),
    )
    options = inputs.get("options") or {}
    staffed = staff_plan(
        folder.targets,
        folder.profile,
        [task.given / name for name in inputs["files"]],
        wishes=wishes,
        crs=options.get("crs"),
        columns=options.get("columns"),
        limits=task.limits,
        cancel=task.cancel,
        notify=task.phase,
    )
    answers = [answer for word in inputs.get("who_could_take") or () for answer in who_could(staffed, word)]
    task.phase("write")
    write_staffing_folder(staffed, task.made, engine, planned=folder.planned, sheets=bool(inputs.get("sheets")))
    told = staffing_to_json(staffed, engine)
    told["people"] = _people(staffed)
    told["empty"] = {role: document_of(posts) for role, posts in staffed.empty.items()}
    told["norms"] = document_of(staffed.norms)
    told["who_could_take"] = document_of(answers)
    told["notices"] = [fault_to_stored(notice) for notice in staffed.notices]
    write_json(task.made / STAFFING, told)
    return Outcome(result={"posts": len(told["posted"])}, plan={}, stop_reason=told["stop_reason"])


def takers(task: Task) -> Outcome:
    """Who could take a target of a staffed plan, best first; nothing is stored but the answer."""
    task.phase("read")
    inputs, home = task.inputs, task.given / "plan"
    targets, profile = plan_targets(home, None)
    posted = read_previous(home / "staffing.json")
    options = inputs.get("options") or {}
    answers = who_could_instead(
        targets,
        profile,
        [task.given / name for name in inputs["files"]],
        posted,
        inputs["target"],
        locks=[(pair["person"], pair["target"]) for pair in inputs.get("locks") or ()],
        crs=options.get("crs"),
        columns=options.get("columns"),
    )
    write_json(task.made / TAKERS, document_of(answers))
    return Outcome(result={"choices": sum(len(answer.choices) for answer in answers)})


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
