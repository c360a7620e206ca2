"""A plan that was drawn anew, before it is labelled and judged."""

from __future__ import annotations

from dataclasses import dataclass

from partitioner.model import IntArray, Violation


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawn:
    """A plan and what is known of it.

    Parameters
    ----------
    slot, wish
        As `assembly.labelled` takes them.
    lost : float
        By how much a better plan could be better at most; infinite where that is not known.
    opened : frozenset of int
        Codes of the previous grids that were drawn anew.
    reasons : tuple of Violation
        Why the goal cannot be met, proved.
    """

    slot: IntArray
    wish: dict[int, int]
    lost: float
    opened: frozenset[int]
    reasons: tuple[Violation, ...] = ()
