"""Many pieces, or workers elsewhere: one job after the other, and of each only its answer is kept."""

from __future__ import annotations

import multiprocessing
import signal as signals
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from contextlib import ExitStack, contextmanager
from itertools import repeat
from pathlib import Path

from partitioner.model import IntArray, Problem
from partitioner.solver.answers import PieceAnswer
from partitioner.solver.board import Board
from partitioner.solver.extracts import Extracts
from partitioner.solver.jobs import PieceJob, Stage, work_on, worked
from partitioner.solver.limits import StopSignal
from partitioner.solver.sharing import Shares

JOBS_PER_WORKER = 2
"""Jobs that are handed out at once: one to work on, one to begin with when that is done."""

POLL_S = 0.1
"""How often a wait for answers looks whether the run is over."""

GRACE_S = 10.0
"""Jobs that have not answered so long after the end of the run are given up: their machines may be lost."""


@contextmanager
def processes(workers: int) -> Iterator[Executor]:
    """Processes of their own for so many jobs at once. Ctrl-C is left to whoever started them."""
    context = multiprocessing.get_context("spawn")  # a fork would copy locks that threads hold
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_leave_interrupts) as pool:
        yield pool


def _leave_interrupts() -> None:
    signals.signal(signals.SIGINT, signals.SIG_IGN)


class Crew:
    """All pieces of one problem as jobs for an executor.

    With a limit of steps a piece is one job. Else every piece has a first look, which ends with a lawful plan where one
    is found, before those that are not proved by then are begun again from that plan.

    Parameters
    ----------
    problem : Problem
    board : Board
        Where the answers go.
    shares : Shares
    signal : StopSignal
    seed : int
    start : int array, shape (n,), or None
        A plan to start from, any number for each unit of the problem.
    executor : Executor or None
        None: threads of this process.
    """

    def __init__(
        self,
        problem: Problem,
        board: Board,
        shares: Shares,
        signal: StopSignal,
        seed: int,
        start: IntArray | None,
        executor: Executor | None,
    ) -> None:
        self._board = board
        self._shares = shares
        self._signal = signal
        self._seed = seed
        self._start = start
        self._executor = executor
        self._extracts = Extracts(problem)
        self._given = [0.0] * len(board.tasks)
        self._stop_file: str | None = None
        self._deadline: float | None = None

    def work(self) -> None:
        """Hand out all jobs and collect their answers."""
        order = self._shares.largest_first()
        if not order:
            return
        with ExitStack() as open_things:
            self._threads = open_things.enter_context(
                ThreadPoolExecutor(max_workers=self._shares.workers, thread_name_prefix="wangge")
            )
            if self._executor is not None:
                folder = Path(open_things.enter_context(tempfile.TemporaryDirectory(prefix="wangge-")))
                self._stop_file = str(folder / "stop")
                open_things.callback(self._signal.listen((folder / "stop").touch))
            remaining = self._signal.remaining_s
            self._deadline = None if remaining is None else time.time() + remaining
            if self._shares.steps(order[0]) is not None:
                self._board.tell("search")
                self._pass(order, "all")
            else:
                self._in_passes(order)
            self._first_plans([i for i in order if self._board.answers[i] is None])

    def _in_passes(self, order: list[int]) -> None:
        self._pass(order, "first")
        self._board.tell("search")
        order = [i for i in order if not self._settled(i)]
        self._board.finished = len(self._board.tasks) - len(order)
        while order and not self._signal():
            self._board.finished = len(self._board.tasks) - len(order)
            self._pass(order, "rest")
            # Time that other pieces have left over goes to those that could have used more.
            order = [i for i in order if self._cut_short(i)] if self._shares.time_left() else []

    def _settled(self, position: int) -> bool:
        answer = self._board.answers[position]
        return answer is not None and answer.settled

    def _cut_short(self, position: int) -> bool:
        answer = self._board.answers[position]
        return answer is None or answer.cut_short

    def _pass(self, order: list[int], stage: Stage) -> None:
        """One job for each of these pieces, a few at a time; ends early when the run is over."""
        self._shares.begin(order)
        waiting = deque(order)
        out: dict[Future[PieceAnswer], int] = {}
        ended = None
        while (waiting and not self._signal()) or out:
            while waiting and not self._signal() and len(out) < JOBS_PER_WORKER * self._shares.workers:
                position = waiting.popleft()
                out[self._send(self._job(position, stage))] = position
            for future in wait(out, timeout=POLL_S, return_when=FIRST_COMPLETED).done:
                position = out.pop(future)
                if not future.cancelled() and not self._collect(future, stage):
                    waiting.appendleft(position)
            if self._signal():
                ended = ended or time.monotonic()
                if time.monotonic() - ended > GRACE_S:
                    return
                for future in out:
                    future.cancel()

    def _send(self, job: PieceJob) -> Future[PieceAnswer]:
        if self._executor is not None:
            try:
                return self._executor.submit(work_on, job)
            except BrokenExecutor:
                self._executor = None
        return self._threads.submit(worked, job, self._signal)

    def _collect(self, future: Future[PieceAnswer], stage: Stage) -> bool:
        """Take over an answer; False where its worker died, and with it all others: threads do the rest."""
        try:
            answer = future.result()
        except BrokenExecutor:
            self._executor = None
            return False
        self._board.put(answer.after(self._board.answers[answer.position]))
        self._shares.end(answer.position)
        if stage != "first":
            self._board.count(1)
        if not self._signal():
            self._board.tell("prepare" if stage == "first" else "search")
        return True

    def _first_plans(self, missing: list[int]) -> None:
        """Plans for pieces that nobody came to: the run is over, so they take next to no time."""
        at_once = JOBS_PER_WORKER * self._shares.workers
        for first in range(0, len(missing), at_once):
            jobs = [self._job(position, "first") for position in missing[first : first + at_once]]
            for answer in self._threads.map(worked, jobs, repeat(self._signal)):
                self._board.put(answer)

    def _job(self, position: int, stage: Stage) -> PieceJob:
        task, before = self._board.tasks[position], self._board.answers[position]
        problem, own = self._extracts.of(task)
        seconds = self._shares.seconds(position)
        if seconds is not None and stage == "rest":
            # It begins anew: with less time than before it would come less far.
            seconds = self._given[position] = max(seconds, 2 * self._given[position])
        start = None if self._start is None else self._start[task.units]
        return PieceJob(
            position=position,
            problem=problem,
            task=own,
            seed=self._seed,
            start=start if before is None else before.slots,
            known=self._board.known_before[position],
            stage=stage,
            steps=self._shares.steps(position),
            seconds=seconds,
            patience=self._shares.patience,
            deadline=self._deadline,
            stop_file=self._stop_file,
        )
