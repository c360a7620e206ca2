"""A plan of a region that was searched for without regard to what is frozen, taken where nothing speaks against it."""

from __future__ import annotations

from partitioner.model import IntArray
from partitioner.redraw.clusters import Case
from partitioner.redraw.region import Region
from partitioner.redraw.rest import Rest


def offered(case: Case, region: Region, rest: Rest, slot: IntArray) -> IntArray | None:
    """`slot` with the plan of `rest` in the region; None where there is none, or rules hold that it was not told of."""
    fixed = case.fixed
    if rest.slots is None or case.admits is not None or region.locked or fixed.pinned.any() or len(fixed.lines):
        return None
    found = slot.copy()
    for units, slots in rest.slots:
        found[units] = int(found.max()) + 1 + slots
    return found
