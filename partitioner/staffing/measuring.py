"""What an assignment of one piece is worth, in whole numbers."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from partitioner.model import IntArray
from partitioner.staffing.goal import Stage
from partitioner.staffing.pieces import BoolArray, Piece


def loads(piece: Piece, chosen: BoolArray) -> IntArray:
    """Load of every person."""
    share = piece.pair_load[chosen]
    if piece.split:
        share = share // np.bincount(piece.pair_target[chosen], minlength=piece.num_targets)[piece.pair_target[chosen]]
    total = np.zeros(piece.num_people, dtype=np.int64)
    np.add.at(total, piece.pair_person[chosen], share)
    return total


def missing(piece: Piece, chosen: BoolArray) -> tuple[IntArray, IntArray]:
    """Posts that people lack, and people that targets lack."""
    posts = np.bincount(piece.pair_person[chosen], minlength=piece.num_people)
    people = np.bincount(piece.pair_target[chosen], minlength=piece.num_targets)
    return np.maximum(piece.min_posts - posts, 0), np.maximum(piece.min_people - people, 0)


def ratio(piece: Piece, load: IntArray) -> Fraction:
    """Highest load by capacity."""
    if not len(load):
        return Fraction(0)
    best = int(np.argmax(load / piece.capacity))
    near = np.flatnonzero(load / piece.capacity >= load[best] / piece.capacity[best] * (1 - 1e-9))
    return max(Fraction(int(load[p]), int(piece.capacity[p])) for p in near.tolist())


def limits_at(piece: Piece, highest: Fraction) -> IntArray:
    """The highest load of every person whose ratio is at most `highest`."""
    num, den = highest.numerator, highest.denominator
    return np.array(
        [min(c * num // den, m) for c, m in zip(piece.capacity.tolist(), piece.limit.tolist(), strict=True)]
    )


def limits_below(piece: Piece, highest: Fraction) -> IntArray:
    """The highest load of every person whose ratio is less than `highest`."""
    num, den = highest.numerator, highest.denominator
    return np.array(
        [min(-(-c * num // den) - 1, m) for c, m in zip(piece.capacity.tolist(), piece.limit.tolist(), strict=True)]
    )


def value(piece: Piece, chosen: BoolArray, stage: Stage) -> Fraction:
    """One stage of one piece; loads count in `piece.scale` times the unit."""
    if stage == "unfilled":
        return Fraction(int(sum(one.sum() for one in missing(piece, chosen))))
    if stage == "ratio":
        return ratio(piece, loads(piece, chosen))
    if stage == "deviation":
        return Fraction(int(np.abs(loads(piece, chosen) - piece.fair).sum()))
    if stage == "changes":
        return Fraction(piece.lost + int((piece.previous & ~chosen).sum()))
    return Fraction(int(piece.metres[chosen].sum()))
