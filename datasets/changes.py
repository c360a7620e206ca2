"""What happens to a county between two plans: generated changes, as problems over the same or other units.

Each takes a problem and a seed and returns the problem of the day after. Units keep their ids.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from partitioner.model import Bounds, Graph, IntArray, Labels, Problem
from partitioner.model.restriction import restricted

MORE = 0.10
"""Share of new households in one compound."""

BUILDINGS = 5
"""Buildings that a community line moves over."""

BRIDGE_M = 60.0
"""Length of a new bridge."""


def more_households(problem: Problem, seed: int) -> Problem:
    """One compound of several buildings gets a tenth more households."""
    members = _compound(problem, seed)
    households = problem.units.households.copy()
    households[members] = np.ceil(households[members] * (1 + MORE)).astype(np.int64)
    return replace(problem, name=f"{problem.name}, 10 % more", units=replace(problem.units, households=households))


def demolished(problem: Problem, seed: int) -> Problem:
    """Three neighbouring buildings are gone, where the rest of their parent still hangs together."""
    rng = np.random.default_rng([31, seed])
    for first in rng.permutation(len(problem.units)).tolist():
        gone = _near(problem, first, 3)
        kept = np.setdiff1d(np.arange(len(problem.units)), gone)
        if len(gone) == 3 and _parts(problem, kept) == _parts(problem, np.arange(len(problem.units))):
            return replace(without(problem, gone), name=f"{problem.name}, demolished")
    raise ValueError("no three buildings can go")


def line_moved(problem: Problem, seed: int) -> Problem:
    """A line between two parents moves over five buildings of one of them."""
    rng = np.random.default_rng([32, seed])
    parent, graph = problem.units.parent.code, problem.graph
    across = np.flatnonzero(parent[graph.u] != parent[graph.v])
    for edge in rng.permutation(across).tolist():
        here, there = int(graph.u[edge]), int(graph.v[edge])
        giver, taker = int(parent[here]), int(parent[there])
        moving = _near(problem, here, BUILDINGS)
        after = parent.copy()
        after[moving] = taker
        if len(moving) == BUILDINGS and _same_parts(problem, parent, after, (giver, taker)):
            names = problem.units.parent.names
            units = replace(problem.units, parent=Labels(names[code] for code in after.tolist()))
            return replace(problem, name=f"{problem.name}, line moved", units=units)
    raise ValueError("no line can move")


def merged(problem: Problem, seed: int) -> Problem:
    """Two neighbouring parents become one."""
    rng = np.random.default_rng([33, seed])
    parent, graph = problem.units.parent, problem.graph
    across = np.flatnonzero(parent.code[graph.u] != parent.code[graph.v])
    if not len(across):
        raise ValueError("no two parents are neighbours")
    edge = int(rng.choice(across))
    kept, gone = parent.at(int(graph.u[edge])), parent.at(int(graph.v[edge]))
    units = replace(problem.units, parent=Labels(kept if name == gone else name for name in parent.values()))
    return replace(problem, name=f"{problem.name}, merged", units=units)


def tightened(problem: Problem, seed: int) -> Problem:
    """Narrower bounds for all: 320–470 instead of 300–500."""
    del seed
    return replace(problem, name=f"{problem.name}, tightened", bounds=Bounds(min=320, max=470, target=400))


def bridge(problem: Problem, seed: int) -> Problem:
    """Two buildings 100 to 300 m apart that were no neighbours are now."""
    rng = np.random.default_rng([34, seed])
    units, graph = problem.units, problem.graph
    assert units.x is not None
    assert units.y is not None
    for u in rng.permutation(len(units)).tolist():
        away = np.hypot(units.x - units.x[u], units.y - units.y[u])
        far = (away > 100) & (away < 300) & (units.parent.code == units.parent.code[u])
        far[graph.neighbours(u)] = False
        if far.any():
            v = int(rng.choice(np.flatnonzero(far)))
            joined = Graph(
                num_units=len(units),
                u=np.append(graph.u, u),
                v=np.append(graph.v, v),
                length_m=np.append(graph.length_m, BRIDGE_M),
            )
            return replace(problem, name=f"{problem.name}, bridge", graph=joined)
    raise ValueError("no two buildings can be joined")


def river(problem: Problem, seed: int) -> Problem:
    """A straight hard barrier cuts edges, wherever the parents still hang together over what is left of them."""
    rng = np.random.default_rng([35, seed])
    units, graph = problem.units, problem.graph
    assert units.x is not None
    assert units.y is not None
    for _ in range(200):
        angle = rng.uniform(0, np.pi)
        through = int(rng.integers(0, len(units)))
        side = (units.x - units.x[through]) * np.cos(angle) + (units.y - units.y[through]) * np.sin(angle) > 1.0
        cut = np.flatnonzero(side[graph.u] != side[graph.v])
        if len(cut) < 6:
            continue
        cut = rng.permutation(cut)
        kept = np.ones(len(graph), dtype=np.bool_)
        kept[cut[2:]] = False
        left = Graph(num_units=len(units), u=graph.u[kept], v=graph.v[kept], length_m=graph.length_m[kept])
        after = replace(problem, name=f"{problem.name}, river", graph=left)
        if _parts(after, np.arange(len(units))) == _parts(problem, np.arange(len(units))):
            return after
    raise ValueError("no river fits")


CHANGES: dict[str, Callable[[Problem, int], Problem]] = {
    "more households": more_households,
    "demolished": demolished,
    "line moved": line_moved,
    "merged": merged,
    "tightened": tightened,
    "bridge": bridge,
    "river": river,
}
"""Every kind; "line moved" and "merged" need two parents."""


def without(problem: Problem, gone: IntArray) -> Problem:
    """`problem` without some units and their edges. Sets keep the members that are left."""
    kept = np.setdiff1d(np.arange(len(problem.units)), gone)
    return replace(restricted(problem, kept), count=problem.count)


def _compound(problem: Problem, seed: int) -> IntArray:
    """A compound of three buildings or more; eight neighbours where there is none."""
    rng = np.random.default_rng([30, seed])
    members = [m for m in problem.units.group.members() if len(m) >= 3]
    if not members:
        return _near(problem, int(rng.integers(0, len(problem.units))), 8)
    return members[int(rng.integers(0, len(members)))]


def _near(problem: Problem, first: int, num: int) -> IntArray:
    """`first` and what lies nearest to it along the edges of its parent, `num` units if there are as many."""
    parent = problem.units.parent.code
    found = [first]
    for unit in found:
        for other in problem.graph.neighbours(unit).tolist():
            if len(found) < num and other not in found and parent[other] == parent[first]:
                found.append(other)
    return np.sort(np.array(found, dtype=np.int64))


def _parts(problem: Problem, units: IntArray) -> int:
    """Connected parts of all parents, without edges to other units."""
    inside = np.zeros(len(problem.units), dtype=np.bool_)
    inside[units] = True
    return _count(problem, inside, problem.units.parent.code)


def _same_parts(problem: Problem, before: IntArray, after: IntArray, parents: tuple[int, ...]) -> bool:
    return _count(problem, np.isin(before, parents), before) == _count(problem, np.isin(after, parents), after)


def _count(problem: Problem, inside: np.ndarray, parent: IntArray) -> int:
    up = np.arange(len(problem.units))

    def find(unit: int) -> int:
        while up[unit] != unit:
            up[unit] = up[up[unit]]
            unit = int(up[unit])
        return unit

    for u, v in zip(problem.graph.u.tolist(), problem.graph.v.tolist(), strict=True):
        if inside[u] and inside[v] and parent[u] == parent[v]:
            up[find(u)] = find(v)
    return len({find(unit) for unit in np.flatnonzero(inside).tolist()})
