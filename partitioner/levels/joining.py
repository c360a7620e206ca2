"""Look-ahead, second way: the lower level without a line between two upper areas, joined back into upper ones."""

from __future__ import annotations

from itertools import count

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from partitioner.levels.contraction import contracted_graph, heaviest, main_label, middles, pieces
from partitioner.levels.nesting import Nested, SolvePart, Standing, misfit_by_cell
from partitioner.model import CountRange, FloatArray, IntArray, Labels, Plan, Problem, Units
from partitioner.model.restriction import restricted
from partitioner.scoring import validate


def join_pairs(state: Standing, pairs: list[tuple[str, str]], solve_part: SolvePart) -> list[bool]:
    """Draw every pair without its line; whether each is better now. Pairs that are not better stay as they were."""
    nested = state.nested
    pair_of = {name: k for k, pair in enumerate(pairs) for name in pair}
    of_upper = np.array([-1 if a is None else pair_of.get(a, -1) for a in state.area], dtype=np.int64)
    lower_at = np.flatnonzero(of_upper[nested.upper_of_lower] >= 0)
    of_lower = of_upper[nested.upper_of_lower[lower_at]]
    part = restricted(nested.lower, lower_at, parent=Labels(str(k) for k in of_lower.tolist()))
    cells = solve_part(part).grid.code.astype(np.int64)
    outside = misfit_by_cell(part, np.maximum(cells, 0))
    by_area = state.misfit_by_area(misfit_by_cell(nested.lower, state.cell))
    before = np.array([sum(by_area.get(name, 0) for name in pair) for pair in pairs], dtype=np.int64)
    after = before.copy()
    for k in range(len(pairs)):
        here = cells[of_lower == k]
        if (here >= 0).all():
            after[k] = int(outside[np.unique(here)].sum())
    better = after < before
    if better.any():
        better = _regroup(state, pairs, (before, after), of_upper, lower_at, cells, solve_part)
    kept = better[of_lower]
    state.cell[lower_at[kept]] = state.next_cell + cells[kept]
    state.next_cell += int(cells.max(initial=0)) + 1
    return [bool(one) for one in better]


def _regroup(
    state: Standing,
    pairs: list[tuple[str, str]],
    misfit: tuple[IntArray, IntArray],
    of_upper: IntArray,
    lower_at: IntArray,
    cells: IntArray,
    solve_part: SolvePart,
) -> npt.NDArray[np.bool_]:
    """Join lower areas back into upper ones; which pairs allow that. Their upper units get their new areas.

    Parameters
    ----------
    misfit : (int array, int array), shape (number of pairs,)
        Households outside the lower bounds in every pair, before and after.
    """
    nested = state.nested
    wanted = misfit[1] < misfit[0]
    at = np.flatnonzero((of_upper >= 0) & wanted[of_upper])
    pair = of_upper[at]
    upper = restricted(nested.upper, at)
    place = np.full(len(nested.upper.units), -1, dtype=np.int64)
    place[at] = np.arange(len(at))
    inside = place[nested.upper_of_lower[lower_at]]
    drawn = inside >= 0
    shared = pieces(len(at) + int(cells.max(initial=-1)) + 1, inside[drawn], len(at) + cells[drawn])[: len(at)]
    atom = np.unique(shared, return_inverse=True)[1].astype(np.int64)
    plan = solve_part(_atoms(upper, atom, pair))
    old = Plan(grid=Labels(state.area[p] for p in at.tolist()))
    new = Plan(grid=_named(pairs, pair, plan.grid.code[atom], old, upper, set(state.area)))
    allowed = wanted & (_broken(upper, new, pair, len(pairs)) <= _broken(upper, old, pair, len(pairs)))
    allowed &= _counts_hold(nested, new, old, pair, inside, cells, len(pairs))
    for k in np.flatnonzero(allowed).tolist():
        here = pair == k
        costs = [nested.cost_of(_areas_of(plan.grid.code[here], at[here])) for plan in (old, new)]
        ranks = [nested.rank(int(misfit[when][k]), costs[when]) for when in (0, 1)]
        allowed[k] = ranks[1] < ranks[0]
    for position, label, k in zip(at.tolist(), new.grid.values(), pair.tolist(), strict=True):
        if allowed[k]:
            state.area[position] = label
    return np.asarray(allowed, dtype=np.bool_)


def _areas_of(code: IntArray, units: IntArray) -> list[IntArray]:
    return [units[code == area] for area in np.unique(code).tolist()]


def _atoms(upper: Problem, atom: IntArray, pair: IntArray) -> Problem:
    """The upper problem over what may not be parted; every pair is a parent of its own."""
    units = upper.units
    num = int(atom.max()) + 1
    centre = heaviest(atom, units.weight)
    graph, _ = contracted_graph(upper.graph, atom, centre)
    place = None
    if units.x is not None and units.y is not None:
        place = middles(atom, units.weight, units.x, units.y)
    sets = {
        name: tuple(
            members
            for given in getattr(upper, name)
            if len(members := tuple(np.unique(atom[list(given)]).tolist())) > 1
        )
        for name in ("together", "apart")
    }
    return Problem(
        units=Units(
            id=tuple(f"a{k}" for k in range(num)),
            households=np.bincount(atom, weights=units.households, minlength=num).astype(np.int64),
            x=None if place is None else place[:, 0],
            y=None if place is None else place[:, 1],
            group=main_label(units.group, atom, units.weight, num),
            parent=Labels(str(pair[p]) for p in centre.tolist()),
            previous=main_label(units.previous, atom, units.weight, num),
        ),
        graph=graph,
        bounds=upper.bounds,
        weights=upper.weights,
        max_walk_m=upper.max_walk_m,
        together=sets["together"],
        apart=sets["apart"],
    )


def _named(
    pairs: list[tuple[str, str]], pair: IntArray, code: IntArray, old: Plan, upper: Problem, used: set[str | None]
) -> Labels:
    """New areas by the names of the old: the most households of a pair keep their name; a third area gets a new one.

    Parameters
    ----------
    pair : int array, shape (n,)
        Position in `pairs` for every unit of `upper`.
    code : int array, shape (n,)
        New area of every unit; -1 for none.
    """
    name_of: dict[int, str] = {}
    first = np.array([pairs[k][0] == name for k, name in zip(pair.tolist(), old.grid.values(), strict=True)])
    for k in np.unique(pair).tolist():
        here = np.flatnonzero((pair == k) & (code >= 0))
        areas, place = np.unique(code[here], return_inverse=True)
        weight = np.zeros((len(areas), 2))
        np.add.at(weight, (place, np.where(first[here], 0, 1)), upper.units.weight[here])
        rows, columns = linear_sum_assignment(weight, maximize=True)
        name_of |= {int(areas[r]): pairs[k][c] for r, c in zip(rows.tolist(), columns.tolist(), strict=True)}
        for area in areas.tolist():
            if area not in name_of:
                name_of[area] = next(name for n in count(2) if (name := f"{pairs[k][0]}-{n}") not in used)
                used.add(name_of[area])
    return Labels(name_of.get(area) for area in code.tolist())


def _broken(upper: Problem, plan: Plan, pair: IntArray, num_pairs: int) -> FloatArray:
    """How much every pair breaks of the rules of the upper level, whatever the rule."""
    place = upper.units.position()
    amount = np.zeros(num_pairs)
    for violation in validate(upper, plan)[0]:
        amount[pair[place[violation.units[0]]]] += violation.amount
    return amount


def _counts_hold(
    nested: Nested, new: Plan, old: Plan, pair: IntArray, inside: IntArray, cells: IntArray, num_pairs: int
) -> npt.NDArray[np.bool_]:
    """Where numbers of areas are bounded, a pair keeps its number, and new areas hold a lawful number of lower ones."""
    holds = np.ones(num_pairs, dtype=np.bool_)
    if nested.upper.count.default != CountRange() or nested.upper.count.by_parent:
        for k in range(num_pairs):
            here = pair == k
            holds[k] = len(np.unique(new.grid.code[here])) == len(np.unique(old.grid.code[here]))
    bounds = nested.lower.count.default
    if bounds != CountRange():
        drawn = inside >= 0
        inner = np.unique(np.column_stack([new.grid.code[inside[drawn]], cells[drawn], pair[inside[drawn]]]), axis=0)
        for area in np.unique(inner[:, 0]).tolist():
            num = int((inner[:, 0] == area).sum())
            if num < (bounds.min or 0) or (bounds.max is not None and num > bounds.max):
                holds[int(inner[inner[:, 0] == area, 2][0])] = False
    return holds
