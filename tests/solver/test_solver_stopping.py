"""Whatever runs long looks at the flag, and nothing that was cut short is taken for complete.

Steps are counted, not seconds: a flag that goes up after so many looks stands for a clock.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from datasets.instances import county, town, village
from partitioner.model import Problem
from partitioner.scoring import score
from partitioner.solver import Cancel, Limits, Observer, Snapshot, solve
from partitioner.solver.budget import Budget
from partitioner.solver.kernels.capacity import all_of_centres, promising
from partitioner.solver.kernels.paths import fill_metres
from partitioner.solver.kernels.pricing import candidates
from partitioner.solver.lagrangian import Pricing
from partitioner.solver.lazy_pricing import LazyPricing
from partitioner.solver.limits import StopSignal
from partitioner.solver.pieces import Piece, make_piece
from partitioner.solver.piecework import PieceRun
from partitioner.solver.tasks import tasks_of


class After:
    """A flag that goes up after `looks` looks."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    def __getitem__(self, position: int) -> bool:
        self.looks -= 1
        return self.looks < 0


def whole(problem: Problem) -> Piece:
    num = len(problem.units)
    return make_piece(problem, np.arange(num), (), (1, num))


@pytest.fixture(scope="module")
def small() -> Pricing:
    return Pricing.of(whole(village(1, 80)).case)


@pytest.mark.parametrize("looks", [0, 1, 40, 79])
def test_candidates_are_looked_for_centre_by_centre_until_told_to_stop(small: Pricing, looks: int) -> None:
    start, item = candidates.py_func(small.original, small.group_of, small.node_of, After(looks))
    assert (np.diff(start)[looks:] == 0).all()
    assert np.array_equal(start[: looks + 1], small.start[: looks + 1])
    assert np.array_equal(item, small.item[: start[-1]])


@pytest.mark.parametrize("looks", [0, 1, 40, 79])
def test_promising_candidates_and_sums_are_made_centre_by_centre(small: Pricing, looks: int) -> None:
    case, start, item = small.original, small.start, small.item
    everything = np.full(len(start) - 1, np.inf)
    kept_start, kept = promising.py_func(
        case, start, item, np.zeros(len(case.households)), everything, 0.0, 0.0, After(looks)
    )
    assert np.array_equal(kept_start[: looks + 1], start[: looks + 1])
    assert len(kept) == start[looks] == kept_start[-1]
    households, _ = all_of_centres.py_func(case, start, item, After(looks))
    assert (households[looks:] == 0).all()
    assert (households[:looks] > 0).all()


def test_distances_are_filled_source_by_source() -> None:
    problem = town(1, 60)
    units = np.arange(60)
    result = np.full((60, 60), -1.0)
    start, neighbour, length = problem.graph.csr
    filled = fill_metres.py_func(result, start, neighbour, length, units, units, 1e9, 1_000, After(7))
    assert filled == 7
    assert (result[:7] >= 0).all()
    assert (result[7:] == -1).all()


def test_lists_that_were_cut_short_are_never_used_afterwards() -> None:
    """The flag goes down again when a turn ends: the next round must not believe in half a list."""
    problem = village(1, 80)
    flag = np.zeros(1, dtype=np.bool_)
    pricing = Pricing.of(whole(problem).case, flag)
    counts = (1, len(problem.units))
    prices = pricing.prices(1e4 * np.ones(len(problem.units)))
    fresh = LazyPricing(pricing=pricing, counts=counts).values(prices)
    lazy = LazyPricing(pricing=pricing, counts=counts)
    flag[0] = True
    assert (lazy.values(prices) == -np.inf).all()
    flag[0] = False
    assert np.array_equal(lazy.values(prices), fresh)


def test_a_bound_that_was_cut_short_in_its_preparation_is_prepared_anew() -> None:
    problem = village(1, 400)
    (task,) = tasks_of(problem, ())
    with StopSignal(None, None) as signal:
        run = PieceRun(problem, task, seed=0, stream=0, signal=signal)
        run.open()
        run.signal.flag[0] = True
        record, proving = run.record, run.proving
        before = record.bound
        proving.ascend(1_000, record.found)
        assert proving.ascent is None
        assert record.bound == before
        run.signal.flag[0] = False
        proving.ascend(1_000, record.found)
        assert proving.ascent is not None
        assert proving.ascent.best.value <= record.found.cost


class Ending(Observer):
    """Ends the run at the first report of a phase, and counts the reports after that."""

    def __init__(self, cancel: Cancel, phase: str) -> None:
        self.cancel, self.phase = cancel, phase
        self.after = 0

    def on_progress(self, snapshot: Snapshot) -> None:
        self.after += self.cancel.event.is_set()
        if snapshot.phase == self.phase:
            self.cancel.set()


@pytest.mark.parametrize("phase", ["prepare", "search"])
def test_a_county_that_is_stopped_keeps_a_whole_plan_and_wastes_no_turn(
    phase: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = county(1, num_units=1_500)
    cancel = Cancel()
    turns: list[Any] = []
    begun = PieceRun._take_turns

    def counted(run: PieceRun, budget: Budget, pool: Any) -> None:
        turns.append(run.signal())
        begun(run, budget, pool)

    monkeypatch.setattr(PieceRun, "_take_turns", counted)
    result = solve(problem, Limits(threads=2), Ending(cancel, phase), cancel)
    assert result.stop_reason == "cancelled"
    assert (result.plan.grid.code >= 0).all()
    assert result.objective == score(problem, result.plan)
    assert len(turns) < len(problem.units.parent.names) / 2
