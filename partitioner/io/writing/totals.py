"""Figures over all levels."""

from __future__ import annotations

from partitioner.io.writing.bundle import PlannedLevels


def total_gap(levels: PlannedLevels) -> float | None:
    """(Σ totals - Σ bounds) / Σ totals; None where a bound is not known, 0 where there is nothing to plan.

    The bound of a level holds inside the areas of the level above as they are.
    """
    bounds = [planned.result.bound for planned in levels.levels]
    total = sum(planned.result.objective.total for planned in levels.levels)
    known = [bound for bound in bounds if bound is not None]
    if len(known) < len(bounds):
        return None
    return max(0.0, (total - sum(known)) / total) if total > 0 else 0.0
