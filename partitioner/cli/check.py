"""`wangge check`: score a plan again, or judge one drawn by hand, and list every rule it breaks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from partitioner.cli.drawn import Crs, LabelColumn, OfLevel, level_of, read_labels, tell_notices
from partitioner.cli.options import AsJson, Lang
from partitioner.cli.speaking import BROKEN, FOUND, Voice, fault_document, telling_faults, voice
from partitioner.cli.summary import tell_violations, violation_document
from partitioner.errors import Fault, InputError, Place, Text
from partitioner.io.reading.planned_folder import read_planned
from partitioner.io.writing import PlannedCounty
from partitioner.model import Objective, Plan, Problem, Violation
from partitioner.model.plan_json import read_plan
from partitioner.model.problem_json import read_problem
from partitioner.scoring import score, validate


@dataclass(frozen=True, kw_only=True)
class _Judged:
    """A plan and what is to be said of it. `beside` is the plan of the folder that it may be compared with."""

    plan: Plan
    objective: Objective
    violations: tuple[Violation, ...]
    warnings: tuple[Violation, ...]
    notices: tuple[Fault, ...] = ()
    beside: PlannedCounty | None = None


def check(
    problem: Annotated[
        Path, typer.Argument(help="wangge-problem/1，或方案目录 · or the folder of a plan", show_default=False)
    ],
    plan: Annotated[
        str | None,
        typer.Argument(
            help="wangge-plan/1；方案目录时也可为手绘网格的图层或台账 · for a folder also a drawn layer or ledger",
            show_default=False,
        ),
    ] = None,
    level: OfLevel = None,
    label: LabelColumn = None,
    crs: Crs = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """复核方案：目标值与全部违规；合规为 0，违规为 1 · Score a plan again: 0 lawful, 1 rules broken."""
    speaker = voice(lang, as_json)
    with telling_faults(speaker):
        judged = _of_folder(problem, plan, level, label, crs, speaker) if problem.is_dir() else _of_files(problem, plan)
    if as_json:
        speaker.document(_document(judged))
    else:
        _tell(speaker, judged)
    raise typer.Exit(BROKEN if judged.violations else FOUND)


def _of_files(problem: Path, plan: str | None) -> _Judged:
    if plan is None:
        message = Text("还缺方案文件", "the plan is missing")
        remedy = Text(
            "请给出 plan.json；复核手绘网格请先给方案目录",
            "give a plan.json; to judge a drawn plan give a planned folder first",
        )
        raise InputError([Fault(rule="plan_missing", place=Place(file=str(problem)), message=message, remedy=remedy)])
    return _judged(read_problem(problem), read_plan(plan))


def _of_folder(
    folder: Path, plan: str | None, level: str | None, label: str | None, crs: str | None, speaker: Voice
) -> _Judged:
    chosen = level_of(read_planned(folder), level)
    if plan is None:
        return _judged(chosen.problem, chosen.result.plan, beside=chosen)
    drawn = read_labels(plan, chosen, label, crs)
    tell_notices(speaker, drawn)
    return _judged(chosen.problem, Plan(grid=drawn.grid), notices=drawn.notices, beside=chosen)


def _judged(
    problem: Problem, plan: Plan, *, notices: tuple[Fault, ...] = (), beside: PlannedCounty | None = None
) -> _Judged:
    objective = score(problem, plan)
    violations, warnings = validate(problem, plan)
    return _Judged(
        plan=plan, objective=objective, violations=violations, warnings=warnings, notices=notices, beside=beside
    )


def _document(judged: _Judged) -> dict[str, Any]:
    document = {
        "lawful": not judged.violations,
        "num_grids": len(judged.plan.grid.names),
        "objective": {t: getattr(judged.objective, t) for t in ("walk", "split", "balance", "move", "total")},
        "violations": [violation_document(v) for v in judged.violations],
        "warnings": [violation_document(v) for v in judged.warnings],
    }
    if judged.beside is not None:
        result = judged.beside.result
        document["notices"] = [fault_document(notice) for notice in judged.notices]
        document["best_known"] = {
            "total": result.objective.total, "bound": result.bound, "status": result.status,
            "num_violations": len(result.violations),
        }  # fmt: skip
    return document


def _tell(speaker: Voice, judged: _Judged) -> None:
    violations, objective = judged.violations, judged.objective
    verdict = (
        speaker.text(
            f"违规 {len(violations)} 处",
            "not lawful: " + ("1 violation" if len(violations) == 1 else f"{len(violations)} violations"),
        )
        if violations
        else speaker.text("合规：所有规则都满足", "lawful: every rule holds")
    )
    speaker.out.print(verdict, style="red bold" if violations else "green bold")
    terms = (
        f"{objective.total:,.2f} (walk {objective.walk:,.2f}, split {objective.split:,}, "
        f"balance {objective.balance:,.1f}, move {objective.move:,})"
    )
    grids = len(judged.plan.grid.names)
    speaker.out.print(
        speaker.text(f"{grids} 个网格，目标值 {terms}", f"{grids} grids, objective {terms}"), markup=False
    )
    _tell_beside(speaker, judged)
    tell_violations(speaker, "违规", "Violations", violations, most=None)
    tell_violations(speaker, "提示（锁定网格）", "Warnings (locked grids)", judged.warnings, most=None)


def _tell_beside(speaker: Voice, judged: _Judged) -> None:
    """How far from the plan of the folder, and from what no plan can beat."""
    if judged.beside is None:
        return
    result, total = judged.beside.result, judged.objective.total
    if judged.plan.grid != result.plan.grid:
        best = result.objective.total
        more = f"{(total - best) / best:+.1%}" if best else "–"
        speaker.out.print(
            speaker.text(
                f"方案目录中的方案为 {best:,.2f}（本方案 {more}）",
                f"the plan of the folder: {best:,.2f} (this one {more})",
            )
        )
    if result.bound is not None and total:
        gap = max(0.0, (total - result.bound) / total)
        speaker.out.print(
            speaker.text(
                f"任何合规方案都不低于 {result.bound:,.2f}，本方案至多还可改进 {gap:.1%}",
                f"no lawful plan is below {result.bound:,.2f}: at most {gap:.1%} could be gained",
            )
        )
