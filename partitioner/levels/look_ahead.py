"""Look-ahead: lines of an upper level are moved where they leave no lawful lower level inside.

An upper area in which the lower level is not lawful is taken together with a neighbour. First the best other lines
between the two are tried, and the lower level is solved on both sides of each. If none helps, it is solved without any
line, and the lower areas (with the upper units that they share kept whole) are joined back into lawful upper areas.
Either is accepted only if fewer households are outside the lower bounds than before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from partitioner.levels.contraction import pieces
from partitioner.levels.joining import join_pairs
from partitioner.levels.moving_lines import move_lines
from partitioner.levels.nesting import Nested, SolvePart, Standing
from partitioner.levels.restriction import with_parents
from partitioner.model import Labels, Plan
from partitioner.solver.naming import name_grids

__all__ = ["Nested", "Repair", "SolvePart", "repaired"]

MAX_ROUNDS = 20
"""Every round joins as many pairs as do not touch each other."""

MAX_TRIES = 5
"""Neighbours that an area is joined with before it is left as it is."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Repair:
    """Lines that were moved.

    Parameters
    ----------
    upper_plan, lower_plan : Plan
        Of the two problems; every lower area lies in one upper area.
    joined : tuple of (str, str)
        Upper areas that were joined and drawn anew, in that order. Areas keep their names by households.
    misfit_before, misfit_after : int
        Households outside the lower bounds.
    """

    upper_plan: Plan
    lower_plan: Plan
    joined: tuple[tuple[str, str], ...]
    misfit_before: int
    misfit_after: int


def repaired(
    nested: Nested,
    upper_plan: Plan,
    lower_plan: Plan,
    solve_part: SolvePart,
    *,
    over: Callable[[], bool] = lambda: False,
    max_rounds: int = MAX_ROUNDS,
) -> Repair:
    """Move lines of the upper level until the lower one fits, as far as that is possible.

    Parameters
    ----------
    lower_plan : Plan
        Lower areas inside the areas of `upper_plan`.
    solve_part : callable
        Solves small areas or pairs of areas, each a parent of its own; called up to three times a round, for all at
        once.
    over : callable
        Whether time is up; asked before every round.

    Returns
    -------
    Repair
        The upper plan breaks no more than before, and the misfit is never larger; it is smaller if anything was joined.
    """
    state = Standing.of(nested, upper_plan, lower_plan)
    before = state.misfit()
    joined: list[tuple[str, str]] = []
    tried: set[tuple[str, str]] = set()
    tries: dict[str, int] = {}
    for _ in range(max_rounds):
        pairs = [] if over() else pairs_to_redraw(state, tried, tries)
        if not pairs:
            break
        for pair, better in zip(pairs, _redraw(state, pairs, solve_part), strict=True):
            if better:
                joined.append(pair)
                tried = {other for other in tried if not set(other) & set(pair)}
                tries = {name: num for name, num in tries.items() if name not in pair}
            else:
                tried.add(pair)
                tries[pair[0]] = tries.get(pair[0], 0) + 1
    lower = with_parents(nested.lower, state.area_of_lower())
    return Repair(
        upper_plan=Plan(grid=Labels(state.area)),
        lower_plan=name_grids(lower, state.cell) if joined else lower_plan,
        joined=tuple(joined),
        misfit_before=before,
        misfit_after=state.misfit(),
    )


def pairs_to_redraw(state: Standing, tried: set[tuple[str, str]], tries: dict[str, int]) -> list[tuple[str, str]]:
    """Areas in trouble, each with the neighbour that borders on the trouble most; no area stands in two pairs."""
    borders = _borders(state)
    used: set[str] = set()
    pairs = []
    trouble = state.misfit_by_area(state.hopeful())
    for name in sorted(trouble, key=lambda n: (-trouble[n], n)):
        if name in used or name in state.fixed or tries.get(name, 0) >= MAX_TRIES:
            continue
        free = [
            (border, other)
            for other, border in borders.get(name, {}).items()
            if other not in used and other not in state.fixed and (name, other) not in tried
        ]
        if free:
            _, other = min(free, key=lambda entry: (-entry[0][0], -entry[0][1], entry[1]))
            used |= {name, other}
            pairs.append((name, other))
    return pairs


def _borders(state: Standing) -> dict[str, dict[str, tuple[int, int]]]:
    """From an area in trouble to its neighbours of one parent: edges at misfit cells, and edges in all.

    Only neighbours of the connected parts of the area (in the lower graph) that hold a misfit cell count.
    """
    nested, graph = state.nested, state.nested.lower.graph
    names = state.area_of_lower()
    code, parent = names.code, nested.upper.units.parent.code[nested.upper_of_lower]
    wrong = state.hopeful()[state.cell] > 0
    inner = code[graph.u] == code[graph.v]
    part = pieces(len(code), graph.u[inner], graph.v[inner])
    sick = np.isin(part, part[wrong])
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for u, v in ((graph.u, graph.v), (graph.v, graph.u)):
        across = (code[u] != code[v]) & sick[u] & (code[u] >= 0) & (code[v] >= 0) & (parent[u] == parent[v])
        for a, b, at in zip(code[u[across]].tolist(), code[v[across]].tolist(), wrong[u[across]].tolist(), strict=True):
            here = found.setdefault(names.names[a], {})
            near, every = here.get(names.names[b], (0, 0))
            here[names.names[b]] = (near + int(at), every + 1)
    return found


def _redraw(state: Standing, pairs: list[tuple[str, str]], solve_part: SolvePart) -> list[bool]:
    """Draw every pair anew, with another line or else without any; whether each is better now."""
    better = move_lines(state, pairs, solve_part)
    rest = [pair for pair, done in zip(pairs, better, strict=True) if not done]
    joined = dict(zip(rest, join_pairs(state, rest, solve_part), strict=True)) if rest else {}
    return [done or joined[pair] for pair, done in zip(pairs, better, strict=True)]
