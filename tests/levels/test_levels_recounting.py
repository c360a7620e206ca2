"""Upper areas exchange areas where the number that one got is in the way of lawful ones."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from partitioner.apportionment import apportioned, still_fits
from partitioner.levels.part_solver import PartSolver
from partitioner.levels.recounting import recounted
from partitioner.levels.rejudging import known_for
from partitioner.model import Bounds, Count, CountRange, Graph, Labels, Problem, Units, Weights
from partitioner.scoring import validate
from partitioner.solver import Limits, solve

LIMITS = Limits(step_limit=5_000, threads=1)


def rows_of(*rows: tuple[int, ...], bounds: tuple[int, int] = (60, 200)) -> Problem:
    """Every row of households is a parent of its own, its units one beside the other."""
    households = np.array([size for row in rows for size in row])
    starts = np.cumsum([0, *(len(row) for row in rows)])
    inner = np.array([k for a, b in itertools.pairwise(starts.tolist()) for k in range(a, b - 1)], dtype=np.int64)
    return Problem(
        units=Units(
            id=tuple(f"u{k}" for k in range(len(households))),
            households=households,
            parent=Labels(f"p{k}" for k, row in enumerate(rows) for _ in row),
        ),
        graph=Graph(num_units=len(households), u=inner, v=inner + 1, length_m=np.full(len(inner), 10.0)),
        bounds=Bounds(min=bounds[0], max=bounds[1]),
        weights=Weights(balance=0),
    )


def counted(problem: Problem, *nums: int) -> Problem:
    ranges = {f"p{k}": CountRange(min=num, max=num) for k, num in enumerate(nums)}
    return replace(problem, count=Count(by_parent=ranges))


def test_one_gives_an_area_that_another_can_use() -> None:
    """Four buildings of which one is too small to stand alone cannot be four groups; three and three are lawful."""
    problem = counted(rows_of((125, 120, 93, 59), (100, 90, 110)), 4, 2)
    first = solve(problem, LIMITS)
    assert first.violations
    found = recounted(problem, first.plan, PartSolver(LIMITS))
    assert found is not None
    assert [found.problem.count.of(name).min for name in ("p0", "p1")] == [3, 3]
    assert not validate(found.problem, found.plan)[0]
    assert not solve(found.problem, LIMITS, start=found.plan).violations


def test_nothing_is_exchanged_where_nobody_can_make_up_for_it() -> None:
    problem = counted(rows_of((125, 120, 93, 59), (199, 199)), 4, 2)
    assert recounted(problem, solve(problem, LIMITS).plan, PartSolver(LIMITS)) is None


def test_a_lawful_plan_keeps_its_counts() -> None:
    problem = counted(rows_of((125, 120, 93, 62), (100, 90, 110)), 4, 2)
    first = solve(problem, LIMITS)
    assert not first.violations
    assert recounted(problem, first.plan, PartSolver(LIMITS)) is None


def test_an_area_beside_a_locked_one_is_exchanged_too() -> None:
    problem = rows_of((30, 125, 120, 93, 59), (100, 90, 110))
    problem = counted(replace(problem, locked=((0,),)), 5, 2)
    found = recounted(problem, solve(problem, LIMITS).plan, PartSolver(LIMITS))
    assert found is not None
    assert [found.problem.count.of(name).min for name in ("p0", "p1")] == [4, 3]


@pytest.mark.parametrize("seed", range(12))
def test_what_is_found_is_lawful_and_has_as_many_areas(seed: int) -> None:
    """Random rows: never fewer lawful parents than before, the same sum, and lawful wherever a count was changed."""
    rng = np.random.default_rng(seed)
    problem = rows_of(*(tuple(rng.integers(30, 180, rng.integers(3, 7)).tolist()) for _ in range(4)))
    least = sum(-(-int(problem.units.households[m].sum()) // 200) for m in problem.units.parent.members())
    problem = replace(problem, count=apportioned(problem, least + 2))
    first = solve(problem, LIMITS)
    found = recounted(problem, first.plan, PartSolver(LIMITS))
    if found is None:
        return
    assert still_fits(found.problem, found.problem.count, least + 2)
    before, after = (
        {unit for v in validate(p, q)[0] for unit in v.units}
        for p, q in ((problem, first.plan), (found.problem, found.plan))
    )
    assert after < before
    for name, members in zip(problem.units.parent.names, problem.units.parent.members(), strict=True):
        if problem.count.of(name) != found.problem.count.of(name):
            assert after.isdisjoint(problem.units.id[unit] for unit in members.tolist())


def test_what_was_proved_of_a_parent_holds_while_its_count_does() -> None:
    problem = counted(rows_of((125, 120, 93, 62), (100, 90, 110)), 4, 2)
    result = solve(problem, LIMITS)
    other = counted(problem, 3, 2)
    assert {piece.parent for piece in known_for(problem, problem, result)} == {"p0", "p1"}
    assert {piece.parent for piece in known_for(other, problem, result)} == {"p1"}
    one = replace(problem, units=replace(problem.units, parent=Labels(["p0"] * 7)), count=Count())
    assert known_for(one, problem, result) == ()


def test_an_agreed_count_holds_while_the_parents_allow_it() -> None:
    problem = rows_of((125, 120, 93, 62), (100, 90, 110))
    agreed = counted(problem, 4, 2).count
    assert still_fits(problem, agreed, 6)
    assert not still_fits(problem, agreed, 7)
    assert not still_fits(problem, Count(by_parent={"p0": CountRange(min=7, max=7)}), 6)
    assert not still_fits(rows_of((125, 120, 93, 62)), agreed, 6)
