"""`staff`: people posted to the areas of a plan."""

from __future__ import annotations

from partitioner import __version__
from partitioner.io.reading.previous_staffing import read_previous
from partitioner.io.staffing_json import staffing_to_json
from partitioner.io.writing.staffing_folder import write_staffing_folder
from partitioner.posting import Wishes, plan_targets, staff_plan, who_could
from service.errors import fault_to_stored
from service.jobs.documents import document_of
from service.jobs.task import Outcome, Task, write_json

STAFFING = "_staffing.json"


def staff(task: Task) -> Outcome:
    """A version of the plan with its assignment; people appear by number only."""
    task.phase("read")
    inputs, engine = task.inputs, f"wangge {__version__}"
    home = task.given / "plan"
    targets, rules = plan_targets(home, None)
    earlier = read_previous(home / "staffing.json") if (home / "staffing.json").is_file() else None
    wishes = Wishes(
        previous=earlier,
        locks=tuple((pair["person"], pair["target"]) for pair in inputs.get("locks") or ()),
        absent=tuple(inputs.get("absent") or ()),
    )
    options = inputs.get("options") or {}
    staffed = staff_plan(
        targets,
        rules,
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
    write_staffing_folder(staffed, task.made, engine)
    told = staffing_to_json(staffed, engine)
    told["norms"] = document_of(staffed.norms)
    told["who_could_take"] = document_of(answers)
    told["notices"] = [fault_to_stored(notice) for notice in staffed.notices]
    write_json(task.made / STAFFING, told)
    return Outcome(result={"posts": len(told["posted"])}, plan={}, stop_reason=told["stop_reason"])
