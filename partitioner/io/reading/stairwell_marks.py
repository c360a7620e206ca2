"""Numbers for stairwells that have names: A, B; 甲, 乙; 东, 西."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from partitioner.io.reading.stairwell_cells import Mark

_ORDERS = ("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "甲乙丙丁戊己庚辛壬癸", "西中东", "北中南")
"""Names that have an order of their own. Stairwells are numbered from west to east and from north to south."""

Numbers = Mapping[tuple[str, str], int]
"""From building and name to number."""


def number_stairwells(rows: Iterable[tuple[str, Mark]]) -> dict[tuple[str, str], int]:
    """Numbers of the stairwells that have names, building by building.

    They follow after those that have numbers: in the order of their names where these have one, else in that of the
    rows.

    Parameters
    ----------
    rows : iterable of (building, mark)
    """
    names: dict[str, dict[str, None]] = {}
    most: dict[str, int] = {}
    for building, mark in rows:
        if mark.number is None:
            names.setdefault(building, {})[mark.name] = None
        else:
            most[building] = max(most.get(building, 0), mark.number)
    return {
        (building, name): most.get(building, 0) + position
        for building, found in names.items()
        for position, name in enumerate(_ordered(list(found)), start=1)
    }


def _ordered(names: Sequence[str]) -> list[str]:
    order = next((order for order in _ORDERS if all(len(name) == 1 and name in order for name in names)), None)
    return list(names) if order is None else sorted(names, key=order.index)


def number_of(building: str, mark: Mark, numbers: Numbers) -> int | None:
    """The number of a stairwell; None for a name that no row of the ledger bears."""
    return numbers.get((building, mark.name)) if mark.number is None else mark.number
