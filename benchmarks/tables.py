"""A run as a section of RESULTS.md."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.rows import Row
from partitioner.model.files import write_text

COLUMNS: dict[str, tuple[str, ...]] = {
    "phases": ("name", "part", "seconds", "peak_mb", "load_before"),
    "phases: plans": (
        "name", "buildings", "units", "households", "grids", "status", "violations", "total", "bound", "gap",
        "time_limit_s",
    ),
    "adjacency": (
        "name", "part", "buildings", "seconds", "each_s", "times_faster", "pairs", "true_pairs", "of_peers_true",
        "of_peers_true_over_1m", "peak_mb", "load_before",
    ),
    "solver": (
        "name", "units", "households", "grids", "status", "violations", "first_lawful_s", "first_total", "total",
        "bound", "gap", "best_found_s", "seconds", "time_limit_s", "rescore_s", "peak_mb", "load_before",
    ),
    "peers": (
        "name", "part", "time_limit_s", "told", "grids", "status", "violations", "misfit", "total", "over_best", "over_bound",
        "bound", "gap", "first_lawful_s", "near_best_s", "proof_s", "seconds", "peak_mb", "said", "load_before",
    ),
}  # fmt: skip

TITLE = """# Results

Each run is a section, the newest first, and stays when it is worse. What is measured and how is in
[docs/reference/benchmarks.md](../docs/reference/benchmarks.md); the rows as JSON lines are in [results/](results/).
Seconds are wall clock, MB are 2^20 bytes of resident memory.
"""


def add_section(path: Path, head: dict[str, Any], rows: Sequence[Row], *, source: str) -> None:
    """Put a run first in the file at `path`; what older runs say there stays as it is."""
    old = path.read_text("utf-8") if path.exists() else TITLE
    cut = old.find("\n## ")
    intro, sections = (old, "") if cut < 0 else (old[: cut + 1], old[cut + 1 :])
    write_text(path, f"{intro.rstrip()}\n\n{section(head, rows, source=source)}\n{sections}".rstrip() + "\n")


def section(head: dict[str, Any], rows: Sequence[Row], *, source: str) -> str:
    """Conditions, then a table per suite."""
    lines = [f"## {head['date']}, commit {head['commit']}", "", *_conditions(head, source), ""]
    for suite, columns in COLUMNS.items():
        chosen = [row for row in rows if row["suite"] == suite.partition(":")[0] and "failed" not in row]
        if suite == "phases: plans":
            chosen = [row for row in chosen if row.get("part") == "all"]
        if chosen:
            lines += [f"### {suite}", "", *table(columns, chosen), ""]
    failed = [row for row in rows if "failed" in row]
    if failed:
        lines += ["### failed", "", *table(("suite", "name", "part", "failed"), failed), ""]
    return "\n".join(lines)


def table(columns: Sequence[str], rows: Sequence[Row]) -> list[str]:
    """Lines of a Markdown table; columns that no row fills are left out."""
    filled = [column for column in columns if any(row.get(column) is not None for row in rows)]
    body = ["| " + " | ".join(_cell(column, row.get(column)) for column in filled) + " |" for row in rows]
    return ["| " + " | ".join(filled) + " |", "|" + " --- |" * len(filled), *body]


def _conditions(head: dict[str, Any], source: str) -> list[str]:
    versions = ", ".join(f"{name} {number}" for name, number in head.get("packages", {}).items())
    machine = f"{head.get('processor')}, {head.get('cores')} cores, {head.get('memory_gb')} GB, {head.get('system')}"
    load = f"load {head.get('load')} at the start, {head.get('load_after')} at the end"
    lines = [
        f"- {machine}; {load}",
        f"- Python {head.get('python')}; {versions}",
        f"- asked for: `{head.get('asked', '')}`; rows: [{source}]({source})",
    ]
    if head.get("uncommitted"):
        lines.append(f"- not exactly that commit; changed files: {', '.join(head['uncommitted'])}")
    if head.get("note"):
        lines.append(f"- {head['note']}")
    return lines


def _cell(column: str, value: object) -> str:
    if value is None:
        return "—"
    if isinstance(value, list):
        return ", ".join(_cell(column, entry) for entry in value)
    if column == "gap" and isinstance(value, int | float):
        return f"{100 * value:.2f} %"
    if isinstance(value, float) and (abs(value) >= 10_000):
        return f"{value:,.0f}"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10_000:
        return f"{value:,}"
    return str(value).replace("|", "\\|").replace("\n", " ")
