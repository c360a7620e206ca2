"""Buildings cut into stairwells and floors: who lives where, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from partitioner.microgrid.ledger import StairwellLedger
from partitioner.microgrid.ragged import even_shares, position_in_run
from partitioner.model import IntArray, SliceRule
from partitioner.model.arrays import frozen_ints
from partitioner.model.rules import MAX_FLOORS, MAX_STAIRWELLS

BoolArray = npt.NDArray[np.bool_]

_STAIRWELLS = MAX_STAIRWELLS + 1
_FLOORS = MAX_FLOORS + 1


class Depth(IntEnum):
    """How far a unit is cut."""

    OUT = -1
    WHOLE = 0
    STAIRWELL = 1
    FLOOR = 2


@dataclass(frozen=True, kw_only=True, eq=False)
class Stock:
    """Units before cutting: whole buildings, or parts of them that an upper level made.

    Parameters
    ----------
    building : int array, shape (n,), ascending
        Code of the whole building.
    stairwell, floor : int arrays
        Which part a unit is; 0 for a whole building, for all floors.
    households : int array
    stairwells, floors : int arrays
        How many the unit has; 0 where that is not known. At most `MAX_STAIRWELLS` and `MAX_FLOORS`.
    """

    building: IntArray
    stairwell: IntArray
    floor: IntArray
    households: IntArray
    stairwells: IntArray
    floors: IntArray

    def __post_init__(self) -> None:
        for name in ("building", "stairwell", "floor", "households", "stairwells", "floors"):
            object.__setattr__(self, name, frozen_ints(getattr(self, name)))
        if len(self) and (int(self.stairwells.max()) > MAX_STAIRWELLS or int(self.floors.max()) > MAX_FLOORS):
            raise ValueError(f"a building has at most {MAX_STAIRWELLS} stairwells and {MAX_FLOORS} floors")
        if (np.diff(self.building) < 0).any():
            raise ValueError("units must be ordered by building")

    def __len__(self) -> int:
        return len(self.building)


@dataclass(frozen=True, kw_only=True, eq=False)
class Slices:
    """Whole buildings, stairwells and floors, ordered by building, stairwell and floor.

    Parameters
    ----------
    unit : int array, shape (n,), ascending
        The unit that each was cut from.
    building : int array
        Code of the whole building.
    stairwell : int array
        From 1; 0 for a whole building.
    floor_low, floor_high : int arrays
        From 1; 0 for all floors.
    floors : int array
        Floors of the stairwell (of the building, where it is whole); 0 where that is not known.
    households : int array
    estimated : bool array
        Whether the households are an even share of a larger part's.
    assumed : bool array
        Whether the number of stairwells or floors was assumed.
    """

    unit: IntArray
    building: IntArray
    stairwell: IntArray
    floor_low: IntArray
    floor_high: IntArray
    floors: IntArray
    households: IntArray
    estimated: BoolArray = field(repr=False)
    assumed: BoolArray = field(repr=False)

    def __post_init__(self) -> None:
        for name in ("unit", "building", "stairwell", "floor_low", "floor_high", "floors", "households"):
            object.__setattr__(self, name, frozen_ints(getattr(self, name)))
        for name in ("estimated", "assumed"):
            flags = np.array(getattr(self, name), dtype=bool)
            flags.setflags(write=False)
            object.__setattr__(self, name, flags)
        key = self.key(self.building, self.stairwell, self.floor_low)
        if (np.diff(key) <= 0).any():
            raise ValueError("slices must be ordered by building, stairwell and floor, each once")

    def __len__(self) -> int:
        return len(self.unit)

    @staticmethod
    def key(building: IntArray, stairwell: IntArray, floor: IntArray) -> IntArray:
        """One number for each, in the order of slices."""
        return (building * _STAIRWELLS + stairwell) * _FLOORS + floor

    @property
    def is_door(self) -> BoolArray:
        """Whether each is the lowest slice of its stairwell in its unit: there one enters; shape (n,)."""
        first = np.ones(len(self), dtype=bool)
        first[1:] = (np.diff(self.unit) != 0) | (np.diff(self.stairwell) != 0)
        return first


def assumed_counts(stock: Stock, rule: SliceRule) -> tuple[IntArray, IntArray]:
    """Stairwells and floors of each unit: what is known, else what `rule` assumes; shapes (n,), at least 1."""
    households, stairwells, floors = stock.households, stock.stairwells, stock.floors
    per_stairwell = households / np.maximum(stairwells, 1)
    high = np.where(
        stairwells > 0,
        per_stairwell > rule.lift_homes_per_floor * rule.floors_assumed,
        households > rule.lift_above_households,
    )
    homes = np.maximum(-(-households // (rule.homes_per_floor * np.maximum(stairwells, 1))), 1)
    low = np.minimum(rule.floors_assumed, homes)  # a house of five homes has no sixth floor
    floors = np.where(floors > 0, floors, np.where(high, rule.lift_floors_assumed, low))
    walk_up, lift = rule.homes_per_floor * rule.floors_assumed, rule.lift_homes_per_floor * floors
    guess = np.floor(households / np.where(floors >= rule.lift_from_floors, lift, walk_up) + 0.5).astype(np.int64)
    return np.where(stairwells > 0, stairwells, np.clip(guess, 1, MAX_STAIRWELLS)), floors


def cut_slices(stock: Stock, depth: IntArray, rule: SliceRule, ledger: StairwellLedger | None = None) -> Slices:
    """Cut each unit as far as `depth` says.

    What the ledger counts is taken as it stands. Elsewhere stairwells, and floors within each, get even shares: whole
    numbers that differ by at most 1, larger ones spread among smaller ones. Units of up to `rule.whole_up_to`
    households stay whole, as does what has one stairwell or floor only.

    Parameters
    ----------
    depth : int array, shape (n,)
        Values of `Depth`; units that are `Depth.OUT` give no slice.

    Raises
    ------
    ValueError
        The ledger's households do not add up to those of a building that is cut.
    """
    ledger = StairwellLedger.none() if ledger is None else ledger
    entries = _Entries(stock, ledger)
    stairwells, floors = assumed_counts(stock, rule)
    listed = entries.listed & (stock.stairwell == 0)
    stairwells = np.where(listed, np.maximum(entries.stairwells, stock.stairwells), stairwells)
    cut = (depth >= Depth.STAIRWELL) & (stock.households > rule.whole_up_to) & (stock.floor == 0)
    # An upper level has numbered a stairwell already; a building of one stairwell has no stairwells to speak of.
    split = cut & (stock.stairwell == 0) & ((stairwells > 1) | (depth == Depth.FLOOR))

    num = np.where(depth == Depth.OUT, 0, np.where(split, stairwells, 1)).astype(np.int64)
    unit = np.repeat(np.arange(len(stock)), num)
    stairwell = np.where(split[unit], position_in_run(num) + 1, stock.stairwell[unit])
    households, counted = entries.by_stairwell(unit, stairwell, even_shares(stock.households, num))
    high, told = entries.floors_of(unit, stairwell, stock.floors[unit], floors[unit])

    opened = cut[unit] & (depth[unit] == Depth.FLOOR) & (high > 1)
    # One stairwell that is not opened by floors is the whole building.
    whole = (num[unit] == 1) & ~opened
    stairwell = np.where(whole, stock.stairwell[unit], stairwell)
    num_floors = np.where(opened, high, 1).astype(np.int64)
    at = np.repeat(np.arange(len(unit)), num_floors)
    floor = np.where(opened[at], position_in_run(num_floors) + 1, stock.floor[unit[at]])
    share, counted_floor = entries.by_floor(unit[at], stairwell[at], floor, even_shares(households, num_floors))
    shared = np.where(whole, False, ~counted & (num[unit] > 1))
    guessed = (stock.stairwells == 0) & ~entries.listed
    unknown = (stock.floors[unit] == 0) & ~told
    total = np.bincount(unit[at], share, minlength=len(stock))
    if (total != np.where(depth == Depth.OUT, 0, stock.households)).any():
        raise ValueError("the ledger's households do not add up to the buildings'")
    return Slices(
        unit=unit[at],
        building=stock.building[unit[at]],
        stairwell=stairwell[at],
        floor_low=floor,
        floor_high=floor,
        floors=np.where(cut[unit], high, stock.floors[unit])[at],
        households=share,
        estimated=np.where(opened[at], ~counted_floor, shared[at]),
        assumed=((split & guessed)[unit] | (opened & unknown))[at],
    )


class _Entries:
    """Ledger rows at the units that they speak of: whole buildings, or stairwells of opened ones."""

    def __init__(self, stock: Stock, ledger: StairwellLedger) -> None:
        uncut = np.flatnonzero(stock.floor == 0)
        keys = Slices.key(stock.building[uncut], stock.stairwell[uncut], np.zeros(len(uncut), dtype=np.int64))
        unit = np.full(len(ledger), -1, dtype=np.int64)
        for stairwell in (np.zeros(len(ledger), dtype=np.int64), ledger.stairwell):
            wanted = Slices.key(ledger.building, stairwell, np.zeros(len(ledger), dtype=np.int64))
            where = np.searchsorted(keys, wanted)
            met = where < len(keys)
            met[met] = keys[where[met]] == wanted[met]
            unit[met] = uncut[where[met]]
        known = unit >= 0
        self.unit = unit[known]
        self.stairwell, self.floor = ledger.stairwell[known], ledger.floor[known]
        self.floors, self.households = ledger.floors[known], ledger.households[known]
        self.shared = np.asarray(ledger.shared, dtype=bool)[known]
        self.listed = np.zeros(len(stock), dtype=bool)
        self.listed[self.unit] = True
        self.stairwells = np.zeros(len(stock), dtype=np.int64)
        np.maximum.at(self.stairwells, self.unit, self.stairwell)

    def by_stairwell(self, unit: IntArray, stairwell: IntArray, share: IntArray) -> tuple[IntArray, BoolArray]:
        """Households of each stairwell, and whether they were counted."""
        whole_building = self.listed[unit] & (stairwell > 0) & (np.bincount(unit, minlength=len(self.listed))[unit] > 1)
        at = self._at(Slices.key(unit, stairwell, np.zeros(len(unit), dtype=np.int64)), floor=False)
        counted = np.bincount(at[at >= 0], self.households[at >= 0], minlength=len(unit)).astype(np.int64)
        return np.where(whole_building, counted, share), whole_building

    def floors_of(
        self, unit: IntArray, stairwell: IntArray, building: IntArray, otherwise: IntArray
    ) -> tuple[IntArray, BoolArray]:
        """Floors of each stairwell, those of its `building` where the ledger is silent; and whether it tells them."""
        at = self._at(Slices.key(unit, stairwell, np.zeros(len(unit), dtype=np.int64)), floor=False)
        told = np.zeros(len(unit), dtype=np.int64)
        np.maximum.at(told, at[at >= 0], self.floors[at >= 0])
        listed = np.zeros(len(unit), dtype=np.int64)
        np.maximum.at(listed, at[at >= 0], self.floor[at >= 0])
        known = (told > 0) | (listed > 0)
        return np.where(told > 0, told, np.where(known, np.maximum(building, listed), otherwise)), known

    def by_floor(
        self, unit: IntArray, stairwell: IntArray, floor: IntArray, share: IntArray
    ) -> tuple[IntArray, BoolArray]:
        """Households of each floor, and whether they were counted."""
        at = self._at(Slices.key(unit, stairwell, floor), floor=True)
        counted = np.bincount(at[at >= 0], self.households[at >= 0], minlength=len(unit)).astype(np.int64)
        run = np.cumsum(np.concatenate([[True], (np.diff(unit) != 0) | (np.diff(stairwell) != 0)])[: len(unit)]) - 1
        listed = np.zeros(int(run[-1]) + 1 if len(run) else 0, dtype=bool)
        listed[run[at[at >= 0]]] = True
        known = listed[run] & (floor > 0)
        even = np.zeros(len(unit), dtype=bool)
        even[at[(at >= 0) & self.shared]] = True
        return np.where(known, counted, share), known & ~even

    def _at(self, keys: IntArray, *, floor: bool) -> IntArray:
        """For every ledger row the position of its key among the ascending `keys`; -1 where it has none."""
        level = self.floor if floor else np.zeros(len(self.floor), dtype=np.int64)
        wanted = Slices.key(self.unit, self.stairwell, level)
        where = np.searchsorted(keys, wanted)
        met = where < len(keys)
        met[met] = keys[where[met]] == wanted[met]
        met &= (self.floor > 0) | (not floor)
        return np.where(met, where, -1)


def slice_ids(names: Sequence[str], slices: Slices) -> list[str]:
    """`b12`, `b12#2` or `b12#2-05` for each slice; floors have three digits where a stairwell has 100 or more.

    Parameters
    ----------
    names : sequence of str
        Ids of whole buildings, by their codes.
    """
    columns = (slices.building, slices.stairwell, slices.floor_low, np.where(slices.floors >= 100, 3, 2))
    return [
        names[b] if s == 0 else f"{names[b]}#{s}" if f == 0 else f"{names[b]}#{s}-{f:0{digits}d}"
        for b, s, f, digits in zip(*(column.tolist() for column in columns), strict=True)
    ]
