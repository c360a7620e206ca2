"""Who serves elsewhere, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from partitioner.io.writing.ledger_columns import Column
from partitioner.io.writing.workbook import formats_of, workbook, write_table


@dataclass(frozen=True, kw_only=True)
class StaffChange:
    """Posts that a person leaves, takes and keeps."""

    person: str
    left: tuple[str, ...]
    joined: tuple[str, ...]
    kept: tuple[str, ...] = ()


def write_staff_changes(county: str, changes: Sequence[StaffChange], path: str | Path) -> None:
    """A row per person.

    Raises
    ------
    OutputError
    """
    with workbook(path, f"{county} 人员变动") as book:
        write_table(book.add_worksheet("人员变动"), _COLUMNS, changes, formats_of(book))


_COLUMNS = [
    Column(heading="人员编号 person", width=18, value=lambda c: c.person),
    Column(heading="不再负责 left", width=40, value=lambda c: "；".join(c.left)),
    Column(heading="新负责 joined", width=40, value=lambda c: "；".join(c.joined)),
    Column(heading="继续负责 kept", width=40, value=lambda c: "；".join(c.kept)),
]
