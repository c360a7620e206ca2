"""The rows of a county whose buildings are opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from partitioner.geometry.county import County
from partitioner.io.assembly import Assembled
from partitioner.levels.part_places import Places
from partitioner.levels.part_stock import PartStock
from partitioner.microgrid import Slices
from partitioner.microgrid.ragged import position_in_run, proportional_shares
from partitioner.model import IntArray
from partitioner.model.arrays import frozen_ints


def opened_county(
    assembled: Assembled,
    parts: PartStock,
    slices: Slices,
    ids: Sequence[str],
    footprints: npt.NDArray[np.object_],
    places: Places,
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
    for name in ("residents", "workload", "elderly", "special_care", "events"):
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
    unit: IntArray, shapes: npt.NDArray[np.object_], slices: Slices, places: Places, num_units: int
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
