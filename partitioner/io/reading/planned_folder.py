"""A planned folder, read back as the plan it was written from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from partitioner.errors import Fault, InputError, Place, Text
from partitioner.io import state
from partitioner.io.reading.edited_layers import edits_of
from partitioner.io.reading.state_file import State, read_state
from partitioner.io.writing.bundle import PlannedCounty, PlannedLevels
from partitioner.model import Plan, Problem, Result
from partitioner.model.json_reading import load_json
from partitioner.model.plan_json import plan_from_json
from partitioner.model.problem_json import read_problem
from partitioner.scoring import explain, score, validate

T = TypeVar("T")

TOLERANCE = 1e-6
"""By how much a total may differ, relatively, from what its labels are worth."""

_PLAN_AGAIN = Text(
    "请用原始台账和地图重新运行 wangge plan … -o 目录", "run wangge plan … -o DIR again on the original files"
)


def read_planned(folder: str | Path) -> PlannedLevels:
    """What `write_folder` was given: writing it again gives the same files.

    Raises
    ------
    InputError
        With every fault that was found: no folder, files missing or of different plans, labels that were changed by
        hand, layers of plan.gpkg that no longer say what the plan says.
    """
    home = Path(folder)
    if not home.is_dir():
        raise InputError([_fault("folder_missing", home, Text("没有这个目录", "there is no such folder"), _PLAN_AGAIN)])
    stored = read_state(home / state.FILE, _PLAN_AGAIN)
    faults: list[Fault] = []
    names = list(stored.levels)
    judged = [_collected(faults, lambda n=name: _judged(home, stored, n)) for name in names]  # type: ignore[misc]
    if faults:
        raise InputError(faults)
    levels = tuple(_planned(stored, name, *pair) for name, pair in zip(names, judged, strict=True) if pair is not None)
    planned = PlannedLevels(levels=levels, seconds=stored.seconds, source=stored.source)
    edits = edits_of(planned, home / "plan.gpkg", _PLAN_AGAIN)
    if edits:
        raise InputError(edits)
    return planned


def _collected(faults: list[Fault], read: Callable[[], T]) -> T | None:
    try:
        return read()
    except InputError as error:
        faults += error.faults
        return None


def _judged(home: Path, stored: State, level: str) -> tuple[Problem, Result]:
    """Problem and result of one level, checked against each other and the state."""
    part = f"-{level}" if len(stored.levels) > 1 else ""
    asked, answered = home / f"problem{part}.json", home / f"plan{part}.json"
    missing = [path for path in (asked, answered) if not path.is_file()]
    if missing:
        message = Text("目录里缺少这个文件", "the folder lacks this file")
        raise InputError([_fault("file_missing", path, message, _PLAN_AGAIN) for path in missing])
    problem = read_problem(asked)
    document = load_json(answered)
    plan = plan_from_json(document, file=str(answered))
    faults = list(_misfits(problem, plan, document, stored, level, asked, answered))
    if faults:
        raise InputError(faults)
    return problem, _result(problem, plan, document, stored, level)


def _misfits(
    problem: Problem, plan: Plan, document: Any, stored: State, level: str, asked: Path, answered: Path
) -> Iterator[Fault]:
    if len(plan) != len(problem.units):
        yield _fault(
            "plan_of_another_problem",
            answered,
            Text(
                f"方案有 {len(plan)} 个划分对象，{asked.name} 有 {len(problem.units)} 个，二者不是同一次运行的结果",
                f"the plan labels {len(plan)} units, {asked.name} has {len(problem.units)}: they are of different runs",
            ),
            _PLAN_AGAIN,
        )
        return
    ids = stored.unit_ids(level)
    if ids != problem.units.id:
        other = next((a for a, b in zip(problem.units.id, ids, strict=False) if a != b), f"{len(ids)}")
        yield _fault(
            "state_of_another_problem",
            asked,
            Text(
                f"与 {state.FILE} 不是同一次运行的结果（自 {other} 起不同）",
                f"it is not of the run that wrote {state.FILE} (they differ from {other} on)",
            ),
            _PLAN_AGAIN,
        )
        return
    told = document.get("objective", {}).get("total")
    worth = score(problem, plan).total
    if told is not None and abs(told - worth) > TOLERANCE * max(1.0, abs(worth)):
        yield _fault(
            "plan_edited",
            answered,
            Text(
                f"目标值写的是 {told:,.2f}，按标签计算是 {worth:,.2f}：方案或 {asked.name} 被改动过",
                f"it claims an objective of {told:,.2f}, its labels are worth {worth:,.2f}: it or {asked.name} was "
                "changed by hand",
            ),
            Text(
                "手工修改请另存，并用 wangge check 或 wangge repair 检查；原方案请恢复",
                "keep changes by hand in another file for wangge check or wangge repair, and restore this one",
            ),
        )


def _result(problem: Problem, plan: Plan, document: Any, stored: State, level: str) -> Result:
    """What the files claim of a plan, and what `scoring` finds by itself."""
    reasons, notes = stored.answers(level)
    violations, warnings = validate(problem, plan)
    status = document.get("status", "unknown")
    return Result(
        plan=plan,
        status=status,
        stop_reason=document.get("stop_reason", "stalled"),
        objective=score(problem, plan),
        bound=document.get("bound"),
        gap=document.get("gap"),
        violations=violations,
        warnings=warnings,
        reasons=reasons,
        notes=notes,
        pieces=stored.pieces(level),
        seconds=document.get("seconds", 0.0),
        seed=document.get("seed", 0),
        engine=document.get("engine", ""),
        problem=document.get("problem", ""),
    )


def _planned(stored: State, level: str, problem: Problem, result: Result) -> PlannedCounty:
    return PlannedCounty(
        county=stored.county(level),
        unit_graph=stored.unit_graph(level),
        unit_of_building=stored.unit_of_building(level),
        problem=problem,
        result=result,
        profile=stored.profile,
        level=stored.profile.level(level),
        explanation=explain(problem, result.plan),
    )


def _fault(rule: str, path: Path, message: Text, remedy: Text) -> Fault:
    return Fault(rule=rule, place=Place(file=str(path)), message=message, remedy=remedy)
