"""The inside of buildings: how high they are, which homes are vacant, where shops take the ground floor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from shapely import Polygon

from datasets.generator.kinds import KINDS, Size
from datasets.generator.rows import Footprint
from datasets.generator.settings import Interiors

AT_WALL_M = 12.0
"""A building whose middle line is no further than half its depth and this from the wall stands at the street."""

LOWER = 0.12
"""Share of the buildings of a compound that are a floor lower than the others."""

LEAST_FLOORS = 3


def furnish(
    footprints: Sequence[Footprint], outline: Polygon, interiors: Interiors, rng: np.random.Generator
) -> list[Footprint]:
    """The buildings of one compound with their households floor by floor.

    Houses have no stairwells to tell of.

    Parameters
    ----------
    footprints : sequence of Footprint
    outline : Polygon
        The wall of the compound.
    interiors : Interiors
    rng : numpy Generator
    """
    heights = {"walkup": int(rng.choice(interiors.walkup_floors)), "slab": int(rng.choice(interiors.slab_floors))}
    tower_homes = int(rng.choice(interiors.tower_homes))
    found = []
    for footprint in footprints:
        kind, size = KINDS[footprint.kind], footprint.size
        if kind.houses:
            found.append(replace(footprint, size=replace(size, stairwells=0)))
            continue
        floors = heights.get(footprint.kind, size.floors)
        floors = max(LEAST_FLOORS, floors - int(rng.random() < LOWER))
        homes = np.full((size.stairwells, floors), tower_homes if footprint.kind == "tower" else kind.per_floor)
        reach_m = kind.depth_m / 2 + AT_WALL_M
        if footprint.shape.centroid.distance(outline.exterior) <= reach_m:
            homes[rng.random(size.stairwells) < interiors.shops, 0] = 0
        found.append(replace(footprint, size=size_of(rng.binomial(homes, 1 - interiors.vacant))))
    return found


def size_of(homes: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> Size:
    """The building whose households, stairwell by stairwell and floor by floor, are these."""
    stairwells, floors = homes.shape
    return Size(
        floors=floors,
        stairwells=stairwells,
        households=int(homes.sum()),
        by_floor=tuple(tuple(row) for row in homes.tolist()),
    )
