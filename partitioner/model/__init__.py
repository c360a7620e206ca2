"""Values: the problem, its rules, plans and results. Frozen, checked once on construction."""

from partitioner.model.arrays import FloatArray, IntArray, Labels
from partitioner.model.explanation import Explanation, GridSummary
from partitioner.model.graph import Graph
from partitioner.model.piece_result import PieceBound, PieceResult, by_parent
from partitioner.model.plan import Objective, Plan, Result
from partitioner.model.problem import Problem, Sets
from partitioner.model.rules import Bounds, Count, CountRange, SliceRule, Weights
from partitioner.model.status import Status, StopReason
from partitioner.model.units import Units
from partitioner.model.violation import RULES, Violation

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
    "PieceBound",
    "PieceResult",
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
    "by_parent",
]
