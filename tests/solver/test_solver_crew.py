"""Pieces as jobs: whoever does them, the answers are the same, little is kept of each, and nothing done is lost."""

from __future__ import annotations

import pickle
import weakref
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datasets.instances import city, county, town
from partitioner.model import Count, CountRange, Labels, Problem
from partitioner.model.plan_json import write_plan
from partitioner.scoring import score
from partitioner.solver import Cancel, Limits, Observer, Snapshot, portfolio, solve
from partitioner.solver.answers import PieceAnswer
from partitioner.solver.blocks import in_blocks
from partitioner.solver.crew import processes
from partitioner.solver.extracts import Extracts
from partitioner.solver.jobs import PieceJob, Stage, work_on
from partitioner.solver.pieces import make_piece
from partitioner.solver.piecework import PieceRun
from partitioner.solver.tasks import tasks_of


@pytest.fixture(scope="module")
def workers() -> Iterator[Executor]:
    """Two processes that know nothing of this one."""
    with processes(2) as pool:
        yield pool


@pytest.fixture(scope="module")
def many() -> Problem:
    """A hundred pieces or more."""
    problem = county(1, num_units=1_200)
    parent = Labels(f"{group}" for group in problem.units.group.values())
    return replace(problem, units=replace(problem.units, parent=parent), count=Count())


def bytes_of(tmp_path: Path, problem: Problem, limits: Limits, executor: Executor | None) -> bytes:
    write_plan(solve(problem, limits, executor=executor), tmp_path / "plan.json")
    return (tmp_path / "plan.json").read_bytes()


def jobs_of(problem: Problem, stage: Stage = "all") -> list[PieceJob]:
    extracts = Extracts(problem)
    jobs = []
    for position, task in enumerate(tasks_of(problem, ())):
        small, own = extracts.of(task)
        jobs.append(
            PieceJob(
                position=position, problem=small, task=own, seed=0, start=None, stage=stage, steps=2_000, seconds=None,
                patience=15_000, deadline=None, stop_file=None,
            )
        )  # fmt: skip
    return jobs


def same(one: PieceAnswer, other: PieceAnswer) -> bool:
    return all(
        np.array_equal(getattr(one, field.name), getattr(other, field.name))
        if field.name == "slots"
        else getattr(one, field.name) == getattr(other, field.name)
        for field in fields(PieceAnswer)
    )


def test_a_step_limit_gives_the_same_bytes_whoever_does_the_work(tmp_path: Path, workers: Executor) -> None:
    """32 pieces are kept open without an executor; as jobs they are not."""
    problem = county(1, num_units=400)
    limits = Limits(step_limit=200_000, seed=3, threads=2)
    kept = bytes_of(tmp_path, problem, limits, None)
    with ThreadPoolExecutor(3) as threads:
        assert bytes_of(tmp_path, problem, limits, threads) == kept
    assert bytes_of(tmp_path, problem, limits, workers) == kept
    assert bytes_of(tmp_path, problem, replace(limits, threads=1), workers) == kept


def test_a_step_limit_gives_the_same_bytes_where_pieces_are_not_kept(
    tmp_path: Path, many: Problem, workers: Executor, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = Limits(step_limit=100_000, threads=2)
    monkeypatch.setattr(portfolio, "KEPT_PIECES", 64)
    one_by_one = bytes_of(tmp_path, many, limits, None)
    assert bytes_of(tmp_path, many, limits, workers) == one_by_one
    monkeypatch.setattr(portfolio, "KEPT_PIECES", 10_000)
    assert bytes_of(tmp_path, many, limits, None) == one_by_one


def test_a_pickled_job_has_the_same_answer() -> None:
    for job in jobs_of(county(2, num_units=60)):
        assert same(work_on(job), work_on(pickle.loads(pickle.dumps(job))))


def test_a_problem_is_pickled_as_what_it_was_made_from() -> None:
    problem = replace(town(1), count=Count(by_parent={}, default=CountRange(min=1)))
    assert len(problem.graph.csr[0]) == len(problem.units) + 1
    copy = pickle.loads(pickle.dumps(problem))
    assert copy.units.group == problem.units.group
    assert copy.count == problem.count
    assert np.array_equal(copy.graph.csr[2], problem.graph.csr[2])
    assert not copy.graph.csr[2].flags.writeable
    assert not copy.units.households.flags.writeable


@pytest.mark.parametrize("problem", [county(1, num_units=500), town(2)])
def test_an_extract_knows_every_distance_of_the_piece_and_little_more(problem: Problem) -> None:
    extracts = Extracts(problem)
    for task in tasks_of(problem, ()):
        small, own = extracts.of(task)
        whole = make_piece(problem, task.units, task.together, task.counts)
        cut = make_piece(small, own.units, own.together, own.counts)
        for name in ("walk", "far", "households", "neighbour", "length", "group_start"):
            assert np.array_equal(getattr(whole.case, name), getattr(cut.case, name))
        assert [small.units.id[u] for u in own.units.tolist()] == [problem.units.id[u] for u in task.units.tolist()]


def test_an_extract_of_a_block_knows_the_nearest_units() -> None:
    problem = city(1, 900)
    blocks = in_blocks(problem, tasks_of(problem, ()), dense=500, most=300)
    extracts = Extracts(problem)
    for task in blocks:
        small, own = extracts.of(task)
        whole = make_piece(problem, task.units, task.together, task.counts, reach=100)
        cut = make_piece(small, own.units, own.together, own.counts, reach=100)
        assert np.array_equal(whole.case.walk, cut.case.walk)


class Heavy:
    """Counts what is alive when a piece is begun."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.runs: weakref.WeakSet[PieceRun] = weakref.WeakSet()
        self.cases: list[weakref.ref[Any]] = []
        self.most = self.begun = self.most_matrices = 0
        begin = PieceRun.__init__

        def counted(run: PieceRun, *args: Any, **options: Any) -> None:
            begin(run, *args, **options)
            self.runs.add(run)
            self.cases.append(weakref.ref(run.record.piece.case.walk))
            self.begun += 1
            self.most = max(self.most, len(self.runs))
            self.most_matrices = max(self.most_matrices, sum(case() is not None for case in self.cases))

        monkeypatch.setattr(PieceRun, "__init__", counted)


@pytest.mark.parametrize("limits", [Limits(step_limit=50_000, threads=2), Limits(time_limit_s=6.0, threads=2)])
def test_no_more_pieces_are_alive_than_are_worked_on(
    many: Problem, limits: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portfolio, "KEPT_PIECES", 64)
    heavy = Heavy(monkeypatch)
    solve(many, limits)
    assert heavy.begun >= len(tasks_of(many, ())) > portfolio.KEPT_PIECES
    assert heavy.most <= 2
    assert heavy.most_matrices <= 2


class Ending(Observer):
    """Cancels at the first report that `when` likes."""

    def __init__(self, cancel: Cancel, when: Any) -> None:
        self.cancel, self.when = cancel, when
        self.seen: list[Snapshot] = []

    def on_progress(self, snapshot: Snapshot) -> None:
        self.seen.append(snapshot)
        if self.when(snapshot):
            self.cancel.set()


def test_what_other_processes_have_done_is_kept_when_the_caller_cancels(workers: Executor) -> None:
    """By the end of the first looks every community has a lawful plan, and keeps it."""
    problem = county(1, num_units=500)
    cancel = Cancel()
    watcher = Ending(cancel, lambda snapshot: snapshot.phase == "search")
    result = solve(problem, Limits(threads=2), watcher, cancel, executor=workers)
    bests = [snapshot.best for snapshot in watcher.seen if snapshot.best is not None]
    assert result.stop_reason == "cancelled"
    assert result.violations == ()
    assert result.objective == score(problem, result.plan)
    assert result.objective.total <= bests[0] * (1 + 1e-9)


def test_a_run_that_is_cancelled_at_once_still_gives_a_whole_plan(workers: Executor) -> None:
    problem = county(1, num_units=300)
    cancel = Cancel()
    cancel.set()
    result = solve(problem, Limits(threads=2), None, cancel, executor=workers)
    assert result.stop_reason == "cancelled"
    assert (result.plan.grid.code >= 0).all()


def test_a_job_ends_when_its_stop_file_is_there(tmp_path: Path) -> None:
    (tmp_path / "stop").touch()
    (job,) = jobs_of(city(1, 1_500))
    answer = work_on(replace(job, steps=None, stop_file=str(tmp_path / "stop")))
    assert len(answer.slots) == 1_500
    assert not answer.settled


def test_a_time_limit_holds_in_other_processes(workers: Executor) -> None:
    problem = county(1, num_units=1_000)
    result = solve(problem, Limits(time_limit_s=3.0, threads=2), executor=workers)
    assert result.stop_reason in ("time_limit", "proved", "stalled")
    assert (result.plan.grid.code >= 0).all()
    assert result.bound is None or result.bound <= result.objective.total


class Dying(ThreadPoolExecutor):
    """Takes some jobs, and dies with some of them."""

    def __init__(self, done: int, taken: int) -> None:
        super().__init__(1)
        self.done, self.taken = done, taken

    def submit(self, fn: Any, /, *args: Any, **options: Any) -> Future[Any]:
        self.taken -= 1
        self.done -= 1
        if self.taken < 0:
            raise BrokenExecutor
        if self.done < 0:
            lost: Future[Any] = Future()
            lost.set_exception(BrokenExecutor())
            return lost
        return super().submit(fn, *args, **options)


def test_what_dead_workers_leave_is_done_here(tmp_path: Path) -> None:
    problem = county(1, num_units=300)
    limits = Limits(step_limit=50_000, threads=2)
    expected = bytes_of(tmp_path, problem, limits, None)
    with Dying(3, 5) as executor:
        assert bytes_of(tmp_path, problem, limits, executor) == expected
    with Dying(3, 3) as executor:
        assert bytes_of(tmp_path, problem, limits, executor) == expected


def test_an_answer_keeps_the_better_of_what_was_known_and_what_is_new() -> None:
    (answer,) = (work_on(job) for job in jobs_of(town(1, 30)))
    worse = replace(answer, cost=answer.cost + 1.0, bound=answer.bound + 0.5, state="open", settled=False)
    proved = replace(answer, state="optimal", settled=True)
    both = worse.after(proved)
    assert (both.cost, both.bound, both.state, both.settled) == (answer.cost, worse.bound, "optimal", True)
    assert both.steps == 2 * answer.steps
    assert worse.after(None) is worse
