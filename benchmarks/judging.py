"""What a run found, judged by `partitioner.scoring` alone, whoever ran it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

POINTS = 40
"""Plans of one run that are judged, spread over its improvements; the first and the last are among them."""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One plan: when it was there, what it is worth, and how many rules it breaks."""

    s: float
    total: float
    violations: int
    misfit: int
    grids: int

    @property
    def rank(self) -> tuple[int, int, float]:
        """Lawful plans first, then fewer households outside the bounds, then the lower total."""
        return (min(self.violations, 1), self.misfit, self.total)


def judged(problem: Any, s: float, grid: Sequence[Any]) -> Judged:
    """Score and validate one plan, given as one label per unit."""
    from partitioner.model import Labels, Plan
    from partitioner.scoring import score, validate

    plan = Plan(grid=Labels(str(label) for label in grid))
    violations, _ = validate(problem, plan)
    outside = [violation for violation in violations if violation.rule in ("size_min", "size_max")]
    return Judged(
        s=s,
        total=round(score(problem, plan).total, 1),
        violations=len(violations),
        misfit=round(sum(violation.amount for violation in outside)),
        grids=len(plan.grid.names),
    )


def chosen(num: int, points: int = POINTS) -> list[int]:
    """Which of `num` plans to judge: all while there are few, else spread evenly."""
    if num <= points:
        return list(range(num))
    return sorted({round(k * (num - 1) / (points - 1)) for k in range(points)})


def best_so_far(plans: Sequence[Judged]) -> list[Judged]:
    """Those that were better than everything before them."""
    kept: list[Judged] = []
    for plan in plans:
        if not kept or plan.rank < kept[-1].rank:
            kept.append(plan)
    return kept
