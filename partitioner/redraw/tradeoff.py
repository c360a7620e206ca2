"""Moved households against quality: points to choose from, each with what is proved of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from partitioner.model import Plan, Problem, Status
from partitioner.redraw.freezing import Frozen
from partitioner.redraw.goal import STRICT, WEIGHTED, capped
from partitioner.redraw.redrawing import Redrawn, redraw
from partitioner.solver import Cancel, Limits, Observer

POINTS = 6
"""Points that are looked for."""


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
    limits: Limits | None = None,
    observer: Observer | None = None,
    cancel: Cancel | None = None,
) -> TradeOff:
    """Strict first, then without any regard to moves, then under caps in between.

    Parameters
    ----------
    points : int
        At least 2; fewer come back where caps lead to the same plan, or there is no lawful plan.
    limits : Limits, optional
        `time_limit_s` and `step_limit` are for all points together.
    """
    if points < 2:
        raise ValueError(f"a curve needs at least 2 points, not {points}")
    free = replace(problem, weights=replace(problem.weights, move=0.0))
    each = _share(limits or Limits(), points)

    def drawn(kind: str, cap: int = 0) -> Redrawn:
        goal = {"strict": STRICT, "free": WEIGHTED}.get(kind) or capped(cap)
        return redraw(free, goal, frozen=frozen, reach=reach, limits=each, observer=observer, cancel=cancel)

    first = drawn("strict")
    if first.result.status not in ("optimal", "feasible"):
        return TradeOff(points=(), fewest=first.moved_bound, best_quality=None)
    last = drawn("free")
    found = [_point(first), _point(last)]
    for cap in _caps(first.moved, last.moved, points - 2):
        if cancel is not None and cancel.event.is_set():
            break
        found.append(_point(drawn("capped", cap)))
    return TradeOff(points=_front(found), fewest=first.moved_bound, best_quality=last.result.bound)


def _share(limits: Limits, points: int) -> Limits:
    seconds = None if limits.time_limit_s is None else limits.time_limit_s / points
    steps = None if limits.step_limit is None else limits.step_limit // points
    return replace(limits, time_limit_s=seconds, step_limit=steps)


def _caps(fewest: int, most: int, num: int) -> list[int]:
    """Caps between the two, closer to one another where few move: there the curve bends."""
    span = most - fewest
    caps = {fewest + round(span * ((k + 1) / (num + 1)) ** 2) for k in range(num)}
    return sorted(cap for cap in caps if fewest < cap < most)


def _point(drawn: Redrawn) -> Point:
    result = drawn.result
    return Point(
        moved=drawn.moved, quality=result.objective.total, bound=result.bound, status=result.status, plan=drawn.plan
    )


def _front(found: list[Point]) -> tuple[Point, ...]:
    """Without points that another one beats in both respects."""
    kept: list[Point] = []
    for point in sorted(found, key=lambda p: (p.moved, p.quality)):
        if point.status in ("optimal", "feasible") and (not kept or point.quality < kept[-1].quality):
            kept.append(point)
    return tuple(kept)
