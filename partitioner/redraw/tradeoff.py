"""Moved households against quality: points to choose from, each with what is proved of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from partitioner.model import Plan, Problem, Status
from partitioner.redraw.assembly import moved_by
from partitioner.redraw.freezing import Frozen
from partitioner.redraw.goal import STRICT, WEIGHTED, capped
from partitioner.redraw.redrawing import TOLERANCE, Redrawn, redraw, violations_within
from partitioner.scoring import score, validate
from partitioner.solver import Cancel, Limits, Observer

POINTS = 6
"""Points that are looked for."""

EVERYBODY = 1 << 60
"""No cap."""


@dataclass(frozen=True, kw_only=True)
class Point:
    """One plan on the curve.

    Parameters
    ----------
    moved : int
        Households.
    quality : float
        The weighted terms without `move`; less is better.
    bound : float or None
        No lawful plan that moves at most `moved` households has better quality.
    """

    moved: int
    quality: float
    bound: float | None
    status: Status
    plan: Plan

    @property
    def gap(self) -> float | None:
        """(quality - bound) / quality."""
        if self.bound is None:
            return None
        return 0.0 if self.quality == 0 else max(0.0, (self.quality - self.bound) / self.quality)


@dataclass(frozen=True, kw_only=True)
class TradeOff:
    """Points from the fewest moved households to the best quality; none is both worse and moves more than another.

    Parameters
    ----------
    fewest : int
        No lawful plan moves fewer households.
    best_quality : float or None
        No lawful plan is better, however many move.
    """

    points: tuple[Point, ...]
    fewest: int
    best_quality: float | None


def trade_off(
    problem: Problem,
    *,
    frozen: Frozen | None = None,
    reach: Collection[str | None] | None = None,
    points: int = POINTS,
    known: Plan | None = None,
    limits: Limits | None = None,
    observer: Observer | None = None,
    cancel: Cancel | None = None,
) -> TradeOff:
    """Strict first, then without any regard to moves, then under caps in between.

    Parameters
    ----------
    points : int
        At least 2; fewer come back where caps lead to the same plan.
    known : Plan, optional
        A plan that keeps what is frozen: a point, unless others beat it.
    limits : Limits, optional
        `time_limit_s` and `step_limit` are for all points together.

    Returns
    -------
    TradeOff
        Rules broken outside `reach` are not held against a plan. Where none is lawful within, there is one point: the
        plan that moves fewest households of those that break fewest rules.
    """
    if points < 2:
        raise ValueError(f"a curve needs at least 2 points, not {points}")
    free = replace(problem, weights=replace(problem.weights, move=0.0))
    each = _share(limits or Limits(), points)

    def drawn(kind: str, cap: int = 0) -> Redrawn:
        goal = {"strict": STRICT, "free": WEIGHTED}.get(kind) or capped(cap)
        return redraw(free, goal, frozen=frozen, reach=reach, limits=each, observer=observer, cancel=cancel)

    first = drawn("strict")
    found = [_judged(free, first.plan, first.result.status, reach)]
    if known is not None:
        found.append(_judged(free, known, "feasible", reach))
    proved = [(first.moved, first.result.bound)]
    best_quality = None
    if found[0].broken == 0:
        last = drawn("free")
        best_quality = last.result.bound
        proved.append((EVERYBODY, best_quality))
        found.append(_judged(free, last.plan, last.result.status, reach))
        for cap in _caps(first.moved, last.moved, points - 2):
            if cancel is not None and cancel.event.is_set():
                break
            under = drawn("capped", cap)
            proved.append((cap, under.result.bound))
            found.append(_judged(free, under.plan, under.result.status, reach))
    front = _front([one.point for one in found if one.broken == 0])
    if not front:
        front = (min(found, key=lambda one: (one.broken, one.point.moved)).point,)
    return TradeOff(
        points=tuple(_bounded(point, proved) for point in front), fewest=first.moved_bound, best_quality=best_quality
    )


@dataclass(frozen=True, kw_only=True)
class _Judged:
    """A point, and how many rules its plan breaks within reach."""

    point: Point
    broken: int


def _judged(problem: Problem, plan: Plan, status: Status, reach: Collection[str | None] | None) -> _Judged:
    broken = len(violations_within(problem, validate(problem, plan)[0], reach))
    if broken == 0 and status == "unknown":  # rules are broken elsewhere only
        status = "feasible"
    quality = score(problem, plan).total
    point = Point(moved=moved_by(problem, plan), quality=quality, bound=None, status=status, plan=plan)
    return _Judged(point=point, broken=broken)


def _bounded(point: Point, proved: list[tuple[int, float | None]]) -> Point:
    """With the best of the bounds for plans that may move as many households as the point, or more."""
    known = [bound for cap, bound in proved if bound is not None and cap >= point.moved]
    if not known:
        return point
    best = max(known) >= point.quality * (1 - TOLERANCE)
    return replace(point, bound=min(max(known), point.quality), status="optimal" if best else point.status)


def _share(limits: Limits, points: int) -> Limits:
    seconds = None if limits.time_limit_s is None else limits.time_limit_s / points
    steps = None if limits.step_limit is None else limits.step_limit // points
    return replace(limits, time_limit_s=seconds, step_limit=steps)


def _caps(fewest: int, most: int, num: int) -> list[int]:
    """Caps between the two, closer to one another where few move: there the curve bends."""
    span = most - fewest
    caps = {fewest + round(span * ((k + 1) / (num + 1)) ** 2) for k in range(num)}
    return sorted(cap for cap in caps if fewest < cap < most)


def _front(found: list[Point]) -> tuple[Point, ...]:
    """Without points that another one beats in both respects."""
    kept: list[Point] = []
    for point in sorted(found, key=lambda p: (p.moved, p.quality)):
        if not kept or point.quality < kept[-1].quality:
            kept.append(point)
    return tuple(kept)
