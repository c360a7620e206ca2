"""Redraws after changes, against drawing anew with the best labels; and how fast a move by hand is judged.

`python -m benchmarks.redraw [--seeds N] [--limit SECONDS] [PLACE…]` prints a table: per change and place the households
that a strict redraw moves, what is proved, and what a new plan moves whose grids are matched to the previous ones as
well as possible, with seconds for both. Places are generated (community, town, village), the cases of `datasets`, and
real ones (real-guan, real-vologda …) where WANGGE_DATA says where they are.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.child import measured
from benchmarks.machine import ROOT
from benchmarks.places import REAL, real_root
from benchmarks.rows import Row

if TYPE_CHECKING:
    from partitioner.model import Plan, Problem

SEEDS = 8
SUITE_SEEDS = 4
"""In a run of all suites."""

LIMIT_S, SUITE_LIMIT_S, QUICK_LIMIT_S = 10.0, 4.0, 2.0
STEPS = 40_000
"""Of each redraw."""

WHOLE_S = 60.0
"""For the plan that a real place or a case starts from."""

GENERATED = ("community", "town", "village")
EDITED = ("trial-town", "trial-city", "trial-county")
PREFIX = "real-"
"""Of real places, some of which are cases as well."""

OF_PARENTS = ("line moved", "merged")
"""Changes that need neighbouring parents."""

TRIALS = 60

COLUMNS = (
    "name", "part", "units", "status", "broken_before", "broken", "moved", "moved_bound", "gap", "parents", "outside",
    "over_total", "seconds", "cpu_s", "anew_moved", "anew_s",
)  # fmt: skip


def run(wanted: Callable[[str], bool], *, quick: bool) -> Iterator[Row]:
    """All rows; a smoke run takes one community."""
    from datasets.cases import case_names

    if quick:
        names: Iterable[str] = ("community", "trial-town")
    else:
        names = (*GENERATED, *EDITED, *case_names(), *((PREFIX + name for name in REAL) if real_root() else ()))
    settings = {"seeds": 1 if quick else SUITE_SEEDS, "limit_s": QUICK_LIMIT_S if quick else SUITE_LIMIT_S}
    for name in filter(wanted, names):
        yield from measured("redraw", name, settings)


def work(name: str, *, seeds: int = SEEDS, limit_s: float = LIMIT_S) -> Iterator[Row]:
    """The rows of one place: every kind of change, or trial moves."""
    from partitioner.redraw.warming import ready

    ready()
    if name in EDITED:
        yield _trials(name)
        return
    for number, problem, plan, kinds in _places(name, seeds, limit_s):
        for kind in kinds:
            try:
                yield {"suite": "redraw", "name": name, **_row(kind, number, problem, plan, limit_s)}
            except ValueError as error:  # the change does not fit this place
                yield {"suite": "redraw", "name": name, "part": f"{kind} {number}", "skipped": str(error)}


def _row(kind: str, seed: int, problem: Problem, plan: Plan, limit_s: float) -> Row:
    from datasets.changes import CHANGES
    from partitioner.redraw import changes_between, reached, redraw, with_previous
    from partitioner.scoring import validate
    from partitioner.solver import Limits, solve

    asked = with_previous(problem, plan, CHANGES[kind](problem, seed))
    reach = reached(asked, changes_between(problem, plan, asked), broken=False).opened
    began, used = time.perf_counter(), time.process_time()
    # Steps, so that a busy machine changes what a redraw takes, not what it finds.
    drawn = redraw(asked, reach=reach, limits=Limits(step_limit=STEPS, seed=seed))
    seconds, used = time.perf_counter() - began, time.process_time() - used
    began = time.perf_counter()
    anew = solve(asked, Limits(time_limit_s=limit_s, seed=seed))
    anew_s = time.perf_counter() - began
    total, other = drawn.result.objective.total, anew.objective.total
    parents, outside = _touched(asked, drawn.plan, drawn.opened)
    return {
        "part": f"{kind} {seed}",
        "units": len(asked.units),
        "status": drawn.result.status,
        "broken_before": len(validate(problem, plan)[0]),
        "broken": len(drawn.result.violations),
        "moved": drawn.moved,
        "moved_bound": drawn.moved_bound,
        "gap": None if drawn.result.gap is None else round(drawn.result.gap, 4),
        "parents": parents,
        "outside": outside,
        "over_total": None if other == 0 or anew.violations else round(total / other - 1.0, 4),
        "seconds": round(seconds, 2),
        "cpu_s": round(used, 2),
        "anew_moved": None if anew.violations else anew.objective.move,
        "anew_s": round(anew_s, 2),
        **({"why": drawn.result.reasons[0].message.en} if drawn.result.reasons else {}),
    }


def _touched(asked: Problem, plan: Plan, opened: tuple[str, ...]) -> tuple[int, int]:
    """Parents that were drawn anew, and units of other grids that moved."""
    units, inside = asked.units, set(opened)
    was, now = units.previous.values(), plan.grid.values()
    parents = {units.parent.at(i) for i, name in enumerate(was) if name in inside}
    moved = sum(a is not None and a not in inside and a != b for a, b in zip(was, now, strict=True))
    return len(parents), moved


def _places(name: str, seeds: int, limit_s: float) -> Iterator[tuple[int, Problem, Plan, Sequence[str]]]:
    """Number, problem and plan of before, and the changes to try."""
    from datasets.changes import CHANGES
    from datasets.instances import community, county, town, village
    from partitioner.solver import Limits, solve

    alone = [kind for kind in CHANGES if kind not in OF_PARENTS]
    if name not in GENERATED:
        problem, plan = _planned(name)
        for number in range(max(1, seeds // 4)):
            yield number, problem, plan, tuple(CHANGES)
        return
    for seed in range(seeds if name == "community" else max(1, seeds // 2)):
        made = {"community": community, "town": town, "village": lambda seed: village(seed, 800)}[name](seed)
        pairs = [(made, alone)]
        if name != "village":
            pairs.append((county(seed, 120 if name == "community" else 300), list(OF_PARENTS)))
        for problem, kinds in pairs:
            yield seed, problem, solve(problem, Limits(time_limit_s=limit_s, seed=seed)).plan, kinds


def _planned(name: str) -> tuple[Problem, Plan]:
    """Grids of a case or a real place, in communities that are drawn first where there are none."""
    from dataclasses import replace

    from partitioner.io.reading import read_county
    from partitioner.levels.top_down import plan_levels
    from partitioner.model import Count
    from partitioner.profiles import load_profile
    from partitioner.solver import Limits

    with tempfile.TemporaryDirectory() as folder:
        if name.startswith(PREFIX):
            place, root = REAL[name.removeprefix(PREFIX)], real_root()
            assert root is not None
            county = read_county(place.paths(root), crs=place.crs, roles=place.roles, columns=place.columns)
        else:
            command = [sys.executable, "-m", "datasets", name, "-o", folder]
            subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
            county = read_county([Path(folder) / "county.gpkg"])
    profile = load_profile("hebei")
    names = ("grid",) if county.buildings["community"].notna().any() else ("community", "grid")
    planned = plan_levels(county, profile, [profile.level(one) for one in names], limits=Limits(time_limit_s=WHOLE_S))
    level = planned.level("grid")
    return replace(level.problem, count=Count(), name=name), level.result.plan


def _trials(name: str) -> Row:
    """Milliseconds of a trial move across a line: the median and the slowest of some."""
    import numpy as np

    from datasets.instances import city, county, town
    from partitioner.redraw import Editor
    from partitioner.solver import Limits, solve

    problem = {"trial-town": lambda: town(0), "trial-city": lambda: city(0), "trial-county": lambda: county(0)}[name]()
    plan = solve(problem, Limits(step_limit=20_000)).plan
    editor, code, graph = Editor(problem, plan), plan.grid.code, problem.graph
    across = np.flatnonzero(code[graph.u] != code[graph.v])
    taken = []
    for edge in np.random.default_rng(0).choice(across, TRIALS).tolist():
        began = time.perf_counter()
        editor.try_move([int(graph.u[edge])], str(plan.grid.at(int(graph.v[edge]))))
        taken.append(1000 * (time.perf_counter() - began))
    return {
        "suite": "redraw",
        "name": name,
        "part": problem.name,
        "units": len(problem.units),
        "median_ms": round(statistics.median(taken), 1),
        "slowest_ms": round(max(taken), 1),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.redraw", description="Measure redraws.")
    parser.add_argument("places", nargs="*", metavar="PLACE", help="generated, cases or real (default: generated)")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--limit", type=float, default=LIMIT_S, help="seconds for each plan drawn anew")
    options = parser.parse_args(arguments)
    rows: list[Row] = []
    for name in options.places or (*GENERATED, *EDITED):
        for row in work(name, seeds=options.seeds, limit_s=options.limit):
            rows.append(row)
            _say(" | ".join(str(row[column]) for column in COLUMNS if column in row) if "moved" in row else str(row))
    done = [row for row in rows if "moved" in row]
    lawful = [row for row in done if "why" not in row]
    proved = sum(row["moved"] == row["moved_bound"] for row in lawful)
    both = [row for row in done if row["anew_moved"] is not None]
    _say(f"proved that no lawful plan exists: {len(done) - len(lawful)}")
    _say(f"fewest moves proved: {proved} of {len(lawful)}; of {len(both)} with a lawful new plan, moved")
    _say(f"{sum(row['moved'] for row in both)} against {sum(row['anew_moved'] for row in both)}")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
