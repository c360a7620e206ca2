"""A line is moved for the lower level's sake where it is cheap, not where it is dear, and no farther than needed."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from partitioner.levels.look_ahead import Repair, repaired
from partitioner.levels.moving_lines import move_lines
from partitioner.levels.nesting import Nested, Standing, line_price
from partitioner.levels.part_solver import PartSolver
from partitioner.model import Bounds, Graph, Labels, Plan, Problem, Units, Weights
from partitioner.profiles import load_profile
from partitioner.solver import Limits

LIMITS = Limits(step_limit=20_000, threads=1)

HOUSEHOLDS = (12, 6, 4, 5, 5, 4, 5, 5)
AREAS = Plan(grid=Labels("aabbbccc"))
CELLS = Plan(grid=Labels("12333444"))
"""The six households of area a are too few for a cell of 10–14; with the four of b or of c they are a lawful one."""


def between(far_m: float, near_m: float | None, *, price: float = math.inf) -> Nested:
    """Area a between b, two ways of `far_m` away, and c, one way of `near_m` away (None: no way)."""
    edges = [(0, 1, 10.0), (2, 3, 10.0), (3, 4, 10.0), (5, 6, 10.0), (6, 7, 10.0), (1, 2, far_m), (1, 3, far_m)]
    edges += [] if near_m is None else [(1, 5, near_m)]
    u, v, metres = zip(*edges, strict=True)
    units = Units(id=tuple(f"u{k}" for k in range(8)), households=np.array(HOUSEHOLDS))
    graph = Graph(num_units=8, u=np.array(u), v=np.array(v), length_m=np.array(metres))
    lower = Problem(units=units, graph=graph, bounds=Bounds(min=10, max=14), weights=Weights(balance=0))
    upper = Problem(units=units, graph=graph, bounds=Bounds(min=10, max=30), weights=Weights(balance=0))
    return Nested(upper=upper, lower=lower, upper_of_lower=np.arange(8), price=price)


def repair(case: Nested) -> Repair:
    return repaired(case, AREAS, CELLS, PartSolver(LIMITS))


def test_of_two_lines_that_help_the_cheap_one_is_moved() -> None:
    """The dear one borders on the trouble twice, so it is looked at first."""
    found = repair(between(500.0, 10.0))
    assert (found.misfit_before, found.misfit_after) == (4, 0)
    assert found.joined == (("a", "c"),)


@pytest.mark.parametrize(("price", "left"), [(math.inf, 0), (10_000.0, 0), (10.0, 4)])
def test_a_line_is_moved_only_if_it_is_worth_its_price(price: float, left: int) -> None:
    """Four households are brought within the bounds, at some 2,000 household-metres."""
    found = repair(between(500.0, None, price=price))
    assert found.misfit_after == left
    assert bool(found.joined) == (left == 0)
    assert found.upper_cost_after - found.upper_cost_before <= (found.misfit_before - found.misfit_after) * price


def test_a_dear_line_stays_where_all_cheaper_ones_leave_somebody_outside() -> None:
    """The six households of area a have the four of b; without them only five of b's are near, or nobody."""
    case = between(500.0, None)
    state = Standing.of(case, Plan(grid=Labels("aaabbccc")), Plan(grid=Labels("12233444")))
    assert state.misfit() == 0
    assert move_lines(state, [("a", "b")], PartSolver(LIMITS), polishing=True) == [False]
    assert state.area == list("aaabbccc")


def test_polishing_shortens_ways_as_long_as_cells_stay_lawful() -> None:
    """Houses of 12 in a row, a line after the fifth of six: all lines are lawful below, the middle one is shortest."""
    num = 6
    units = Units(id=tuple(f"u{k}" for k in range(num)), households=np.full(num, 12))
    graph = Graph(num_units=num, u=np.arange(num - 1), v=np.arange(1, num), length_m=np.full(num - 1, 10.0))
    lower = Problem(units=units, graph=graph, bounds=Bounds(min=10, max=14))
    upper = Problem(units=units, graph=graph, bounds=Bounds(min=10, max=70), weights=Weights(balance=0))
    case = Nested(upper=upper, lower=lower, upper_of_lower=np.arange(num))
    state = Standing.of(case, Plan(grid=Labels("aaaaab")), Plan(grid=Labels("123456")))
    assert move_lines(state, [("a", "b")], PartSolver(LIMITS), polishing=True) == [True]
    assert state.area == ["a", "a", "a", "b", "b", "b"]
    assert state.misfit() == 0


def test_grids_are_the_norm_and_micro_grids_have_a_price() -> None:
    hebei = load_profile("hebei")
    assert line_price(hebei.level("grid")) == math.inf
    assert 0 < line_price(hebei.level("micro")) < math.inf
    assert line_price(replace(hebei.level("micro"), line_price=0.0)) == 0.0
