"""Redraw after changes: few households move, and how few and how well is proved.

All levels of a plan at once: `levels.redrawing.redraw_levels`.
"""

from partitioner.redraw.admitting import Admits
from partitioner.redraw.changes import Changes, changes_between, with_previous
from partitioner.redraw.comparing import Comparison, compare
from partitioner.redraw.editing import Editor, Placing, Trial, best_places
from partitioner.redraw.freezing import Frozen, with_locks
from partitioner.redraw.goal import STRICT, WEIGHTED, Goal, capped
from partitioner.redraw.lineage import Line, Lineage, lineage
from partitioner.redraw.reach import Reach, reached
from partitioner.redraw.redrawing import Redrawn, redraw
from partitioner.redraw.tradeoff import Point, TradeOff, trade_off

__all__ = [
    "STRICT",
    "WEIGHTED",
    "Admits",
    "Changes",
    "Comparison",
    "Editor",
    "Frozen",
    "Goal",
    "Line",
    "Lineage",
    "Placing",
    "Point",
    "Reach",
    "Redrawn",
    "TradeOff",
    "Trial",
    "best_places",
    "capped",
    "changes_between",
    "compare",
    "lineage",
    "reached",
    "redraw",
    "trade_off",
    "with_locks",
    "with_previous",
]
