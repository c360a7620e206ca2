"""`python -m benchmarks [SUITE…]` measures; `python -m benchmarks compare [OLD] [NEW]` compares."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import adjacency, contest, growth, hops, phases, redraw, service, solver, staffing, throughput
from benchmarks.child import SUITES, measured
from benchmarks.comparing import compare, told
from benchmarks.history import Run, last_before, runs_in
from benchmarks.machine import ROOT, conditions, load
from benchmarks.pictures import draw
from benchmarks.rows import Row
from benchmarks.run_file import file_name, read_run, write_run
from benchmarks.tables import add_section, section

RUNS = {
    "phases": phases.run,
    "adjacency": adjacency.run,
    "solver": solver.run,
    "peers": contest.run,
    "growth": growth.run,
    "hops": hops.run,
    "throughput": throughput.run,
    "staffing": staffing.run,
    "redraw": redraw.run,
    "service": service.run,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when all was measured and nothing is worse, 1 when something failed or is worse, 2 when it cannot be done."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    return _compare(given[1:]) if given[:1] == ["compare"] else _measure(given)


def _measure(given: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure and keep the results.")
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"of {', '.join(SUITES)} (default: all)")
    parser.add_argument("--only", action="append", metavar="NAME", help="this place or instance; may be repeated")
    parser.add_argument("--quick", action="store_true", help="a smoke run of seconds; nothing is kept without --folder")
    parser.add_argument("--note", help="a sentence for the record, such as what else ran on the machine")
    parser.add_argument("--folder", type=Path, help="where RESULTS.md and results/ are (default: benchmarks/)")
    options = parser.parse_args(given)
    unknown = sorted(set(options.suites) - set(SUITES))
    if unknown:
        parser.error(f"no such suite: {', '.join(unknown)}; there are {', '.join(SUITES)}")
    head = conditions() | {"asked": shlex.join(["python", "-m", "benchmarks", *given])}
    if options.note:
        head["note"] = options.note
    rows = _rows(options)
    if not rows:
        parser.error("nothing was measured: no such name, or WANGGE_DATA is not set")
    head["load_after"] = load()
    folder = options.folder or (None if options.quick else ROOT / "benchmarks")
    source = f"results/{file_name(head)}"
    if folder is not None:
        (folder / "results").mkdir(parents=True, exist_ok=True)
        write_run(folder / source, head, rows)
        drawn = draw(rows, folder / "results", Path(source).stem)
        pictures = [(shows, f"results/{file}") for shows, file in drawn]
        add_section(folder / "RESULTS.md", head, rows, source=source, pictures=pictures)
    sys.stdout.write(section(head, rows, source=source))
    return 1 if any("failed" in row for row in rows) else 0


def _rows(options: argparse.Namespace) -> list[Row]:
    only = set(options.only or ())
    rows: list[Row] = []
    if not options.quick:
        # Compiles what is compiled on first use: that happens once after an installation and is no part of any row.
        measured("solver", "town-0", {"time_limit_s": 10.0})
        measured("solver", "village-0", {"time_limit_s": 10.0})
    for suite in options.suites or RUNS:
        for row in RUNS[suite](lambda name: not only or name in only, quick=options.quick):
            rows.append(row)
            sys.stderr.write(_brief(row) + "\n")
            sys.stderr.flush()
    return rows


def _brief(row: Row) -> str:
    said = [row["suite"], row["name"], row.get("part")]
    if "failed" in row or "skipped" in row:
        said.append(next(f"{word}: {row[word]}" for word in ("failed", "skipped") if word in row))
    else:
        said += [f"{row['seconds']} s" if "seconds" in row else None, row.get("status")]
    return " · ".join(str(word) for word in said if word is not None)


def _compare(given: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks compare",
        description="Compare two runs; without OLD, NEW (default: the newest) with the last dated result of each row.",
    )
    parser.add_argument("runs", nargs="*", type=Path, metavar="[OLD] NEW")
    parser.add_argument("--all", action="store_true", help="name the figures that stayed the same, too")
    parser.add_argument("--folder", type=Path, default=ROOT / "benchmarks", help="where results/ is")
    options = parser.parse_args(given)
    if len(options.runs) > 2:
        parser.error("at most two runs are compared")
    try:
        (old_head, old), (new_head, new) = _two_runs(options.runs, options.folder / "results")
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    for key in ("processor", "cores", "python"):
        if old_head and old_head.get(key) != new_head.get(key):
            sys.stdout.write(f"note: another {key}: {old_head.get(key)} → {new_head.get(key)}\n")
    findings = compare(old, new)
    sys.stdout.write(told(findings, all_of_them=options.all))
    return 1 if any(finding.verdict == "worse" for finding in findings) else 0


def _two_runs(paths: Sequence[Path], folder: Path) -> tuple[Run, Run]:
    if len(paths) == 2:
        return read_run(paths[0]), read_run(paths[1])
    stored = runs_in(folder)
    if not stored and not paths:
        raise ValueError(f"{folder} holds no runs")
    new = read_run(paths[0]) if paths else stored[0][1]
    older = [run for _, run in stored if run[0]["date"] < new[0]["date"]]
    if not older:
        raise ValueError(f"{folder} holds no run older than {new[0]['date']}")
    return last_before(new[1], older), new


if __name__ == "__main__":
    sys.exit(main())
