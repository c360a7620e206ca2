"""Codes that are never given again, with what carries their households on."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from partitioner.errors import Fault, InputError, Place, Text
from partitioner.io.reading.retired import RETIRED_FILE
from partitioner.model.files import write_text

Retired = Mapping[str, tuple[str, tuple[str, ...]]]
"""From each retired code to its level and its successors, most households first."""


def write_retired(retired: Retired, path: Path) -> None:
    """A row per code: the code, its level, and the codes that carry its households on."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("停用编码", "层级", "继任"))
    table.writerows((code, level, "; ".join(heirs)) for code, (level, heirs) in sorted(retired.items()))
    write_text(path, "\ufeff" + text.getvalue())


def read_retired_rows(folder: str | Path) -> Retired:
    """What `write_retired` left in a folder; nothing where there is no such file.

    Raises
    ------
    InputError
        It cannot be read.
    """
    path = Path(folder) / RETIRED_FILE
    if not path.is_file():
        return {}
    try:
        rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))[1:]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        message = Text(f"无法读取（{error}）", f"it cannot be read ({error})")
        remedy = Text("请恢复该文件", "restore this file")
        raise InputError(
            [Fault(rule="retired_file", place=Place(file=str(path)), message=message, remedy=remedy)]
        ) from error
    filled = [[*row, "", "", ""][:3] for row in rows if row and row[0]]
    return {
        code: (level, tuple(part.strip() for part in heirs.split(";") if part.strip())) for code, level, heirs in filled
    }
