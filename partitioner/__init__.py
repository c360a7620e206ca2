"""wangge (网格) draws community grids.

The library in short: read or build a `Problem`, `solve` it, `score` and `validate` the plan.
"""

__version__ = "0.1.0"

from partitioner.errors import Fault, InputError, OutputError, Place, Text, WanggeError
from partitioner.model import Bounds, Count, CountRange, Graph, Labels, Plan, Problem, Result, Units, Weights
from partitioner.model.plan_json import read_plan, write_plan
from partitioner.model.problem_json import read_problem, write_problem
from partitioner.scoring import explain, score, validate
from partitioner.solver import Cancel, Limits, Observer, Snapshot, solve

__all__ = [
    "Bounds",
    "Cancel",
    "Count",
    "CountRange",
    "Fault",
    "Graph",
    "InputError",
    "Labels",
    "Limits",
    "Observer",
    "OutputError",
    "Place",
    "Plan",
    "Problem",
    "Result",
    "Snapshot",
    "Text",
    "Units",
    "WanggeError",
    "Weights",
    "__version__",
    "explain",
    "read_plan",
    "read_problem",
    "score",
    "solve",
    "validate",
    "write_plan",
    "write_problem",
]
