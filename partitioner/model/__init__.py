"""Values: the problem, its rules, plans and results. Frozen, checked once on construction."""

from partitioner.model.arrays import FloatArray, IntArray, Labels
from partitioner.model.graph import Graph
from partitioner.model.plan import RULES, Objective, Plan, Result, Status, StopReason, Violation
from partitioner.model.problem import Problem, Sets
from partitioner.model.rules import Bounds, Count, CountRange, Weights
from partitioner.model.units import Units

__all__ = [
    "RULES",
    "Bounds",
    "Count",
    "CountRange",
    "FloatArray",
    "Graph",
    "IntArray",
    "Labels",
    "Objective",
    "Plan",
    "Problem",
    "Result",
    "Sets",
    "Status",
    "StopReason",
    "Units",
    "Violation",
    "Weights",
]
