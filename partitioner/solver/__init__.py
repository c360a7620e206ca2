"""Search, bound and proof: a graph and numbers in, a plan and what is known of it out."""

from partitioner.solver.limits import Cancel, Limits
from partitioner.solver.portfolio import ENGINE, solve
from partitioner.solver.progress import Observer, Snapshot

__all__ = ["ENGINE", "Cancel", "Limits", "Observer", "Snapshot", "solve"]
