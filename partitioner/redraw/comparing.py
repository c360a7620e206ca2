"""Any two plans side by side: who moved, from where to where and why, and what each plan is worth."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from partitioner.errors import Text
from partitioner.model import Labels, Objective, Plan, Problem, Violation
from partitioner.redraw.changes import Changes
from partitioner.redraw.lineage import Lineage, lineage
from partitioner.scoring import score, validate
from partitioner.scoring.grids import check_length

_NO_CHANGES = Changes(units=(), edges=(), rules=(), parents=())

FOLLOWS = Text("随相邻网格调整", "follows from changes nearby")
JOINS = Text("新划入网格", "given to a grid for the first time")
SPECIAL = Text("划入专属网格", "belongs to a special grid now")
LEFT_OUT = Text("未划入任何网格", "left without a grid")


@dataclass(frozen=True, kw_only=True)
class Moved:
    """One unit that is in another grid than the one that carries on its previous one.

    Parameters
    ----------
    before, after : str or None
        Labels in the two plans.
    """

    unit: str
    households: int
    before: str | None
    after: str | None
    reason: Text


@dataclass(frozen=True, kw_only=True)
class Side:
    """What one plan is worth by the rules of today. `objective.move` counts from the other plan to this one."""

    objective: Objective
    violations: tuple[Violation, ...]
    num_grids: int
    households: tuple[int, ...]
    """Of every grid, ascending."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Plan A (before) and plan B (after) over the same units.

    Parameters
    ----------
    moved_households : int
        As the lineage counts them.
    units : tuple of Moved
        In the problem's order, units that got or lost a grid included.
    flows : tuple of (str or None, str or None, int, int)
        From, to, units, households; most households first.
    """

    lineage: Lineage
    moved_households: int
    units: tuple[Moved, ...]
    flows: tuple[tuple[str | None, str | None, int, int], ...]
    before: Side
    after: Side


def compare(problem: Problem, before: Plan, after: Plan, changes: Changes | None = None) -> Comparison:
    """Compare two plans of `problem`; labels may differ altogether.

    Parameters
    ----------
    problem : Problem
        The rules and households of today, by which both are judged.
    changes : Changes, optional
        What changed in between: reasons for single units and grids.

    Raises
    ------
    InputError
        A plan is not as long as the problem.
    """
    check_length(problem, before)
    check_length(problem, after)
    lines = lineage(before.grid, after.grid, problem.units.households)
    sides = _side(problem, before, after), _side(problem, after, before)
    units = tuple(_moved(problem, before, after, lines, sides[0], changes or _NO_CHANGES))
    return Comparison(
        lineage=lines,
        moved_households=lines.moved,
        units=units,
        flows=_flows(units),
        before=sides[0],
        after=sides[1],
    )


def _side(problem: Problem, plan: Plan, other: Plan) -> Side:
    judged = replace(problem, units=replace(problem.units, previous=Labels(other.grid.values())))
    code = plan.grid.code
    sizes = np.bincount(code[code >= 0], weights=problem.units.households[code >= 0], minlength=len(plan.grid.names))
    return Side(
        objective=score(judged, plan),
        violations=validate(problem, plan)[0],
        num_grids=len(plan.grid.names),
        households=tuple(sorted(int(size) for size in sizes)),
    )


def _moved(problem: Problem, before: Plan, after: Plan, lines: Lineage, was: Side, changes: Changes) -> list[Moved]:
    carries = lines.renamed()
    told = changes.by_unit()
    retired = set(lines.retired)
    broken = {v.grid: v.message for v in reversed(was.violations) if v.grid is not None}
    stray = {unit: v.message for v in reversed(was.violations) if v.rule != "labelled" for unit in v.units}
    special = {unit for members in problem.locked for unit in members}
    found = []
    for i, unit in enumerate(problem.units.id):
        old, new = before.grid.at(i), after.grid.at(i)
        if old == new is None or (new is not None and old is not None and carries.get(new) == old):
            continue
        own = told[unit][0] if unit in told else None
        # A number that changed is a cause only where nothing else is wrong: units that were cut have new ones, too.
        if own is not None and not (own.kind == "households" and unit in stray):
            reason = own.reason
        elif i in special and new is not None:
            reason = SPECIAL
        elif new is None:
            reason = LEFT_OUT
        elif old is None:
            reason = JOINS
        elif old in retired:
            reason = Text(f"原网格 {old} 撤销", f"its grid {old} is retired")
        elif unit in stray or old in broken:
            reason = stray.get(unit) or broken[old]
        else:
            taker = carries.get(new)
            reason = broken.get(taker, FOLLOWS) if taker is not None else Text("划入新网格", "goes to a new grid")
        found.append(
            Moved(unit=unit, households=int(problem.units.households[i]), before=old, after=new, reason=reason)
        )
    return found


def _flows(units: tuple[Moved, ...]) -> tuple[tuple[str | None, str | None, int, int], ...]:
    table: dict[tuple[str | None, str | None], tuple[int, int]] = {}
    for unit in units:
        num, households = table.get((unit.before, unit.after), (0, 0))
        table[unit.before, unit.after] = (num + 1, households + unit.households)
    flows = [(before, after, num, households) for (before, after), (num, households) in table.items()]
    return tuple(sorted(flows, key=lambda flow: (-flow[3], flow[0] or "", flow[1] or "")))
