"""`export`: further files of a stored plan."""

from __future__ import annotations

from partitioner.io.reading.planned_folder import read_planned
from partitioner.io.writing import write_sheets
from service.jobs.task import Outcome, Task

FILES = ("sheets.pdf",)
"""What is drawn on request only."""


def export(task: Task) -> Outcome:
    """The sheets of every grid."""
    task.phase("read")
    planned = read_planned(task.given / "plan")
    task.phase("write")

    def tell(done: int, of: int) -> None:
        task.say({"event": "progress", "phase": "write", "progress": {"done": done, "pieces": of}})

    write_sheets(planned, task.made / "sheets.pdf", progress=tell)
    return Outcome(result={"files": list(FILES)})
