"""One measurement in a process of its own, so that memory and warm caches are its own.

`python -m benchmarks.child SUITE NAME SETTINGS` writes rows as JSON lines; `measured` starts it and reads them.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import tempfile
from typing import Any

from benchmarks.machine import ROOT, load
from benchmarks.places import real_root
from benchmarks.rows import Row

SUITES = {
    "phases": "benchmarks.phases",
    "adjacency": "benchmarks.adjacency",
    "solver": "benchmarks.solver",
    "peers": "benchmarks.contest",
    "growth": "benchmarks.growth",
    "hops": "benchmarks.hops",
    "throughput": "benchmarks.throughput",
    "staffing": "benchmarks.staffing",
    "redraw": "benchmarks.redraw",
    "service": "benchmarks.service",
}
"""From the name of each suite to its module."""


def measured(suite: str, name: str, settings: dict[str, Any]) -> list[Row]:
    """The rows of one measurement; a single row with `failed` when it ended badly.

    The load is that of the minute before, so a row also tells when something else was running.
    """
    before = load()
    command = [sys.executable, "-m", "benchmarks.child", suite, name, json.dumps(settings)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = _without_folders(done.stderr).strip().splitlines()
        why = said[-1] if said else f"exit code {done.returncode}"
        return [{"suite": suite, "name": name, "failed": why, "load_before": before}]
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return [{"suite": suite, "name": name, **row, "load_before": before} for row in rows]


def _without_folders(text: str) -> str:
    """Results are kept: where something lay on one machine is none of their business."""
    places = ((real_root(), "$WANGGE_DATA"), (ROOT, "."), (tempfile.gettempdir(), "$TMPDIR"))
    for folder, name in places:
        if folder is not None:
            text = text.replace(str(folder), name)
    return text


def main(arguments: list[str]) -> None:
    suite, name, settings = arguments
    if suite not in SUITES:
        raise SystemExit(f"no such suite: {suite}")
    for row in importlib.import_module(SUITES[suite]).work(name, **json.loads(settings)):
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
