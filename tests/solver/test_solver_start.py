"""Starting from a plan: it fixes nothing, and nothing worse is returned."""

from __future__ import annotations

import pytest
from strategies import random_problem

from datasets.instances import community, town
from partitioner.model import Labels, Plan
from partitioner.scoring import score, validate
from partitioner.solver import Cancel, Limits, solve


@pytest.mark.parametrize("seed", range(3))
def test_a_run_without_time_returns_the_plan_that_it_was_given(seed: int) -> None:
    problem = town(seed)
    known = solve(problem, Limits(step_limit=400_000, seed=seed))
    again = solve(problem, Limits(step_limit=0, seed=seed + 1), start=known.plan)
    assert again.objective.total <= known.objective.total * (1 + 1e-9)
    assert not again.violations


def test_a_poor_start_does_not_keep_the_best_plan_away() -> None:
    problem = community(3)
    best = solve(problem, Limits(seed=0, threads=1))
    assert best.status == "optimal"
    poor = Plan(grid=Labels(["one"] * len(problem.units)))
    found = solve(problem, Limits(seed=0, threads=1), start=poor)
    assert found.status == "optimal"
    assert found.objective.total == pytest.approx(best.objective.total)


@pytest.mark.parametrize("seed", range(60))
def test_any_labels_may_be_given(seed: int) -> None:
    """Torn grids, missing labels, labels across parents: the result is judged as ever."""
    problem = random_problem(seed)
    labels = [None if (k + seed) % 5 == 0 else f"g{(k * 7 + seed) % 3}" for k in range(len(problem.units))]
    start = Plan(grid=Labels(labels))
    free = solve(problem, Limits(step_limit=20_000, seed=seed))
    given = solve(problem, Limits(step_limit=20_000, seed=seed), start=start)
    assert given.violations == validate(problem, given.plan)[0]
    assert given.objective == score(problem, given.plan)
    assert (given.status in ("optimal", "feasible")) == (not given.violations)
    if free.status == "optimal" and given.status == "optimal":
        assert given.objective.total == pytest.approx(free.objective.total)


def test_a_cancelled_run_keeps_its_start() -> None:
    problem = community(5)
    known = solve(problem, Limits(step_limit=200_000))
    cancel = Cancel()
    cancel.set()
    kept = solve(problem, Limits(), None, cancel, start=known.plan)
    assert kept.objective.total <= known.objective.total * (1 + 1e-9)
