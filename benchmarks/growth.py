"""How long it takes to bring the gap to 2 %, over the number of units: without community lines, and with them.

The clock starts when `solve` is called, after a small problem was solved in the same process. The run is cancelled as
soon as the gap is there; where the time limit comes first, `to_2pct_s` is null and `gap_left` tells how far it got.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.child import measured
from benchmarks.memory import peak_mb, start_peak
from benchmarks.rows import Row

SEED = 0
TIME_LIMIT_S, QUICK_TIME_LIMIT_S = 120.0, 2.0
GAP = 0.02
WARM_UP_S = 2.0

WHOLE = (50, 100, 200, 400, 800, 1_600, 3_000)
NESTED = (400, 800, 1_600, 3_000, 5_000, 10_000, 20_000)
"""Units without parents, and with them."""

QUICK = ("whole-50", "nested-400")


def names() -> list[str]:
    """All instances of this suite."""
    return [f"whole-{num}" for num in WHOLE] + [f"nested-{num}" for num in NESTED]


def run(wanted: Callable[[str], bool], *, quick: bool) -> Iterator[Row]:
    """One row per wanted size."""
    chosen = [name for name in names() if wanted(name)]
    if quick and len(chosen) == len(names()):
        chosen = list(QUICK)
    for name in chosen:
        yield from measured("growth", name, {"time_limit_s": QUICK_TIME_LIMIT_S if quick else TIME_LIMIT_S})


def work(name: str, *, time_limit_s: float, seed: int = SEED) -> Iterator[Row]:
    """Solve one size until the gap is 2 % or the time is over."""
    from benchmarks.watching import Trail, gap_within
    from datasets import instances
    from partitioner.solver import Cancel, Limits, Observer, Snapshot, solve

    kind, _, number = name.partition("-")
    makers: dict[str, Callable[[int, int], Any]] = {"whole": _whole, "nested": instances.county}
    solve(instances.community(0), Limits(time_limit_s=WARM_UP_S, seed=seed))
    problem = makers[kind](seed, int(number))
    start_peak()
    trail, cancel, near = Trail(), Cancel(), gap_within(GAP)

    class Until(Observer):
        def on_progress(self, snapshot: Snapshot) -> None:
            trail.on_progress(snapshot)
            if near(snapshot.best, snapshot.bound):
                cancel.set()

    result = solve(problem, Limits(time_limit_s=time_limit_s, seed=seed), Until(), cancel)
    seconds = round(trail.seconds, 3)
    reached = trail.first_s(near)
    if reached is None and result.gap is not None and result.gap <= GAP:
        reached = seconds
    yield {
        "kind": kind,
        "seed": seed,
        "time_limit_s": time_limit_s,
        "units": len(problem.units),
        "households": int(problem.units.households.sum()),
        "parents": len(problem.units.parent.names) or None,
        "grids": len(result.plan.grid.names),
        "status": result.status,
        "stop": result.stop_reason,
        "violations": len(result.violations),
        "first_lawful_s": trail.first_s(lambda best, _: best is not None),
        "to_2pct_s": reached,
        # A run that reached its goal was stopped there: how much further it would have got is not known.
        "gap_left": 0.0 if reached is not None else None if result.gap is None else round(result.gap, 6),
        "seconds": seconds,
        "peak_mb": peak_mb(),
    }


def _whole(seed: int, num_units: int) -> Any:
    """Towns below 150 units, cities above: a city needs room for all its kinds of compounds."""
    from datasets import instances

    return instances.town(seed, num_units) if num_units <= 150 else instances.city(seed, num_units)
