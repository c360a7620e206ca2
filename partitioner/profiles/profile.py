"""The norms of one place, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from partitioner.errors import Text
from partitioner.model import Bounds, Count, SliceRule, Weights
from partitioner.profiles.codes import CodeTemplate
from partitioner.profiles.staffing import StaffRules

Measure = Literal["households", "residents", "workload"]
"""What the bounds of a level may count."""

MEASURES: tuple[Measure, ...] = ("households", "residents", "workload")


@dataclass(frozen=True, kw_only=True)
class Level:
    """One level of areas: community, grid or micro-grid.

    Parameters
    ----------
    name : str
        The word that `--levels` takes.
    title : Text
        What its areas are called.
    code : CodeTemplate
        How its areas are numbered.
    max_walk_m : float or None
        Passed on to `model.Problem`.
    measure : Measure
        What the bounds and the target count.
    line_price : float or None
        What the objective of the level above may lose by moving its lines for every household that is brought within
        the bounds of this one; infinite: whatever it costs. None: as `levels` choose.
    """

    name: str
    title: Text
    bounds: Bounds
    code: CodeTemplate
    weights: Weights
    count: Count
    max_walk_m: float | None = None
    measure: Measure = "households"
    line_price: float | None = None


@dataclass(frozen=True, kw_only=True)
class Workload:
    """Work of a building that declares none: so much per household, and so much per resident."""

    household: float = 1.0
    resident: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Norms:
    """Staffing norms; None where the place has none.

    Parameters
    ----------
    community_workers_per_10000_residents : float or None
    residents_per_household : float or None
        For places whose ledger does not count residents.
    full_time_workers_per_grid : float or None
    """

    community_workers_per_10000_residents: float | None = None
    residents_per_household: float | None = None
    full_time_workers_per_grid: float | None = None


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A named set of levels, from the widest to the narrowest, how buildings are cut, and who is posted where."""

    name: str
    title: Text
    levels: tuple[Level, ...]
    norms: Norms
    slices: SliceRule = field(default_factory=SliceRule)
    workload: Workload = Workload()
    staffing: StaffRules = field(default_factory=StaffRules)

    def level(self, name: str) -> Level:
        """The level called `name`.

        Raises
        ------
        KeyError
            No such level; the message lists those there are.
        """
        for level in self.levels:
            if level.name == name:
                return level
        raise KeyError(f"profile {self.name!r} has no level {name!r}; it has {', '.join(x.name for x in self.levels)}")
