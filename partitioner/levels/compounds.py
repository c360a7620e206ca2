"""Units of the community level: whole compounds where they fit, blocks of neighbouring buildings elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
import numpy.typing as npt
import pandas as pd

from partitioner.apportionment import apportioned
from partitioner.errors import Fault, Text
from partitioner.geometry.adjacency import UnitGraph
from partitioner.io.assembly import Assembled
from partitioner.levels.blocks import blocks_of
from partitioner.levels.contraction import central, contracted_unit_graph, contracted_units, middles, pieces
from partitioner.model import Graph, IntArray, Labels, Problem, Sets
from partitioner.profiles import Level

BLOCKS_PER_COMMUNITY = 10
"""A block holds at most this part of the largest community: small enough to even out sizes, yet a place of its own."""

STEP_M = 150.0
"""Buildings farther apart than this are no block, even with nothing in between."""


class Grain(IntEnum):
    """How finely buildings are handed to the community level."""

    COMPOUND = 0
    BLOCK = 1
    BUILDING = 2


@dataclass(frozen=True, kw_only=True, eq=False)
class CommunityProblem:
    """What the community level is asked.

    Parameters
    ----------
    unit_graph : UnitGraph
        Of the problem's units, for maps and ledgers.
    unit_of_building : int array, shape (rows of the county's buildings,)
        Position in `problem` of the unit that each building belongs to or follows.
    unit_of_home : int array, shape (units of the assembled problem,)
        The same for the inhabited buildings, in the order of the assembled problem.
    grain : int array, shape (units of the assembled problem,)
        `Grain` of each inhabited building.
    notices : tuple of Fault
        Compounds that are not handed over whole, and why.
    """

    problem: Problem
    unit_graph: UnitGraph
    unit_of_building: IntArray
    unit_of_home: IntArray
    grain: IntArray
    notices: tuple[Fault, ...]


def community_problem(
    assembled: Assembled, level: Level, *, grain: IntArray | None = None, num_communities: int | None = None
) -> CommunityProblem:
    """The problem of the community level over the buildings of `assembled`.

    A unit is a connected part of a compound inside one township that fits into a community. Compounds that do not fit,
    and buildings without a compound, are handed over in blocks: neighbouring buildings that no barrier parts, up to a
    tenth of the largest community. The parent of a unit is its township; its previous area is the community that most
    of its households belong to. A special grid stays in one community.

    Parameters
    ----------
    grain : int array, shape (units of the assembled problem,), optional
        Asks for a finer grain than that; see `Grain`.
    num_communities : int, optional
        Communities in all, shared among the townships by households.

    Raises
    ------
    InputError
        The bounds do not allow so many communities.
    """
    fine = assembled.problem
    township, group = townships(assembled), fine.units.group
    whole = _compound_parts(group, township, fine.graph)
    size = np.bincount(whole, weights=fine.units.households)[whole]
    large = (group.code >= 0) & (size > level.bounds.max)
    used = np.where(large | (group.code < 0), Grain.BLOCK, Grain.COMPOUND)
    used = np.maximum(used, used if grain is None else grain).astype(np.int64)
    unit = _units(assembled, township, whole, used, level)
    return problem_over(
        assembled,
        level,
        unit,
        grain=used,
        num_communities=num_communities,
        notices=_above_max(fine, whole, large, level),
    )


def problem_over(
    assembled: Assembled,
    level: Level,
    unit: IntArray,
    *,
    grain: IntArray,
    previous: Labels | None = None,
    num_communities: int | None = None,
    notices: tuple[Fault, ...] = (),
) -> CommunityProblem:
    """The problem of the community level over given units.

    Parameters
    ----------
    unit : int array, shape (units of the assembled problem,)
        Unit of each inhabited building, numbered by its lowest one; each is connected, in one township and compound.
    previous : Labels, optional
        Previous community of each inhabited building; by default its parent in the assembled problem.

    Raises
    ------
    InputError
        The bounds do not allow so many communities.
    """
    fine = assembled.problem
    assert fine.units.x is not None
    assert fine.units.y is not None
    middle = middles(unit, fine.units.weight, fine.units.x, fine.units.y)
    centre = central(unit, middle, fine.units.x, fine.units.y)
    unit_graph = contracted_unit_graph(assembled.unit_graph, unit, middle, centre)
    problem = Problem(
        name=fine.name,
        units=contracted_units(
            fine.units,
            unit,
            ids=_names(fine, unit),
            parent=townships(assembled),
            previous=fine.units.parent if previous is None else previous,
        ),
        graph=unit_graph.graph,
        bounds=level.bounds,
        weights=level.weights,
        count=level.count,
        max_walk_m=level.max_walk_m,
        together=_together((*fine.locked, *fine.together), unit),
    )
    if num_communities is not None:
        problem = replace(problem, count=apportioned(problem, num_communities))
    return CommunityProblem(
        problem=problem,
        unit_graph=unit_graph,
        unit_of_building=np.where(assembled.unit_of_building < 0, -1, unit[assembled.unit_of_building]),
        unit_of_home=unit,
        grain=grain,
        notices=notices,
    )


def townships(assembled: Assembled) -> Labels:
    """Township of every inhabited building: as told, else the first nine digits of a community code of twelve."""
    buildings = assembled.county.buildings
    position = {str(name): row for row, name in enumerate(buildings["id"].tolist())}
    row = [position[name] for name in assembled.problem.units.id]
    told: Sequence[object] = [None] * len(row)
    if "township" in buildings.columns:
        told = buildings["township"].iloc[row].tolist()
    community = assembled.problem.units.parent.values()
    return Labels(
        _township_of(code) if pd.isna(name) else str(name) for name, code in zip(told, community, strict=True)
    )


def _township_of(community: str | None) -> str | None:
    if community is None or len(community) != 12 or not (community.isascii() and community.isdigit()):
        return None
    return community[:9]


def _classes(*columns: Labels) -> IntArray:
    """One number for every combination of names."""
    table = np.column_stack([column.code for column in columns])
    return np.unique(table, axis=0, return_inverse=True)[1].reshape(-1)


def _compound_parts(group: Labels, township: Labels, graph: Graph) -> IntArray:
    """Connected parts of compounds inside one township; buildings without a compound one by one."""
    kind = _classes(group, township)
    inner = (kind[graph.u] == kind[graph.v]) & (group.code[graph.u] >= 0)
    return pieces(len(kind), graph.u[inner], graph.v[inner])


def _units(assembled: Assembled, township: Labels, whole: IntArray, grain: IntArray, level: Level) -> IntArray:
    """Unit of each inhabited building, numbered by its lowest one; every unit is connected."""
    units, graph = assembled.problem.units, assembled.problem.graph
    num = len(units)
    assert units.x is not None
    assert units.y is not None
    kind = _classes(units.group, township)
    same = (kind[graph.u] == kind[graph.v]) & (grain[graph.u] == grain[graph.v])
    joined = same & (grain[graph.u] == Grain.BLOCK) & _plain(assembled.unit_graph)
    block = blocks_of(
        graph.u[joined],
        graph.v[joined],
        units.households,
        units.x,
        units.y,
        max_households=max(1, level.bounds.max // BLOCKS_PER_COMMUNITY),
    )
    name = np.select([grain == Grain.COMPOUND, grain == Grain.BLOCK], [whole, num + block], 2 * num + np.arange(num))
    # Where only some buildings of a compound were opened, the others may hang together no longer.
    inner = name[graph.u] == name[graph.v]
    return pieces(num, graph.u[inner], graph.v[inner])


def _plain(unit_graph: UnitGraph) -> npt.NDArray[np.bool_]:
    """Edges between true neighbours: short, without a barrier, a bridge or empty land in between."""
    graph = unit_graph.graph
    num = graph.num_units
    bridged = unit_graph.bridged_u * num + unit_graph.bridged_v
    far = unit_graph.far_u * num + unit_graph.far_v
    odd = np.isin(graph.u * num + graph.v, np.concatenate([bridged, far]))
    return np.asarray((unit_graph.soft_m == 0) & (graph.length_m <= STEP_M) & ~odd, dtype=np.bool_)


def _names(fine: Problem, unit: IntArray) -> list[str]:
    """Ids: the compound's name, numbered where it has several units; else the lowest building and how many more."""
    _, first, count = np.unique(unit, return_index=True, return_counts=True)
    group = fine.units.group.code[first]
    several = np.bincount(group[group >= 0], minlength=len(fine.units.group.names)) > 1
    parts: dict[int, int] = {}
    names: dict[str, None] = {}
    for code, building, buildings in zip(group.tolist(), first.tolist(), count.tolist(), strict=True):
        parts[code] = parts.get(code, 0) + 1
        if code >= 0:
            name = fine.units.group.names[code] + (f"/{parts[code]}" if several[code] else "")
        else:
            name = fine.units.id[building] + (f"+{buildings - 1}" if buildings > 1 else "")
        while name in names:
            name += "'"
        names[name] = None
    return list(names)


def _together(sets: Sets, unit: IntArray) -> Sets:
    """Sets of buildings as sets of units; those inside one unit are kept by it."""
    found = [tuple(np.unique(unit[list(members)]).tolist()) for members in sets]
    return tuple(dict.fromkeys(members for members in found if len(members) > 1))


def _above_max(fine: Problem, whole: IntArray, large: npt.NDArray[np.bool_], level: Level) -> tuple[Fault, ...]:
    """Compounds that no community can hold."""
    parts, first = np.unique(whole[large], return_index=True)
    names = [fine.units.group.at(int(building)) for building in np.flatnonzero(large)[first]]
    sizes = np.bincount(whole, weights=fine.units.households)[parts]
    return tuple(
        Fault(
            rule="compound_above_max",
            value=name,
            message=Text(
                f"小区有 {households:.0f} 户，超过一个{level.title.zh}的上限 {level.bounds.max} 户，按楼栋群划分",
                f"the compound has {households:.0f} households, more than the {level.bounds.max} of one "
                f"{level.title.en}; it is shared out in blocks",
            ),
            remedy=Text(
                f"如要保持完整，请把上限提高到 {households:.0f}", f"raise max to {households:.0f} to keep it whole"
            ),
        )
        for name, households in zip(names, sizes.tolist(), strict=True)
    )
