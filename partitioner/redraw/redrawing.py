"""`redraw`: a lawful plan near the previous one, and how near and how good it could be at best.

The previous plan is `problem.units.previous`. What is frozen stays; what a change cannot reach is not touched.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from partitioner.errors import Text
from partitioner.model import IntArray, Plan, Problem, Result, Status, StopReason, Violation
from partitioner.model.plan_json import gap_of
from partitioner.redraw.assembly import labelled, moved_by, put, staying_slots
from partitioner.redraw.choice import Aim, choose
from partitioner.redraw.clusters import Case, Cluster, clusters_of
from partitioner.redraw.freezing import Fixed, Frozen, broken_lines, broken_pins, fixed
from partitioner.redraw.goal import STRICT, Goal
from partitioner.redraw.links import ball, links_of
from partitioner.redraw.standing import standing
from partitioner.redraw.trading import Traded, traded
from partitioner.redraw.whole import searched
from partitioner.scoring import score, validate
from partitioner.solver import ENGINE, Cancel, Limits, Observer
from partitioner.solver.contradictions import settle
from partitioner.solver.limits import StopSignal
from partitioner.solver.tasks import tasks_of
from partitioner.solver.warm_up import ready

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
    reach: Iterable[str | None] | None = None,
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
    reach : iterable of str or None, optional
        Parents that a weighted or capped redraw may open (see `reach.reached`); all others are frozen. Without it,
        all may be. A strict redraw finds out itself, and proves it.
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
    problem = _with_frozen_grids(problem, held)
    clock = None if limits.step_limit is not None else limits.time_limit_s
    with StopSignal(clock, cancel) as signal:
        settled = settle(problem)
        tasks = () if settled.reasons else tasks_of(settled.problem, settled.together)
        if settled.reasons or any(task.reasons for task in tasks):
            return _given_up(problem, held, limits, observer, cancel, began)
        state = standing(settled.problem, held)
        links = links_of(settled.problem, settled.together, state, held)
        case = Case(
            problem=settled.problem, together=settled.together, state=state, fixed=held, links=links, signal=signal
        )
        clusters = clusters_of(case, np.flatnonzero(state.troubled).tolist())
        if any(cluster.infeasible for cluster in clusters):
            return _given_up(problem, held, limits, observer, cancel, began, proved=True)
        if any(cluster.moved is None for cluster in clusters):
            return _searched(problem, case, goal, clusters, limits, observer, cancel, began)
        if goal.kind == "strict":
            drawn = _strict(case, clusters)
        else:
            drawn = traded(case, clusters, goal, None if reach is None else frozenset(reach), limits)
        reason = signal.reason
    return _judged(problem, case, goal, clusters, drawn, limits, reason, began)


def _searched(
    problem: Problem,
    case: Case,
    goal: Goal,
    clusters: list[Cluster],
    limits: Limits,
    observer: Observer | None,
    cancel: Cancel | None,
    began: float,
) -> Redrawn:
    """By search where some cluster was too large to be listed: what is known of the fewest moves remains known."""
    slot, _ = staying_slots(case.state)
    kept = set(range(case.state.num_blocks)) - {s for cluster in clusters for s in cluster.sources}
    opened: set[int] = set()
    for cluster in clusters:
        if cluster.moved is None:
            opened.update(ball(case.links, cluster.sources, 1 << 60))
    kept -= opened
    grids = tuple(tuple(np.flatnonzero(slot == block).tolist()) for block in sorted(kept))
    result = searched(problem, grids if goal.kind == "strict" else (), case.fixed, goal, limits, observer, cancel)
    at_least = sum(cluster.at_least for cluster in clusters)
    lost = math.inf
    if goal.kind == "weighted" and result.bound is not None:
        lost = max(0.0, result.objective.total - result.bound)
    reasons = result.reasons
    opened_grids = {block for block in opened if block < case.state.num_grids}
    return _told(
        problem, case.fixed, goal, result.plan, lost, at_least, opened_grids, limits, result.stop_reason, began, reasons
    )


def _given_up(
    problem: Problem,
    held: Fixed,
    limits: Limits,
    observer: Observer | None,
    cancel: Cancel | None,
    began: float,
    *,
    proved: bool = False,
) -> Redrawn:
    """No lawful plan exists: the reasons, and the plan of least violation that the solver finds near the previous."""
    result = searched(problem, (), held, STRICT, limits, observer, cancel)
    reasons = result.reasons or ((_no_choice(),) if proved else ())
    everything = range(len(problem.units.previous.names))
    return _told(
        problem, held, STRICT, result.plan, math.inf, 0, everything, limits, result.stop_reason, began, reasons
    )


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


def _with_frozen_grids(problem: Problem, held: Fixed) -> Problem:
    """A frozen grid is a locked set of the redraw."""
    members = problem.units.previous.members()
    locked = {tuple(members[code].tolist()) for code in held.grids}
    return replace(problem, locked=(*problem.locked, *sorted(locked - set(problem.locked)))) if locked else problem


def _strict(case: Case, clusters: list[Cluster]) -> Traded:
    """The least of the other terms at the fewest moves, cluster by cluster."""
    slot, wish = staying_slots(case.state)
    lost = 0.0
    opened: set[int] = set()
    for cluster in clusters:
        region, columns, first = cluster.region, cluster.columns, cluster.choice
        assert region is not None
        assert columns is not None
        assert first is not None
        assert cluster.moved is not None
        kept = np.flatnonzero(columns.least <= cluster.moved)
        place = {int(j): i for i, j in enumerate(kept)}
        few = columns.within(cluster.moved)
        hint = tuple(place[j] for j in first.picked)
        choice = choose(
            few, region, Aim(cost=1.0, move=0.0, cap=cluster.moved), case.signal, seconds=case.seconds(), hint=hint
        )
        value = float(few.cost[list(choice.picked)].sum())
        lost += math.inf if choice.bound is None else max(0.0, value - choice.bound)
        put(slot, wish, region, few, choice)
        opened.update(region.labels)
    return Traded(slot=slot, wish=wish, lost=lost, opened=frozenset(opened), lawful=True)


def _judged(
    problem: Problem,
    case: Case,
    goal: Goal,
    clusters: list[Cluster],
    drawn: Traded,
    limits: Limits,
    reason: StopReason | None,
    began: float,
) -> Redrawn:
    plan = labelled(problem, drawn.slot, drawn.wish, case.fixed.pinned)
    at_least = sum(cluster.at_least for cluster in clusters)
    return _told(
        problem, case.fixed, goal, plan, drawn.lost, at_least, drawn.opened, limits, reason, began, drawn.reasons
    )


def _told(
    problem: Problem,
    held: Fixed,
    goal: Goal,
    plan: Plan,
    lost: float,
    at_least: int,
    opened: Iterable[int],
    limits: Limits,
    reason: StopReason | None,
    began: float,
    reasons: tuple[Violation, ...] = (),
) -> Redrawn:
    """Judge a plan by `scoring`; `lost` is how much less the total could be at most."""
    objective = score(problem, plan)
    violations, warnings = validate(problem, plan)
    moved = moved_by(problem, plan)
    told = goal.kind == "weighted"
    total = objective.total if told else objective.total - problem.weights.move * objective.move
    bound = None if math.isinf(lost) else max(0.0, total - lost)
    kept = not (broken_pins(problem, held, plan.grid.values()) or broken_lines(problem, held, _grids(plan)))
    lawful = not violations and kept
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
        moved_bound=min(at_least, moved) if lawful else at_least,
        opened=tuple(problem.units.previous.names[code] for code in sorted(opened)),
    )


def _grids(plan: Plan) -> list[IntArray]:
    return plan.grid.members()
