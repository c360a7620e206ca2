"""A row: what one measurement found."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Row = dict[str, Any]
"""Keys `suite` and `name` (and `part` where a name has several) say what was measured, the others what was found.

Seconds end in `_s`, megabytes of 2^20 bytes in `_mb`. A measurement that failed has `failed`, one line why.
"""

Key = tuple[str, str, str]


def key_of(row: Row) -> Key:
    """What a row is about: the same in every run."""
    return str(row.get("suite", "")), str(row.get("name", "")), str(row.get("part", ""))


def by_key(rows: Iterable[Row]) -> dict[Key, Row]:
    """From key to row, in the order given."""
    return {key_of(row): row for row in rows}
