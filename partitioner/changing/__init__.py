"""The redrawing job: a plan and what changed in, the plan of today and what became of the old one out.

The command and the service both call this.
"""

from partitioner.changing.comparing import borders_of, level_change
from partitioner.changing.curves import curve_of
from partitioner.changing.drawn import DRAWN, as_drawn, differences, problem_differences, with_drawn
from partitioner.changing.freezing import frozen_by_level, staff_locks
from partitioner.changing.redrawing import Redrawing, in_system_of, redraw_plan, write_redrawing
from partitioner.changing.retired import Retired, read_retired_rows, write_retired
from partitioner.changing.staff_changes import FollowedPosts, Postings, follow_posts

__all__ = [
    "DRAWN",
    "FollowedPosts",
    "Postings",
    "Redrawing",
    "Retired",
    "as_drawn",
    "borders_of",
    "curve_of",
    "differences",
    "follow_posts",
    "frozen_by_level",
    "in_system_of",
    "level_change",
    "problem_differences",
    "read_retired_rows",
    "redraw_plan",
    "staff_locks",
    "with_drawn",
    "write_redrawing",
    "write_retired",
]
