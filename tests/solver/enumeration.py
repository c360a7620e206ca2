"""A slow exact solver that knows nothing of the real one: every partition, judged by `scoring` alone."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from partitioner.model import Labels, Plan, Problem, Violation
from partitioner.scoring import score, validate

OF_ONE_GRID = frozenset({"connected", "parent", "apart", "max_walk_m"})
SIZES = frozenset({"size_min", "size_max"})


@dataclass(frozen=True, kw_only=True)
class Enumerated:
    """What trying everything has shown.

    Parameters
    ----------
    best : float or None
        Least total of a lawful plan; None where there is none.
    least_misfit : int or None
        Fewest households outside the bounds in a plan that keeps all other rules; None where these contradict.
    num_lawful : int
    """

    best: float | None
    least_misfit: int | None
    num_lawful: int


def plan_of(num: int, grids: list[tuple[int, ...]]) -> Plan:
    """A plan with `grids` labelled 0, 1, …; other units stay without a label."""
    label: list[str | None] = [None] * num
    for name, members in enumerate(grids):
        for unit in members:
            label[unit] = str(name)
    return Plan(grid=Labels(label))


def enumerate_plans(problem: Problem) -> Enumerated:
    """Try every partition into grids that keep the rules of a single grid."""
    num = len(problem.units)
    grids = {members: _judged(problem, members) for members in _subsets(num)}
    usable = {members: judged for members, judged in grids.items() if judged is not None}
    misfits, lawful = [], []
    for chosen in _covers(num, usable):
        misfit = sum(usable[members].misfit for members in chosen)
        if misfit and misfits and misfit >= min(misfits):
            continue
        violations, _ = validate(problem, plan_of(num, chosen))
        if any(v.rule not in SIZES for v in violations):
            continue
        assert misfit == sum(v.amount for v in violations)
        misfits.append(misfit)
        if not violations:
            lawful.append(chosen)
    return Enumerated(
        best=_least_total(problem, lawful, usable), least_misfit=min(misfits, default=None), num_lawful=len(lawful)
    )


@dataclass(frozen=True)
class _Grid:
    misfit: int
    cost: float
    """Weighted terms without `move`."""


def _judged(problem: Problem, members: tuple[int, ...]) -> _Grid | None:
    """One grid alone; None where it breaks a rule that no other grid can mend."""
    if any(set(members) & set(lock) and members != lock for lock in problem.locked):
        return None
    if any(0 < len(set(members) & set(units)) < len(units) for units in problem.together):
        return None
    if not hang_together(problem, members):
        return None
    plan = plan_of(len(problem.units), [members])
    mine: list[Violation] = [v for v in validate(problem, plan)[0] if v.grid == "0"]
    if any(v.rule in OF_ONE_GRID for v in mine):
        return None
    objective, weights = score(problem, plan), problem.weights
    groups = {problem.units.group.at(unit) for unit in members} - {None}
    cost = weights.walk * objective.walk + weights.balance * objective.balance + weights.split * len(groups)
    return _Grid(misfit=int(sum(v.amount for v in mine if v.rule in SIZES)), cost=cost)


def hang_together(problem: Problem, members: tuple[int, ...]) -> bool:
    """Whether one can walk from the first member to every other without leaving the set.

    `validate` says so, too, but takes a hundred times as long, and most sets end here.
    """
    ends = [*zip(problem.graph.u.tolist(), problem.graph.v.tolist(), strict=True)]
    inside, reached, again = set(members), {members[0]}, True
    while again:
        more = {b for u, v in ends for a, b in ((u, v), (v, u)) if a in reached and b in inside}
        again = not more <= reached
        reached |= more
    return reached == inside


def _subsets(num: int) -> Iterator[tuple[int, ...]]:
    for mask in range(1, 1 << num):
        yield tuple(unit for unit in range(num) if mask >> unit & 1)


def _covers(num: int, usable: dict[tuple[int, ...], _Grid]) -> Iterator[list[tuple[int, ...]]]:
    """Every exact cover of the units by usable grids: always the lowest unit left gets its grid next."""
    by_lowest: list[list[tuple[int, ...]]] = [[] for _ in range(num)]
    for members in usable:
        by_lowest[members[0]].append(members)

    def extend(chosen: list[tuple[int, ...]], left: frozenset[int]) -> Iterator[list[tuple[int, ...]]]:
        if not left:
            yield list(chosen)
            return
        for members in by_lowest[min(left)]:
            if left.issuperset(members):
                yield from extend([*chosen, members], left.difference(members))

    return extend([], frozenset(range(num)))


def _least_total(
    problem: Problem, lawful: list[list[tuple[int, ...]]], usable: dict[tuple[int, ...], _Grid]
) -> float | None:
    """Least total; plans are scored in the order of their other terms until `move` can no longer make up for them."""
    if not lawful:
        return None
    num_groups = len(problem.units.group.names)
    ranked = sorted(lawful, key=lambda chosen: sum(usable[members].cost for members in chosen))
    best = math.inf
    for chosen in ranked:
        others = sum(usable[members].cost for members in chosen) - problem.weights.split * num_groups
        if others > best + 1e-6 * (1 + abs(best)):
            break
        best = min(best, score(problem, plan_of(len(problem.units), chosen)).total)
    return best


def every_partition(num: int) -> Iterator[np.ndarray]:
    """All set partitions of `num` units as restricted growth strings."""
    label = np.zeros(num, dtype=np.int64)

    def fill(at: int, used: int) -> Iterator[np.ndarray]:
        if at == num:
            yield label
            return
        for name in range(used + 1):
            label[at] = name
            yield from fill(at + 1, max(used, name + 1))

    return fill(0, 0)


def enumerate_plainly(problem: Problem) -> Enumerated:
    """The same by brute force over all partitions, to check `enumerate_plans` itself; for about 6 units."""
    best, misfits, lawful = math.inf, [], 0
    for label in every_partition(len(problem.units)):
        plan = Plan(grid=Labels(str(name) for name in label.tolist()))
        violations, _ = validate(problem, plan)
        if any(v.rule not in SIZES for v in violations):
            continue
        misfits.append(int(sum(v.amount for v in violations)))
        if not violations:
            lawful += 1
            best = min(best, score(problem, plan).total)
    return Enumerated(best=best if lawful else None, least_misfit=min(misfits, default=None), num_lawful=lawful)
