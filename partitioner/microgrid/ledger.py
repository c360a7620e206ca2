"""What is known of stairwells and floors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from partitioner.model import IntArray
from partitioner.model.arrays import frozen_ints


@dataclass(frozen=True, kw_only=True, eq=False)
class StairwellLedger:
    """Rows of a stairwell ledger, checked: each stairwell has one row for all its floors, or one for each lived on.

    Parameters
    ----------
    building : int array, shape (k,)
        Code of the whole building, as in `Stock.building`.
    stairwell : int array, from 1
    floor : int array, from 1; 0 where the row counts the whole stairwell
    floors : int array
        How many floors the stairwell has; 0 where that is not known.
    households : int array
    shared : bool array, optional
        Whether the households are an even share of what several floors hold together; nowhere by default.
    """

    building: IntArray
    stairwell: IntArray
    floor: IntArray
    floors: IntArray
    households: IntArray
    shared: npt.NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        for name in ("building", "stairwell", "floor", "floors", "households"):
            object.__setattr__(self, name, frozen_ints(getattr(self, name)))

        shared = np.zeros(len(self), dtype=bool) if self.shared is None else np.array(self.shared, dtype=bool)
        shared.setflags(write=False)
        object.__setattr__(self, "shared", shared)

    def __len__(self) -> int:
        return len(self.building)

    @classmethod
    def none(cls) -> StairwellLedger:
        """Nothing is known."""
        empty = frozen_ints([])
        return cls(building=empty, stairwell=empty, floor=empty, floors=empty, households=empty)
