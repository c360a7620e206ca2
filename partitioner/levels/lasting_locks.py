"""Areas that were frozen outside their bounds: they stay so in later redraws, until they are mended or lawful again."""

from __future__ import annotations

from partitioner.io.writing import PlannedCounty
from partitioner.model import Problem, Sets
from partitioner.solver.pieces import components_of


def lasting_locks(before: PlannedCounty, problem: Problem) -> Sets:
    """Locks of `before` that outlasted their redraw, over the units of today, which carry their areas of before.

    Special grids are not among them: they are locked by what stands there. Nor is an area that hangs together no more.
    """
    names = before.problem.units.id
    told = {unit for warning in before.result.warnings for unit in warning.units}
    special = _special_units(before)
    previous = problem.units.previous
    units_of = dict(zip(previous.names, previous.members(), strict=True))
    taken = {unit for members in problem.locked for unit in members}
    found = set()
    for members in before.problem.locked:
        if special.intersection(members) or not told.intersection(names[unit] for unit in members):
            continue
        units = units_of.get(str(before.result.plan.grid.at(members[0])))
        if units is not None and taken.isdisjoint(units.tolist()) and len(components_of(problem, units)) == 1:
            found.add(tuple(units.tolist()))
    return tuple(sorted(found))


def _special_units(before: PlannedCounty) -> set[int]:
    if "special" not in before.county.buildings.columns:
        return set()
    named = before.county.buildings["special"].notna().to_numpy(dtype=bool)
    return set(before.unit_of_building[named].tolist())
