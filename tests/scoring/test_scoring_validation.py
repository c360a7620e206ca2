"""Each rule has a tiny plan that keeps it and a tiny plan that breaks it."""

from __future__ import annotations

import pytest
from scoring_examples import path_problem, plan

from partitioner.errors import InputError
from partitioner.model import RULES, Bounds, Count, CountRange, Labels, Plan, Problem, Violation
from partitioner.scoring import validate
from partitioner.scoring.validation import _CHECKS


def broken(problem: Problem, labels: str) -> list[Violation]:
    violations, warnings = validate(problem, plan(labels))
    assert not warnings
    return told(violations)


def told(violations: tuple[Violation, ...]) -> list[Violation]:
    for violation in violations:
        assert violation.rule in RULES
        for text in (violation.message, violation.remedy):
            assert text.zh
            assert text.en
            assert text.zh != text.en
    return list(violations)


def only(problem: Problem, labels: str) -> Violation:
    (violation,) = broken(problem, labels)
    return violation


def test_every_rule_is_checked_in_the_order_of_the_format() -> None:
    assert tuple(_CHECKS) == RULES


def test_labelled() -> None:
    problem = path_problem([1, 1, 1])
    assert not broken(problem, "xxx")
    found = only(problem, ".x.")
    assert (found.rule, found.grid, found.units, found.amount) == ("labelled", None, ("a", "c"), 2)


def test_size_min() -> None:
    problem = path_problem([30, 20, 60], bounds=Bounds(min=50, max=100))
    assert not broken(problem, "xxy")
    found = only(path_problem([30, 19, 60], bounds=Bounds(min=50, max=100)), "xxy")
    assert (found.rule, found.grid, found.units, found.amount) == ("size_min", "x", ("a", "b"), 1)


def test_size_max() -> None:
    assert not broken(path_problem([60, 40], bounds=Bounds(min=0, max=100)), "xx")
    found = only(path_problem([60, 41], bounds=Bounds(min=0, max=100)), "xx")
    assert (found.rule, found.grid, found.amount) == ("size_max", "x", 1)
    alone = only(path_problem([104], bounds=Bounds(min=0, max=100)), "x")
    assert "stairwells" in alone.remedy.en
    assert alone.amount == 4


def test_connected() -> None:
    problem = path_problem([1, 1, 1, 1])
    assert not broken(problem, "xxyy")
    found = only(problem, "xyxx")
    assert (found.rule, found.grid, found.units, found.amount) == ("connected", "x", ("a",), 1)
    assert only(problem, "xyxz").units == ("c",)


def test_an_edge_of_no_length_connects() -> None:
    assert not broken(path_problem([1, 1], metres=[0.0]), "xx")


def test_connected_means_inside_the_grid_although_walking_may_leave_it() -> None:
    assert only(path_problem([1, 1, 1]), "xyx").rule == "connected"


def test_parent() -> None:
    problem = path_problem([1, 1, 1], parent=["east", "east", "west"])
    assert not broken(problem, "xxy")
    found = only(problem, "xxx")
    assert (found.rule, found.grid, found.units, found.amount) == ("parent", "x", ("c",), 1)


def test_no_parent_is_a_class_of_its_own() -> None:
    problem = path_problem([1, 1, 1], parent=["east", None, None])
    assert not broken(problem, "xyy")
    assert only(problem, "xxy").rule == "parent"
    assert not broken(path_problem([1, 1]), "xx")


def test_locked() -> None:
    problem = path_problem([1, 1, 1, 1], locked=[(0, 1)])
    assert not broken(problem, "xxyy")
    assert not broken(problem, "xxyz")
    lost, gained = only(problem, "xyyy"), only(problem, "xxxy")
    assert (lost.rule, gained.rule) == ("locked", "locked")
    assert (gained.grid, gained.units, gained.amount) == ("x", ("c",), 1)
    assert only(problem, "xxxx").amount == 2


def test_a_locked_set_left_out_is_told() -> None:
    assert "locked" in [v.rule for v in broken(path_problem([1, 1], locked=[(0,)]), ".x")]


def test_together() -> None:
    problem = path_problem([1, 1, 1], together=[(0, 2)])
    assert not broken(problem, "xxx")
    found = only(problem, "xxy")
    assert (found.rule, found.grid, found.units, found.amount) == ("together", None, ("a", "c"), 1)


def test_apart() -> None:
    problem = path_problem([1, 1, 1, 1], apart=[(0, 2, 3)])
    assert not broken(problem, "xxyz")
    found = only(problem, "xxyy")
    assert (found.rule, found.grid, found.units, found.amount) == ("apart", "y", ("c", "d"), 1)
    assert only(problem, "xxxx").amount == 2


def test_units_left_out_are_not_taken_for_one_grid() -> None:
    assert [v.rule for v in broken(path_problem([1, 1], apart=[(0, 1)]), "..")] == ["labelled"]


def test_max_walk_m() -> None:
    problem = path_problem([1, 1, 1, 1], max_walk_m=10)
    assert not broken(problem, "xxxy")
    found = only(problem, "xxxx")
    assert (found.rule, found.grid, found.amount) == ("max_walk_m", "x", 10)


def test_reach_is_asked_of_any_unit_not_of_the_centre_of_walking() -> None:
    # Nearly everybody lives in a, which is the centre of walking; from b all others are within 10 m.
    assert not broken(path_problem([900, 1, 1], max_walk_m=10), "xxx")


def test_reach_is_measured_over_the_whole_graph() -> None:
    problem = path_problem([1, 1, 1], edges=[(0, 1), (1, 2), (0, 2)], metres=[5.0, 5.0, 90.0], max_walk_m=10)
    assert not broken(problem, "xyx")


def test_sums_of_metres_in_another_order_do_not_break_reach() -> None:
    assert not broken(path_problem([1, 1, 1, 1], metres=[0.1, 0.2, 0.3], max_walk_m=0.3), "xxxx")


@pytest.mark.parametrize(("labels", "rules"), [("xxyy", []), ("xxxx", ["count_min"]), ("xyzz", ["count_max"])])
def test_count(labels: str, rules: list[str]) -> None:
    problem = path_problem([1, 1, 1, 1], count=Count(default=CountRange(min=2, max=2)))
    assert [v.rule for v in broken(problem, labels)] == rules


def test_count_of_each_parent() -> None:
    count = Count(default=CountRange(max=1), by_parent={"west": CountRange(min=2)})
    problem = path_problem([1] * 5, parent=["east", "east", "west", "west", None], count=count)
    assert not broken(problem, "xxyzw")
    assert [(v.rule, v.amount) for v in broken(problem, "vxyzw")] == [("count_max", 1)]
    found = only(problem, "xxyyw")
    assert (found.rule, found.amount, found.grid) == ("count_min", 1, None)
    assert "west" in found.message.en


def test_locked_grids_count() -> None:
    problem = path_problem([1, 1, 1], locked=[(0,)], count=Count(default=CountRange(max=2)))
    assert not broken(problem, "xyy")


def test_what_a_locked_grid_breaks_is_a_warning() -> None:
    problem = path_problem(
        [90, 20, 5], parent=["east", "west", "west"], locked=[(0, 1), (2,)], max_walk_m=5, metres=[30.0, 1.0],
        bounds=Bounds(min=10, max=100),
    )  # fmt: skip
    violations, warnings = validate(problem, plan("xxy"))
    assert not violations
    assert [(w.rule, w.grid) for w in told(warnings)] == [
        ("size_min", "y"), ("size_max", "x"), ("parent", "x"), ("max_walk_m", "x"),
    ]  # fmt: skip


def test_a_locked_grid_in_pieces_stays_a_violation() -> None:
    violations, warnings = validate(path_problem([1, 1, 1], locked=[(0, 2)]), plan("xyx"))
    assert [v.rule for v in violations] == ["connected"]
    assert not warnings


def test_a_changed_locked_grid_is_not_excused() -> None:
    problem = path_problem([90, 20, 1], locked=[(0, 1)], bounds=Bounds(min=0, max=100))
    violations, warnings = validate(problem, plan("xxx"))
    assert {v.rule for v in violations} == {"size_max", "locked"}
    assert not warnings


def test_all_violations_are_told_not_only_the_first() -> None:
    problem = path_problem(
        [60, 60, 1, 1], parent=["east", "west", "east", "east"], together=[(0, 3)], apart=[(0, 1)],
        bounds=Bounds(min=5, max=100), count=Count(by_parent={"west": CountRange(min=2)}),
    )  # fmt: skip
    assert [v.rule for v in broken(problem, "xxy.")] == [
        "labelled", "size_min", "size_max", "parent", "together", "apart", "count_min",
    ]  # fmt: skip


def test_a_plan_of_another_length_is_refused() -> None:
    with pytest.raises(InputError):
        validate(path_problem([1, 2]), Plan(grid=Labels(["x"])))
