"""`solve`: settle the rules, cut the problem into pieces, work on each, put the plan together and have it judged."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor

import numpy as np

from partitioner import __version__
from partitioner.model import IntArray, Plan, Problem, Result, Status, StopReason, Violation
from partitioner.model.plan_json import gap_of
from partitioner.scoring import score, validate
from partitioner.scoring.objective import walk_of
from partitioner.solver.blocks import in_blocks
from partitioner.solver.contradictions import Settled, settle
from partitioner.solver.limits import Cancel, Limits, StopSignal
from partitioner.solver.naming import name_grids
from partitioner.solver.notes import notes_on
from partitioner.solver.piecework import TOLERANCE, Budget, PieceRun
from partitioner.solver.progress import Observer, Phase, Snapshot
from partitioner.solver.search import PATIENCE
from partitioner.solver.tasks import Task, tasks_of
from partitioner.solver.warm_up import ready

ENGINE = f"wangge {__version__}"

ROUNDING = 1e-8
"""Share of the summed magnitudes by which a bound may exceed a total for lack of digits alone."""

LEAST_TURN_S = 0.5
"""Less time than this is not worth another turn."""

LIMITED_PATIENCE = 5
"""A caller who names a limit waits for it: this many times the patience before a search counts as stalled."""


def solve(
    problem: Problem,
    limits: Limits | None = None,
    observer: Observer | None = None,
    cancel: Cancel | None = None,
    *,
    start: Plan | None = None,
) -> Result:
    """Find a plan, and say how good it is.

    Parameters
    ----------
    problem : Problem
    limits : Limits, optional
        Without any limit the run ends when everything is proved or nothing gets better any more.
    observer : Observer, optional
        Told of every better plan and bound.
    cancel : Cancel, optional
        Set it from another thread to end the run with the best plan so far.
    start : Plan, optional
        Of any origin; the plan returned is at least as good as what of it keeps the rules. It fixes nothing.

    Returns
    -------
    Result
        Judged by `scoring`, whatever the search believes. Where no lawful plan exists: `reasons` and the
        least-violating plan that was found.
    """
    limits = limits or Limits()
    observer = observer or Observer()
    observer.on_progress(Snapshot(phase="prepare", best=None, bound=None, done=0, pieces=0))
    ready()
    began = time.monotonic()
    clock = None if limits.step_limit is not None and limits.time_limit_s is None else limits.time_limit_s
    with StopSignal(clock, cancel) as signal:
        settled = settle(problem)
        run = _Run(settled, limits, observer, signal, start)
        run.work()
        plan = name_grids(problem, run.slots())
        reason = run.stop_reason()
        bound = run.bound()
        statuses = run.statuses()
    seconds = 0.0 if limits.step_limit is not None else time.monotonic() - began
    reasons = settled.reasons + run.reasons()
    return _judged(problem, plan, reasons, run.notes(), statuses, bound, reason, seconds, limits.seed)


def _judged(
    problem: Problem,
    plan: Plan,
    reasons: tuple[Violation, ...],
    notes: tuple[Violation, ...],
    statuses: Sequence[str],
    bound: float,
    stop_reason: StopReason,
    seconds: float,
    seed: int,
) -> Result:
    objective = score(problem, plan)
    violations, warnings = validate(problem, plan)
    status: Status
    if reasons:
        status = "infeasible"
    elif violations:
        status = "unknown"
    else:
        # Sums of many terms in another order differ in the last digits. Anything more is no rounding: a bound above a
        # lawful plan is wrong, and a wrong bound proves nothing.
        if bound > objective.total + ROUNDING * _magnitude(problem, objective.total):
            raise AssertionError(f"bound {bound} above the lawful plan's total {objective.total}")
        bound = min(bound, objective.total)
        status = "optimal" if bound >= objective.total * (1 - TOLERANCE) else "feasible"
    if status == "optimal" or (status == "infeasible" and all(s != "open" for s in statuses)):
        stop_reason = "proved" if stop_reason == "stalled" else stop_reason
    known = None if status == "infeasible" else max(bound, 0.0)
    return Result(
        plan=plan,
        status=status,
        stop_reason="proved" if status == "optimal" else stop_reason,
        objective=objective,
        bound=known,
        gap=gap_of(objective.total, known) if status in ("optimal", "feasible") else None,
        violations=violations,
        warnings=warnings,
        reasons=reasons,
        notes=notes,
        seconds=round(seconds, 3),
        seed=seed,
        engine=ENGINE,
        problem=problem.name,
    )


def _magnitude(problem: Problem, total: float) -> float:
    """Size of the numbers that a bound is summed from: constants that cancel in the total count, too."""
    weights, units = problem.weights, problem.units
    return 1.0 + abs(total) + weights.split * len(units.group.names) + weights.move * float(units.households.sum())


class _Run:
    """All pieces of one problem, worked on by a pool of threads."""

    def __init__(
        self, settled: Settled, limits: Limits, observer: Observer, signal: StopSignal, start: Plan | None
    ) -> None:
        self.problem = settled.problem
        self.start = None if start is None else start.grid.code
        self.limits = limits
        self.observer = observer
        self.signal = signal
        self.tasks = in_blocks(self.problem, tasks_of(self.problem, settled.together))
        self.runs: list[PieceRun | None] = [None] * len(self.tasks)
        self.finished = 0
        self.constant = _constant(self.problem)
        self._standing = _Standing(len(self.tasks))
        self._lock = threading.Lock()
        self._last: Snapshot | None = None
        self._waiting = sum(len(task.units) for task in self.tasks)

    def work(self) -> None:
        """First a plan for every piece, then the best for each; the largest pieces first."""
        order = sorted(range(len(self.tasks)), key=lambda i: (-len(self.tasks[i].units), i))
        threads_given = self.limits.threads or os.cpu_count() or 1
        threads = max(1, min(threads_given, len(self.tasks)))
        with ThreadPoolExecutor(max_workers=threads, thread_name_prefix="wangge") as pool:
            list(pool.map(lambda i: self._open(i, threads), order))
            self._tell("search")
            while order:
                self._pass(order, pool, threads, threads_given)
                # Time that other pieces have left over goes to those that could have used more.
                order = [i for i in order if self._cut_short(i)] if not self.signal() else []
        self._tell("finish")

    def _pass(self, order: list[int], pool: Executor, threads: int, threads_given: int) -> None:
        with self._lock:
            self.finished = len(self.tasks) - len(order)
            self._waiting = sum(len(self.tasks[i].units) for i in order)
        if threads_given > len(order):
            with ThreadPoolExecutor(max_workers=threads_given, thread_name_prefix="wangge-bound") as bounds:
                list(pool.map(lambda i: self._solve(i, threads, bounds), order))
        else:
            list(pool.map(lambda i: self._solve(i, threads, None), order))

    def _cut_short(self, position: int) -> bool:
        run = self.runs[position]
        remaining = self.signal.remaining_s
        return run is not None and run.cut_short and remaining is not None and remaining > LEAST_TURN_S

    def _open(self, position: int, threads: int) -> None:
        run = PieceRun(
            self.problem,
            self.tasks[position],
            seed=self.limits.seed,
            stream=position,
            signal=self.signal,
            start=self.start,
        )
        run.on_change = lambda: self._note(position, "search")
        run.open()
        run.make_lawful(self._budget(self.tasks[position], threads))
        self.runs[position] = run
        self._note(position, "prepare")

    def _solve(self, position: int, threads: int, bounds: Executor | None) -> None:
        run = self.runs[position]
        assert run is not None
        if not self.signal():
            run.solve(self._budget(self.tasks[position], threads), bounds)
            run.explain()
        while run.weigh(self._budget(self.tasks[position], threads)):
            run.solve(self._budget(self.tasks[position], threads), bounds)
        with self._lock:
            self.finished += 1
            self._waiting -= len(self.tasks[position].units)
        self._note(position, "search")

    def _budget(self, task: Task, threads: int) -> Budget:
        """A fair share of what is left, by units."""
        limited = self.limits.time_limit_s is not None or self.limits.step_limit is not None
        patience = PATIENCE * (LIMITED_PATIENCE if limited else 1)
        steps = None
        if self.limits.step_limit is not None:
            steps = self.limits.step_limit * len(task.units) // sum(len(t.units) for t in self.tasks)
        until = None
        remaining = self.signal.remaining_s
        if remaining is not None and self.limits.step_limit is None:
            share = min(1.0, threads * len(task.units) / max(self._waiting, 1))
            until = remaining * (1.0 - share)
        return Budget(steps=steps, until_s=until, patience=patience)

    # --- what the pieces say together --------------------------------------------------------------------------------

    def slots(self) -> IntArray:
        """Grid of every unit, as any number."""
        slot = np.full(len(self.problem.units), -1, dtype=np.int64)
        used = 0
        for members in self.problem.locked:
            slot[list(members)] = used
            used += 1
        for run in self._all():
            slot[run.task.units] = used + run.slots()
            used = int(slot.max()) + 1
        return slot

    def bound(self) -> float:
        return self.constant + sum(run.bound for run in self._all())

    def reasons(self) -> tuple[Violation, ...]:
        return tuple(reason for run in self._all() for reason in run.reasons)

    def notes(self) -> tuple[Violation, ...]:
        return notes_on(self.problem, self._all())

    def statuses(self) -> list[str]:
        return [run.state for run in self._all()]

    def stop_reason(self) -> StopReason:
        if self.signal.reason is not None:
            return self.signal.reason
        over = (
            self.limits.step_limit is not None
            and sum(run.search.steps for run in self._all()) >= self.limits.step_limit
        )
        if over and not all(run.settled for run in self._all()):
            return "step_limit"
        return "stalled"

    def _all(self) -> list[PieceRun]:
        return [run for run in self.runs if run is not None]

    def _note(self, position: int, phase: Phase) -> None:
        """Piece `position` has changed."""
        run = self.runs[position]
        if run is not None:
            self._standing.note(position, run)
        if not self.signal():  # nobody waits for each of a thousand pieces to be put away
            self._tell(phase)

    def _tell(self, phase: Phase) -> None:
        with self._lock:
            standing = self._standing
            snapshot = Snapshot(
                phase=phase,
                best=self.constant + float(standing.cost.sum()) if standing.lawful.all() else None,
                bound=self.constant + float(standing.bound.sum()) if standing.bounded.all() else None,
                done=self.finished,
                pieces=len(self.tasks),
                misfit=int(standing.misfit.sum()),
            )
            if snapshot != self._last:
                self._last = snapshot
                self.observer.on_progress(snapshot)


class _Standing:
    """Where every piece stands, as columns: a report adds up thousands of pieces without looking into any."""

    def __init__(self, num: int) -> None:
        self.cost = np.zeros(num)
        self.bound = np.zeros(num)
        self.misfit = np.zeros(num, dtype=np.int64)
        self.lawful = np.zeros(num, dtype=np.bool_)
        self.bounded = np.zeros(num, dtype=np.bool_)

    def note(self, position: int, run: PieceRun) -> None:
        """Take over the figures of one piece."""
        found = run.found
        self.cost[position], self.misfit[position], self.lawful[position] = found.cost, found.misfit, found.lawful
        self.bound[position], self.bounded[position] = run.bound, not run.reasons


def _constant(problem: Problem) -> float:
    """What every plan pays beside the costs of its free grids.

    Locked grids in full, every group once less, and all households that had a grid as if they moved; what locked
    grids can retain at most is taken off again.
    """
    weights, units = problem.weights, problem.units
    total = -weights.split * len(units.group.names)
    total += weights.move * float(units.households[units.previous.code >= 0].sum())
    for members in problem.locked:
        inside = np.array(members)
        households = units.households[inside]
        groups = np.unique(units.group.code[inside])
        total += weights.walk * walk_of(problem, inside)[0]
        total += weights.balance * abs(int(households.sum()) - problem.bounds.aim)
        total += weights.split * int((groups >= 0).sum())
        had = units.previous.code[inside]
        if weights.move > 0 and (had >= 0).any():
            total -= weights.move * float(np.bincount(had[had >= 0], weights=households[had >= 0]).max())
    return total
