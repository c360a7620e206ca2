"""What a bound says of another plan of the same problem."""

from __future__ import annotations

from dataclasses import replace

from partitioner.model import Plan, Problem, Result, Status
from partitioner.model.plan_json import gap_of
from partitioner.scoring import score, validate

TOLERANCE = 1e-6
"""A plan is proved optimal when the bound reaches (1 - TOLERANCE) of its total."""


def rejudged(problem: Problem, result: Result, plan: Plan) -> Result:
    """`result` with `plan` in place of its own; the bound holds for any plan of `problem`.

    A plan that breaks a rule does not make an infeasible problem lawful, nor a lawful one infeasible.
    """
    objective = score(problem, plan)
    violations, warnings = validate(problem, plan)
    if violations:
        status: Status = "infeasible" if result.status == "infeasible" else "unknown"
        return replace(
            result, plan=plan, status=status, objective=objective, gap=None, violations=violations, warnings=warnings
        )
    if result.status == "infeasible":
        raise ValueError("a lawful plan of a problem that was proved to have none")
    bound = result.bound
    same = bound is not None and bound >= objective.total * (1 - TOLERANCE)
    return replace(
        result,
        plan=plan,
        status="optimal" if same else "feasible",
        stop_reason="proved" if same else "stalled" if result.stop_reason == "proved" else result.stop_reason,
        objective=objective,
        bound=None if bound is None else min(bound, objective.total),
        gap=None if bound is None else gap_of(objective.total, min(bound, objective.total)),
        violations=violations,
        warnings=warnings,
    )
