"""Pieces that are combs: chains of nodes hanging off a small core, as floors of stairwells hang off the ground floor.

Only the root of a chain has neighbours in other chains. So a grid is either an interval of one chain above its root,
or lies on a connected set of roots and holds the lowest nodes of each of their chains. What lies above such a grid is
cut best by dynamic programming along each chain, how much of each chain the grid takes is a knapsack over households,
and one cost per connected set of roots is left: a best exact cover of the roots by such sets is a best plan.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from partitioner.model import FloatArray, IntArray
from partitioner.solver.exact import ROUNDING
from partitioner.solver.kernels.case import Case
from partitioner.solver.kernels.combs import best_choices, cut_tops, list_root_sets
from partitioner.solver.kernels.listing import COMPLETE, TOO_MANY_GRIDS
from partitioner.solver.limits import StopSignal
from partitioner.solver.outside import misfit_of
from partitioner.solver.root_covers import best_cover, relaxed

MAX_VISITS = 60_000
FEW_VISITS = 12_000
MAX_ROUNDS = 12
MAX_ITEMS = 1_000_000
FEW_ITEMS = 100_000
MAX_COLUMNS = 30_000
"""Sets of roots looked at before the comb is left to other methods, and before prices are asked which of them matter;
linear programmes for that; entries of a list, of one with prices, and sets in a linear programme."""

SMALLEST = 1e-8
"""What a set must gain at the prices to be worth having, in usual costs of a set."""

CHAIN_LENGTH = 2
"""Nodes per chain below which the core is hardly smaller than the piece."""

MOST_OUTSIDE = 16
"""Households that one grid may leave outside the bounds, at most."""

WORST_SHARE = 8
"""A plan is looked for that leaves up to so many times as many households outside."""

Sets = tuple[int, IntArray, IntArray, FloatArray]
"""Outcome of a listing, CSR lists of the roots of each set, and their costs."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Comb:
    """Chains of a piece.

    Parameters
    ----------
    case : Case
    start, node : int arrays
        CSR lists of the nodes of each chain, its root first.
    core_start, core_neighbour : int arrays
        CSR graph of the chains that are joined by their roots.
    group_start, group_item : int arrays
        CSR lists of the groups of each root.
    more_groups : int array, shape (n,)
        At each place of `node`: groups from the root up to here that the root is not of.
    """

    case: Case
    start: IntArray
    node: IntArray
    core_start: IntArray
    core_neighbour: IntArray
    group_start: IntArray
    group_item: IntArray
    more_groups: IntArray

    def __len__(self) -> int:
        return len(self.start) - 1

    @property
    def core(self) -> Case:
        """The graph of the roots, one household each."""
        num = len(self)
        return self.case._replace(
            households=np.ones(num, dtype=np.int64),
            start=self.core_start,
            neighbour=self.core_neighbour,
            length=np.ones(len(self.core_neighbour)),
        )


def comb_of(case: Case) -> Comb | None:
    """The chains of a piece; None where rules tie chains together otherwise than by connections of their roots."""
    if len(case.apart_item) or case.far.any() or (case.move > 0 and len(case.previous_item)):
        return None
    chains = chains_of(case)
    start = np.cumsum([0, *map(len, chains)]).astype(np.int64)
    node = np.array([each for chain in chains for each in chain], dtype=np.int64)
    more_groups = _more_groups(case, chains)
    if more_groups is None:
        return None
    chain_of = np.empty(len(node), dtype=np.int64)
    chain_of[node] = np.repeat(np.arange(len(chains)), np.diff(start))
    core = [sorted({int(chain_of[other]) for other in _around(case, chain[0])} - {i}) for i, chain in enumerate(chains)]
    groups = [_groups(case, chain[0]) for chain in chains]
    core_start, core_neighbour = _lists(core)
    group_start, group_item = _lists(groups)
    return Comb(
        case=case, start=start, node=node, core_start=core_start, core_neighbour=core_neighbour,
        group_start=group_start, group_item=group_item, more_groups=more_groups,
    )  # fmt: skip


def chains_of(case: Case) -> list[list[int]]:
    """Every node in one chain, root first: pendant paths with the node that they hang on, others alone.

    Of several paths that hang on one node, the longest continues it, first of all one of the node's own group.
    """
    degree = np.diff(case.start).tolist()
    hanging: dict[int, list[list[int]]] = {}
    chains, taken = [], set[int]()
    for leaf in np.flatnonzero(np.diff(case.start) == 1).tolist():
        if leaf in taken:
            continue
        path, after = [leaf], _around(case, leaf)[0]
        while degree[after] == 2:
            path.append(after)
            after = next(other for other in _around(case, after) if other != path[-2])
        if degree[after] == 1:
            path.append(after)
            chains.append(path)
        else:
            hanging.setdefault(after, []).append(path[::-1])
        taken.update(path)
    for node, paths in hanging.items():
        own = _groups(case, node)
        paths.sort(key=lambda path: (_groups(case, path[0]) != own, -len(path), path[0]))
        chains += [[node, *paths[0]], *paths[1:]]
        taken.add(node)
    chains += [[node] for node in range(len(degree)) if node not in taken]
    return sorted(chains, key=lambda chain: chain[0])


def _around(case: Case, node: int) -> list[int]:
    return list(case.neighbour[case.start[node] : case.start[node + 1]].tolist())


def _groups(case: Case, node: int) -> list[int]:
    return list(case.group_item[case.group_start[node] : case.group_start[node + 1]].tolist())


def _lists(lists: list[list[int]]) -> tuple[IntArray, IntArray]:
    start = np.cumsum([0, *map(len, lists)]).astype(np.int64)
    return start, np.array([item for each in lists for item in each], dtype=np.int64)


def _more_groups(case: Case, chains: list[list[int]]) -> IntArray | None:
    """See `Comb.more_groups`; None where two chains share a group that one of their roots is not of."""
    chains_with: dict[int, int] = {}
    upper: set[int] = set()
    counts = []
    for chain in chains:
        known = set(_groups(case, chain[0]))
        more = set[int]()
        for node in chain:
            more.update(set(_groups(case, node)) - known)
            counts.append(len(more))
        upper |= more
        for group in known | more:
            chains_with[group] = chains_with.get(group, 0) + 1
    return None if any(chains_with[group] > 1 for group in upper) else np.array(counts, dtype=np.int64)


@dataclass(frozen=True, kw_only=True, eq=False)
class Combed:
    """What was found out about a comb.

    Parameters
    ----------
    grids : tuple of int arrays
        A plan; empty if none is known.
    outside : int
        Households outside the bounds in it.
    least_outside : int
        Households outside the bounds in any plan, at least.
    best : bool
        Whether the plan is proved to cost least among those with so few outside.
    """

    grids: tuple[IntArray, ...]
    outside: int
    least_outside: int
    best: bool


def settle_comb(case: Case, signal: StopSignal, least_outside: int = 0) -> Combed | None:
    """The best plan of a comb, or the one that breaks least; None where the piece is no comb or nothing was found.

    The number of grids is free.

    Parameters
    ----------
    least_outside : int
        No plan leaves fewer households outside the bounds: known beforehand.
    """
    comb = comb_of(case)
    if comb is None or CHAIN_LENGTH * len(comb) > len(comb.node):
        return None
    known, best, most = least_outside, None, least_outside
    columns: Sets | None = None
    while most <= MOST_OUTSIDE:
        tried = _best_plan(comb, most, columns, signal)
        if tried is None:
            break
        columns = tried.sets
        outside = sum(int(misfit_of(case.households[grid].sum(), case)) for grid in tried.grids)
        if tried.grids and outside <= most and tried.best:
            return Combed(grids=tried.grids, outside=outside, least_outside=outside, best=True)
        known = max(known, min(most + 1, tried.least_outside))
        if tried.grids and (best is None or outside < best.outside):
            best = Combed(grids=tried.grids, outside=outside, least_outside=known, best=False)
        if best is not None and best.outside <= max(known, most):
            break
        most = 2 * most + 1 if best is None else min(best.outside, 2 * most + 1)
    if best is not None:
        return replace(best, least_outside=known)
    return Combed(grids=(), outside=0, least_outside=known, best=False) if known > least_outside else None


@dataclass(frozen=True, kw_only=True, eq=False)
class _Tried:
    """A plan where no grid, with what is above it, leaves more than so many outside; empty if there is none.

    `best` says that it is the best of these, `least_outside` that none of these leaves fewer.
    """

    grids: tuple[IntArray, ...]
    least_outside: int
    best: bool
    sets: Sets


def _best_plan(comb: Comb, most: int, known: Sets | None, signal: StopSignal) -> _Tried | None:
    """None where too many grids are possible."""
    fine = _fine(comb.case)
    limit = fine * (1 + min(most * len(comb), WORST_SHARE * (most + 1)))
    choices = _choices(comb, most, fine)
    num = len(comb)

    def listed(price: FloatArray, slack: float, visits: int, items: int) -> tuple[int, IntArray, IntArray, FloatArray]:
        outcome, at, item, cost = list_root_sets(
            comb.case, comb.core_start, comb.core_neighbour, choices.start, choices.size, choices.over, choices.value,
            choices.first, choices.centre_start, comb.group_start, comb.group_item,
            int(comb.case.group_item.max(initial=-1)) + 1, most, fine, price, slack, visits, items, signal.flag,
        )  # fmt: skip
        return outcome, at, item, cost

    def plan(sets: Sets, chosen: list[int]) -> tuple[IntArray, ...]:
        _, at, item, _ = sets
        return tuple(grid for j in chosen for grid in _grids(comb, choices, item[at[j] : at[j + 1]], most, fine))

    sets = listed(np.zeros(num), np.inf, MAX_VISITS if known is None else FEW_VISITS, MAX_ITEMS)
    if sets[0] == COMPLETE:
        chosen = best_cover(comb.core, sets[1], sets[2], sets[3], limit, signal)
        return (
            None if chosen is None else _Tried(grids=plan(sets, chosen), least_outside=most + 1, best=True, sets=sets)
        )
    if known is None or signal():
        return None
    sets = known  # some of these; their costs are the same
    for _ in range(MAX_ROUNDS):
        if signal() or len(sets[3]) > MAX_COLUMNS:
            return None
        price, _, scale = relaxed(num, sets[1], sets[2], sets[3], limit)
        more = listed(price, -SMALLEST * scale, MAX_VISITS, FEW_ITEMS)
        if more[0] not in (COMPLETE, TOO_MANY_GRIDS):
            return None
        if not len(more[3]):
            break
        sets = _joined(sets, more)
    else:
        return None
    bound = float(price.sum()) - num * SMALLEST * scale
    least = int(np.ceil(bound / fine - 0.5))
    if bound >= limit:
        return _Tried(grids=(), least_outside=most + 1, best=True, sets=sets)
    chosen = best_cover(comb.core, sets[1], sets[2], sets[3], limit, signal)
    if chosen is None:
        return None
    total = float(sets[3][chosen].sum()) if chosen else limit
    if total - bound > ROUNDING * total:
        worthy = listed(price, total - bound + ROUNDING * total, MAX_VISITS, MAX_ITEMS)
        better = None
        if worthy[0] == COMPLETE:
            better = best_cover(comb.core, worthy[1], worthy[2], worthy[3], limit, signal)
        if better is None or (chosen and not better):
            return _Tried(grids=plan(sets, chosen), least_outside=least, best=False, sets=sets)
        sets, chosen = worthy, better
    return _Tried(grids=plan(sets, chosen), least_outside=least if chosen else most + 1, best=True, sets=sets)


def _joined(sets: Sets, more: Sets) -> Sets:
    return (
        sets[0],
        np.concatenate([sets[1], sets[1][-1] + more[1][1:]]),
        np.concatenate([sets[2], more[2]]),
        np.concatenate([sets[3], more[3]]),
    )


def _fine(case: Case) -> float:
    """More than any plan costs, for one household outside the bounds."""
    households = float(case.households.sum())
    balance = case.balance * (households + len(case.households) * case.target)
    return 1.0 + 2.0 * (float(case.walk.max(axis=0).sum()) + case.split * len(case.group_item) + balance)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Choices:
    """How much of each chain a grid may take; arrays as for `list_root_sets`, and `cut_tops` for `end`.

    `place` is the last place of `Comb.node` that a choice takes.
    """

    start: IntArray
    size: IntArray
    over: IntArray
    place: IntArray
    value: FloatArray
    first: IntArray
    centre_start: IntArray
    end: IntArray


def _choices(comb: Comb, most: int, fine: float) -> _Choices:
    case, node = comb.case, comb.node
    top, outside, end = cut_tops(case, comb.start, node, most, fine)
    chain = np.repeat(np.arange(len(comb)), np.diff(comb.start))
    load = np.cumsum(case.households[node])
    size = load - (load - case.households[node])[comb.start[chain]]
    place = np.flatnonzero(np.isfinite(top) & (size <= case.high + most))
    last = np.searchsorted(place, comb.start[1:])
    first = np.searchsorted(place, np.arange(len(node)))
    held = np.flatnonzero(first < last[chain])  # other places are in no grid with the root of their chain
    place_of_centre = np.repeat(held, np.diff(case.unit_start)[node[held]])
    units = [case.unit_item[case.unit_start[i] : case.unit_start[i + 1]] for i in node[held].tolist()]
    walk = case.walk[np.concatenate([np.zeros(0, dtype=np.int64), *units])][:, node]
    total = np.cumsum(walk, axis=1)
    value = total[:, place] - (total - walk)[:, comb.start[chain[place]]]
    value += (top + case.split * comb.more_groups)[place]
    return _Choices(
        start=np.concatenate([[0], last]).astype(np.int64),
        size=size[place],
        over=outside[place],
        place=place,
        value=np.ascontiguousarray(value),
        first=first[place_of_centre].astype(np.int64),
        centre_start=np.searchsorted(place_of_centre, comb.start).astype(np.int64),
        end=end,
    )


def _grids(comb: Comb, choices: _Choices, roots: IntArray, most: int, fine: float) -> list[IntArray]:
    """The cheapest grid on these roots, and those above it."""
    taken = best_choices(
        comb.case, np.ascontiguousarray(roots), choices.start, choices.size, choices.value, choices.first,
        choices.centre_start, most, fine,
    )  # fmt: skip
    base, grids = [], []
    for root, place in zip(roots.tolist(), choices.place[taken].tolist(), strict=True):
        base.append(comb.node[comb.start[root] : place + 1])
        while place + 1 < comb.start[root + 1]:
            after = int(choices.end[place]) - 1
            grids.append(np.sort(comb.node[place + 1 : after + 1]))
            place = after
    return [np.sort(np.concatenate(base)), *grids]
