"""Where stairwells and floors are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from partitioner.geometry.strips import Frames, Layout, frames_of
from partitioner.io.assembly import Assembled
from partitioner.levels.part_stock import PartStock
from partitioner.microgrid import Slices
from partitioner.microgrid.ragged import position_in_run
from partitioner.model import FloatArray

DECIMALS = 3
"""Positions of units are told to the millimetre."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Places:
    """Where slices are.

    Parameters
    ----------
    frames : Frames
        Of the units that were cut.
    layout : Layout
        Of the slices in them.
    door_xy, place_xy : float arrays, shape (number of slices, 2), metres
        Where one enters each slice's stairwell; where the slice is drawn.
    """

    frames: Frames
    layout: Layout
    door_xy: FloatArray
    place_xy: FloatArray


def places_of(assembled: Assembled, parts: PartStock, slices: Slices) -> Places:
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
    return Places(frames=frames, layout=layout, door_xy=door_xy, place_xy=_rounded(place_xy))


def _rounded(values: FloatArray) -> FloatArray:
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
