"""A plan, what it is worth, and how it came about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from partitioner.errors import Text
from partitioner.model.arrays import Labels

Status = Literal["optimal", "feasible", "infeasible", "unknown"]
"""What is known of the plan: proved best, lawful, proved that none is lawful, nothing."""

StopReason = Literal["proved", "time_limit", "step_limit", "cancelled", "stalled"]
"""Why the run ended: everything was proved, a limit, the caller, or no method had anything left to try."""

RULES = (
    "labelled", "size_min", "size_max", "connected", "parent", "locked", "together", "apart",
    "max_walk_m", "count_min", "count_max",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Objective:
    """Raw terms, and the weighted total in household-metres."""

    walk: float
    split: int
    balance: float
    move: int
    total: float


@dataclass(frozen=True, kw_only=True)
class Violation:
    """A broken rule. `grid` is None where the rule is not about one grid.

    `amount` is in the rule's own measure: households for sizes, extra pieces for `connected`, extra parents for
    `parent`, units for `labelled`, `locked`, `together` and `apart`, metres for `max_walk_m`, grids for counts.
    """

    rule: str
    grid: str | None
    units: tuple[str, ...]
    amount: float
    message: Text
    remedy: Text


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One label per unit, in the problem's order; a null label is a unit left out."""

    grid: Labels

    def __len__(self) -> int:
        return len(self.grid)


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a run ends with.

    Parameters
    ----------
    bound : float or None
        No lawful plan has a smaller total. None: not known; always None when infeasible.
    gap : float or None
        (total - bound) / total; 0 where both are 0; None without a bound.
    reasons : tuple of Violation
        Why no lawful plan exists, proved. Empty unless infeasible.
    notes : tuple of Violation
        Where no lawful plan was found: what is known about the households outside the bounds, part by part. `amount` is
        the proved least number where the part is proved infeasible, else what the plan leaves outside.
    """

    plan: Plan
    status: Status
    stop_reason: StopReason
    objective: Objective
    bound: float | None
    gap: float | None
    violations: tuple[Violation, ...] = ()
    warnings: tuple[Violation, ...] = ()
    reasons: tuple[Violation, ...] = ()
    notes: tuple[Violation, ...] = ()
    seconds: float = 0.0
    seed: int = 0
    engine: str = ""
    problem: str = ""
