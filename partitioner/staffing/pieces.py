"""Independent pieces of one role: people and targets that allowed pairs connect, as whole numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from partitioner.model import IntArray
from partitioner.staffing.loads import fair_share, in_units, load_of
from partitioner.staffing.pairs import Pairs, among
from partitioner.staffing.roles import MAX_SHARERS, Role
from partitioner.staffing.roster import Roster

BoolArray = npt.NDArray[np.bool_]

NO_LIMIT = 1 << 60
"""More than any load, and far from overflow."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Piece:
    """One independent question. Loads, capacities and shares are multiplied by `scale`, so that all are whole.

    Parameters
    ----------
    pair_person, pair_target : int arrays, shape (pairs,)
        Allowed pairs, ascending by person, then target.
    pair_load, metres : int arrays, shape (pairs,)
        What the pair adds to the load of the person (before it is split), and its way.
    previous, must : bool arrays, shape (pairs,)
    min_posts, max_posts, capacity, fair, limit : int arrays, shape (people,)
        `limit` is the highest load that is allowed.
    min_people, max_people : int arrays, shape (targets,)
    lost : int
        Previous pairs that are not allowed any more.
    split : bool
        The load of a target is shared by those posted to it.
    neighbours : tuple of int arrays or None
        Per target the targets beside it; None where the targets of a person need not hang together.
    names : positions of the people and of the targets in the role.
    """

    pair_person: IntArray
    pair_target: IntArray
    pair_load: IntArray
    metres: IntArray
    previous: BoolArray
    must: BoolArray
    min_posts: IntArray
    max_posts: IntArray
    capacity: IntArray
    fair: IntArray
    limit: IntArray
    min_people: IntArray
    max_people: IntArray
    lost: int = 0
    scale: int = 1
    split: bool = False
    neighbours: tuple[IntArray, ...] | None = None
    people_at: IntArray
    targets_at: IntArray

    @property
    def num_people(self) -> int:
        return len(self.capacity)

    @property
    def num_targets(self) -> int:
        return len(self.min_people)

    @property
    def num_pairs(self) -> int:
        return len(self.pair_person)


def pieces_of(roster: Roster, role: Role, pairs: Pairs) -> Iterator[Piece]:
    """The pieces of a role, by their first person; then targets that nobody may take."""
    num_people, num_targets = len(pairs.people), len(pairs.targets)
    links = coo_array(
        (np.ones(len(pairs.person), dtype=np.int8), (pairs.person, pairs.target + num_people)),
        shape=(num_people + num_targets,) * 2,
    )
    num, label = connected_components(links, directed=False)
    of_people, of_targets, of_pairs = label[:num_people], label[num_people:], label[pairs.person]
    numbers = _Numbers(roster, role, pairs)
    rank = np.arange(num)
    groups = [_grouped(one, num) for one in (of_people, of_targets, of_pairs)]
    for k in rank.tolist():
        yield numbers.piece(*(one[k] for one in groups))


def _grouped(label: IntArray, num: int) -> list[IntArray]:
    order = np.argsort(label, kind="stable").astype(np.int64)
    return np.split(order, np.searchsorted(label[order], np.arange(1, num)))


class _Numbers:
    """Arrays over a whole role, from which pieces are cut."""

    def __init__(self, roster: Roster, role: Role, pairs: Pairs) -> None:
        self.role, self.pairs = role, pairs
        self.split = role.sharing == "split"
        self.load = np.array([load_of(role, target) for target in pairs.targets], dtype=np.int64)
        self.capacity = np.array([in_units(roster.capacity(one)) for one in pairs.people], dtype=np.int64)
        no_people = MAX_SHARERS if self.split else len(pairs.people)
        posts = [roster.posts_range(one) for one in pairs.people]
        people = [roster.people_range(role, one) for one in pairs.targets]
        self.min_posts, self.max_posts = _ranges(posts, len(pairs.targets))
        self.min_people, self.max_people = _ranges(people, no_people)
        name = {target.id: j for j, target in enumerate(pairs.targets)}
        before = [(i, name[t]) for i, one in enumerate(pairs.people) for t in sorted(set(one.previous)) if t in name]
        self.before = np.array([i * max(len(name), 1) + j for i, j in before], dtype=np.int64)
        code = pairs.person * max(len(name), 1) + pairs.target
        self.previous = among(code, self.before)
        self.lost = np.bincount(
            np.array([i for i, _ in before], dtype=np.int64), minlength=len(pairs.people)
        ) - np.bincount(pairs.person[self.previous], minlength=len(pairs.people))
        self.neighbours: list[list[int]] | None = None
        if role.contiguous:
            self.neighbours = [[] for _ in pairs.targets]
            for a, b in roster.neighbours:
                if a in name and b in name and a != b:
                    self.neighbours[name[a]].append(name[b])
                    self.neighbours[name[b]].append(name[a])

    def piece(self, people: IntArray, targets: IntArray, chosen: IntArray) -> Piece:
        pairs = self.pairs
        person = np.searchsorted(people, pairs.person[chosen])
        target = np.searchsorted(targets, pairs.target[chosen])
        degree = np.bincount(target, minlength=len(targets))
        max_people = np.minimum(self.max_people[targets], degree)
        scale = lcm(*range(1, int(max_people.max(initial=1)) + 1)) if self.split else 1
        load, capacity = self.load[targets] * scale, self.capacity[people] * scale
        borne = int((load * (1 if self.split else self.min_people[targets])).sum()) // scale
        all_capacity = int(self.capacity[people].sum())
        fair = [fair_share(c, borne, all_capacity) * scale for c in self.capacity[people].tolist()]
        must = pairs.must[chosen]
        locked = np.bincount(person[must], weights=load[target[must]], minlength=len(people)).astype(np.int64)
        limit = np.full(len(people), NO_LIMIT, dtype=np.int64)
        if self.role.max_ratio is not None:
            most = Fraction(str(self.role.max_ratio))
            limit = np.maximum([c * most.numerator // most.denominator for c in capacity.tolist()], locked)
        return Piece(
            pair_person=person,
            pair_target=target,
            pair_load=load[target],
            metres=pairs.metres[chosen],
            previous=self.previous[chosen],
            must=must,
            min_posts=self.min_posts[people],
            max_posts=np.minimum(self.max_posts[people], np.bincount(person, minlength=len(people))),
            capacity=capacity,
            fair=np.array(fair, dtype=np.int64),
            limit=limit,
            min_people=self.min_people[targets],
            max_people=max_people,
            lost=int(self.lost[people].sum()),
            scale=scale,
            split=self.split,
            neighbours=self._beside(targets),
            people_at=people,
            targets_at=targets,
        )

    def _beside(self, targets: IntArray) -> tuple[IntArray, ...] | None:
        if self.neighbours is None:
            return None
        position = {int(j): k for k, j in enumerate(targets)}
        found = ([position[j] for j in self.neighbours[t] if j in position] for t in targets.tolist())
        return tuple(np.array(sorted(set(one)), dtype=np.int64) for one in found)


def _ranges(ranges: list[tuple[int, int | None]], no_limit: int) -> tuple[IntArray, IntArray]:
    low = np.array([a for a, _ in ranges], dtype=np.int64)
    high = np.array([no_limit if b is None else b for _, b in ranges], dtype=np.int64)
    return low, high
