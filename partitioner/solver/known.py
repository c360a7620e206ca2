"""What an earlier run has proved of pieces that a problem still has: nobody proves it twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from partitioner.model import IntArray, PieceBound, PieceResult, Plan, Problem, Violation
from partitioner.scoring import judged_pieces, validate
from partitioner.solver.answers import PieceAnswer
from partitioner.solver.tasks import Task


@dataclass(frozen=True, kw_only=True, eq=False)
class Known:
    """What is proved of one piece, in the search's terms.

    Parameters
    ----------
    bound : float
        No lawful plan of the piece costs less.
    least_outside : int
    reasons : tuple of Violation
    answer : PieceAnswer or None
        The plan to start from, where it is proved that none is better.
    """

    bound: float
    least_outside: int
    reasons: tuple[Violation, ...]
    answer: PieceAnswer | None


def constant_of(problem: Problem, units: IntArray) -> float:
    """What a piece costs more than its value: every group once; and less: all households as if they moved."""
    column, weights = problem.units, problem.weights
    groups = np.unique(column.group.code[units])
    had = int(column.households[units][column.previous.code[units] >= 0].sum())
    return weights.split * int((groups >= 0).sum()) - weights.move * had


def known_of(
    problem: Problem, tasks: Sequence[Task], start: Plan | None, pieces: Sequence[PieceBound]
) -> list[Known | None]:
    """For every task what `pieces` say of it; None where none has the same units, and always without a plan."""
    if start is None or not pieces:
        return [None] * len(tasks)
    by_units = {piece.units.tobytes(): piece for piece in pieces}
    found = [None if task.floor is not None else by_units.get(task.units.tobytes()) for task in tasks]
    wanted = [piece for piece in found if piece is not None]
    judged = iter(judged_pieces(problem, start, wanted, validate(problem, start)[0]))
    return [
        None if piece is None else _settled(problem, next(judged), position, start.grid.code)
        for position, piece in enumerate(found)
    ]


def _settled(problem: Problem, piece: PieceResult, position: int, code: IntArray) -> Known:
    """With the plan to start from as the answer where that is proved."""
    constant = constant_of(problem, piece.units)
    answer = PieceAnswer(
        position=position,
        slots=np.unique(code[piece.units], return_inverse=True)[1].astype(np.int64),
        cost=piece.value + constant,
        lawful=piece.lawful,
        misfit=piece.outside,
        broken=0,
        bound=piece.bound + constant,
        state="optimal" if piece.lawful else "infeasible",
        reasons=piece.reasons,
        least_outside=piece.least_outside,
        steps=0,
        settled=True,
        cut_short=False,
    )
    return Known(
        bound=answer.bound,
        least_outside=piece.least_outside,
        reasons=piece.reasons,
        answer=answer if piece.proved and (code[piece.units] >= 0).all() else None,
    )
