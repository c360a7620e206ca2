"""First lawful plan, value, bound, gap and time on generated problems; and how long it takes to score a plan again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from benchmarks.child import measured
from benchmarks.entrants import generated
from benchmarks.memory import peak_mb, start_peak
from benchmarks.rows import Row

SEED = 0
CLASSES: dict[str, tuple[range, float]] = {
    "community": (range(10), 10.0),
    "town": (range(4), 30.0),
    "village": (range(2), 30.0),
    "city": (range(1), 60.0),
}
"""Seeds of the instances, and seconds for each."""

WARM_UP_S = 2.0

QUICK: dict[str, tuple[range, float]] = {"community": (range(1), 1.0)}


def run(wanted: Callable[[str], bool], *, quick: bool) -> Iterator[Row]:
    """One row per instance whose name is wanted."""
    for kind, (seeds, time_limit_s) in (QUICK if quick else CLASSES).items():
        for seed in seeds:
            name = f"{kind}-{seed}"
            if wanted(name):
                yield from measured("solver", name, {"time_limit_s": time_limit_s})


def work(name: str, *, time_limit_s: float, seed: int = SEED) -> Iterator[Row]:
    """Solve one instance; compiled code is loaded beforehand by solving a small one."""
    from datasets import instances
    from partitioner.model import Result
    from partitioner.scoring import score, validate
    from partitioner.solver import Limits, Observer, Snapshot, solve

    class Watch(Observer):
        """When the first lawful plan came, and the one that was kept."""

        first_s: float | None = None
        first: float | None = None
        last_s: float | None = None
        best: float | None = None

        def __init__(self) -> None:
            self.began = time.perf_counter()

        def on_progress(self, snapshot: Snapshot) -> None:
            if snapshot.best is None:
                return
            now = time.perf_counter() - self.began
            if self.first_s is None:
                self.first_s, self.first = now, snapshot.best
            if self.best is None or snapshot.best < self.best:
                self.best, self.last_s = snapshot.best, now

    solve(instances.community(0), Limits(time_limit_s=min(WARM_UP_S, time_limit_s), seed=seed))
    problem = generated(name)
    start_peak()
    watch = Watch()
    result: Result = solve(problem, Limits(time_limit_s=time_limit_s, seed=seed), watch)
    seconds, peak = time.perf_counter() - watch.began, peak_mb()
    began = time.perf_counter()
    score(problem, result.plan)
    validate(problem, result.plan)
    rescore_s = time.perf_counter() - began
    yield {
        "seed": seed,
        "time_limit_s": time_limit_s,
        "units": len(problem.units),
        "households": int(problem.units.households.sum()),
        "grids": len(result.plan.grid.names),
        "status": result.status,
        "stop": result.stop_reason,
        "first_lawful_s": _rounded(watch.first_s, 3),
        "first_total": _rounded(watch.first, 1),
        "best_found_s": _rounded(watch.last_s, 3),
        "total": round(result.objective.total, 1),
        "bound": _rounded(result.bound, 1),
        "gap": _rounded(result.gap, 6),
        "violations": len(result.violations),
        "seconds": round(seconds, 3),
        "rescore_s": round(rescore_s, 3),
        "peak_mb": peak,
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
