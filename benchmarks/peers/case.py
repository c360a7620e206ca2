"""The problem as arrays: all that a peer is told."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True, kw_only=True, eq=False)
class Case:
    """A connected piece without further rules, and what a user would ask for.

    Parameters
    ----------
    households, group : int arrays, shape (n,)
        Group -1 is none.
    x, y : float arrays, shape (n,), metres
    u, v : int arrays, shape (m,)
    length_m : float array, shape (m,), metres
    metres : float array, shape (n, n)
        Shortest paths; handed over, so that no peer's clock pays for them.
    min, max, target : bounds in households
    walk, walk_power, split, balance : weights of the objective
    num_grids : int
        Grids that the peer is told to draw.
    seconds : float
        Its time, reading and imports left out.
    threads : int
        Cores it may use, where it can use several.
    """

    households: np.ndarray
    group: np.ndarray
    x: np.ndarray
    y: np.ndarray
    u: np.ndarray
    v: np.ndarray
    length_m: np.ndarray
    metres: np.ndarray
    min: int
    max: int
    target: float
    walk: float
    walk_power: float
    split: float
    balance: float
    num_grids: int = 1
    seconds: float = 60.0
    seed: int = 0
    threads: int = 1

    def __len__(self) -> int:
        return len(self.households)

    @cached_property
    def weight(self) -> np.ndarray:
        """What a unit weighs when it walks; shape (n,)."""
        return np.maximum(self.households, 1).astype(np.float64)

    @cached_property
    def cost(self) -> np.ndarray:
        """Weighted walk of unit v to centre c at [v, c]; shape (n, n)."""
        return self.walk * self.weight[:, None] * self.metres**self.walk_power

    @cached_property
    def neighbours(self) -> list[list[int]]:
        """Positions next to each unit, ascending."""
        found: list[list[int]] = [[] for _ in range(len(self))]
        for a, b in zip(self.u.tolist(), self.v.tolist(), strict=True):
            found[a].append(b)
            found[b].append(a)
        return [sorted(near) for near in found]

    def asked(self, **changes: Any) -> Case:
        """The same problem with another number of grids, time, seed or threads."""
        return replace(self, **changes)


def write_case(path: Path, case: Case) -> None:
    """Keep a case for another process."""
    np.savez(path, **{field.name: getattr(case, field.name) for field in fields(Case)})


def read_case(path: Path) -> Case:
    """What `write_case` kept."""
    with np.load(path) as stored:
        values = {name: stored[name] for name in stored.files}
    return Case(**{name: value.item() if value.ndim == 0 else value for name, value in values.items()})
