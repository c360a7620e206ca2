"""Three usual ways to post people, each lawful in counts: greedy nearest, round robin, and scipy's assignment."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import linear_sum_assignment

from partitioner.staffing import Pair, Role, Roster
from partitioner.staffing.pairs import Pairs, allowed_pairs

Rival = Callable[[Roster, Role], list[Pair]]

TOO_FAR = 1e12


class _Counts:
    """Who still has room, and what still lacks people."""

    def __init__(self, roster: Roster, role: Role, pairs: Pairs) -> None:
        self.room = [roster.posts_range(one)[1] for one in pairs.people]
        self.lacks = [roster.people_range(role, one)[0] for one in pairs.targets]
        self.held: set[tuple[int, int]] = set()
        for i, j in zip(pairs.person[pairs.must].tolist(), pairs.target[pairs.must].tolist(), strict=True):
            self.post(i, j)

    def free(self, i: int) -> bool:
        room = self.room[i]
        return room is None or room > 0

    def post(self, i: int, j: int) -> None:
        self.held.add((i, j))
        self.lacks[j] -= 1
        room = self.room[i]
        self.room[i] = None if room is None else room - 1


def _named(pairs: Pairs, held: set[tuple[int, int]]) -> list[Pair]:
    return [(pairs.people[i].number, pairs.targets[j].id) for i, j in sorted(held)]


def _by_target(pairs: Pairs) -> list[list[tuple[int, int]]]:
    """Per target: metres and position of everybody who may serve it."""
    found: list[list[tuple[int, int]]] = [[] for _ in pairs.targets]
    for i, j, metres in zip(pairs.person.tolist(), pairs.target.tolist(), pairs.metres.tolist(), strict=True):
        found[j].append((metres, i))
    return found


def greedy_nearest(roster: Roster, role: Role) -> list[Pair]:
    """Target by target: the nearest who has room; then everybody idle to the nearest that takes more."""
    pairs = allowed_pairs(roster, role)
    counts = _Counts(roster, role, pairs)
    for j, who in enumerate(_by_target(pairs)):
        for _, i in sorted(who):
            if counts.lacks[j] > 0 and counts.free(i) and (i, j) not in counts.held:
                counts.post(i, j)
    _employ(roster, role, pairs, counts)
    return _named(pairs, counts.held)


def round_robin(roster: Roster, role: Role) -> list[Pair]:
    """Targets in order, people in turn."""
    pairs = allowed_pairs(roster, role)
    counts = _Counts(roster, role, pairs)
    turn = 0
    for j, who in enumerate(_by_target(pairs)):
        others = sorted(i for _, i in who)
        others = [i for i in others if i >= turn] + [i for i in others if i < turn]
        for i in others:
            if counts.lacks[j] > 0 and counts.free(i) and (i, j) not in counts.held:
                counts.post(i, j)
                turn = i + 1
    _employ(roster, role, pairs, counts)
    return _named(pairs, counts.held)


def plain_assignment(roster: Roster, role: Role) -> list[Pair]:
    """Least metres with a copy of every person per post and of every target per person wanted."""
    pairs = allowed_pairs(roster, role)
    counts = _Counts(roster, role, pairs)
    rows = [i for i, room in enumerate(counts.room) for _ in range(2 if room is None else max(room, 0))]
    columns = [j for j, lacks in enumerate(counts.lacks) for _ in range(max(lacks, 0))]
    cost = np.full((len(pairs.people), len(pairs.targets)), TOO_FAR)
    free = [(i, j) not in counts.held for i, j in zip(pairs.person.tolist(), pairs.target.tolist(), strict=True)]
    cost[pairs.person[free], pairs.target[free]] = pairs.metres[free]
    copies = cost[np.ix_(rows, columns)] if rows and columns else np.zeros((0, 0))
    for a, b in zip(*linear_sum_assignment(copies), strict=True):
        pair = (rows[a], columns[b])
        if copies[a, b] < TOO_FAR and pair not in counts.held:
            counts.post(*pair)
    _employ(roster, role, pairs, counts)
    return _named(pairs, counts.held)


def _employ(roster: Roster, role: Role, pairs: Pairs, counts: _Counts) -> None:
    """Give people their fewest posts where targets take more people."""
    most = [roster.people_range(role, one)[1] for one in pairs.targets]
    people = [0] * len(pairs.targets)
    posts = [0] * len(pairs.people)
    for i, j in counts.held:
        people[j] += 1
        posts[i] += 1
    order = np.lexsort((pairs.metres, pairs.person)).tolist()
    for i, j in zip(pairs.person[order].tolist(), pairs.target[order].tolist(), strict=True):
        limit = most[j]
        if (
            posts[i] < roster.posts_range(pairs.people[i])[0]
            and (limit is None or people[j] < limit)
            and counts.free(i)
            and (i, j) not in counts.held
        ):
            counts.post(i, j)
            people[j] += 1
            posts[i] += 1


RIVALS: dict[str, Rival] = {
    "greedy nearest": greedy_nearest,
    "round robin": round_robin,
    "scipy": plain_assignment,
}
