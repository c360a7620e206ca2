"""Values: the problem, its rules, plans and results. Frozen, checked once on construction."""

from partitioner.model.arrays import FloatArray, IntArray, Labels
from partitioner.model.explanation import Explanation, GridSummary
from partitioner.model.graph import Graph
from partitioner.model.plan import RULES, Objective, Plan, Result, Status, StopReason, Violation
from partitioner.model.problem import Problem, Sets
from partitioner.model.rules import Bounds, Count, CountRange, SliceRule, Weights
from partitioner.model.units import Units

__all__ = [
    "RULES",
    "Bounds",
    "Count",
    "CountRange",
    "Explanation",
    "FloatArray",
    "Graph",
    "GridSummary",
    "IntArray",
    "Labels",
    "Objective",
    "Plan",
    "Problem",
    "Result",
    "Sets",
    "SliceRule",
    "Status",
    "StopReason",
    "Units",
    "Violation",
    "Weights",
]
