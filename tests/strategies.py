"""Random problems for tests: valid ones of every kind, and small ones with a seed of their own."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from partitioner.model import Bounds, Count, CountRange, Graph, Labels, Problem, Units, Weights

NAME = st.text(min_size=1, max_size=8).filter(lambda text: bool(text.strip()))
METRES = st.floats(0, 1e6)
WEIGHT = st.sampled_from([0.0, 0.5, 1.0, 40.0, 20_000.0])


@st.composite
def problems(draw: st.DrawFn, max_units: int = 8) -> Problem:
    """Any valid problem: odd names, empty graphs, sets that contradict one another."""
    ids = draw(st.lists(NAME, min_size=1, max_size=max_units, unique=True))
    num = len(ids)
    positions = st.integers(0, num - 1)
    column = st.lists(st.none() | NAME, min_size=num, max_size=num)
    parent = draw(st.none() | column)
    has_place = draw(st.booleans())
    place = st.lists(st.floats(-1e6, 1e6), min_size=num, max_size=num)
    pairs = [(u, v) for u in range(num) for v in range(u)]
    edges = draw(st.lists(st.tuples(st.sampled_from(pairs), METRES), max_size=2 * num)) if pairs else []
    low, high = sorted(draw(st.tuples(st.integers(0, 600), st.integers(1, 600))))
    return Problem(
        name=draw(st.text(max_size=8)),
        units=Units(
            id=tuple(ids),
            households=draw(st.lists(st.integers(0, 300), min_size=num, max_size=num)),
            x=draw(place) if has_place else None,
            y=draw(place) if has_place else None,
            group=Labels(draw(column)),
            parent=Labels(parent or [None] * num),
            previous=Labels(draw(column)),
        ),
        graph=Graph(
            num_units=num,
            u=[u for (u, _), _ in edges],
            v=[v for (_, v), _ in edges],
            length_m=[metres for _, metres in edges],
        ),
        bounds=Bounds(min=low, max=max(high, 1), target=draw(st.none() | st.floats(0, 1e6))),
        count=draw(_counts(sorted({name for name in parent or [] if name is not None}))),
        weights=draw(
            st.builds(
                Weights, walk=WEIGHT, walk_power=st.sampled_from([0.5, 1, 2]), split=WEIGHT, balance=WEIGHT, move=WEIGHT
            )
        ),
        max_walk_m=draw(st.none() | METRES),
        locked=draw(_sets(positions, 1)),
        together=draw(_sets(positions, 2)) if num > 1 else (),
        apart=draw(_sets(positions, 2)) if num > 1 else (),
    )


def _sets(positions: st.SearchStrategy[int], least: int) -> st.SearchStrategy[Any]:
    return st.lists(st.sets(positions, min_size=least, max_size=4).map(sorted), max_size=2)


def _ranges() -> st.SearchStrategy[CountRange]:
    ends = st.tuples(st.integers(0, 9), st.integers(0, 9)).map(sorted)
    return st.one_of(
        st.just(CountRange()),
        ends.map(lambda e: CountRange(min=e[0], max=e[1])),
        ends.map(lambda e: CountRange(min=e[0])),
        ends.map(lambda e: CountRange(max=e[1])),
    )


def _counts(parents: list[str]) -> st.SearchStrategy[Count]:
    named = st.dictionaries(st.sampled_from(parents), _ranges()) if parents else st.just({})
    return st.builds(Count, default=_ranges(), by_parent=named)


def random_problem(seed: int, max_units: int = 8) -> Problem:
    """A small problem in which rules and weights of all kinds mix; many have lawful plans, some have none."""
    rng = np.random.default_rng([7, seed])
    num = int(rng.integers(2, max_units + 1))
    households = rng.integers(0, 60, num) if rng.random() < 0.7 else rng.integers(0, 6, num)
    households[rng.random(num) < rng.choice([0.0, 0.3])] = 0
    ids = tuple(f"b{i}" for i in range(num))
    previous_names = [None, "G001", "G002", "旧3"]
    return Problem(
        name=f"random-{seed}",
        units=Units(
            id=ids,
            households=households,
            group=_random_labels(rng, num, [None, "a", "b", "c"], 0.6),
            parent=_random_labels(rng, num, [None, "east", "west"][int(rng.integers(0, 2)) :], 0.25),
            previous=_random_labels(rng, num, previous_names, 0.5),
        ),
        graph=_random_graph(rng, num),
        bounds=_random_bounds(rng, households),
        **_random_rules(rng, num),
    )


def _random_labels(rng: np.random.Generator, num: int, names: list[Any], chance: float) -> Labels:
    if rng.random() > chance:
        return Labels.none(num)
    runs = np.sort(rng.integers(0, len(names), num)) if rng.random() < 0.7 else rng.integers(0, len(names), num)
    return Labels(names[i] for i in runs)


def _random_graph(rng: np.random.Generator, num: int) -> Graph:
    """A random tree along the numbering with some more edges; sometimes in several parts, sometimes with 0 m."""
    edges = [(int(rng.integers(max(0, v - 3), v)), v) for v in range(1, num)]
    edges += [tuple(sorted(rng.choice(num, 2, replace=False).tolist())) for _ in range(int(rng.integers(0, num + 1)))]
    if rng.random() < 0.2:
        edges = [edge for edge in edges if rng.random() < 0.7]
    metres = rng.integers(0 if rng.random() < 0.3 else 5, 90, len(edges)).astype(float)
    if rng.random() < 0.5:
        metres += rng.random(len(edges)).round(3)
    return Graph(num_units=num, u=[u for u, _ in edges], v=[v for _, v in edges], length_m=metres)


def _random_bounds(rng: np.random.Generator, households: np.ndarray) -> Bounds:
    typical = max(int(households.sum()), 1) / int(rng.integers(1, 5))
    low = 0 if rng.random() < 0.25 else int(typical * rng.uniform(0.1, 0.7))
    high = max(low, 1, round(typical * rng.uniform(1.1, 2.5)))
    if rng.random() < 0.8:
        high = max(high, int(households.max()))
    target = None if rng.random() < 0.6 else float(rng.choice([0.0, typical, high + 10.5]))
    return Bounds(min=low, max=high, target=target)


def _random_rules(rng: np.random.Generator, num: int) -> dict[str, Any]:
    def maybe(chance: float, most: int, least: int) -> list[list[int]]:
        if num < least or rng.random() > chance:
            return []
        first = int(rng.integers(0, num))
        near = sorted({min(num - 1, first + k) for k in range(int(rng.integers(least, most + 1)))})
        anywhere = rng.choice(num, min(num, int(rng.integers(least, most + 1))), replace=False).tolist()
        chosen = near if rng.random() < 0.6 and len(near) >= least else sorted(anywhere)
        return [chosen]

    def ends() -> CountRange:
        low, high = sorted(rng.integers(0, 5, 2).tolist())
        return CountRange(
            min=low if rng.random() < 0.6 else None, max=max(high, 1, low) if rng.random() < 0.6 else None
        )

    return {
        "count": Count(default=ends()) if rng.random() < 0.2 else Count(),
        "weights": Weights(
            walk=float(rng.choice([0.0, 1.0, 1.0, 2.5])),
            walk_power=float(rng.choice([1.0, 1.0, 2.0, 0.5])),
            split=float(rng.choice([0.0, 300.0, 20_000.0])),
            balance=float(rng.choice([0.0, 5.0, 40.0])),
            move=float(rng.choice([0.0, 0.0, 30.0, 200.0])),
        ),
        "max_walk_m": float(rng.integers(20, 200)) if rng.random() < 0.2 else None,
        "locked": maybe(0.2, 3, 1) + maybe(0.1, 2, 1),
        "together": maybe(0.25, 3, 2) + maybe(0.1, 2, 2),
        "apart": maybe(0.25, 3, 2) + maybe(0.1, 2, 2),
    }
