"""Counties of growing size through all levels: households planned per second, and memory.

The county is made in memory; the clock starts with `plan_levels` and ends when all levels are judged, adjacency and
cutting into floors included, reading and writing files not. Solving may take `SOLVING_S_PER_1000` seconds for a
thousand households, so that what grows faster than the county shows: everything beyond that, and what is left unlawful.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from benchmarks.child import measured
from benchmarks.memory import peak_mb, start_peak
from benchmarks.rows import Row

SEED = 0
SIZES = (1_000, 10_000, 100_000, 1_000_000)
QUICK = ("county-1000",)
SOLVING_S_PER_1000 = 0.6
LEAST_S = 5.0
LEVELS = ("community", "grid", "micro")


def names() -> list[str]:
    """All instances of this suite."""
    return [f"county-{num}" for num in SIZES]


def run(wanted: Callable[[str], bool], *, quick: bool) -> Iterator[Row]:
    """One row per level of every wanted size, and one for all levels together."""
    chosen = [name for name in names() if wanted(name)]
    if quick and len(chosen) == len(names()):
        chosen = list(QUICK)
    for name in chosen:
        yield from measured("throughput", name, {})


def work(name: str, *, seed: int = SEED) -> Iterator[Row]:
    """Plan one size."""
    from datasets import instances
    from partitioner.io.writing.proofs import Proofs
    from partitioner.planning import plan_levels
    from partitioner.profiles import load_profile
    from partitioner.solver import Limits
    from partitioner.solver.warm_up import ready

    ready()
    asked = int(name.partition("-")[2])
    county = instances.big_county(seed, asked)
    profile = load_profile("hebei")
    time_limit_s = max(LEAST_S, SOLVING_S_PER_1000 * asked / 1000)
    start_peak()
    began = time.perf_counter()
    planned = plan_levels(
        county, profile, [profile.level(level) for level in LEVELS], limits=Limits(time_limit_s=time_limit_s, seed=seed)
    )
    seconds = time.perf_counter() - began
    households = int(county.buildings["households"].fillna(0).sum())
    common = {"seed": seed, "time_limit_s": time_limit_s, "households": households}
    for level, spent_s in zip(planned.levels, planned.seconds, strict=True):
        result = level.result
        outside = sum(v.amount for v in result.violations if v.rule in ("size_min", "size_max"))
        proofs = Proofs.of(result)
        yield {
            "part": level.level.name,
            **common,
            "units": len(level.problem.units),
            "areas": len(result.plan.grid.names),
            "status": result.status,
            "violations": len(result.violations),
            "outside_share": round(outside / households, 6),
            "avoidable_share": round(proofs.avoidable / households, 6),
            "proved_share": None if proofs.proved is None else round(proofs.proved, 4),
            "gap": None if result.gap is None else round(result.gap, 6),
            "seconds": round(spent_s, 2),
        }
    yield {
        "part": "all",
        **common,
        "buildings": len(county.buildings),
        "seconds": round(seconds, 2),
        "households_per_s": round(households / seconds),
        "peak_mb": peak_mb(),
    }
