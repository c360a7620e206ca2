"""How much work a run may do: by count, so that the answer is the same everywhere, or until the clock says stop."""

from __future__ import annotations

from partitioner.solver.limits import Limits, StopSignal

STEPS_PER_EFFORT = 1000
"""Steps of `Limits.step_limit` per unit of CP-SAT's deterministic time."""

USUAL_EFFORT = 8.0
"""Deterministic time of one stage of one piece where no limit is named."""

CLOCKED_EFFORT = 1e6
"""Where a clock runs, it alone ends a search."""


class Effort:
    """Shares what is left among the stages of pieces still to come; what one does not use is left to the others."""

    def __init__(self, limits: Limits, signal: StopSignal, shares: int) -> None:
        self.signal = signal
        self.seed = limits.seed
        self.shares = max(shares, 1)
        self._left = None if limits.step_limit is None else limits.step_limit / STEPS_PER_EFFORT

    def turn(self) -> float:
        """Deterministic time of the next share."""
        shares, self.shares = self.shares, max(self.shares - 1, 1)
        if self._left is not None:
            return max(self._left, 0.0) / shares
        return USUAL_EFFORT if self.signal.remaining_s is None else CLOCKED_EFFORT

    def seconds(self) -> float | None:
        """Wall-clock seconds of the share that began last; None where no clock runs."""
        left = self.signal.remaining_s
        return None if left is None else max(0.01, 2.0 * left / (self.shares + 1))

    def used(self, effort: float) -> None:
        """Take `effort` off what is left."""
        if self._left is not None:
            self._left -= effort
