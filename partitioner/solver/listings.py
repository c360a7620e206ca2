"""Lists of grids."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from partitioner.model import FloatArray, IntArray
from partitioner.solver.lagrangian import Prices, Pricing


@dataclass(frozen=True, kw_only=True, eq=False)
class Listing:
    """Grids of a piece: `item[start[j]:start[j + 1]]` are the nodes of grid j, `cost[j]` its terms without `move`.

    `complete` means that nothing that could matter is missing.
    """

    complete: bool
    start: IntArray
    item: IntArray
    cost: FloatArray

    @staticmethod
    def unknown() -> Listing:
        """Nothing is known."""
        none = np.empty(0, dtype=np.int64)
        return Listing(complete=False, start=np.zeros(1, dtype=np.int64), item=none, cost=np.empty(0))

    def __len__(self) -> int:
        return len(self.cost)

    def holding_whole(self, node_set: IntArray) -> Listing:
        """Without the grids that hold some but not all nodes of `node_set`."""
        if not len(self):
            return self
        inside = np.zeros(int(max(self.item.max(), node_set.max())) + 1, dtype=np.int64)
        inside[node_set] = 1
        held = np.add.reduceat(inside[self.item], self.start[:-1])
        return self.where((held == 0) | (held == len(node_set)))

    def where(self, kept: npt.NDArray[np.bool_]) -> Listing:
        """The grids marked in `kept`."""
        sizes = np.diff(self.start)
        return Listing(
            complete=self.complete,
            start=np.concatenate([[0], np.cumsum(sizes[kept])]),
            item=self.item[np.repeat(kept, sizes)],
            cost=self.cost[kept],
        )

    def grid(self, position: int) -> IntArray:
        """Nodes of one grid, ascending."""
        return self.item[self.start[position] : self.start[position + 1]]


def reduced_costs(pricing: Pricing, listing: Listing, prices: Prices) -> FloatArray:
    """Cost of every listed grid less what the prices pay for its nodes and touches; shape (grids,)."""
    reduced = listing.cost - np.add.reduceat(prices.node[listing.item], listing.start[:-1])
    grid, group, _ = touched_groups(pricing, listing)
    return np.asarray(reduced - np.bincount(grid, weights=prices.touch[group], minlength=len(listing)))


def touched_groups(pricing: Pricing, listing: Listing) -> tuple[IntArray, IntArray, IntArray]:
    """Grids and groups that touch, each pair once and ordered, and where each entry of `listing.item` belongs.

    The third array holds the pair of each entry, -1 for nodes without a group.
    """
    grid = np.repeat(np.arange(len(listing)), np.diff(listing.start))
    group = pricing.group_of[listing.item]
    num = len(pricing.fewest_touches) + 1
    inside = group >= 0
    pairs, of_pair = np.unique(grid[inside] * num + group[inside], return_inverse=True)
    place = np.full(len(group), -1, dtype=np.int64)
    place[inside] = of_pair
    return pairs // num, pairs % num, place
