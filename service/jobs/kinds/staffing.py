"""`staff`: people posted to the areas of a plan. `takers`: who could take one of them."""

from __future__ import annotations

from partitioner.io.reading.previous_staffing import read_previous
from partitioner.posting import Wishes, plan_targets, read_plan_folder, staff_plan, who_could, who_could_instead
from service.jobs.documents import document_of
from service.jobs.kinds.posts import write_staffed
from service.jobs.task import Outcome, Task, write_json

TAKERS = "_takers.json"


def staff(task: Task) -> Outcome:
    """A version of the plan with its assignment; people appear by number only."""
    task.phase("read")
    inputs, home = task.inputs, task.given / "plan"
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
    told = write_staffed(staffed, task, planned=folder.planned, roster=staffed.roster, answers=answers)
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
