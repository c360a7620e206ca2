"""Where every part of a comparison stands beside the others, and whether we were never worse."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.contestants import GOAL, PEERS, TENTH
from benchmarks.entrants import class_of
from benchmarks.rows import Row
from benchmarks.tables import CLAIM

WITHIN = 0.01
"""A value is near the best one when it is at most this share above."""

ALIKE = 1e-9
"""Values are equal up to this share: sums in another order."""

BOUND_TOLERANCE = 1e-5
"""What tolerances of linear programs and rounding to tenths may add to a bound."""


def names(name: str, part: str) -> Row:
    """What a row is about."""
    return {"suite": "peers", "name": name, "class": class_of(name), "part": part, "peer": part in PEERS}


def placed(rows: Sequence[Row]) -> list[Row]:
    """Rows with what only all of them together tell: distance from the best bound, and time to near the best value."""
    lawful = [row["total"] for row in rows if row.get("violations") == 0]
    bounds = [row["bound"] for row in rows if row.get("bound") is not None]
    best = min(lawful, default=None)
    # No bound can lie above a lawful plan; rounding may put it there by a hair.
    bound = max(bounds, default=None) if best is None else min(max(bounds, default=0.0), best)
    done = []
    for row in rows:
        if "trail" not in row:
            done.append(row)
            continue
        near_s = None
        if best is not None:
            near_s = next((p[0] for p in row["trail"] if p[1] is not None and p[1] <= best * (1 + WITHIN)), None)
        facts: Row = {"near_best_s": near_s}
        if row.get("violations") == 0 and best:
            facts |= {"over_best": round(row["total"] / best - 1, 6)}
            facts |= {"over_bound": round(1 - bound / row["total"], 6)} if bound else {}
        done.append(row | facts)
    return done


def claim(name: str, rows: Sequence[Row]) -> Row:
    """Whether our result after a tenth of the time is at least as good as every peer's at the end.

    Where our plan breaks a rule, no peer may have a lawful one, and none may leave fewer households outside the bounds.
    """
    ours = next((row for row in rows if row["part"] == TENTH and "total" in row), None)
    theirs = [row for row in rows if row["part"] not in (GOAL, TENTH) and "total" in row]
    found: Row = {**names(name, CLAIM), "peers": len(theirs), "bound_above": _bounds_above(rows)}
    best = min(theirs, key=_rank, default=None)
    if best is not None:
        found |= {"best_peer": best["part"], "peer_total": best["total"], "peer_violations": best["violations"]}
        found |= {"time_limit_s": best["time_limit_s"]}
    if ours is not None:
        found |= {"our_total": ours["total"], "our_violations": ours["violations"], "our_limit_s": ours["time_limit_s"]}
    if ours is None:
        return found | {"holds": False}
    if best is None:
        return found | {"holds": True if theirs or ours["violations"] == 0 else None}
    lawful, misfit, total = _rank(ours)
    return found | {"holds": (lawful, misfit, total * (1 - ALIKE)) <= _rank(best)}


def _bounds_above(rows: Sequence[Row]) -> str | None:
    """Parts whose bound lies above a lawful plan of any part: each is wrong, or the plan is."""
    best = min((row["total"] for row in rows if row.get("violations") == 0), default=float("inf"))
    wrong = [row["part"] for row in rows if (row.get("bound") or 0.0) > best * (1 + BOUND_TOLERANCE)]
    return ", ".join(wrong) or None


def _rank(row: Row) -> tuple[int, int, float]:
    return min(row["violations"], 1), row["misfit"], row["total"]
