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
from partitioner.solver.kernels.case import Case
from partitioner.solver.kernels.combs import best_choices, cut_tops, list_root_sets
from partitioner.solver.kernels.listing import COMPLETE
from partitioner.solver.limits import StopSignal
from partitioner.solver.outside import misfit_of
from partitioner.solver.root_covers import best_cover

MAX_VISITS = 60_000
MAX_ITEMS = 1_000_000
"""Sets of roots looked at, and entries of their list, beyond which the comb is left to other methods."""

CHAIN_LENGTH = 2
"""Nodes per chain below which the core is hardly smaller than the piece."""

OUTSIDE_STEPS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
"""Households that one grid may leave outside the bounds, from none, until no plan can leave fewer than one found."""

WORST_SHARE = 8
"""A plan is looked for that leaves up to so many times as many households outside."""


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
    known, best = least_outside, None
    for most in sorted({least_outside, *(least_outside + step for step in OUTSIDE_STEPS)}):
        grids = _best_plan(comb, most, signal)
        if grids is None:
            break
        outside = sum(int(misfit_of(case.households[grid].sum(), case)) for grid in grids)
        if grids and outside <= most:
            return Combed(grids=grids, outside=outside, least_outside=outside, best=True)
        known = most + 1
        if grids and (best is None or outside < best.outside):
            best = Combed(grids=grids, outside=outside, least_outside=known, best=False)
        if best is not None and best.outside <= known:
            break
    if best is not None:
        return replace(best, least_outside=known)
    return Combed(grids=(), outside=0, least_outside=known, best=False) if known > least_outside else None


def _best_plan(comb: Comb, most: int, signal: StopSignal) -> tuple[IntArray, ...] | None:
    """A best plan where no grid, with what is above it, leaves more than `most` outside.

    Empty if there is none, None if that is open.
    """
    case = comb.case
    fine = _fine(case)
    choices = _choices(comb, most, fine)
    outcome, at, item, cost = list_root_sets(
        case, comb.core_start, comb.core_neighbour, choices.start, choices.size, choices.over, choices.value,
        choices.first, choices.centre_start, comb.group_start, comb.group_item,
        int(case.group_item.max(initial=-1)) + 1, most, fine, MAX_VISITS, MAX_ITEMS, signal.flag,
    )  # fmt: skip
    if outcome != COMPLETE:
        return None
    limit = fine * (1 + min(most * len(comb), WORST_SHARE * (most + 1)))
    chosen = best_cover(comb.core, at, item, cost, limit, signal)
    if chosen is None:
        return None
    return tuple(grid for j in chosen for grid in _grids(comb, choices, item[at[j] : at[j + 1]], most, fine))


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
