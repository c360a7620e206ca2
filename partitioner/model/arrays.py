"""Read-only arrays: what every value of the model holds."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


def frozen_ints(values: npt.ArrayLike) -> IntArray:
    """A read-only int64 copy, shape (n,)."""
    return _freeze(np.array(values, dtype=np.int64).reshape(-1))


def frozen_floats(values: npt.ArrayLike) -> FloatArray:
    """A read-only float64 copy, shape (n,)."""
    return _freeze(np.array(values, dtype=np.float64).reshape(-1))


def _freeze(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    array.setflags(write=False)
    return array


class Rebuilt:
    """A dataclass that is pickled as what it was made from: caches stay behind, and arrays come out read-only."""

    def __reduce__(self) -> tuple[Callable[[], object], tuple[()]]:
        names = [field.name for field in dataclasses.fields(self)]  # type: ignore[arg-type]  # only dataclasses derive
        return partial(type(self), **{name: getattr(self, name) for name in names}), ()


class Labels:
    """A column of nullable names, kept as codes. Immutable.

    Attributes
    ----------
    names : tuple of str
        Distinct names in the order of first appearance.
    code : int64 array, shape (n,)
        Position in `names` for every entry, -1 where the entry is null.
    """

    __slots__ = ("code", "names")

    names: tuple[str, ...]
    code: IntArray

    def __init__(self, values: Iterable[str | None]) -> None:
        position: dict[str, int] = {}
        codes = [-1 if value is None else position.setdefault(value, len(position)) for value in values]
        object.__setattr__(self, "names", tuple(position))
        object.__setattr__(self, "code", frozen_ints(codes))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"Labels are immutable; cannot set {name!r}")

    def __reduce__(self) -> tuple[type[Labels], tuple[tuple[str | None, ...]]]:
        return Labels, (self.values(),)

    def __len__(self) -> int:
        return len(self.code)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Labels) and self.values() == other.values()

    def __hash__(self) -> int:
        return hash(self.values())

    def __repr__(self) -> str:
        return f"Labels({len(self.code)} entries, {len(self.names)} names)"

    @classmethod
    def none(cls, num: int) -> Labels:
        """`num` null entries."""
        return cls([None] * num)

    def values(self) -> tuple[str | None, ...]:
        """The column as it was given."""
        return tuple(None if c < 0 else self.names[c] for c in self.code.tolist())

    def at(self, position: int) -> str | None:
        """One entry."""
        code = int(self.code[position])
        return None if code < 0 else self.names[code]

    def members(self) -> list[IntArray]:
        """For every name the ascending positions that carry it."""
        order = np.argsort(self.code, kind="stable")
        starts = np.searchsorted(self.code[order], np.arange(len(self.names) + 1))
        return [order[a:b] for a, b in pairwise(starts)]

    def take(self, positions: Sequence[int] | IntArray) -> Labels:
        """The entries at `positions`, as a new column."""
        return Labels(self.at(int(p)) for p in positions)
