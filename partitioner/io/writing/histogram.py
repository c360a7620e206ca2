"""Sizes of grids as bars of text."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from partitioner.model import Bounds

BAR = 40
"""Characters of the longest bar."""

NUM_BINS = 8
"""Bins between the bounds, about."""


def size_histogram(sizes: Sequence[int], bounds: Bounds, say: Callable[[str, str], str]) -> list[str]:
    """One line per bin of households, from the smallest to the largest; bins outside the bounds are marked."""
    step = _step((bounds.max - bounds.min) / NUM_BINS)
    bins: list[tuple[int, int]] = [
        (low, min(low + step, bounds.max + 1)) for low in range(bounds.min, bounds.max, step)
    ]
    if bins:
        bins[-1] = (bins[-1][0], bounds.max + 1)
    else:
        bins = [(bounds.min, bounds.max + 1)]
    below, above = sum(s < bounds.min for s in sizes), sum(s > bounds.max for s in sizes)
    names = [f"{low}–{high - 1}" if high - 1 > low else f"{low}" for low, high in bins]
    lines = [(name, sum(low <= s < high for s in sizes), "") for name, (low, high) in zip(names, bins, strict=True)]
    if below:
        lines.insert(0, (f"< {bounds.min}", below, say("  ← 低于下限", "  ← below the bound")))
    if above:
        lines.append((f"> {bounds.max}", above, say("  ← 高于上限", "  ← above the bound")))
    most = max(num for _, num, _ in lines) or 1
    width = max(len(name) for name, _, _ in lines)
    digits = len(str(most))
    return [
        f"{name:>{width}}  {num:>{digits}}  {'█' * math.ceil(BAR * num / most)}{remark}".rstrip()
        for name, num, remark in lines
    ]


def _step(width: float) -> int:
    """A round number of at least `width`: 1, 2, 5, 10, 20, 25, 50 …"""
    scale = 1
    while True:
        for factor in (1, 2, 2.5, 5):
            step = scale * factor
            if step >= width and step == int(step):
                return int(step)
        scale *= 10
