"""A plain CP-SAT model (OR-Tools): one bool per unit and centre, contiguity by an ordering.

Every unit that is no centre has exactly one neighbour before it, of the same centre and on a lower level. The number of
grids is free (the model finds it); costs are whole tenths, rounded down, so that the bound is valid. All centres up to
160 units; above that the 12 nearest of three centres per grid (then the bound is not one of the problem and is not
reported). Eight workers (its portfolio is built for that many, on fewer cores, too); hint: the best METIS partition of
a tenth of the time.
"""

from __future__ import annotations

import math

import numpy as np
from ortools.sat.python import cp_model

from benchmarks.peers.case import Case
from benchmarks.peers.centres import centres_of, touched, tree_towards
from benchmarks.peers.found import Found
from benchmarks.peers.start import opening

SCALE = 10
WORKERS = 8
MAX_ARC_CLAUSES = 3_000_000
"""More implications than this do not fit into the time and memory of a comparison."""


def run(case: Case, found: Found) -> None:
    begun = opening(case, found, MAX_ARC_CLAUSES)
    if begun is None:
        return
    start, allowed, complete = begun
    model = _Model(case, allowed)
    if start is not None:
        model.hint(start)

    class Watch(cp_model.CpSolverSolutionCallback):
        def on_solution_callback(self) -> None:
            chosen = [centre for (_, centre), bool_ in model.has.items() if self.boolean_value(bool_)]
            found.plan(chosen)
            if complete:
                found.bound(self.best_objective_bound / SCALE - model.free)

    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = found.left_s
    solver.parameters.random_seed = case.seed
    solver.parameters.num_workers = max(case.threads, WORKERS)
    if complete:
        solver.best_bound_callback = lambda bound: found.bound(bound / SCALE - model.free)
    status = solver.solve(model.model, Watch())
    if complete and status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        found.bound(solver.best_objective_bound / SCALE - model.free)
    found.say(f"{solver.status_name(status).lower()}{'' if complete else ' with the centres offered'}")
    if status == cp_model.UNKNOWN:
        found.say("nothing but the start" if start is not None else "nothing found in time")


class _Model:
    """The variables, by what they say."""

    def __init__(self, case: Case, allowed: list[list[int]]) -> None:
        self.case, self.model = case, cp_model.CpModel()
        self.free = case.split * len(np.unique(case.group[case.group >= 0]))
        new = self.model.new_bool_var
        self.has = {(unit, c): new(f"has {unit} {c}") for unit, centres in enumerate(allowed) for c in centres}
        self.touches = {key: new(f"touches {key}") for key in touched(case, allowed)}
        self.arc = {pair: new(f"arc {pair}") for a, b in zip(case.u, case.v, strict=True) for pair in ((a, b), (b, a))}
        self.level = [self.model.new_int_var(0, len(case) - 1, f"level {unit}") for unit in range(len(case))]
        self.off = {
            c: self.model.new_int_var(0, self._most_off(), f"off {c}")
            for c in sorted({c for centres in allowed for c in centres})
        }
        for centres, unit in zip(allowed, range(len(case)), strict=True):
            self.model.add_exactly_one(self.has[unit, c] for c in centres)
        self._sizes(allowed)
        self._groups(allowed)
        self._order(allowed)
        self._cost()

    def _most_off(self) -> int:
        return SCALE * math.ceil(max(self.case.max - self.case.target, self.case.target - self.case.min, 0))

    def _sizes(self, allowed: list[list[int]]) -> None:
        case = self.case
        units_of: dict[int, list[int]] = {}
        for unit, centres in enumerate(allowed):
            for centre in centres:
                units_of.setdefault(centre, []).append(unit)
        target = math.floor(case.target * SCALE)
        for centre, units in units_of.items():
            is_centre = self.has[centre, centre]
            size = sum(int(case.households[unit]) * self.has[unit, centre] for unit in units)
            self.model.add(size >= case.min * is_centre)
            self.model.add(size <= case.max * is_centre)
            self.model.add(self.off[centre] >= SCALE * size - target * is_centre)
            self.model.add(self.off[centre] >= target * is_centre - SCALE * size)

    def _groups(self, allowed: list[list[int]]) -> None:
        for (group, centre), units in touched(self.case, allowed).items():
            for unit in units:
                self.model.add_implication(self.has[unit, centre], self.touches[group, centre])

    def _order(self, allowed: list[list[int]]) -> None:
        case = self.case
        sets = [set(centres) for centres in allowed]
        for unit, near in enumerate(case.neighbours):
            self.model.add_exactly_one(
                [
                    *([self.has[unit, unit]] if (unit, unit) in self.has else []),
                    *(self.arc[before, unit] for before in near),
                ]
            )
            for before in near:
                arc = self.arc[before, unit]
                self.model.add(self.level[unit] >= self.level[before] + 1).only_enforce_if(arc)
                for centre in allowed[unit]:
                    if centre in sets[before]:
                        self.model.add_bool_or(
                            [arc.negated(), self.has[unit, centre].negated(), self.has[before, centre]]
                        )
                    else:
                        self.model.add_bool_or([arc.negated(), self.has[unit, centre].negated()])

    def _cost(self) -> None:
        case = self.case
        walk = sum(math.floor(SCALE * case.cost[unit, centre]) * bool_ for (unit, centre), bool_ in self.has.items())
        split = math.floor(SCALE * case.split) * sum(self.touches.values())
        balance = math.floor(case.balance) * sum(self.off.values())
        self.model.minimize(walk + split + balance)

    def hint(self, grid: np.ndarray) -> None:
        """Start from a plan."""
        case = self.case
        centre = centres_of(case, grid)
        before, steps = tree_towards(case, grid, centre)
        for (unit, c), bool_ in self.has.items():
            self.model.add_hint(bool_, int(centre[unit]) == c)
        for pair, bool_ in self.arc.items():
            self.model.add_hint(bool_, before.get(int(pair[1])) == int(pair[0]))
        for unit, level in enumerate(self.level):
            self.model.add_hint(level, steps[unit])
        held = set(zip(case.group.tolist(), centre.tolist(), strict=True))
        for key, bool_ in self.touches.items():
            self.model.add_hint(bool_, key in held)
        for c, off in self.off.items():
            size = int(case.households[centre == c].sum())
            self.model.add_hint(off, math.ceil(SCALE * abs(size - case.target)) if size else 0)
