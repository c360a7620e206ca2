"""What was measured before: for every row the last dated run that has it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.comparing import BUDGET
from benchmarks.rows import Row, key_of
from benchmarks.run_file import read_run

Run = tuple[dict[str, Any], list[Row]]


def runs_in(folder: Path) -> list[tuple[Path, Run]]:
    """All runs in `folder`, the newest first."""
    found = [(path, read_run(path)) for path in sorted(folder.glob("*.json"))]
    return sorted(found, key=lambda run: (run[1][0]["date"], run[0].name), reverse=True)


def last_before(rows: Sequence[Row], older: Sequence[Run]) -> Run:
    """For every row its last result with the same budget, else its last result; and the heads of the runs used.

    Parameters
    ----------
    older : sequence of (head, rows)
        The newest first.

    Returns
    -------
    head : dict
        That of the newest run that was used; empty where nothing was measured before.
    rows : list of Row
        At most one for each of `rows`.
    """
    head: dict[str, Any] = {}
    found: list[Row] = []
    for row in rows:
        had = [(old_head, old) for old_head, olds in older for old in olds if key_of(old) == key_of(row)]
        same = [entry for entry in had if _budget(entry[1]) == _budget(row)]
        for old_head, old in (same or had)[:1]:
            found.append(old)
            if not head or old_head["date"] > head["date"]:
                head = old_head
    return head, found


def _budget(row: Row) -> list[Any]:
    return [row.get(key) for key in BUDGET]
