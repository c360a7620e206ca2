"""Tiny problems of all kinds again, proved by column generation: no listing is short enough to replace it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from enumeration import Enumerated, enumerate_plans
from strategies import random_problem

from partitioner.model import Problem
from partitioner.scoring import validate
from partitioner.solver import Limits, generated_proof, proving, solve
from partitioner.solver.generation import Generation

SEEDS = range(2_000, 2_160)
BATCH = 20


@cache
def tried(seed: int) -> tuple[Problem, Enumerated]:
    problem = random_problem(seed)
    problem = replace(problem, weights=replace(problem.weights, move=0.0))
    return problem, enumerate_plans(problem)


@pytest.fixture(params=["grown", "listed"])
def no_choice_along_the_way(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> list[Generation]:
    """Grids are grown in every round, or priced one by one; no choice is made before the rounds are over.

    Collects the generations that were begun.
    """
    for name in ("FEWEST_VISITS", "FIRST_VISITS", "FEW_SWEPT"):
        monkeypatch.setattr(proving, name, 0)
    for name in ("OUTLINE_VISITS", "FEW_VISITS", "FEW_SWEPT"):
        monkeypatch.setattr(generated_proof, name, 0)
    if request.param == "grown":
        monkeypatch.setattr(proving.Proving, "_all_grids", lambda _: None)
    begun: list[Generation] = []

    class Watched(Generation):
        def step(self, cutoff: float, seconds: float | None = None) -> None:
            begun.append(self)
            super().step(cutoff, seconds)

    monkeypatch.setattr(proving, "Generation", Watched)
    return begun


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("first", range(SEEDS.start, SEEDS.stop, BATCH))
def test_plans_and_bounds_of_generation_agree_with_trying_everything(
    first: int, no_choice_along_the_way: list[Generation]
) -> None:
    for seed in range(first, first + BATCH):
        problem, known = tried(seed)
        result = solve(problem, Limits(seed=seed, threads=1))
        assert result.violations == validate(problem, result.plan)[0], seed
        assert (result.status in ("optimal", "feasible")) == (not result.violations), seed
        if known.best is None:
            assert result.status in ("infeasible", "unknown"), seed
            continue
        assert not result.violations, seed
        assert result.objective.total <= known.best * (1 + 1e-6) + 1e-6, seed
        assert result.bound is not None, seed
        assert result.bound <= known.best + 1e-6 * (1 + known.best), seed
    assert no_choice_along_the_way


@pytest.mark.usefixtures("impatient")
def test_a_search_beside_generation_ends_even_where_there_is_no_choice(
    no_choice_along_the_way: list[Generation], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generated_proof, "BESIDE_FROM", 0)
    monkeypatch.setattr(generated_proof, "STEPS_BESIDE", 100)
    for seed in range(SEEDS.start, SEEDS.start + BATCH // 2):
        problem, known = tried(seed)
        result = solve(problem, Limits(seed=seed, threads=1, time_limit_s=30.0))
        assert result.stop_reason != "time_limit", seed
        assert (result.status in ("optimal", "feasible")) == (known.best is not None), seed
    assert no_choice_along_the_way
