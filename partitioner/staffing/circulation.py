"""Circulations of least cost, stage after stage: each stage leaves only the arcs and amounts that all its optima share.

A minimum-cost circulation with potentials π is optimal, and every other optimum differs from it only on arcs whose
reduced cost is 0 (complementary slackness: Ahuja, Magnanti & Orlin 1993, chapter 9). So after each stage arcs of
positive reduced cost are shut and arcs of negative reduced cost are held at capacity: what is left are exactly the
optima of all stages so far, again as circulations.
"""

from __future__ import annotations

import numpy as np

from partitioner.model import IntArray
from partitioner.staffing.flow_solving import Infeasible, Over, Stopped, solved


class Circulation:
    """Arcs with lower and upper bounds; all numbers whole.

    Parameters
    ----------
    tail, head, low, high : int arrays, shape (arcs,)
    over : function
        Whether to stop; what is under way then ends with `Stopped`, and `flow` and the bounds stay as they were.
    """

    def __init__(
        self, num_nodes: int, tail: IntArray, head: IntArray, low: IntArray, high: IntArray, over: Over
    ) -> None:
        self.num_nodes, self.over = num_nodes, over
        self.tail, self.head = tail, head
        self.low, self.high = low.copy(), high.copy()
        self.flow = low.copy()

    def minimise(self, cost: IntArray) -> int:
        """The least cost; `flow` becomes an optimum, and the bounds of the arcs leave only optima.

        Raises
        ------
        Infeasible, Stopped
        """
        factor = max(int(np.gcd.reduce(cost)), 1)  # loads that are split come multiplied
        cost = cost // factor
        flow = self._solve(self.low, self.high, cost)
        price = self._potentials(cost, flow)
        self.flow = flow
        reduced = cost + price[self.tail] - price[self.head]
        self.high = np.where(reduced > 0, self.flow, self.high)
        self.low = np.where(reduced < 0, self.flow, self.low)
        return factor * int(cost @ self.flow)

    def allows(self, low: IntArray, high: IntArray) -> bool:
        """Whether there is a circulation within these bounds as well; `flow` becomes one if so."""
        low, high = np.maximum(low, self.low), np.minimum(high, self.high)
        if np.any(low > high):
            return False
        try:
            self.flow = self._solve(low, high, np.zeros_like(low))
        except Infeasible:
            return False
        return True

    def restrict(self, low: IntArray, high: IntArray) -> None:
        """Keep to these bounds from now on."""
        self.low, self.high = np.maximum(low, self.low), np.minimum(high, self.high)

    def _solve(self, low: IntArray, high: IntArray, cost: IntArray) -> IntArray:
        """An optimum, by cost scaling (Goldberg 1997), over the arcs that are free."""
        free = np.flatnonzero(high > low)
        supply = np.zeros(self.num_nodes, dtype=np.int64)
        np.add.at(supply, self.head, low)
        np.subtract.at(supply, self.tail, low)
        flow = low.copy()
        if not len(free):
            if np.any(supply):
                raise Infeasible
            return flow
        arcs = (self.tail[free], self.head[free], (high - low)[free], cost[free])
        flow[free] += solved(arcs, supply, self.over)
        return flow

    def _potentials(self, cost: IntArray, flow: IntArray) -> IntArray:
        """Prices of the nodes that prove the flow optimal: residual shortest distances (Bellman–Ford)."""
        forth = np.flatnonzero(flow < self.high)
        back = np.flatnonzero(flow > self.low)
        tail = np.concatenate([self.tail[forth], self.head[back]])
        head = np.concatenate([self.head[forth], self.tail[back]])
        length = np.concatenate([cost[forth], -cost[back]])
        order = np.argsort(head, kind="stable")
        tail, head, length = tail[order], head[order], length[order]
        price = np.zeros(self.num_nodes, dtype=np.int64)
        if not len(head):
            return price
        first = np.flatnonzero(np.diff(head, prepend=-1))
        ends = head[first]
        while True:
            if self.over():
                raise Stopped
            nearer = np.minimum(np.minimum.reduceat(price[tail] + length, first), price[ends])
            if np.array_equal(nearer, price[ends]):
                return price
            price[ends] = nearer
