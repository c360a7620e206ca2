"""The best exact cover of a small graph by listed sets, of which no good plan is known beforehand."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csc_array

from partitioner.model import FloatArray, IntArray
from partitioner.solver.exact import ROUNDING, sweeping_orders
from partitioner.solver.kernels.case import Case
from partitioner.solver.kernels.frontier import CHOSEN, NOTHING_BETTER, Touching, pack_grids, sweep
from partitioner.solver.limits import StopSignal

DUAL_TOLERANCE = 1e-10
"""The least that HiGHS allows."""

WHOLE = 1e-6
"""What the linear programme's shares may be off 0 or 1 for lack of digits."""

MISSING = 2.0
"""Cost of a node that stays uncovered in the linear programme, in the most that a cover may cost."""

ROOMS = (0.01, 0.1, 1.0)
"""Cost above the bound that a cover may have, in average costs of a set, step by step until one is found."""

MAX_SETS = 200_000
"""Covered sets beyond which a sweep gives up."""


def best_cover(
    graph: Case, at: IntArray, item: IntArray, cost: FloatArray, limit: float, signal: StopSignal
) -> list[int] | None:
    """Positions of the sets of a cheapest exact cover; empty if none costs less than `limit`, None if that is open.

    The linear programme is mostly whole. Else its prices leave little room to a sweep.

    Parameters
    ----------
    graph : Case
        Its households, lengths and adjacency.
    at, item : CSR lists of nodes, ascending within each set
    cost : float array, shape (sets,)
    """
    num = len(graph.households)
    if len(np.unique(item)) < num:
        return []
    price, share, _ = relaxed(num, at, item, cost, limit)
    reduced = cost - np.add.reduceat(price[item], at[:-1])
    bound = float(price.sum()) + num * min(0.0, float(reduced.min()))
    if bound >= limit:
        return []
    chosen = np.flatnonzero(share > 0.5)
    held = np.zeros(num, dtype=np.int64)
    for j in chosen.tolist():
        held[item[at[j] : at[j + 1]]] += 1
    total = float(cost[chosen].sum())
    if (held == 1).all() and total - bound <= ROUNDING * total:
        return list(chosen.tolist())
    return _swept(graph, at, item, reduced, (bound, float(price.sum()), limit), signal)


def relaxed(
    num: int, at: IntArray, item: IntArray, cost: FloatArray, limit: float
) -> tuple[FloatArray, FloatArray, float]:
    """Prices of the nodes and share of each set in the linear programme, where nodes may be missing; the usual cost."""
    last = len(item) + np.arange(1, num + 1)
    matrix = csc_array(
        (np.ones(len(item) + num), np.concatenate([item, np.arange(num)]), np.concatenate([at, last])),
        shape=(num, len(cost) + num),
    )
    scale = max(float(np.median(cost)) if len(cost) else limit, 1e-9)
    charges = np.concatenate([cost, np.full(num, MISSING * limit)]) / scale
    result = linprog(
        charges, A_eq=matrix, b_eq=np.ones(num), method="highs-ds",
        options={"dual_feasibility_tolerance": DUAL_TOLERANCE},
    )  # fmt: skip
    if result.x is None:
        return np.zeros(num), np.zeros(len(cost)), scale
    return np.asarray(result.eqlin.marginals * scale), np.asarray(result.x[: len(cost)]), scale


def _swept(
    graph: Case,
    at: IntArray,
    item: IntArray,
    reduced: FloatArray,
    bounds: tuple[float, float, float],
    signal: StopSignal,
) -> list[int] | None:
    bound, prices, limit = bounds
    num = len(graph.households)
    size = np.diff(at)
    step = abs(bound) / num
    for room in [*(bound + share * step for share in ROOMS if bound + share * step < limit), limit]:
        for rank in sweeping_orders(graph):
            mask, first = pack_grids(rank, at, item)
            order = np.lexsort((reduced, first))
            outcome, chosen, _, _ = sweep(
                mask[order], first[order], reduced[order], size[order], _nothing(len(order)), num, num, 1, num,
                (0, num), False, min(0.0, float(reduced.min())), room - prices, MAX_SETS, signal.flag,
            )  # fmt: skip
            if outcome in (CHOSEN, NOTHING_BETTER) or signal():
                break
        if signal():
            return None
        if outcome == CHOSEN:
            return [int(order[j]) for j in chosen]
        if outcome != NOTHING_BETTER:
            return None
    return []


def _nothing(num: int) -> Touching:
    """No prices on groups."""
    none = np.zeros(0, dtype=np.int64)
    return Touching(
        price=np.zeros(0), start=np.zeros(1, dtype=np.int64), place=none, load=none,
        of_start=np.zeros(num + 1, dtype=np.int64), of_group=none, of_load=none, of_large=none, of_nodes=none,
    )  # fmt: skip
