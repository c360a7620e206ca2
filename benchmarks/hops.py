"""Counties into districts, hops counted: how far `solve` and the proof for large numbers of households come.

Every edge is 1 m long, so that walking counts hops; every district holds the ideal population give or take 0.5 %.
Counties of states are read from the folder that `WANGGE_HOPS` names, one problem per state (`AL.json`, …); the
least possible moments of eleven are published. Others are generated.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import Delaunay

from benchmarks.child import measured
from benchmarks.memory import peak_mb, start_peak
from benchmarks.rows import Row

if TYPE_CHECKING:
    from partitioner.model import Problem

SEED = 0
SEARCH_S, PROOF_S = 20.0, 60.0
QUICK_SEARCH_S, QUICK_PROOF_S = 1.0, 5.0

PUBLISHED = {
    "AL": 4_844_289,
    "AR": 3_930_146,
    "IA": 5_286_772,
    "ID": 3_237_073,
    "KS": 4_007_553,
    "ME": 1_200_838,
    "MS": 4_721_804,
    "MT": 1_750_471,
    "NE": 2_525_974,
    "NM": 1_743_350,
    "WV": 3_900_450,
}
"""Least hop moments of states, 2020 census, centre-based model with contiguity: computed results that accompany Zhang,
Validi, Buchanan & Hicks 2024 (doi:10.1007/s11590-023-02070-0)."""

GENERATED = {
    "counties-30-3": (30, 3),
    "counties-50-2": (50, 2),
    "counties-60-5": (60, 5),
    "counties-80-4": (80, 4),
    "counties-100-4": (100, 4),
    "counties-100-10": (100, 10),
}
"""Counties and districts."""

QUICK = "counties-30-3"

TOLERANCE = 0.005


def names() -> list[str]:
    """All instances of this suite that are at hand."""
    folder = _folder()
    states = [] if folder is None else sorted(path.stem for path in folder.glob("*.json"))
    return [*states, *GENERATED]


def run(wanted: Callable[[str], bool], *, quick: bool) -> Iterator[Row]:
    """Two rows per wanted instance: what `solve` reaches, and what the proof makes of its plan."""
    chosen = [name for name in names() if wanted(name)]
    if quick and len(chosen) == len(names()):
        chosen = [QUICK]
    settings = {
        "search_s": QUICK_SEARCH_S if quick else SEARCH_S,
        "proof_s": QUICK_PROOF_S if quick else PROOF_S,
    }
    for name in chosen:
        yield from measured("hops", name, settings)


def work(name: str, *, search_s: float, proof_s: float, seed: int = SEED) -> Iterator[Row]:
    """Solve one instance, then try to prove or better its plan; compiled code is loaded beforehand."""
    from partitioner.solver import Limits, solve
    from partitioner.solver.centred import centred_choice, plan_cost
    from partitioner.solver.limits import StopSignal
    from partitioner.solver.pieces import make_piece

    warm = counties(12, 2, seed)
    solve(warm, Limits(time_limit_s=2.0, seed=seed))
    with StopSignal(None, None) as signal:
        centred_choice(make_piece(warm, np.arange(12), (), (2, 2)).case, np.inf, signal, seconds=2.0)
    problem = _problem(name, seed)
    num, least = len(problem.units), problem.count.default.min or 1
    about: Row = {
        "units": num,
        "households": int(problem.units.households.sum()),
        "grids": least,
        "published": PUBLISHED.get(name),
    }
    start_peak()
    began = time.perf_counter()
    result = solve(problem, Limits(time_limit_s=search_s, seed=seed))
    yield {
        "part": "solve",
        **about,
        "status": result.status,
        "violations": len(result.violations),
        "total": result.objective.total,
        "bound": result.bound,
        "gap": result.gap,
        "time_limit_s": search_s,
        "seconds": round(time.perf_counter() - began, 3),
        "peak_mb": peak_mb(),
    }
    case = make_piece(problem, np.arange(num), (), (least, problem.count.default.max or num)).case
    known = np.inf if result.violations else result.objective.total
    start_peak()
    with StopSignal(proof_s, None) as signal:
        began = time.perf_counter()
        proof = centred_choice(case, known, signal, seconds=proof_s)
        seconds = time.perf_counter() - began
    total = min(known, plan_cost(case, proof.grids) if proof.grids else np.inf)
    lawful = bool(np.isfinite(total))
    yield {
        "part": "proof",
        **about,
        "status": "optimal" if proof.outcome == "worse" else proof.outcome,
        "total": total if lawful else None,
        "bound": proof.bound,
        "gap": max(0.0, 1 - proof.bound / total) if lawful and proof.bound is not None else None,
        "time_limit_s": proof_s,
        "seconds": round(seconds, 3),
        "peak_mb": peak_mb(),
    }


def counties(num: int, districts: int, seed: int) -> Problem:
    """Counties that resemble those of a state: neighbours in a jittered grid, log-normal populations."""
    from partitioner.model import Bounds, Count, CountRange, Graph, Problem, Units, Weights

    rng = np.random.default_rng([num, districts, seed])
    side = int(np.ceil(np.sqrt(num)))
    place = np.stack([np.arange(num) // side, np.arange(num) % side], axis=1) + rng.uniform(-0.35, 0.35, (num, 2))
    corners = Delaunay(place).simplices
    pairs = np.sort(np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]]), axis=1)
    pairs = np.unique(pairs, axis=0)
    # Long edges run along the rim, between counties that would not touch.
    pairs = pairs[np.hypot(*(place[pairs[:, 0]] - place[pairs[:, 1]]).T) < 1.6]
    population = np.exp(rng.normal(10.2, 1.0, num))
    # No county larger than half a district, nor smaller than a thousand.
    population = np.clip(population, 1_000, population.sum() / districts / 2).round().astype(np.int64)
    ideal = int(population.sum()) / districts
    return Problem(
        units=Units(id=tuple(f"c{i}" for i in range(num)), households=population),
        graph=Graph(num_units=num, u=pairs[:, 0], v=pairs[:, 1], length_m=np.ones(len(pairs))),
        bounds=Bounds(min=int(np.ceil(ideal * (1 - TOLERANCE))), max=int(ideal * (1 + TOLERANCE))),
        count=Count(default=CountRange(min=districts, max=districts)),
        weights=Weights(split=0.0, balance=0.0),
    )


def _problem(name: str, seed: int) -> Problem:
    if name in GENERATED:
        return counties(*GENERATED[name], seed)
    from partitioner.model.problem_json import read_problem

    folder = _folder()
    assert folder is not None
    return read_problem(folder / f"{name}.json")


def _folder() -> Path | None:
    told = os.environ.get("WANGGE_HOPS")
    return Path(told) if told else None
