"""Each term of the objective on examples worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scoring_examples import path_problem, plan
from strategies import problems

from partitioner.errors import InputError
from partitioner.model import Bounds, Labels, Plan, Weights
from partitioner.scoring import explain, score


def test_walking_is_measured_to_the_best_centre() -> None:
    # a –10– b –10– c: to b it is 10·1 + 10·5 = 60; to a 10·2 + 20·5 = 120; to c 20·1 + 10·2 = 40.
    assert score(path_problem([1, 2, 5]), plan("xxx")).walk == 40


def test_a_unit_without_households_walks_like_one_household() -> None:
    assert score(path_problem([0, 7]), plan("xx")).walk == 10


def test_walking_may_lead_through_other_grids() -> None:
    # a and c are joined by 100 m, and by 10 + 10 m through b, which is in another grid.
    problem = path_problem([3, 1, 3], edges=[(0, 1), (1, 2), (0, 2)], metres=[10.0, 10.0, 100.0])
    assert score(problem, plan("xyx")).walk == 3 * 20


def test_edges_of_no_length_cost_nothing_and_connect() -> None:
    assert score(path_problem([3, 4, 5], metres=[0.0, 2.0]), plan("xxx")).walk == 2 * 5


@pytest.mark.parametrize(("power", "walk"), [(2, 100 * 1 + 100 * 1), (0.5, 2 * 10**0.5), (1, 20)])
def test_metres_are_raised_to_the_power_asked_for(power: float, walk: float) -> None:
    problem = path_problem([1, 1, 1], weights=Weights(walk=1, walk_power=power, split=0, balance=0))
    assert score(problem, plan("xxx")).walk == pytest.approx(walk)


def test_the_power_can_change_the_best_centre() -> None:
    # To a: 9·10 + 1·40; to b: 8·10 + 30. Squared, to b: 8·100 + 900 = 1,700 and to c: 8·1600 + 9·900.
    problem = path_problem([8, 9, 1], metres=[10.0, 30.0], weights=Weights(walk=1, walk_power=2, split=0, balance=0))
    assert score(problem, plan("xxx")).walk == 1_700


def test_a_split_is_one_for_every_further_grid_that_touches_a_compound() -> None:
    problem = path_problem([1] * 6, group=["s", "s", "s", "t", None, None])
    assert score(problem, plan("xxxxxx")).split == 0
    assert score(problem, plan("xyzzzz")).split == 2
    assert score(problem, plan("xxyyzw")).split == 1
    assert score(problem, plan("xxxyzw")).split == 0


def test_balance_is_the_distance_of_every_grid_from_the_target() -> None:
    problem = path_problem([10, 20, 40], bounds=Bounds(min=0, max=100, target=25))
    assert score(problem, plan("xxy")).balance == 5 + 15
    assert score(problem, plan("xyz")).balance == 15 + 5 + 15
    assert score(path_problem([10], bounds=Bounds(min=0, max=15)), plan("x")).balance == 2.5


def test_moved_households_are_those_that_a_one_to_one_matching_cannot_retain() -> None:
    problem = path_problem([10, 20, 30, 5], previous=["P", "P", "Q", None])
    assert score(problem, plan("xxyy")).move == 0
    assert score(problem, plan("xyyy")).move == 10 + 20 - 10  # x carries on P with a, y carries on Q: b moves
    assert score(problem, plan("xxxx")).move == 30
    assert score(problem, plan("wxyz")).move == 10  # only one of w and x can carry on P


def test_matching_is_one_to_one_even_where_greed_would_fail() -> None:
    # x holds 6 of P and 5 of Q, y holds 5 of P: greedy keeps 6, matching x to Q and y to P keeps 10.
    problem = path_problem([6, 5, 5], previous=["P", "Q", "P"])
    assert score(problem, plan("xxy")).move == 16 - 10


def test_units_without_households_never_move() -> None:
    problem = path_problem([0, 0, 4], previous=["P", "Q", "P"])
    assert score(problem, plan("xxx")).move == 0
    assert score(problem, plan("xyz")).move == 0


def test_the_total_is_weighted() -> None:
    problem = path_problem(
        [10, 20],
        group=["s", "s"],
        previous=["P", "P"],
        bounds=Bounds(min=0, max=50, target=12),
        weights=Weights(walk=2, split=1_000, balance=3, move=5),
    )
    apart, joined = score(problem, plan("xy")), score(problem, plan("xx"))
    assert (apart.walk, apart.split, apart.balance, apart.move) == (0, 1, 10, 10)
    assert apart.total == 1_000 + 30 + 50
    assert (joined.walk, joined.split, joined.balance, joined.move) == (100, 0, 18, 0)
    assert joined.total == 200 + 54


def test_units_left_out_add_to_move_only() -> None:
    problem = path_problem([10, 20], group=["s", "s"], previous=["P", "P"])
    objective = score(problem, plan(".."))
    assert (objective.walk, objective.split, objective.balance, objective.move) == (0, 0, 0, 30)


def test_a_grid_without_a_path_pays_the_sum_of_all_edges() -> None:
    problem = path_problem([1, 1, 2, 2], edges=[(0, 1), (2, 3)], metres=[7.0, 5.0])
    assert score(problem, plan("xxxx")).walk == 5 * 2 + 12 * 1 + 12 * 1


def test_a_plan_of_another_length_is_refused() -> None:
    for judge in (score, explain):
        with pytest.raises(InputError) as caught:
            judge(path_problem([1, 2]), plan("x"))
        assert caught.value.faults[0].rule == "length"


@settings(max_examples=80, deadline=None, derandomize=True)
@given(problem=problems(), data=st.data())
def test_explanations_add_up_to_the_objective(problem, data: st.DataObject) -> None:
    num = len(problem.units)
    labels = data.draw(st.lists(st.sampled_from([None, "x", "y", "z"]), min_size=num, max_size=num))
    told = explain(problem, Plan(grid=Labels(labels)))
    objective = score(problem, Plan(grid=Labels(labels)))
    assert told.objective == objective
    assert sum(grid.walk for grid in told.grids) == pytest.approx(objective.walk)
    assert sum(abs(grid.deviation) for grid in told.grids) == pytest.approx(objective.balance)
    touches = sum(len(grid.groups) for grid in told.grids)
    assert touches - len({name for grid in told.grids for name in grid.groups}) == objective.split
    assert sum(grid.num_units for grid in told.grids) + len(told.unlabelled) == num
    named = [v for grid in told.grids for v in grid.violations]
    assert sorted(map(repr, named)) == sorted(repr(v) for v in told.violations if v.grid is not None)


def test_an_explanation_names_centre_reach_and_compounds() -> None:
    problem = path_problem(
        [1, 2, 5, 4], group=["s", "s", "t", None], parent=["east"] * 3 + [None], locked=[(3,)],
        bounds=Bounds(min=0, max=1_000, target=10),
    )  # fmt: skip
    told = explain(problem, plan("xyyz"))
    x, y, z = told.grids
    assert (x.grid, x.centre, x.households, x.deviation, x.max_walk_m) == ("x", "a", 1, -9, 0)
    assert (y.centre, y.max_walk_m, y.groups, y.split_groups, y.parent) == ("c", 10, ("s", "t"), ("s",), "east")
    assert (z.locked, z.parent, x.locked, y.pieces) == (True, None, False, 1)
    assert (told.num_groups, told.num_split_groups) == (2, 1)
    assert told.by_grid()["y"] is y
