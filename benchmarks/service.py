"""The service under load, and under `kill -9`.

`load`, side by side in one run: what 100 clients wait for that read a plan of 20,000 units while two jobs solve, what
an editor waits for in a town, what a job costs beyond the call of the library, what an upload of 50 MB takes in memory.
`ending`: how soon a stop is answered, and how soon the process of a dismissed job is gone.
`kills-sqlite`, `kills-postgresql`: 200 kills of server or solver while 50 jobs are queued, and what became of the jobs.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks.child import measured
from benchmarks.killing import kill_at_random
from benchmarks.rows import Row
from benchmarks.serving import postgres, served

SEED = 0
NAMES = ("load", "ending", "kills-sqlite", "kills-postgresql")

JOBS, KILLS, KILLING_S = 50, 200, 3600.0
QUICK_JOBS, QUICK_KILLS = 3, 2

LOSSES = 1000
"""No job is given up for being hit too often: all have to end well. Usually three hits are enough to give up."""


def run(wanted: Callable[[str], bool], *, quick: bool) -> Iterator[Row]:
    """All rows; a smoke run is two kills."""
    if quick:
        chosen, settings = ("kills-sqlite",), {"jobs": QUICK_JOBS, "kills": QUICK_KILLS}
    else:
        chosen, settings = NAMES, {}
    for name in filter(wanted, chosen):
        yield from measured("service", name, settings)


def work(name: str, *, jobs: int = JOBS, kills: int = KILLS, longest_s: float = KILLING_S) -> Iterator[Row]:
    """The rows of one experiment."""
    if name == "load":
        from benchmarks.service_load import measure

        yield from measure(seed=SEED)
    elif name == "ending":
        from benchmarks import service_ending

        yield from service_ending.measure()
    else:
        yield _kills(name.partition("-")[2], jobs, kills, longest_s)


def _kills(backend: str, jobs: int, kills: int, longest_s: float) -> Row:
    began = time.perf_counter()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database = stack.enter_context(postgres()) if backend == "postgresql" else None
        server = stack.enter_context(served(folder / "data", database, losses=LOSSES))
        fate = kill_at_random(server, jobs=jobs, kills=kills, seed=SEED, longest_s=longest_s)
    row: Row = {
        "seed": SEED,
        "queued": jobs,
        "jobs": len(fate.accepted),
        "server_kills": fate.server_kills,
        "solver_kills": fate.solver_kills,
        "attempts": fate.attempts,
        "plans": fate.plans,
        **{f"ended {state}": num for state, num in sorted(fate.states.items())},
        "lost": len(fate.lost),
        "twice": len(fate.twice),
        "without_result": len(fate.without),
        "damaged": len(fate.damaged),
        "left_behind": fate.left_behind,
        "holds": fate.sound,
        "seconds": round(time.perf_counter() - began, 1),
    }
    return row if fate.sound else row | {"failed": "a job was lost or counted twice, a plan damaged or a solver left"}
