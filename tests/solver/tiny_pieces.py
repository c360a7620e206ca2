"""Small pieces on which everything can be tried, with what trying everything finds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations

import numpy as np
from enumeration import hang_together, plan_of
from strategies import random_problem

from partitioner.model import Bounds, Graph, Labels, Problem, Units, Weights
from partitioner.scoring import score, validate
from partitioner.solver.lagrangian import Prices
from partitioner.solver.pieces import Piece, make_piece

Nodes = tuple[int, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Tiny:
    """A problem that is one piece, and all lawful grids of it by the plain judgement.

    Parameters
    ----------
    problem : Problem
    piece : Piece
    grids : dict
        Cost without `move` of every lawful grid, as ascending nodes of the piece.
    """

    problem: Problem
    piece: Piece
    grids: dict[Nodes, float]

    @property
    def counts(self) -> tuple[int, int]:
        """Fewest and most grids."""
        case = self.piece.case
        return case.count_low, min(case.count_high, len(case.households))

    def units_of(self, nodes: Nodes) -> Nodes:
        """Units of these nodes, ascending."""
        return tuple(np.flatnonzero(np.isin(self.piece.node_of, nodes)).tolist())

    def covers(self) -> Iterator[tuple[tuple[Nodes, ...], float]]:
        """Every lawful plan with its cost."""
        num = len(self.piece.case.households)
        by_first: list[list[tuple[Nodes, float]]] = [[] for _ in range(num)]
        for nodes, cost in self.grids.items():
            by_first[nodes[0]].append((nodes, cost))

        def extend(chosen: tuple[Nodes, ...], left: frozenset[int], cost: float) -> Iterator:
            if not left:
                if self.counts[0] <= len(chosen) <= self.counts[1]:
                    yield chosen, cost
                return
            for nodes, more in by_first[min(left)]:
                if left.issuperset(nodes):
                    yield from extend((*chosen, nodes), left.difference(nodes), cost + more)

        return extend((), frozenset(range(num)), 0.0)

    def best(self) -> float:
        """Cost of the best plan; infinite where there is none."""
        return min((cost for _, cost in self.covers()), default=np.inf)


@cache
def tiny(seed: int, max_units: int = 7) -> Tiny:
    """A random problem of which everything is connected, without locks, parents and `move`."""
    base = random_problem(seed, max_units)
    rng = np.random.default_rng([13, seed])
    num = len(base.units)
    apart = {pair for members in base.apart for pair in combinations(sorted(members), 2)}
    together = ()
    if rng.random() < 0.4:
        first = int(rng.integers(0, num - 1))
        members = tuple(range(first, min(num, first + int(rng.integers(2, 4)))))
        if not apart & set(combinations(members, 2)):
            together = (members,)
    problem = Problem(
        units=replace(base.units, parent=None, previous=None),
        graph=Graph(
            num_units=num,
            u=[*base.graph.u.tolist(), *range(num - 1)],
            v=[*base.graph.v.tolist(), *range(1, num)],
            length_m=[*base.graph.length_m.tolist(), *[55.5] * (num - 1)],
        ),
        bounds=base.bounds,
        count=base.count,
        weights=replace(base.weights, move=0.0),
        max_walk_m=base.max_walk_m,
        apart=base.apart,
        together=together,
    )
    return _tried(problem)


@cache
def crowded(seed: int) -> Tiny:
    """A small lattice whose compounds hold more than one grid may; in some two units of any compounds stay together."""
    rng = np.random.default_rng([17, seed])
    rows, columns = 2, 4
    num = rows * columns
    place = np.arange(num).reshape(rows, columns)
    u = np.concatenate([place[:, :-1].ravel(), place[:-1].ravel()])
    v = np.concatenate([place[:, 1:].ravel(), place[1:].ravel()])
    names = ["a", "b", None] if seed % 3 else ["a", "b"]
    joined = int(rng.integers(0, columns - 1))
    problem = Problem(
        units=Units(
            id=tuple(f"u{i}" for i in range(num)),
            households=rng.integers(2, 9, num),
            group=Labels([names[k] for k in rng.integers(0, len(names), num)]),
        ),
        graph=Graph(num_units=num, u=u, v=v, length_m=rng.uniform(1, 30, len(u))),
        bounds=Bounds(min=int(rng.choice([0, 4, 6])), max=int(rng.integers(10, 15))),
        weights=Weights(split=float(rng.choice([40.0, 200.0])), balance=float(rng.choice([0.0, 10.0]))),
        apart=((0, num - 1),) if seed % 8 == 3 else (),
        together=((joined, joined + 1),) if rng.random() < 0.5 else (),
    )
    return _tried(problem)


def _tried(problem: Problem) -> Tiny:
    num, count = len(problem.units), problem.count.default
    counts = (count.min or 0, num if count.max is None else count.max)
    piece = make_piece(problem, np.arange(num), problem.together, counts)
    grids = {}
    for size in range(1, num + 1):
        for members in combinations(range(num), size):
            cost = _cost(problem, members)
            if cost is not None:
                grids[tuple(np.unique(piece.node_of[list(members)]).tolist())] = cost
    return Tiny(problem=problem, piece=piece, grids=grids)


def _cost(problem: Problem, members: Nodes) -> float | None:
    """Cost of one grid without `move`; None where it breaks a rule."""
    if any(0 < len(set(members) & set(units)) < len(units) for units in problem.together):
        return None
    if not hang_together(problem, members):
        return None
    plan = plan_of(len(problem.units), [members])
    if any(violation.grid == "0" for violation in validate(problem, plan)[0]):
        return None
    objective, weights = score(problem, plan), problem.weights
    groups = {problem.units.group.at(unit) for unit in members} - {None}
    return weights.walk * objective.walk + weights.balance * objective.balance + weights.split * len(groups)


def reduced(nodes: Nodes, cost: float, prices: Prices, group_of: np.ndarray) -> float:
    """Cost of a grid less what the prices pay for its nodes and for each group that it touches."""
    groups = {int(group_of[node]) for node in nodes} - {-1}
    return cost - sum(float(prices.node[node]) for node in nodes) - sum(float(prices.touch[g]) for g in groups)
