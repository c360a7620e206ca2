"""Lists in pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

R = TypeVar("R")


def by_id(found: Sequence[Any], limit: int, answer: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """A page of records that were asked for with one more than `limit`."""
    page = found[:limit]
    return {"items": [answer(one) for one in page], "next": page[-1].id if len(found) > limit else None}


def by_place(found: Sequence[Any], limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of a list that is at hand as a whole; its cursors count."""
    start = int(cursor) if cursor and cursor.isdigit() and len(cursor) < 12 else 0
    end = start + limit
    return {"items": list(found[start:end]), "next": str(end) if end < len(found) else None}
