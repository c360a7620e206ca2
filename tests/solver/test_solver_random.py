"""Random instances: every plan is judged again by the plain scorer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from strategies import random_problem

from datasets.instances import community, village
from partitioner.model import Labels, Problem, Weights
from partitioner.scoring import explain, score, validate
from partitioner.solver import Limits, solve

SEEDS = range(1_000, 1_200)
BATCH = 40


def check(problem: Problem, limits: Limits) -> str:
    """Solve and judge again; what the solver says must be what the scorer finds."""
    result = solve(problem, limits)
    objective = score(problem, result.plan)
    violations, warnings = validate(problem, result.plan)
    assert result.objective == objective
    assert (result.violations, result.warnings) == (violations, warnings)
    assert explain(problem, result.plan).objective == objective
    assert (result.plan.grid.code >= 0).all()
    assert (result.status in ("optimal", "feasible")) == (not violations)
    if result.bound is not None and not violations:
        assert 0 <= result.bound <= objective.total
        assert result.gap == pytest.approx(
            0 if objective.total == 0 else (objective.total - result.bound) / objective.total
        )
    previous = set(problem.units.previous.names)
    for name, members in zip(result.plan.grid.names, result.plan.grid.members(), strict=True):
        if name in previous:  # a grid carries on a previous one only with some of its households
            stays = problem.units.previous.code[members] == problem.units.previous.names.index(name)
            assert problem.units.households[members][stays].sum() > 0
    return result.status


@pytest.mark.parametrize("first", range(SEEDS.start, SEEDS.stop, BATCH))
def test_plans_of_random_problems_are_what_the_solver_says(first: int) -> None:
    statuses = [
        check(random_problem(seed, max_units=40), Limits(step_limit=20_000, seed=seed, threads=1))
        for seed in range(first, first + BATCH)
    ]
    assert sum(status in ("optimal", "feasible") for status in statuses) >= BATCH // 8


@pytest.mark.parametrize("seed", range(6))
def test_communities_with_previous_grids_are_redrawn_honestly(seed: int) -> None:
    base = community(seed)
    rng = np.random.default_rng(seed)
    first = solve(base, Limits(step_limit=30_000, seed=seed, threads=1)).plan.grid.values()
    previous = Labels(None if rng.random() < 0.1 else f"旧{label}" for label in first)
    households = base.units.households + rng.integers(0, 8, len(base.units))
    problem = replace(
        base,
        units=replace(base.units, previous=previous, households=households),
        weights=Weights(move=200.0),
    )
    check(problem, Limits(step_limit=60_000, seed=seed, threads=1))


def test_villages_of_many_small_houses_are_planned() -> None:
    assert check(village(0, 500), Limits(step_limit=200_000, threads=2)) in ("optimal", "feasible")
