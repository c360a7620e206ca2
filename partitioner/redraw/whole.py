"""Where grids hold too many units to list what is near: the search of the solver, with moves dearer than anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from partitioner.model import Problem, Result, Sets
from partitioner.redraw.freezing import Fixed
from partitioner.redraw.goal import Goal
from partitioner.redraw.standing import previous_plan
from partitioner.scoring import score
from partitioner.solver import Cancel, Limits, Observer, solve

DOMINANCE = 20.0
"""How many times the price of an average household a moved one costs where moves come first."""


def searched(
    problem: Problem,
    kept: Sets,
    held: Fixed,
    goal: Goal,
    limits: Limits,
    observer: Observer | None,
    cancel: Cancel | None,
) -> Result:
    """A plan by `solve`, `kept` grids locked. Pinned units stay together, neighbours across frozen lines apart."""
    price = problem.weights.move
    if goal.kind != "weighted":
        terms = score(replace(problem, weights=replace(problem.weights, move=0.0)), previous_plan(problem)).total
        price = max(price, DOMINANCE * terms / max(1, int(problem.units.households.sum())))
    asked = replace(
        problem,
        weights=replace(problem.weights, move=price),
        locked=tuple(dict.fromkeys([*problem.locked, *kept])),
        together=(*problem.together, *_pins(problem, held)),
        apart=(*problem.apart, *_lines(problem, held)),
    )
    return solve(asked, limits, observer, cancel)


def _pins(problem: Problem, held: Fixed) -> Iterator[tuple[int, ...]]:
    for members in problem.units.previous.members():
        pinned = members[held.pinned[members]]
        if len(pinned) > 1:
            yield tuple(pinned.tolist())


def _lines(problem: Problem, held: Fixed) -> Iterator[tuple[int, ...]]:
    if not len(held.lines):
        return
    code = problem.units.previous.code
    for u, v in zip(problem.graph.u.tolist(), problem.graph.v.tolist(), strict=True):
        if code[u] >= 0 and code[v] >= 0 and held.lines[code[u], code[v]]:
            yield (u, v)
