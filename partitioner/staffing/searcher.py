"""CP-SAT with the settings that all searches of staffing share."""

from __future__ import annotations

from ortools.sat.python import cp_model

from partitioner.staffing.effort import Share


def searcher(share: Share, seed: int, most_effort: float = float("inf")) -> cp_model.CpSolver:
    """A solver that keeps to a share of the run; the caller lets it listen to the end of the run."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.catch_sigint_signal = False  # it would take the caller's own handler away
    solver.parameters.random_seed = seed % (1 << 31)
    solver.parameters.linearization_level = 2
    solver.parameters.max_deterministic_time = max(min(most_effort, share.effort()), 1e-4)
    seconds = share.seconds()
    if seconds is not None:
        solver.parameters.max_time_in_seconds = max(seconds, 0.01)
    return solver
