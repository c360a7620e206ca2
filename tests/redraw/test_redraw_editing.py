"""Trial moves against the plain judgement of whole plans."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from strategies import random_problem

from datasets.instances import community
from partitioner.errors import InputError
from partitioner.model import Bounds, Graph, Labels, Plan, Problem, Units
from partitioner.redraw.editing import Editor, best_places
from partitioner.redraw.tradeoff import trade_off
from partitioner.scoring import score, validate
from partitioner.solver import Limits, solve

STEPS = Limits(step_limit=200_000, seed=1, threads=1)
OF_A_GRID = {"size_min", "size_max", "connected", "parent", "apart", "max_walk_m", "count_min", "count_max"}


def told(problem: Problem, plan: Plan) -> Counter[str]:
    return Counter(v.rule for v in validate(problem, plan)[0] if v.rule in OF_A_GRID)


@pytest.mark.parametrize("first", range(0, 120, 20))
def test_a_trial_says_what_judging_the_whole_plan_says(first: int) -> None:
    for seed in range(first, first + 20):
        rng = np.random.default_rng(seed)
        problem = random_problem(seed)
        num = len(problem.units)
        plan = Plan(grid=Labels(f"G{k}" for k in rng.integers(0, 3, num)))
        editor = Editor(problem, plan)
        for _ in range(4):
            units = rng.choice(num, int(rng.integers(1, min(3, num) + 1)), replace=False).tolist()
            grid = f"G{rng.integers(0, 4)}"
            before, trial = editor.plan, editor.try_move(units, grid)
            assert editor.plan == before
            moved = editor.move(units, grid)
            assert moved == trial
            was, now = score(problem, before), score(problem, editor.plan)
            for term in ("walk", "split", "balance", "move", "total"):
                change = getattr(now, term) - getattr(was, term)
                assert getattr(trial, term) == pytest.approx(change, abs=1e-6 * (1 + abs(was.total))), (seed, term)
            rules = Counter(told(problem, editor.plan)) - Counter(told(problem, before))
            assert set(rules) <= {fault.rule for fault in trial.broken}, seed
            if trial.lawful and not told(problem, before):
                assert not told(problem, editor.plan), seed


def test_every_unit_needs_a_grid_before_it_is_edited() -> None:
    problem = random_problem(3)
    with pytest.raises(InputError):
        Editor(problem, Plan(grid=Labels.none(len(problem.units))))


def test_a_half_made_edit_is_completed_around_what_was_touched() -> None:
    problem = community(2)
    plan = solve(problem, STEPS).plan
    editor = Editor(problem, plan)
    unit, grid = next(
        (u, name) for u in range(len(problem.units)) for name, trial in editor.takers([u]) if not trial.lawful
    )
    editor.move([unit], grid)
    done = editor.complete([unit], limits=STEPS)
    assert not validate(problem, done.plan)[0]
    assert done.plan.grid.at(unit) == grid
    assert done.moved == done.moved_bound


def test_places_for_a_new_building_are_the_grids_beside_it_lawful_ones_first() -> None:
    problem = community(0)
    plan = solve(problem, STEPS).plan
    beside = {0: 40.0, int(problem.graph.neighbours(0)[0]): 60.0}
    places = best_places(problem, plan, 30, beside)
    assert {place.grid for place in places} <= {plan.grid.at(unit) for unit in beside}
    assert [place.lawful for place in places] == sorted((place.lawful for place in places), reverse=True)
    large = best_places(problem, plan, 450, beside)
    assert not any(place.lawful for place in large)


def test_the_curve_runs_from_the_fewest_moves_to_the_best_quality() -> None:
    problem = community(2)
    plan = solve(problem, STEPS).plan
    tight = replace(problem.bounds, min=330, max=460, target=400)
    asked = replace(problem, bounds=tight, units=replace(problem.units, previous=plan.grid))
    curve = trade_off(asked, points=4, limits=Limits(step_limit=100_000, threads=1))
    assert len(curve.points) >= 3
    assert curve.points[0].moved == curve.fewest
    moves = [point.moved for point in curve.points]
    qualities = [point.quality for point in curve.points]
    assert moves == sorted(moves)
    assert qualities == sorted(qualities, reverse=True)
    for point in curve.points:
        assert point.bound is None or point.bound <= point.quality + 1e-6 * point.quality
        assert not validate(asked, point.plan)[0]


def row_of_houses(households: list[int], parents: str, previous: str) -> Problem:
    num = len(households)
    return Problem(
        units=Units(
            id=tuple(f"h{k}" for k in range(num)),
            households=np.array(households),
            parent=Labels(parents),
            previous=Labels(previous),
        ),
        graph=Graph(num_units=num, u=np.arange(num - 1), v=np.arange(1, num), length_m=np.full(num - 1, 10.0)),
        bounds=Bounds(min=4, max=8),
    )


def test_rules_broken_out_of_reach_do_not_take_points_from_a_curve() -> None:
    problem = row_of_houses([2, 2, 2, 2, 1, 1], "aaaabb", "xxyyzz")
    curve = trade_off(problem, reach={"a"}, points=3, limits=Limits(step_limit=3_000))
    assert validate(problem, curve.points[0].plan)[0]
    assert (curve.points[0].moved, curve.points[0].status) == (0, "optimal")
    assert all(point.bound is not None and point.bound <= point.quality for point in curve.points)


def test_where_no_plan_is_lawful_a_curve_has_the_point_that_breaks_fewest_rules() -> None:
    problem = row_of_houses([2, 1], "aa", "xx")
    curve = trade_off(problem, points=3, limits=Limits(step_limit=3_000))
    assert [(point.moved, point.bound) for point in curve.points] == [(0, None)]
    assert curve.points[0].status == "infeasible"
