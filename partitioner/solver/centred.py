"""Proving a piece whose households are large numbers, such as the populations of counties.

No table over households: a binary says whether a node is in the grid of a centre (Hess et al. 1965,
doi:10.1287/opre.13.6.998), assignments that no better plan can hold are left out beforehand (centre_bound.py), and
CP-SAT solves what remains in integers. Grids that come out disconnected are forbidden by separators, and the model is
solved again (Oehrlein & Haunert 2017, doi:10.5311/JOSIS.2017.15.379; Validi, Buchanan & Lykhovyd 2022,
doi:10.1287/opre.2021.2141).
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
from ortools.sat.python import cp_model

from partitioner.model import FloatArray, IntArray
from partitioner.solver.centre_bound import CentreBound, dearest
from partitioner.solver.exact import ROUNDING, Proof
from partitioner.solver.kernels.case import Case
from partitioner.solver.limits import StopSignal

MAX_ASSIGNMENTS = 20_000
"""More (node, centre) pairs than this are not handed to CP-SAT."""

DETERMINISTIC_LIMIT = 30.0
"""CP-SAT's own work measure for all rounds together; it makes a run repeatable where a clock would not."""

BOUND_SHARE = 0.3
"""Most of the time that the bound may take."""

PRECISION = 1e-8
"""Share of a plan's cost that rounding costs down to integers may lose."""

LARGEST_SUM = 2.0**55


def centred_choice(case: Case, cutoff: float, signal: StopSignal, *, seconds: float | None) -> Proof:
    """The best plan that costs less than `cutoff`.

    Only without the `move` term and without a limit on walking, which the model does not know; the outcome is “open”
    there. An open proof has the best bound that was reached.

    Parameters
    ----------
    cutoff : float
        Cost of the best plan known; infinite if none is.
    seconds : float or None
        Time that may be used; None limits the work by counts and CP-SAT's deterministic measure alone.
    """
    if (case.move > 0 and len(case.previous_item)) or case.far.shape[0]:
        return Proof(outcome="open")
    deadline = None if seconds is None else time.monotonic() + seconds
    bound = CentreBound(case, cutoff, signal)
    bound.improve(None if seconds is None else time.monotonic() + BOUND_SHARE * seconds)
    if bound.value >= bound.cutoff:
        return Proof(outcome="worse", bound=cutoff) if bound.known else Proof(outcome="infeasible")
    least = bound.value if math.isfinite(bound.value) else None
    if signal() or int(bound.allowed.sum()) > MAX_ASSIGNMENTS:
        return Proof(outcome="open", bound=least)
    return _Rounds(case, bound, cutoff, signal, deadline).run()


class _Rounds:
    """Solve, forbid what is disconnected, solve again."""

    def __init__(
        self, case: Case, bound: CentreBound, cutoff: float, signal: StopSignal, deadline: float | None
    ) -> None:
        self.case = case
        self.cutoff = cutoff
        self.signal = signal
        self.deadline = deadline
        self.allowed = bound.allowed
        self.model = _CentreModel(case, bound)
        self.least = bound.value
        self.best: tuple[IntArray, ...] = ()
        self.best_cost = math.inf
        self._work = DETERMINISTIC_LIMIT

    def run(self) -> Proof:
        while True:
            solver, seen, status = self._solve()
            if status == cp_model.INFEASIBLE:
                return self._nothing_better()
            if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE, cp_model.UNKNOWN):
                return Proof(outcome="open", grids=self.best, bound=self._open_bound())
            self.model.raise_bound(solver.best_objective_bound)
            self.least = max(self.least, solver.best_objective_bound / self.model.scale)
            connected = self._learn(seen)
            if status == cp_model.OPTIMAL and connected:
                return Proof(outcome="optimal", grids=self.best, bound=min(self.least, self.best_cost))
            if status != cp_model.OPTIMAL or self.signal() or self._work <= 0:
                return Proof(outcome="open", grids=self.best, bound=self._open_bound())

    def _solve(self) -> tuple[cp_model.CpSolver, list[_Found], cp_model.CpSolverStatus]:
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.catch_sigint_signal = False  # it would take the caller's own handler away
        solver.parameters.random_seed = 1
        solver.parameters.linearization_level = 2
        if self.deadline is None:
            solver.parameters.max_deterministic_time = max(self._work, 0.01)
        else:
            solver.parameters.max_time_in_seconds = max(self.deadline - time.monotonic(), 0.01)
        watch = _Watch(self.model)
        forget = self.signal.listen(solver.stop_search)
        try:
            status = solver.solve(self.model.model, watch)
        finally:
            forget()
        if self.deadline is None:
            self._work -= solver.response_proto.deterministic_time
        return solver, watch.seen, status

    def _learn(self, seen: list[_Found]) -> bool:
        """Keep connected plans, forbid the others; True if the last plan seen is connected."""
        whole = False
        for found in seen:
            whole = True
            for centre, members in found:
                own = int(self.model.node_of[centre])
                for inner, outer in separators(self.case, self.allowed[centre], own, members):
                    whole = False
                    self.model.forbid(inner, outer)
            if whole:
                grids = tuple(np.array(members, dtype=np.int64) for _, members in found)
                cost = plan_cost(self.case, grids)
                if cost < self.best_cost:
                    self.best, self.best_cost = grids, cost
        return whole

    def _nothing_better(self) -> Proof:
        if self.best:
            return Proof(outcome="optimal", grids=self.best, bound=self.best_cost * (1 - ROUNDING))
        if math.isfinite(self.cutoff):
            return Proof(outcome="worse", bound=self.cutoff)
        return Proof(outcome="infeasible")

    def _open_bound(self) -> float | None:
        least = min(self.least, self.cutoff, self.best_cost)
        return least if math.isfinite(least) else None


_Found = list[tuple[int, list[int]]]
"""A plan of the model: the centre and the nodes of each grid."""


class _Watch(cp_model.CpSolverSolutionCallback):
    """Notes every plan that the solver comes across."""

    def __init__(self, model: _CentreModel) -> None:
        super().__init__()
        self.seen: list[_Found] = []
        self._model = model

    def on_solution_callback(self) -> None:
        grids: dict[int, list[int]] = {}
        for (centre, node), var in self._model.chosen.items():
            if self.boolean_value(var):
                grids.setdefault(centre, []).append(node)
        self.seen.append(sorted(grids.items()))


def _scale_of(case: Case, bound: CentreBound) -> float:
    """What costs are multiplied with before they are rounded down to integers: a power of two, 1 if all are whole."""
    off = max(case.high - case.target, case.target - case.low, 0.0) if case.balance > 0 else 0.0
    largest = dearest(case)
    walk = case.walk[bound.allowed]
    charges = np.array([case.split, case.balance, case.balance * (case.target % 1)])
    if largest < LARGEST_SUM and bool(np.all(walk % 1 == 0) and np.all(charges % 1 == 0)):
        return 1.0
    num = len(case.households)
    lost = 4.0 * num + len(case.group_item) + off * min(num, bound.counts[1])
    scale = 2.0 ** math.ceil(math.log2(lost / (PRECISION * max(bound.cutoff, PRECISION * largest))))
    while scale * largest > LARGEST_SUM:
        scale /= 2
    return scale


class _CentreModel:
    """The centre-based model of one piece over the assignments that are still allowed.

    `chosen[(centre, node)]` says whether the node is in the grid of the centre.
    """

    def __init__(self, case: Case, bound: CentreBound) -> None:
        self.case = case
        self.node_of = bound.node_of
        self.allowed = bound.allowed
        self.model = cp_model.CpModel()
        self.chosen = {
            (int(c), int(v)): self.model.new_bool_var(f"x{v}_{c}") for c, v in np.argwhere(bound.allowed).tolist()
        }
        self.scale = _scale_of(case, bound)
        self._forbidden: set[tuple[int, int, tuple[int, ...]]] = set()
        self._members = [np.flatnonzero(row).tolist() for row in bound.allowed]
        self.centres = [c for c, own in enumerate(bound.node_of.tolist()) if bound.allowed[c, own]]
        for node in range(len(case.households)):
            self.model.add_exactly_one(self.chosen[c, node] for c in self.centres if (c, node) in self.chosen)
        open_centres = [self._open(c) for c in self.centres]
        self.model.add_linear_constraint(cp_model.LinearExpr.sum(open_centres), *bound.counts)
        costs: list[int] = []
        terms: list[cp_model.IntVar] = []
        for centre in self.centres:
            for cost, term in self._grid(centre):
                if cost:
                    costs.append(cost)
                    terms.append(term)
        self.objective = cp_model.LinearExpr.weighted_sum(terms, costs)
        self.model.minimize(self.objective)
        if bound.known:
            self.model.add(self.objective <= math.ceil(bound.cutoff * self.scale) - 1)

    def raise_bound(self, least: float) -> None:
        """No plan of the model costs less than `least`, in integers."""
        if math.isfinite(least) and least > 0:
            # The solver tells its bound in floating point.
            self.model.add(self.objective >= math.floor(least * (1 - 1e-12)))

    def forbid(self, inner: IntArray, outer: IntArray) -> None:
        """Nodes of `inner` need a node of `outer` to be joined to a centre, wherever `outer` lies between them."""
        first = int(inner[0])
        for centre in self.centres:
            if not self.allowed[centre, inner].any():
                continue
            if self.node_of[centre] in outer or _reaches(
                self.case, self.allowed[centre], first, int(self.node_of[centre]), outer
            ):
                continue
            between = tuple(int(v) for v in outer if (centre, int(v)) in self.chosen)
            for node in inner.tolist():
                key = (centre, node, between)
                if (centre, node) in self.chosen and key not in self._forbidden:
                    self._forbidden.add(key)
                    self._needs_one_of(centre, node, between)

    def _open(self, centre: int) -> cp_model.IntVar:
        return self.chosen[centre, int(self.node_of[centre])]

    def _needs_one_of(self, centre: int, node: int, others: Iterable[int]) -> None:
        total = cp_model.LinearExpr.sum([self.chosen[centre, other] for other in others])
        self.model.add(self.chosen[centre, node] <= total)

    def _grid(self, centre: int) -> Iterator[tuple[int, cp_model.IntVar]]:
        """Constraints of one grid; yields its terms of the objective."""
        case, own, is_open = self.case, int(self.node_of[centre]), self._open(centre)
        members = self._members[centre]
        used = [self.chosen[centre, node] for node in members]
        held = cp_model.LinearExpr.weighted_sum(used, case.households[members].tolist())
        self.model.add(held <= case.high * is_open)
        self.model.add(held >= case.low * is_open)
        for node in members:
            var = self.chosen[centre, node]
            yield self._integer(float(case.walk[centre, node])), var
            if node != own:
                self.model.add_implication(var, is_open)
                around = case.neighbour[case.start[node] : case.start[node + 1]].tolist()
                if own not in around:
                    self._needs_one_of(centre, node, (other for other in around if (centre, other) in self.chosen))
            for other in case.apart_item[case.apart_start[node] : case.apart_start[node + 1]].tolist():
                if other > node and (centre, other) in self.chosen:
                    self.model.add(var + self.chosen[centre, other] <= is_open)
        if case.split > 0:
            yield from self._charges(centre)
        if case.balance > 0:
            yield from self._imbalance(centre, held)

    def _imbalance(self, centre: int, held: cp_model.LinearExpr) -> Iterator[tuple[int, cp_model.IntVar]]:
        """|held - target| in integers: the distance to the target's floor, plus its fraction up to there and minus it
        above."""
        case, is_open = self.case, self._open(centre)
        whole = math.floor(case.target)
        part = case.target - whole
        off = self.model.new_int_var(0, max(whole, case.high - whole, 0), f"d{centre}")
        self.model.add(off >= held - whole * is_open)
        self.model.add(off >= whole * is_open - held)
        yield self._integer(case.balance), off
        if part > 0:
            above = self.model.new_bool_var(f"a{centre}")
            self.model.add(held >= (whole + 1) * above)
            yield self._integer(case.balance * part), is_open
            yield self._integer(-2 * case.balance * part), above

    def _integer(self, cost: float) -> int:
        return math.floor(cost * self.scale)

    def _charges(self, centre: int) -> Iterator[tuple[int, cp_model.IntVar]]:
        """A variable for each group that the grid may touch; its own node's are those of being open."""
        case, cost = self.case, self._integer(self.case.split)
        touched: dict[int, cp_model.IntVar] = {}
        own = int(self.node_of[centre])
        for group in case.group_item[case.group_start[own] : case.group_start[own + 1]].tolist():
            touched[group] = self._open(centre)
            yield cost, touched[group]
        for node in self._members[centre]:
            for group in case.group_item[case.group_start[node] : case.group_start[node + 1]].tolist():
                if group not in touched:
                    touched[group] = self.model.new_bool_var(f"y{group}_{centre}")
                    yield cost, touched[group]
                if touched[group] is not self._open(centre):
                    self.model.add_implication(self.chosen[centre, node], touched[group])


def plan_cost(case: Case, grids: Iterable[IntArray]) -> float:
    """Cost of a plan in the search's terms, without `move`."""
    total = 0.0
    for nodes in grids:
        units = np.concatenate([case.unit_item[case.unit_start[v] : case.unit_start[v + 1]] for v in nodes])
        groups = {g for v in nodes for g in case.group_item[case.group_start[v] : case.group_start[v + 1]].tolist()}
        walk: FloatArray = case.walk[np.ix_(units, nodes)].sum(axis=1)
        off = abs(float(case.households[nodes].sum()) - case.target)
        total += float(walk.min()) + case.split * len(groups) + case.balance * off
    return total


def separators(
    case: Case, allowed: npt.NDArray[np.bool_], own: int, members: list[int]
) -> Iterator[tuple[IntArray, IntArray]]:
    """For each part of a grid that is not joined to its centre's node: the part, and nodes that lie between.

    Two separators each, one close to the centre and one close to the part, both minimal among the allowed nodes.
    """
    inside = np.zeros(len(allowed), dtype=np.bool_)
    inside[members] = True
    left = inside.copy()
    core = _reachable(case, inside, own)
    left &= ~core
    while left.any():
        part = _reachable(case, inside, int(np.flatnonzero(left)[0]))
        left &= ~part
        nodes = np.flatnonzero(part)
        for near, far in ((core, int(nodes[0])), (part, own)):
            rim = _rim(case, near) & allowed
            beyond = _reachable(case, allowed & ~rim, far)
            yield nodes, np.flatnonzero(rim & _rim(case, beyond))


def _reachable(case: Case, inside: npt.NDArray[np.bool_], node: int) -> npt.NDArray[np.bool_]:
    """Nodes that `node` reaches without leaving `inside`."""
    seen = np.zeros(len(inside), dtype=np.bool_)
    seen[node] = True
    waiting = [node]
    while waiting:
        at = waiting.pop()
        for other in case.neighbour[case.start[at] : case.start[at + 1]].tolist():
            if inside[other] and not seen[other]:
                seen[other] = True
                waiting.append(other)
    return seen


def _reaches(case: Case, allowed: npt.NDArray[np.bool_], start: int, goal: int, without: IntArray) -> bool:
    inside = allowed.copy()
    inside[without] = False
    return bool(_reachable(case, inside, start)[goal])


def _rim(case: Case, inside: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Neighbours of a set of nodes outside it."""
    rim = np.zeros(len(inside), dtype=np.bool_)
    for node in np.flatnonzero(inside).tolist():
        rim[case.neighbour[case.start[node] : case.start[node + 1]]] = True
    return rim & ~inside
