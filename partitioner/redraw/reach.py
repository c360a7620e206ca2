"""Which parents a change can reach.

Rules of a grid look at its own units, the edges among them and its parent; only distances (`walk`, `max_walk_m`) look
further. So a parent in which nothing changed, whose previous grids are all lawful and none of whose grids has units
elsewhere, can stay as it is in every lawful redraw. A strict redraw loses nothing by that: a plan that changes it can
be put back there and moves fewer households. A weighted or capped redraw might still find a better plan in such a
parent, since the previous one need not be best: it is left alone on purpose, and the bound of the redraw is one for
plans that do the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from partitioner.model import Plan, Problem
from partitioner.redraw.changes import Changes
from partitioner.scoring import validate


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Parents by what a change does to them; None is the parent of units without one.

    Parameters
    ----------
    opened : frozenset
        To be drawn anew where that helps.
    grids : frozenset of str
        Previous grids in them.
    only_distances : frozenset
        Untouched, but next to a changed edge: ways may be longer or shorter there, lines stay.
    """

    opened: frozenset[str | None]
    grids: frozenset[str]
    only_distances: frozenset[str | None]


def reached(problem: Problem, changes: Changes, *, broken: bool = True) -> Reach:
    """What `changes` can reach in `problem`, whose units carry their previous grids.

    Parameters
    ----------
    broken : bool
        Whether parents with previous grids that break a rule are reached, too. Without them a plan that had to break
        rules stays as it was wherever nothing changed.
    """
    units = problem.units
    parent, previous = units.parent, units.previous
    position = units.position()
    everything: set[str | None] = set(parent.values())
    if any(rule.units is None for rule in changes.rules):
        return Reach(opened=frozenset(everything), grids=frozenset(previous.names), only_distances=frozenset())
    opened = {parent.at(position[unit]) for rule in changes.rules for unit in rule.units or ()}
    nearby: set[str | None] = set()
    gone_from = set()
    for change in changes.units:
        if change.kind == "gone":
            gone_from.add(change.grid)
        else:
            opened.add(parent.at(position[change.unit]))
        if change.kind == "parent" and change.before in everything:
            opened.add(change.before)
    for edge in changes.edges:
        homes = {parent.at(position[name]) for name in edge.units}
        (opened if len(homes) == 1 else nearby).update(homes)
    if broken:
        violations, _ = validate(problem, Plan(grid=previous))
        named = {unit for violation in violations for unit in violation.units}
        opened |= {parent.at(position[unit]) for unit in named}
        opened |= {name for violation in violations if violation.rule.startswith("count_") for name in everything}
    of_grid = [sorted(set(parent.code[members].tolist())) for members in previous.members()]
    names = {code: None if code < 0 else parent.names[code] for code in np.unique(parent.code).tolist()}
    for grid, codes in zip(previous.names, of_grid, strict=True):
        if grid in gone_from:
            opened |= {names[code] for code in codes}
    while True:
        linked = {names[code] for codes in of_grid if {names[c] for c in codes} & opened for code in codes}
        if linked <= opened:
            break
        opened |= linked
    grids = {
        grid for grid, codes in zip(previous.names, of_grid, strict=True) if {names[code] for code in codes} & opened
    }
    return Reach(opened=frozenset(opened), grids=frozenset(grids), only_distances=frozenset(nearby - opened))
