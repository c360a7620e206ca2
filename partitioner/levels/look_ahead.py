"""Look-ahead: lines of an upper level are moved where they leave no lawful lower level inside.

An upper area in which the lower level is not lawful is taken together with a neighbour. First the best other lines
between the two are tried, and the lower level is solved on both sides of each. If none helps, it is solved without any
line, and the lower areas (with the upper units that they share kept whole) are joined back into lawful upper areas.
Either is accepted only if fewer households are outside the lower bounds than before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from partitioner.levels.contraction import pieces
from partitioner.levels.joining import join_pairs
from partitioner.levels.moving_lines import move_lines
from partitioner.levels.nesting import Nested, SolvePart, Standing
from partitioner.levels.restriction import with_parents
from partitioner.model import IntArray, Labels, Plan
from partitioner.solver.naming import name_grids

__all__ = ["Nested", "Repair", "SolvePart", "repaired"]

MAX_ROUNDS = 20
"""Every round joins as many pairs as do not touch each other."""

MAX_TRIES = 6
"""Neighbours that an area is drawn anew with before it is left as it is."""

ALTERNATIVES = 3
"""Neighbours that an area in trouble is tried with at once, of which the cheapest is taken."""

MAX_POLISHED = 8
"""Rounds of looking for cheaper lines around those that were moved."""


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
    upper_cost_before, upper_cost_after : float
        What the upper areas cost, up to a constant.
    """

    upper_plan: Plan
    lower_plan: Plan
    joined: tuple[tuple[str, str], ...]
    misfit_before: int
    misfit_after: int
    upper_cost_before: float
    upper_cost_after: float


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
    before, cost = state.misfit(), state.upper_cost()
    joined: list[tuple[str, str]] = []
    tried = _Tried()
    for _ in range(max_rounds):
        pairs = [] if over() else pairs_to_redraw(state, tried)
        if not pairs:
            break
        done = _redraw(state, pairs, solve_part)
        joined += [pair for pair in pairs if pair in done]
        tried.note(pairs, done)
    _polish(state, joined, solve_part, over)
    lower = with_parents(nested.lower, state.area_of_lower())
    return Repair(
        upper_plan=Plan(grid=Labels(state.area)),
        lower_plan=name_grids(lower, state.cell) if joined else lower_plan,
        joined=tuple(joined),
        misfit_before=before,
        misfit_after=state.misfit(),
        upper_cost_before=cost,
        upper_cost_after=state.upper_cost(),
    )


@dataclass(kw_only=True)
class _Tried:
    """Pairs that did not help since one of their areas has changed, and how many pairs of an area did not."""

    pairs: set[tuple[str, str]] = field(default_factory=set)
    times: dict[str, int] = field(default_factory=dict)

    def note(self, pairs: list[tuple[str, str]], done: set[tuple[str, str]]) -> None:
        changed = {name for pair in done for name in pair}
        self.pairs = {pair for pair in self.pairs if not changed & set(pair)}
        self.times = {name: num for name, num in self.times.items() if name not in changed}
        for pair in pairs:
            if not changed & set(pair):
                self.pairs.add(pair)
                self.times[pair[0]] = self.times.get(pair[0], 0) + 1


def pairs_to_redraw(state: Standing, tried: _Tried) -> list[tuple[str, str]]:
    """Areas in trouble, each with the neighbours that border on the trouble most; those that differ in most first."""
    borders = _borders(state, state.hopeful())
    pairs = []
    trouble = state.misfit_by_area(state.hopeful())
    for name in sorted(trouble, key=lambda n: (-trouble[n], n)):
        if name in state.fixed or tried.times.get(name, 0) >= MAX_TRIES:
            continue
        free = [
            (border, other)
            for other, border in borders.get(name, {}).items()
            if other not in state.fixed and (name, other) not in tried.pairs and (other, name) not in pairs
        ]
        free.sort(key=lambda entry: (-entry[0][0], -entry[0][1], entry[1]))
        pairs += [(name, other) for _, other in free[:ALTERNATIVES]]
    return pairs


def _borders(state: Standing, outside: IntArray | None = None) -> dict[str, dict[str, tuple[int, int]]]:
    """From an area to its neighbours of one parent: edges at misfit cells, and edges in all.

    Parameters
    ----------
    outside : int array, optional
        Households outside the bounds by cell. Where it is given, only neighbours of the connected parts of an area (in
        the lower graph) that hold a misfit cell count.
    """
    nested, graph = state.nested, state.nested.lower.graph
    names = state.area_of_lower()
    code, parent = names.code, nested.upper.units.parent.code[nested.upper_of_lower]
    wrong = np.ones(len(code), dtype=np.bool_) if outside is None else outside[state.cell] > 0
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


def _redraw(state: Standing, pairs: list[tuple[str, str]], solve_part: SolvePart) -> set[tuple[str, str]]:
    """Draw pairs anew, with another line or else without any; which are better now."""
    moved = move_lines(state, pairs, solve_part)
    done = {pair for pair, better in zip(pairs, moved, strict=True) if better}
    used = {name for pair in done for name in pair}
    rest = []
    for pair in pairs:
        if not used & set(pair):
            used |= set(pair)
            rest.append(pair)
    if rest:
        done |= {pair for pair, better in zip(rest, join_pairs(state, rest, solve_part), strict=True) if better}
    return done


def _polish(state: Standing, joined: list[tuple[str, str]], solve_part: SolvePart, over: Callable[[], bool]) -> None:
    """Cheaper lines around those that were moved, as long as the lower level does not lose by them."""
    changed = {name for pair in joined for name in pair}
    for _ in range(MAX_POLISHED):
        if not changed or over():
            return
        borders = _borders(state)
        pairs = {
            (min(name, other), max(name, other))
            for name in changed
            for other in borders.get(name, {})
            if name not in state.fixed and other not in state.fixed
        }
        order = sorted(pairs)
        better = move_lines(state, order, solve_part, polishing=True) if order else []
        changed = {name for pair, one in zip(order, better, strict=True) if one for name in pair}
