"""Nodes that choose the previous grid they go to, as a model for CP-SAT.

Previous grids are places with names, so the model has none of the symmetry of drawing from nothing: it is an
assignment with bounds, and a node that stays costs nothing. Connected grids are asked for where they are missed: when
a part C of a grid hangs apart from the rest of it, a node of C and one of the rest may share a grid only if some node
around C does, too.

Many small nodes of one previous grid may be told as one *cell*, of which every place takes some households: a model
that allows more than there is, and proves a bound much sooner.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from ortools.sat.python import cp_model
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from partitioner.model import IntArray
from partitioner.redraw.freezing import Fixed
from partitioner.redraw.near_part import Near
from partitioner.redraw.ordered import Place
from partitioner.redraw.reaching_out import cells_beyond, own_pieces, ways_through
from partitioner.redraw.region import Part, Region
from partitioner.solver.limits import StopSignal

LEAST_ROUND = 0.1
"""No round counts for less of the effort: making a model ready is not in CP-SAT's own measure."""

SMALL = 40
"""A node is small where so many of it are needed for the smallest grid."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Cells:
    """The nodes of one part, small ones of one previous grid that hang together taken as one.

    Parameters
    ----------
    of_node : int array, shape (nodes,)
        Cells count from 0, in the order of their first nodes.
    households : int array, shape (cells,)
    divisible : bool array, shape (cells,)
        Whether a cell is several nodes.
    """

    part: Part
    of_node: IntArray
    households: IntArray
    divisible: np.ndarray[tuple[int], np.dtype[np.bool_]]

    def __len__(self) -> int:
        return len(self.households)

    @cached_property
    def beside(self) -> list[list[int]]:
        """Neighbours of every cell."""
        case = self.part.piece.case
        owner = self.of_node[np.repeat(np.arange(len(self.of_node)), np.diff(case.start))]
        other = self.of_node[case.neighbour]
        pairs = np.unique(np.stack([owner, other], axis=1)[owner != other], axis=0)
        start = np.searchsorted(pairs[:, 0], np.arange(len(self) + 1))
        return [pairs[a:b, 1].tolist() for a, b in zip(start[:-1].tolist(), start[1:].tolist(), strict=True)]


def single_cells(part: Part) -> Cells:
    """Every node by itself."""
    households = part.piece.case.households
    num = len(households)
    return Cells(part=part, of_node=np.arange(num), households=households, divisible=np.zeros(num, dtype=np.bool_))


def joined_cells(part: Part, nears: Sequence[Near]) -> Cells:
    """Small nodes joined, as long as no rule speaks of them alone."""
    case = part.piece.case
    num = len(case.households)
    kinds = np.diff(case.previous_start)
    label = np.full(num, -1, dtype=np.int64)
    label[kinds == 1] = case.previous_item[case.previous_start[:-1][kinds == 1]]
    plain = (case.households * SMALL <= case.low) & (kinds <= 1) & (np.diff(case.apart_start) == 0)
    for near in nears:
        plain &= (near.inside == 0) & (near.outside == 0)
    for nodes in part.loose:
        plain[nodes] = False
    owner = np.repeat(np.arange(num), np.diff(case.start))
    same = plain[owner] & plain[case.neighbour] & (label[owner] == label[case.neighbour])
    links = csr_array((np.ones(int(same.sum())), (owner[same], case.neighbour[same])), shape=(num, num))
    cluster = connected_components(links, directed=False)[1]
    _, first, of_node = np.unique(cluster, return_index=True, return_inverse=True)
    of_node = np.argsort(np.argsort(first))[of_node].astype(np.int64)
    count = np.bincount(of_node)
    return Cells(
        part=part,
        of_node=of_node,
        households=np.bincount(of_node, weights=case.households).astype(np.int64),
        divisible=count > 1,
    )


class PlaceModel:
    """The assignment, with the cuts that were needed so far.

    Parameters
    ----------
    places : sequence of Near
        Where grids may be.
    cells : sequence of Cells
        Of every part of the region. Where some are divisible, only `bound` means something.
    at_least : int
        Households that are known to move.
    below : int or None
        Only plans that move fewer are looked for.
    grown : sequence of Place, optional
        In which order the grid of each place may take nodes; single cells only.
    alone : int, optional
        The only part that is asked for, and that all places lie in; no count may tie it to others.
    locked : sequence of mapping
        Households by previous grid of each locked grid, which may carry on one of them.

    Attributes
    ----------
    bound : int
        No plan moves fewer.
    settled : bool
        Whether the fewest are known: those of the plan returned, else `below`.
    grids : list of int arrays
        Nodes of every place in the last plan, empty ones included.
    carried : list of int
        What every locked grid carries on in it, -1 none.
    """

    def __init__(
        self,
        region: Region,
        places: Sequence[Near],
        cells: Sequence[Cells],
        fixed: Fixed,
        at_least: int,
        below: int | None,
        grown: Sequence[Place] | None = None,
        alone: int | None = None,
        locked: Sequence[Mapping[int, int]] = (),
    ) -> None:
        self.region, self.places, self.cells, self.below, self.alone = region, places, cells, below, alone
        self.bound = at_least
        self.settled = False
        self.grids: list[IntArray] = []
        self.carried: list[int] = []
        self.plain = grown is not None  # such models are easy: their relaxations take longer than their search
        self.model = cp_model.CpModel()
        self.inside = [[self.model.new_bool_var("") for _ in range(len(cells[p.number]))] for p in places]
        self.used = [self.model.new_bool_var("") for _ in places]
        self.amount = [
            [
                self._amount(var, int(num), divided)
                for var, num, divided in zip(row, of.households, of.divisible, strict=True)
            ]
            for row, of in zip(self.inside, (cells[p.number] for p in places), strict=True)
        ]
        # A grid that carries on a previous one holds some of it.
        self.roots = [
            frozenset(np.unique(cells[p.number].of_node[p.roots]).tolist()) if p.label >= 0 else frozenset()
            for p in places
        ]
        self.keeps = [{label: self.model.new_bool_var("") for label in sorted(own)} for own in locked]
        self._every_cell_once()
        self._bounds()
        self._carried_once()
        self._rules(fixed)
        self.gained = [self._gained(k) for k in range(len(places))]
        lost = [
            sum(own.values()) - sum(own[label] * var for label, var in keeps.items())
            for own, keeps in zip(locked, self.keeps, strict=True)
        ]
        if grown is not None:
            self._in_order(grown)
        else:
            self._reaching_out()
        moved = self.moved = sum(self.gained) + sum(lost)
        self.model.add(moved >= at_least)
        if below is not None:
            self.model.add(moved <= below - 1)
        self.model.minimize(moved)

    def _amount(self, var: cp_model.IntVar, households: int, divided: np.bool_) -> cp_model.LinearExprT:
        """Households of a cell in a place."""
        if not divided:
            return households * var
        amount = self.model.new_int_var(0, households, "")
        self.model.add(amount <= households * var)
        self.model.add(amount >= var)
        return amount

    def _gained(self, k: int) -> cp_model.IntVar:
        """Households that go to a place from other previous grids."""
        near, cells = self.places[k], self.cells[self.places[k].number]
        incoming = np.bincount(cells.of_node, weights=near.incoming, minlength=len(cells)).astype(np.int64).tolist()
        gained = self.model.new_int_var(0, near.part.piece.case.high, "")
        terms = [
            self.amount[k][cell] if cells.divisible[cell] else num * self.inside[k][cell]
            for cell, num in enumerate(incoming)
            if num
        ]
        self.model.add(gained == sum(terms))
        return gained

    def _every_cell_once(self) -> None:
        """Every cell goes to one place of its part; of divisible ones all households do."""
        for number in range(len(self.cells)) if self.alone is None else [self.alone]:
            cells = self.cells[number]
            mine = [k for k, near in enumerate(self.places) if near.number == number]
            for cell in range(len(cells)):
                if cells.divisible[cell]:
                    self.model.add(sum(self.amount[k][cell] for k in mine) == int(cells.households[cell]))
                else:
                    self.model.add_exactly_one(self.inside[k][cell] for k in mine)

    def _bounds(self) -> None:
        """A place in use holds between `min` and `max` households; a small cell is never alone."""
        for k, near in enumerate(self.places):
            case, cells, row, used = near.part.piece.case, self.cells[near.number], self.inside[k], self.used[k]
            load = sum(self.amount[k])
            self.model.add(load >= case.low * used)
            self.model.add(load <= case.high * used)
            for cell, var in enumerate(row):
                self.model.add_implication(var, used)
                if cells.households[cell] < case.low:
                    self.model.add_bool_or([var.negated(), *(row[other] for other in cells.beside[cell])])

    def _carried_once(self) -> None:
        """A previous grid is carried on in one part, by a grid that holds some of it; counts hold."""
        by_label: dict[int, list[cp_model.IntVar]] = {}
        for k, near in enumerate(self.places):
            if near.label >= 0:
                by_label.setdefault(near.label, []).append(self.used[k])
                held = (self.inside[k][cell] for cell in sorted(self.roots[k]))
                self.model.add_bool_or([self.used[k].negated(), *held])
        for keeps in self.keeps:
            self.model.add_at_most_one(keeps.values())
            for label, var in keeps.items():
                by_label.setdefault(label, []).append(var)
        for variables in by_label.values():
            self.model.add_at_most_one(variables)
        for counted in self.region.counted:
            mine = [self.used[k] for k, near in enumerate(self.places) if near.number in counted.parts]
            self.model.add_linear_constraint(sum(mine), counted.low, counted.high)

    def _rules(self, fixed: Fixed) -> None:
        """Pins, sets that must share a grid, pairs that must not, frozen lines."""
        for k, near in enumerate(self.places):
            case, of_node, row = near.part.piece.case, self.cells[near.number].of_node, self.inside[k]
            for node in np.flatnonzero(near.inside).tolist():
                self.model.add(row[of_node[node]] == 1)
            for node in np.flatnonzero(near.outside).tolist():
                self.model.add(row[of_node[node]] == 0)
            for nodes in near.part.loose:
                for other in nodes.tolist()[1:]:
                    self.model.add(row[of_node[int(nodes[0])]] == row[of_node[other]])
            for node in range(len(of_node)):
                for other in case.apart_item[case.apart_start[node] : case.apart_start[node + 1]].tolist():
                    if node < other:
                        self.model.add_bool_or([row[of_node[node]].negated(), row[of_node[other]].negated()])
            if len(fixed.lines):
                owner = of_node[np.repeat(np.arange(len(of_node)), np.diff(case.previous_start))]
                for a, b in np.argwhere(np.triu(fixed.lines)).tolist():
                    for u in np.unique(owner[case.previous_item == a]).tolist():
                        for v in np.unique(owner[case.previous_item == b]).tolist():
                            self.model.add_bool_or([row[u].negated(), row[v].negated()])

    def _reaching_out(self) -> None:
        """A grid that reaches out from what it carries on, or joins pieces of it, takes what lies on the way as well.

        A cell as a whole is no way: whoever passes through many small nodes takes all those that it passes.
        """
        for near, cells, row, gained in zip(
            self.places, (self.cells[p.number] for p in self.places), self.inside, self.gained, strict=True
        ):
            if near.label < 0:
                continue
            for households, cell in cells_beyond(near, cells):
                self.model.add(gained >= households * row[cell])
            joined = own_pieces(near)
            touched = [self.model.new_bool_var("") for _ in joined.nodes]
            for var, nodes in zip(touched, joined.nodes, strict=True):
                for cell in np.unique(cells.of_node[nodes]).tolist():
                    self.model.add_implication(row[cell], var)
            for a, b, households in joined.between:
                self.model.add(gained >= households * (touched[a] + touched[b] - 1))

    def _in_order(self, grown: Sequence[Place]) -> None:
        """A grid holds a node only with a neighbour that comes before it, and its middle in any case."""
        for place, row, used in zip(grown, self.inside, self.used, strict=True):
            case = place.near.part.piece.case
            self.model.add_implication(used, row[place.middle])
            for node, var in enumerate(row):
                if place.rank[node] < 0:
                    self.model.add(var == 0)
                elif node != place.middle:
                    beside = case.neighbour[case.start[node] : case.start[node + 1]]
                    before = beside[(place.rank[beside] >= 0) & (place.rank[beside] < place.rank[node])]
                    self.model.add_bool_or([var.negated(), *(row[other] for other in before.tolist())])

    def require(self, number: int, least: int) -> None:
        """At least so many households move in one part."""
        self.model.add(sum(self.gained[k] for k, near in enumerate(self.places) if near.number == number) >= least)

    def keep(self, k: int, whole: IntArray, shared: IntArray) -> None:
        """Place `k` holds the nodes of `whole`, and no others than those of `shared`; single cells only."""
        free = set(shared.tolist())
        held = set(whole.tolist())
        for node, var in enumerate(self.inside[k]):
            if node not in free:
                self.model.add(var == (node in held))

    @property
    def shares(self) -> list[tuple[IntArray, IntArray]]:
        """Of every place in the last plan, the nodes held whole, and those of cells of which some share is held."""
        divided = [self.cells[near.number].divisible[self.cells[near.number].of_node] for near in self.places]
        return [(nodes[~some[nodes]], nodes[some[nodes]]) for nodes, some in zip(self.grids, divided, strict=True)]

    def solve(self, signal: StopSignal, seconds: float | None, effort: float) -> bool:
        """Solve, cut and solve again until all grids are connected; whether there is such a plan, in `grids`.

        Parameters
        ----------
        effort : float
            What all solves together may take, in CP-SAT's own measure (about seconds).
        """
        left = effort
        while True:
            solver = cp_model.CpSolver()
            solver.parameters.num_workers = 1
            solver.parameters.catch_sigint_signal = False  # it would take the caller's own handler away
            solver.parameters.random_seed = 1
            solver.parameters.max_deterministic_time = left
            solver.parameters.linearization_level = 0 if self.plain else 2
            solver.parameters.cp_model_probing_level = 0
            solver.parameters.symmetry_level = 0
            if seconds is not None:
                solver.parameters.max_time_in_seconds = max(0.01, min(seconds, signal.remaining_s or seconds))
            forget = signal.listen(solver.stop_search)
            try:
                status = solver.solve(self.model)
            finally:
                forget()
            if status == cp_model.INFEASIBLE and self.below is not None:
                self.bound, self.settled = self.below, True
                return False
            if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
                return False
            known = round(solver.best_objective_bound)
            if known > self.bound:
                self.bound = known
                self.model.add(self.moved >= known)
            left -= max(solver.deterministic_time, LEAST_ROUND)
            held = [[cell for cell, var in enumerate(row) if solver.boolean_value(var)] for row in self.inside]
            if not (self._cut(held) or self._crossed(solver, held)):
                self.settled = status == cp_model.OPTIMAL
                self.grids = [
                    np.flatnonzero(np.isin(self.cells[near.number].of_node, cells))
                    for near, cells in zip(self.places, held, strict=True)
                ]
                self.carried = [
                    next((label for label, var in keeps.items() if solver.boolean_value(var)), -1)
                    for keeps in self.keeps
                ]
                return True
            if left <= 0 or status != cp_model.OPTIMAL or signal():
                return False
            self.model.clear_hints()  # type: ignore[no-untyped-call]
            for row in self.inside:
                for var in row:
                    self.model.add_hint(var, solver.boolean_value(var))

    def _cut(self, held: list[list[int]]) -> bool:
        """Ask for what connects the parts of every grid; whether any was in parts."""
        torn = False
        for near, inside in zip(self.places, held, strict=True):
            cells = self.cells[near.number]
            parts = _parts(cells, inside)
            home = max(parts, key=lambda part: (int(cells.households[part].sum()), -part[0]), default=[])
            for part in parts:
                if part is not home:
                    torn = True
                    self._connect(near.number, part, home)
        return torn

    def _crossed(self, solver: cp_model.CpSolver, held: list[list[int]]) -> bool:
        """Ask for what it takes to cross divided cells; whether any was crossed for less."""
        found = False
        for k, (near, inside) in enumerate(zip(self.places, held, strict=True)):
            cells, roots = self.cells[near.number], self.roots[k]
            for middle in (cell for cell in inside if cells.divisible[cell] and roots and cell not in roots):
                parts = _parts(cells, [cell for cell in inside if cell != middle])
                home = {cell for part in parts if not roots.isdisjoint(part) for cell in part}
                taken = int(solver.value(self.amount[k][middle]))
                for part in parts:
                    if roots.isdisjoint(part):
                        found |= self._to_cross(near.number, middle, part, home, set(inside), taken)
        return found

    def _to_cross(
        self, number: int, middle: int, part: list[int], home: set[int], inside: set[int], taken: int
    ) -> bool:
        """Who holds cells of `part` and nothing else that leads there takes the way through `middle` to `home`.

        Whether that is more than is `taken`. What else is held `inside` and lies nearer goes the same way.
        """
        cells = self.cells[number]
        far = set(part)
        while True:
            way = self._way_through(number, middle, far)
            needed = min((households for cell, households in way.items() if cell in home), default=0)
            nearer = {cell for cell, households in way.items() if households < needed}
            if not nearer & inside:
                break
            far |= inside - home - {middle}
        if needed <= taken:
            return False
        around = {other for cell in far for other in cells.beside[cell]} - {middle}
        others = sorted((nearer | around) - far)
        for k, near in enumerate(self.places):
            if near.number == number and self.roots[k] and self.roots[k].isdisjoint([middle, *far]):
                row = self.inside[k]
                enough = self.model.new_bool_var("")
                self.model.add(self.amount[k][middle] >= needed).only_enforce_if(enough)
                for cell in sorted(far):
                    self.model.add_bool_or([row[cell].negated(), enough, *(row[other] for other in others)])
        return True

    def _way_through(self, number: int, middle: int, part: set[int]) -> dict[int, int]:
        """Fewest households of `middle` on a way through it from `part` to each other cell beside it."""
        cells = self.cells[number]
        case, of_node = cells.part.piece.case, cells.of_node
        owner = np.repeat(np.arange(len(of_node)), np.diff(case.start))
        across = (of_node[owner] == middle) & (of_node[case.neighbour] != middle)
        inner, outer = owner[across], of_node[case.neighbour[across]]
        starts = np.unique(inner[np.isin(outer, sorted(part))]).tolist()
        way = ways_through(cells.part, np.flatnonzero(of_node == middle), starts)
        found: dict[int, int] = {}
        for node, cell in zip(inner.tolist(), outer.tolist(), strict=True):
            if cell not in part:
                found[cell] = min(int(way[node]), found.get(cell, int(way[node])))
        return found

    def _connect(self, number: int, part: list[int], home: list[int]) -> None:
        """Whoever holds cells of `part` holds one around it as well, if that is where the rest of its grid must be."""
        cells = self.cells[number]
        around = {other for cell in part for other in cells.beside[cell]} - set(part)
        b = max(home, key=lambda cell: (int(cells.households[cell]), -cell))
        for k, near in enumerate(self.places):
            if near.number != number:
                continue
            row, roots = self.inside[k], self.roots[k]
            rooted = bool(roots) and roots.isdisjoint(part)
            gate = [row[s] for s in _between(cells, roots if rooted else frozenset([b]), around)]
            other = [] if rooted else [row[b].negated()]
            for cell in part:
                self.model.add_bool_or([row[cell].negated(), *other, *gate])


def _between(cells: Cells, roots: frozenset[int], around: set[int]) -> list[int]:
    """Those of `around` that a way from `roots` can come to first."""
    first = sorted(roots & around)
    inside = sorted(roots - around)
    seen = set(inside)
    gate = set(first)
    for cell in inside:
        for other in cells.beside[cell]:
            if other in around:
                gate.add(other)
            elif other not in seen:
                seen.add(other)
                inside.append(other)
    return sorted(gate)


def _parts(cells: Cells, inside: list[int]) -> list[list[int]]:
    """Connected parts of some cells."""
    left = set(inside)
    found = []
    for first in inside:
        if first not in left:
            continue
        left.discard(first)
        part = [first]
        for cell in part:
            for other in cells.beside[cell]:
                if other in left:
                    left.discard(other)
                    part.append(other)
        found.append(part)
    return found
