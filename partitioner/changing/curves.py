"""Moved households against quality, where a change reaches."""

from __future__ import annotations

from dataclasses import replace

from partitioner.changing.redrawing import Redrawing
from partitioner.io.writing.redraw import Curve, CurvePoint
from partitioner.model import Labels
from partitioner.redraw import Frozen, trade_off
from partitioner.solver import Cancel, Limits, Observer


def curve_of(
    redrawing: Redrawing,
    level: str,
    *,
    frozen: Frozen | None = None,
    limits: Limits | None = None,
    observer: Observer | None = None,
    cancel: Cancel | None = None,
) -> Curve:
    """Moved households against quality at one level, where the change reaches."""
    planned = redrawing.planned.level(level)
    told = dict(zip(redrawing.planned.names, redrawing.told, strict=True))[level]
    problem = planned.problem
    if not told.reach:
        previous = Labels(planned.result.plan.grid.values())
        problem = replace(problem, units=replace(problem.units, previous=previous))
    found = trade_off(
        problem,
        frozen=frozen,
        reach=told.reach,
        known=planned.result.plan,
        limits=limits,
        observer=observer,
        cancel=cancel,
    )
    return Curve(
        level=planned.level,
        county=planned.county.name,
        points=tuple(
            CurvePoint(moved=p.moved, quality=p.quality, bound=p.bound, status=p.status) for p in found.points
        ),
        fewest=found.fewest,
        best_quality=found.best_quality,
    )
