"""Tiny redraws of all kinds of rules and freezes against trying everything."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from redraw.every_redraw import Lawful, every_redraw
from strategies import random_problem

from partitioner.errors import InputError
from partitioner.model import Labels, Problem
from partitioner.redraw import STRICT, WEIGHTED, Frozen, Redrawn, capped, redraw
from partitioner.scoring import validate

SEEDS = range(140)
BATCH = 20
batches = pytest.mark.parametrize("first", range(0, len(SEEDS), BATCH))
pytestmark = pytest.mark.usefixtures("impatient")


def frozen_for(problem: Problem, seed: int) -> Frozen:
    """Something frozen in two of five problems."""
    rng = np.random.default_rng([11, seed])
    names = list(problem.units.previous.names)
    had = [i for i, code in enumerate(problem.units.previous.code) if code >= 0]
    if not names or rng.random() < 0.4:
        return Frozen()
    kind = int(rng.choice([0, 1, 1, 2]))
    if kind == 0:
        return Frozen(units=frozenset(problem.units.id[i] for i in rng.choice(had, min(2, len(had)), replace=False)))
    if kind == 1 and len(names) > 1:
        a, b = rng.choice(len(names), 2, replace=False).tolist()
        return Frozen(lines=frozenset({(names[a], names[b])}))
    return Frozen(grids=frozenset({names[int(rng.integers(0, len(names)))]}))


def with_previous(problem: Problem, seed: int) -> Problem:
    """With a previous plan: runs of the numbering, along which the random graphs hang together; some units are new."""
    rng = np.random.default_rng([12, seed])
    num = len(problem.units)
    runs = np.sort(rng.integers(0, int(rng.integers(1, 4)), num))
    labels = Labels(None if rng.random() < 0.15 else f"G{run:03d}" for run in runs.tolist())
    return replace(problem, units=replace(problem.units, previous=labels))


@cache
def case(seed: int) -> tuple[Problem, Frozen, list[Lawful]]:
    problem = with_previous(random_problem(seed, max_units=6), seed)
    frozen = frozen_for(problem, seed)
    return problem, frozen, every_redraw(problem, frozen)


def total(problem: Problem, plan: Lawful) -> float:
    return plan.rest + problem.weights.move * plan.moved


def told(drawn: Redrawn, known: list[Lawful], seed: int) -> bool:
    """Whether there is a plan; if not, that must not be claimed."""
    if not known:
        assert drawn.result.status in ("infeasible", "unknown"), seed
    return bool(known)


@batches
def test_a_strict_redraw_moves_fewest_and_is_best_among_these(first: int) -> None:
    for seed in range(first, first + BATCH):
        problem, frozen, known = case(seed)
        drawn = redraw(problem, STRICT, frozen=frozen)
        if told(drawn, known, seed):
            fewest = min(plan.moved for plan in known)
            best = min(plan.rest for plan in known if plan.moved == fewest)
            assert drawn.moved == fewest == drawn.moved_bound, seed
            rest = drawn.result.objective.total - problem.weights.move * drawn.result.objective.move
            assert rest >= best - 1e-6 * (1 + best), seed
            if (problem.units.households > 0).all():
                assert drawn.result.status == "optimal", seed
                assert rest == pytest.approx(best, rel=1e-6, abs=1e-6), seed


@batches
def test_a_weighted_redraw_is_as_good_as_the_best_of_all(first: int) -> None:
    for seed in range(first, first + BATCH):
        problem, frozen, known = case(seed)
        drawn = redraw(problem, WEIGHTED, frozen=frozen)
        if told(drawn, known, seed) and not frozen.units:
            best = min(total(problem, plan) for plan in known)
            assert drawn.result.bound is None or drawn.result.bound <= best + 1e-6 * (1 + best), seed
            assert drawn.result.status == "optimal", seed
            assert drawn.result.objective.total == pytest.approx(best, rel=1e-6, abs=1e-6), seed


@batches
def test_a_capped_redraw_is_the_best_within_the_cap(first: int) -> None:
    for seed in range(first, first + BATCH):
        problem, frozen, known = case(seed)
        if not known:
            continue
        moves = sorted({plan.moved for plan in known})
        cap = moves[len(moves) // 2]
        drawn = redraw(problem, capped(cap), frozen=frozen)
        best = min(plan.rest for plan in known if plan.moved <= cap)
        rest = drawn.result.objective.total - problem.weights.move * drawn.result.objective.move
        assert drawn.moved <= cap, seed
        assert drawn.result.status == "optimal", seed
        assert rest == pytest.approx(best, rel=1e-6, abs=1e-6), seed
        if moves[0] > 0:
            below = redraw(problem, capped(moves[0] - 1), frozen=frozen)
            assert below.result.status == "infeasible", seed
            assert below.result.reasons[0].amount == 1, seed


@batches
def test_what_is_frozen_stays(first: int) -> None:
    for seed in range(first, first + BATCH):
        problem, frozen, known = case(seed)
        if not (known and frozen):
            continue
        drawn = redraw(problem, STRICT, frozen=frozen)
        now, before = drawn.plan.grid.values(), problem.units.previous.values()
        for i, name in enumerate(problem.units.id):
            assert name not in frozen.units or now[i] == before[i], seed
            assert before[i] not in frozen.grids or now[i] == before[i], seed
        for a, b in frozen.lines:
            of_a = {now[i] for i in range(len(now)) if before[i] == a}
            assert not of_a & {now[i] for i in range(len(now)) if before[i] == b}, seed
        assert not [v for v in validate(problem, drawn.plan)[0] if v.rule != "locked" and not frozen.grids], seed


def test_the_problems_are_of_every_kind() -> None:
    known = [case(seed) for seed in SEEDS]
    assert sum(bool(plans) and min(p.moved for p in plans) == 0 for _, _, plans in known) >= 20
    assert sum(bool(plans) and min(p.moved for p in plans) > 0 for _, _, plans in known) >= 25
    assert sum(bool(frozen.units) and bool(plans) for _, frozen, plans in known) >= 5
    assert sum(bool(frozen.lines) and bool(plans) for _, frozen, plans in known) >= 5
    assert sum(bool(frozen.grids) and bool(plans) for _, frozen, plans in known) >= 5


def test_freezing_what_is_not_there_is_told_at_once() -> None:
    problem = random_problem(1)
    with pytest.raises(InputError) as caught:
        redraw(problem, frozen=Frozen(grids=frozenset({"nowhere"}), units=frozenset({"nobody"})))
    assert {fault.rule for fault in caught.value.faults} == {"frozen_grid", "frozen_unit"}
