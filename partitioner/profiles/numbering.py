"""From a plan with any labels to the same plan with the codes of a profile."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from partitioner.model import FloatArray, IntArray, Labels, Plan, Problem
from partitioner.profiles.codes import CodeTemplate, assign_codes


def numbered_plan(problem: Problem, plan: Plan, template: CodeTemplate | str, *, taken: Iterable[str] = ()) -> Plan:
    """The same grids, numbered west to east and north to south inside every parent.

    A grid stands at the mean position of its units, each counting as `Units.weight`. It belongs to the parent of most
    of that weight. Units without a label stay without. Problems without positions are numbered in the order in which
    their grids first appear.

    Parameters
    ----------
    taken : iterable of str
        Codes never to be given, such as retired ones.
    """
    units = problem.units
    members = plan.grid.members()
    weight = units.weight
    if units.x is None or units.y is None:
        x, y = np.arange(len(members), dtype=np.float64), np.zeros(len(members))
    else:
        x = np.array([np.average(units.x[m], weights=weight[m]) for m in members])
        y = np.array([np.average(units.y[m], weights=weight[m]) for m in members])
    parents = [_main_parent(units.parent, m, weight[m]) for m in members]
    codes = assign_codes(parents, x, y, template, taken=taken)
    return Plan(grid=Labels(None if c < 0 else codes[c] for c in plan.grid.code.tolist()))


def _main_parent(parent: Labels, members: IntArray, weight: FloatArray) -> str | None:
    share = np.bincount(parent.code[members] + 1, weights=weight)
    best = int(share.argmax()) - 1
    return None if best < 0 else parent.names[best]
