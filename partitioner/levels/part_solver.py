"""Solving many small parts within one limit."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Protocol

from partitioner.model import Plan, Problem, Result
from partitioner.solver import Cancel, Limits, Observer, solve


class Solve(Protocol):
    """`solver.solve`, or something that stands in for it."""

    def __call__(
        self,
        problem: Problem,
        limits: Limits | None = None,
        observer: Observer | None = None,
        cancel: Cancel | None = None,
        *,
        start: Plan | None = None,
    ) -> Result: ...


SHARE = 1 / 3
"""Part of what is left of time or steps that one part may use."""

LEAST_S, LEAST_STEPS = 0.2, 100
"""With less than this left it is over."""


class PartSolver:
    """Solves one part after the other; each may use a third of what is left.

    Parameters
    ----------
    limits : Limits, optional
        For all parts together. Without a limit each part ends when nothing gets better any more.
    """

    def __init__(self, limits: Limits | None = None, cancel: Cancel | None = None, solver: Solve = solve) -> None:
        self._limits = limits or Limits()
        self._cancel = cancel
        self._solver = solver
        self._began = time.monotonic()
        self._steps = self._limits.step_limit

    def __call__(self, problem: Problem) -> Plan:
        """A plan for `problem`, lawful or not."""
        left_s, steps = self._left_s(), None
        if self._steps is not None:
            steps = int(self._steps * SHARE)
            self._steps -= steps
        allowed = replace(
            self._limits,
            time_limit_s=None if left_s is None or steps is not None else max(LEAST_S, left_s * SHARE),
            step_limit=steps,
        )
        return self._solver(problem, allowed, None, self._cancel).plan

    def over(self) -> bool:
        """Whether there is too little left for another part, or the caller wishes to stop."""
        if self._cancel is not None and self._cancel.event.is_set():
            return True
        if self._steps is not None:
            return self._steps < LEAST_STEPS
        left_s = self._left_s()
        return left_s is not None and left_s < LEAST_S

    def _left_s(self) -> float | None:
        limit_s = self._limits.time_limit_s
        return None if limit_s is None else max(0.0, limit_s - (time.monotonic() - self._began))
