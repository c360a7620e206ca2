"""Passing on what a solver says while it runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from partitioner.model import IntArray, Problem
from partitioner.solver import Observer, Snapshot
from service.jobs.task import BEST, Task, write_json

LEVELS = ("community", "grid", "micro")
"""Phases in which a solver runs that has phases of its own."""

BEST_EVERY_S = 0.7
"""The best plan so far is written no more often."""


class Watch(Observer):
    """Tells the server phase, level and figures; keeps the best plan so far in a file."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._level: str | None = None
        self._problem: Problem | None = None
        self._best: Callable[[], IntArray] | None = None
        self._written = 0.0
        self._began = time.monotonic()
        self._lock = threading.Lock()

    def phase(self, name: str) -> None:
        """A level, or a phase between levels, began."""
        if name in LEVELS:
            self._level = name
        self._task.say({"event": "phase", "phase": name, "level": self._level})

    def on_start(self, problem: Problem, best: Callable[[], IntArray]) -> None:
        with self._lock:
            self._problem, self._best, self._written = problem, best, 0.0

    def on_progress(self, snapshot: Snapshot) -> None:
        self._task.say({"event": "progress", "phase": snapshot.phase, "progress": _figures(snapshot)})
        now = time.monotonic()
        with self._lock:
            due = now - self._written >= BEST_EVERY_S
            problem, best = self._problem, self._best
            if due:
                self._written = now
        if due and problem is not None and best is not None:
            write_json(self._task.folder / BEST, self._best_document(problem, best(), snapshot))

    def _best_document(self, problem: Problem, slots: IntArray, snapshot: Snapshot) -> dict[str, Any]:
        return {
            "level": self._level,
            "units": list(problem.units.id),
            "grid": [None if slot < 0 else slot for slot in slots.tolist()],
            "best": snapshot.best,
            "bound": snapshot.bound,
            "gap": snapshot.gap,
            "seconds": round(time.monotonic() - self._began, 3),
        }


def _figures(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "done": snapshot.done,
        "pieces": snapshot.pieces,
        "best": snapshot.best,
        "bound": snapshot.bound,
        "gap": snapshot.gap,
        "misfit": snapshot.misfit,
    }
