"""Units: the things a level never splits."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from partitioner.model.arrays import FloatArray, IntArray, Labels, Rebuilt, frozen_floats, frozen_ints


@dataclass(frozen=True, kw_only=True, eq=False)
class Units(Rebuilt):
    """`n` units, in the order that every other array follows.

    Parameters
    ----------
    id : tuple of str
        Unique names.
    households : int array, shape (n,)
        At least 0.
    x, y : float arrays, shape (n,), metres; or None
        Positions, for numbering and maps only; the solver never reads them.
    group : Labels
        The compound of each unit.
    parent : Labels
        The area that a grid may not leave. A null parent is a class of its own.
    previous : Labels
        The grid that each unit belonged to before.
    """

    id: tuple[str, ...]
    households: IntArray
    x: FloatArray | None = None
    y: FloatArray | None = None
    group: Labels = field(default=None)  # type: ignore[assignment]  # filled below, never None afterwards
    parent: Labels = field(default=None)  # type: ignore[assignment]
    previous: Labels = field(default=None)  # type: ignore[assignment]

    def __post_init__(self) -> None:
        num = len(self.id)
        object.__setattr__(self, "id", tuple(self.id))
        object.__setattr__(self, "households", frozen_ints(self.households))
        for name in ("x", "y"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, frozen_floats(getattr(self, name)))
        for name in ("group", "parent", "previous"):
            if getattr(self, name) is None:
                object.__setattr__(self, name, Labels.none(num))
        lengths = {
            name: len(getattr(self, name))
            for name in ("households", "x", "y", "group", "parent", "previous")
            if getattr(self, name) is not None
        }
        wrong = {name: length for name, length in lengths.items() if length != num}
        if wrong:
            raise ValueError(f"{num} ids, but other lengths in {wrong}")
        if (self.x is None) != (self.y is None):
            raise ValueError("x and y come together or not at all")
        if num and int(self.households.min()) < 0:
            raise ValueError("households must be at least 0")
        if len(set(self.id)) != num:
            raise ValueError("unit ids must be unique")

    def __len__(self) -> int:
        return len(self.id)

    @cached_property
    def weight(self) -> FloatArray:
        """What a unit weighs in `walk`: max(households, 1); shape (n,)."""
        return frozen_floats(np.maximum(self.households, 1).astype(np.float64))

    def position(self) -> dict[str, int]:
        """From id to position."""
        return {name: i for i, name in enumerate(self.id)}
