"""The load of a target: weighted work, in hundredths of a household so that sums are exact."""

from __future__ import annotations

import math
from dataclasses import dataclass

from partitioner.staffing.roles import Role
from partitioner.staffing.targets import Target

LOAD_UNIT = 100
"""Whole numbers per unit of load: loads and capacities count in hundredths."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadTerm:
    """One kind of work: so much of it, at such a weight."""

    kind: str
    amount: float
    weight: float

    @property
    def load(self) -> float:
        """Amount times weight."""
        return self.amount * self.weight


def load_terms(role: Role, target: Target) -> tuple[LoadTerm, ...]:
    """What makes up the load of `target` for `role`, terms that are 0 left out; where posts are counted, 1."""
    if role.measure == "posts":
        return (LoadTerm(kind="posts", amount=1.0, weight=1.0),)
    terms = (
        LoadTerm(kind=kind, amount=float(target.work.get(kind, 0.0)), weight=float(weight))
        for kind, weight in sorted(role.weights.items())
    )
    return tuple(term for term in terms if term.load)


def load_of(role: Role, target: Target) -> int:
    """Load in hundredths, rounded half up."""
    return in_units(math.fsum(term.load for term in load_terms(role, target)))


def in_units(load: float) -> int:
    """A load or a capacity in hundredths, rounded half up."""
    return math.floor(load * LOAD_UNIT + 0.5)


def fair_share(capacity: int, load: int, capacity_of_all: int) -> int:
    """`load` in the proportion of `capacity` to `capacity_of_all`, in hundredths, rounded half up."""
    return (2 * capacity * load + capacity_of_all) // (2 * capacity_of_all)
