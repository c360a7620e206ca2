"""A bound holds for every plan of its problem."""

from __future__ import annotations

import pytest

from datasets.instances import community
from partitioner.levels.rejudging import rejudged
from partitioner.model import Labels, Plan
from partitioner.scoring import score
from partitioner.solver import Limits, solve


def test_the_same_plan_is_judged_the_same() -> None:
    problem = community(2)
    result = solve(problem, Limits(seed=0))
    assert result.status == "optimal"
    again = rejudged(problem, result, result.plan)
    assert (again.status, again.stop_reason, again.objective) == ("optimal", "proved", result.objective)


def test_a_worse_plan_keeps_the_bound_and_loses_the_proof() -> None:
    problem = community(3)
    best = solve(problem, Limits(seed=0))
    other = solve(problem, Limits(step_limit=500, seed=5))
    assert best.bound is not None
    assert other.objective.total > best.objective.total * (1 + 1e-6)
    told = rejudged(problem, best, other.plan)
    assert told.bound == pytest.approx(best.bound)
    if told.violations:
        assert told.status == "unknown"
    else:
        assert (told.status, told.stop_reason) == ("feasible", "stalled")
        assert told.gap == pytest.approx(1 - best.bound / score(problem, other.plan).total)


def test_a_plan_that_breaks_a_rule_is_no_answer() -> None:
    problem = community(2)
    result = solve(problem, Limits(seed=0))
    one = Plan(grid=Labels(["all"] * len(problem.units)))
    told = rejudged(problem, result, one)
    assert told.status == "unknown"
    assert told.violations
    assert told.gap is None
