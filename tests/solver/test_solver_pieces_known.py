"""Every piece has its own proof, which holds for other plans and is not found out twice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from partitioner.model import Bounds, Graph, Labels, Plan, Problem, Units, Weights, by_parent
from partitioner.scoring import judged_pieces, score, validate
from partitioner.solver import Limits, Snapshot, solve
from partitioner.solver.progress import Observer

LIMITS = Limits(step_limit=20_000, threads=1)


def row(households: str, parents: str, *, bounds: Bounds, move: float = 0.0) -> Problem:
    """Houses in a row, 10 m apart; one character each."""
    num = len(households)
    return Problem(
        units=Units(
            id=tuple(f"u{k}" for k in range(num)),
            households=np.array([int(h) for h in households]),
            group=Labels(f"c{k // 3}" for k in range(num)),
            parent=Labels(parents),
            previous=Labels(f"p{k // 2}" for k in range(num)),
        ),
        graph=Graph(num_units=num, u=np.arange(num - 1), v=np.arange(1, num), length_m=np.full(num - 1, 10.0)),
        bounds=bounds,
        weights=Weights(split=100, balance=10, move=move),
    )


@pytest.mark.parametrize("move", [0.0, 7.0])
def test_values_of_pieces_add_up_where_nothing_lies_in_two(move: float) -> None:
    problem = row("444444444444", "aaaaaabbbbbb", bounds=Bounds(min=8, max=12), move=move)
    result = solve(problem, LIMITS)
    assert [piece.parent for piece in result.pieces] == ["a", "b"]
    assert sum(piece.value for piece in result.pieces) == pytest.approx(result.objective.total)
    assert result.bound == pytest.approx(sum(piece.bound for piece in result.pieces))
    assert all(piece.status == "optimal" and piece.proved for piece in result.pieces) == (result.status == "optimal")


def test_a_piece_without_a_lawful_plan_is_told_with_its_least_violation() -> None:
    problem = row("44445", "aaaab", bounds=Bounds(min=8, max=12))
    good, bad = solve(problem, LIMITS).pieces
    assert (good.status, good.outside, good.proved, good.gap) == ("optimal", 0, True, pytest.approx(0.0, abs=1e-6))
    assert (bad.status, bad.outside, bad.least_outside, bad.proved, bad.gap) == ("infeasible", 3, 3, True, None)
    assert bad.reasons


def test_pieces_of_a_parent_are_told_together() -> None:
    problem = row("44445444", "aaaabaaa", bounds=Bounds(min=8, max=12))
    pieces = solve(problem, LIMITS).pieces
    first, second = by_parent(pieces)
    assert (first.parent, first.households, len(first.units)) == ("a", 28, 7)
    assert (first.status, first.proved) == ("optimal", True)
    assert (second.status, second.outside, second.least_violation) == ("infeasible", 3, True)


def test_bounds_hold_for_another_plan_of_the_same_pieces() -> None:
    problem = row("444444", "aaaaaa", bounds=Bounds(min=8, max=16))
    result = solve(problem, LIMITS)
    worse = Plan(grid=Labels("112222"))
    (piece,) = judged_pieces(problem, worse, result.pieces, validate(problem, worse)[0])
    assert piece.value == pytest.approx(score(problem, worse).total)
    assert piece.value > result.objective.total
    assert (piece.status, piece.proved) == ("feasible", False)
    broken = Plan(grid=Labels("122222"))
    (piece,) = judged_pieces(problem, broken, result.pieces, validate(problem, broken)[0])
    assert (piece.status, piece.outside, piece.gap) == ("unknown", 8, None)
    torn = Plan(grid=Labels("122112"))
    (piece,) = judged_pieces(problem, torn, result.pieces, validate(problem, torn)[0])
    assert (piece.status, piece.outside) == ("unknown", 0)


class _Counting(Observer):
    def __init__(self) -> None:
        self.done: list[tuple[int, int]] = []

    def on_progress(self, snapshot: Snapshot) -> None:
        self.done.append((snapshot.done, snapshot.pieces))


def test_what_was_proved_is_not_worked_on_again() -> None:
    problem = row("44445444555", "aaaabccc" + "ddd", bounds=Bounds(min=8, max=12))
    first = solve(problem, LIMITS)
    again = solve(problem, Limits(step_limit=0, threads=1), start=first.plan, known=first.pieces)
    assert again.plan == first.plan
    assert (again.status, again.stop_reason, again.bound) == (first.status, first.stop_reason, first.bound)
    assert [piece.status for piece in again.pieces] == [piece.status for piece in first.pieces]
    assert set(again.reasons) == set(first.reasons)


def test_a_piece_that_has_changed_is_proved_anew() -> None:
    problem = row("444444444", "aaaabbbbb", bounds=Bounds(min=8, max=12))
    first = solve(problem, LIMITS)
    moved = replace(problem, units=replace(problem.units, parent=Labels("aaaaabbbb")))
    known = solve(moved, LIMITS, start=first.plan, known=first.pieces)
    afresh = solve(moved, LIMITS)
    assert known.objective.total == pytest.approx(afresh.objective.total)
    assert [piece.status for piece in known.pieces] == [piece.status for piece in afresh.pieces]


def test_a_known_piece_is_searched_on_where_the_plan_is_not_the_best() -> None:
    problem = row("444444", "aaaaaa", bounds=Bounds(min=8, max=16))
    best = solve(problem, LIMITS)
    worse = Plan(grid=Labels("112222"))
    again = solve(problem, LIMITS, start=worse, known=best.pieces)
    assert again.status == "optimal"
    assert again.objective.total == pytest.approx(best.objective.total)
