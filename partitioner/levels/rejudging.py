"""What is known of a problem serves other plans of it, and problems of the same units with other parents."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from partitioner.model import PieceBound, Plan, Problem, Result, Status
from partitioner.model.plan_json import gap_of
from partitioner.scoring import judged_pieces, score, validate

TOLERANCE = 1e-6
"""A plan is proved optimal when the bound reaches (1 - TOLERANCE) of its total."""


def rejudged(problem: Problem, result: Result, plan: Plan) -> Result:
    """`result` with `plan` in place of its own; bounds hold for any plan of `problem`.

    A plan that breaks a rule does not make an infeasible problem lawful, nor a lawful one infeasible.
    """
    objective = score(problem, plan)
    violations, warnings = validate(problem, plan)
    result = replace(
        result,
        plan=plan,
        objective=objective,
        violations=violations,
        warnings=warnings,
        pieces=judged_pieces(problem, plan, result.pieces, violations),
    )
    if violations:
        status: Status = "infeasible" if result.status == "infeasible" else "unknown"
        return replace(result, status=status, gap=None)
    if result.status == "infeasible":
        raise ValueError("a lawful plan of a problem that was proved to have none")
    bound = result.bound
    same = bound is not None and bound >= objective.total * (1 - TOLERANCE)
    return replace(
        result,
        status="optimal" if same else "feasible",
        stop_reason="proved" if same else "stalled" if result.stop_reason == "proved" else result.stop_reason,
        bound=None if bound is None else min(bound, objective.total),
        gap=None if bound is None else gap_of(objective.total, min(bound, objective.total)),
    )


def known_for(problem: Problem, earlier: Problem, result: Result) -> tuple[PieceBound, ...]:
    """What `result` of `earlier` says about pieces of `problem`, if they differ in parents, or counts of parents, only.

    Where counts differ, it is what is said about parents with the same count.
    """
    mine, theirs = problem.units, earlier.units
    same = (
        mine.id == theirs.id
        and np.array_equal(mine.households, theirs.households)
        and mine.group == theirs.group
        and mine.previous == theirs.previous
        and (mine.parent == theirs.parent or not (problem.count.by_parent or earlier.count.by_parent))
        and all(np.array_equal(getattr(problem.graph, n), getattr(earlier.graph, n)) for n in ("u", "v", "length_m"))
        and all(
            getattr(problem, name) == getattr(earlier, name)
            for name in ("bounds", "weights", "max_walk_m", "locked", "together", "apart")
        )
    )
    if not same:
        return ()
    return tuple(piece for piece in result.pieces if problem.count.of(piece.parent) == earlier.count.of(piece.parent))
