"""Rules of one level: bounds, counts and weights."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType

MIN_WALK_POWER, MAX_WALK_POWER = 0.01, 4.0
"""Range of `walk_power`: beyond it sums of powers of metres lose all digits."""

MAX_FLOORS = 200
"""No building is higher."""

MAX_STAIRWELLS = 200
"""No building has more."""


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """How many households a grid holds: from `min` to `max`, best `target` (default: the middle)."""

    min: int
    max: int
    target: float | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.min <= self.max or self.max < 1:
            raise ValueError(f"bounds need 0 <= min <= max and max >= 1, not {self.min} and {self.max}")
        if self.target is None:
            object.__setattr__(self, "target", (self.min + self.max) / 2)
        object.__setattr__(self, "target", float(self.aim))
        if not math.isfinite(self.aim) or self.aim < 0:
            raise ValueError(f"target must be finite and at least 0, not {self.target}")

    @property
    def aim(self) -> float:
        """The target, never None."""
        assert self.target is not None
        return self.target


@dataclass(frozen=True, kw_only=True)
class CountRange:
    """How many grids there may be; None is no limit."""

    min: int | None = None
    max: int | None = None

    def __post_init__(self) -> None:
        low, high = self.min, self.max
        if (low is not None and low < 0) or (high is not None and high < 0):
            raise ValueError("a count must be at least 0")
        if low is not None and high is not None and low > high:
            raise ValueError(f"count min {low} is above count max {high}")


@dataclass(frozen=True, kw_only=True)
class Count:
    """Number of grids of each parent; `by_parent` overrides `default` for the parents it names."""

    default: CountRange = CountRange()
    by_parent: Mapping[str, CountRange] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_parent", MappingProxyType(dict(self.by_parent)))

    def __reduce__(self) -> tuple[Callable[[], Count], tuple[()]]:
        return partial(Count, default=self.default, by_parent=dict(self.by_parent)), ()

    def of(self, parent: str | None) -> CountRange:
        """The range that holds for `parent` (None: the units without a parent)."""
        return self.default if parent is None else self.by_parent.get(parent, self.default)


@dataclass(frozen=True, kw_only=True)
class Weights:
    """Weights of the objective; the unit of the total is the household-metre. Defaults are those for grids."""

    walk: float = 1.0
    walk_power: float = 1
    split: float = 20_000.0
    balance: float = 40.0
    move: float = 0.0

    def __post_init__(self) -> None:
        for name in ("walk", "split", "balance", "move"):
            value = float(getattr(self, name))
            object.__setattr__(self, name, value)
            if not math.isfinite(value) or value < 0:
                raise ValueError(f"weight {name} must be finite and at least 0, not {value}")
        object.__setattr__(self, "walk_power", float(self.walk_power))
        if not MIN_WALK_POWER <= self.walk_power <= MAX_WALK_POWER:
            raise ValueError(f"walk_power must lie in {MIN_WALK_POWER} … {MAX_WALK_POWER}, not {self.walk_power}")


@dataclass(frozen=True, kw_only=True)
class SliceRule:
    """How buildings are cut into stairwells and floors, and what a way inside them counts.

    The assumed numbers stand in only where a ledger is silent. A building of unknown height is a walk-up of
    `floors_assumed`; it has a lift and `lift_floors_assumed` if it holds more than `lift_above_households`, or, where
    its stairwells are known, more than `lift_homes_per_floor` on each of `floors_assumed` floors.

    Parameters
    ----------
    homes_per_floor, lift_homes_per_floor : int
        Assumed homes on one floor of a stairwell, in walk-ups and in buildings with a lift. A stairwell of a walk-up is
        assumed to hold `homes_per_floor` × `floors_assumed` homes whatever its height: lower buildings have larger
        landings. One with a lift holds `lift_homes_per_floor` on each floor.
    floors_assumed, lift_floors_assumed : int
    lift_above_households : int
    lift_from_floors : int
        Buildings of this many floors or more have a lift.
    whole_up_to : int
        Buildings of up to this many households are never cut.
    stairs_m_per_floor, lift_m_per_floor : float
        Metres that one floor counts, without and with a lift.
    """

    homes_per_floor: int = 2
    lift_homes_per_floor: int = 4
    floors_assumed: int = 6
    lift_floors_assumed: int = 18
    lift_above_households: int = 60
    lift_from_floors: int = 7
    whole_up_to: int = 3
    stairs_m_per_floor: float = 8.0
    lift_m_per_floor: float = 3.0

    def __post_init__(self) -> None:
        for name in ("homes_per_floor", "lift_homes_per_floor", "lift_from_floors"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}")
        for name in ("floors_assumed", "lift_floors_assumed"):
            if not 1 <= getattr(self, name) <= MAX_FLOORS:
                raise ValueError(f"{name} must lie in 1 … {MAX_FLOORS}, not {getattr(self, name)}")
        for name in ("whole_up_to", "lift_above_households"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must be at least 0, not {getattr(self, name)}")
        for name in ("stairs_m_per_floor", "lift_m_per_floor"):
            value = float(getattr(self, name))
            object.__setattr__(self, name, value)
            if not math.isfinite(value) or value < 0:
                raise ValueError(f"{name} must be finite and at least 0, not {value}")
