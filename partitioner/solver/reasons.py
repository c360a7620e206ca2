"""Why a piece has no lawful plan, in words, with remedies."""

from __future__ import annotations

import numpy as np

from partitioner.errors import Text
from partitioner.model import Problem, Violation
from partitioner.solver.listings import Listing
from partitioner.solver.pieces import Piece


def no_plan(problem: Problem, piece: Piece, message: Text | None = None) -> Violation:
    """The piece cannot be cut into lawful grids; by integer programming if there is no other `message`."""
    ids = problem.units.id
    num = len(piece.units)
    return Violation(
        rule="size_min",
        grid=None,
        units=tuple(ids[u] for u in piece.units.tolist()),
        amount=num,
        message=message
        or Text(
            f"{num} 栋楼无法分成合乎户数上下限的连通网格（已由整数规划证明）",
            f"{num} units cannot be cut into connected grids within the bounds (proved by integer programming)",
        ),
        remedy=Text("请放宽户数上下限或规则", "widen the bounds or lift a rule"),
    )


def no_cover(problem: Problem, piece: Piece, listing: Listing) -> Violation:
    """No choice among all grids of the listing is a plan; the units that are in none of them are named."""
    covered = np.zeros(len(piece.case.households), dtype=bool)
    covered[listing.item] = True
    alone = piece.units[~covered[piece.node_of]]
    if len(alone):
        ids = problem.units.id
        return lonely(tuple(ids[u] for u in alone.tolist()), int(problem.units.households[alone].sum()))
    num = len(piece.units)
    message = Text(
        f"{num} 栋楼无法分成互不重叠的可行网格（已列举全部 {len(listing)} 个可行网格）",
        f"no choice among all {len(listing)} lawful grids covers these {num} units exactly once",
    )
    return no_plan(problem, piece, message)


def must_stay(problem: Problem, piece: Piece, households: int) -> Violation:
    """So many households stay outside the bounds whatever the plan."""
    message = Text(
        f"至少有 {households} 户只能留在户数上下限之外（已证明）",
        f"at least {households} household{'' if households == 1 else 's'} must stay outside the bounds (proved)",
    )
    return no_plan(problem, piece, message)


def lonely(units: tuple[str, ...], households: int) -> Violation:
    """Units that no lawful grid holds."""
    few = len(units) == 1
    who_zh = f"楼栋 {units[0]}（{households} 户）" if few else f"{len(units)} 栋楼（共 {households} 户）"
    who_en = (
        f"unit {units[0]} ({households} households) lies"
        if few
        else f"{len(units)} units ({households} households) lie"
    )
    return Violation(
        rule="size_min",
        grid=None,
        units=units,
        amount=households,
        message=Text(
            f"{who_zh}与任何相邻楼栋组合都不合户数上下限（已逐一列举证明）",
            f"{who_en} in no lawful grid at all (proved by listing every grid)",
        ),
        remedy=Text(
            "请放宽户数上下限、拆分邻近大楼，或与相邻区域连通",
            "widen the bounds, cut a large neighbour, or connect another area",
        ),
    )
