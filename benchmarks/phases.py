"""Seconds and peak memory of each phase of `wangge plan`, on a generated county and on real ones."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.child import measured
from benchmarks.machine import ROOT
from benchmarks.memory import peak_mb, start_peak
from benchmarks.places import PLACES, REAL, is_generated, real_root
from benchmarks.rows import Row

SEED = 0
TIME_LIMIT_S = 30.0
QUICK_TIME_LIMIT_S = 1.0
QUICK = ("cisheng",)


def run(wanted: Callable[[str], bool], *, quick: bool) -> Iterator[Row]:
    """One row per place and phase; real places only where WANGGE_DATA says where they are."""
    root = real_root()
    names = QUICK if quick else ("gucheng", *REAL)
    for name in filter(wanted, names):
        with tempfile.TemporaryDirectory() as work:
            if is_generated(name):
                _generate(name, Path(work))
                source = work
            elif root is None:
                continue
            else:
                source = str(root)
            limit = QUICK_TIME_LIMIT_S if quick else TIME_LIMIT_S
            settings = {"source": source, "output": str(Path(work) / "plan"), "time_limit_s": limit}
            yield from measured("phases", name, settings)


def _generate(name: str, folder: Path) -> None:
    command = [sys.executable, "-m", "datasets", name, "-o", str(folder / name)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


class Stretches:
    """Time and peak memory from one mark to the next."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._name: str | None = None
        self._began = 0.0
        self._exact = True

    def mark(self, name: str | None) -> None:
        """The stretch so far ends; `name` begins (None: nothing)."""
        now = time.perf_counter()
        if self._name is not None:
            row: Row = {"part": self._name, "seconds": round(now - self._began, 2), "peak_mb": peak_mb()}
            self.rows.append(row if self._exact else row | {"peak_since": "start"})
        self._exact = start_peak()
        self._name, self._began = name, time.perf_counter()


def work(name: str, *, source: str, output: str, time_limit_s: float, seed: int = SEED) -> Iterator[Row]:
    """Plan one place as the command does, marking where each phase begins.

    Phases: start (imports), read, adjacency, solve, judge (codes, validation, explanation), write.
    """
    stretches = Stretches()
    stretches.mark("start")
    from partitioner.io.reading import read_county
    from partitioner.planning import plan_levels, write_outputs
    from partitioner.profiles import load_profile
    from partitioner.solver import Limits, Observer, Snapshot

    class Finish(Observer):
        """The search is over when the solver begins to have its plan judged."""

        def on_progress(self, snapshot: Snapshot) -> None:
            if snapshot.phase == "finish":
                stretches.mark("judge")

    place, profile = PLACES[name], load_profile("hebei")
    stretches.mark("read")
    county = read_county(
        place.paths(Path(source)), crs=place.crs, roles=place.roles, columns=place.columns, expand_seed=seed
    )
    planned = plan_levels(
        county,
        profile,
        [profile.level("grid")],
        counts={} if place.num_grids is None else {"grid": place.num_grids},
        limits=Limits(time_limit_s=time_limit_s, seed=seed),
        observer=Finish(),
        notify=lambda phase: stretches.mark("solve" if phase == "grid" else phase),
    )
    write_outputs(planned, output, notify=stretches.mark)
    stretches.mark(None)
    only = planned.level("grid")
    problem, result = only.problem, only.result
    facts = {
        "seed": seed,
        "time_limit_s": time_limit_s,
        "buildings": len(county.buildings),
        "units": len(problem.units),
        "households": int(problem.units.households.sum()),
        "grids": len(result.plan.grid.names),
        "status": result.status,
        "total": round(result.objective.total, 1),
        "bound": None if result.bound is None else round(result.bound, 1),
        "gap": None if result.gap is None else round(result.gap, 6),
        "violations": len(result.violations),
    }
    yield from stretches.rows
    yield {
        "part": "all",
        "seconds": round(sum(row["seconds"] for row in stretches.rows), 2),
        "peak_mb": max(row["peak_mb"] for row in stretches.rows),
        **facts,
    }
