"""The community level: compounds are kept whole first, and opened only where no lawful plan was found that way."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from partitioner.errors import Fault, Text
from partitioner.io.assembly import Assembled
from partitioner.levels.compounds import CommunityProblem, Grain, community_problem
from partitioner.levels.contraction import pieces
from partitioner.levels.part_solver import Solve
from partitioner.model import IntArray, Labels, Plan, Problem, Result
from partitioner.profiles import Level
from partitioner.solver import Cancel, Limits, Observer, solve
from partitioner.solver.warm_up import ready

MAX_ROUNDS = 4
"""Compounds whole; their neighbours in blocks; these as buildings; and once more around what is left."""

FIRST_SHARE = 0.6
"""Part of what is left of time or steps that a round may use, but for the last."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Communities:
    """The communities of a county.

    Parameters
    ----------
    asked : CommunityProblem
        The problem that `result` answers.
    notices : tuple of Fault
        Compounds that could not be, or were not, handed over whole, and in how many communities they ended.
    """

    asked: CommunityProblem
    result: Result
    notices: tuple[Fault, ...]

    def label_of_home(self) -> list[str | None]:
        """Community of every unit of the assembled problem."""
        return labels_of_homes(self.asked, self.result)


def labels_of_homes(asked: CommunityProblem, result: Result) -> list[str | None]:
    """Community of every inhabited building."""
    return [result.plan.grid.at(unit) for unit in asked.unit_of_home.tolist()]


def plan_over(asked: CommunityProblem, labels: Sequence[str | None]) -> Plan:
    """Communities of inhabited buildings as a plan; a unit lies where its lowest building does."""
    first = np.unique(asked.unit_of_home, return_index=True)[1]
    return Plan(grid=Labels(labels[home] for home in first.tolist()))


def solve_communities(
    assembled: Assembled,
    level: Level,
    limits: Limits | None = None,
    observer: Observer | None = None,
    cancel: Cancel | None = None,
    *,
    num_communities: int | None = None,
    solver: Solve = solve,
) -> Communities:
    """Draw communities.

    Where the plan with whole compounds is not lawful, the compounds around the trouble are opened into blocks, then
    into buildings, and the level is solved again; nothing is opened where the number of households alone rules a
    lawful plan out. The plan with the fewest violations is kept.
    """
    limits = limits or Limits()
    ready()  # compiling, once after an update, is nobody's time
    began = time.monotonic()
    spent = 0
    asked = community_problem(assembled, level, num_communities=num_communities)
    best = asked, solver(asked.problem, _share(limits, 0.0, spent, last=False), observer, cancel)
    for round_ in range(1, MAX_ROUNDS):
        grain = _finer(assembled, *best)
        if grain is None or (cancel is not None and cancel.event.is_set()):
            break
        spent += _steps(limits, spent)
        allowed = _share(limits, time.monotonic() - began, spent, last=round_ == MAX_ROUNDS - 1)
        asked = community_problem(assembled, level, grain=grain, num_communities=num_communities)
        start = plan_over(asked, labels_of_homes(*best))
        found = asked, solver(asked.problem, allowed, observer, cancel, start=start)
        if _amount(found[1]) <= _amount(best[1]):
            best = found
        else:
            break
    asked, result = best
    if limits.step_limit is None:
        result = replace(result, seconds=round(time.monotonic() - began, 3))
    notices = (*asked.notices, *opened_notices(assembled, asked, result))
    if result.status == "infeasible" and _trouble(asked.problem, result).any() and _coarse(asked):
        notices += (_proof_of_units(asked),)
    return Communities(asked=asked, result=result, notices=notices)


def _steps(limits: Limits, spent: int) -> int:
    return 0 if limits.step_limit is None else int((limits.step_limit - spent) * FIRST_SHARE)


def _share(limits: Limits, passed_s: float, spent: int, *, last: bool) -> Limits:
    """What the next round may use."""
    share = 1.0 if last else FIRST_SHARE
    left_s = None if limits.time_limit_s is None else max(0.0, limits.time_limit_s - passed_s) * share
    steps = None if limits.step_limit is None else int((limits.step_limit - spent) * share)
    return replace(limits, time_limit_s=left_s, step_limit=steps)


def _amount(result: Result) -> float:
    """How much is broken, whatever the rule; 0 in a lawful plan."""
    return sum(violation.amount for violation in result.violations)


def _finer(assembled: Assembled, asked: CommunityProblem, result: Result) -> IntArray | None:
    """The grain with the compounds and blocks around the trouble opened one step; None where that cannot help."""
    trouble = _trouble(asked.problem, result)
    if not trouble.any():
        return None
    graph, parent = asked.problem.graph, asked.problem.units.parent.code
    near = trouble.copy()
    same = parent[graph.u] == parent[graph.v]
    near[graph.v[same & trouble[graph.u]]] = True
    near[graph.u[same & trouble[graph.v]]] = True
    here = near[asked.unit_of_home]
    group = assembled.problem.units.group.code
    here |= (group >= 0) & np.isin(group, group[here & (asked.grain == Grain.COMPOUND)])
    grain = np.where(here, np.minimum(asked.grain + 1, Grain.BUILDING), asked.grain)
    return None if (grain == asked.grain).all() else grain


def _trouble(problem: Problem, result: Result) -> npt.NDArray[np.bool_]:
    """Units of unlawful communities, and those that prove that there is no lawful plan."""
    labels = result.plan.grid
    position = problem.units.position()
    wrong = {violation.grid for violation in result.violations if violation.grid is not None}
    found = np.isin(labels.code, [code for code, name in enumerate(labels.names) if name in wrong])
    named = [v for v in (*result.violations, *result.reasons) if result.violations]
    found[[position[unit] for violation in named for unit in violation.units]] = True
    return np.asarray(found & _possible(problem), dtype=np.bool_)


def _possible(problem: Problem) -> npt.NDArray[np.bool_]:
    """Units of connected parts whose households fit a whole number of communities."""
    graph, units = problem.graph, problem.units
    same = units.parent.code[graph.u] == units.parent.code[graph.v]
    part = pieces(len(units), graph.u[same], graph.v[same])
    total = np.bincount(part, weights=units.households)
    fewest = np.maximum(np.ceil(total / problem.bounds.max), 1)
    return np.asarray((fewest * problem.bounds.min <= total)[part], dtype=np.bool_)


def _coarse(asked: CommunityProblem) -> int:
    """How many units hold several buildings."""
    return int((np.bincount(asked.unit_of_home) > 1).sum())


def _proof_of_units(asked: CommunityProblem) -> Fault:
    whole = _coarse(asked)
    return Fault(
        rule="proof_of_units",
        message=Text(
            f"“没有合规方案”的证明以小区和楼栋群为单位（其中 {whole} 个含多栋楼），再拆细也许仍有方案",
            f"that no lawful plan exists is proved for compounds and blocks as they are ({whole} of them hold several "
            "buildings); cutting more of them might still allow one",
        ),
        remedy=Text("请放宽户数上下限，或提供更细的小区划分", "widen the bounds, or name smaller compounds"),
    )


def opened_notices(assembled: Assembled, asked: CommunityProblem, result: Result) -> tuple[Fault, ...]:
    """Compounds that would fit into one community but were opened, and what became of them."""
    group = assembled.problem.units.group
    above = {notice.value for notice in asked.notices}
    label = result.plan.grid.code[asked.unit_of_home]
    faults = []
    for code in np.unique(group.code[(group.code >= 0) & (asked.grain > Grain.COMPOUND)]).tolist():
        name = group.names[code]
        if name in above:
            continue
        num = len(np.unique(label[group.code == code]))
        end_zh = "最终仍在一个社区内" if num == 1 else f"最终分在 {num} 个社区"
        end_en = "it ended in one community all the same" if num == 1 else f"it ended in {num} communities"
        faults.append(
            Fault(
                rule="compound_opened",
                value=name,
                message=Text(
                    f"小区都保持完整时，这一带没有找到合规方案，因此允许拆分该小区；{end_zh}",
                    f"with all compounds whole no lawful plan was found around here, so it might be cut; {end_en}",
                ),
                remedy=Text(
                    "如不应拆分，请放宽户数上下限，或调整街道边界",
                    "if it must stay whole, widen the bounds or move a township line",
                ),
            )
        )
    return tuple(faults)
