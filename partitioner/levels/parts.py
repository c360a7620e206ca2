"""A county whose buildings are opened: rows, cells, graph and problem of stairwells and floors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from partitioner.errors import Fault, InputError, Text
from partitioner.geometry.adjacency import UnitGraph
from partitioner.geometry.county import County
from partitioner.geometry.named import named
from partitioner.geometry.strips import Frames, Layout, frames_of, part_shapes
from partitioner.io.assembly import Assembled
from partitioner.levels.slice_notices import notices_of_slices
from partitioner.microgrid import (
    Corridors,
    Depth,
    SliceGraph,
    Slices,
    StairwellLedger,
    Stock,
    cut_slices,
    slice_graph,
    slice_ids,
)
from partitioner.microgrid.ragged import position_in_run, proportional_shares
from partitioner.model import FloatArray, Graph, IntArray, Labels, Problem, Sets, SliceRule
from partitioner.model.arrays import frozen_floats, frozen_ints
from partitioner.model.rules import MAX_FLOORS, MAX_STAIRWELLS
from partitioner.profiles import Level

DECIMALS = 3
"""Positions of units are told to the millimetre."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PartStock:
    """The units of an assembled county, ready to be cut.

    Parameters
    ----------
    row : int array, shape (number of units,)
        The row of `county.buildings` that each unit is.
    names : tuple of str
        Ids of whole buildings, by the codes of `stock.building`.
    """

    row: IntArray
    names: tuple[str, ...]
    stock: Stock
    ledger: StairwellLedger
    corridors: Corridors


def stock_of(assembled: Assembled) -> PartStock:
    """What can be cut in `assembled`, with what is known of stairwells, floors and corridors.

    Raises
    ------
    InputError
        Buildings of more stairwells or floors than there can be.
    """
    buildings, units = assembled.county.buildings, assembled.problem.units
    ids = buildings["id"].to_numpy(dtype=object)
    follows = assembled.unit_of_building
    row = np.flatnonzero((follows >= 0) & (ids == np.array(units.id, dtype=object)[follows]))
    if not np.array_equal(follows[row], np.arange(len(units))):
        raise ValueError("units must be rows of the county, in their order")
    frame = buildings.iloc[row]
    _check_counts(frame)
    whole = Labels(frame["building"].fillna(frame["id"]).astype(str).tolist())
    stock = Stock(
        building=whole.code,
        stairwell=_whole_numbers(frame["stairwell"]),
        floor=_whole_numbers(frame["floor_low"]),
        households=_whole_numbers(frame["households"]),
        stairwells=_whole_numbers(frame["stairwells"]),
        floors=_whole_numbers(frame["floors"]),
    )
    county = assembled.county
    return PartStock(
        row=frozen_ints(row),
        names=whole.names,
        stock=stock,
        ledger=_ledger(county, whole.names),
        corridors=_corridors(county, whole.names),
    )


def _check_counts(frame: pd.DataFrame) -> None:
    limits = {"stairwells": (MAX_STAIRWELLS, "单元数", "stairwells"), "floors": (MAX_FLOORS, "层数", "floors")}
    faults = []
    for column, (most, zh, en) in limits.items():
        beyond = frame[(frame[column] > most).fillna(False)]
        faults += [
            Fault(
                rule=f"{column}_many",
                value=f"{row.id}: {getattr(row, column)}",
                message=Text(f"{zh}超过 {most}", f"there are more than {most} {en}"),
                remedy=Text("请核对台账", "check the ledger"),
            )
            for row in beyond.itertuples()
        ]
    if faults:
        raise InputError(faults)


def _whole_numbers(column: pd.Series) -> IntArray:
    return np.asarray(column.fillna(0).to_numpy(dtype=np.int64))


def _ledger(county: County, names: Sequence[str]) -> StairwellLedger:
    if county.floors is None:
        return StairwellLedger.none()
    code, frame = _known(county.floors, names)
    columns = {name: _whole_numbers(frame[name]) for name in ("stairwell", "floor", "floors", "households")}
    return StairwellLedger(building=code, **columns)


def _corridors(county: County, names: Sequence[str]) -> Corridors:
    if county.corridors is None:
        return Corridors.none()
    code, frame = _known(county.corridors, names)
    columns = {name: _whole_numbers(frame[name]) for name in ("stairwell_a", "stairwell_b", "floor")}
    return Corridors(building=code, **columns)


def _known(frame: pd.DataFrame, names: Sequence[str]) -> tuple[IntArray, pd.DataFrame]:
    """Codes of the buildings of the rows that speak of units, and those rows."""
    position = {name: code for code, name in enumerate(names)}
    code = np.array([position.get(str(name), -1) for name in frame["building"].tolist()], dtype=np.int64)
    return code[code >= 0], frame[code >= 0]


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
    places = _places(assembled, parts, slices)
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
    county, unit_of_row = _opened_county(assembled, parts, slices, ids, footprints, places)
    notices = notices_of_slices(parts.names, slices)
    return Assembled(
        county=county,
        problem=_opened_problem(assembled.problem, slices, ids, inner.graph, places.place_xy),
        unit_graph=_opened_graph(assembled.unit_graph, slices, inner, lands, places.place_xy, notices),
        unit_of_building=unit_of_row,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Places:
    """Where slices are; arrays of shape (number of slices, 2)."""

    frames: Frames
    layout: Layout
    door_xy: FloatArray
    place_xy: FloatArray


def _places(assembled: Assembled, parts: PartStock, slices: Slices) -> _Places:
    layout = _layout(slices)
    columns = np.ones(len(parts.stock), dtype=np.int64)
    columns[layout.unit] = layout.columns
    shapes = assembled.county.buildings.geometry.to_numpy()[parts.row]
    frames = frames_of(shapes, parts.stock.building, columns)
    own = assembled.unit_graph.place_xy[slices.unit]
    aside = (layout.column + 0.5) / layout.columns
    door_xy = frames.points(slices.unit, aside, np.full(len(slices), 0.5))
    door_xy = np.where((layout.columns == 1)[:, None], own, door_xy)
    place_xy = frames.points(slices.unit, aside, (layout.band + 0.5) / layout.bands)
    place_xy = np.where((layout.bands == 1)[:, None], door_xy, place_xy)
    return _Places(frames=frames, layout=layout, door_xy=door_xy, place_xy=frozen_floats2(place_xy))


def frozen_floats2(values: FloatArray) -> FloatArray:
    """Read-only, shape kept."""
    values = np.round(values, DECIMALS)
    values.setflags(write=False)
    return values


def _layout(slices: Slices) -> Layout:
    """Columns and bands of slices within their units."""
    num = len(slices)
    new_unit = np.ones(num, dtype=bool)
    new_unit[1:] = np.diff(slices.unit) != 0
    door = slices.is_door
    run = np.cumsum(door) - 1
    size = np.bincount(run, minlength=int(run[-1]) + 1 if num else 0)
    unit_of_run = slices.unit[door]
    columns = np.bincount(unit_of_run, minlength=int(slices.unit[-1]) + 1 if num else 0)
    column = position_in_run(columns[columns > 0].astype(np.int64))
    return Layout(
        unit=slices.unit,
        column=column[run],
        columns=columns[slices.unit],
        band=position_in_run(size.astype(np.int64)),
        bands=size[run],
    )


def _opened_county(
    assembled: Assembled,
    parts: PartStock,
    slices: Slices,
    ids: Sequence[str],
    footprints: npt.NDArray[np.object_],
    places: _Places,
) -> tuple[County, IntArray]:
    """The county with one row per slice, and the unit of each row."""
    buildings = assembled.county.buildings
    cut = np.bincount(slices.unit, minlength=len(parts.stock))
    num = np.ones(len(buildings), dtype=np.int64)
    num[parts.row] = np.maximum(cut, 1)
    source = np.repeat(np.arange(len(buildings)), num)
    present = np.zeros(len(buildings), dtype=bool)
    present[parts.row[cut > 0]] = True
    at = np.flatnonzero(present[source])
    frame = buildings.iloc[source].reset_index(drop=True)
    for name, values in _columns(frame.iloc[at], slices, ids, parts).items():
        column = frame[name].to_numpy(dtype=object, copy=True)
        column[at] = values
        frame[name] = pd.array(column, dtype=frame[name].dtype)
    shapes = frame.geometry.to_numpy().copy()
    shapes[at] = footprints
    frame = frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=buildings.crs))
    unit = np.full(len(frame), -1, dtype=np.int64)
    unit[at] = np.arange(len(slices))
    others = np.flatnonzero(~present[source])
    unit[others] = _nearest_doors(assembled.unit_of_building[source[others]], shapes[others], slices, places, len(cut))
    return replace(assembled.county, buildings=frame), frozen_ints(unit)


def _columns(rows: pd.DataFrame, slices: Slices, ids: Sequence[str], parts: PartStock) -> dict[str, npt.NDArray[Any]]:
    """What the rows of slices say that those of their units did not."""
    whole = (slices.stairwell == 0) & (slices.floor_low == 0)
    run = np.cumsum(np.concatenate([[True], np.diff(slices.unit) != 0])[: len(slices)]) - 1
    split = np.bincount(run)[run] > 1
    values: dict[str, npt.NDArray[Any]] = {
        "id": np.array(ids, dtype=object),
        "households": np.where(split, slices.households, rows["households"].to_numpy(dtype=object, na_value=pd.NA)),
        "building": np.array(parts.names, dtype=object)[slices.building],
        "stairwell": _nullable(slices.stairwell),
        "floor_low": _nullable(slices.floor_low),
        "floor_high": _nullable(slices.floor_high),
        "estimated": rows["estimated"].to_numpy(dtype=bool) | slices.estimated | slices.assumed,
    }
    for name, known in (("stairwells", np.ones(len(slices), dtype=np.int64)), ("floors", slices.floors)):
        values[name] = np.where(whole, rows[name].to_numpy(dtype=object, na_value=pd.NA), _nullable(known))
    for name in ("residents", "workload"):
        values[name] = _shared(rows[name], split, run, slices)
    return values


def _shared(column: pd.Series, split: npt.NDArray[np.bool_], run: IntArray, slices: Slices) -> npt.NDArray[np.object_]:
    """A count of whole units, given to their slices in proportion to households; unknown ones stay unknown."""
    values = np.array(column.to_numpy(dtype=object, na_value=pd.NA))
    known = split & column.notna().to_numpy()
    if known.any():
        new = np.concatenate([[True], np.diff(run[known]) != 0])
        total = column.to_numpy(dtype=np.int64, na_value=0)[known][new]
        values[known] = proportional_shares(total, slices.households[known], np.cumsum(new) - 1)
    return values


def _nullable(numbers: IntArray) -> npt.NDArray[np.object_]:
    """Numbers, 0 as missing."""
    values = numbers.astype(object)
    values[numbers == 0] = pd.NA
    return values


def _nearest_doors(
    unit: IntArray, shapes: npt.NDArray[np.object_], slices: Slices, places: _Places, num_units: int
) -> IntArray:
    """For rows that follow a unit: the slice at its nearest door; -1 where it has none."""
    doors = np.flatnonzero(slices.is_door)
    num = np.bincount(slices.unit[doors], minlength=num_units)
    start = np.cumsum(num) - num
    found = np.full(len(unit), -1, dtype=np.int64)
    follower = np.flatnonzero((unit >= 0) & (num[unit] > 0))
    if not len(follower):
        return found
    size = num[unit[follower]]
    door = doors[np.repeat(start[unit[follower]], size) + position_in_run(size)]
    xy = shapely.get_coordinates(shapely.centroid(shapes[follower]))
    metres = np.hypot(*(places.door_xy[door] - np.repeat(xy, size, axis=0)).T)
    order = np.lexsort((door, metres, np.repeat(np.arange(len(size)), size)))
    found[follower] = door[order[np.cumsum(size) - size]]
    return found


def _opened_problem(
    problem: Problem, slices: Slices, ids: Sequence[str], graph: Graph, place_xy: FloatArray
) -> Problem:
    units = problem.units
    unit = slices.unit
    opened = replace(
        units,
        id=tuple(ids),
        households=_measure(units.households, slices),
        x=place_xy[:, 0],
        y=place_xy[:, 1],
        group=_spread(units.group, unit),
        parent=_spread(units.parent, unit),
        previous=_spread(units.previous, unit),
    )
    num = np.bincount(unit, minlength=len(units))
    start = np.cumsum(num) - num
    members = {u: range(int(start[u]), int(start[u] + num[u])) for s in _all_sets(problem) for u in s}
    return replace(
        problem,
        units=opened,
        graph=graph,
        locked=_united(problem.locked, members, 1),
        together=_united(problem.together, members, 2),
        apart=tuple(
            pair
            for s in problem.apart
            for i, u in enumerate(s)
            for v in s[:i]
            for pair in product(members[u], members[v])
        ),
    )


def _all_sets(problem: Problem) -> Sets:
    return problem.locked + problem.together + problem.apart


def _united(sets: Sets, members: dict[int, range], least: int) -> Sets:
    """Sets of slices for sets of units; those that are left with too few are dropped."""
    found = [tuple(k for u in s for k in members[u]) for s in sets]
    return tuple(s for s in found if len(s) >= least)


def _measure(whole: IntArray, slices: Slices) -> IntArray:
    """What a unit weighs, shared like its households."""
    new = np.ones(len(slices), dtype=bool)
    new[1:] = np.diff(slices.unit) != 0
    run = np.cumsum(new) - 1
    return proportional_shares(whole[slices.unit[new]], slices.households, run)


def _spread(labels: Labels, unit: IntArray) -> Labels:
    values = labels.values()
    return Labels([values[u] for u in unit.tolist()])


def _opened_graph(
    upper: UnitGraph,
    slices: Slices,
    inner: SliceGraph,
    cells: npt.NDArray[np.object_],
    place_xy: FloatArray,
    notices: tuple[Fault, ...],
) -> UnitGraph:
    graph = inner.graph
    outside = inner.upper >= 0
    soft_m = np.where(outside, upper.soft_m[inner.upper], 0.0) if len(upper.soft_m) else np.zeros(len(graph))
    first = np.full(upper.graph.num_units, -1, dtype=np.int64)
    doors = np.flatnonzero(slices.is_door)[::-1]
    first[slices.unit[doors]] = doors
    cut_u, cut_v = first[upper.cut_u], first[upper.cut_v]
    kept = (cut_u >= 0) & (cut_v >= 0)
    listed = {}
    for kind in ("bridged", "far"):
        keys = getattr(upper, f"{kind}_u") * upper.graph.num_units + getattr(upper, f"{kind}_v")
        special = np.isin(upper.graph.u * upper.graph.num_units + upper.graph.v, keys)
        here = outside & special[inner.upper] if len(special) else np.zeros(len(graph), dtype=bool)
        listed[kind] = graph.u[here], graph.v[here]
    return UnitGraph(
        graph=graph,
        cells=cells,
        place_xy=place_xy,
        soft_m=frozen_floats(soft_m),
        cut_u=frozen_ints(cut_u[kept]),
        cut_v=frozen_ints(cut_v[kept]),
        bridged_u=listed["bridged"][0],
        bridged_v=listed["bridged"][1],
        far_u=listed["far"][0],
        far_v=listed["far"][1],
        notices=upper.notices + notices,
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
        parent=_spread(grid, slices.unit),
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
