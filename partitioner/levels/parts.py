"""A county whose buildings are opened: rows, cells, graph and problem of stairwells and floors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from partitioner.errors import Fault, Text
from partitioner.geometry.named import named
from partitioner.geometry.strips import part_shapes
from partitioner.io.assembly import Assembled
from partitioner.levels.part_places import places_of
from partitioner.levels.part_problem import opened_graph, opened_problem, spread
from partitioner.levels.part_rows import opened_county
from partitioner.levels.part_stock import PartStock, stock_of
from partitioner.levels.slice_notices import notices_of_slices
from partitioner.microgrid import Depth, Slices, cut_slices, slice_graph, slice_ids
from partitioner.model import Labels, SliceRule
from partitioner.profiles import Level

__all__ = ["PartStock", "micro_parts", "open_large", "stock_of", "with_parts"]


def with_parts(
    assembled: Assembled, slices: Slices, rule: SliceRule, *, parts: PartStock | None = None, with_cells: bool = True
) -> Assembled:
    """The county with `slices` as units: bounds, weights, parents, groups and previous grids stay as they were.

    Units without a slice leave the problem; their rows stay, without a unit. Rows in which nobody lives follow the
    nearest stairwell of the building that they followed.

    Parameters
    ----------
    slices : Slices
        Of the stock of `assembled`.
    parts : PartStock, optional
        That stock, if it is at hand.
    with_cells : bool
        Without cells (all empty then) large counties take half the time.

    Raises
    ------
    InputError
        As `stock_of`.
    """
    parts = stock_of(assembled) if parts is None else parts
    places = places_of(assembled, parts, slices)
    inner = slice_graph(
        slices,
        assembled.problem.graph,
        unit_xy=assembled.unit_graph.place_xy,
        door_xy=places.door_xy,
        rule=rule,
        corridors=parts.corridors,
    )
    shapes = assembled.county.buildings.geometry.to_numpy()[parts.row]
    cells = assembled.unit_graph.cells if with_cells else None
    footprints, lands = part_shapes(shapes, cells, places.frames, places.layout, places.place_xy)
    ids = slice_ids(parts.names, slices)
    county, unit_of_row = opened_county(assembled, parts, slices, ids, footprints, places)
    notices = notices_of_slices(parts.names, slices)
    return Assembled(
        county=county,
        problem=opened_problem(assembled.problem, slices, ids, inner.graph, places.place_xy),
        unit_graph=opened_graph(assembled.unit_graph, slices, inner, lands, places.place_xy, notices),
        unit_of_building=unit_of_row,
    )


def open_large(assembled: Assembled, level: Level, rule: SliceRule, *, with_cells: bool = True) -> Assembled:
    """Buildings that hold more than `level` allows opened by stairwells, and stairwells that do so by floors.

    Special grids are left as they are. Nothing to open: `assembled` itself.

    Raises
    ------
    InputError
        As `stock_of`.
    """
    for depth in (Depth.STAIRWELL, Depth.FLOOR):
        large = assembled.problem.units.households > level.bounds.max
        large[[u for members in assembled.problem.locked for u in members]] = False
        if not large.any():
            continue
        parts = stock_of(assembled)
        slices = cut_slices(parts.stock, np.where(large, depth, Depth.WHOLE), rule, parts.ledger)
        if len(slices) == len(parts.stock):
            continue
        opened = [assembled.problem.units.id[u] for u in np.flatnonzero(large).tolist()]
        assembled = with_parts(assembled, slices, rule, parts=parts, with_cells=with_cells)
        assembled = _with_notices(assembled, _opened_notice(opened, level, depth))
    return assembled


def _with_notices(assembled: Assembled, notice: Fault) -> Assembled:
    graph = assembled.unit_graph
    return replace(assembled, unit_graph=replace(graph, notices=(*graph.notices, notice)))


def _opened_notice(opened: Sequence[str], level: Level, depth: Depth) -> Fault:
    which, most = named(opened), level.bounds.max
    by_zh, by_en = ("单元（楼门）", "stairwell") if depth == Depth.STAIRWELL else ("楼层", "floor")
    what_zh, what_en = ("楼", "buildings") if depth == Depth.STAIRWELL else ("单元", "stairwells")
    return Fault(
        rule="building_opened" if depth == Depth.STAIRWELL else "stairwell_opened",
        message=Text(
            f"{len(opened)} 个{what_zh}超过{level.title.zh}上限 {most} 户，已按{by_zh}拆分：{which.zh}",
            f"{len(opened)} {what_en} hold more than the {most} of a {level.title.en} and were opened by {by_en}: "
            f"{which.en}",
        ),
        remedy=Text(
            "请核对户数；如应保持完整，可提高上限或设为专属网格",
            "check the households; to keep them whole raise the bound or make them special grids",
        ),
    )


def micro_parts(
    assembled: Assembled, grid: Labels, level: Level, rule: SliceRule, *, with_cells: bool = True
) -> Assembled:
    """The problem of micro-grids: floors of stairwells and small houses, each inside its grid.

    Special grids and units without a grid are left out. Floors have their stairwell as group, doors of a row of houses
    their building, whole houses their compound.

    Parameters
    ----------
    grid : Labels
        The grid of each unit of `assembled`.

    Raises
    ------
    InputError
        As `stock_of`.
    """
    parts = stock_of(assembled)
    special = assembled.county.buildings["special"].notna().to_numpy()[parts.row]
    depth = np.where(special | (grid.code < 0), Depth.OUT, Depth.FLOOR)
    slices = cut_slices(parts.stock, depth, rule, parts.ledger)
    opened = with_parts(assembled, slices, rule, parts=parts, with_cells=with_cells)
    units = replace(
        opened.problem.units,
        parent=spread(grid, slices.unit),
        group=_groups(parts.names, slices, opened.problem.units.group),
        previous=Labels.none(len(slices)),
    )
    problem = replace(
        opened.problem,
        units=units,
        bounds=level.bounds,
        weights=level.weights,
        count=level.count,
        max_walk_m=level.max_walk_m,
        locked=(),
        together=(),
        apart=(),
    )
    return replace(opened, problem=problem)


def _groups(names: Sequence[str], slices: Slices, compound: Labels) -> Labels:
    columns = (slices.building, slices.stairwell, slices.floor_low)
    rows = zip(*(column.tolist() for column in columns), compound.values(), strict=True)
    return Labels([f"{names[b]}#{s}" if f else names[b] if s else group for b, s, f, group in rows])
