"""Doubtful matches of buildings, to be confirmed by whoever knows the place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from partitioner.io.doubt import CONFIRM, Doubt
from partitioner.io.writing.ledger_columns import Column
from partitioner.io.writing.workbook import formats_of, workbook, write_table


def write_doubts(doubts: Sequence[Doubt], path: str | Path, *, county: str = "") -> None:
    """A row per doubtful match, with an empty column to be answered by 是 (yes) or 否 (no).

    Raises
    ------
    OutputError
    """
    with workbook(path, f"{county} 楼栋对应待确认") as book:
        write_table(book.add_worksheet("待确认"), _COLUMNS, doubts, formats_of(book))


_COLUMNS = [
    Column(heading="原楼栋编号", width=20, value=lambda d: d.before),
    Column(heading="新楼栋编号", width=20, value=lambda d: d.after),
    Column(heading=CONFIRM, width=12, value=lambda _: None),
    Column(heading="原楼栋", width=26, value=lambda d: d.name_before),
    Column(heading="新楼栋", width=26, value=lambda d: d.name_after),
    Column(heading="原户数", width=9, value=lambda d: d.households_before, kind="integer"),
    Column(heading="新户数", width=9, value=lambda d: d.households_after, kind="integer"),
    Column(heading="相距（米）", width=10, value=lambda d: round(d.away_m, 1), kind="metres"),
    Column(heading="依据", width=44, value=lambda d: d.reason.zh),
    Column(heading="reason", width=44, value=lambda d: d.reason.en),
]
