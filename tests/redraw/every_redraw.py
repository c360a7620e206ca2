"""A slow exact redraw that knows nothing of the real one: every partition, every way to carry labels on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np
from solver.enumeration import every_partition

from partitioner.model import Labels, Plan, Problem
from partitioner.redraw import Frozen
from partitioner.scoring import score, validate


@dataclass(frozen=True, kw_only=True)
class Lawful:
    """A lawful plan that keeps what is frozen: households moved, and the other terms."""

    moved: int
    rest: float


def every_redraw(problem: Problem, frozen: Frozen) -> list[Lawful]:
    """All of them; pinned units decide which grid carries which label, else the best matching does."""
    names = problem.units.previous.names
    free = replace(problem, weights=replace(problem.weights, move=0.0), locked=_locked(problem, frozen))
    found = []
    for label in every_partition(len(problem.units)):
        if _odd_sizes(free, label):
            continue
        plan = Plan(grid=Labels(str(name) for name in label.tolist()))
        if _crosses(problem, frozen, label) or validate(free, plan)[0]:
            continue
        moved = fewest_moved(problem, frozen, label, len(names))
        if moved is not None:
            found.append(Lawful(moved=moved, rest=score(free, plan).total))
    return found


def _odd_sizes(problem: Problem, label: np.ndarray) -> bool:
    """Whether grids outside the bounds are more than the locks could excuse: most partitions end here."""
    size = np.bincount(label, weights=problem.units.households)
    outside = (size < problem.bounds.min) | (size > problem.bounds.max)
    return int(outside.sum()) > len(problem.locked)


def _locked(problem: Problem, frozen: Frozen) -> tuple[tuple[int, ...], ...]:
    members = dict(zip(problem.units.previous.names, problem.units.previous.members(), strict=True))
    return tuple({*problem.locked, *(tuple(members[name].tolist()) for name in frozen.grids)})


def _crosses(problem: Problem, frozen: Frozen, label: np.ndarray) -> bool:
    previous = problem.units.previous.values()
    for grid in np.unique(label):
        held = {previous[i] for i in np.flatnonzero(label == grid)}
        if any(a in held and b in held for a, b in frozen.lines):
            return True
    return False


def fewest_moved(problem: Problem, frozen: Frozen, label: np.ndarray, num_names: int) -> int | None:
    """Least over all one-to-one ways to carry labels on that keep the pins."""
    code, households = problem.units.previous.code, problem.units.households
    pinned = [i for i, name in enumerate(problem.units.id) if name in frozen.units]
    grids = np.unique(label).tolist()
    best = None
    for carried in set(permutations([*range(num_names), *[-1] * len(grids)], len(grids))):
        of = dict(zip(grids, carried, strict=True))
        if any(of[int(label[i])] != code[i] for i in pinned):
            continue
        now = np.array([of[int(name)] for name in label])
        moved = int(households[(code >= 0) & (now != code)].sum())
        best = moved if best is None else min(best, moved)
    return best
