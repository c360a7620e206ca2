"""Ours and peers on the same problems, side by side in one run; everything judged by `partitioner.scoring`.

Our part runs twice: with the goal time of the class, which also tells peers the number of grids, and with a tenth of
the peers' time. Peers of one core run side by side, one per core; those that use every core run alone.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.child import measured
from benchmarks.contestants import GOAL, PEERS, TENTH, Peer
from benchmarks.entrants import QUICK, case_of, entrants, problem_of
from benchmarks.judging import Judged, best_so_far, chosen, judged
from benchmarks.machine import ROOT
from benchmarks.memory import peak_mb, start_peak
from benchmarks.rows import Row
from benchmarks.standing import claim, names, placed

SEED = 0
PEER_S, QUICK_PEER_S = 60.0, 3.0
TENTH_OF = 10
GRACE_S = 15.0
"""A peer that runs on after its time is ended so much later; what it found in time counts."""

IMPORTS_S, POLL_S = 120.0, 0.05

LATE = 1.02
"""Share of its time up to which a plan still counts as in time."""

FINE_POINTS, FINE_UNITS = 120, 500
WARM_UP_S = 2.0


def run(wanted: Callable[[str], bool], *, quick: bool) -> Iterator[Row]:
    """For every wanted instance the rows of every part, and one that says whether we were never worse."""
    everyone = entrants(quick=False)
    asked = [name for name in everyone if wanted(name)]
    peers = {part: peer for part, peer in PEERS.items() if wanted(part)}
    if quick and len(asked) == len(everyone):
        asked = list(entrants(quick=True))
    if not asked and peers:
        asked = list(entrants(quick=quick))
    for name in asked:
        goal_s = QUICK["community"][1] if quick else everyone[name]
        yield from _instance(name, goal_s, QUICK_PEER_S if quick else PEER_S, peers or PEERS)


def _instance(name: str, goal_s: float, peer_s: float, peers: dict[str, Peer]) -> list[Row]:
    from partitioner.model.problem_json import write_problem

    with tempfile.TemporaryDirectory() as folder:
        problem, left_out = problem_of(name)
        write_problem(problem, Path(folder) / "problem.json")

        def part(name_of_part: str, **settings: Any) -> Row:
            row = measured("peers", name, {"part": name_of_part, "folder": folder, **settings})[0]
            return {**names(name, name_of_part), **row}

        ours = [part(GOAL, time_limit_s=goal_s), part(TENTH, time_limit_s=peer_s / TENTH_OF)]
        usual = round(int(problem.units.households.sum()) / problem.bounds.aim)
        told = next((row["grids"] for row in ours if "grids" in row), max(1, usual))
        theirs = _peers(name, part, Path(folder), problem, told, peer_s, peers)
    rows = ours + theirs
    if left_out:
        rows = [row | {"left_out": left_out} for row in rows]
    return [*placed(rows), claim(name, rows)]


def _peers(
    name: str, measure: Callable[..., Row], folder: Path, problem: Any, told: int, peer_s: float, peers: dict[str, Peer]
) -> list[Row]:
    from benchmarks.peers.case import write_case

    present = [part for part, peer in peers.items() if peer.absent is None]
    if present:
        write_case(folder / "case.npz", case_of(problem))

    def one(part: str) -> Row:
        return measure(part, time_limit_s=peer_s, told=max(1, told + peers[part].more_grids))

    of_one_core = [part for part in present if not peers[part].threaded]
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        rows = dict(zip(of_one_core, pool.map(one, of_one_core), strict=True))
    rows |= {part: one(part) for part in present if peers[part].threaded}
    absent = {part: {**names(name, part), "skipped": peer.absent} for part, peer in peers.items()}
    return [rows.get(part) or absent[part] for part in peers]


def work(name: str, *, part: str, folder: str, time_limit_s: float, told: int = 0) -> Iterator[Row]:
    """One part on the problem that `folder` holds."""
    from partitioner.model.problem_json import read_problem

    problem = read_problem(Path(folder) / "problem.json")
    facts: Row = {
        "part": part,
        "seed": SEED,
        "time_limit_s": time_limit_s,
        "units": len(problem.units),
        "households": int(problem.units.households.sum()),
    }
    del name
    if part in PEERS:
        yield facts | {"told": told} | _peer(problem, PEERS[part], Path(folder), part, told, time_limit_s)
    else:
        yield facts | _ours(problem, time_limit_s)


def _ours(problem: Any, time_limit_s: float) -> Row:
    from benchmarks.watching import Trail
    from datasets import instances
    from partitioner.solver import Limits, Observer, solve

    solve(instances.community(0), Limits(time_limit_s=WARM_UP_S, seed=SEED))
    start_peak()
    trail = Trail()
    observer = Observer()
    observer.on_progress = trail.on_progress  # type: ignore[method-assign]
    result = solve(problem, Limits(time_limit_s=time_limit_s, seed=SEED), observer)
    seconds, peak = trail.seconds, peak_mb()
    mine = judged(problem, round(seconds, 3), result.plan.grid.values())
    return {
        **_worth(mine),
        "status": result.status,
        "stop": result.stop_reason,
        "first_lawful_s": trail.first_s(lambda best, _: best is not None),
        "bound": None if result.bound is None else round(result.bound, 1),
        "gap": None if result.gap is None else round(result.gap, 6),
        "proof_s": round(seconds, 3) if result.status == "optimal" else None,
        "seconds": round(seconds, 3),
        "peak_mb": peak,
        "trail": [*trail.thinned(), [round(seconds, 3), mine.total if mine.violations == 0 else None, result.bound]],
    }


def _peer(problem: Any, peer: Peer, folder: Path, part: str, told: int, time_limit_s: float) -> Row:
    record = folder / f"{part.replace(' ', '-')}.jsonl"
    asked = {"num_grids": told, "seconds": time_limit_s, "seed": SEED}
    asked["threads"] = (os.cpu_count() or 1) if peer.threaded else 1
    command = [sys.executable, "-m", "benchmarks.peers", peer.module, str(folder / "case.npz"), str(record)]
    ended = _ended([*command, json.dumps(asked)], record, time_limit_s)
    lines = [json.loads(line) for line in record.read_text("utf-8").splitlines() if line.endswith("}")]
    in_time = [line for line in lines if line["s"] <= time_limit_s * LATE]
    plans = [line for line in in_time if "grid" in line]
    picked = chosen(len(plans), FINE_POINTS if len(problem.units) <= FINE_UNITS else len(plans) // 20 + 20)
    course = best_so_far([judged(problem, plans[k]["s"], plans[k]["grid"]) for k in picked])
    bound = max((line["bound"] for line in in_time if "bound" in line), default=None)
    said = [line["said"] for line in lines if "said" in line]
    end = next((line for line in lines if line.get("end")), {})
    row: Row = {
        "seconds": round(end.get("s", time_limit_s + GRACE_S), 3),
        "peak_mb": end.get("peak_mb", round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**10)),
        "bound": None if bound is None else round(bound, 1),
        "said": "; ".join([*said, *ended]) or None,
        "trail": [[plan.s, plan.total, None] for plan in course if plan.violations == 0],
    }
    if not course:
        return row | {"status": "unknown"}
    last = course[-1]
    first = next((plan.s for plan in course if plan.violations == 0), None)
    lawful = last.violations == 0
    gap = max(0.0, 1 - bound / last.total) if bound is not None and lawful and last.total else None
    proved = gap is not None and gap <= 1e-6
    return row | {
        **_worth(last),
        "status": "optimal" if proved else "feasible" if lawful else "unknown",
        "first_lawful_s": first,
        "gap": None if gap is None else round(gap, 6),
        "proof_s": row["seconds"] if proved else None,
    }


def _ended(command: Sequence[str], record: Path, time_limit_s: float) -> list[str]:
    """Run a peer; what is to be said when it did not end well.

    Its time begins when it makes the record, after imports and reading.
    """
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=errors) as process,
    ):
        until, late = time.monotonic() + IMPORTS_S, False
        began = False
        while process.poll() is None and not late:
            if not began and record.exists():
                began, until = True, time.monotonic() + time_limit_s + GRACE_S
            time.sleep(POLL_S)
            late = time.monotonic() > until
        if late:
            process.kill()
        process.wait()
        errors.seek(0)
        said = errors.read().decode("utf-8", "replace").strip().splitlines()
    record.touch()
    if late:
        return ["ended from outside: it ran on after its time"]
    return [f"failed: {said[-1] if said else process.returncode}"] if process.returncode else []


def _worth(plan: Judged) -> Row:
    return {"grids": plan.grids, "total": plan.total, "violations": plan.violations, "misfit": plan.misfit}
