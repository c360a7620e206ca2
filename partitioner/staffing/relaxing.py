"""The linear relaxation of a stage: a bound, and which pairs could be part of anything better.

The prices of an optimum of the linear programme are put into Lagrange's function, whose value is a bound whatever
they are; a pair whose reduced cost bridges the gap cannot be in a better assignment (Martello & Toth 1990, chapter 7).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array, hstack, vstack

from partitioner.model import FloatArray, IntArray
from partitioner.staffing.goal import Stage
from partitioner.staffing.pieces import BoolArray, Piece

MAX_PAIRS = 60_000
"""Larger programmes take too long."""

ROUNDING = 1e-7
"""Share of the magnitudes in a bound that its rounding may make up."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Relaxation:
    """A bound on a stage, and what each pair would add to it (negative: what leaving it out would add)."""

    bound: float
    reduced: FloatArray

    def least(self) -> int:
        """The bound as a whole number."""
        return math.ceil(self.bound)

    def useful(self, below: int) -> BoolArray:
        """Pairs that may be in an assignment of less than `below`."""
        kept: BoolArray = self.bound + self.reduced <= below - 1
        return kept


def relaxed(
    piece: Piece, limits: IntArray, held: dict[Stage, int], stage: Stage, seconds: float | None
) -> Relaxation | None:
    """The relaxation of `changes` or `metres`; None where it says nothing or there is no time for it."""
    if stage not in ("changes", "metres"):
        return None
    if piece.split or held.get("unfilled") != 0 or not 0 < piece.num_pairs <= MAX_PAIRS:
        return None
    cost, constant = _cost(piece, stage)
    rows, most = _rows(piece, limits, held)
    lower = np.zeros(rows.shape[1])
    lower[: piece.num_pairs] = piece.must
    upper = np.ones(rows.shape[1])
    upper[piece.num_pairs :] = np.maximum(piece.fair, _reach(piece))[: rows.shape[1] - piece.num_pairs]
    full = np.zeros(rows.shape[1])
    full[: piece.num_pairs] = cost
    options = {} if seconds is None else {"time_limit": max(seconds, 0.01)}
    found = linprog(full, A_ub=rows, b_ub=most, bounds=np.column_stack([lower, upper]), method="highs", options=options)
    if found.status != 0:
        return None
    price = np.minimum(found.ineqlin.marginals, 0.0)
    reduced = full - rows.T @ price
    terms = np.where(reduced > 0, reduced * lower, reduced * upper)
    slack = ROUNDING * (np.abs(price * most).sum() + np.abs(terms).sum() + 1.0) / max(len(terms), 1)
    return Relaxation(
        bound=constant + float(price @ most + terms.sum()) - 1e-6 - slack, reduced=reduced[: piece.num_pairs]
    )


def _cost(piece: Piece, stage: Stage) -> tuple[FloatArray, int]:
    if stage == "metres":
        return piece.metres.astype(np.float64), 0
    return -piece.previous.astype(np.float64), piece.lost + int(piece.previous.sum())


def _reach(piece: Piece) -> IntArray:
    total = np.zeros(piece.num_people, dtype=np.int64)
    np.add.at(total, piece.pair_person, piece.pair_load)
    return total


def _rows(piece: Piece, limits: IntArray, held: dict[Stage, int]) -> tuple[csr_array, FloatArray]:
    """All rules as rows of “at most”; behind the pairs, a column per person for what it is away from fair."""
    num = piece.num_pairs
    all_pairs, ones = np.arange(num), np.ones(num)
    of_person = coo_array((ones, (piece.pair_person, all_pairs)), shape=(piece.num_people, num))
    of_target = coo_array((ones, (piece.pair_target, all_pairs)), shape=(piece.num_targets, num))
    load = coo_array((piece.pair_load.astype(float), (piece.pair_person, all_pairs)), shape=(piece.num_people, num))
    heavy = np.minimum(limits, _reach(piece)).astype(np.float64)
    blocks = [of_person, of_target, -of_person, -of_target, load]
    most = [piece.max_posts, piece.max_people, -piece.min_posts, -piece.min_people, heavy]
    if "changes" in held:
        blocks.append(-coo_array(piece.previous.astype(float)[None, :]))
        most.append(np.array([held["changes"] - piece.lost - int(piece.previous.sum())]))
    if "metres" in held:
        blocks.append(coo_array(piece.metres.astype(float)[None, :]))
        most.append(np.array([held["metres"]]))
    rows = vstack(blocks, format="csr")
    if "deviation" not in held:
        return rows, np.concatenate(most).astype(np.float64)
    away = -coo_array(np.eye(piece.num_people))
    nothing = coo_array((rows.shape[0], piece.num_people))
    total = coo_array(np.ones((1, piece.num_people)))
    wide = vstack(
        [
            hstack([rows, nothing]),
            hstack([load, away]),
            hstack([-load, away]),
            hstack([coo_array((1, num)), total]),
        ],
        format="csr",
    )
    most += [piece.fair, -piece.fair, np.array([held["deviation"]])]
    return wide, np.concatenate(most).astype(np.float64)
