"""Which unit of a wider level each unit of a narrower one is a part of."""

from __future__ import annotations

import numpy as np
import pandas as pd

from partitioner.geometry.county import County
from partitioner.io.assembly import Assembled
from partitioner.model import IntArray, Problem


def whole_of_parts(wider: Assembled, narrower: Assembled) -> IntArray:
    """Position in `wider.problem` of the unit that each unit of `narrower.problem` is or is a part of; -1 for none.

    Both come from one county; units are buildings, stairwells of buildings, or floors of stairwells.
    """
    whole: dict[tuple[str, int, int], int] = {}
    for unit, (building, stairwell, low, high) in enumerate(places_of_units(wider.county, wider.problem)):
        for floor in range(low, high + 1):
            whole[building, stairwell, floor] = unit
    found = np.full(len(narrower.problem.units), -1, dtype=np.int64)
    for unit, (building, stairwell, floor, _) in enumerate(places_of_units(narrower.county, narrower.problem)):
        for key in ((building, stairwell, floor), (building, stairwell, 0), (building, 0, 0)):
            if key in whole:
                found[unit] = whole[key]
                break
    return found


UnitPlace = tuple[str, int, int, int]
"""Building, stairwell, lowest and highest floor; 0 for all stairwells or floors."""


def places_of_units(county: County, problem: Problem) -> list[UnitPlace]:
    """Where every unit of `problem` is, whose units are rows of `county`."""
    frame = county.buildings
    position = {str(name): row for row, name in enumerate(frame["id"].tolist())}
    rows = frame.iloc[[position[name] for name in problem.units.id]]
    numbers = [rows[name].fillna(0).astype("int64").tolist() for name in ("stairwell", "floor_low", "floor_high")]
    buildings = [
        str(name) if pd.isna(building) else str(building)
        for name, building in zip(rows["id"].tolist(), rows["building"].tolist(), strict=True)
    ]
    return list(zip(buildings, *numbers, strict=True))
