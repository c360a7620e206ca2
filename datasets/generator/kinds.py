"""Kinds of buildings: how tall, how long, and how many households live in one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of inhabited building. Ranges are inclusive.

    Parameters
    ----------
    zh : str
        What a ledger calls it.
    floors, stairwells : (int, int)
    per_floor : int
        Households on one floor of one stairwell.
    stairwell_m : float
        Length that one stairwell adds to the front, metres.
    depth_m : float
    row_gap_m, side_gap_m : float
        Free space to the next row (sunlight) and to the next building of the row, metres.
    houses : bool
        One to three households whatever the floors (courtyards and village houses).
    """

    zh: str
    floors: tuple[int, int]
    stairwells: tuple[int, int]
    per_floor: int
    stairwell_m: float
    depth_m: float
    row_gap_m: float
    side_gap_m: float
    houses: bool = False

    def draw(self, rng: np.random.Generator) -> Size:
        """One building of this kind."""
        floors = int(rng.integers(self.floors[0], self.floors[1] + 1))
        stairwells = int(rng.integers(self.stairwells[0], self.stairwells[1] + 1))
        if self.houses:
            return Size(floors=floors, stairwells=1, households=int(rng.choice([1, 2, 3], p=HOUSE_SHARES)))
        return self.sized(floors, stairwells)

    def sized(self, floors: int, stairwells: int) -> Size:
        """A building of so many floors and stairwells (not for houses)."""
        return Size(floors=floors, stairwells=stairwells, households=floors * stairwells * self.per_floor)

    def length_m(self, stairwells: int) -> float:
        """Front of a building with so many stairwells, metres."""
        return self.stairwell_m * stairwells


@dataclass(frozen=True, kw_only=True)
class Size:
    """What a ledger knows of one building.

    Parameters
    ----------
    floors, stairwells, households : int
    by_floor : tuple of tuple of int
        Households of every stairwell on every floor, from the ground up; empty where nobody counted them.
    """

    floors: int
    stairwells: int
    households: int
    by_floor: tuple[tuple[int, ...], ...] = ()


HOUSE_SHARES = (0.7, 0.22, 0.08)
"""Shares of houses with one, two and three households."""

KINDS = {
    "walkup": Kind(
        zh="多层住宅", floors=(6, 6), stairwells=(3, 5), per_floor=2,
        stairwell_m=14.5, depth_m=12.0, row_gap_m=20.0, side_gap_m=9.0,
    ),
    "slab": Kind(
        zh="小高层", floors=(11, 11), stairwells=(2, 3), per_floor=2,
        stairwell_m=18.0, depth_m=14.5, row_gap_m=33.0, side_gap_m=13.0,
    ),
    "plate": Kind(
        zh="板式高层", floors=(15, 18), stairwells=(2, 3), per_floor=2,
        stairwell_m=17.0, depth_m=15.0, row_gap_m=46.0, side_gap_m=15.0,
    ),
    "tower": Kind(
        zh="高层", floors=(18, 33), stairwells=(1, 1), per_floor=4,
        stairwell_m=31.0, depth_m=18.0, row_gap_m=48.0, side_gap_m=24.0,
    ),
    "courtyard": Kind(
        zh="平房院落", floors=(1, 1), stairwells=(1, 1), per_floor=1,
        stairwell_m=13.0, depth_m=11.0, row_gap_m=5.5, side_gap_m=1.5, houses=True,
    ),
    "house": Kind(
        zh="村宅", floors=(1, 2), stairwells=(1, 1), per_floor=1,
        stairwell_m=12.0, depth_m=11.0, row_gap_m=6.5, side_gap_m=2.5, houses=True,
    ),
}  # fmt: skip
"""All kinds by name."""
