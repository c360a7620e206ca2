"""What a planner is told where no lawful plan was found: how many households are outside, how few it could be, what to
try."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from partitioner.errors import Text
from partitioner.model import IntArray, Problem, Violation
from partitioner.solver.answers import PieceAnswer
from partitioner.solver.prechecks import area_name, counted
from partitioner.solver.tasks import Task


def notes_on(problem: Problem, tasks: Sequence[Task], answers: Sequence[PieceAnswer]) -> tuple[Violation, ...]:
    """One note for every piece whose plan is not lawful, in the order of the answers."""
    return tuple(_note(problem, tasks[answer.position], answer) for answer in answers if not answer.lawful)


def _note(problem: Problem, task: Task, answer: PieceAnswer) -> Violation:
    bounds, units, slot = problem.bounds, task.units, answer.slots
    load = np.bincount(slot, weights=problem.units.households[units]).astype(np.int64)
    used = np.bincount(slot) > 0
    below, above = np.maximum(0, bounds.min - load) * used, np.maximum(0, load - bounds.max)
    outside = (below + above)[slot] > 0
    proved = answer.state == "infeasible"
    return Violation(
        rule="size_max" if int(above.sum()) > int(below.sum()) else "size_min",
        grid=None,
        units=tuple(problem.units.id[unit] for unit in units[outside].tolist()),
        amount=answer.least_outside if proved else answer.misfit,
        message=(_least if proved else _not_found)(_where(problem, task), answer, int(((below + above) > 0).sum())),
        remedy=_remedy(problem, answer, load[used], proved),
    )


def _where(problem: Problem, task: Task) -> Text:
    name, num = area_name(problem, task.parent), len(task.units)
    return Text(f"{name.zh}（{num} 栋楼）", f"{name.en} ({counted(num)})")


def _households(num: int) -> str:
    return "1 household" if num == 1 else f"{num} households"


def _least(where: Text, answer: PieceAnswer, _: int) -> Text:
    """What is proved about the least possible."""
    least, left = answer.least_outside, answer.misfit
    some, these = _households(least), _households(left)
    if answer.broken or least == 0:
        return Text(
            f"{where.zh}：本方案有 {left} 户在户数上下限之外，至少须有多少户尚不清楚",
            f"{where.en}: this plan leaves {these} outside the bounds; how few are possible is not known",
        )
    if left <= least:
        return Text(
            f"{where.zh}：至少 {least} 户只能留在户数上下限之外；本方案正好 {left} 户，已证明最少",
            f"{where.en}: at least {some} must stay outside the bounds; this plan leaves {left}, which is proved least",
        )
    return Text(
        f"{where.zh}：至少 {least} 户只能留在户数上下限之外（已证明）；本方案有 {left} 户",
        f"{where.en}: at least {some} must stay outside the bounds (proved); this plan leaves {left}",
    )


def _not_found(where: Text, answer: PieceAnswer, grids: int) -> Text:
    """What is missing where nothing is proved."""
    left, broken = answer.misfit, answer.broken
    rules = "rule" if broken == 1 else "rules"
    more_zh = f"，另违反 {broken} 条规则" if broken else ""
    more_en = f" and breaks {broken} other {rules}" if broken else ""
    among = "1 grid" if grids == 1 else f"{grids} grids"
    return Text(
        f"{where.zh}：没有找到合规方案，也没有证明它不存在；"
        f"最好的方案有 {grids} 个网格共 {left} 户在上下限之外{more_zh}",
        f"{where.en}: no lawful plan was found, nor proved impossible; the best one leaves {_households(left)} outside "
        f"the bounds in {among}{more_en}",
    )


def _remedy(problem: Problem, answer: PieceAnswer, load: IntArray, proved: bool) -> Text:
    """More time, unless there is nothing to find, and the bounds with which this very plan is lawful."""
    zh, en = [], []
    if not proved:
        zh.append("延长时间上限再求解")
        en.append("allow more time")
    if answer.broken:
        zh.append("放宽列在违规中的规则")
        en.append("lift a rule that the violations name")
    if answer.misfit:
        low, high = min(problem.bounds.min, int(load.min())), max(problem.bounds.max, int(load.max()))
        zh.append(f"把上下限放宽到 {low}–{high} 户，本方案的户数即合规")
        en.append(f"widen the bounds to {low}–{high}, with which the sizes of this plan are lawful")
        if int(load.max()) > problem.bounds.max:
            zh.append("按单元或楼层拆分大楼")
            en.append("cut large buildings by stairwells or floors")
    return Text("；或".join(zh), ", or ".join(en))
