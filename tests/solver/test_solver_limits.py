"""A run ends when its caller wants, says why, and gives the same bytes wherever it is repeated."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from datasets.instances import city, community, town
from partitioner.model import Labels, Problem
from partitioner.model.plan_json import write_plan
from partitioner.model.problem_json import write_problem
from partitioner.scoring import score, validate
from partitioner.solver import Cancel, Limits, Observer, Snapshot, solve

ROOT = Path(__file__).parents[2]
SOLVE = """
import sys
from partitioner.model.plan_json import write_plan
from partitioner.model.problem_json import read_problem
from partitioner.solver import Limits, solve
problem, plan, threads = sys.argv[1:]
write_plan(solve(read_problem(problem), Limits(step_limit=60_000, seed=5, threads=int(threads))), plan)
"""


class Watcher(Observer):
    """Keeps every snapshot; calls `then` with each of them."""

    def __init__(self, then=lambda _: None) -> None:
        self.seen: list[Snapshot] = []
        self.then = then

    def on_progress(self, snapshot: Snapshot) -> None:
        self.seen.append(snapshot)
        self.then(snapshot)


@pytest.fixture(scope="module")
def large() -> Problem:
    return city(1, 3_000)


def many_pieces() -> Problem:
    """A town whose halves are parents of their own: pieces that threads may solve in any order."""
    base = town(3, num_units=100)
    middle = sorted(base.units.x.tolist())[50]
    parent = Labels("west" if x < middle else "east" for x in base.units.x.tolist())
    return replace(base, units=replace(base.units, parent=parent))


def test_a_step_limit_gives_the_same_bytes_whatever_the_threads(tmp_path: Path) -> None:
    problem = many_pieces()
    written = []
    for threads in (1, 2, 4):
        path = tmp_path / f"plan-{threads}.json"
        write_plan(solve(problem, Limits(step_limit=60_000, seed=5, threads=threads)), path)
        written.append(path.read_bytes())
    assert written[0] == written[1] == written[2]


def test_a_step_limit_gives_the_same_bytes_whatever_the_hash_seed(tmp_path: Path) -> None:
    write_problem(many_pieces(), tmp_path / "problem.json")
    written = []
    for hash_seed, threads in (("0", "1"), ("4242", "2")):
        path = tmp_path / f"plan-{hash_seed}.json"
        subprocess.run(
            [sys.executable, "-c", SOLVE, str(tmp_path / "problem.json"), str(path), threads],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            check=True,
        )
        written.append(path.read_bytes())
    assert written[0] == written[1]
    assert b'"seconds": 0.0' in written[0]


def test_another_seed_is_another_run_but_an_honest_one() -> None:
    problem = town(3, num_units=60)
    results = [solve(problem, Limits(step_limit=20_000, seed=seed, threads=1)) for seed in (0, 1)]
    for result in results:
        assert result.objective == score(problem, result.plan)
        assert (result.seed, result.seconds) == (results.index(result), 0.0)
        assert result.bound <= result.objective.total


def test_no_steps_at_all_still_give_a_complete_plan() -> None:
    problem = community(0)
    result = solve(problem, Limits(step_limit=0, threads=1))
    assert (result.plan.grid.code >= 0).all()
    assert result.stop_reason in ("step_limit", "proved")
    assert result.violations == validate(problem, result.plan)[0]


def test_a_time_limit_ends_the_run_on_a_city(large: Problem) -> None:
    watcher = Watcher()
    result = solve(large, Limits(time_limit_s=4.0, threads=2), watcher)
    assert result.stop_reason == "time_limit"
    assert (result.plan.grid.code >= 0).all()
    assert watcher.seen[-1].phase == "finish"


def test_no_time_at_all_still_gives_a_complete_plan(large: Problem) -> None:
    result = solve(large, Limits(time_limit_s=0.0, threads=2))
    assert result.stop_reason == "time_limit"
    assert (result.plan.grid.code >= 0).all()
    assert result.objective == score(large, result.plan)


def test_a_run_cancelled_from_another_thread_keeps_its_best_plan(large: Problem) -> None:
    cancel = Cancel()
    watcher = Watcher(lambda snapshot: snapshot.best is not None and threading.Thread(target=cancel.set).start())
    result = solve(large, Limits(threads=2), watcher, cancel)
    assert result.stop_reason == "cancelled"
    assert result.status == "feasible"
    assert result.violations == ()
    bests = [snapshot.best for snapshot in watcher.seen if snapshot.best is not None]
    assert result.objective.total <= bests[0] * (1 + 1e-9)


def test_a_run_cancelled_before_it_begins_ends_with_a_complete_plan() -> None:
    cancel = Cancel()
    cancel.set()
    result = solve(town(1), Limits(threads=1), None, cancel)
    assert result.stop_reason in ("cancelled", "proved")
    assert (result.plan.grid.code >= 0).all()


def test_a_cancel_that_is_never_set_changes_nothing() -> None:
    problem = community(2)
    limits = Limits(step_limit=30_000, threads=1)
    assert solve(problem, limits, None, Cancel()) == solve(problem, limits)


@pytest.mark.parametrize("make", [lambda: community(1), lambda: town(2), many_pieces])
def test_a_watcher_never_sees_the_best_become_worse_nor_a_bound_above_it(make) -> None:
    problem = make()
    watcher = Watcher()
    result = solve(problem, Limits(step_limit=300_000, threads=2), watcher)
    assert watcher.seen
    bests = [snapshot.best for snapshot in watcher.seen if snapshot.best is not None]
    assert all(later <= earlier * (1 + 1e-9) for earlier, later in pairwise(bests))
    bounds = [snapshot.bound for snapshot in watcher.seen if snapshot.bound is not None]
    assert all(later >= earlier - 1e-9 * abs(earlier) for earlier, later in pairwise(bounds))
    for snapshot in watcher.seen:
        if snapshot.best is not None and snapshot.bound is not None:
            assert snapshot.bound <= snapshot.best * (1 + 1e-9)
            assert 0 <= snapshot.gap <= 1 + 1e-9
        assert 0 <= snapshot.done <= snapshot.pieces
    assert watcher.seen[-1].done == watcher.seen[-1].pieces
    assert bests[-1] == pytest.approx(result.objective.total, rel=1e-9)


def test_watching_changes_nothing() -> None:
    problem = community(3)
    limits = Limits(step_limit=30_000, threads=1)
    assert solve(problem, limits, Watcher()) == solve(problem, limits)


def test_a_small_community_is_proved_optimal_without_any_limit() -> None:
    problem = community(0)
    result = solve(problem, Limits(threads=1))
    if result.status == "optimal":
        assert (result.stop_reason, result.gap) == ("proved", pytest.approx(0, abs=1e-6))
    else:
        assert (result.status, result.stop_reason) == ("feasible", "stalled")


@pytest.mark.parametrize(
    "wrong", [{"time_limit_s": -1}, {"step_limit": -1}, {"threads": 0}, {"time_limit_s": float("nan")}]
)
def test_limits_refuse_what_makes_no_sense(wrong: dict) -> None:
    with pytest.raises(ValueError, match="must be at least"):
        Limits(**wrong)
