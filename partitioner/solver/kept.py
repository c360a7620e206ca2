"""Few pieces: all stay open side by side, so that each goes on where it stopped."""

from __future__ import annotations

from concurrent.futures import Executor, ThreadPoolExecutor

from partitioner.model import IntArray, Problem
from partitioner.solver.board import Board
from partitioner.solver.budget import Budget
from partitioner.solver.extracts import Extracts
from partitioner.solver.limits import StopSignal
from partitioner.solver.piecework import PieceRun
from partitioner.solver.progress import Phase
from partitioner.solver.sharing import Shares

KEPT_LISTS = 64
"""With more pieces open than this, those that wait for another turn let go of their lists of grids."""


class KeptPieces:
    """All pieces of one problem, worked on by threads of this process.

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
    """

    def __init__(
        self, problem: Problem, board: Board, shares: Shares, signal: StopSignal, seed: int, start: IntArray | None
    ) -> None:
        self._board = board
        self._shares = shares
        self._signal = signal
        self._seed = seed
        self._start = start
        extracts = Extracts(problem)
        self._cut_out = {position: extracts.of(board.tasks[position]) for position in shares.largest_first()}
        self._runs: dict[int, PieceRun] = {}

    def work(self) -> None:
        """First a plan for every piece, then the best for each; the largest pieces first."""
        order = self._shares.largest_first()
        with ThreadPoolExecutor(max_workers=self._shares.workers, thread_name_prefix="wangge") as pool:
            list(pool.map(self._open, order))
            self._board.tell("search")
            while order:
                self._pass(order, pool)
                # Time that other pieces have left over goes to those that could have used more.
                order = [i for i in order if i in self._runs] if not self._signal() else []

    def _pass(self, order: list[int], pool: Executor) -> None:
        self._shares.begin(order)
        self._board.finished = len(self._board.tasks) - len(order)
        if self._shares.given > len(order):
            with ThreadPoolExecutor(max_workers=self._shares.given, thread_name_prefix="wangge-bound") as bounds:
                list(pool.map(lambda i: self._solve(i, bounds), order))
        else:
            list(pool.map(lambda i: self._solve(i, None), order))

    def _open(self, position: int) -> None:
        problem, task = self._cut_out[position]
        start = None if self._start is None else self._start[self._board.tasks[position].units]
        known = self._board.known_before[position]
        run = PieceRun(problem, task, seed=self._seed, stream=position, signal=self._signal, start=start, known=known)
        run.record.on_change = lambda: self._note(run, "search")
        run.open()
        run.make_lawful(self._budget(position))
        self._runs[position] = run
        self._note(run, "prepare")

    def _solve(self, position: int, bounds: Executor | None) -> None:
        run = self._runs[position]
        run.finish(lambda: self._budget(position), bounds)
        self._shares.end(position)
        self._board.count(1)
        self._note(run, "search")
        if run.cut_short and self._shares.time_left():
            if len(self._runs) > KEPT_LISTS:
                run.rest()
        else:
            run.close()
            del self._runs[position]

    def _budget(self, position: int) -> Budget:
        seconds, remaining = self._shares.seconds(position), self._signal.remaining_s
        until = None if seconds is None or remaining is None else max(0.0, remaining - seconds)
        return Budget(steps=self._shares.steps(position), until_s=until, patience=self._shares.patience)

    def _note(self, run: PieceRun, phase: Phase) -> None:
        """A piece has changed."""
        self._board.put(run.answer())
        if not self._signal():  # nobody waits for each of a thousand pieces to be put away
            self._board.tell(phase)
