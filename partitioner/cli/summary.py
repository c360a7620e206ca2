"""A result for people (a table) and for programs (a JSON document)."""

from __future__ import annotations

from typing import Any

import numpy as np
from rich.table import Table

from partitioner.cli.speaking import FOUND, INFEASIBLE, NOTHING_FOUND, Voice
from partitioner.errors import Text
from partitioner.model import IntArray, Problem, Result, Violation

STATUS = {
    "optimal": Text("已证明最优", "proved optimal"),
    "feasible": Text("合规，最优性未证明", "lawful, not proved optimal"),
    "infeasible": Text("已证明无合规方案，给出违规最少者", "no lawful plan exists; this one breaks least"),
    "unknown": Text("时限内未找到合规方案", "no lawful plan found in time"),
}
STOP = {
    "proved": Text("已全部证明", "everything proved"),
    "time_limit": Text("到达时限", "time limit"),
    "step_limit": Text("到达步数上限", "step limit"),
    "cancelled": Text("被中止", "cancelled"),
    "stalled": Text("不再有改进", "nothing got better any more"),
}
MAX_SHOWN = 10
"""Violations that the terminal lists; plan.json, the report and the ledger hold them all."""


def exit_code(result: Result) -> int:
    """0 plan found, 3 proved infeasible, 4 nothing found in time."""
    return {"infeasible": INFEASIBLE, "unknown": NOTHING_FOUND}.get(result.status, FOUND)


def sizes(problem: Problem, result: Result) -> IntArray:
    """Households of every grid, ascending; without locked grids, which no bound holds."""
    locked = set(problem.locked)
    households = problem.units.households
    free = [m for m in result.plan.grid.members() if tuple(m.tolist()) not in locked]
    return np.sort(np.array([int(households[m].sum()) for m in free], dtype=np.int64))


def tell(speaker: Voice, problem: Problem, result: Result, files: list[str]) -> None:
    """Print `result` the way the voice wants it."""
    if speaker.as_json:
        speaker.document(result_document(problem, result, files))
    elif not speaker.quiet:
        _tell_people(speaker, problem, result, files)


def result_document(problem: Problem, result: Result, files: list[str]) -> dict[str, Any]:
    """What `--json` prints."""
    households = sizes(problem, result)
    objective = result.objective
    return {
        "problem": problem.name,
        "status": result.status,
        "stop_reason": result.stop_reason,
        "num_units": len(problem.units),
        "households": int(problem.units.households.sum()),
        "num_grids": len(result.plan.grid.names),
        "grid_households": {
            "min": int(households.min(initial=0) if not len(households) else households[0]),
            "median": float(np.median(households)) if len(households) else 0.0,
            "max": int(households[-1]) if len(households) else 0,
        },
        "objective": {
            "walk": objective.walk,
            "split": objective.split,
            "balance": objective.balance,
            "move": objective.move,
            "total": objective.total,
        },
        "bound": result.bound,
        "gap": result.gap,
        "num_violations": len(result.violations),
        "num_warnings": len(result.warnings),
        "reasons": [violation_document(reason) for reason in result.reasons],
        "notes": [violation_document(note) for note in result.notes],
        "seconds": result.seconds,
        "seed": result.seed,
        "engine": result.engine,
        "files": files,
    }


def violation_document(violation: Violation) -> dict[str, Any]:
    """A violation for `--json`."""
    return {
        "rule": violation.rule,
        "grid": violation.grid,
        "units": list(violation.units),
        "amount": violation.amount,
        "message": {"zh": violation.message.zh, "en": violation.message.en},
        "remedy": {"zh": violation.remedy.zh, "en": violation.remedy.en},
    }


def gap_in_words(result: Result) -> Text:
    """How far the plan can be from the best possible one."""
    if result.status == "optimal":
        return Text("没有更好的方案", "no better plan exists")
    if result.gap is None:
        return Text("未知", "not known")
    return Text(f"距最好的可能方案至多 {result.gap:.2%}", f"at most {result.gap:.2%} from the best possible plan")


def _tell_people(speaker: Voice, problem: Problem, result: Result, files: list[str]) -> None:
    table = Table(show_header=False, box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for label, value in _summary(problem, result):
        table.add_row(label.in_language(speaker.language), speaker.stacked(value))
    speaker.out.print(table)
    tell_violations(speaker, "无合规方案的原因", "Why no lawful plan exists", result.reasons)
    tell_violations(speaker, "违规", "Violations", result.violations)
    tell_violations(speaker, "还差多少", "How far it is from lawful", result.notes)
    tell_violations(speaker, "提示（锁定网格）", "Warnings (locked grids)", result.warnings)
    if files:
        speaker.out.print(speaker.text("文件：", "files:"), markup=False)
        for file in files:
            speaker.out.print(f"  {file}", markup=False)


def _summary(problem: Problem, result: Result) -> list[tuple[Text, Text]]:
    """Labels and values, none wider than half a terminal."""
    households, terms = sizes(problem, result), result.objective
    lines = [
        (Text("结果", "result"), STATUS[result.status]),
        (Text("结束原因", "ended because"), STOP[result.stop_reason]),
        (Text("划分对象（楼栋）", "units"), _number(len(problem.units))),
        (Text("户数", "households"), _number(int(problem.units.households.sum()))),
        (Text("网格数", "grids"), _number(len(result.plan.grid.names))),
    ]
    if len(households):
        span, middle = f"{households[0]:,}–{households[-1]:,}", f"{np.median(households):,.0f}"
        words = Text(f"{span}（中位数 {middle}）", f"{span} (median {middle})")
        lines.append((Text("每格户数", "households per grid"), words))
    if problem.locked:
        lines.append((Text("锁定网格（含专属）", "locked grids"), _number(len(problem.locked))))
    lines += [
        (Text("目标值", "objective"), _number(terms.total)),
        (Text("· 步行（户·米）", "· walk"), _number(terms.walk)),
        (Text("· 拆分（次）", "· split"), _number(terms.split)),
        (Text("· 偏离目标（户）", "· balance"), _number(terms.balance)),
    ]
    if problem.units.previous.names:
        lines.append((Text("· 变动（户）", "· move"), _number(terms.move)))
    if result.bound is not None:
        lines.append((Text("下界", "bound"), _number(result.bound)))
    if result.status != "infeasible":
        lines.append((Text("与最优的差距", "gap"), gap_in_words(result)))
    if result.seconds:
        lines.append((Text("求解用时（秒）", "seconds"), _number(result.seconds, 1)))
    return lines


def _number(value: float, digits: int = 0) -> Text:
    shown = f"{value:,.{digits}f}"
    return Text(shown, shown)


def tell_violations(
    speaker: Voice, zh: str, en: str, violations: tuple[Violation, ...], *, most: int | None = MAX_SHOWN
) -> None:
    """A heading and the first `most` violations with their remedies; None is all of them."""
    if not violations:
        return
    speaker.out.print(f"{speaker.text(zh, en)} ({len(violations)})", style="bold")
    for violation in violations[:most]:
        told = Text(
            f"{violation.message.zh} → {violation.remedy.zh}", f"{violation.message.en} → {violation.remedy.en}"
        )
        speaker.out.print(f"  • {speaker.stacked(told, '    ')} [{violation.rule}]", markup=False)
    rest = 0 if most is None else len(violations) - most
    if rest > 0:
        speaker.out.print(speaker.text(f"  ……另有 {rest} 条", f"  … and {rest} more"), markup=False)
