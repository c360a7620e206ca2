"""Tiny problems of all kinds of rules: the solver against trying everything."""

from __future__ import annotations

from contextlib import nullcontext
from functools import cache

import pytest
from enumeration import SIZES, Enumerated, enumerate_plainly, enumerate_plans
from impatience import impatient_searches
from strategies import random_problem

from partitioner.model import Problem, Result
from partitioner.scoring import score, validate
from partitioner.solver import Limits, solve

SEEDS = range(320)
BATCH = 20
"""Instances per test: few enough to find the one that fails, many enough to keep the list of tests short."""

batches = pytest.mark.parametrize("first", range(0, len(SEEDS), BATCH))


@cache
def tried(seed: int) -> Enumerated:
    return enumerate_plans(random_problem(seed))


@cache
def case(seed: int) -> tuple[Problem, Result, Enumerated]:
    """Every fourth problem with the solver's own patience, which takes ten times as long."""
    problem = random_problem(seed)
    with impatient_searches() if seed % 4 else nullcontext():
        return problem, solve(problem, Limits(seed=seed, threads=1)), tried(seed)


def cases(first: int) -> list[tuple[int, Problem, Result, Enumerated]]:
    return [(seed, *case(seed)) for seed in range(first, first + BATCH)]


def test_the_enumeration_agrees_with_brute_force_over_all_partitions() -> None:
    for seed in range(60):
        problem = random_problem(seed, max_units=5)
        fast, plain = enumerate_plans(problem), enumerate_plainly(problem)
        assert (fast.num_lawful, fast.least_misfit) == (plain.num_lawful, plain.least_misfit), seed
        assert fast.best == (None if plain.best is None else pytest.approx(plain.best, rel=1e-9, abs=1e-9)), seed


def test_the_problems_are_of_every_kind() -> None:
    enumerated = [tried(seed) for seed in SEEDS]
    assert sum(found.best is not None for found in enumerated) >= 150
    assert sum(found.best is None and found.least_misfit is not None for found in enumerated) >= 40
    assert sum(found.least_misfit is None for found in enumerated) >= 20


@batches
def test_an_optimal_plan_is_as_good_as_the_best_of_all(first: int) -> None:
    for seed, _, result, known in cases(first):
        if result.status == "optimal":
            assert result.objective.total == pytest.approx(known.best, rel=1e-6, abs=1e-6), seed


@batches
def test_no_bound_lies_above_the_best_plan(first: int) -> None:
    for seed, _, result, known in cases(first):
        if known.best is not None and result.bound is not None:
            assert result.bound <= known.best + 1e-6 * (1 + known.best), seed


@batches
def test_infeasible_is_said_only_where_no_lawful_plan_exists(first: int) -> None:
    for seed, _, result, known in cases(first):
        if result.status == "infeasible":
            assert known.best is None, seed
            assert result.reasons, seed
            assert result.bound is None, seed
        if known.best is None:
            assert result.status in ("infeasible", "unknown"), seed


@batches
def test_lawful_plans_of_tiny_problems_are_found_and_proved_best(first: int) -> None:
    for seed, _, result, known in cases(first):
        if known.best is not None:
            assert result.status in ("optimal", "feasible"), seed
            assert result.objective.total <= known.best * (1 + 1e-6) + 1e-6, seed


@batches
def test_what_the_solver_says_is_what_the_scorer_finds(first: int) -> None:
    for seed, problem, result, _ in cases(first):
        violations, warnings = validate(problem, result.plan)
        assert result.objective == score(problem, result.plan), seed
        assert (result.violations, result.warnings) == (violations, warnings), seed
        assert (result.plan.grid.code >= 0).all(), seed
        assert (result.status in ("optimal", "feasible")) == (not violations), seed


@batches
def test_a_least_violating_plan_never_beats_the_least_possible(first: int) -> None:
    for seed, _, result, known in cases(first):
        outside = sum(v.amount for v in result.violations if v.rule in SIZES)
        if known.least_misfit is not None and all(v.rule in SIZES for v in result.violations):
            assert outside >= known.least_misfit, seed


def test_least_violating_plans_are_nearly_always_the_least_possible() -> None:
    """All other rules kept and as few households outside the bounds as can be."""
    worse = []
    asked = 0
    for seed in SEEDS:
        _, result, known = case(seed)
        if known.best is None and known.least_misfit is not None:
            asked += 1
            outside = sum(v.amount for v in result.violations if v.rule in SIZES)
            if outside > known.least_misfit or any(v.rule not in SIZES for v in result.violations):
                worse.append(seed)
    assert len(worse) <= asked // 5, worse
