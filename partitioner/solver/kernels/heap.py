"""A binary heap in two plain arrays: keys, least on top, and what they stand for."""

from __future__ import annotations

from partitioner.compiling import kernel


@kernel
def push(key, item, filled, new_key, new_item):
    """Add an entry to a heap of `filled` entries; there must be room for it."""
    at = filled
    while at > 0:
        up = (at - 1) // 2
        if key[up] <= new_key:
            break
        key[at] = key[up]
        item[at] = item[up]
        at = up
    key[at] = new_key
    item[at] = new_item


@kernel
def drop(key, item, filled):
    """Remove the top of a heap of `filled` entries."""
    filled -= 1
    last_key = key[filled]
    last_item = item[filled]
    at = 0
    while True:
        child = 2 * at + 1
        if child >= filled:
            break
        if child + 1 < filled and key[child + 1] < key[child]:
            child += 1
        if key[child] >= last_key:
            break
        key[at] = key[child]
        item[at] = item[child]
        at = child
    key[at] = last_key
    item[at] = last_item
