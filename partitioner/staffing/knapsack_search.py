"""Generalised assignment: a few people share their posts out anew, then the whole, from the bound upwards.

Windows are solved to the end, or until they have cost enough, and become larger where small ones gain nothing. Then
values from the bound on are ruled out one by one, until the best is reached (Posta, Ferland & Michelon 2012,
doi:10.1007/s10589-011-9432-0).
"""

from __future__ import annotations

import numpy as np

from partitioner.model import IntArray
from partitioner.solver.kernels.knapsacks import search_below
from partitioner.staffing.effort import Share
from partitioner.staffing.knapsacks import EFFORT_PER_CELL, UNIT, Bounded, Knapsacks

FEWEST_PEOPLE = 2
"""In the first windows."""

WINDOW_EFFORT = 0.1
"""Deterministic time of a search in a window."""

ROUNDS = 10
"""Steps of the bound per node."""

QUIET = 10
"""Windows per person without any gain, after which they become larger."""

SHARE_OF_WINDOWS = 0.6
"""Part of the work that windows may take."""

LEAST_EFFORT = 1e-3
"""Less deterministic time than this is not worth a call."""


class KnapsackSearch:
    """`person` holds each target in the best assignment so far, `least` bounds what it is worth."""

    def __init__(self, tables: Knapsacks, bounded: Bounded, person: IntArray, seed: int) -> None:
        self.tables, self.bounded, self.person = tables, bounded, person.copy()
        self.value, self.least = tables.worth(person), bounded.least
        self._rng = np.random.default_rng(seed)

    def run(self, share: Share) -> None:
        """Windows, then the whole."""
        self._windows(share.part(SHARE_OF_WINDOWS))
        while self.least < self.value and not _over(share):
            everybody, everything = np.arange(len(self.tables.room)), np.arange(len(self.person))
            found, complete = self._below(everybody, everything, self.least, share.effort(), share)
            if found is not None:
                self._take(everybody, everything, found)
            if not complete:
                return
            self.least = min(self.least + 1, self.value)

    def _windows(self, share: Share) -> None:
        num = len(self.tables.room)
        size, quiet, cut_short = min(FEWEST_PEOPLE, num), 0, 0
        while self.least < self.value and not _over(share):
            people = np.sort(self._rng.choice(num, size, replace=False))
            before = self.value
            cut_short += not self._recut(people, bool(quiet % 2), share)
            quiet = 0 if self.value < before else quiet + 1
            if quiet < QUIET * num:
                continue
            if size == num or cut_short > quiet // 4:
                return
            size, quiet, cut_short = size + 1, 0, 0

    def _recut(self, people: IntArray, sideways: bool, share: Share) -> bool:
        """Something better for these people, or as good but different; whether nothing was left out."""
        targets = np.flatnonzero(np.isin(self.person, people))
        if not len(targets):
            return True
        own = self.tables.cost[self.person[targets], targets].sum() // UNIT
        most = self.tables.constant + int(own) - (0 if sideways else 1)
        found, complete = self._below(people, targets, most, WINDOW_EFFORT, share)
        if found is not None:
            self._take(people, targets, found)
        return complete

    def _below(
        self, people: IntArray, targets: IntArray, most: int, effort: float, share: Share
    ) -> tuple[IntArray | None, bool]:
        tables = self.tables
        at = np.ix_(people, targets)
        noise = 1.0 + self._rng.random((len(people), len(targets)))
        seconds = share.seconds()
        effort = min(effort, share.effort(), effort if seconds is None else seconds)
        found, complete, cells = search_below(
            tables.load[at],
            tables.cost[at],
            tables.room[people],
            self.bounded.useful(tables, self.value + 1)[at],
            self.bounded.price[targets],
            tables.most(most),
            UNIT,
            round(effort / EFFORT_PER_CELL),
            ROUNDS,
            noise,
            share.flag,
        )
        share.used(EFFORT_PER_CELL * int(cells))
        return (None if found[0] < 0 else found), bool(complete)

    def _take(self, people: IntArray, targets: IntArray, found: IntArray) -> None:
        self.person[targets] = people[found]
        self.value = self.tables.worth(self.person)


def _over(share: Share) -> bool:
    return share.over() or share.effort() <= LEAST_EFFORT
