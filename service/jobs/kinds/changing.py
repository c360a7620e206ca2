"""`redraw`, `trade_off`, `repair`, `finish`, `diff`: plans that follow others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from partitioner.changing import (
    Redrawing,
    curve_of,
    differences,
    frozen_by_level,
    in_system_of,
    read_retired_rows,
    redraw_plan,
    with_drawn,
    write_retired,
)
from partitioner.errors import Fault, InputError, Place, Text
from partitioner.io.reading import read_county
from partitioner.io.reading.changes import Edit
from partitioner.io.reading.changes_file import read_change_file
from partitioner.io.reading.changes_made import make_changes
from partitioner.io.reading.changes_matching import match_buildings
from partitioner.io.reading.planned_folder import read_planned
from partitioner.io.reading.retired import RETIRED_FILE, read_retired
from partitioner.io.writing import PlannedLevels
from partitioner.io.writing.naming import reference
from partitioner.io.writing.redraw import Comparison, Curve, write_changes, write_curve
from partitioner.model import Labels
from partitioner.redraw import STRICT, WEIGHTED, Frozen, Goal, capped
from service.jobs.documents import document_of
from service.jobs.kinds.held_and_locked import contradictions
from service.jobs.kinds.keeping import keep
from service.jobs.kinds.posts import carry_posts, followed_posts, write_staffed
from service.jobs.kinds.saving import judged
from service.jobs.task import Outcome, Task, write_json
from service.jobs.watching import Watch

CHANGES, CURVE = "_changes.json", "_curve.json"


def redraw(task: Task) -> Outcome:
    """The plan of today with what became of every area, and on request the trade-off."""
    watch = Watch(task)
    previous, became, done = _redrawn(task, watch)
    posts = followed_posts(task, watch, previous, became, done)
    if posts is not None:
        done = replace(done, comparison=replace(done.comparison, staff=posts.changes))
    summary = _keep(done, task)
    if posts is not None:
        write_staffed(posts.staffed, task, planned=done.planned, roster=posts.staffed.roster)
    curve = None
    if task.inputs.get("trade_off"):
        curve = _curve(done, task, watch)
        _write_curve(curve, task)
    moved = {level.name: {"moved": level.moved, "at_least": level.moved_bound} for level in done.told}
    return Outcome(result={"status": _status(done.planned), "moved": moved}, plan=summary, stop_reason=_stop(done))


def trade_off(task: Task) -> Outcome:
    """Moved households against quality; no plan is stored."""
    watch = Watch(task)
    curve = _curve(_redrawn(task, watch)[2], task, watch)
    _write_curve(curve, task)
    return Outcome(result={"points": len(curve.points)})


def repair(task: Task) -> Outcome:
    """The draft mended: every rule holds again where that is possible, and as few households as possible move."""
    return _mended(task)


def finish(task: Task) -> Outcome:
    """As `repair`, but what a hand has moved or locked stays; with `only`, all other grids stay as well."""
    inputs = task.inputs
    level, locks, only = inputs["level"], inputs["locks"], set(inputs.get("only") or [])
    grids = {label for label in inputs["labels"] if label is not None}
    kept = (set(locks["grids"]) & grids) | (grids - only if only else set())
    frozen = Frozen(
        grids=frozenset(kept),
        units=frozenset({*inputs["touched"], *locks["units"]}),
        lines=frozenset((a, b) for a, b in locks["lines"]),
    )
    return _mended(task, {level: frozen} if frozen else {})


def diff(task: Task) -> Outcome:
    """Two stored plans side by side."""
    task.phase("read")
    before, after = read_planned(task.given / "before"), read_planned(task.given / "plan")
    became: dict[str, str] = {}
    if before.source is not None and after.source is not None:
        found = match_buildings(before.source, after.source)
        became = dict(found.became) | {doubt.before: doubt.after for doubt in found.doubts}
    comparison = differences(before, after, became=became, only=task.inputs.get("level"))
    task.phase("write")
    write_changes(comparison, task.made)
    write_json(task.made / CHANGES, changes_document(comparison))
    return Outcome(result={"moved": comparison.moved})


def changes_document(comparison: Comparison) -> dict[str, Any]:
    """What a page shows of a comparison: areas and moves of every level."""
    return {
        "titles": document_of(comparison.titles),
        "levels": [
            {
                "level": level.name,
                "title": document_of(level.title),
                "moved": level.moved,
                "moved_bound": level.moved_bound,
                "scratch": level.scratch,
                "worth_before": document_of(level.worth_before),
                "worth_after": document_of(level.worth_after),
                "broken_before": level.broken_before,
                "broken_after": level.broken_after,
                "areas": document_of(level.fates),
                "moves": document_of(level.moves),
            }
            for level in comparison.levels
        ],
    }


def _redrawn(task: Task, watch: Watch) -> tuple[PlannedLevels, dict[str, str], Redrawing]:
    """The plan before, which building became which, and the plan of today."""
    watch.phase("read")
    home, inputs = task.given / "plan", task.inputs
    previous = read_planned(home)
    frozen = frozen_by_level(previous, inputs.get("freeze") or [])
    became: dict[str, str] = {}
    if inputs.get("files"):
        previous, became = _beside(task, previous)
    edits = []
    if inputs.get("changes"):
        edits = _edits(task.given / "changes.json", inputs["changes"])
    goal, weight = _goal(inputs)
    done = redraw_plan(
        previous,
        make_changes(previous, edits),
        became=became,
        goal=goal,
        weight=weight,
        frozen=frozen,
        everywhere=bool(inputs.get("mend")),
        retired=read_retired_rows(home),
        never_again=read_retired([home]),
        scratch=bool(inputs.get("compare_scratch")),
        limits=task.limits,
        observer=watch,
        cancel=task.cancel,
        notify=watch.phase,
    )
    return previous, became, done


def _edits(path: Path, changes: Sequence[Mapping[str, Any]]) -> list[Edit]:
    """The changes of a request; faults point into it, not into a file that nobody has seen."""
    write_json(path, [_row(change) for change in changes])
    try:
        edits = read_change_file(path)
        if opening := [_opens_a_file(edit) for edit in edits if edit.kind == "barrier" or _is_a_line(edit)]:
            raise InputError(opening)
    except InputError as error:
        raise InputError([_pointed(fault) for fault in error.faults]) from None
    return edits


def _is_a_line(edit: Edit) -> bool:
    return edit.kind == "bridge" and not edit.objects


def _opens_a_file(edit: Edit) -> Fault:
    """A request names no file of the server, and no address for it to fetch."""
    return Fault(
        rule="change_file",
        value=edit.value or None,
        place=edit.place,
        message=Text(
            "这种变化要从文件读取，请求里不能写文件", "this change comes from a file, and a request cannot name one"
        ),
        remedy=Text(
            "请把障碍或桥线与台账一起作为新数据导入，再按新数据调整；两栋楼之间的桥可写两个楼栋",
            "import barriers or bridges as new data along with the ledger and redraw with it; or name two buildings",
        ),
    )


def _pointed(fault: Fault) -> Fault:
    return replace(fault, place=Place(pointer=f"/inputs/changes{fault.place.pointer or ''}", column=fault.place.column))


def _row(change: Mapping[str, Any]) -> dict[str, str]:
    """A change as a row of a file: lists are written as one cell."""
    return {
        key: ",".join(map(str, value)) if isinstance(value, list) else str(value)
        for key, value in change.items()
        if value is not None
    }


def _goal(inputs: Mapping[str, Any]) -> tuple[Goal, float | None]:
    if inputs.get("cap") is not None:
        return capped(inputs["cap"]), None
    if inputs.get("weight") is not None:
        return WEIGHTED, inputs["weight"]
    return STRICT, None


def _beside(task: Task, previous: PlannedLevels) -> tuple[PlannedLevels, dict[str, str]]:
    """The previous plan with the county of today as its source, and which building became which."""
    options = task.inputs.get("options") or {}
    county = read_county(
        [task.given / name for name in task.inputs["files"]],
        crs=options.get("crs"),
        roles=options.get("roles"),
        columns=options.get("columns"),
    )
    before = previous.source or previous.levels[0].county
    county = replace(in_system_of(county, before), name=before.name)
    found = match_buildings(before, county)
    if found.doubts and not task.inputs.get("accept_matches"):
        raise InputError([_doubtful(doubt.before, doubt.after) for doubt in found.doubts])
    became = dict(found.became) | {name: f"{name} (replaced)" for name in found.replaced}
    became |= {doubt.before: doubt.after for doubt in found.doubts if doubt.before != doubt.after}
    return replace(previous, source=county), became


def _doubtful(before: str, after: str) -> Fault:
    return Fault(
        rule="match_doubtful",
        value=f"{before} → {after}",
        message=Text("新旧楼栋的对应关系不确定", "it is doubtful whether these are the same building"),
        remedy=Text(
            "若是同一栋，请改为相同编号，或用 accept_matches 全部采纳",
            "give both the same id if they are, or take all of them with accept_matches",
        ),
    )


def _mended(task: Task, frozen: Mapping[str, Frozen] | None = None) -> Outcome:
    watch = Watch(task)
    watch.phase("read")
    planned = read_planned(task.given / "plan")
    level, drawn = planned.level(task.inputs["level"]), Labels(task.inputs["labels"])
    held = (frozen or {}).get(level.level.name, Frozen())
    faults = contradictions(level.problem, level.result.plan.grid, drawn, held)
    if faults:
        raise InputError(faults)
    previous = with_drawn(planned, level.level.name, drawn)
    done = redraw_plan(
        previous,
        make_changes(previous, []),
        frozen=frozen,
        everywhere=True,
        limits=task.limits,
        observer=watch,
        cancel=task.cancel,
        notify=watch.phase,
    )
    stop = _stop(done)
    done = replace(done, planned=_released(done.planned, previous))
    summary = _keep(done, task)
    carry_posts(task, done.planned)
    return Outcome(result={"status": _status(done.planned)}, plan=summary, stop_reason=stop)


def _released(planned: PlannedLevels, previous: PlannedLevels) -> PlannedLevels:
    """What was held for this run alone is free again: only areas that were locked before stay locked."""
    before = {level.level.name: level.problem for level in previous.levels}
    levels = []
    for level in planned.levels:
        own = before[level.level.name]
        known = {frozenset(own.units.id[unit] for unit in members) for members in own.locked}
        problem = level.problem
        kept = tuple(held for held in problem.locked if frozenset(problem.units.id[unit] for unit in held) in known)
        free = len(kept) < len(problem.locked)
        levels.append(judged(level, replace(problem, locked=kept), level.result.plan) if free else level)
    return replace(planned, levels=tuple(levels))


def _keep(done: Redrawing, task: Task) -> dict[str, Any]:
    summary = keep(done.planned, task, sheets=bool(task.inputs.get("sheets")))
    write_changes(done.comparison, task.made)
    write_json(task.made / CHANGES, changes_document(done.comparison))
    if done.retired:
        write_retired(done.retired, task.made / RETIRED_FILE)
    return summary | {"moved": {level.name: level.moved for level in done.told}}


def _curve(done: Redrawing, task: Task, watch: Watch) -> Curve:
    level = reference(done.planned).level.name
    watch.phase(level)
    return curve_of(done, level, limits=task.limits, observer=watch, cancel=task.cancel)


def _write_curve(curve: Curve, task: Task) -> None:
    write_curve(curve, task.made / "trade-off.xlsx", task.made / "trade-off.png")
    told = {
        "level": curve.level.name,
        "points": document_of(curve.points),
        "fewest": curve.fewest,
        "best_quality": curve.best_quality,
    }
    write_json(task.made / CURVE, told)


def _status(planned: PlannedLevels) -> str:
    order = ("optimal", "feasible", "infeasible", "unknown")
    return max((level.result.status for level in planned.levels), key=order.index)


def _stop(done: Redrawing) -> str:
    return done.planned.levels[-1].result.stop_reason
