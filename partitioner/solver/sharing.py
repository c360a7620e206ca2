"""Who may use how much: steps and seconds shared among pieces by their units."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Sequence

from partitioner.solver.limits import Limits, StopSignal
from partitioner.solver.search import PATIENCE
from partitioner.solver.tasks import Task

LEAST_TURN_S = 0.5
"""Less time than this is not worth another turn."""

LIMITED_PATIENCE = 5
"""A caller who names a limit waits for it: this many times the patience before a search counts as stalled."""


class Shares:
    """Fair shares of what is left, by units; any thread may ask.

    Parameters
    ----------
    tasks : sequence of Task
    limits : Limits
    signal : StopSignal
        Knows how much time is left.
    wanted : sequence of int, optional
        Positions of the tasks that are worked on; by default all.
    """

    def __init__(
        self, tasks: Sequence[Task], limits: Limits, signal: StopSignal, wanted: Sequence[int] | None = None
    ) -> None:
        chosen = range(len(tasks)) if wanted is None else wanted
        self._units = {position: len(tasks[position].units) for position in chosen}
        self._limits = limits
        self._signal = signal
        self._total = sum(self._units.values())
        self._waiting = self._total
        self._lock = threading.Lock()
        limited = limits.time_limit_s is not None or limits.step_limit is not None
        self.patience = PATIENCE * (LIMITED_PATIENCE if limited else 1)
        self.given = limits.threads or os.cpu_count() or 1
        self.workers = max(1, min(self.given, len(self._units)))

    def begin(self, order: Iterable[int]) -> None:
        """These pieces take their turns now."""
        with self._lock:
            self._waiting = sum(self._units[position] for position in order)

    def end(self, position: int) -> None:
        """This one has had its turn."""
        with self._lock:
            self._waiting -= self._units[position]

    def largest_first(self) -> list[int]:
        """Positions of the tasks that are worked on."""
        return sorted(self._units, key=lambda position: (-self._units[position], position))

    def steps(self, position: int) -> int | None:
        """Candidates that a piece may try; None: as many as patience asks for."""
        limit = self._limits.step_limit
        return None if limit is None else limit * self._units[position] // self._total

    def seconds(self, position: int) -> float | None:
        """Seconds that a piece may use from now on; None where the clock does not count."""
        remaining = self._signal.remaining_s
        if remaining is None or self._limits.step_limit is not None:
            return None
        return remaining * min(1.0, self.workers * self._units[position] / max(self._waiting, 1))

    def time_left(self) -> bool:
        """Whether there is time for another turn."""
        remaining = self._signal.remaining_s
        return remaining is not None and remaining > LEAST_TURN_S
