"""Redraws after generated changes, against drawing anew with the best labels.

`python -m benchmarks.redraw [--seeds N] [--limit SECONDS] [KIND…]` prints a table: per change and community the
households that a strict redraw moves, what is proved, and what a new plan moves whose grids are matched to the previous
ones as well as possible, with seconds for both.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from benchmarks.rows import Row

if TYPE_CHECKING:
    from partitioner.model import Plan, Problem

SEEDS = 8
LIMIT_S = 10.0

COLUMNS = ("name", "part", "units", "status", "moved", "moved_bound", "over_total", "seconds", "anew_moved", "anew_s")


def work(name: str, *, seed: int, limit_s: float = LIMIT_S) -> Iterator[Row]:
    """The row of one kind of change on one community (a small county for changes of lines)."""
    yield from _rows(name, seed, limit_s)


def _rows(kind: str, seed: int, limit_s: float) -> Iterator[Row]:
    from datasets.changes import CHANGES
    from partitioner.redraw import redraw
    from partitioner.redraw.changes import with_previous
    from partitioner.solver import Limits, solve

    problem, plan = _before(kind, seed, limit_s)
    asked = with_previous(problem, plan, CHANGES[kind](problem, seed))
    began = time.perf_counter()
    drawn = redraw(asked, limits=Limits(time_limit_s=limit_s, seed=seed))
    seconds = time.perf_counter() - began
    began = time.perf_counter()
    anew = solve(asked, Limits(time_limit_s=limit_s, seed=seed))
    anew_s = time.perf_counter() - began
    total, other = drawn.result.objective.total, anew.objective.total
    yield {
        "suite": "redraw",
        "name": kind,
        "part": problem.name,
        "units": len(asked.units),
        "status": drawn.result.status,
        "moved": drawn.moved,
        "moved_bound": drawn.moved_bound,
        "over_total": None if other == 0 else round(total / other - 1.0, 4),
        "seconds": round(seconds, 2),
        "anew_moved": anew.objective.move,
        "anew_s": round(anew_s, 2),
    }


def _before(kind: str, seed: int, limit_s: float) -> tuple[Problem, Plan]:
    from datasets.instances import community, county
    from partitioner.solver import Limits, solve

    problem = county(seed, 120) if kind in ("line moved", "merged") else community(seed)
    return problem, solve(problem, Limits(time_limit_s=limit_s, seed=seed)).plan


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 0."""
    from datasets.changes import CHANGES

    parser = argparse.ArgumentParser(prog="python -m benchmarks.redraw", description="Measure redraws.")
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(CHANGES)} (default: all)")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--limit", type=float, default=LIMIT_S, help="seconds for each plan")
    options = parser.parse_args(arguments)
    _say(" | ".join(COLUMNS))
    rows: list[Row] = []
    _warm_up()
    for kind in options.kinds or CHANGES:
        for seed in range(options.seeds):
            try:
                found = list(_rows(kind, seed, options.limit))
            except ValueError as error:  # the change does not fit this place
                _say(f"{kind} | {seed} | {error}")
                continue
            for row in found:
                rows.append(row)
                _say(" | ".join(str(row[column]) for column in COLUMNS))
    proved = sum(row["moved"] == row["moved_bound"] for row in rows)
    _say(f"fewest moves proved: {proved} of {len(rows)}; moved {sum(row['moved'] for row in rows)} households,")
    _say(f"new plans with the best labels {sum(row['anew_moved'] for row in rows)}")
    return 0


def _warm_up() -> None:
    """Compile before anything is timed."""
    list(_rows("demolished", 0, 1.0))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
