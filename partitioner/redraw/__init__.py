"""Redraw after changes: few households move, and how few and how well is proved."""

from partitioner.redraw.freezing import Frozen
from partitioner.redraw.goal import STRICT, WEIGHTED, Goal, capped
from partitioner.redraw.redrawing import Redrawn, redraw

__all__ = ["STRICT", "WEIGHTED", "Frozen", "Goal", "Redrawn", "capped", "redraw"]
