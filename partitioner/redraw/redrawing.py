"""`redraw`: a lawful plan near the previous one, and how near and how good it could be at best.

The previous plan is `problem.units.previous`. What is frozen stays; what a change cannot reach is not touched.
"""

from __future__ import annotations

import math
import time
from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from partitioner.errors import Text
from partitioner.model import Plan, Problem, Result, Status, StopReason, Violation
from partitioner.model.plan_json import gap_of
from partitioner.redraw.admitting import Admits
from partitioner.redraw.assembly import labelled, moved_by
from partitioner.redraw.clusters import Case, Cluster, clusters_of
from partitioner.redraw.drawn import Drawn
from partitioner.redraw.freezing import Fixed, Frozen, broken_lines, broken_pins, fixed, with_locks
from partitioner.redraw.goal import STRICT, Goal
from partitioner.redraw.links import ball, links_of
from partitioner.redraw.standing import Standing, blocks_in, standing, within_reach
from partitioner.redraw.strict import best_at_fewest
from partitioner.redraw.trading import traded
from partitioner.redraw.warming import ready
from partitioner.redraw.whole import searched
from partitioner.scoring import score, validate
from partitioner.solver import ENGINE, Cancel, Limits, Observer, Snapshot
from partitioner.solver.contradictions import settle
from partitioner.solver.limits import StopSignal
from partitioner.solver.tasks import tasks_of

SEARCHED = 4
LEAST_SEARCHED = 200
"""Where listing gives up, blocks within so many times the households tried so far, and this many, are searched."""

SEARCH_S, SEARCH_S_PER_UNIT = 2.0, 0.01
"""What a search may take of a time limit: it comes to its best plan long before it could prove it so."""

TOLERANCE = 1e-6
"""A plan is proved best when its bound reaches (1 - TOLERANCE) of its total."""


@dataclass(frozen=True, kw_only=True)
class Redrawn:
    """What a redraw ends with.

    Parameters
    ----------
    result : Result
        `bound`: no lawful plan that keeps what is frozen and meets the goal has a smaller total. A strict redraw is
        `optimal` when the moved households are proved fewest and the total is proved least for these.
    moved : int
        Households that had a grid and are not in the one that carries it on.
    moved_bound : int
        No lawful plan that keeps what is frozen moves fewer; 0 where nothing is known.
    opened : tuple of str
        Previous grids that were drawn anew, in the order of their labels' first appearance.
    """

    result: Result
    moved: int
    moved_bound: int
    opened: tuple[str, ...]

    @property
    def plan(self) -> Plan:
        return self.result.plan


def redraw(
    problem: Problem,
    goal: Goal = STRICT,
    *,
    frozen: Frozen | None = None,
    reach: Collection[str | None] | None = None,
    hopeless: Collection[Violation] = (),
    admits: Admits | None = None,
    limits: Limits | None = None,
    observer: Observer | None = None,
    cancel: Cancel | None = None,
) -> Redrawn:
    """Draw anew what has to change.

    Parameters
    ----------
    problem : Problem
        `units.previous` is the plan to start from; its weights hold (strict and capped redraws do not read `move`).
    goal : Goal
    frozen : Frozen, optional
    reach : collection of str or None, optional
        Parents that may be opened (see `reach.reached`); all others stay as they are, whatever rules they break.
        Without it all may be: a strict redraw finds out itself which to leave alone, and proves that nothing is lost.
    hopeless : collection of Violation
        What is known to have no lawful plan, by its units, beside what counting shows.
    admits : callable, optional
        Asked of every grid within reach that is not frozen, previous ones included: whether these units may be one.
        Bounds hold for plans of grids that it admits. Where grids are too many to be listed it is not heeded.
    limits, observer, cancel
        As in `solver.solve`.

    Raises
    ------
    InputError
        `frozen` names what is not there.
    """
    limits = limits or Limits()
    ready()
    began = time.monotonic()
    held = fixed(problem, frozen or Frozen())
    problem = with_locks(problem, (frozen or Frozen()).grids)
    clock = None if limits.step_limit is not None else limits.time_limit_s
    with StopSignal(clock, cancel) as signal:
        settled = settle(problem)
        state = within_reach(settled.problem, standing(settled.problem, held), reach)
        state = _with_refused(settled.problem, state, admits, blocks_in(settled.problem, state, reach))
        links = links_of(settled.problem, settled.together, state, held)
        case = Case(
            problem=settled.problem, together=settled.together, state=state, fixed=held, links=links, signal=signal,
            admits=admits, observer=observer,
        )  # fmt: skip
        lost = _hopeless(case, (*settled.reasons, *hopeless))
        lost &= blocks_in(case.problem, case.state, reach)
        clusters = clusters_of(case, (b for b in np.flatnonzero(state.troubled).tolist() if b not in lost))
        solved = [cluster for cluster in clusters if cluster.moved is not None]
        if lost or len(solved) < len(clusters):
            drawn, result = _searched(problem, case, goal, clusters, lost, reach, limits, observer, cancel)
            reason: StopReason | None = result.stop_reason
        else:
            drawn = (
                best_at_fewest(case, clusters, limits)
                if goal.kind == "strict"
                else traded(case, clusters, goal, reach, limits)
            )
            reason = signal.reason
    at_least = sum(cluster.at_least for cluster in clusters if not cluster.infeasible)
    done = _told(problem, held, goal, drawn, at_least, reach, limits, reason, began)
    if observer is not None and not done.result.violations:
        total, bound, num = done.result.objective.total, done.result.bound, len(clusters)
        observer.on_progress(Snapshot(phase="finish", best=total, bound=bound, done=num, pieces=num))
    return done


def _with_refused(problem: Problem, state: Standing, admits: Admits | None, within: Collection[int]) -> Standing:
    """The same, with previous grids `within` that are refused as troubled ones."""
    if admits is None:
        return state
    troubled = state.troubled.copy()
    locked = {unit for members in problem.locked for unit in members}
    for code in sorted(within):
        units = np.flatnonzero(state.block == code)
        if code < state.num_grids and not troubled[code] and len(units) and int(units[0]) not in locked:
            troubled[code] = not admits(units)
    return replace(state, troubled=troubled)


def _hopeless(case: Case, known: Collection[Violation]) -> set[int]:
    """Blocks of pieces that cannot be lawful, by counting alone or as `known`, and all that may trade with them."""
    block = case.state.block
    tasks = tasks_of(case.problem, case.together)
    found = {b for task in tasks if task.reasons for b in np.unique(block[task.units]).tolist()}
    position = case.problem.units.position() if known else {}
    found |= {int(block[position[name]]) for reason in known for name in reason.units}
    return set(ball(case.links, found, 1 << 60))


def _searched(
    problem: Problem,
    case: Case,
    goal: Goal,
    clusters: list[Cluster],
    hopeless: set[int],
    reach: Collection[str | None] | None,
    limits: Limits,
    observer: Observer | None,
    cancel: Cancel | None,
) -> tuple[Drawn, Result]:
    """By search where nothing can be lawful or grids hold too many units to be listed; all else stays as drawn."""
    solved = [cluster for cluster in clusters if cluster.moved is not None]
    drawn = best_at_fewest(case, solved, limits)
    opened = set(hopeless)
    for cluster in clusters:
        if cluster.moved is None:
            radius = 1 << 60 if cluster.infeasible else max(LEAST_SEARCHED, SEARCHED * cluster.budget)
            opened.update(ball(case.links, cluster.sources, radius))
    if goal.kind == "weighted":
        opened.update(blocks_in(case.problem, case.state, reach))
    for cluster in solved:
        assert cluster.region is not None
        if opened.intersection(cluster.region.blocks):
            opened.update(cluster.region.blocks)
    free = np.isin(case.state.block, sorted(opened))
    kept = tuple(tuple(np.flatnonzero(drawn.slot == s).tolist()) for s in np.unique(drawn.slot[~free]).tolist())
    left_s = case.signal.remaining_s
    if limits.step_limit is None and left_s is not None:
        limits = replace(limits, time_limit_s=min(left_s, SEARCH_S + SEARCH_S_PER_UNIT * int(free.sum())))
    result = searched(problem, kept, case.fixed, goal, limits, observer, cancel)
    slot = result.plan.grid.code.copy()
    reasons = result.reasons
    if not reasons and any(cluster.infeasible for cluster in clusters):
        reasons = (_no_choice(),)
    lost = math.inf
    if goal.kind == "weighted" and result.bound is not None:
        lost = max(0.0, result.objective.total - result.bound)
    grids = frozenset(block for block in opened if block < case.state.num_grids) | drawn.opened
    return Drawn(slot=slot, wish={}, lost=lost, opened=grids, reasons=reasons), result


def _no_choice() -> Violation:
    return Violation(
        rule="size_min",
        grid=None,
        units=(),
        amount=0,
        message=Text(
            "在冻结条件下不存在合规方案（已列举证明）", "no lawful plan keeps what is frozen (proved by listing)"
        ),
        remedy=Text("请解除部分冻结或放宽上下限", "thaw something or widen the bounds"),
    )


def violations_within(
    problem: Problem, violations: tuple[Violation, ...], reach: Collection[str | None] | None
) -> tuple[Violation, ...]:
    """Those that touch parents within reach, or no unit in particular."""
    if reach is None:
        return violations
    position, parent = problem.units.position(), problem.units.parent
    return tuple(
        violation
        for violation in violations
        if not violation.units or any(parent.at(position[name]) in reach for name in violation.units)
    )


def _told(
    problem: Problem,
    held: Fixed,
    goal: Goal,
    drawn: Drawn,
    at_least: int,
    reach: Collection[str | None] | None,
    limits: Limits,
    reason: StopReason | None,
    began: float,
) -> Redrawn:
    """Have the plan judged by `scoring`, and say what is known of it."""
    plan = labelled(problem, drawn.slot, drawn.wish, held.pinned)
    lost, reasons, opened = drawn.lost, drawn.reasons, drawn.opened
    objective = score(problem, plan)
    violations, warnings = validate(problem, plan)
    moved = moved_by(problem, plan)
    told = goal.kind == "weighted"
    total = objective.total if told else objective.total - problem.weights.move * objective.move
    bound = None if math.isinf(lost) else max(0.0, total - lost)
    kept = not (broken_pins(problem, held, plan.grid.values()) or broken_lines(problem, held, plan.grid.members()))
    lawful = not violations and kept
    mended = kept and not violations_within(problem, violations, reach)
    nearest = goal.kind != "strict" or moved <= at_least
    status: Status = "unknown"
    if reasons:
        status = "infeasible"
    elif lawful:
        proved = nearest and bound is not None and bound >= total * (1 - TOLERANCE)
        status = "optimal" if proved else "feasible"
    if bound is not None and not told:
        bound += problem.weights.move * (at_least if goal.kind != "strict" else objective.move)
    if not nearest and goal.kind == "strict":
        bound = None  # a bound at more moves than the fewest says nothing about the goal
    stop: StopReason = reason or "stalled"
    return Redrawn(
        result=Result(
            plan=plan,
            status=status,
            stop_reason="proved" if status in ("optimal", "infeasible") else stop,
            objective=objective,
            bound=None if reasons else bound,
            gap=gap_of(objective.total, bound) if lawful and bound is not None and not reasons else None,
            violations=violations,
            warnings=warnings,
            reasons=reasons,
            seconds=0.0 if limits.step_limit is not None else round(time.monotonic() - began, 3),
            seed=limits.seed,
            engine=ENGINE,
            problem=problem.name,
        ),
        moved=moved,
        moved_bound=min(at_least, moved) if mended else at_least,
        opened=tuple(problem.units.previous.names[code] for code in sorted(opened)),
    )
