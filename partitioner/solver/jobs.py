"""One piece as a job: small enough to be sent anywhere, complete enough to be done there."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import Literal

from partitioner.model import IntArray, Problem
from partitioner.solver.answers import PieceAnswer
from partitioner.solver.budget import Budget
from partitioner.solver.known import Known
from partitioner.solver.limits import Cancel, StopSignal
from partitioner.solver.piecework import PieceRun
from partitioner.solver.tasks import Task

FIRST_STEPS = 300
"""Candidates per node after the first lawful plan in a first look: many a piece is proved by then."""

Stage = Literal["first", "rest", "all"]


@dataclass(frozen=True, kw_only=True, eq=False)
class PieceJob:
    """What `work_on` needs to know. Can be pickled.

    Parameters
    ----------
    position : int
        Of the task among all; also the stream of random numbers.
    problem : Problem
        The units of the piece, and those that shortest paths between them may cross.
    task : Task
        In positions of `problem`.
    seed : int
    start : int array, shape (u,), or None
        A plan to start from: any number for each unit of the task.
    stage : "first", "rest" or "all"
        A lawful plan and a short look at it; everything, from `start`; both at once.
    steps : int or None
        Candidates that the search may try.
    seconds : float or None
        That the job may take.
    patience : int
    deadline : float or None
        End of the whole run, in seconds since 1970: the clocks of all machines should agree.
    stop_file : str or None
        The run is over as soon as this file exists.
    known : Known or None
        What was proved of the piece before.
    """

    position: int
    problem: Problem
    task: Task
    seed: int
    start: IntArray | None
    stage: Stage
    steps: int | None
    seconds: float | None
    patience: int
    deadline: float | None
    stop_file: str | None
    known: Known | None = None


def work_on(job: PieceJob) -> PieceAnswer:
    """Do a job, in any thread, process or machine; ends within a second after the run is over."""
    left = None if job.deadline is None else max(0.0, job.deadline - time.time())
    with StopSignal(left, None if job.stop_file is None else StopFile(job.stop_file)) as signal:
        return worked(job, signal)


def worked(job: PieceJob, signal: StopSignal) -> PieceAnswer:
    """Do a job under a signal that is at hand."""
    run = PieceRun(
        job.problem, job.task, seed=job.seed, stream=job.position, signal=signal, start=job.start, known=job.known
    )
    remaining = signal.remaining_s
    until = None if remaining is None or job.seconds is None else max(0.0, remaining - job.seconds)
    budget = Budget(steps=job.steps, until_s=until, patience=job.patience)
    run.open()
    run.make_lawful(budget)
    if job.stage == "first":
        if not signal():
            steps = run.record.search.steps + FIRST_STEPS * len(run.record.piece.case.households)
            run.solve(Budget(steps=steps, until_s=until, patience=job.patience))
    else:
        run.finish(lambda: budget)
    answer = run.answer()
    run.close()
    return answer


class StopFile(Cancel):
    """A wish to stop that other processes can see: a file that comes into being."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path

    def wanted(self) -> bool:
        return super().wanted() or os.path.exists(self._path)
