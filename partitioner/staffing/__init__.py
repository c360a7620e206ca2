"""Staffing: who serves where, with balanced load, few changes and short ways, and how good that is."""

from partitioner.staffing.by_hand import Posts
from partitioner.staffing.changing import settled, with_locks, with_people, with_targets, without_people
from partitioner.staffing.engine import assign, fewest_unfilled
from partitioner.staffing.explaining import (
    EmptyPost,
    PairExplanation,
    Relaxation,
    bottlenecks,
    empty_posts,
    explain_pair,
)
from partitioner.staffing.following import Followed, follow_staff
from partitioner.staffing.goal import LEAST_CHANGE, ORDER, OnStage, Stage, StageReport
from partitioner.staffing.judging import Breach, Judgement, judge
from partitioner.staffing.leading import Contact, contacts, led
from partitioner.staffing.loads import LoadTerm, load_terms
from partitioner.staffing.norms import NormReport, norm_reports
from partitioner.staffing.people import Person
from partitioner.staffing.result import RoleResult, Staffing
from partitioner.staffing.roles import Role
from partitioner.staffing.roster import Pair, Roster
from partitioner.staffing.situation import Situation
from partitioner.staffing.targets import Target
from partitioner.staffing.what_if import Choice, who_could_take

__all__ = [
    "LEAST_CHANGE",
    "ORDER",
    "Breach",
    "Choice",
    "Contact",
    "EmptyPost",
    "Followed",
    "Judgement",
    "LoadTerm",
    "NormReport",
    "OnStage",
    "Pair",
    "PairExplanation",
    "Person",
    "Posts",
    "Relaxation",
    "Role",
    "RoleResult",
    "Roster",
    "Situation",
    "Staffing",
    "Stage",
    "StageReport",
    "Target",
    "assign",
    "bottlenecks",
    "contacts",
    "empty_posts",
    "explain_pair",
    "fewest_unfilled",
    "follow_staff",
    "judge",
    "led",
    "load_terms",
    "norm_reports",
    "settled",
    "who_could_take",
    "with_locks",
    "with_people",
    "with_targets",
    "without_people",
]
