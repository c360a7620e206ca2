"""Large pieces are cut into connected blocks; plans of blocks are plans of the piece, and nothing more is claimed."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from enumeration import enumerate_plans
from strategies import random_problem

from datasets.instances import city, town
from partitioner.model import Count, CountRange, Problem
from partitioner.scoring import score, validate
from partitioner.solver import Limits, portfolio, solve
from partitioner.solver.blocks import in_blocks
from partitioner.solver.contradictions import settle
from partitioner.solver.pieces import components_of, make_piece
from partitioner.solver.tasks import Task, tasks_of


def blocks_of(problem: Problem, most: int) -> list[Task]:
    settled = settle(problem)
    return in_blocks(settled.problem, tasks_of(settled.problem, settled.together), dense=most, most=most)


@pytest.mark.parametrize("most", [60, 150, 400])
def test_blocks_are_connected_small_enough_and_cover_every_unit_once(most: int) -> None:
    problem = city(2, 700)
    blocks = blocks_of(problem, most)
    assert sorted(np.concatenate([block.units for block in blocks]).tolist()) == list(range(700))
    for block in blocks:
        assert len(block.units) <= most
        assert len(components_of(problem, block.units)) == 1
        assert block.counts[0] <= block.counts[1]
    assert len(blocks) <= 4 * 700 / most


def test_small_pieces_stay_as_they_are() -> None:
    problem = town(2, 120)
    assert all(block.floor is None for block in blocks_of(problem, 120))


def test_units_that_must_stay_together_are_in_one_block() -> None:
    problem = city(2, 300)
    sets = [problem.graph.u[k : k + 1].tolist() + problem.graph.v[k : k + 1].tolist() for k in range(0, 600, 7)]
    problem = replace(problem, together=tuple(tuple(sorted(members)) for members in sets))
    blocks = blocks_of(problem, 60)
    for members in problem.together:
        assert sum(bool(set(members) & set(block.units.tolist())) for block in blocks) == 1


def test_a_limited_number_of_grids_is_shared_out() -> None:
    problem = replace(city(2, 300), count=Count(default=CountRange(min=30, max=45)))
    blocks = blocks_of(problem, 60)
    assert all(low == high for low, high in (block.counts for block in blocks))
    assert 30 <= sum(block.counts[0] for block in blocks) <= 45


def test_a_city_in_blocks_has_a_lawful_plan_and_an_honest_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = city(2, 500)
    whole = solve(problem, Limits(step_limit=400_000, threads=1))
    monkeypatch.setattr(portfolio, "in_blocks", partial(in_blocks, dense=200, most=120))
    results = [solve(problem, Limits(step_limit=400_000, threads=threads)) for threads in (1, 2)]
    assert results[0] == results[1]
    result = results[0]
    assert result.status == "feasible"
    assert result.violations == ()
    assert result.objective == score(problem, result.plan)
    assert result.bound <= whole.objective.total
    assert result.objective.total <= 1.25 * whole.objective.total


def test_nothing_is_claimed_about_the_whole_from_its_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Against every plan of tiny problems, cut into blocks of two units or so."""
    monkeypatch.setattr(portfolio, "in_blocks", partial(in_blocks, dense=3, most=2))
    for seed in range(120):
        problem = random_problem(seed)
        result, known = solve(problem, Limits(step_limit=2_000, threads=1)), enumerate_plans(problem)
        assert (result.violations, result.warnings) == validate(problem, result.plan), seed
        if result.status == "infeasible":
            assert known.best is None, seed
        if known.best is not None and result.bound is not None:
            assert result.bound <= known.best + 1e-6 * (1 + known.best), seed


def test_distances_within_reach_are_exact_and_others_never_too_long() -> None:
    problem = city(2, 300)
    units = np.arange(300)
    exact = make_piece(problem, units, (), (1, 300)).case.walk
    near = make_piece(problem, units, (), (1, 300), reach=60).case.walk
    assert (near <= exact + 1e-9).all()
    order = np.argsort(exact / problem.units.weight, axis=1, kind="stable")[:, :60]
    assert np.allclose(np.take_along_axis(near, order, 1), np.take_along_axis(exact, order, 1))
    assert (near < exact - 1e-6).any()
