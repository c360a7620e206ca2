"""A plan explained as data: per grid, per rule, with amounts."""

from __future__ import annotations

from collections import Counter

import numpy as np

from partitioner.model import IntArray, Plan, Problem, Violation
from partitioner.model.explanation import Explanation, GridSummary
from partitioner.scoring.distances import ways_of
from partitioner.scoring.grids import members_by_grid, piece_counts
from partitioner.scoring.objective import score, walk_of
from partitioner.scoring.validation import validate


def explain(problem: Problem, plan: Plan) -> Explanation:
    """Everything there is to say about `plan`.

    Raises
    ------
    InputError
        The plan is not as long as the problem.
    """
    objective = score(problem, plan)
    violations, warnings = validate(problem, plan)
    grids = members_by_grid(plan)
    touching = _grids_per_group(problem, list(grids.values()))
    locked = set(problem.locked)
    ways = ways_of(problem.graph)
    broken: dict[str | None, list[Violation]] = {}
    for violation in violations:
        broken.setdefault(violation.grid, []).append(violation)
    summaries = []
    for (label, members), pieces in zip(grids.items(), piece_counts(problem.graph, plan).tolist(), strict=True):
        walk, centre, metres = walk_of(problem, members, ways)
        groups = sorted({g for p in members if (g := problem.units.group.at(p)) is not None})
        households = int(problem.units.households[members].sum())
        summaries.append(
            GridSummary(
                grid=label,
                num_units=len(members),
                households=households,
                walk=walk,
                deviation=households - problem.bounds.aim,
                groups=tuple(groups),
                split_groups=tuple(g for g in groups if touching[g] > 1),
                centre=problem.units.id[int(members[centre])],
                parent=_home(problem, members),
                pieces=pieces,
                locked=tuple(members.tolist()) in locked,
                violations=tuple(broken.get(label, ())),
                max_walk_m=float(metres.max()),
            )
        )
    return Explanation(
        grids=tuple(summaries),
        objective=objective,
        num_groups=len(problem.units.group.names),
        num_split_groups=sum(num > 1 for num in touching.values()),
        unlabelled=tuple(problem.units.id[p] for p in np.flatnonzero(plan.grid.code < 0)),
        violations=violations,
        warnings=warnings,
    )


def _grids_per_group(problem: Problem, grids: list[IntArray]) -> Counter[str]:
    touching: Counter[str] = Counter()
    for members in grids:
        touching.update({g for p in members if (g := problem.units.group.at(p)) is not None})
    return touching


def _home(problem: Problem, members: IntArray) -> str | None:
    """The parent of most households (ties: the one named first in the problem)."""
    households: Counter[int] = Counter()
    for position in members.tolist():
        households[int(problem.units.parent.code[position])] += int(problem.units.households[position])
    code = min(households, key=lambda c: (-households[c], c))
    return None if code < 0 else problem.units.parent.names[code]
