"""Stairwells and floors in words."""

from __future__ import annotations

import re
from collections.abc import Iterable

from partitioner.errors import Text

MAX_TOLD = 4
"""How many stairwells or houses one sentence names; the rest is counted."""


def in_words(ids: Iterable[str]) -> Text:
    """Ids of slices as `b12 2单元3–6层` and `b12 stairwell 2, floors 3–6`, in the order given."""
    stairwells: dict[tuple[str, str | None], list[int]] = {}
    for name in ids:
        building, hash_mark, part = name.rpartition("#")
        if not hash_mark or not re.fullmatch(r"\d+(-\d+)?", part):
            stairwells.setdefault((name, None), [])
            continue
        stairwell, _, floor = part.partition("-")
        floors = stairwells.setdefault((building, stairwell), [])
        if floor:
            floors.append(int(floor))
    told = [_one(building, stairwell, floors) for (building, stairwell), floors in stairwells.items()]
    shown, rest = told[:MAX_TOLD], len(told) - MAX_TOLD
    zh, en = "、".join(one.zh for one in shown), "; ".join(one.en for one in shown)
    return Text(f"{zh} 等共 {len(told)} 处", f"{en} and {rest} more") if rest > 0 else Text(zh, en)


def _one(building: str, stairwell: str | None, floors: list[int]) -> Text:
    if stairwell is None:
        return Text(building, building)
    if not floors:
        return Text(f"{building} {stairwell}单元", f"{building} stairwell {stairwell}")
    low, high = min(floors), max(floors)
    if low == high:
        return Text(f"{building} {stairwell}单元{low}层", f"{building} stairwell {stairwell}, floor {low}")
    return Text(f"{building} {stairwell}单元{low}–{high}层", f"{building} stairwell {stairwell}, floors {low}–{high}")
