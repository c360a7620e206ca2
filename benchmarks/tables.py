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
    "peers: never worse": (
        "name", "holds", "our_total", "our_violations", "our_limit_s", "best_peer", "peer_total", "peer_violations",
        "time_limit_s", "peers", "bound_above",
    ),
    "peers: above the best value known": ("name",),
    "peers": (
        "name", "part", "time_limit_s", "told", "grids", "left_out", "status", "violations", "misfit", "total",
        "over_best", "over_bound", "bound", "gap", "first_lawful_s", "near_best_s", "proof_s", "seconds", "peak_mb",
        "said", "load_before",
    ),
    "growth": (
        "name", "units", "households", "parents", "grids", "status", "violations", "first_lawful_s", "to_2pct_s",
        "gap_left", "seconds", "time_limit_s", "peak_mb", "load_before",
    ),
    "hops": (
        "name", "part", "units", "grids", "status", "violations", "total", "published", "bound", "gap", "seconds",
        "time_limit_s", "peak_mb", "load_before",
    ),
    "throughput": (
        "name", "part", "households", "units", "areas", "status", "violations", "outside_share", "gap", "seconds",
        "households_per_s", "time_limit_s", "peak_mb", "load_before",
    ),
    "staffing": (
        "name", "part", "people", "posts", "proved", "unfilled", "ratio", "ratio_gap", "deviation", "deviation_gap",
        "changes", "changes_gap", "metres", "metres_gap", "total", "bound", "gap", "greedy nearest", "round robin",
        "scipy", "seconds", "time_limit_s", "load_before",
    ),
    "redraw": (
        "name", "part", "units", "status", "broken_before", "broken", "moved", "moved_bound", "gap", "parents",
        "outside", "over_total", "seconds", "cpu_s", "anew_moved", "anew_s", "median_ms", "slowest_ms", "load_before",
    ),
    "service: what clients wait for": (
        "name", "part", "units", "clients", "requests", "refused", "errors", "median_ms", "p95_ms", "slowest_ms",
        "seconds", "library_s", "overhead_s", "overhead_share", "upload_mb", "growth_mb", "reading_mb", "kept_s",
        "gone_ms", "load_before",
    ),
    "service: kills": (
        "name", "queued", "jobs", "server_kills", "solver_kills", "attempts", "plans", "ended successful",
        "ended job_interrupted", "ended job_crashed", "lost", "twice", "without_result", "damaged", "left_behind",
        "holds", "seconds", "load_before",
    ),
}  # fmt: skip

CLAIM = "never worse"

SHARES = (
    "gap", "gap_left", "over_best", "over_bound", "outside_share", "ratio_gap", "deviation_gap", "changes_gap",
    "metres_gap", "over_total", "overhead_share",
)  # fmt: skip

TITLE = """# Results

Each run is a section, the newest first, and stays when it is worse. What is measured and how is in
[docs/reference/benchmarks.md](../docs/reference/benchmarks.md); the rows as JSON lines are in [results/](results/).
Seconds are wall clock, MB are 2^20 bytes of resident memory.
"""


def add_section(
    path: Path,
    head: dict[str, Any],
    rows: Sequence[Row],
    *,
    source: str,
    pictures: Sequence[tuple[str, str]] = (),
) -> None:
    """Put a run first in the file at `path`; what older runs say there stays as it is."""
    old = path.read_text("utf-8") if path.exists() else TITLE
    cut = old.find("\n## ")
    intro, sections = (old, "") if cut < 0 else (old[: cut + 1], old[cut + 1 :])
    write_text(
        path, f"{intro.rstrip()}\n\n{section(head, rows, source=source, pictures=pictures)}\n{sections}".rstrip() + "\n"
    )


def section(head: dict[str, Any], rows: Sequence[Row], *, source: str, pictures: Sequence[tuple[str, str]] = ()) -> str:
    """Conditions, then a table per suite, then pictures (what they show, and where they are)."""
    lines = [f"## {head['date']}, commit {head['commit']}", "", *_conditions(head, source), ""]
    for title, columns in COLUMNS.items():
        chosen = [row for row in rows if row["suite"] == title.partition(":")[0] and _measured(row)]
        chosen, columns = _view(title, columns, chosen)
        if chosen:
            lines += [f"### {title}", "", *table(columns, chosen), ""]
    lines += [line for name, file in pictures for line in (f"![{name}]({file})", "")]
    skipped = sorted({f"{row['part']}: {row['skipped']}" for row in rows if "skipped" in row})
    if skipped:
        lines += [f"Left out: {'; '.join(skipped)}.", ""]
    failed = [row for row in rows if "failed" in row]
    if failed:
        lines += ["### failed", "", *table(("suite", "name", "part", "failed"), failed), ""]
    return "\n".join(lines)


def _measured(row: Row) -> bool:
    return "failed" not in row and "skipped" not in row


def _view(title: str, columns: tuple[str, ...], rows: list[Row]) -> tuple[list[Row], tuple[str, ...]]:
    """The rows that belong under a title, and its columns."""
    if title == "phases: plans":
        return [row for row in rows if row.get("part") == "all"], columns
    claims = [row for row in rows if row.get("part") == CLAIM]
    if title == f"peers: {CLAIM}":
        return claims, columns
    if title.startswith("service"):
        return [row for row in rows if ("server_kills" in row) == title.endswith("kills")], columns
    parts = [row for row in rows if row.get("part") != CLAIM]
    if title == "peers: above the best value known":
        return _side_by_side(parts), (*columns, *dict.fromkeys(row["part"] for row in parts))
    return parts, columns


def _side_by_side(rows: list[Row]) -> list[Row]:
    """One row per instance, one column per part: how far above the best value of the run, or why there is none."""
    lines: dict[str, Row] = {}
    for row in rows:
        line = lines.setdefault(row["name"], {"name": row["name"]})
        line[row["part"]] = _above(row)
    return list(lines.values())


def _above(row: Row) -> str:
    if "total" not in row:
        return "no plan"
    if row["violations"]:
        return f"breaks {row['violations']} rules"
    return f"{100 * row['over_best']:+.2f} %" if row.get("over_best") is not None else "—"


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
    if isinstance(value, bool):
        return "yes" if value else "**no**"
    if isinstance(value, list):
        return ", ".join(_cell(column, entry) for entry in value)
    if column in SHARES and isinstance(value, int | float):
        return f"{100 * value:.2f} %"
    if isinstance(value, float) and (abs(value) >= 10_000):
        return f"{value:,.0f}"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10_000:
        return f"{value:,}"
    return str(value).replace("|", "\\|").replace("\n", " ")
