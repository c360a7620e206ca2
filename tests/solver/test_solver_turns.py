"""Pieces share one clock: a turn ends on time, and nobody's turn is at the cost of another's first plan."""

from __future__ import annotations

import threading

from datasets import instances
from partitioner.solver import Cancel, Limits, solve
from partitioner.solver.limits import StopSignal, Turn


def test_a_turn_stops_at_its_end_and_only_inside_its_block() -> None:
    with StopSignal(None, None) as run:
        turn = Turn(run)
        stopped = threading.Event()
        with turn.of(0.0):
            turn.listen(stopped.set)
            assert stopped.wait(60.0)
            assert turn()
            assert not run()
        assert not turn()


def test_a_turn_without_an_end_goes_on() -> None:
    with StopSignal(None, None) as run:
        turn = Turn(run)
        with turn.of(None):
            assert not turn()
        assert not turn()


def test_the_end_of_the_run_ends_every_turn_for_good() -> None:
    cancel = Cancel()
    with StopSignal(None, cancel) as run:
        turn = Turn(run)
        stopped = threading.Event()
        turn.listen(stopped.set)
        with turn.of(3600.0):
            cancel.set()
            assert stopped.wait(60.0)
        assert turn()
        assert run()


def test_every_community_has_a_lawful_plan_when_the_largest_could_use_all_the_time() -> None:
    problem = instances.county(1, num_units=500)
    result = solve(problem, Limits(time_limit_s=3.0, threads=1))
    assert result.violations == ()
    assert result.bound is not None
    assert result.bound <= result.objective.total
