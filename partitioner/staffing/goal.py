"""The order of aims, and what is known of each: value, bound, proved or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Stage = Literal["unfilled", "ratio", "deviation", "changes", "metres"]
"""Posts without people and people without their fewest posts; highest load by capacity; sum of |load − fair share|;
previous pairs that are given up; metres from home."""

ORDER: tuple[Stage, ...] = ("unfilled", "ratio", "deviation", "changes", "metres")
"""The usual order."""

LEAST_CHANGE: tuple[Stage, ...] = ("unfilled", "changes", "ratio", "deviation", "metres")
"""The order when somebody leaves or arrives and all others had better stay where they are."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StageReport:
    """One stage of one role.

    Parameters
    ----------
    value : Fraction
        Posts, ratio, load, pairs or metres, as the stage counts. Exact.
    bound : Fraction or None
        No assignment that does as well in the stages before has less.
    """

    stage: Stage
    value: Fraction
    bound: Fraction | None

    @property
    def proved(self) -> bool:
        """Whether nothing is left between value and bound."""
        return self.bound is not None and self.bound >= self.value

    @property
    def gap(self) -> float | None:
        """(value − bound) / value; 0 where both are 0; None without a bound."""
        if self.bound is None:
            return None
        return float((self.value - self.bound) / self.value) if self.value else 0.0


OnStage = Callable[[str, StageReport], None]
"""Told the name of a role and each of its stages when it is done."""
