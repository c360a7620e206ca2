"""How moved households weigh against the rest of the objective."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["strict", "weighted", "capped"]


@dataclass(frozen=True, kw_only=True)
class Goal:
    """What a redraw is asked for.

    Parameters
    ----------
    kind : {"strict", "weighted", "capped"}
        strict: fewest moved households first, then the least of the other terms. weighted: the objective as the
        problem's weights have it. capped: the least of the other terms with at most `cap` moved households.
    cap : int or None
        Only with "capped".
    """

    kind: Kind = "strict"
    cap: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in ("strict", "weighted", "capped"):
            raise ValueError(f"kind must be strict, weighted or capped, not {self.kind!r}")
        if (self.cap is not None) != (self.kind == "capped"):
            raise ValueError("a cap comes with kind 'capped', and only with it")
        if self.cap is not None and self.cap < 0:
            raise ValueError(f"cap must be at least 0, not {self.cap}")


STRICT = Goal()
WEIGHTED = Goal(kind="weighted")


def capped(households: int) -> Goal:
    """At most so many moved households."""
    return Goal(kind="capped", cap=households)
