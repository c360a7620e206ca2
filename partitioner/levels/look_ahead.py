"""Look-ahead: lines of an upper level are moved where they leave no lawful lower level inside.

An upper area in which the lower level is not lawful is taken together with a neighbour. First the best other lines
between the two are tried, and the lower level is solved on both sides of each. If none helps, it is solved without any
line, and the lower areas (with the upper units that they share kept whole) are joined back into lawful upper areas.
Either is accepted only if fewer households are outside the lower bounds than before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from partitioner.levels.contraction import contracted_graph, heaviest, main_label, middles, pieces
from partitioner.levels.restriction import restricted, side_by_side, with_parents
from partitioner.levels.splits import other_splits
from partitioner.model import CountRange, FloatArray, IntArray, Labels, Plan, Problem, Units
from partitioner.scoring import validate
from partitioner.solver.naming import name_grids

MAX_ROUNDS = 20
"""Every round joins as many pairs as do not touch each other."""

MAX_TRIES = 5
"""Neighbours that an area is joined with before it is left as it is."""

MAX_LINES = 8
"""Other lines between two areas that are tried …"""

MAX_COPIED = 8_000
"""… and how many lower units may stand in all of them together."""

SolvePart = Callable[[Problem], Plan]
"""Solves a part: pairs of areas, each a parent of its own."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Nested:
    """Two levels, one inside the other.

    Parameters
    ----------
    upper, lower : Problem
        Parents of `lower` are not read: the upper areas are its parents.
    upper_of_lower : int array, shape (units of `lower`,)
        The upper unit that each lower unit is a part of. Upper units are never cut by a line.
    """

    upper: Problem
    lower: Problem
    upper_of_lower: IntArray

    def __post_init__(self) -> None:
        if len(self.upper_of_lower) != len(self.lower.units):
            raise ValueError(f"{len(self.upper_of_lower)} positions for {len(self.lower.units)} lower units")
        if len(self.upper_of_lower) and int(self.upper_of_lower.min()) < 0:
            raise ValueError("every lower unit must be a part of an upper one")


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
    state = _State.of(nested, upper_plan, lower_plan)
    before = state.misfit()
    joined: list[tuple[str, str]] = []
    tried: set[tuple[str, str]] = set()
    tries: dict[str, int] = {}
    for _ in range(max_rounds):
        pairs = [] if over() else _pairs(state, tried, tries)
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


def misfit_by_cell(problem: Problem, cell: IntArray) -> IntArray:
    """Households outside the bounds for every cell number; 0 in locked cells, which no bound holds."""
    size = np.bincount(cell, weights=problem.units.households).astype(np.int64)
    outside = np.maximum(np.maximum(problem.bounds.min - size, size - problem.bounds.max), 0)
    outside[np.bincount(cell) == 0] = 0
    for members in problem.locked:
        outside[cell[members[0]]] = 0
    return outside


@dataclass(eq=False)
class _State:
    """Where every unit is now.

    `area` names the upper area of every upper unit (None: in none), `cell` numbers the lower area of every lower unit.
    """

    nested: Nested
    area: list[str | None]
    cell: IntArray
    fixed: frozenset[str]
    next_cell: int = 0

    @classmethod
    def of(cls, nested: Nested, upper_plan: Plan, lower_plan: Plan) -> _State:
        """Areas that hold a locked set stay as they are, and so do those of lower units without an area."""
        area = list(upper_plan.grid.values())
        cell = lower_plan.grid.code.copy()
        unlabelled = cell < 0
        cell[unlabelled] = len(lower_plan.grid.names) + np.arange(int(unlabelled.sum()))
        fixed = {area[p] for members in nested.upper.locked for p in members}
        fixed |= {area[int(p)] for p in nested.upper_of_lower[unlabelled]}
        state = cls(nested, area, cell, frozenset(name for name in fixed if name is not None))
        state.next_cell = int(cell.max(initial=-1)) + 1
        return state

    def area_of_lower(self) -> Labels:
        return Labels(self.area[p] for p in self.nested.upper_of_lower.tolist())

    def misfit(self) -> int:
        return int(misfit_by_cell(self.nested.lower, self.cell).sum())

    def hopeful(self) -> IntArray:
        """Misfit by cell, without lone units that are too large for any cell: moving a line does not help them."""
        outside = misfit_by_cell(self.nested.lower, self.cell)
        size = np.bincount(self.cell, weights=self.nested.lower.units.households)
        outside[(np.bincount(self.cell) == 1) & (size > self.nested.lower.bounds.max)] = 0
        return outside

    def misfit_by_area(self, outside: IntArray) -> dict[str, int]:
        """Households outside the lower bounds in every area that has any."""
        home = np.zeros(len(outside), dtype=np.int64)
        home[self.cell] = self.nested.upper_of_lower
        found: dict[str, int] = {}
        for cell in np.flatnonzero(outside).tolist():
            name = self.area[int(home[cell])]
            if name is not None:
                found[name] = found.get(name, 0) + int(outside[cell])
        return found


def _pairs(state: _State, tried: set[tuple[str, str]], tries: dict[str, int]) -> list[tuple[str, str]]:
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


def _borders(state: _State) -> dict[str, dict[str, tuple[int, int]]]:
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


def _redraw(state: _State, pairs: list[tuple[str, str]], solve_part: SolvePart) -> list[bool]:
    """Draw every pair anew, with another line or else without any; whether each is better now."""
    better = _move_line(state, pairs, solve_part)
    rest = [pair for pair, done in zip(pairs, better, strict=True) if not done]
    joined = dict(zip(rest, _join(state, rest, solve_part), strict=True)) if rest else {}
    return [done or joined[pair] for pair, done in zip(pairs, better, strict=True)]


def _move_line(state: _State, pairs: list[tuple[str, str]], solve_part: SolvePart) -> list[bool]:
    """Try the best other lines between the areas of every pair; whether one is better. Others stay as they were."""
    nested = state.nested
    code = Labels(state.area)
    number = {name: k for k, name in enumerate(code.names)}
    codes = [(number[a], number[b]) for a, b in pairs]
    uppers = _Areas.of(nested.upper, code.code, codes)
    lowers = _Areas.of(nested.lower, code.code[nested.upper_of_lower], codes)
    upper_at, lower_at = uppers.positions, lowers.positions
    limit = min(MAX_LINES, max(1, MAX_COPIED // max(1, sum(len(at) for at in lower_at))))
    tries: list[tuple[int, npt.NDArray[np.bool_]]] = []
    parts: list[Problem] = []
    place = np.zeros(len(state.area), dtype=np.int64)
    for k, (pair, upper, lower) in enumerate(zip(codes, upper_at, lower_at, strict=True)):
        place[upper] = np.arange(len(upper))
        base, present = lowers.part(k), code.code[upper] == pair[1]
        for line in other_splits(uppers.part(k), present, limit):
            side = _like_before(line, present, nested.upper.units.weight[upper])
            of_lower = side[place[nested.upper_of_lower[lower]]]
            parts.append(with_parents(base, Labels("b" if second else "a" for second in of_lower.tolist())))
            tries.append((k, side))
    if not tries:
        return [False] * len(pairs)
    cells = np.split(solve_part(side_by_side(parts)).grid.code, np.cumsum([len(part.units) for part in parts])[:-1])
    before = state.misfit_by_area(misfit_by_cell(nested.lower, state.cell))
    best = [sum(before.get(name, 0) for name in pair) for pair in pairs]
    chosen: dict[int, int] = {}
    for position, ((k, _), part, cell) in enumerate(zip(tries, parts, cells, strict=True)):
        if (cell < 0).any() or not _counted(part, cell, nested.lower.count.default):
            continue
        after = int(misfit_by_cell(part, np.unique(cell, return_inverse=True)[1]).sum())
        if after < best[k]:
            best[k], chosen[k] = after, position
    for k, position in sorted(chosen.items()):
        side, cell = tries[position][1], cells[position]
        for unit, second in zip(upper_at[k].tolist(), side.tolist(), strict=True):
            state.area[unit] = pairs[k][int(second)]
        state.cell[lower_at[k]] = state.next_cell + cell
        state.next_cell += int(cell.max()) + 1
    return [k in chosen for k in range(len(pairs))]


@dataclass(frozen=True, eq=False)
class _Areas:
    """Pairs of areas as problems of their own, cut out of what all of them cover."""

    covered: Problem
    place: IntArray
    positions: list[IntArray]

    @classmethod
    def of(cls, problem: Problem, area: IntArray, pairs: list[tuple[int, int]]) -> _Areas:
        """`area` numbers the area of every unit, `pairs` holds such numbers."""
        pair_of = np.full(int(area.max(initial=-1)) + 2, -1, dtype=np.int64)
        for k, codes in enumerate(pairs):
            pair_of[list(codes)] = k
        pair = pair_of[area]
        at = np.flatnonzero(pair >= 0)
        place = np.full(len(area), -1, dtype=np.int64)
        place[at] = np.arange(len(at))
        order = at[np.argsort(pair[at], kind="stable")]
        ends = np.cumsum(np.bincount(pair[at], minlength=len(pairs)))
        return cls(restricted(problem, at), place, np.split(order, ends[:-1]))

    def part(self, k: int) -> Problem:
        """The areas of pair `k`."""
        return restricted(self.covered, self.place[self.positions[k]])


def _like_before(
    side: npt.NDArray[np.bool_], before: npt.NDArray[np.bool_], weight: FloatArray
) -> npt.NDArray[np.bool_]:
    """`side` or its opposite, whichever leaves most households with their name."""
    return side if float(weight[side == before].sum()) >= float(weight[side != before].sum()) else ~side


def _counted(part: Problem, cell: IntArray, counts: CountRange) -> bool:
    """Whether every area holds a lawful number of lower ones."""
    for members in part.units.parent.members():
        num = len(np.unique(cell[members]))
        if num < (counts.min or 0) or (counts.max is not None and num > counts.max):
            return False
    return True


def _join(state: _State, pairs: list[tuple[str, str]], solve_part: SolvePart) -> list[bool]:
    """Draw every pair without its line; whether each is better now. Pairs that are not better stay as they were."""
    nested = state.nested
    pair_of = {name: k for k, pair in enumerate(pairs) for name in pair}
    of_upper = np.array([-1 if a is None else pair_of.get(a, -1) for a in state.area], dtype=np.int64)
    lower_at = np.flatnonzero(of_upper[nested.upper_of_lower] >= 0)
    of_lower = of_upper[nested.upper_of_lower[lower_at]]
    part = restricted(nested.lower, lower_at, parent=Labels(str(k) for k in of_lower.tolist()))
    cells = solve_part(part).grid.code.astype(np.int64)
    outside = misfit_by_cell(part, np.maximum(cells, 0))
    before = state.misfit_by_area(misfit_by_cell(nested.lower, state.cell))
    better = np.zeros(len(pairs), dtype=bool)
    for k, pair in enumerate(pairs):
        here = cells[of_lower == k]
        after = int(outside[np.unique(here)].sum()) if (here >= 0).all() else None
        better[k] = after is not None and after < sum(before.get(name, 0) for name in pair)
    if better.any():
        better = _regroup(state, pairs, better, of_upper, lower_at, cells, solve_part)
    kept = better[of_lower]
    state.cell[lower_at[kept]] = state.next_cell + cells[kept]
    state.next_cell += int(cells.max(initial=0)) + 1
    return [bool(one) for one in better]


def _regroup(
    state: _State,
    pairs: list[tuple[str, str]],
    wanted: npt.NDArray[np.bool_],
    of_upper: IntArray,
    lower_at: IntArray,
    cells: IntArray,
    solve_part: SolvePart,
) -> npt.NDArray[np.bool_]:
    """Join lower areas back into upper ones; which pairs allow that. Their upper units get their new areas."""
    nested = state.nested
    at = np.flatnonzero((of_upper >= 0) & wanted[of_upper])
    pair = of_upper[at]
    upper = restricted(nested.upper, at)
    place = np.full(len(nested.upper.units), -1, dtype=np.int64)
    place[at] = np.arange(len(at))
    inside = place[nested.upper_of_lower[lower_at]]
    drawn = inside >= 0
    shared = pieces(len(at) + int(cells.max(initial=-1)) + 1, inside[drawn], len(at) + cells[drawn])[: len(at)]
    atom = np.unique(shared, return_inverse=True)[1].astype(np.int64)
    plan = solve_part(_atoms(upper, atom, pair))
    old = Plan(grid=Labels(state.area[p] for p in at.tolist()))
    new = Plan(grid=_named(pairs, pair, plan.grid.code[atom], old, upper, set(state.area)))
    allowed = wanted & (_broken(upper, new, pair, len(pairs)) <= _broken(upper, old, pair, len(pairs)))
    allowed &= _counts_hold(nested, new, old, pair, inside, cells, len(pairs))
    for position, label, k in zip(at.tolist(), new.grid.values(), pair.tolist(), strict=True):
        if allowed[k]:
            state.area[position] = label
    return np.asarray(allowed, dtype=np.bool_)


def _atoms(upper: Problem, atom: IntArray, pair: IntArray) -> Problem:
    """The upper problem over what may not be parted; every pair is a parent of its own."""
    units = upper.units
    num = int(atom.max()) + 1
    centre = heaviest(atom, units.weight)
    graph, _ = contracted_graph(upper.graph, atom, centre)
    place = None
    if units.x is not None and units.y is not None:
        place = middles(atom, units.weight, units.x, units.y)
    sets = {
        name: tuple(
            members
            for given in getattr(upper, name)
            if len(members := tuple(np.unique(atom[list(given)]).tolist())) > 1
        )
        for name in ("together", "apart")
    }
    return Problem(
        units=Units(
            id=tuple(f"a{k}" for k in range(num)),
            households=np.bincount(atom, weights=units.households, minlength=num).astype(np.int64),
            x=None if place is None else place[:, 0],
            y=None if place is None else place[:, 1],
            group=main_label(units.group, atom, units.weight, num),
            parent=Labels(str(pair[p]) for p in centre.tolist()),
            previous=main_label(units.previous, atom, units.weight, num),
        ),
        graph=graph,
        bounds=upper.bounds,
        weights=upper.weights,
        max_walk_m=upper.max_walk_m,
        together=sets["together"],
        apart=sets["apart"],
    )


def _named(
    pairs: list[tuple[str, str]], pair: IntArray, code: IntArray, old: Plan, upper: Problem, used: set[str | None]
) -> Labels:
    """New areas by the names of the old: the most households of a pair keep their name; a third area gets a new one.

    Parameters
    ----------
    pair : int array, shape (n,)
        Position in `pairs` for every unit of `upper`.
    code : int array, shape (n,)
        New area of every unit; -1 for none.
    """
    name_of: dict[int, str] = {}
    first = np.array([pairs[k][0] == name for k, name in zip(pair.tolist(), old.grid.values(), strict=True)])
    for k in np.unique(pair).tolist():
        here = np.flatnonzero((pair == k) & (code >= 0))
        areas, place = np.unique(code[here], return_inverse=True)
        weight = np.zeros((len(areas), 2))
        np.add.at(weight, (place, np.where(first[here], 0, 1)), upper.units.weight[here])
        rows, columns = linear_sum_assignment(weight, maximize=True)
        name_of |= {int(areas[r]): pairs[k][c] for r, c in zip(rows.tolist(), columns.tolist(), strict=True)}
        for area in areas.tolist():
            if area not in name_of:
                name_of[area] = next(name for n in count(2) if (name := f"{pairs[k][0]}-{n}") not in used)
                used.add(name_of[area])
    return Labels(name_of.get(area) for area in code.tolist())


def _broken(upper: Problem, plan: Plan, pair: IntArray, num_pairs: int) -> FloatArray:
    """How much every pair breaks of the rules of the upper level, whatever the rule."""
    place = upper.units.position()
    amount = np.zeros(num_pairs)
    for violation in validate(upper, plan)[0]:
        amount[pair[place[violation.units[0]]]] += violation.amount
    return amount


def _counts_hold(
    nested: Nested, new: Plan, old: Plan, pair: IntArray, inside: IntArray, cells: IntArray, num_pairs: int
) -> npt.NDArray[np.bool_]:
    """Where numbers of areas are bounded, a pair keeps its number, and new areas hold a lawful number of lower ones."""
    holds = np.ones(num_pairs, dtype=np.bool_)
    if nested.upper.count.default != CountRange() or nested.upper.count.by_parent:
        for k in range(num_pairs):
            here = pair == k
            holds[k] = len(np.unique(new.grid.code[here])) == len(np.unique(old.grid.code[here]))
    bounds = nested.lower.count.default
    if bounds != CountRange():
        drawn = inside >= 0
        inner = np.unique(np.column_stack([new.grid.code[inside[drawn]], cells[drawn], pair[inside[drawn]]]), axis=0)
        for area in np.unique(inner[:, 0]).tolist():
            num = int((inner[:, 0] == area).sum())
            if num < (bounds.min or 0) or (bounds.max is not None and num > bounds.max):
                holds[int(inner[inner[:, 0] == area, 2][0])] = False
    return holds
