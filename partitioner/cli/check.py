"""`wangge check`: score a plan again and list every rule it breaks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from partitioner.cli.options import AsJson, Lang
from partitioner.cli.speaking import BROKEN, FOUND, Voice, telling_faults, voice
from partitioner.cli.summary import tell_violations, violation_document
from partitioner.model import Objective, Plan, Violation
from partitioner.model.plan_json import read_plan
from partitioner.model.problem_json import read_problem
from partitioner.scoring import score, validate


def check(
    problem: Annotated[Path, typer.Argument(help="wangge-problem/1", show_default=False)],
    plan: Annotated[Path, typer.Argument(help="wangge-plan/1", show_default=False)],
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """复核方案：目标值与全部违规；合规为 0，违规为 1 · Score a plan again: 0 lawful, 1 rules broken."""
    speaker = voice(lang, as_json)
    with telling_faults(speaker):
        asked, answered = read_problem(problem), read_plan(plan)
        objective = score(asked, answered)
        violations, warnings = validate(asked, answered)
    if as_json:
        speaker.document(
            {
                "lawful": not violations,
                "num_grids": len(answered.grid.names),
                "objective": {t: getattr(objective, t) for t in ("walk", "split", "balance", "move", "total")},
                "violations": [violation_document(v) for v in violations],
                "warnings": [violation_document(v) for v in warnings],
            }
        )
    else:
        _tell(speaker, answered, objective, violations, warnings)
    raise typer.Exit(BROKEN if violations else FOUND)


def _tell(
    speaker: Voice,
    plan: Plan,
    objective: Objective,
    violations: tuple[Violation, ...],
    warnings: tuple[Violation, ...],
) -> None:
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
    grids = len(plan.grid.names)
    speaker.out.print(
        speaker.text(f"{grids} 个网格，目标值 {terms}", f"{grids} grids, objective {terms}"), markup=False
    )
    tell_violations(speaker, "违规", "Violations", violations, most=None)
    tell_violations(speaker, "提示（锁定网格）", "Warnings (locked grids)", warnings, most=None)
