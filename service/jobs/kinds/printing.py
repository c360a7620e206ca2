"""`print`: the map of a stored plan to scale, as a file of the job."""

from __future__ import annotations

from partitioner.io.reading.planned_folder import read_planned
from partitioner.io.writing.prints import write_map
from service.jobs.task import Outcome, Task

MAP = "map.pdf"


def print_map(task: Task) -> Outcome:
    """The plan is left as it is, so that filed ones can be printed."""
    task.phase("read")
    inputs = task.inputs
    planned = read_planned(task.given / "plan")
    task.phase("write")

    def tell(done: int, of: int) -> None:
        task.say({"event": "progress", "phase": "write", "progress": {"done": done, "pieces": of}})

    sheets = write_map(
        planned,
        task.made / MAP,
        paper=inputs["paper"],
        scale=inputs.get("scale"),
        level=inputs.get("level"),
        language=inputs.get("language") or "zh",
        progress=tell,
    )
    return Outcome(result={"sheets": sheets})
