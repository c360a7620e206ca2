"""`assign`: every role on its own, every independent piece on its own, stage after stage."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction

import numpy as np

from partitioner.model import IntArray
from partitioner.solver.limits import Cancel, Limits, StopSignal
from partitioner.staffing import simple_bounds
from partitioner.staffing.effort import Effort
from partitioner.staffing.flow_piece import FlowPiece, counts_only, is_flow, shares
from partitioner.staffing.flow_solving import Stopped
from partitioner.staffing.goal import ORDER, OnStage, Stage, StageReport
from partitioner.staffing.improving import improved
from partitioner.staffing.leading import in_turn, led
from partitioner.staffing.loads import LOAD_UNIT
from partitioner.staffing.measuring import loads, missing, ratio, value
from partitioner.staffing.model_piece import ModelPiece
from partitioner.staffing.pairs import Pairs, allowed_pairs
from partitioner.staffing.pieces import BoolArray, Piece, pieces_of
from partitioner.staffing.result import RoleResult, Staffing
from partitioner.staffing.roles import Role
from partitioner.staffing.roster import Roster
from partitioner.staffing.sets import listable
from partitioner.staffing.start import first_assignment

MANY_PAIRS = 2_000
"""Where a piece has more allowed pairs, only the best start is improved."""


def assign(
    roster: Roster,
    *,
    order: Sequence[Stage] = ORDER,
    limits: Limits | None = None,
    cancel: Cancel | None = None,
    on_stage: OnStage | None = None,
) -> Staffing:
    """Post people, each stage as good as it can be without spoiling the stages before, role by role.

    Parameters
    ----------
    order : sequence of Stage
        All stages, `unfilled` first. `LEAST_CHANGE` moves as few people as possible.
    limits : Limits, optional
        A step is a thousandth of CP-SAT's deterministic time; flows do not count. Without limits each search of a
        piece ends after a fixed amount of work.
    cancel : Cancel, optional
        Set it from another thread to end with the best so far.
    on_stage : function, optional
        Told role and report of every stage when it is done.

    Returns
    -------
    Staffing
        A later stage's bound holds for the values of the stages before, whether those are proved or not.

    Raises
    ------
    ValueError
        `order` does not hold every stage once, `unfilled` first.
    """
    order = tuple(order)
    if sorted(order) != sorted(ORDER) or order[0] != "unfilled":
        raise ValueError(f"order must hold every stage once, unfilled first, not {order}")
    limits = limits or Limits()
    began = time.monotonic()
    with StopSignal(limits.time_limit_s, cancel) as signal:
        effort = Effort(limits, signal, 1)
        found: dict[str, RoleResult] = {}
        layers = in_turn(roster.roles)
        for layer in layers:
            settled = [pair for result in found.values() for pair in result.posted]
            later = len(order) * (len(roster.roles) - len(found) - len(layer))
            found |= _posted(led(roster, settled), layer, order, effort, later, on_stage or _nobody)
        roles = tuple(found[role.name] for role in roster.roles)
        reason = signal.reason
    if all(role.proved for role in roles):
        reason = "proved"
    elif reason is None:
        reason = "stalled" if limits.step_limit is None else "step_limit"
    return Staffing(roles=roles, stop_reason=reason, seconds=time.monotonic() - began, seed=limits.seed)


def _nobody(_role: str, _stage: StageReport) -> None:
    """Nobody watches."""


def _posted(
    roster: Roster, roles: Sequence[Role], order: tuple[Stage, ...], effort: Effort, later: int, on_stage: OnStage
) -> dict[str, RoleResult]:
    """Some roles; at least `later` stages of others come after them."""
    runs = [RoleRun(roster, role, order) for role in roles]
    effort.plan(later + len(order) * sum(run.num_hard for run in runs))
    workers = [run.begin(effort) for run in runs]
    hard = sum(isinstance(one.solver, ModelPiece) for own in workers for one in own)
    effort.expect(later + (len(order) - 1) * hard)
    return {run.role.name: run.finish(own, effort, on_stage) for run, own in zip(runs, workers, strict=True)}


class RoleRun:
    """The pieces of one role, and how each is solved."""

    def __init__(self, roster: Roster, role: Role, order: tuple[Stage, ...]) -> None:
        self.role, self.order = role, order
        self.pairs: Pairs = allowed_pairs(roster, role)
        self.pieces = list(pieces_of(roster, role, self.pairs))

    @property
    def num_hard(self) -> int:
        """Pieces that may need a search."""
        return sum(not is_flow(piece) for piece in self.pieces)

    def begin(self, effort: Effort) -> list[Worker]:
        """The first stage of all pieces."""
        return effort.each(lambda piece: worker_of(piece, self.order, effort), self.pieces)

    def finish(self, workers: list[Worker], effort: Effort, on_stage: OnStage) -> RoleResult:
        """The other stages."""
        reports = [self._first(workers)]
        on_stage(self.role.name, reports[0])
        for one in self.order[1:]:
            reports.append(least_ratio(workers) if one == "ratio" else _least_sum(one, workers, effort))
            on_stage(self.role.name, reports[-1])
        return self._result([worker.chosen for worker in workers], tuple(reports))

    def _first(self, workers: list[Worker]) -> StageReport:
        found, bound = sum(w.unfilled[0] for w in workers), sum(w.unfilled[1] for w in workers)
        return StageReport(stage="unfilled", value=Fraction(found), bound=Fraction(bound))

    def _result(self, chosen: list[BoolArray], reports: tuple[StageReport, ...]) -> RoleResult:
        people, targets = self.pairs.people, self.pairs.targets
        posted: list[tuple[int, int]] = []
        short_people, short_targets = np.zeros(len(people), dtype=int), np.zeros(len(targets), dtype=int)
        for piece, held in zip(self.pieces, chosen, strict=True):
            i, j = piece.people_at[piece.pair_person[held]], piece.targets_at[piece.pair_target[held]]
            posted += zip(i.tolist(), j.tolist(), strict=True)
            short_people[piece.people_at], short_targets[piece.targets_at] = missing(piece, held)
        return RoleResult(
            role=self.role.name,
            posted=tuple((people[i].number, targets[j].id) for i, j in sorted(posted)),
            stages=reports,
            short_targets=tuple((targets[j].id, int(short_targets[j])) for j in np.flatnonzero(short_targets)),
            short_people=tuple((people[i].number, int(short_people[i])) for i in np.flatnonzero(short_people)),
        )


class Worker:
    """One piece with whatever solves it; `unfilled` is (value, bound) of the first stage."""

    def __init__(
        self, piece: Piece, solver: FlowPiece | ModelPiece, unfilled: tuple[int, int], signal: StopSignal
    ) -> None:
        self.piece, self.solver, self.unfilled, self.signal = piece, solver, unfilled, signal

    @property
    def chosen(self) -> BoolArray:
        return self.solver.chosen

    def minimise(self, stage: Stage) -> tuple[int, int]:
        """Value and bound of a stage that adds up; what there is, if the run is over."""
        if self.signal():
            found = int(value(self.piece, self.chosen, stage))
            return found, min(found, self._quick_bound(stage))
        try:
            if isinstance(self.solver, ModelPiece):
                return self.solver.minimise(stage)
            found = self.solver.minimise(stage)
            return found, found
        except Stopped:
            return int(value(self.piece, self.chosen, stage)), 0

    def _held(self) -> dict[Stage, int]:
        return {"unfilled": self.unfilled[0]}

    def _quick_bound(self, stage: Stage) -> int:
        """A bound that takes no time."""
        return simple_bounds.least_value(self.piece, stage, self._held(), self.signal) if stage == "deviation" else 0

    def least_ratio(self, enough: Fraction) -> tuple[Fraction, Fraction]:
        """Value and bound of the highest ratio; where `enough` can be kept, that may be the value, and 0 the bound."""
        if self.signal():
            highest = ratio(self.piece, loads(self.piece, self.chosen))
            return highest, min(highest, simple_bounds.least_ratio(self.piece, self._held()))
        if isinstance(self.solver, ModelPiece):
            return self.solver.least_ratio(enough)
        try:
            found = self.solver.least_ratio(enough)
            return (enough, Fraction(0)) if found is None else (found, found)
        except Stopped:
            highest = ratio(self.piece, loads(self.piece, self.chosen))
            return highest, min(highest, simple_bounds.least_ratio(self.piece, self._held()))

    def limit_ratio(self, highest: Fraction) -> None:
        """Keep everybody at or below this ratio from now on; not any longer where the run is over."""
        with suppress(Stopped):
            if not self.signal():
                self.solver.limit_ratio(highest)


def filled(piece: Piece, effort: Effort) -> tuple[tuple[int, int], BoolArray]:
    """The first stage alone: the fewest posts that stay open with a bound on them, and an assignment."""
    if counts_only(piece):
        flow = FlowPiece(piece, effort.signal)
        found = flow.minimise("unfilled")
        return (found, found), flow.chosen.copy()
    starts = (first_assignment(piece, keep=keep) for keep in (False, True))
    model = ModelPiece(piece, min(starts, key=lambda one: value(piece, one, "unfilled")), effort)
    return model.minimise("unfilled"), model.chosen


def fewest_unfilled(roster: Roster, role: Role, limits: Limits | None = None) -> tuple[int, int]:
    """How many posts of a role stay open at least, as (value, bound)."""
    limits = limits or Limits()
    with StopSignal(limits.time_limit_s, None) as signal:
        pieces = list(pieces_of(roster, role, allowed_pairs(roster, role)))
        effort = Effort(limits, signal, len(pieces))
        found = [_fewest(piece, effort) for piece in pieces]
    return sum(a for a, _ in found), sum(b for _, b in found)


def _fewest(piece: Piece, effort: Effort) -> tuple[int, int]:
    with suppress(Stopped):
        return filled(piece, effort)[0]
    return int(value(piece, first_assignment(piece, keep=True), "unfilled")), 0


def work_through(piece: Piece, order: tuple[Stage, ...], limits: Limits) -> list[tuple[int, int]]:
    """Value and bound of stages that add up, for a piece made by hand; one clock and one budget for all of them."""
    with StopSignal(limits.time_limit_s, None) as signal:
        worker = worker_of(piece, order, Effort(limits, signal, len(order) - 1))
        return [worker.unfilled, *(worker.minimise(stage) for stage in order[1:])]


def worker_of(piece: Piece, order: tuple[Stage, ...], effort: Effort) -> Worker:
    """Fill the posts of a piece, and choose how its other stages are solved."""
    with suppress(Stopped):
        if not effort.signal():
            return _begun(piece, order, effort)
    hasty = ModelPiece(piece, first_assignment(piece, keep=True), effort)
    return Worker(piece, hasty, (int(value(piece, hasty.chosen, "unfilled")), 0), effort.signal)


def _begun(piece: Piece, order: tuple[Stage, ...], effort: Effort) -> Worker:
    signal = effort.signal
    unfilled, chosen = filled(piece, effort)
    tighter = tightened(piece, unfilled[0])
    if is_flow(tighter) and (unfilled[0] == 0 or not shares(tighter)):
        flow = FlowPiece(tighter, effort.signal)
        flow.minimise("unfilled")
        return Worker(tighter, flow, unfilled, signal)
    model = ModelPiece(tighter, chosen, effort, order)
    model.held["unfilled"] = unfilled[0]
    _improve(model, order)
    return Worker(tighter, model, unfilled, signal)


def _improve(model: ModelPiece, order: tuple[Stage, ...]) -> None:
    """Try quick starts, and take the best by all stages."""
    piece = model.piece
    starts = [model.chosen, *(first_assignment(piece, keep=keep) for keep in (False, True))]
    if piece.num_pairs > MANY_PAIRS:
        starts = [min(starts, key=lambda one: [value(piece, one, stage) for stage in order])]
    share = model.effort.share()
    heavy = [stage for stage in order if stage in ("ratio", "deviation")]
    aims = heavy if listable(piece) and order[1] in heavy else order  # what comes behind is for sets of posts
    better = (improved(piece, one, aims, share.over) for one in starts if not _at_bounds(model, one, aims))
    model.chosen = min([*better, *starts], key=lambda one: [value(piece, one, stage) for stage in order])


def _at_bounds(model: ModelPiece, chosen: BoolArray, aims: Sequence[Stage]) -> bool:
    """Whether nothing can be better in any of these stages, as far as bounds that take no time tell."""
    piece, held = model.piece, model.held
    if not set(aims) <= {"ratio", "deviation"}:
        return False
    if "ratio" in aims and value(piece, chosen, "ratio") > simple_bounds.least_ratio(piece, held):
        return False
    least = simple_bounds.least_value(piece, "deviation", held, model.effort.signal)
    return "deviation" not in aims or value(piece, chosen, "deviation") <= least


def tightened(piece: Piece, unfilled: int) -> Piece:
    """The same piece with fewer posts per person: what others must have is not there to be taken.

    At most `unfilled` of the fewest posts of all people are missed, so nobody can hold more than all places less
    what the others hold at least.
    """
    posts = int(piece.max_people.sum())
    others = np.maximum(int(piece.min_posts.sum()) - piece.min_posts - unfilled, 0)
    most: IntArray = np.clip(posts - others, 0, piece.max_posts)
    return replace(piece, max_posts=most)


def least_ratio(workers: list[Worker]) -> StageReport:
    """The highest ratio of all pieces: the worst piece sets it, and others need not be better."""
    highest, bound = Fraction(0), Fraction(0)
    for worker in sorted(workers, key=lambda one: isinstance(one.solver, ModelPiece)):
        if worker.piece.num_people:
            found, least = worker.least_ratio(highest)
            highest, bound = max(highest, found), max(bound, least)
    for worker in workers:
        worker.limit_ratio(highest)
    return StageReport(stage="ratio", value=highest, bound=bound)


def _least_sum(stage: Stage, workers: list[Worker], effort: Effort) -> StageReport:
    """A stage that adds up over the pieces."""
    found_bound = effort.each(lambda worker: worker.minimise(stage), workers)
    scales = (worker.piece.scale if stage == "deviation" else 1 for worker in workers)
    both = [(*one, scale) for one, scale in zip(found_bound, scales, strict=True)]
    unit = LOAD_UNIT if stage == "deviation" else 1
    found = sum((Fraction(one, scale * unit) for one, _, scale in both), Fraction(0))
    bound = sum((Fraction(one, scale * unit) for _, one, scale in both), Fraction(0))
    return StageReport(stage=stage, value=found, bound=bound)
