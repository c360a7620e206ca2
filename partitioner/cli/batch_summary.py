"""The summary of a batch: a row per problem or planned level, as CSV and JSON, and what was done before."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from partitioner.cli.speaking import BAD_INPUT, FOUND, INFEASIBLE, NOTHING_FOUND
from partitioner.cli.summary import exit_code
from partitioner.errors import InputError, Place
from partitioner.model import Problem, Result
from partitioner.model.files import write_text

FORMAT = "wangge-batch/1"
JSON_NAME, CSV_NAME = "summary.json", "summary.csv"

COLUMNS = (
    "name", "level", "units", "households", "grids", "status", "total", "bound", "gap", "seconds", "stop_reason",
    "violations", "first_violation", "exit_code", "plan",
)  # fmt: skip
"""Columns of the CSV, and keys of every row of the JSON."""

NOT_REACHED = "not_reached"
"""Status of an entry that the run was stopped before; `BAD` of one whose input is wrong."""
BAD = "bad_input"

WORST_FIRST = (BAD_INPUT, NOTHING_FOUND, INFEASIBLE)

Row = dict[str, Any]


def worst(codes: Iterable[int]) -> int:
    """The exit code of a batch: 2 before 4 before 3 before 0."""
    found = set(codes)
    return next((code for code in WORST_FIRST if code in found), FOUND)


def row_of(name: str, level: str | None, problem: Problem, result: Result, plan: str) -> Row:
    """What is told of one result; `plan` is its file, relative to the summary."""
    first = next(iter((*result.violations, *result.reasons)), None)
    return {
        "name": name,
        "level": level,
        "units": len(problem.units),
        "households": int(problem.units.households.sum()),
        "grids": len(result.plan.grid.names),
        "status": result.status,
        "total": result.objective.total,
        "bound": result.bound,
        "gap": result.gap,
        "seconds": result.seconds,
        "stop_reason": result.stop_reason,
        "violations": len(result.violations),
        "first_violation": None if first is None else f"{first.message.zh} / {first.message.en}",
        "exit_code": exit_code(result),
        "plan": plan,
    }


def row_of_faults(name: str, error: InputError) -> Row:
    """The row of an entry whose input is wrong."""
    fault = error.faults[0]
    where = _where(fault.place)
    text = f"{where}{fault.message.zh} / {fault.message.en}"
    more = len(error.faults) - 1
    return _blank(name, BAD, BAD_INPUT) | {
        "violations": len(error.faults),
        "first_violation": f"{text} (+{more})" if more else text,
    }


def row_not_reached(name: str) -> Row:
    """The row of an entry that the run was stopped before."""
    return _blank(name, NOT_REACHED, NOTHING_FOUND)


def _blank(name: str, status: str, code: int) -> Row:
    return dict.fromkeys(COLUMNS) | {"name": name, "status": status, "exit_code": code}


def _where(place: Place) -> str:
    parts = [place.pointer, None if place.row is None else f"row {place.row}", place.column]
    return ", ".join(part for part in parts if part) + ": " if any(parts) else ""


def document(done: Mapping[str, Mapping[str, Any]], left_out: Sequence[str], settings: Mapping[str, Any]) -> Row:
    """The JSON summary; `done` has `inputs` (a fingerprint, null where nothing may be kept) and `rows` by name."""
    rows = [row for entry in done.values() for row in entry["rows"]]
    return {
        "format": FORMAT,
        "settings": dict(settings),
        "exit_code": worst(row["exit_code"] for row in rows),
        "left_out": list(left_out),
        "entries": [{"name": name, **entry} for name, entry in done.items()],
    }


def write_summary(folder: Path, summary: Row) -> tuple[Path, Path]:
    """Write both forms, each whole or not at all.

    Raises
    ------
    OutputError
    """
    write_text(folder / JSON_NAME, json.dumps(summary, ensure_ascii=False, indent=1, allow_nan=False) + "\n")
    table = io.StringIO()
    writer = csv.DictWriter(table, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for entry in summary["entries"]:
        writer.writerows(entry["rows"])
    # With the mark, Excel reads the Chinese as UTF-8.
    write_text(folder / CSV_NAME, "\ufeff" + table.getvalue())
    return folder / JSON_NAME, folder / CSV_NAME


def read_done(folder: Path) -> dict[str, Row]:
    """Entries of an earlier run that need not be done again where their inputs are the same; by name.

    A summary that cannot be read says nothing of earlier runs, and one whose plans are gone neither.
    """
    try:
        summary = json.loads((folder / JSON_NAME).read_text(encoding="utf-8"))
        entries = summary["entries"] if summary["format"] == FORMAT else []
        return {
            entry["name"]: {"inputs": entry["inputs"], "rows": entry["rows"]}
            for entry in entries
            if entry["inputs"] and all((folder / row["plan"]).is_file() for row in entry["rows"])
        }
    except (OSError, ValueError, KeyError, TypeError):
        return {}
