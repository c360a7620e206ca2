"""The staffing job: a plan and rosters in, who serves where out. The command and the service both call this."""

from partitioner.posting.asking import who_could_instead
from partitioner.posting.job import Answer, explained, staff_plan, who_could
from partitioner.posting.plans import PlanFolder, plan_targets, planned_targets, read_plan_folder, staffing_profile
from partitioner.posting.wishes import Wishes, make_roster, served_targets

__all__ = [
    "Answer",
    "PlanFolder",
    "Wishes",
    "explained",
    "make_roster",
    "plan_targets",
    "planned_targets",
    "read_plan_folder",
    "served_targets",
    "staff_plan",
    "staffing_profile",
    "who_could",
    "who_could_instead",
]
