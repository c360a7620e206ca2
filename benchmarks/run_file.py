"""A run as a file: JSON lines, first the conditions, then one line per row."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.rows import Row
from partitioner.model.files import write_text

FORMAT = "wangge-bench/1"


def file_name(head: dict[str, Any]) -> str:
    """DATE-COMMIT.json; the date has minutes, so that two runs of one day do not meet."""
    return f"{head['date'].replace(':', '')}-{head['commit']}.json"


def write_run(path: Path, head: dict[str, Any], rows: Iterable[Row]) -> None:
    """Write a run whole or not at all."""
    lines = [{"format": FORMAT, **head}, *rows]
    write_text(path, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))


def read_run(path: Path) -> tuple[dict[str, Any], list[Row]]:
    """Conditions and rows.

    Raises
    ------
    ValueError
        The file is not a run.
    OSError
    """
    try:
        head, *rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    except ValueError as error:
        raise ValueError(f"{path} does not hold JSON lines: {error}") from error
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise ValueError(f"{path} is not a run of the format {FORMAT}")
    return head, rows
