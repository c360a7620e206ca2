"""What a peer has found so far, kept line by line, so that a run that must be ended loses nothing."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any


class Found:
    """A peer's record.

    Parameters
    ----------
    path : Path
        JSON lines; every line has `s`, seconds since the clock started, and `grid`, `bound` or `said`.
    seconds : float
        The peer's time.
    """

    def __init__(self, path: Path, seconds: float) -> None:
        self._file: IO[str] = path.open("w", encoding="utf-8")
        self._seconds = seconds
        self._bound: float | None = None
        self._lock = threading.Lock()  # solvers tell bounds and plans from threads of their own
        self._began = time.perf_counter()

    @property
    def left_s(self) -> float:
        """Seconds that are left, at least 0."""
        return max(0.0, self._seconds - (time.perf_counter() - self._began))

    def plan(self, grid: Iterable[int]) -> None:
        """A plan that the peer takes for its best so far: one number per unit."""
        self._write(grid=[int(label) for label in grid])

    def bound(self, value: float) -> None:
        """No plan, whatever its number of grids, is worth less; only better bounds above 0 are kept."""
        if value <= 0:
            return
        if self._bound is None or value > self._bound:
            self._bound = value
            self._write(bound=value)

    def say(self, text: str) -> None:
        """A sentence for the row."""
        self._write(said=text)

    def end(self, **facts: Any) -> None:
        """The peer is done of its own accord."""
        self._write(end=True, **facts)
        self._file.close()

    def _write(self, **line: Any) -> None:
        text = json.dumps({"s": round(time.perf_counter() - self._began, 4), **line}) + "\n"
        with self._lock:
            if not self._file.closed:
                self._file.write(text)
                self._file.flush()
