"""`check`: a plan scored again, with every rule that it breaks."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from partitioner.model.plan_json import read_plan
from partitioner.model.problem_json import read_problem
from partitioner.scoring import score, validate
from service.jobs.kinds.keeping import violation_document
from service.jobs.task import Outcome, Task, write_json


def check(task: Task) -> Outcome:
    """Every level that was given; the whole of it lies in `check.json`."""
    task.phase("check")
    levels = {name: _checked(task.given / pair[0], task.given / pair[1]) for name, pair in task.inputs["pairs"].items()}
    lawful = all(not level["violations"] for level in levels.values())
    write_json(task.made / "check.json", {"lawful": lawful, "levels": levels})
    num = sum(len(level["violations"]) for level in levels.values())
    return Outcome(result={"lawful": lawful, "num_violations": num})


def _checked(problem: Path, plan: Path) -> dict[str, Any]:
    asked, answered = read_problem(problem), read_plan(plan)
    objective = score(asked, answered)
    violations, warnings = validate(asked, answered)
    return {
        "lawful": not violations,
        "num_areas": len(answered.grid.names),
        "objective": asdict(objective),
        "violations": [violation_document(v) for v in violations],
        "warnings": [violation_document(v) for v in warnings],
    }
