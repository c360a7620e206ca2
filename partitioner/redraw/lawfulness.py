"""Whether a region has any lawful plan at all, asked of the solver before moves are counted in vain."""

from __future__ import annotations

from partitioner.model import Problem
from partitioner.model.restriction import restricted
from partitioner.redraw.region import Region
from partitioner.solver import Limits, solve

STEPS_PER_UNIT = 100
"""Proofs of this kind come at once or not at all."""


def proved_hopeless(problem: Problem, region: Region) -> bool:
    """Whether the solver proves in a moment that a region of whole pieces cannot be planned lawfully.

    Ways through other parts of the map are not looked at, so problems with `max_walk_m` are not asked.
    """
    if problem.max_walk_m is not None or problem.count != type(problem.count)() or not region.parts:
        return False
    alone = restricted(problem, region.units)
    limits = Limits(step_limit=STEPS_PER_UNIT * len(alone.units))
    return solve(alone, limits).status == "infeasible"
