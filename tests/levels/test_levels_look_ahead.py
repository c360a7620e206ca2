"""Look-ahead: moving a line never breaks the upper level, always helps the lower one, and comes to an end."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from partitioner.levels.look_ahead import Repair, repaired
from partitioner.levels.nesting import Nested, misfit_by_cell
from partitioner.levels.part_solver import PartSolver
from partitioner.levels.restriction import side_by_side, with_parents
from partitioner.levels.splits import other_splits
from partitioner.model import Bounds, Graph, IntArray, Labels, Plan, Problem, Units, Weights
from partitioner.model.restriction import restricted
from partitioner.scoring import score, validate
from partitioner.solver import Limits, solve

LIMITS = Limits(step_limit=4_000, threads=1)


def lattice(
    households: IntArray, bounds: Bounds, *, group: Labels | None = None, parent: Labels | None = None
) -> Problem:
    """Units in rows and columns, neighbours 10 m apart."""
    rows, columns = households.shape
    place = np.arange(rows * columns).reshape(rows, columns)
    u = np.concatenate([place[:, :-1].ravel(), place[:-1].ravel()])
    v = np.concatenate([place[:, 1:].ravel(), place[1:].ravel()])
    num = rows * columns
    return Problem(
        units=Units(
            id=tuple(f"u{k}" for k in range(num)),
            households=households.ravel(),
            x=10.0 * (np.arange(num) % columns),
            y=-10.0 * (np.arange(num) // columns),
            group=group,
            parent=parent,
        ),
        graph=Graph(num_units=num, u=u, v=v, length_m=np.full(len(u), 10.0)),
        bounds=bounds,
        weights=Weights(split=100, balance=10),
    )


def nested(seed: int) -> Nested:
    """Buildings of one to three stairwells side by side; some towns lie in two townships or have a locked area."""
    rng = np.random.default_rng(seed)
    rows, columns = int(rng.integers(2, 5)), int(rng.integers(4, 9))
    lower = lattice(rng.integers(1, 12, (rows, columns)), Bounds(min=10, max=int(rng.integers(14, 20))))
    width = int(rng.integers(1, 4))
    building = np.arange(rows * columns) // columns * columns + np.arange(rows * columns) % columns // width
    ids, upper_of_lower = np.unique(building, return_inverse=True)
    households = np.bincount(upper_of_lower, weights=lower.units.households).astype(np.int64)
    ends = np.column_stack([upper_of_lower[lower.graph.u], upper_of_lower[lower.graph.v]])
    ends = ends[ends[:, 0] != ends[:, 1]]
    half = int(np.median(upper_of_lower))
    upper = Problem(
        units=Units(
            id=tuple(f"b{k}" for k in ids.tolist()),
            households=households,
            parent=Labels("东" if k < half or seed % 3 else "西" for k in range(len(ids))),
        ),
        graph=Graph(num_units=len(ids), u=ends[:, 0], v=ends[:, 1], length_m=np.full(len(ends), 10.0)),
        bounds=Bounds(min=20, max=int(rng.integers(45, 70))),
        locked=((0,),) if seed % 4 == 0 else (),
    )
    return Nested(upper=upper, lower=lower, upper_of_lower=upper_of_lower.astype(np.int64))


def plans(case: Nested) -> tuple[Plan, Plan]:
    upper = solve(case.upper, LIMITS).plan
    areas = Labels(upper.grid.at(int(p)) for p in case.upper_of_lower)
    return upper, solve(with_parents(case.lower, areas), LIMITS).plan


def misfit(problem: Problem, plan: Plan) -> int:
    return int(misfit_by_cell(problem, plan.grid.code).sum())


def broken(problem: Problem, plan: Plan) -> float:
    return sum(violation.amount for violation in validate(problem, plan)[0])


def checked(case: Nested, upper: Plan, lower: Plan) -> Repair:
    """Repair, and hold every claim against the plain scorer."""
    found = repaired(case, upper, lower, PartSolver(LIMITS))
    assert broken(case.upper, found.upper_plan) <= broken(case.upper, upper)
    areas = Labels(found.upper_plan.grid.at(int(p)) for p in case.upper_of_lower)
    inside = with_parents(case.lower, areas)
    assert not [v for v in validate(inside, found.lower_plan)[0] if v.rule not in ("size_min", "size_max")]
    assert found.misfit_before == misfit(case.lower, lower)
    assert found.misfit_after == misfit(case.lower, found.lower_plan)
    assert len(found.joined) <= found.misfit_before - found.misfit_after
    if not found.joined:
        assert found.upper_plan.grid.values() == upper.grid.values()
        assert found.lower_plan == lower
    for members in case.upper.locked:
        label = upper.grid.at(members[0])
        before = [k for k in range(len(upper)) if upper.grid.at(k) == label]
        assert [k for k in range(len(upper)) if found.upper_plan.grid.at(k) == label] == before
    return found


@pytest.mark.parametrize("first", range(0, 40, 20))
def test_random_levels_are_repaired_lawfully_or_left_alone(first: int) -> None:
    repairs = [checked(case, *plans(case)) for case in map(nested, range(first, first + 20))]
    assert any(found.joined for found in repairs)


def test_a_line_through_the_wrong_place_is_moved() -> None:
    """Cells of 12 fit into 6, 6, 6, 6, 12, 12 in a row only if no line runs after the third building."""
    lower = lattice(np.array([[6, 6, 6, 6, 12, 12]]), Bounds(min=12, max=12))
    upper = replace(lower, bounds=Bounds(min=12, max=36))
    case = Nested(upper=upper, lower=lower, upper_of_lower=np.arange(6))
    areas = Plan(grid=Labels("aaabbb"))
    cells = Plan(grid=Labels(["1", "1", "2", "3", "4", "5"]))
    found = checked(case, areas, cells)
    assert (found.misfit_before, found.misfit_after) == (12, 0)
    assert found.joined == (("a", "b"),)
    assert found.upper_plan.grid.at(2) == found.upper_plan.grid.at(3)


def test_upper_units_are_never_cut() -> None:
    """A cell that straddles two buildings keeps both in one area."""
    lower = lattice(np.array([[6, 4, 8, 6, 6, 10]]), Bounds(min=10, max=12))
    case = Nested(
        upper=lattice(np.array([[10, 14, 16]]), Bounds(min=10, max=30)),
        lower=lower,
        upper_of_lower=np.array([0, 0, 1, 1, 2, 2]),
    )
    found = checked(case, Plan(grid=Labels("abb")), Plan(grid=Labels("112345")))
    assert len(found.upper_plan.grid) == 3


def test_lines_between_townships_stay() -> None:
    lower = lattice(np.array([[5, 6, 7, 12]]), Bounds(min=10, max=20))
    parent = Labels("东西西西")
    upper = lattice(np.array([[5, 6, 7, 12]]), Bounds(min=1, max=100), parent=parent)
    case = Nested(upper=upper, lower=lower, upper_of_lower=np.arange(4))
    found = checked(case, Plan(grid=Labels("abbb")), Plan(grid=Labels("1223")))
    assert found.joined == ()


def test_a_lone_unit_above_the_maximum_is_no_reason_to_move_lines() -> None:
    lower = lattice(np.array([[30, 12, 12]]), Bounds(min=10, max=15))
    upper = lattice(np.array([[30, 12, 12]]), Bounds(min=10, max=60))
    calls: list[Problem] = []

    def never(problem: Problem) -> Plan:
        calls.append(problem)
        raise AssertionError("nothing should be solved")

    case = Nested(upper=upper, lower=lower, upper_of_lower=np.arange(3))
    found = repaired(case, Plan(grid=Labels("aab")), Plan(grid=Labels("123")), never)
    assert not calls
    assert (found.misfit_before, found.misfit_after) == (15, 15)


def test_a_run_that_is_over_changes_nothing() -> None:
    case = nested(1)
    upper, lower = plans(case)
    found = repaired(case, upper, lower, PartSolver(LIMITS), over=lambda: True)
    assert found.joined == ()


def test_a_restricted_problem_keeps_what_lies_inside() -> None:
    whole = replace(
        lattice(np.array([[1, 2, 3], [4, 5, 6]]), Bounds(min=1, max=9), group=Labels("甲甲乙乙丙丙")),
        locked=((0, 5),),
        together=((1, 2), (3, 4)),
        apart=((0, 1, 4),),
    )
    part = restricted(whole, np.array([0, 1, 4]), parent=Labels("xyy"))
    assert part.units.id == ("u0", "u1", "u4")
    assert part.units.parent.values() == ("x", "y", "y")
    assert part.units.group.values() == ("甲", "甲", "丙")
    assert (part.graph.u.tolist(), part.graph.v.tolist()) == ([0, 1], [1, 2])
    assert (part.locked, part.together, part.apart) == (((0,),), (), ((0, 1, 2),))


def test_problems_side_by_side_are_solved_as_if_alone() -> None:
    parts = [
        replace(
            lattice(np.array([[4, 5, 6, 7]]), Bounds(min=9, max=14), group=Labels("甲甲乙乙"), parent=Labels("aaaa")),
            together=((1, 2),),
        ),
        lattice(np.array([[5, 5], [5, 5]]), Bounds(min=9, max=14), parent=Labels("aaaa")),
    ]
    whole = side_by_side(parts)
    assert whole.units.parent.values() == ("0/a",) * 4 + ("1/a",) * 4
    assert whole.together == ((1, 2),)
    alone = [solve(part, LIMITS) for part in parts]
    together = solve(whole, LIMITS)
    assert together.objective.total == sum(result.objective.total for result in alone)


@pytest.mark.parametrize("seed", range(20))
def test_other_lines_are_lawful_different_and_the_best_ones(seed: int) -> None:
    """Against every way to share up to eight units out to two areas, judged by the plain scorer."""
    rng = np.random.default_rng(seed)
    shape = (2, int(rng.integers(2, 5)))
    num = shape[0] * shape[1]
    problem = lattice(rng.integers(1, 12, shape), Bounds(min=8, max=40), group=Labels(rng.choice(["甲", "乙"], num)))
    problem = replace(problem, together=((0, 1),) if seed % 2 else (), max_walk_m=25.0 if seed % 3 == 0 else None)
    present = np.arange(num) % shape[1] >= shape[1] // 2
    found = other_splits(problem, present, 5)
    totals = {}
    for number in range(1, 2 ** (num - 1)):
        side = np.array([False, *((number >> k) & 1 == 1 for k in range(num - 1))])
        plan = Plan(grid=Labels("ab"[int(second)] for second in side))
        if not validate(problem, plan)[0] and not (side == present).all() and not (side != present).all():
            totals[tuple(side.tolist())] = score(problem, plan).total
    best = sorted(totals.values())[:5]
    assert [totals[tuple(side.tolist())] for side in found] == pytest.approx(best)


def test_long_lines_are_moved_by_one_unit_or_two() -> None:
    problem = lattice(np.full((4, 6), 5), Bounds(min=40, max=80))
    present = np.arange(24) % 6 >= 3
    found = other_splits(problem, present, 8)
    assert len(found) == 8
    for side in found:
        assert 1 <= int((side != present).sum()) <= 2
        assert not validate(problem, Plan(grid=Labels("ab"[int(second)] for second in side)))[0]
