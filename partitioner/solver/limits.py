"""When a run ends: limits, and the one clock that every phase shares."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType

import numpy as np
import numpy.typing as npt

from partitioner.model import StopReason


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a caller allows.

    Parameters
    ----------
    time_limit_s : float or None
        Wall-clock seconds for the whole run.
    step_limit : int or None
        Candidates that the search may try in all. Such a run never looks at the clock, and gives the same bytes on
        every machine and with any number of threads.
    seed : int
    threads : int or None
        At most this many pieces are solved at once; None is one per core.
    processes : bool
        Whether large problems may be solved in processes of their own, as many as `threads`. These import the main
        module of the program again: it must do nothing when imported.
    """

    time_limit_s: float | None = None
    step_limit: int | None = None
    seed: int = 0
    threads: int | None = None
    processes: bool = False

    def __post_init__(self) -> None:
        if self.time_limit_s is not None and not self.time_limit_s >= 0:
            raise ValueError(f"time_limit_s must be at least 0, not {self.time_limit_s}")
        if self.step_limit is not None and self.step_limit < 0:
            raise ValueError(f"step_limit must be at least 0, not {self.step_limit}")
        if self.threads is not None and self.threads < 1:
            raise ValueError(f"threads must be at least 1, not {self.threads}")


class Cancel:
    """A caller's wish to stop; may be set from any thread. The run then ends with the best plan it has."""

    def __init__(self) -> None:
        self.event = threading.Event()

    def set(self) -> None:
        self.event.set()

    def wanted(self) -> bool:
        """Whether it has been set."""
        return self.event.is_set()


class StopSignal:
    """Tells every phase, compiled loops included, that the run is over: by the clock or by the caller.

    Use as a context manager. `flag` is a bool array of one entry that compiled code reads.
    """

    def __init__(self, time_limit_s: float | None, cancel: Cancel | None) -> None:
        self.flag: npt.NDArray[np.bool_] = np.zeros(1, dtype=np.bool_)
        self.reason: StopReason | None = None
        self._deadline = None if time_limit_s is None else time.monotonic() + time_limit_s
        self._cancel = cancel
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._listeners: list[Callable[[], object]] = []
        self._watcher: threading.Thread | None = None

    def __enter__(self) -> StopSignal:
        if self._deadline is not None or self._cancel is not None:
            self._watcher = threading.Thread(target=self._watch, name="wangge-stop", daemon=True)
            self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._watcher is not None:
            self._watcher.join()

    def __call__(self) -> bool:
        """Whether to stop now."""
        return bool(self.flag[0])

    @property
    def remaining_s(self) -> float | None:
        """Seconds left; None without a time limit."""
        return None if self._deadline is None else max(0.0, self._deadline - time.monotonic())

    def listen(self, on_stop: Callable[[], object]) -> Callable[[], None]:
        """Call `on_stop` when the run is over (at once if it is). Returns a function that stops listening."""
        with self._lock:
            if not self.flag[0]:
                self._listeners.append(on_stop)
                return lambda: self._forget(on_stop)
        on_stop()
        return lambda: None

    def _forget(self, on_stop: Callable[[], object]) -> None:
        with self._lock:
            if on_stop in self._listeners:
                self._listeners.remove(on_stop)

    def _stop(self, reason: StopReason) -> None:
        with self._lock:
            self.reason = reason
            self.flag[0] = True
            listeners, self._listeners = self._listeners, []
        for on_stop in listeners:
            on_stop()

    def _watch(self) -> None:
        while not self._over.is_set():
            if self._cancel is not None and self._cancel.wanted():
                return self._stop("cancelled")
            left = self.remaining_s
            if left is not None and left <= 0:
                return self._stop("time_limit")
            pause = 0.02 if self._cancel is not None else left
            self._over.wait(pause if left is None else min(left, pause or left))
        return None


class Turn(StopSignal):
    """The signal of one piece: it stops with the whole run, and at the end of the piece's turn."""

    def __init__(self, run: StopSignal) -> None:
        super().__init__(None, None)
        self._run = run
        self._leave = run.listen(lambda: self._stop(run.reason or "cancelled"))

    def close(self) -> None:
        """No longer listen to the run."""
        self._leave()

    @property
    def remaining_s(self) -> float | None:
        """Seconds left to the whole run."""
        return self._run.remaining_s

    @contextmanager
    def of(self, seconds: float | None) -> Iterator[None]:
        """Stop after `seconds` inside the block; afterwards only if the whole run is over."""
        over = threading.Event()

        def wait() -> None:
            if not over.wait(seconds):
                self._stop("time_limit")

        timer = threading.Thread(target=wait, name="wangge-turn", daemon=True)
        if seconds is not None:
            timer.start()
        try:
            yield
        finally:
            over.set()
            if seconds is not None:
                timer.join()
            with self._lock:
                self.flag[0] = self._run.flag[0]
