"""Units of the community level in a redraw: those of the plan before, as far as they are still there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from partitioner.errors import Fault, InputError, Place, Text
from partitioner.io.assembly import Assembled
from partitioner.io.writing import PlannedCounty
from partitioner.levels.compounds import CommunityProblem, Grain, community_problem, problem_over, townships
from partitioner.levels.contraction import pieces
from partitioner.model import IntArray, Labels
from partitioner.profiles import Level


@dataclass(frozen=True, kw_only=True, eq=False)
class CarriedOver:
    """What the community level is asked after a change.

    Parameters
    ----------
    decided : frozenset of str
        Communities whose lines have been decided.
    """

    asked: CommunityProblem
    decided: frozenset[str]


def carried_over(
    assembled: Assembled,
    level: Level,
    before: PlannedCounty,
    became: Mapping[str, str],
    told: Mapping[str, str],
    *,
    num: int | None = None,
) -> CarriedOver:
    """The problem of the community level over the units of `before`.

    Where township, compound or a decided line runs through a unit now, each side is a unit of its own, as are parts
    that do not hang together any more. A new building joins the unit of its compound, if that is one unit; otherwise it
    is a unit. A unit that no community can hold any more is opened as in `community_problem`.

    Parameters
    ----------
    told : mapping of str to str
        Communities decided for buildings, by their ids.
    num : int, optional
        Communities in all.

    Raises
    ------
    InputError
        `told` names a building that is not there or that nobody lives in, or `num` is out of reach.
    """
    problem = assembled.problem
    missing = sorted(set(told) - set(problem.units.id))
    if missing:
        raise InputError([_no_building(name) for name in missing])
    unit_before, label_before = _of_homes(assembled, before, became)
    label = [told.get(name, was) for name, was in zip(problem.units.id, label_before, strict=True)]
    unit_before = _with_new_homes(unit_before, problem.units.group)
    finer = community_problem(assembled, level).unit_of_home
    sides = _sides(unit_before, label)
    unit = _cut(assembled, unit_before, sides)
    size = np.bincount(unit, weights=problem.units.households)[unit]
    opened = size > level.bounds.max
    if opened.any():
        unit = _cut(assembled, np.where(opened, unit_before.max() + 1 + finer, unit_before), sides)
    several = np.bincount(unit)[unit] > 1
    whole = several & (problem.units.group.code >= 0) & ~opened
    grain = np.select([whole, several], [Grain.COMPOUND, Grain.BLOCK], Grain.BUILDING).astype(np.int64)
    asked = problem_over(assembled, level, unit, grain=grain, previous=Labels(label), num_communities=num)
    moved = {was for was, now in zip(label_before, label, strict=True) if was != now}
    touched = {name for name in (*moved, *(told[one] for one in told)) if name is not None}
    return CarriedOver(asked=asked, decided=frozenset(touched & set(asked.problem.units.previous.names)))


def _of_homes(
    assembled: Assembled, before: PlannedCounty, became: Mapping[str, str]
) -> tuple[IntArray, list[str | None]]:
    """Unit and community in `before` of every inhabited building; -1 and None for new ones."""
    row: dict[str, tuple[int, str | None]] = {}
    frame, area = before.county.buildings, before.grid_of_building()
    for name, unit, label in zip(frame["id"].tolist(), before.unit_of_building.tolist(), area, strict=True):
        row[became.get(str(name), str(name))] = (unit, label)
    found = [row.get(name, (-1, None)) for name in assembled.problem.units.id]
    return np.array([unit for unit, _ in found], dtype=np.int64), [label for _, label in found]


def _with_new_homes(unit: IntArray, group: Labels) -> IntArray:
    """New homes in the unit of their compound, or each in one of its own; all numbers at least 0."""
    found = unit.copy()
    only: dict[int, set[int]] = {}
    for code, one in zip(group.code.tolist(), unit.tolist(), strict=True):
        if code >= 0 and one >= 0:
            only.setdefault(code, set()).add(one)
    fresh = int(unit.max(initial=-1)) + 1
    for home in np.flatnonzero(unit < 0).tolist():
        units = only.get(int(group.code[home]), set())
        if len(units) == 1:
            found[home] = next(iter(units))
        else:
            found[home] = fresh
            fresh += 1
    return found


def _sides(unit: IntArray, label: list[str | None]) -> Labels:
    """Community of every home, new ones that of their unit."""
    known = {one: name for one, name in zip(unit.tolist(), label, strict=True) if name is not None}
    return Labels(known.get(one) if name is None else name for one, name in zip(unit.tolist(), label, strict=True))


def _cut(assembled: Assembled, unit: IntArray, sides: Labels) -> IntArray:
    """Connected parts of `unit` inside one township, compound and community, numbered by their lowest home."""
    problem = assembled.problem
    columns = (townships(assembled).code, problem.units.group.code, sides.code, unit)
    kind = np.unique(np.column_stack(columns), axis=0, return_inverse=True)[1].reshape(-1)
    graph = problem.graph
    inner = kind[graph.u] == kind[graph.v]
    return pieces(len(unit), graph.u[inner], graph.v[inner])


def _no_building(name: str) -> Fault:
    return Fault(
        rule="told_building",
        value=name,
        place=Place(),
        message=Text("没有这栋楼，或楼内无人居住", "there is no such building, or nobody lives in it"),
        remedy=Text("请核对楼栋编号", "check the building's id"),
    )
