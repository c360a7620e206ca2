"""A county with its plan: what every writer is given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from partitioner.errors import Fault
from partitioner.geometry.adjacency import UnitGraph
from partitioner.geometry.county import County
from partitioner.model import Explanation, IntArray, Problem, Result
from partitioner.profiles import Level, Profile


@dataclass(frozen=True, kw_only=True, eq=False)
class PlannedCounty:
    """Everything that `plan` knows when it is done.

    Parameters
    ----------
    unit_graph : UnitGraph
        Of the problem's units, in the problem's order.
    unit_of_building : int array, shape (number of buildings,)
        Position of the unit whose grid each building has; -1 where it has none.
    level : Level
        The level of `profile` that was planned.
    """

    county: County
    unit_graph: UnitGraph
    unit_of_building: IntArray
    problem: Problem
    result: Result
    profile: Profile
    level: Level
    explanation: Explanation

    def __post_init__(self) -> None:
        num, buildings = len(self.problem.units), len(self.county.buildings)
        lengths = (
            ("plan", len(self.result.plan), num),
            ("cells", len(self.unit_graph.cells), num),
            ("graph", self.unit_graph.graph.num_units, num),
            ("soft_m", len(self.unit_graph.soft_m), len(self.unit_graph.graph)),
            ("unit_of_building", len(self.unit_of_building), buildings),
        )
        for name, found, expected in lengths:
            if found != expected:
                raise ValueError(f"{name} has {found} entries, not {expected}")
        if buildings and not -1 <= int(np.min(self.unit_of_building)) <= int(np.max(self.unit_of_building)) < num:
            raise ValueError(f"unit_of_building must lie in -1 … {num - 1}")

    @property
    def notices(self) -> tuple[Fault, ...]:
        """Those of reading, then those of the graph."""
        return self.county.notices + self.unit_graph.notices

    def grid_of_building(self) -> list[str | None]:
        """The grid of each building, or None."""
        grid = self.result.plan.grid
        return [None if unit < 0 else grid.at(unit) for unit in self.unit_of_building.tolist()]

    def community_names(self) -> dict[str, str]:
        """From the id of a community to its name; those that are known."""
        frame = self.county.communities
        if not len(frame) or "id" not in frame.columns or "name" not in frame.columns:
            return {}
        rows = zip(frame["id"].tolist(), frame["name"].tolist(), strict=True)
        return {str(key): str(name) for key, name in rows if isinstance(key, str) and isinstance(name, str)}


@dataclass(frozen=True, kw_only=True, eq=False)
class PlannedLevels:
    """A county with the plans of one level or several, each nested in the one before.

    Parameters
    ----------
    levels : tuple of PlannedCounty
        The widest first; at least one. The areas of one are the parents of the next.
    seconds : tuple of float
        What planning each level took, in the same order; 0 in runs that never look at the clock.
    source : County or None
        The county as it was read, buildings whole: what a later change is made to.
    """

    levels: tuple[PlannedCounty, ...]
    seconds: tuple[float, ...]
    source: County | None = None

    def __post_init__(self) -> None:
        if not self.levels or len(self.seconds) != len(self.levels):
            raise ValueError(f"{len(self.levels)} levels with {len(self.seconds)} durations")

    @property
    def names(self) -> tuple[str, ...]:
        """Of the levels, the widest first."""
        return tuple(planned.level.name for planned in self.levels)

    def has(self, name: str) -> bool:
        """Whether the level called `name` was planned."""
        return name in self.names

    def level(self, name: str) -> PlannedCounty:
        """The plan of the level called `name`.

        Raises
        ------
        KeyError
            It was not planned.
        """
        for planned in self.levels:
            if planned.level.name == name:
                return planned
        raise KeyError(f"no level {name!r} was planned; there are {', '.join(self.names)}")

    @property
    def notices(self) -> tuple[Fault, ...]:
        """Of all levels, each once."""
        return tuple(dict.fromkeys(notice for planned in self.levels for notice in planned.notices))
