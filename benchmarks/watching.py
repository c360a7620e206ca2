"""What a run of ours told while it ran."""

from __future__ import annotations

import time
from typing import Any

KEPT_POINTS = 80


class Trail:
    """The course of a run: (seconds, best, bound) whenever one of them changed.

    Hand `on_progress` to an observer; the clock starts when the trail is made.
    """

    def __init__(self) -> None:
        self.points: list[tuple[float, float | None, float | None]] = []
        self._began = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Since the trail was made."""
        return time.perf_counter() - self._began

    def on_progress(self, snapshot: Any) -> None:
        """Keep what is new in a `Snapshot`."""
        now = (snapshot.best, snapshot.bound)
        if now != (None, None) and (not self.points or self.points[-1][1:] != now):
            self.points.append((self.seconds, *now))

    def first_s(self, good: Any) -> float | None:
        """When `good(best, bound)` was first true."""
        return next((round(s, 3) for s, best, bound in self.points if good(best, bound)), None)

    def thinned(self, points: int = KEPT_POINTS) -> list[list[float | None]]:
        """The course for the record: first and last point, and what lies between by equal steps of its length."""
        num = len(self.points)
        picked = range(num) if num <= points else sorted({round(k * (num - 1) / (points - 1)) for k in range(points)})
        return [[_cut(value, 1 if k else 3) for k, value in enumerate(self.points[at])] for at in picked]


def gap_within(share: float) -> Any:
    """A test for `Trail.first_s`: the gap is known and at most `share`."""
    return lambda best, bound: best is not None and bound is not None and best - bound <= share * best


def _cut(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
