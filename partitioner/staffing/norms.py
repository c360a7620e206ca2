"""Staffing norms: so many workers per 10,000 residents, community by community."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class NormReport:
    """One community against the norm.

    Parameters
    ----------
    residents : float
    workers : int
        How many there are.
    required : int
        The norm, rounded up to whole people.
    """

    community: str
    residents: float
    workers: int
    required: int

    @property
    def shortfall(self) -> int:
        """How many more the norm asks for."""
        return max(0, self.required - self.workers)


def required_workers(residents: float, per_10000: float) -> int:
    """Whole people that the norm asks for; a thousandth of a person is rounding, not a person."""
    return max(0, math.ceil(round(residents * per_10000 / 10_000, 3)))


def norm_reports(
    residents: Mapping[str, float], workers: Mapping[str, int], per_10000: float = 18.0
) -> tuple[NormReport, ...]:
    """One report per community, in the order of `residents`.

    Raises
    ------
    ValueError
        Negative or endless numbers; workers of a community without residents given.
    """
    unknown = sorted(set(workers) - set(residents))
    if unknown:
        raise ValueError(f"workers of communities whose residents are not given: {unknown}")
    for number in (*residents.values(), *workers.values(), per_10000):
        if not 0 <= number < math.inf:
            raise ValueError(f"norms need finite numbers of at least 0, not {number}")
    return tuple(
        NormReport(
            community=name,
            residents=num,
            workers=workers.get(name, 0),
            required=required_workers(num, per_10000),
        )
        for name, num in residents.items()
    )
