"""A lower bound on moved households, from prices on covering nodes.

Every plan moves Σ in(S, p) over its grids, where p is what S carries on. With prices u that pay for each node at most
the households that had a grid, grids that carry on none cost nothing or more, and each previous grid is carried on
once:

    moved >= Σ u_v + Σ_p min(0, least in(S, p) - u(S) over all lawful S),

a Lagrangian bound whose best prices are those of the linear programme over all columns. Columns are generated: the
programme over some of them gives prices, for which the cheapest grid around each previous one is found exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array, hstack, identity

from partitioner.model import FloatArray, IntArray, Problem
from partitioner.redraw.freezing import Fixed
from partitioner.redraw.near_part import Near, near_parts
from partitioner.redraw.region import Region
from partitioner.solver.limits import StopSignal

ROUNDS = 30
VISITS = 400_000
"""Steps of one search for the cheapest grid; where they are not enough, its cost counts as the least possible."""

TRUST = 0.5
"""Share of the programme's prices in the next ones; the rest are the best so far."""

PATIENT_ROUNDS = 6

SHARES = (0.8, 0.5, 0.25)
"""Shares of the best prices, the rest moderate ones, in the prices that lists are made with."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Prices:
    """Parameters
    ----------
    bound : float
        No lawful plan of the region moves fewer households.
    node : float array, shape (nodes,)
    gain : float array, shape (previous grids,)
        What each previous grid brings in the bound, at most 0.
    """

    bound: float
    node: FloatArray
    gain: FloatArray

    def of(self, near: Near) -> FloatArray:
        """Prices of the nodes of one part."""
        first = near.part.first
        return self.node[first : first + len(near.incoming)]

    def budget(self, near: Near, moved: int) -> float:
        """What a grid may cost in a plan that moves at most `moved` households, in terms of `Near.listed`."""
        gain = float(self.gain[near.label]) if near.label >= 0 else 0.0
        return moved - self.bound + gain + near.constant(self.of(near))

    def least(self, near: Near, price: FloatArray) -> FloatArray:
        """Least moved households of plans with grids of these prices."""
        gain = float(self.gain[near.label]) if near.label >= 0 else 0.0
        return np.asarray(self.bound + price - near.constant(self.of(near)) - gain)


def best_prices(
    problem: Problem, region: Region, fixed: Fixed, losses: IntArray, signal: StopSignal
) -> tuple[Prices, ...]:
    """Prices of the best bound, then others that tell more apart, each with its own bound.

    Parameters
    ----------
    losses : int array, shape (previous grids,)
        What each previous grid loses at least: a start.
    """
    nears = near_parts(problem, region, fixed)
    had = _had(region)
    first = _priced(nears, _first_prices(region, losses), had, len(losses), signal)[0]
    best = first
    pool = _Pool(region, had)
    stale = 0
    point = best.node
    for _ in range(ROUNDS):
        tried, found = _priced(nears, point, had, len(losses), signal)
        new = pool.learn(found)
        stale = 0 if tried.bound > best.bound + 0.01 else stale + 1
        if tried.bound > best.bound:
            best = tried
        solved = pool.solve()
        if solved is None or signal():
            break
        value, prices = solved
        if value - best.bound < 0.5 or stale >= PATIENT_ROUNDS:
            break
        # Where the smoothed prices teach nothing new, the programme's own do.
        point = np.minimum(TRUST * prices + (1 - TRUST) * best.node if new else prices, had)
    # The programme's prices are extreme: at price 0, or all of its households, a node costs nothing where it should not
    # be, and lists get long. Mixed with moderate prices they bound less and tell more.
    mixed = [share * best.node + (1 - share) * first.node for share in SHARES]
    ladder = [best, *(_priced(nears, node, had, len(losses), signal)[0] for node in mixed), first]
    return tuple(ladder) if best is not first else (first,)


def _had(region: Region) -> IntArray:
    """Households of every node that had a grid; locked nodes have no price."""
    had = np.zeros(region.num_nodes, dtype=np.int64)
    for part in region.parts:
        case = part.piece.case
        owner = np.repeat(np.arange(len(case.households)), np.diff(case.previous_start))
        had[part.first : part.first + len(case.households)] = np.bincount(
            owner, weights=case.previous_households, minlength=len(case.households)
        )
    return had


def _first_prices(region: Region, losses: IntArray) -> FloatArray:
    """All households of previous grids that must lose some, half of all others."""
    node = np.zeros(region.num_nodes)
    for part in region.parts:
        case = part.piece.case
        owner = np.repeat(np.arange(len(case.households)), np.diff(case.previous_start))
        share = np.where(losses[case.previous_item] > 0, 1.0, 0.5)
        node[part.first : part.first + len(case.households)] = np.bincount(
            owner, weights=share * case.previous_households, minlength=len(case.households)
        )
    return node


_Columns = list[tuple[Near, IntArray, int]]


def _priced(
    nears: list[Near], node: FloatArray, had: IntArray, num_labels: int, signal: StopSignal
) -> tuple[Prices, _Columns]:
    """The bound at given prices, and the cheapest grid around every previous one."""
    node = np.minimum(node, had)
    gain = np.zeros(num_labels)
    columns: _Columns = []
    for near in nears:
        if near.label < 0:
            continue
        prices = node[near.part.first : near.part.first + len(near.incoming)]
        constant = near.constant(prices)
        listed = near.listed(prices, constant, signal, visits=VISITS, only_best=True)
        # A torn loose set may hide dearer grids that are whole: the bound stays valid, if weaker.
        least = float(listed.price[-1]) if len(listed.price) else constant
        if not listed.complete:
            least = 0.0
        gain[near.label] = min(gain[near.label], least - constant)
        if len(listed.cost) and listed.kept[-1]:
            nodes = listed.item[listed.start[-2] :] + near.part.first
            columns.append((near, nodes, int(listed.incoming[-1])))
    return Prices(bound=float(node.sum() + gain.sum()), node=node, gain=gain), columns


class _Pool:
    """The linear programme over the columns so far; a node may also stay alone for all its households."""

    def __init__(self, region: Region, had: IntArray) -> None:
        self.region, self.had = region, had
        self.known: dict[tuple[int, bytes], int] = {}
        self.items: list[IntArray] = []
        self.costs: list[int] = []
        self.labels: list[int] = []

    def learn(self, columns: _Columns) -> bool:
        """Take over columns; whether one was new."""
        before = len(self.known)
        for near, nodes, incoming in columns:
            key = (near.label, nodes.tobytes())
            if key not in self.known:
                self.known[key] = len(self.items)
                self.items.append(nodes)
                self.costs.append(incoming)
                self.labels.append(near.label)
        return len(self.known) > before

    def solve(self) -> tuple[float, FloatArray] | None:
        """Value and node prices."""
        num, nodes = len(self.items), self.region.num_nodes
        if not num:
            return None
        owner = np.repeat(np.arange(num), [len(item) for item in self.items])
        cover = csr_array((np.ones(len(owner)), (np.concatenate(self.items), owner)), shape=(nodes, num))
        labels, row = np.unique(self.labels, return_inverse=True)
        carry = csr_array((np.ones(num), (row, np.arange(num))), shape=(len(labels), num))
        solved = linprog(
            np.concatenate([np.array(self.costs, dtype=np.float64), self.had]),
            A_ub=hstack([carry, csr_array((len(labels), nodes))], format="csr"),
            b_ub=np.ones(len(labels)),
            A_eq=hstack([cover, identity(nodes)], format="csr"),
            b_eq=np.ones(nodes),
            bounds=(0, None),
            method="highs",
        )
        if solved.status != 0:
            return None
        return float(solved.fun), np.asarray(solved.eqlin.marginals, dtype=np.float64)
