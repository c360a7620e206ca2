"""Lists of ids in sentences: the first few, and how many there are."""

from __future__ import annotations

from collections.abc import Iterable

from partitioner.errors import Text

MAX_NAMED = 10
"""How many ids one notice names; the rest is counted."""


def named(names: Iterable[str]) -> Text:
    """The first names, and how many more there are."""
    listed = list(names)
    shown, rest = listed[:MAX_NAMED], len(listed) - MAX_NAMED
    zh, en = "、".join(shown), ", ".join(shown)
    return Text(f"{zh} 等共 {len(listed)} 个", f"{en} and {rest} more") if rest > 0 else Text(zh, en)
