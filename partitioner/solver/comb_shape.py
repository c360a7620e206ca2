"""Pieces that are combs: chains of nodes hanging off a small core, as floors of stairwells hang off the ground floor.

Only the root of a chain has neighbours in other chains. So a grid is either an interval of one chain above its root,
or lies on a connected set of roots and holds the lowest nodes of each of their chains.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from partitioner.model import IntArray
from partitioner.solver.kernels.case import Case


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
