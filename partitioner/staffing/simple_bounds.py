"""Bounds that need no search: flows without loads, shares of the whole load, and pigeonholes."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from partitioner.model import IntArray
from partitioner.staffing.flow_piece import FlowPiece
from partitioner.staffing.flow_solving import Over
from partitioner.staffing.goal import Stage
from partitioner.staffing.pieces import Piece


def least_value(piece: Piece, stage: Stage, held: dict[Stage, int], over: Over) -> int:
    """A lower bound on a stage that adds up; `held` are the stages before, in their order.

    Raises
    ------
    Stopped
        The run is `over`.
    """
    if stage == "deviation":
        return _least_deviation(piece, held)
    relaxed = FlowPiece(piece, over, relaxed=True)
    for before, value in held.items():
        if before != "deviation":
            relaxed.keep_if_tight(before, value)
    return relaxed.minimise(stage)


def _all_filled(held: dict[Stage, int]) -> bool:
    return held.get("unfilled") == 0


def _heaviest(piece: Piece) -> IntArray:
    """The least load that a target can make, by person."""
    least = np.full(piece.num_targets, np.iinfo(np.int64).max, dtype=np.int64)
    np.minimum.at(least, piece.pair_target, piece.pair_load)
    return np.where(least == np.iinfo(np.int64).max, 0, least)


def _least_deviation(piece: Piece, held: dict[Stage, int]) -> int:
    """What all bear together is known where all posts are filled and none is optional."""
    one_load = np.array_equal(_heaviest(piece)[piece.pair_target], piece.pair_load)
    served = piece.min_people >= 1
    fixed = bool(np.all(served if piece.split else piece.min_people == piece.max_people))
    if not (_all_filled(held) and one_load and fixed):
        return 0
    borne = int((_heaviest(piece) * (1 if piece.split else piece.min_people)).sum())
    above = borne - int(piece.fair.sum())
    if piece.split or not piece.num_people:
        return abs(above)
    load = np.sort(np.repeat(_heaviest(piece), piece.min_people))[::-1]
    fewest = int(piece.min_posts.min())
    return max(
        abs(above), 2 * _least_lack(piece.fair, load, fewest) + above, 2 * _least_excess(piece.fair, load) - above
    )


def _least_lack(fair: IntArray, load: IntArray, fewest: int) -> int:
    """What people lack at least in all of their fair shares.

    With N posts for P people, Σ max(0, j + 1 − posts) is at least m = (j + 1) P − N for every j. If n people make up
    that sum, they hold s <= min(j n, (j + 1) n − m) posts, and bear no more than the s heaviest.
    """
    num, posts = len(fair), len(load)
    share = np.concatenate([[0], np.cumsum(np.sort(fair))])
    heaviest = np.concatenate([[0], np.cumsum(load)])
    best = 0
    for j in range(posts // num, posts // num + 2):
        lacking = (j + 1) * num - posts
        n = np.arange(-(-lacking // (j + 1 - min(fewest, j))), num + 1)
        held = np.clip(np.minimum(j * n, (j + 1) * n - lacking), 0, posts)
        if len(n):
            best = max(best, int((share[n] - heaviest[held]).min()))
    return best


def _least_excess(fair: IntArray, load: IntArray) -> int:
    """What people bear at least beyond their fair shares.

    Σ max(0, posts − j) is at least m = N − j P; if n people make up that sum, they hold j n + max(m, n) posts or more,
    and bear no less than as many of the lightest.
    """
    num, posts = len(fair), len(load)
    share = np.concatenate([[0], np.cumsum(np.sort(fair)[::-1])])
    lightest = np.concatenate([[0], np.cumsum(load[::-1])])
    best = 0
    for j in range(posts // num + 1):
        n = np.arange(1, num + 1)
        held = j * n + np.maximum(posts - j * num, n)
        n, held = n[held <= posts], held[held <= posts]
        if posts > j * num and len(n):
            best = max(best, int((lightest[held] - share[n]).min()))
    return best


def least_ratio(piece: Piece, held: dict[Stage, int]) -> Fraction:
    """A lower bound on the highest ratio; 0 unless all posts can be filled."""
    if not piece.num_people or not _all_filled(held):
        return Fraction(0)
    load, people = _heaviest(piece), piece.min_people
    borne = int((load * (np.minimum(people, 1) if piece.split else people)).sum())
    best = Fraction(borne, int(piece.capacity.sum()))
    if np.all(piece.capacity == piece.capacity[0]) and not piece.split:
        best = Fraction(-(-borne // piece.num_people), int(piece.capacity[0]))
    if piece.split:
        return best
    heaviest_first = np.sort(np.repeat(load, people))[::-1]
    return max(best, _single(piece), _pigeonholes(piece, heaviest_first), _folded(piece, heaviest_first))


def _single(piece: Piece) -> Fraction:
    """Some post must be held by one of the people who may."""
    order = np.lexsort((piece.pair_load / piece.capacity[piece.pair_person], piece.pair_target))
    start = np.searchsorted(piece.pair_target[order], np.arange(piece.num_targets))
    needed = np.flatnonzero(piece.min_people > 0)
    pairs = order[(start + piece.min_people - 1)[needed]]
    both = zip(piece.pair_load[pairs].tolist(), piece.capacity[piece.pair_person[pairs]].tolist(), strict=True)
    return max((Fraction(a, b) for a, b in both), default=Fraction(0))


def _folded(piece: Piece, load: IntArray) -> Fraction:
    """Unless somebody holds three posts: pair the heaviest of those that must share with the lightest."""
    num, posts = piece.num_people, len(load)
    if not num < posts <= 2 * num:
        return Fraction(0)
    shared = load[2 * num - posts :]
    half = len(shared) // 2
    pairs = int((shared[:half] + shared[::-1][:half]).max())
    return Fraction(min(pairs, int(load[-3:].sum())) if posts >= 3 else pairs, int(piece.capacity.max()))


def _pigeonholes(piece: Piece, load: IntArray) -> Fraction:
    """Of the n·k + 1 heaviest posts somebody holds k + 1 (Dell'Amico & Martello 1995, doi:10.1287/ijoc.7.2.191)."""
    num, largest = piece.num_people, int(piece.capacity.max())
    sums = (int(load[num * k - k : num * k + 1].sum()) for k in range(1, (len(load) - 1) // num + 1))
    return Fraction(max(sums, default=0), largest)
