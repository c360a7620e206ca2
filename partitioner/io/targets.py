"""From a plan to what people are posted to, from communities down to stairwells; with work, place and neighbours."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import shapely
from pyproj import CRS

from partitioner.io.work_rows import Codes, WorkRows, rows_of_level, rows_of_problem
from partitioner.io.writing.bundle import PlannedCounty, PlannedLevels
from partitioner.io.writing.naming import reference
from partitioner.model import FloatArray, IntArray, Plan, Problem
from partitioner.staffing import Target

COMMUNITY, GRID, SPECIAL, MICRO = "community", "grid", "special", "micro"
COMPOUND, BUILDING, STAIRWELL, TOWNSHIP = "compound", "building", "stairwell", "township"

ALWAYS = (COMMUNITY, GRID, SPECIAL)
"""Targets that are always there: other ones lie in them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HomePlace:
    """A building in which people may live.

    Parameters
    ----------
    areas : mapping from level to id
        Where it lies, as far as that is known; `micro` is the one with most of its households.
    """

    id: str
    title: str
    compound: str | None
    x: float | None
    y: float | None
    areas: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, eq=False)
class PlanTargets:
    """What of a plan people can be posted to.

    Parameters
    ----------
    name : str
        Of the county.
    targets : tuple of Target
        Ids are codes and names of the plan; where two levels share one, the narrower is called ``level:name``.
    neighbours : tuple of (str, str)
    titles : mapping from id to text
        What a target is called, where that is more than its id.
    homes : mapping from the id of a building to its place
    townships : mapping from code to code
        Townships are areas, not targets.
    residents : mapping from the id of a community to a number
        Of communities whose residents are all counted.
    told : frozenset of str
        Kinds of work that the ledger tells.
    crs : CRS or None
        Of all positions; None for a plan without geometry.
    outline : Geometry or None
        Around all buildings.
    placed : bool
        Whether targets have positions.
    """

    name: str
    targets: tuple[Target, ...]
    neighbours: tuple[tuple[str, str], ...]
    titles: Mapping[str, str]
    homes: Mapping[str, HomePlace]
    townships: frozenset[str] = frozenset()
    residents: Mapping[str, float] = field(default_factory=dict)
    told: frozenset[str] = frozenset()
    crs: CRS | None = None
    outline: shapely.Geometry | None = None
    placed: bool = True

    def title(self, target: str) -> str:
        """What a target is called."""
        return self.titles.get(target, target)


def targets_of_plan(planned: PlannedLevels, levels: Collection[str]) -> PlanTargets:
    """Targets of `levels` (and of the areas around them) in a planned county.

    Stairwells are told by the ledger: buildings without a number of them have none. Buildings in which nobody lives are
    no targets.
    """
    base = reference(planned)
    rows = rows_of_level(base)
    parts = _Assembly(rows, _special_grids(base))
    names = {name: title for level in planned.levels for name, title in level.community_names().items()}
    parts.communities(names, rows_of_level(planned.level(COMMUNITY)) if planned.has(COMMUNITY) else None)
    if planned.has(GRID):
        parts.grids(base.level.name == GRID)
    if MICRO in levels and planned.has(MICRO):
        micro = planned.level(MICRO)
        parts.micro(rows_of_level(micro))
        parts.link(MICRO, micro.problem, [micro.result.plan.grid.at(k) for k in range(len(micro.result.plan))])
    parts.smaller(levels)
    parts.link_units(base.problem, base.result.plan, levels, _units_rows(base))
    shapes = base.county.buildings.geometry.to_numpy()
    return parts.result(
        name=base.county.name,
        crs=base.county.crs,
        outline=base.county.boundary or shapely.convex_hull(shapely.union_all(shapely.centroid(shapes))),
    )


def targets_of_problem(problem: Problem, plan: Plan, levels: Collection[str]) -> PlanTargets:
    """Targets in a plan of grids that is nothing but a problem and its labels.

    Units are buildings, groups are compounds, parents are communities. Locked grids outside the bounds are special.
    """
    rows = rows_of_problem(problem, plan)
    households = problem.units.households
    bounds = problem.bounds
    special = {
        str(plan.grid.at(one[0]))
        for one in problem.locked
        if plan.grid.at(one[0]) is not None and not bounds.min <= int(households[list(one)].sum()) <= bounds.max
    }
    parts = _Assembly(rows, special)
    parts.communities({}, None)
    parts.grids(wanted=True)
    parts.smaller(levels)
    parts.link_units(problem, plan, levels, np.arange(len(rows)))
    return parts.result(name=problem.name, crs=None, outline=None)


def _special_grids(base: PlannedCounty) -> set[str]:
    """Grids that are locked because of what stands there."""
    if base.level.name != GRID or "special" not in base.county.buildings.columns:
        return set()
    named = base.county.buildings["special"].notna().to_numpy()
    locked = {unit for one in base.problem.locked for unit in one}
    unit = base.unit_of_building[named]
    grid = base.result.plan.grid
    return {str(grid.at(k)) for k in unit.tolist() if k in locked and grid.at(k) is not None}


def _units_rows(base: PlannedCounty) -> IntArray:
    """The row that each unit is (the first that follows it)."""
    row = np.full(len(base.problem.units), -1, dtype=np.int64)
    ids = {name: k for k, name in enumerate(base.county.buildings["id"].tolist())}
    for k, name in enumerate(base.problem.units.id):
        row[k] = ids.get(name, -1)
    return row


class _Assembly:
    """Puts targets together, the widest first."""

    def __init__(self, rows: WorkRows, special: set[str]) -> None:
        self.rows, self.special = rows, special
        self.found: dict[str, Target] = {}
        self.id_of: dict[tuple[str, str], str] = {}
        self.titles: dict[str, str] = {}
        self.links: set[tuple[str, str]] = set()
        self.residents: dict[str, float] = {}
        self.main: dict[str, dict[str, str]] = defaultdict(dict)

    def add(self, level: str, code: str, parent: str | None, title: str, work: dict[str, float], place: _Place) -> str:
        name = code if code not in self.found else f"{level}:{code}"
        self.id_of[level, code] = name
        organisation = parent if level == COMMUNITY else None
        if organisation is None and parent is not None and parent in self.found:
            organisation = self.found[parent].organisation or parent
        self.found[name] = Target(
            id=name, level=level, parent=parent, x=place[0], y=place[1], work=work, organisation=organisation
        )
        if title and title != name:
            self.titles[name] = title
        return name

    def communities(self, names: Mapping[str, str], own: WorkRows | None) -> None:
        """Those that were planned, or else those of the ledger."""
        rows = own or self.rows
        codes = rows.area if own is not None else rows.community
        township = _most(codes, rows.township, rows.households)
        above = _most(self.rows.area, self.rows.community, self.rows.households)
        special = Counter(above[grid] for grid in self.special if grid in above)
        for code, members in _groups(codes):
            work = _work(rows, members) | {"special": float(special[code])}
            name = self.add(COMMUNITY, code, township.get(code), names.get(code, ""), work, _place(rows, members))
            if rows.residents_known[members].all() and work["residents"]:
                self.residents[name] = work["residents"]

    def grids(self, wanted: bool) -> None:
        if not wanted:
            return
        community = _most(self.rows.area, self.rows.community, self.rows.households)
        for code, members in _groups(self.rows.area):
            level = SPECIAL if code in self.special else GRID
            parent = self.id_of.get((COMMUNITY, community.get(code, "")))
            self.add(level, code, parent, "", _work(self.rows, members), _place(self.rows, members))

    def micro(self, rows: WorkRows) -> None:
        above = self.above
        of_row = [above[building].get(GRID) or above[building].get(COMMUNITY) for building in rows.building]
        parent = _most(rows.area, of_row, rows.households)
        for code, members in _groups(rows.area):
            self.add(MICRO, code, parent.get(code), "", _work(rows, members), _place(rows, members))
        self.main[MICRO] = {
            building: self.id_of[MICRO, code]
            for building, code in _most(rows.building, rows.area, rows.households).items()
        }

    def smaller(self, levels: Collection[str]) -> None:
        """Compounds, buildings and stairwells."""
        rows, above = self.rows, self.above
        if COMPOUND in levels:
            of_row = [above[building].get(COMMUNITY) for building in rows.building]
            parent = _most(rows.compound, of_row, rows.households)
            for code, members in _groups(rows.compound):
                if rows.households[members].sum() > 0:
                    self.add(COMPOUND, code, parent.get(code), "", _work(rows, members), _place(rows, members))
        if not {BUILDING, STAIRWELL} & set(levels):
            return
        for code, members in _groups(rows.building):
            if rows.households[members].sum() <= 0:
                continue
            first = int(members[0])
            title = f"{rows.compound[first] or ''} {rows.title[first]}".strip()
            parent_id = above[code].get(GRID) or above[code].get(SPECIAL) or above[code].get(COMMUNITY)
            work, place = _work(rows, members), _place(rows, members)
            name = self.add(BUILDING, code, parent_id, title, work, place)
            num = int(rows.stairwells[members].max())
            if STAIRWELL in levels and num:
                share = {kind: amount / num for kind, amount in work.items()}
                for k in range(1, num + 1):
                    self.add(STAIRWELL, f"{code}/{k}", name, f"{title}{k}单元", share, place)

    @cached_property
    def above(self) -> Mapping[str, dict[str, str]]:
        """From a building to the ids of the community and the grid that hold most of it; asked once both are there."""
        rows = self.rows
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for column, levels in ((rows.community, (COMMUNITY,)), (rows.area, (GRID, SPECIAL))):
            for building, code in _most(rows.building, column, rows.households).items():
                for level in levels:
                    if (level, code) in self.id_of:
                        found[building][level] = self.id_of[level, code]
        return found

    def link_units(self, problem: Problem, plan: Plan, levels: Collection[str], row: IntArray) -> None:
        """Neighbours of all levels but micro-grids, by the graph of the base level."""
        num = len(problem.units)
        grid = [plan.grid.at(k) for k in range(num)]
        columns: dict[str, Codes] = {
            GRID: grid,
            SPECIAL: grid,
            COMMUNITY: [self.rows.community[r] if r >= 0 else None for r in row.tolist()],
        }
        if COMPOUND in levels:
            columns[COMPOUND] = [self.rows.compound[r] if r >= 0 else None for r in row.tolist()]
        if BUILDING in levels:
            columns[BUILDING] = [self.rows.building[r] if r >= 0 else None for r in row.tolist()]
        for level, codes in columns.items():
            self.link(level, problem, codes)

    def link(self, level: str, problem: Problem, codes: Codes) -> None:
        ids = [None if code is None else self.id_of.get((level, code)) for code in codes]
        for u, v in zip(problem.graph.u.tolist(), problem.graph.v.tolist(), strict=True):
            a, b = ids[u], ids[v]
            if a is not None and b is not None and a != b:
                self.links.add((min(a, b), max(a, b)))

    def result(self, *, name: str, crs: CRS | None, outline: shapely.Geometry | None) -> PlanTargets:
        return PlanTargets(
            name=name,
            targets=tuple(self.found.values()),
            neighbours=tuple(sorted(self.links)),
            titles=self.titles,
            homes=dict(self.homes()),
            townships=frozenset(one for one in self.rows.township if one is not None),
            residents=self.residents,
            told=self.rows.told | {"special"},
            crs=crs,
            outline=outline,
            placed=any(one.x is not None for one in self.found.values()),
        )

    def homes(self) -> Iterator[tuple[str, HomePlace]]:
        rows, above = self.rows, self.above
        township = _most(rows.building, rows.township, rows.households)
        for code, members in _groups(rows.building):
            first = int(members[0])
            compound = rows.compound[first]
            areas = {
                TOWNSHIP: township.get(code),
                **above.get(code, {}),
                MICRO: self.main[MICRO].get(code),
                COMPOUND: None if compound is None else self.id_of.get((COMPOUND, compound)),
                BUILDING: self.id_of.get((BUILDING, code)),
            }
            x, y = _place(rows, members)
            yield (
                code,
                HomePlace(
                    id=code,
                    title=rows.title[first],
                    compound=compound,
                    x=x,
                    y=y,
                    areas={level: name for level, name in areas.items() if name is not None},
                ),
            )


_Place = tuple[float | None, float | None]


def _groups(codes: Codes) -> Iterator[tuple[str, IntArray]]:
    """Every code with the positions that have it, by code."""
    members: dict[str, list[int]] = defaultdict(list)
    for k, code in enumerate(codes):
        if code is not None:
            members[code].append(k)
    for code in sorted(members):
        yield code, np.array(members[code], dtype=np.int64)


def _most(codes: Codes, above: Codes, households: FloatArray) -> dict[str, str]:
    """From a code to the area above that holds most of its households; of equals the first by name."""
    share: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for code, area, num in zip(codes, above, households.tolist(), strict=True):
        if code is not None and area is not None:
            share[code][area] += num
    return {code: min(areas, key=lambda name: (-areas[name], name)) for code, areas in share.items()}


def _work(rows: WorkRows, members: IntArray) -> dict[str, float]:
    return {kind: float(amounts[members].sum()) for kind, amounts in rows.work.items()}


def _place(rows: WorkRows, members: IntArray) -> _Place:
    """Mean position of households, of buildings where nobody lives; None where no position is known."""
    known = members[np.isfinite(rows.x[members]) & np.isfinite(rows.y[members])]
    if not len(known):
        return None, None
    weight = rows.households[known]
    weight = weight if weight.sum() > 0 else np.ones(len(known))
    return (
        round(float(np.average(rows.x[known], weights=weight)), 2),
        round(float(np.average(rows.y[known], weights=weight)), 2),
    )
