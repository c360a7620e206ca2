"""The problems that peers and we are compared on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.places import PLACES, REAL, real_root

CLASSES: dict[str, tuple[range, float]] = {
    "community": (range(10), 10.0),
    "town": (range(4), 60.0),
    "village": (range(2), 30.0),
    "city": (range(1), 120.0),
}
"""Seeds of the generated instances, and our goal time, seconds."""

REAL_GOAL_S = 120.0
QUICK: dict[str, tuple[range, float]] = {"community": (range(1), 2.0)}


def entrants(*, quick: bool) -> dict[str, float]:
    """From the name of each instance to our goal time in seconds; real places where they are at hand."""
    classes = QUICK if quick else CLASSES
    found = {f"{kind}-{seed}": goal_s for kind, (seeds, goal_s) in classes.items() for seed in seeds}
    if not quick and real_root() is not None:
        found |= dict.fromkeys(REAL, REAL_GOAL_S)
    return found


def class_of(name: str) -> str:
    """The class of an instance; real places are one."""
    return "real" if name in REAL else name.partition("-")[0]


def problem_of(name: str) -> tuple[Any, int]:
    """A problem, and how many units were left out of it.

    Real places are planned without community lines, and only what can be lawful takes part, since most peers cannot say
    anything else. Units above max are taken out, of what remains the most populous connected part is kept, and of
    that nothing that no lawful grid can hold (see `_pocket`).
    """
    if name not in REAL:
        return generated(name), 0
    return _lawful_core(_real(name))


def generated(name: str) -> Any:
    """The generated problem of this name: class and seed."""
    from datasets import instances

    kind, _, seed = name.partition("-")
    makers: dict[str, Callable[[int], Any]] = {
        "community": instances.community,
        "town": instances.town,
        "village": instances.village,
        "city": instances.city,
    }
    return makers[kind](int(seed))


def _real(name: str) -> Any:
    from partitioner.io.assembly import assemble
    from partitioner.io.reading import read_county
    from partitioner.profiles import load_profile

    place, root, level = PLACES[name], real_root(), load_profile("hebei").level("grid")
    assert root is not None, "real places are only asked for where they are at hand"
    county = read_county(
        place.paths(Path(root)), crs=place.crs, roles=place.roles, columns=place.columns, expand_seed=0
    )
    return assemble(county, bounds=level.bounds, weights=level.weights).problem


def _lawful_core(problem: Any) -> tuple[Any, int]:
    units, graph = problem.units, problem.graph
    kept = np.flatnonzero(units.households <= problem.bounds.max)
    pocket = kept[:0]
    while True:
        parts = _parts(graph, np.setdiff1d(kept, pocket))
        if not parts:
            raise ValueError("no lawful grid is possible anywhere")
        kept = max(parts, key=lambda part: int(units.households[part].sum()))
        pocket = _pocket(problem, kept)
        if not len(pocket):
            break
    return _restricted(problem, kept), len(units) - len(kept)


def _parts(graph: Any, members: np.ndarray) -> list[np.ndarray]:
    from scipy.sparse.csgraph import connected_components

    num, part = connected_components(graph.sparse[members][:, members], directed=False)
    return [members[part == k] for k in range(num)]


def _pocket(problem: Any, kept: np.ndarray) -> np.ndarray:
    """Units that no lawful grid can hold: too few for one alone, and too many with the unit that cuts them off.

    Also a single unit that is too few alone and too many with any of its neighbours.
    """
    households, bounds = problem.units.households, problem.bounds
    for unit in kept.tolist():
        near = np.intersect1d(problem.graph.neighbours(unit), kept)
        if households[unit] < bounds.min and (households[near] + households[unit] > bounds.max).all():
            return np.array([unit])
        parts = _parts(problem.graph, kept[kept != unit])
        small = [part for part in parts if int(households[part].sum()) < bounds.min]
        if small and int(households[np.concatenate(small)].sum()) + int(households[unit]) > bounds.max:
            return np.concatenate(small)
    return np.array([], dtype=np.int64)


def _restricted(problem: Any, kept: np.ndarray) -> Any:
    from partitioner.model import Graph, Labels, Problem, Units

    units, graph = problem.units, problem.graph
    place = np.full(len(units), -1, dtype=np.int64)
    place[kept] = np.arange(len(kept))
    inside = (place[graph.u] >= 0) & (place[graph.v] >= 0)
    return Problem(
        units=Units(
            id=tuple(units.id[i] for i in kept.tolist()),
            households=units.households[kept],
            x=units.x[kept],
            y=units.y[kept],
            group=Labels(units.group.at(int(i)) for i in kept),
        ),
        graph=Graph(
            num_units=len(kept),
            u=place[graph.u[inside]],
            v=place[graph.v[inside]],
            length_m=graph.length_m[inside],
        ),
        bounds=problem.bounds,
        weights=problem.weights,
        name=problem.name,
    )


def case_of(problem: Any, **asked: Any) -> Any:
    """The problem as peers see it (see `benchmarks.peers.case.Case`).

    Raises
    ------
    ValueError
        The problem has rules that peers do not know, or is not connected.
    """
    from scipy.sparse.csgraph import dijkstra

    from benchmarks.peers.case import Case

    units, graph, bounds, weights = problem.units, problem.graph, problem.bounds, problem.weights
    if problem.locked or problem.together or problem.apart or problem.max_walk_m is not None or len(units.parent.names):
        raise ValueError("peers know bounds, contiguity and the objective, no further rules")
    metres = dijkstra(graph.sparse, directed=False)
    if not np.isfinite(metres).all():
        raise ValueError("peers need a connected graph")
    x, y = (units.x, units.y) if units.x is not None else _drawn(metres)
    return Case(
        households=units.households,
        group=units.group.code,
        x=x,
        y=y,
        u=graph.u,
        v=graph.v,
        length_m=graph.length_m,
        metres=metres,
        min=bounds.min,
        max=bounds.max,
        target=bounds.aim,
        walk=weights.walk,
        walk_power=weights.walk_power,
        split=weights.split,
        balance=weights.balance,
        **asked,
    )


def _drawn(metres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions for a problem without any: distances from two far ends."""
    first = int(np.argmax(metres[0]))
    return metres[first], metres[int(np.argmax(metres[first]))]
