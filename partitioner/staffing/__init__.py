"""Staffing: who serves where, with balanced load, few changes and short ways, and how good that is."""

from partitioner.staffing.engine import assign
from partitioner.staffing.goal import LEAST_CHANGE, ORDER, Stage, StageReport
from partitioner.staffing.people import Person
from partitioner.staffing.result import RoleResult, Staffing
from partitioner.staffing.roles import Role
from partitioner.staffing.roster import Pair, Roster
from partitioner.staffing.targets import Target

__all__ = [
    "LEAST_CHANGE",
    "ORDER",
    "Pair",
    "Person",
    "Role",
    "RoleResult",
    "Roster",
    "Staffing",
    "Stage",
    "StageReport",
    "Target",
    "assign",
]
