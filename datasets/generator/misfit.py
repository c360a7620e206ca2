"""When a drawn town cannot meet its own figures."""

from __future__ import annotations


class Misfit(ValueError):
    """The town that was drawn does not do; `scale` says how much longer its blocks should be (1: draw anew)."""

    def __init__(self, message: str, scale: float = 1.0) -> None:
        self.scale = scale
        super().__init__(message)
