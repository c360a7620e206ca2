"""A rule that a plan breaks."""

from __future__ import annotations

from dataclasses import dataclass

from partitioner.errors import Text

RULES = (
    "labelled", "size_min", "size_max", "connected", "parent", "locked", "together", "apart",
    "max_walk_m", "count_min", "count_max",
)  # fmt: skip


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
