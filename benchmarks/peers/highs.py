"""A compact mixed-integer model in HiGHS: Hess's centres (1965) with contiguity by flow.

Every centre sends one unit of flow to each unit of its grid; flow may use an edge only between units of one centre.
The number of grids is free. All centres up to 160 units; above that the 12 nearest of three centres per grid (then its
bound is not one of the problem and is not reported). Default parameters, every core, start: the best METIS partition of
a tenth of the time.
"""

from __future__ import annotations

from typing import Any

import highspy
import numpy as np

from benchmarks.peers.case import Case
from benchmarks.peers.centres import centres_of, offered, touched, tree_towards
from benchmarks.peers.found import Found
from benchmarks.peers.objective import GridCosts
from benchmarks.peers.start import opening

MAX_ROWS = 1_000_000
"""Above this many rows even the first relaxation does not end in the time of a comparison."""


def run(case: Case, found: Found) -> None:
    begun = opening(case, found, MAX_ROWS)
    if begun is None:
        return
    start, allowed, complete = begun
    model = _Model(case, allowed)
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", max(case.threads, 1))
    solver.setOptionValue("random_seed", case.seed)
    solver.passModel(model.lp())
    if start is not None:
        solution = highspy.HighsSolution()
        solution.col_value = model.values(start).tolist()
        solver.setSolution(solution)

    costs = GridCosts(case)
    least = costs.total(start) if start is not None else np.inf
    improved = False

    def better(event: Any) -> None:
        nonlocal improved
        grid = model.plan(np.asarray(event.data_out.mip_solution))
        improved = improved or costs.total(np.array(grid)) < least - 1e-6
        found.plan(grid)

    def told(event: Any) -> None:
        if complete and np.isfinite(event.data_out.mip_dual_bound):
            found.bound(event.data_out.mip_dual_bound - model.free)

    solver.cbMipImprovingSolution.subscribe(better)
    solver.cbMipInterrupt.subscribe(told)
    solver.setOptionValue("time_limit", found.left_s)
    solver.run()
    info = solver.getInfo()
    if complete and np.isfinite(info.mip_dual_bound):
        found.bound(info.mip_dual_bound - model.free)
    status = solver.modelStatusToString(solver.getModelStatus()).lower()
    found.say(f"{status}{'' if complete else ' with the centres offered'}")
    if not improved:
        found.say("nothing but the start" if start is not None else "nothing found in time")


class _Model:
    """Columns in blocks: has (unit, centre), touches (group, centre), off per centre, arc, flow."""

    def __init__(self, case: Case, allowed: list[list[int]]) -> None:
        self.case = case
        self.free = case.split * len(np.unique(case.group[case.group >= 0]))
        self.arcs = [pair for a, b in zip(case.u.tolist(), case.v.tolist(), strict=True) for pair in ((a, b), (b, a))]
        keys: list[Any] = [("has", unit, c) for unit, centres in enumerate(allowed) for c in centres]
        keys += [("touches", group, c) for group, c in touched(case, allowed)]
        keys += [("off", c) for c in offered(allowed)]
        keys += [("arc", *pair) for pair in self.arcs] + [("flow", *pair) for pair in self.arcs]
        self.column = {key: k for k, key in enumerate(keys)}
        self._start, self._index, self._value, self._low, self._high = [0], [], [], [], []
        self._rows(allowed)

    def _row(self, low: float, high: float, entries: list[tuple[Any, float]]) -> None:
        self._index += [self.column[key] for key, _ in entries]
        self._value += [value for _, value in entries]
        self._start.append(len(self._index))
        self._low.append(low)
        self._high.append(high)

    def _rows(self, allowed: list[list[int]]) -> None:
        case, inf = self.case, highspy.kHighsInf
        units_of: dict[int, list[int]] = {}
        for unit, centres in enumerate(allowed):
            self._row(1, 1, [(("has", unit, c), 1.0) for c in centres])
            for c in centres:
                units_of.setdefault(c, []).append(unit)
                if c != unit:
                    self._row(-inf, 0, [(("has", unit, c), 1.0), (("has", c, c), -1.0)])
        for c, units in units_of.items():
            size = {("has", unit, c): float(case.households[unit]) for unit in units}
            for sign, limit in ((1.0, case.min), (-1.0, -case.max)):
                self._row(0, inf, _sum(size, sign, ("has", c, c), -float(limit)))
            for sign in (1.0, -1.0):
                self._row(-inf, 0, [*_sum(size, sign, ("has", c, c), -sign * case.target), (("off", c), -1.0)])
        for (group, c), units in touched(case, allowed).items():
            for unit in units:
                self._row(-inf, 0, [(("has", unit, c), 1.0), (("touches", group, c), -1.0)])
        self._flow_rows(allowed)

    def _flow_rows(self, allowed: list[list[int]]) -> None:
        """Flow in − flow out = 1 for every unit but centres, whose supply is free (up to n)."""
        inf, num = highspy.kHighsInf, len(self.case)
        for unit, near in enumerate(self.case.neighbours):
            balance = [(("flow", w, unit), 1.0) for w in near] + [(("flow", unit, w), -1.0) for w in near]
            self._row(1, inf, [*balance, *([(("has", unit, unit), float(num))] if unit in allowed[unit] else [])])
        for a, b in self.arcs:
            self._row(-inf, 0, [(("flow", a, b), 1.0), (("arc", a, b), -float(num))])
            both = set(allowed[a])
            for c in allowed[b]:
                # An edge that carries flow to b needs a to have b's centre.
                entries = [(("arc", a, b), 1.0), (("has", b, c), 1.0)]
                self._row(-inf, 1, [*entries, (("has", a, c), -1.0)] if c in both else entries)

    def lp(self) -> Any:
        case, num = self.case, len(self.column)
        cost, upper, whole = np.zeros(num), np.ones(num), np.zeros(num, dtype=bool)
        for key, k in self.column.items():
            if key[0] == "has":
                cost[k], whole[k] = case.cost[key[1], key[2]], True
            elif key[0] == "touches":
                cost[k] = case.split
            elif key[0] == "off":
                cost[k], upper[k] = case.balance, highspy.kHighsInf
            elif key[0] == "arc":
                whole[k] = True
            else:
                upper[k] = float(len(case))
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = num, len(self._low)
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = cost, np.zeros(num), upper
        lp.row_lower_, lp.row_upper_ = np.array(self._low, float), np.array(self._high, float)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.array(self._start, dtype=np.int32)
        lp.a_matrix_.index_ = np.array(self._index, dtype=np.int32)
        lp.a_matrix_.value_ = np.array(self._value, dtype=float)
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[int(flag)] for flag in whole]
        return lp

    def plan(self, value: np.ndarray) -> list[int]:
        grid = [-1] * len(self.case)
        most = [-1.0] * len(self.case)
        for key, k in self.column.items():
            if key[0] == "has" and value[k] > most[key[1]]:
                grid[key[1]], most[key[1]] = key[2], float(value[k])
        return grid

    def values(self, grid: np.ndarray) -> np.ndarray:
        """A plan as column values."""
        case, value = self.case, np.zeros(len(self.column))
        centre = centres_of(case, grid)
        before, steps = tree_towards(case, grid, centre)
        carried = dict.fromkeys(range(len(case)), 1.0)
        for unit in sorted(before, key=lambda unit: -steps[unit]):
            carried[before[unit]] += carried[unit]
            value[self.column["arc", before[unit], unit]] = 1.0
            value[self.column["flow", before[unit], unit]] = carried[unit]
        for unit, c in enumerate(centre.tolist()):
            if ("has", unit, c) in self.column:
                value[self.column["has", unit, c]] = 1.0
            if ("touches", int(case.group[unit]), c) in self.column:
                value[self.column["touches", int(case.group[unit]), c]] = 1.0
        for c in np.unique(centre).tolist():
            value[self.column["off", c]] = abs(float(case.households[centre == c].sum()) - case.target)
        return value


def _sum(size: dict[Any, float], sign: float, key: Any, extra: float) -> list[tuple[Any, float]]:
    """The signed size with one coefficient changed by `extra`."""
    entries = {k: sign * value for k, value in size.items()}
    entries[key] = entries.get(key, 0.0) + extra
    return list(entries.items())
