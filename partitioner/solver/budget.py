"""What one piece may use."""

from __future__ import annotations

from dataclasses import dataclass

from partitioner.solver.limits import StopSignal
from partitioner.solver.search import PATIENCE


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What one piece may use.

    Parameters
    ----------
    steps : int or None
        Candidates that its search may have tried in all; None: as many as patience asks for.
    until_s : float or None
        The signal's remaining seconds at which the piece has to give way to the next one.
    patience : int
        Candidates per node without a better plan after which its search is stalled.
    """

    steps: int | None
    until_s: float | None
    patience: int = PATIENCE

    def over(self, signal: StopSignal, steps: int) -> bool:
        """Whether it is used up, after so many candidates, or the signal says stop."""
        if signal() or (self.steps is not None and steps >= self.steps):
            return True
        remaining = signal.remaining_s
        return self.until_s is not None and remaining is not None and remaining <= self.until_s

    def seconds(self, signal: StopSignal) -> float | None:
        """Seconds that may still be used; None where the clock does not count."""
        remaining = signal.remaining_s
        return None if remaining is None or self.steps is not None else max(0.0, remaining - (self.until_s or 0.0))
