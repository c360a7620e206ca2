"""The partition problem: what the solver is asked, at every level."""

from __future__ import annotations

from dataclasses import dataclass, field

from partitioner.model.graph import Graph
from partitioner.model.rules import Bounds, Count, Weights
from partitioner.model.units import Units

Sets = tuple[tuple[int, ...], ...]
"""Sets of unit positions, each ascending."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Problem:
    """Label every unit so that each grid is connected, within bounds and inside one parent (see docs, “The problem”).

    Parameters
    ----------
    locked : Sets
        Each set is a grid that is kept as it is.
    together, apart : Sets
        Units that must share a grid; units of which no two may share a grid. Two or more units each.
    max_walk_m : float or None
        Some unit of each grid has shortest paths of at most this many metres to every unit of it.
    """

    units: Units
    graph: Graph
    bounds: Bounds
    count: Count = field(default_factory=Count)
    weights: Weights = field(default_factory=Weights)
    max_walk_m: float | None = None
    locked: Sets = ()
    together: Sets = ()
    apart: Sets = ()
    name: str = ""

    def __post_init__(self) -> None:
        num = len(self.units)
        if self.graph.num_units != num:
            raise ValueError(f"{num} units, but a graph of {self.graph.num_units}")
        for name, least in (("locked", 1), ("together", 2), ("apart", 2)):
            sets = tuple(tuple(sorted({int(p) for p in s})) for s in getattr(self, name))
            for members in sets:
                if len(members) < least:
                    raise ValueError(f"a set of {name} needs at least {least} different units")
                if members[0] < 0 or members[-1] >= num:
                    raise ValueError(f"a set of {name} names a unit outside 0 … {num - 1}")
            object.__setattr__(self, name, sets)
        if self.max_walk_m is not None and not 0 <= self.max_walk_m < float("inf"):
            raise ValueError(f"max_walk_m must be finite and at least 0, not {self.max_walk_m}")
        if self.max_walk_m is not None:
            object.__setattr__(self, "max_walk_m", float(self.max_walk_m))
        unknown = sorted(set(self.count.by_parent) - set(self.units.parent.names))
        if unknown:
            raise ValueError(f"count.by_parent names unknown parents: {unknown}")
