"""What a redraw or a comparison leaves behind: change list, lineage, maps of before and after, notices."""

from partitioner.io.writing.redraw.curve import write_curve
from partitioner.io.writing.redraw.doubts import write_doubts
from partitioner.io.writing.redraw.folder import write_changes
from partitioner.io.writing.redraw.values import (
    AreaFate,
    Comparison,
    Curve,
    CurvePoint,
    LevelChange,
    StaffChange,
    UnitMove,
)

__all__ = [
    "AreaFate",
    "Comparison",
    "Curve",
    "CurvePoint",
    "LevelChange",
    "StaffChange",
    "UnitMove",
    "write_changes",
    "write_curve",
    "write_doubts",
]
