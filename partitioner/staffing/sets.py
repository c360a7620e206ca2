"""All sets of posts that one person may hold, where they can be listed: the columns of a covering problem."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from partitioner.model import FloatArray, IntArray
from partitioner.staffing.areas import Areas
from partitioner.staffing.goal import Stage
from partitioner.staffing.pieces import BoolArray, Piece

MAX_POSTS = 4
"""People who may have more posts have too many sets."""

MAX_SETS, MAX_ENTRIES = 40_000, 4_000_000
"""Sets in all, and people times sets."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Sets:
    """Sets of targets, and what each would be to each person.

    Parameters
    ----------
    member : int array, shape (sets, most posts)
        Targets, ascending; filled up with the number of targets.
    size : int array, shape (sets,)
    load : int array, shape (people, sets), or (1, sets) where a target weighs the same for everybody
    allowed : bool array, shape (people, sets)
    pair : int array, shape (people, targets + 1)
        Position of the pair; -1 where it is not allowed.
    """

    piece: Piece
    member: IntArray
    size: IntArray
    load: IntArray
    allowed: BoolArray
    pair: IntArray
    _costs: dict[Stage, FloatArray] = field(default_factory=dict)

    @classmethod
    def of(cls, piece: Piece, limits: IntArray, areas: Areas | None) -> Sets | None:
        """Every set that somebody may hold within `limits`; None where there are too many, or loads are split.

        Nobody holds fewer than the fewest posts: for pieces whose posts can all be filled.
        """
        most = int(piece.max_posts.max(initial=0))
        if not listable(piece):
            return None
        if areas is not None and any(len(one) > 1 for one in areas.locked):
            return None  # what is locked counts as neighbouring for one person and not for others
        pair = np.full((piece.num_people, piece.num_targets + 1), -1, dtype=np.int64)
        pair[piece.pair_person, piece.pair_target] = np.arange(piece.num_pairs)
        room = min(MAX_SETS, MAX_ENTRIES // piece.num_people)
        lightest = np.full(piece.num_targets, np.iinfo(np.int64).max // 8)
        np.minimum.at(lightest, piece.pair_target, piece.pair_load)
        member = _listed(piece, lightest, most, int(limits.max()), areas, room)
        if member is None:
            return None
        size = np.count_nonzero(member < piece.num_targets, axis=1)
        may, locked = pair >= 0, np.zeros(pair.shape, dtype=np.int64)
        may[:, -1] = True
        locked[piece.pair_person[piece.must], piece.pair_target[piece.must]] = 1
        load = _loads(piece, lightest, member)
        allowed = (size <= piece.max_posts[:, None]) & (size >= piece.min_posts[:, None])
        kept = np.zeros(allowed.shape, dtype=np.int64) if locked.any() else None
        for column in member.T:
            if not may.all():
                allowed &= may[:, column]
            if kept is not None:
                kept += locked[:, column]
        allowed &= load <= limits[:, None]
        if kept is not None:
            allowed &= kept == locked.sum(axis=1)[:, None]
        whole = cls(piece=piece, member=member, size=size, load=load, allowed=allowed, pair=pair)
        return whole.kept(allowed)

    @property
    def num(self) -> int:
        return len(self.size)

    def kept(self, allowed: BoolArray) -> Sets:
        """Only what is allowed here as well; sets of nobody are left out."""
        some = np.flatnonzero(allowed.any(axis=0))
        return Sets(
            piece=self.piece,
            member=np.ascontiguousarray(self.member[some]),
            size=self.size[some],
            load=self.load[:, some],
            allowed=allowed[:, some],
            pair=self.pair,
        )

    def cost(self, stage: Stage) -> FloatArray:
        """What each person adds to a stage with each set, shape (people, sets); infinite where it is not allowed."""
        if stage not in self._costs:
            self._costs[stage] = self._cost(stage)
        return self._costs[stage]

    def _cost(self, stage: Stage) -> FloatArray:
        piece = self.piece
        if stage == "deviation":
            found = np.abs(self.load - piece.fair[:, None]).astype(np.float64)
        else:
            each = piece.metres if stage == "metres" else -piece.previous.astype(np.int64)
            of_pair = np.zeros((piece.num_people, piece.num_targets + 1))
            of_pair[piece.pair_person, piece.pair_target] = each
            found = np.zeros(self.allowed.shape)
            for column in self.member.T:
                found += of_pair[:, column]
        return np.where(self.allowed, found, np.inf)

    def constant(self, stage: Stage) -> int:
        """What the stage is worth beyond the costs of the sets."""
        return self.piece.lost + int(self.piece.previous.sum()) if stage == "changes" else 0

    def held(self, chosen: BoolArray) -> IntArray:
        """The set of every person in an assignment, shape (people,); -1 where it is none of these."""
        piece = self.piece
        own = np.full((piece.num_people, self.member.shape[1]), piece.num_targets)
        person, target = piece.pair_person[chosen], piece.pair_target[chosen]
        first = np.searchsorted(person, np.arange(piece.num_people))
        rank = np.arange(len(person)) - first[person]
        if np.any(rank >= own.shape[1]):
            return np.full(piece.num_people, -1)
        own[person, rank] = target
        base = np.array([(piece.num_targets + 1) ** k for k in range(own.shape[1])])
        known, keys = self.member @ base, own @ base
        order = np.argsort(known)
        at = order[np.minimum(np.searchsorted(known, keys, sorter=order), len(known) - 1)]
        return np.where(known[at] == keys, at, -1)

    def chosen(self, held: IntArray) -> BoolArray:
        """The assignment in which everybody holds this set."""
        found = np.zeros(self.piece.num_pairs, dtype=bool)
        pairs = self.pair[np.arange(len(held))[:, None], self.member[held]]
        found[pairs[self.member[held] < self.piece.num_targets]] = True
        return found


def listable(piece: Piece) -> bool:
    """Whether people have so few posts that their sets may be listed; there may be too many sets all the same."""
    return not piece.split and piece.num_pairs > 0 and 0 < int(piece.max_posts.max(initial=0)) <= MAX_POSTS


def _loads(piece: Piece, lightest: IntArray, member: IntArray) -> IntArray:
    """Of every set, once for all people where they are the same."""
    if np.array_equal(lightest[piece.pair_target], piece.pair_load):
        weight = np.append(lightest, 0)[None, :]
    else:
        weight = np.zeros((piece.num_people, piece.num_targets + 1), dtype=np.int64)
        weight[piece.pair_person, piece.pair_target] = piece.pair_load
    load = np.zeros((len(weight), len(member)), dtype=np.int64)
    for column in member.T:
        load += weight[:, column]
    return load


def _listed(piece: Piece, load: IntArray, most: int, limit: int, areas: Areas | None, room: int) -> IntArray | None:
    """Sets of up to `most` targets whose lightest pairs weigh no more than `limit`; None if more than `room`."""
    none = piece.num_targets
    fewest = int(piece.min_posts.min())
    found = [np.full((1, most), none)] if fewest == 0 else []
    new = np.flatnonzero(load <= limit)[:, None]
    beside = None if areas is None else _beside(areas, none)
    for size in range(1, most + 1):
        if size >= fewest:
            found.append(np.pad(new, ((0, 0), (0, most - size)), constant_values=none))
        if sum(len(one) for one in found) > room:
            return None
        if size < most:
            weight = load[new].sum(axis=1)
            smallest = int(load.min()) if len(load) else 0
            new = new[weight + smallest <= limit]
            if len(new) * none > 40 * room:
                return None
            new = _longer(new, load, limit, beside, none)
    return np.concatenate(found)


def _beside(areas: Areas, num: int) -> BoolArray:
    beside = np.zeros((num, num), dtype=bool)
    for t, others in enumerate(areas.neighbours):
        beside[t, sorted(others)] = True
    return beside


def _longer(sets: IntArray, load: IntArray, limit: int, beside: BoolArray | None, num: int) -> IntArray:
    """All sets with one target more: a later one, or one that touches where areas must hang together."""
    if not len(sets):
        return np.empty((0, sets.shape[1] + 1), dtype=np.int64)
    rest = limit - load[sets].sum(axis=1)
    fits = load[None, :] <= rest[:, None]
    if beside is None:
        fits &= np.arange(num)[None, :] > sets[:, -1:]
        row, target = np.nonzero(fits)
        return np.column_stack([sets[row], target])
    fits &= beside[sets].any(axis=1)
    fits[np.arange(len(sets))[:, None], sets] = False
    row, target = np.nonzero(fits)
    return np.unique(np.sort(np.column_stack([sets[row], target]), axis=1), axis=0)
