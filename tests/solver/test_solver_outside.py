"""The proved number of households outside the bounds against trying every plan."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from enumeration import SIZES, Enumerated, enumerate_plans
from strategies import random_problem

from partitioner.model import Bounds, Count, CountRange, Graph, Labels, Problem, Result, Units
from partitioner.solver import Limits, solve
from partitioner.solver import outside as outside_module
from partitioner.solver.contradictions import settle
from partitioner.solver.limits import StopSignal
from partitioner.solver.outside import by_choosing, by_counting, by_listing, by_places, list_nearly
from partitioner.solver.pieces import make_piece

SEEDS = range(400)


def narrow(seed: int) -> Problem:
    """A random problem whose bounds are so narrow that most have no lawful plan; some units are above them."""
    problem = random_problem(seed)
    rng = np.random.default_rng([19, seed])
    typical = max(int(problem.units.households.mean() * rng.uniform(1.0, 3.0)), 2)
    high = max(1, round(typical * rng.uniform(1.0, 1.3)))
    low = min(high, round(typical * rng.uniform(0.8, 1.0)))
    return replace(problem, bounds=Bounds(min=low, max=high))


@cache
def tried(seed: int) -> tuple[Problem, Enumerated]:
    problem = narrow(seed)
    return problem, enumerate_plans(problem)


@cache
def solved(seed: int) -> Result:
    return solve(tried(seed)[0], Limits(step_limit=30_000, threads=1))


def outside(result: Result) -> int:
    return int(sum(v.amount for v in result.violations if v.rule in SIZES))


def infeasible() -> list[int]:
    """Seeds without a lawful plan whose rules do not contradict one another."""
    return [
        seed
        for seed in SEEDS
        if tried(seed)[1].best is None
        and tried(seed)[1].least_misfit is not None
        and not settle(tried(seed)[0]).reasons
    ]


def test_there_are_many_infeasible_problems_of_all_kinds() -> None:
    seeds = infeasible()
    assert len(seeds) >= 150
    assert sum(tried(seed)[1].least_misfit >= 20 for seed in seeds) >= 20


def test_the_proved_least_is_never_above_the_least_possible_nor_the_plan_below_it() -> None:
    for seed in infeasible():
        result, least = solved(seed), tried(seed)[1].least_misfit
        proved = sum(note.amount for note in result.notes) if result.status == "infeasible" else 0
        assert proved <= least, seed
        if all(v.rule in SIZES for v in result.violations):
            assert least <= outside(result), seed


def test_the_least_is_found_and_proved_nearly_always() -> None:
    seeds = infeasible()
    proved = [
        seed
        for seed in seeds
        if solved(seed).status == "infeasible"
        and sum(note.amount for note in solved(seed).notes) == tried(seed)[1].least_misfit == outside(solved(seed))
    ]
    assert len(proved) >= 0.95 * len(seeds), sorted(set(seeds) - set(proved))


def test_every_plan_that_is_not_lawful_has_a_note_in_both_languages() -> None:
    for seed in infeasible():
        result = solved(seed)
        assert result.notes, seed
        for note in result.notes:
            assert note.rule in SIZES
            for text in (note.message, note.remedy):
                assert text.zh
                assert text.en


def test_lawful_plans_have_no_notes() -> None:
    for seed in SEEDS:
        if tried(seed)[1].best is not None:
            assert solved(seed).notes == () or solved(seed).status == "unknown", seed


def path(households: list[int], **rules) -> Problem:
    num = len(households)
    return Problem(
        units=Units(
            id=tuple("abcdefghijklmnop"[:num]),
            households=households,
            parent=Labels(rules.pop("parent", [None] * num)),
        ),
        graph=Graph(num_units=num, u=list(range(num - 1)), v=list(range(1, num)), length_m=[10.0] * (num - 1)),
        **{"bounds": Bounds(min=30, max=50), **rules},
    )


@pytest.mark.parametrize(
    ("households", "count", "least"),
    [
        ([20], None, 10),
        ([60], None, 10),
        ([55], None, 5),
        ([25, 60, 25], None, 20),  # each end alone misses 5, joined it would add 25
        ([2, 60, 2], None, 14),  # both ends join the large unit
        ([60, 60], None, 20),
        ([60, 60], (1, 1), 70),
        ([20] * 4, (3, 3), 10),
        ([20] * 4, (1, 1), 30),
        ([53], (1, 1), 3),
    ],
)
def test_counting_by_hand(households: list[int], count: tuple[int, int] | None, least: int) -> None:
    problem = path(households)
    num = len(households)
    piece = make_piece(problem, np.arange(num), (), (1, num))
    assert by_counting(piece.case, piece.components, count or (1, num)) == least


def test_places_far_apart_add_up_and_near_ones_do_not() -> None:
    """No grid holds a 29 lawfully: alone it misses 1, two of them are 8 too many; neighbours could share that."""
    row = [29, 29, 29]
    problem = path([*row, 40, 40, *row])
    piece = make_piece(problem, np.arange(8), (), (1, 8))
    with StopSignal(None, None) as signal:
        assert by_places(piece.case, np.array([0, 1]), 20, signal) == 1
        assert by_places(piece.case, np.array([0, 1, 2, 5, 6, 7]), 20, signal) == 4
        assert by_places(piece.case, np.array([3, 4]), 20, signal) == 0
        assert by_places(piece.case, np.array([0, 7]), 1, signal) == 1


def test_choosing_proves_that_nothing_better_exists_and_finds_what_does() -> None:
    problem = path([29, 29, 29, 40])
    piece = make_piece(problem, np.arange(4), (), (1, 4))
    with StopSignal(None, None) as signal:
        for most in (3, 4, 30):
            known = by_listing(piece.case, list_nearly(piece.case, most, signal), (1, 4), most, signal, None)
            assert known.least == 3
            assert bool(known.grids) == (most > 3)


def test_the_note_names_the_place_and_the_numbers() -> None:
    result = solve(path([40, 60, 40, 20], parent=["x", "x", "y", "z"]), Limits(threads=1))
    assert result.status == "infeasible"
    first, second = result.notes
    assert "“x”" in first.message.en
    assert "at least 10 households must stay outside" in first.message.en
    assert "proved least" in first.message.en
    assert (first.rule, first.amount, first.units) == ("size_max", 10, ("b",))
    assert "30–60" in first.remedy.en
    assert (second.rule, second.amount) == ("size_min", 10)


def test_a_run_without_time_says_what_is_missing_and_what_to_try() -> None:
    """Six units of 26 to 34 in a row can be paired lawfully, but nothing was searched."""
    problem = path([17, 31, 12, 38, 16, 29, 11, 30, 19, 33, 8, 41], count=Count(default=CountRange(min=1, max=12)))
    result = solve(replace(problem, bounds=Bounds(min=40, max=49)), Limits(time_limit_s=0.0, threads=1))
    if result.status == "unknown":
        (note,) = result.notes
        assert note.amount == outside(result) > 0
        assert "neither" in note.message.en or "nor proved impossible" in note.message.en
        assert "allow more time" in note.remedy.en
        assert "widen the bounds" in note.remedy.en


def test_where_there_are_too_many_grids_smaller_numbers_are_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    """With room for few grids the proof is weaker but never wrong."""
    proofs = []
    for seed in infeasible()[:60]:
        problem = tried(seed)[0]
        plain = replace(
            problem, units=replace(problem.units, parent=None), locked=(), together=(), count=Count(), max_walk_m=None
        )
        num, least = len(problem.units), enumerate_plans(plain).least_misfit
        piece = make_piece(plain, np.arange(num), (), (1, num))
        for room in (3, 8, 20, 12_000):
            monkeypatch.setattr(outside_module, "MAX_CHOICES", room)
            with StopSignal(None, None) as signal:
                shown = by_choosing(piece.case, (1, num), least + 2, lambda listing: listing, signal, lambda: None)
            assert shown.least <= least, seed
            proofs.append((room, shown.least == least))
    assert sum(found for room, found in proofs if room == 12_000) == 60
    assert any(found for room, found in proofs if room == 8)
