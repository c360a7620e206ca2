"""A doubtful match between a building of before and one of today."""

from __future__ import annotations

from dataclasses import dataclass

from partitioner.errors import Text

CONFIRM = "确认（是/否）"
"""Heading of the column that a planner fills in."""


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """Two buildings that may be one.

    Parameters
    ----------
    before, after : str
        Ids.
    away_m : float
        Metres between them.
    reason : Text
        What speaks for it, and why that is not enough.
    """

    before: str
    after: str
    name_before: str
    name_after: str
    households_before: int
    households_after: int
    away_m: float
    reason: Text
