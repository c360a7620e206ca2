"""`export`: further files of a stored plan."""

from __future__ import annotations

from partitioner.io.reading.planned_folder import read_planned
from partitioner.io.writing import write_sheets
from partitioner.io.writing.duty import write_duty_sheets
from service.jobs.kinds.posts import posted_again
from service.jobs.task import Outcome, Task

SHEETS, DUTY = "sheets.pdf", "duty.pdf"
"""What is drawn on request only."""


def export(task: Task) -> Outcome:
    """The sheets of every grid, and on request its duty sheet."""
    task.phase("read")
    planned = read_planned(task.given / "plan")
    task.phase("write")

    def tell(done: int, of: int) -> None:
        task.say({"event": "progress", "phase": "write", "progress": {"done": done, "pieces": of}})

    write_sheets(planned, task.made / SHEETS, progress=tell)
    if not task.inputs.get("duty"):
        return Outcome(result={"files": [SHEETS]})
    write_duty_sheets(planned, posted_again(task, planned), task.made / DUTY, progress=tell)
    return Outcome(result={"files": [SHEETS, DUTY]})
