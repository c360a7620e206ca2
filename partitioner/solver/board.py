"""What all pieces say together, and telling whoever watches."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from partitioner.model import IntArray, PieceBound, Problem, Violation
from partitioner.scoring.objective import walk_of
from partitioner.solver.answers import PieceAnswer
from partitioner.solver.known import Known, constant_of
from partitioner.solver.notes import notes_on
from partitioner.solver.progress import Observer, Phase, Snapshot
from partitioner.solver.tasks import Task


class Board:
    """The answers so far, one place for each task. Any thread may write on it.

    `known_before` is what was proved of each piece before this run; `finished` counts the pieces that are done with.
    """

    def __init__(
        self, problem: Problem, tasks: Sequence[Task], observer: Observer, known: Sequence[Known | None] = ()
    ) -> None:
        self.problem = problem
        self.tasks = tasks
        self.known_before = known or [None] * len(tasks)
        self.answers: list[PieceAnswer | None] = [None] * len(tasks)
        self.finished = 0
        self._observer = observer
        self._constant = _constant(problem)
        self._standing = _Standing(len(tasks))
        self._last: Snapshot | None = None
        self._lock = threading.Lock()
        for known_piece in self.known_before:
            if known_piece is not None and known_piece.answer is not None:
                self.put(known_piece.answer)

    def open(self) -> list[int]:
        """Positions of the pieces about which something is left to find out."""
        return [i for i, answer in enumerate(self.answers) if answer is None or not answer.settled]

    def count(self, pieces: int) -> None:
        """So many more are done with."""
        with self._lock:
            self.finished += pieces

    def put(self, answer: PieceAnswer) -> None:
        """Take over what is known of one piece."""
        self.answers[answer.position] = answer
        self._standing.note(answer)

    def tell(self, phase: Phase) -> None:
        """Report where all pieces stand, if that has changed."""
        with self._lock:
            standing = self._standing
            snapshot = Snapshot(
                phase=phase,
                best=self._constant + float(standing.cost.sum()) if standing.lawful.all() else None,
                bound=self._constant + float(standing.bound.sum()) if standing.bounded.all() else None,
                done=self.finished,
                pieces=len(self.tasks),
                misfit=int(standing.misfit.sum()),
            )
            if snapshot != self._last:
                self._last = snapshot
                self._observer.on_progress(snapshot)

    def known(self) -> list[PieceAnswer]:
        """All answers, in the order of the tasks."""
        return [answer for answer in self.answers if answer is not None]

    def slots(self) -> IntArray:
        """Grid of every unit, as any number."""
        slot = np.full(len(self.problem.units), -1, dtype=np.int64)
        used = 0
        for members in self.problem.locked:
            slot[list(members)] = used
            used += 1
        for answer in self.known():
            slot[self.tasks[answer.position].units] = used + answer.slots
            used += int(answer.slots.max()) + 1
        return slot

    def bound(self) -> float:
        """No lawful plan of the problem has a lower total."""
        return self._constant + sum(answer.bound for answer in self.known())

    def pieces(self) -> list[PieceBound]:
        """What is proved of every piece; blocks of a piece count as one."""
        names = self.problem.units.parent.names
        found: dict[tuple[int, int], PieceBound] = {}
        for answer in self.known():
            task = self.tasks[answer.position]
            piece = PieceBound(
                parent=None if task.parent < 0 else names[task.parent],
                units=task.units,
                bound=answer.bound - constant_of(self.problem, task.units),
                least_outside=answer.least_outside,
                reasons=answer.reasons,
            )
            key = (task.parent, -1 if task.floor is not None else answer.position)
            found[key] = _united(found[key], piece) if key in found else piece
        return list(found.values())

    def reasons(self) -> tuple[Violation, ...]:
        """Why no lawful plan exists."""
        return tuple(reason for answer in self.known() for reason in answer.reasons)

    def notes(self) -> tuple[Violation, ...]:
        """What is known of pieces without a lawful plan."""
        return notes_on(self.problem, self.tasks, self.known())


def _united(a: PieceBound, b: PieceBound) -> PieceBound:
    return replace(
        a,
        units=np.sort(np.concatenate([a.units, b.units])),
        bound=a.bound + b.bound,
        least_outside=a.least_outside + b.least_outside,
        reasons=a.reasons + b.reasons,
    )


class _Standing:
    """Where every piece stands, as columns: a report adds up thousands of pieces without looking into any."""

    def __init__(self, num: int) -> None:
        self.cost = np.zeros(num)
        self.bound = np.zeros(num)
        self.misfit = np.zeros(num, dtype=np.int64)
        self.lawful = np.zeros(num, dtype=np.bool_)
        self.bounded = np.zeros(num, dtype=np.bool_)

    def note(self, answer: PieceAnswer) -> None:
        """Take over the figures of one piece."""
        at = answer.position
        self.cost[at], self.misfit[at], self.lawful[at] = answer.cost, answer.misfit, answer.lawful
        self.bound[at], self.bounded[at] = answer.bound, not answer.reasons


def _constant(problem: Problem) -> float:
    """What every plan pays beside the costs of its free grids.

    Locked grids in full, every group once less, and all households that had a grid as if they moved; what locked
    grids can retain at most is taken off again.
    """
    weights, units = problem.weights, problem.units
    total = -weights.split * len(units.group.names)
    total += weights.move * float(units.households[units.previous.code >= 0].sum())
    for members in problem.locked:
        inside = np.array(members)
        households = units.households[inside]
        groups = np.unique(units.group.code[inside])
        total += weights.walk * walk_of(problem, inside)[0]
        total += weights.balance * abs(int(households.sum()) - problem.bounds.aim)
        total += weights.split * int((groups >= 0).sum())
        had = units.previous.code[inside]
        if weights.move > 0 and (had >= 0).any():
            total -= weights.move * float(np.bincount(had[had >= 0], weights=households[had >= 0]).max())
    return total
