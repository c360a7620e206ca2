"""Choosing columns: every node once, every previous grid carried on at most once.

The linear programme over all columns comes first: its prices leave out columns that no better choice can hold, so
that CP-SAT, which proves the rest in integers, sees few of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from ortools.sat.python import cp_model
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack

from partitioner.model import FloatArray, IntArray
from partitioner.redraw.columns import Columns
from partitioner.redraw.region import Region
from partitioner.solver.limits import StopSignal

FEW = 1_500
"""So many columns go to CP-SAT without a linear programme."""

MOST = 20_000
"""More columns than this are not handed to CP-SAT."""

LARGEST_PROGRAMME = 400_000
"""More columns than this are not handed to the linear programme."""

MORE = 3
"""How many times more columns each further attempt gets: those of least reduced cost first."""

EFFORT = 20.0
"""What CP-SAT may spend on one choice, in its own deterministic measure (about seconds)."""

RELATIVE = 1e-7
"""Slack on what the linear programme says, as a share of the largest cost."""

MOST_DIGITS = 2.0**44
"""The integer objective stays below this."""


@dataclass(frozen=True, kw_only=True)
class Aim:
    """What is minimised: `cost` times the terms without `move`, and `move` per moved household; `cap` bounds these."""

    cost: float
    move: float
    cap: int | None = None


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What choosing has shown.

    `best`: `picked` is best and `bound` its value. `none`: there is no choice (below the cutoff). `open`: not settled;
    `picked` may hold a choice, `bound` what is known.
    """

    outcome: Literal["best", "none", "open"]
    picked: tuple[int, ...] = ()
    value: float | None = None
    bound: float | None = None


def choose(
    columns: Columns,
    region: Region,
    aim: Aim,
    signal: StopSignal,
    *,
    seconds: float | None,
    cutoff: float = math.inf,
    hint: tuple[int, ...] = (),
    effort: float = EFFORT,
) -> Choice:
    """The best choice of value below `cutoff`; it says nothing about grids that are not among the columns.

    Parameters
    ----------
    seconds : float or None
        None: only CP-SAT's deterministic measure ends a choice.
    hint : tuple of int
        Columns of a choice that is known to be possible; its value is not tried again.
    effort : float
        What CP-SAT may spend each time it is asked, in its own measure.
    """
    if not region.num_nodes:
        return Choice(outcome="best", value=0.0, bound=0.0)
    value = aim.cost * columns.cost + aim.move * columns.incoming
    if hint:
        cutoff = min(cutoff, float(value[list(hint)].sum()))
    margin = RELATIVE * float(np.abs(value).max(initial=1.0))
    if len(columns) <= FEW:
        return _settled(_integers(columns, region, aim, value, cutoff, signal, seconds, effort), hint, value, cutoff)
    if len(columns) > LARGEST_PROGRAMME:
        return Choice(outcome="open", picked=hint, value=cutoff if hint else None)
    programme = _programme(columns, region, aim, value, signal)
    if programme is None:
        return Choice(outcome="none")
    base, reduced = programme
    if not math.isfinite(base):
        return Choice(outcome="open", picked=hint, value=cutoff if hint else None)
    order = np.sort(reduced)
    num, floor = FEW, base
    while floor - margin < cutoff and not signal():
        room = math.inf if num >= len(order) else float(order[num])
        alive = np.flatnonzero(reduced <= min(room, cutoff - base + margin))
        if len(alive) > MOST:
            break
        # A choice of value below base + room holds no column beyond `room`.
        limit = min(cutoff, base + room - margin)
        few = _integers(
            columns.where(_marked(len(columns), alive)), region, aim, value[alive], limit, signal, seconds, effort
        )
        if few.outcome == "open":
            picked = tuple(int(alive[j]) for j in few.picked) or hint
            known = max(floor, -math.inf if few.bound is None else min(few.bound, limit))
            return Choice(outcome="open", picked=picked, value=_sum(value, picked), bound=_known(known))
        if few.outcome == "best":
            picked = tuple(int(alive[j]) for j in few.picked)
            total = float(value[list(picked)].sum())
            return Choice(outcome="best", picked=picked, value=total, bound=min(total, few.bound or total))
        if limit >= cutoff or room == math.inf:
            return _finished(hint, value, cutoff)
        floor = max(floor, limit)
        num *= MORE
    if floor - margin >= cutoff:
        return _finished(hint, value, cutoff)
    return Choice(outcome="open", picked=hint, value=_sum(value, hint), bound=_known(floor))


def _settled(choice: Choice, hint: tuple[int, ...], value: FloatArray, cutoff: float) -> Choice:
    """What CP-SAT has shown of all columns."""
    if choice.outcome == "none":
        return _finished(hint, value, cutoff)
    if choice.outcome == "open" and not choice.picked:
        return Choice(outcome="open", picked=hint, value=_sum(value, hint), bound=choice.bound)
    return choice


def _sum(value: FloatArray, picked: tuple[int, ...]) -> float | None:
    return float(value[list(picked)].sum()) if picked else None


def _finished(best: tuple[int, ...], value: FloatArray, cutoff: float) -> Choice:
    """Nothing is better than the best choice known."""
    if not best:
        return Choice(outcome="none", bound=cutoff if math.isfinite(cutoff) else None)
    total = float(value[list(best)].sum())
    return Choice(outcome="best", picked=best, value=total, bound=total)


def _known(bound: float) -> float | None:
    return bound if math.isfinite(bound) else None


def _marked(num: int, positions: IntArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    marked = np.zeros(num, dtype=np.bool_)
    marked[positions] = True
    return marked


def _programme(
    columns: Columns, region: Region, aim: Aim, value: FloatArray, signal: StopSignal
) -> tuple[float, FloatArray] | None:
    """Value and reduced costs of the linear programme; None where it has no solution, -inf where it was not solved."""
    num = len(columns)
    owner = np.repeat(np.arange(num), np.diff(columns.start))
    cover = csr_array((np.ones(len(owner)), (columns.item, owner)), shape=(region.num_nodes, num))
    rows, limits = [], []
    named = np.flatnonzero(columns.label >= 0)
    if len(named):
        labels, row = np.unique(columns.label[named], return_inverse=True)
        rows.append(csr_array((np.ones(len(named)), (row, named)), shape=(len(labels), num)))
        limits.append(np.ones(len(labels)))
    if aim.cap is not None:
        rows.append(csr_array(columns.incoming[None, :].astype(np.float64)))
        limits.append(np.array([float(aim.cap)]))
    for counted in region.counted:
        inside = csr_array(np.isin(columns.part, counted.parts)[None, :].astype(np.float64))
        rows += [inside, -inside]
        limits += [np.array([float(counted.high)]), np.array([-float(counted.low)])]
    upper = vstack(rows, format="csr") if rows else None
    above = np.concatenate(limits) if limits else None
    scale = max(float(np.abs(value).max(initial=0.0)), 1e-9)
    options = {} if signal.remaining_s is None else {"time_limit": max(0.1, signal.remaining_s)}
    solved = linprog(
        value / scale, A_ub=upper, b_ub=above, A_eq=cover, b_eq=np.ones(region.num_nodes), bounds=(0, None),
        method="highs", options=options,
    )  # fmt: skip
    if solved.status == 2:
        return None
    if solved.status != 0:
        return -math.inf, np.zeros(num)
    reduced = value / scale - cover.T @ solved.eqlin.marginals
    if upper is not None:
        reduced = reduced - upper.T @ solved.ineqlin.marginals
    # From rounded prices: what they prove, not what the programme reports.
    floor = float(solved.eqlin.marginals.sum())
    if upper is not None and above is not None:
        floor += float(np.minimum(solved.ineqlin.marginals, 0.0) @ above)
    floor += float(np.minimum(reduced, 0.0).sum()) if reduced.min() > -1e-6 else -math.inf
    return floor * scale, np.asarray(np.maximum(reduced, 0.0) * scale)


def _integers(
    columns: Columns,
    region: Region,
    aim: Aim,
    value: FloatArray,
    cutoff: float,
    signal: StopSignal,
    seconds: float | None,
    effort: float,
) -> Choice:
    """CP-SAT over all given columns."""
    model = cp_model.CpModel()
    used = [model.new_bool_var(f"c{j}") for j in range(len(columns))]
    covering: list[list[cp_model.IntVar]] = [[] for _ in range(region.num_nodes)]
    carrying: dict[int, list[cp_model.IntVar]] = {}
    for j, var in enumerate(used):
        for node in columns.nodes(j).tolist():
            covering[node].append(var)
        if columns.label[j] >= 0:
            carrying.setdefault(int(columns.label[j]), []).append(var)
    if not all(covering):
        return Choice(outcome="none")
    for variables in covering:
        model.add_exactly_one(variables)
    for variables in carrying.values():
        if len(variables) > 1:
            model.add_at_most_one(variables)
    for counted in region.counted:
        inside = np.flatnonzero(np.isin(columns.part, counted.parts)).tolist()
        model.add_linear_constraint(sum(used[j] for j in inside), counted.low, counted.high)
    if aim.cap is not None:
        incoming = columns.incoming.tolist()
        model.add(sum(num * var for num, var in zip(incoming, used, strict=True) if num) <= aim.cap)
    scale = _scale(value, region.num_nodes, whole=aim.cost == 0)
    # Rounding down keeps the integer bound a bound on the real value.
    terms = [math.floor(v * scale) for v in value.tolist()]
    objective = sum(term * var for term, var in zip(terms, used, strict=True) if term)
    if math.isfinite(cutoff):
        model.add(objective <= math.ceil(cutoff * scale) - 1)
    model.minimize(objective)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.catch_sigint_signal = False  # it would take the caller's own handler away
    solver.parameters.random_seed = 1
    solver.parameters.linearization_level = 2
    solver.parameters.max_deterministic_time = effort
    if seconds is not None:
        solver.parameters.max_time_in_seconds = max(seconds, 0.01)
    forget = signal.listen(solver.stop_search)
    try:
        status = solver.solve(model)
    finally:
        forget()
    if status == cp_model.INFEASIBLE:
        return Choice(outcome="none")
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Choice(outcome="open")
    picked = tuple(j for j, var in enumerate(used) if solver.boolean_value(var))
    return Choice(
        outcome="best" if status == cp_model.OPTIMAL else "open",
        picked=picked,
        value=float(value[list(picked)].sum()),
        bound=solver.best_objective_bound / scale,
    )


def _scale(value: FloatArray, num_nodes: int, *, whole: bool) -> float:
    """Integers per unit of value; 1 where values are whole numbers."""
    if whole:
        return 1.0
    largest = max(float(np.abs(value).max(initial=0.0)), 1e-9) * num_nodes
    return float(2.0 ** math.floor(math.log2(MOST_DIGITS / largest)))
