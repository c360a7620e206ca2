"""`solve`: settle the rules, cut the problem into pieces, work on each, put the plan together and have it judged."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace

from partitioner import __version__
from partitioner.model import PieceBound, Plan, Problem, Result, Status, StopReason, Violation
from partitioner.model.plan_json import gap_of
from partitioner.scoring import judged_pieces, score, validate
from partitioner.solver.blocks import in_blocks
from partitioner.solver.board import Board
from partitioner.solver.contradictions import Settled, settle
from partitioner.solver.crew import Crew, processes
from partitioner.solver.kept import KeptPieces
from partitioner.solver.known import known_of
from partitioner.solver.limits import Cancel, Limits, StopSignal
from partitioner.solver.naming import name_grids
from partitioner.solver.progress import Observer, Snapshot
from partitioner.solver.record import TOLERANCE
from partitioner.solver.sharing import Shares
from partitioner.solver.tasks import Task, tasks_of
from partitioner.solver.warm_up import ready

ENGINE = f"wangge {__version__}"

ROUNDING = 1e-8
"""Share of the summed magnitudes by which a bound may exceed a total for lack of digits alone."""

KEPT_PIECES = 600
KEPT_ENTRIES = 64_000_000
"""So many pieces, with so many entries in their matrices of distances, stay open side by side; of others only the
answers are kept."""

PROCESS_UNITS = 100_000
"""Problems of so many units are worth the start of other processes."""


JUDGING_S, JUDGING_SHARE = 7e-6, 0.1
"""Seconds per unit that are set aside for naming and judging the plan, and what share of the time at most."""


def solve(
    problem: Problem,
    limits: Limits | None = None,
    observer: Observer | None = None,
    cancel: Cancel | None = None,
    *,
    start: Plan | None = None,
    executor: Executor | None = None,
    known: Sequence[PieceBound] = (),
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
    executor : Executor, optional
        Works on the pieces, of which it gets a few more at a time than `limits.threads`; the jobs can be pickled. The
        caller shuts it down. Default: threads of this process, or other processes where `limits` allow that and
        the problem is large.
    known : sequence of PieceBound, optional
        What was proved about pieces of a problem that differs in its parents only: pieces of the same units are not
        proved again. Only together with `start`; counts must not have changed.

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
    if clock is not None:
        clock -= min(JUDGING_SHARE * clock, JUDGING_S * len(problem.units))
    with StopSignal(clock, cancel) as signal:
        settled = settle(problem)
        tasks = in_blocks(settled.problem, tasks_of(settled.problem, settled.together))
        board = Board(settled.problem, tasks, observer, known_of(settled.problem, tasks, start, known))
        observer.on_start(settled.problem, board.slots)
        _worked(settled, limits, board, signal, start, executor)
        plan = name_grids(problem, board.slots())
        reason = _stop_reason(board, limits, signal)
    seconds = 0.0 if limits.step_limit is not None else time.monotonic() - began
    reasons = settled.reasons + board.reasons()
    statuses = [answer.state for answer in board.known()]
    result = _judged(problem, plan, reasons, board.notes(), statuses, board.bound(), reason, seconds, limits.seed)
    return replace(result, pieces=judged_pieces(problem, plan, board.pieces(), result.violations))


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


def _kept(tasks: Sequence[Task]) -> bool:
    """Whether all pieces can stay open side by side."""
    return len(tasks) <= KEPT_PIECES and sum(len(task.units) ** 2 for task in tasks) <= KEPT_ENTRIES


def _worked(
    settled: Settled,
    limits: Limits,
    board: Board,
    signal: StopSignal,
    start: Plan | None,
    executor: Executor | None,
) -> None:
    """Have all pieces worked on, by whoever is there."""
    problem, tasks = settled.problem, board.tasks
    shares = Shares(tasks, limits, signal, board.open())
    code = None if start is None else start.grid.code
    if executor is None and _kept([tasks[i] for i in board.open()]):
        KeptPieces(problem, board, shares, signal, limits.seed, code).work()
    elif executor is None and limits.processes and shares.workers > 1 and len(problem.units) >= PROCESS_UNITS:
        with processes(shares.workers) as pool:
            Crew(problem, board, shares, signal, limits.seed, code, pool).work()
    else:
        Crew(problem, board, shares, signal, limits.seed, code, executor).work()
    board.tell("finish")


def _stop_reason(board: Board, limits: Limits, signal: StopSignal) -> StopReason:
    if signal.reason is not None:
        return signal.reason
    answers = board.known()
    if any(answer.cut_short for answer in answers):  # too little was left for another turn
        return "time_limit"
    over = limits.step_limit is not None and sum(answer.steps for answer in answers) >= limits.step_limit
    return "step_limit" if over and not all(answer.settled for answer in answers) else "stalled"
