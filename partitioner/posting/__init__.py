"""The staffing job: a plan and rosters in, who serves where out. The command and the service both call this."""

from partitioner.posting.job import Answer, staff_plan, who_could
from partitioner.posting.plans import plan_targets, planned_targets, staffing_profile
from partitioner.posting.wishes import Wishes, make_roster

__all__ = [
    "Answer",
    "Wishes",
    "make_roster",
    "plan_targets",
    "planned_targets",
    "staff_plan",
    "staffing_profile",
    "who_could",
]
