"""From chosen columns to a plan with labels."""

from __future__ import annotations

import numpy as np

from partitioner.model import IntArray, Labels, Plan, Problem
from partitioner.redraw.choice import Choice
from partitioner.redraw.columns import Columns, units_of
from partitioner.redraw.matching import best_matching, summed_pairs
from partitioner.redraw.region import Region
from partitioner.redraw.standing import Standing
from partitioner.solver.kernels.near import BoolArray
from partitioner.solver.naming import name_grids


def labelled(
    problem: Problem, slot: IntArray, wish: dict[int, int] | None = None, pinned: BoolArray | None = None
) -> Plan:
    """A plan in which every grid that carries on a previous one has its label, and every other one a fresh label.

    The matching retains as many households as any; among such it follows `wish` as far as it can, and a grid where
    nobody lives keeps the label of the units in it.

    Parameters
    ----------
    slot : int array, shape (n,)
        Grid of each unit as any number.
    wish : dict
        From slot to the code of the previous grid that it should carry on.
    pinned : bool array, shape (n,), optional
        Units whose grid carries on their previous one whatever that retains.
    """
    previous = problem.units.previous
    slots, member = np.unique(slot, return_inverse=True)
    had = previous.code >= 0
    rows, columns = [member[had].astype(np.int64)], [previous.code[had]]
    # One household outweighs all wishes together, a pin outweighs all households.
    many = 2 * len(slots) + 1
    weights = [problem.units.households[had] * many]
    place = {s: i for i, s in enumerate(slots.tolist())}
    wishes = [(place[s], code) for s, code in (wish or {}).items() if s in place]
    rows.append(np.array([row for row, _ in wishes], dtype=np.int64))
    columns.append(np.array([code for _, code in wishes], dtype=np.int64))
    weights.append(np.ones(len(wishes), dtype=np.int64))
    for row, code in _of_nobody(problem, member, len(slots)):
        rows.append(np.array([row], dtype=np.int64))
        columns.append(np.array([code], dtype=np.int64))
        weights.append(np.ones(1, dtype=np.int64))
    if pinned is not None and pinned.any():
        rows.append(member[pinned].astype(np.int64))
        columns.append(previous.code[pinned])
        weights.append(np.full(int(pinned.sum()), int(weights[0].sum()) + many, dtype=np.int64))
    carried = best_matching(*summed_pairs(*(np.concatenate(values) for values in (rows, columns, weights))))
    named = name_grids(problem, slot)
    used = {previous.names[c] for c in carried.values()}
    fresh = iter(_fresh_labels(named, used | set(previous.names), len(slots) - len(carried)))
    first = np.unique(member, return_index=True)[1]
    names: dict[int, str] = {i: previous.names[c] for i, c in carried.items()}
    # `name_grids` counts its own fresh labels in reading order; grids it could not match keep that order here.
    order = {name: k for k, name in enumerate(sorted(set(named.grid.names)))}
    unnamed = sorted(set(range(len(slots))) - set(names))
    for i in sorted(unnamed, key=lambda i: order[str(named.grid.at(int(first[i])))]):
        names[i] = next(fresh)
    return Plan(grid=Labels(names[i] for i in member.tolist()))


def _of_nobody(problem: Problem, member: IntArray, num: int) -> list[tuple[int, int]]:
    """Grids without households, such as markets, and the one previous grid that their units had."""
    previous = problem.units.previous.code
    empty = np.bincount(member, weights=problem.units.households, minlength=num) == 0
    codes = [(row, set(previous[member == row].tolist())) for row in np.flatnonzero(empty).tolist()]
    return [(row, code) for row, held in codes for code in held if len(held) == 1 and code >= 0]


def _fresh_labels(named: Plan, taken: set[str], num: int) -> list[str]:
    width = max(3, len(str(len(named.grid.names))))
    found: list[str] = []
    number = 0
    while len(found) < num:
        number += 1
        if (name := f"G{number:0{width}d}") not in taken:
            found.append(name)
    return found


def moved_by(problem: Problem, plan: Plan) -> int:
    """Households whose grid's label is not that of their previous grid."""
    previous = problem.units.previous
    place = {name: code for code, name in enumerate(previous.names)}
    now = np.array([place.get(name, -2) for name in plan.grid.names] + [-2], dtype=np.int64)[plan.grid.code]
    return int(problem.units.households[(previous.code >= 0) & (now != previous.code)].sum())


def staying_slots(state: Standing) -> tuple[IntArray, dict[int, int]]:
    """Every block a grid of its own, carried on by itself."""
    return state.block.copy(), {code: code for code in range(state.num_grids)}


def withdraw(wish: dict[int, int], region: Region) -> None:
    """Forget what the previous grids of `region` were to be carried on by."""
    mine = set(region.labels)
    for old in [old for old, code in wish.items() if code in mine]:
        del wish[old]


def put(slot: IntArray, wish: dict[int, int], region: Region, columns: Columns, choice: Choice) -> None:
    """Write the chosen columns of one region into `slot` and `wish`, as new slots."""
    used = int(slot.max(initial=-1)) + 1
    withdraw(wish, region)
    for position in choice.picked:
        slot[units_of(columns, region, position)] = used
        if columns.label[position] >= 0:
            wish[used] = int(columns.label[position])
        used += 1
