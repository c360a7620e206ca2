"""Stocks of buildings for the tests of slices."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from partitioner.microgrid import StairwellLedger, Stock


def stock(
    households: Sequence[int], stairwells: Sequence[int] | None = None, floors: Sequence[int] | None = None
) -> Stock:
    """Whole buildings; counts that are left out are unknown."""
    none = [0] * len(households)
    return Stock(
        building=np.arange(len(households)),
        stairwell=np.array(none),
        floor=np.array(none),
        households=np.array(households),
        stairwells=np.array(stairwells or none),
        floors=np.array(floors or none),
    )


def ledger(*rows: tuple[int, int, int, int, int]) -> StairwellLedger:
    """Rows of building, stairwell, floor, floors, households."""
    columns = np.array(rows, dtype=np.int64).reshape(-1, 5).T
    return StairwellLedger(
        building=columns[0], stairwell=columns[1], floor=columns[2], floors=columns[3], households=columns[4]
    )


@st.composite
def stocks(draw: st.DrawFn) -> tuple[Stock, np.ndarray, StairwellLedger]:
    """Buildings known to different degrees, how far to cut each, and what a ledger says of some."""
    num = draw(st.integers(1, 8))
    numbers = lambda high: draw(st.lists(st.integers(0, high), min_size=num, max_size=num))  # noqa: E731
    households, stairwells, floors = numbers(90), numbers(4), numbers(9)
    depth = np.array(draw(st.lists(st.sampled_from([-1, 0, 1, 2]), min_size=num, max_size=num)))
    rows = []
    for b in range(num):
        if not draw(st.booleans()):
            continue
        households[b] = 0
        for s in range(1, draw(st.integers(1, 4)) + 1):
            high = floors[b] or 5
            if draw(st.booleans()):
                homes = [(b, s, 0, 0, draw(st.integers(0, 20)))]
            else:
                homes = [(b, s, f, 0, draw(st.integers(0, 4))) for f in sorted(draw(st.sets(st.integers(1, high))))]
            rows += homes
            households[b] += sum(row[-1] for row in homes)
    return stock(households, stairwells, floors), depth, ledger(*rows)
