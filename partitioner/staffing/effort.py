"""How much work a run may do: by count, so that the answer is the same everywhere, or until the clock says stop."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from partitioner.solver.limits import Limits, StopSignal

STEPS_PER_EFFORT = 1000
"""Steps of `Limits.step_limit` per unit of CP-SAT's deterministic time."""

USUAL_EFFORT = 8.0
"""Deterministic time of one stage of one piece where no limit is named, unless there are many of them."""

LEAST_USUAL_EFFORT, WHOLE_EFFORT = 0.5, 240.0
"""Many stages share the whole, but each gets the least."""

CLOCKED_EFFORT = 1e6
"""Where a clock runs, it alone ends a search."""


_Item = TypeVar("_Item")
_Found = TypeVar("_Found")


class Effort:
    """Shares what is left among the stages of pieces still to come; what one does not use is left to the others."""

    def __init__(self, limits: Limits, signal: StopSignal, shares: int) -> None:
        self.signal = signal
        self.seed = limits.seed
        self.threads = limits.threads or os.cpu_count() or 1
        self.plan(shares)
        self.left = None if limits.step_limit is None else limits.step_limit / STEPS_PER_EFFORT

    def each(self, work: Callable[[_Item], _Found], items: Sequence[_Item]) -> list[_Found]:
        """`work` on every piece, side by side unless steps are counted: then each is told what the one before left."""
        if self.left is not None or self.threads < 2 or len(items) < 2:
            return [work(one) for one in items]
        with ThreadPoolExecutor(self.threads) as pool:
            return list(pool.map(work, items))

    def plan(self, shares: int) -> None:
        """So many may come: many of them get less each where no limit is named."""
        self._shares = max(shares, 1)
        self._usual = min(USUAL_EFFORT, max(LEAST_USUAL_EFFORT, WHOLE_EFFORT / self._shares))

    def expect(self, shares: int) -> None:
        """So many are to come, as is known now."""
        self._shares = max(shares, 1)

    def skip(self) -> None:
        """A stage of a piece needs nothing."""
        self._shares = max(self._shares - 1, 1)

    def share(self, patience: float = 1.0) -> Share:
        """What the next stage of a piece may take.

        `patience` multiplies the seconds, for searches of which most end long before.
        """
        shares, self._shares = self._shares, max(self._shares - 1, 1)
        clock = self.signal.remaining_s
        if self.left is not None:
            effort = max(self.left, 0.0) / shares
        else:
            effort = self._usual if clock is None else CLOCKED_EFFORT
        return Share(self, effort, None if clock is None else min(clock, 2.0 * patience * clock / (shares + 1)))


class Share:
    """Part of a run's work: deterministic time, and seconds where a clock runs."""

    def __init__(self, run: Effort, effort: float, seconds: float | None, whole: Share | None = None) -> None:
        self._run, self._effort, self._whole = run, effort, whole
        self._end = None if seconds is None else time.monotonic() + seconds

    def effort(self) -> float:
        """Deterministic time that is left."""
        return self._effort

    def seconds(self) -> float | None:
        """Seconds that are left, at least a hundredth; None where no clock runs."""
        return None if self._end is None else max(0.01, self._end - time.monotonic())

    def used(self, effort: float) -> None:
        """Take `effort` off."""
        self._effort -= effort
        if self._whole is not None:
            self._whole.used(effort)
        elif self._run.left is not None:
            self._run.left -= effort

    def over(self) -> bool:
        """Whether its time, or the whole run, is over."""
        return self._run.signal() or (self._end is not None and time.monotonic() >= self._end)

    @property
    def flag(self) -> npt.NDArray[np.bool_]:
        """Set when the whole run is over; for compiled loops."""
        return self._run.signal.flag

    def listen(self, on_stop: Callable[[], object]) -> Callable[[], None]:
        """Call `on_stop` when the whole run is over; returns a function that stops listening."""
        return self._run.signal.listen(on_stop)

    def part(self, share: float) -> Share:
        """A part of what is left; what it uses is taken off here as well."""
        seconds = self.seconds()
        return Share(self._run, share * self._effort, None if seconds is None else share * seconds, self)
