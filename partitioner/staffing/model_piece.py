"""Pieces that are no flows: CP-SAT stage by stage, begun from the best assignment so far, with its bound."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np
from ortools.sat.python import cp_model

from partitioner.staffing.areas import Areas, neighbours_none
from partitioner.staffing.effort import Effort, Share
from partitioner.staffing.goal import Stage
from partitioner.staffing.improving import improved
from partitioner.staffing.knapsack_search import KnapsackSearch
from partitioner.staffing.knapsacks import Knapsacks
from partitioner.staffing.measuring import limits_at, limits_below, loads, ratio, value
from partitioner.staffing.model import RATIO_STEPS, Cut, Model
from partitioner.staffing.pieces import BoolArray, Piece
from partitioner.staffing.relaxing import Relaxation, relaxed
from partitioner.staffing.searcher import searcher
from partitioner.staffing.set_search import SetSearch
from partitioner.staffing.sets import Sets
from partitioner.staffing.simple_bounds import least_ratio, least_value
from partitioner.staffing.windows import Windows

_Worth = Callable[[BoolArray], Fraction]

SECONDS_PER_PAIR = 5e-5
"""Time that a model needs before its search begins."""

MANY_PAIRS = 400
"""From so many pairs on, windows come before the search of the whole piece."""

FEW_PAIRS = 6
"""Pairs per post (or person, where there are more) that windows look at, those the relaxation likes best."""

SHARE_OF_MOVES = 0.4
"""Part of the time that moves between two people may take before that."""

SHARE_OF_WINDOWS = 0.6
"""Part of the work that windows may take."""

PATIENCE = 8.0
"""Covering problems of changes and metres may take so many times their share: most of them are proved long before."""

MAX_ROUNDS = 50
"""How often the ratio is pushed below the best so far."""

LEAST_EFFORT = 1e-3
"""Less deterministic time than this is not worth a call."""


class ModelPiece:
    """`chosen` keeps all rules and all stages so far; it begins with the start that is handed over."""

    def __init__(self, piece: Piece, chosen: BoolArray, effort: Effort, order: tuple[Stage, ...] = ()) -> None:
        self.piece, self.chosen, self.effort, self.order = piece, chosen, effort, order
        self.limits = piece.limit
        self.held: dict[Stage, int] = {}
        self.areas = None if neighbours_none(piece) else Areas(piece)
        self.cuts: list[Cut] = []
        self._too_large = False
        self._listed: SetSearch | None = None
        self._has_sets: bool | None = None
        self._solved: dict[Stage, int] = {}  # bounds of stages that were solved together with one before

    def minimise(self, stage: Stage) -> tuple[int, int]:
        """The least value that was found, and a bound on it; stages so far are kept."""
        if stage not in self._solved and self._sets() is None:
            return self._without_sets(stage)
        if stage not in self._solved:
            self._settle(stage)
        else:
            self.effort.skip()
        self.held[stage] = int(value(self.piece, self.chosen, stage))
        return self.held[stage], min(self._solved.pop(stage), self.held[stage])

    def _sets(self) -> SetSearch | None:
        """The search over listed sets, where that is possible."""
        if self._has_sets is None and "unfilled" in self.held:
            listed = Sets.of(self.piece, self.limits, self.areas) if self.held["unfilled"] == 0 else None
            self._has_sets = listed is not None
            self._listed = None if listed is None else SetSearch(listed, self.effort.seed)
        return self._listed

    def _settle(self, stage: Stage) -> None:
        """Solve a stage, and those after it that can be solved with it, over the listed sets."""
        assert self._listed is not None
        found = int(value(self.piece, self.chosen, stage))
        least = least_value(self.piece, stage, self.held, self.effort.signal) if stage == "deviation" else 0
        if found <= least:
            self._listed.hold(stage, found)
            self._solved[stage] = found
            return self.effort.skip()
        share = self.effort.share(1.0 if stage == "deviation" else PATIENCE)
        if share.over():
            self._listed.hold(stage, found)
            self._solved[stage] = least
            return None
        following = self.order[self.order.index(stage) :] if stage in self.order else (stage,)
        at = following.index("ratio") if "ratio" in following else len(following)
        stages = self._listed.joined(following[:at])
        self.chosen, bounds = self._listed.settle(stages, self.chosen, share)
        self._solved |= dict(zip(stages, bounds, strict=True))
        self._solved[stage] = max(self._solved[stage], least)
        return None

    def _without_sets(self, stage: Stage) -> tuple[int, int]:
        bound = least_value(replace(self.piece, limit=self.limits), stage, self.held, self.effort.signal)
        found = int(value(self.piece, self.chosen, stage))
        if found > bound:
            bound = max(bound, self._search(stage))
            found = int(value(self.piece, self.chosen, stage))
        else:
            self.effort.skip()
        self.held[stage] = found
        return found, min(bound, found)

    def least_ratio(self, enough: Fraction) -> tuple[Fraction, Fraction]:
        """The least highest ratio that was found, and a bound on it; nobody looks for less than `enough`."""
        bound = least_ratio(self.piece, self.held)
        if self._ratio() <= max(bound, enough):
            self.effort.skip()
        else:
            bound = max(bound, self._search_ratio(max(bound, enough)))
            for _ in range(MAX_ROUNDS):
                before = self._ratio()
                if before <= max(bound, enough) or not (self._near(bound) or self._too_large):
                    break
                if self._none_below():
                    bound = before
                elif self._ratio() == before:
                    break
        return self._ratio(), min(bound, self._ratio())

    def _near(self, bound: Fraction) -> bool:
        """Whether only the rounding of ratios is left between the best and the bound."""
        return self._ratio() - bound <= Fraction(2, RATIO_STEPS)

    def limit_ratio(self, highest: Fraction) -> None:
        """Keep everybody at or below this ratio from now on."""
        self.limits = limits_at(self.piece, highest)
        if self._listed is not None:
            self._listed.limit(self.limits)

    def _ratio(self) -> Fraction:
        return ratio(self.piece, loads(self.piece, self.chosen))

    def _worth_a_call(self, share: Share) -> bool:
        """Whether there is time for more than writing the model down."""
        seconds, least = share.seconds(), SECONDS_PER_PAIR * self.piece.num_pairs
        return not self.effort.signal() and (seconds is None or seconds > least)

    def _search(self, stage: Stage) -> int:
        """Improve `chosen` in a stage that adds up; a bound."""
        share = self.effort.share()
        if not self._worth_a_call(share):
            return 0
        tight = replace(self.piece, limit=self.limits)
        if stage != "unfilled":
            self.chosen = improved(tight, self.chosen, [*self.held, stage], share.part(SHARE_OF_MOVES).over)
        useful: BoolArray | None = None
        least, complete = self._search_knapsacks(stage, share)
        if complete or int(value(self.piece, self.chosen, stage)) <= least:
            return least
        relaxation = relaxed(self.piece, self.limits, self.held, stage, share.seconds())
        if relaxation is not None:
            least = max(least, relaxation.least())
        self._search_windows(stage, relaxation, least, share)
        found = int(value(self.piece, self.chosen, stage))
        if found <= least:
            return found
        if relaxation is not None:
            useful = relaxation.useful(found) | self.chosen
        model = Model(self.piece, self.limits, self.held, self.cuts, useful)
        model.cp.minimize(model.stage(stage))
        bound, none = self._run(model, lambda chosen: value(self.piece, chosen, stage), share)
        return least if bound is None or none else max(least, math.ceil(bound - 1e-6))

    def _search_knapsacks(self, stage: Stage, share: Share) -> tuple[int, bool]:
        """A bound where the piece is one of knapsacks, and whether that was all there is to do."""
        tables = Knapsacks.of(self.piece, self.limits, self.held, stage)
        if tables is None or share.over():
            return 0, False
        bounded = tables.bounded(int(value(self.piece, self.chosen, stage)), share)
        if not tables.whole:
            return bounded.least, False
        search = KnapsackSearch(tables, bounded, tables.people(self.piece, self.chosen), self.effort.seed)
        search.run(share)
        self.chosen = tables.chosen(self.piece, search.person)
        return search.least, True

    def _search_windows(self, stage: Stage, relaxation: Relaxation | None, least: int, share: Share) -> None:
        """Improve `chosen` a few people at a time, where the piece is too large for one search to get far."""
        piece = self.piece
        if piece.split or piece.num_pairs < MANY_PAIRS:
            return
        useful = np.ones(piece.num_pairs, dtype=bool)
        few = FEW_PAIRS * max(piece.num_targets, piece.num_people)
        if relaxation is not None and few < piece.num_pairs:
            useful = relaxation.reduced <= np.partition(relaxation.reduced, few)[few]
        search = Windows(piece, self.chosen, self.limits, self.held, useful, self.areas)
        search.search(stage, share.part(SHARE_OF_WINDOWS), self.effort.seed, least)
        self.chosen = search.chosen

    def _search_ratio(self, at_least: Fraction) -> Fraction:
        share = self.effort.share()
        if not self._worth_a_call(share):
            return Fraction(0)
        model = Model(self.piece, self.limits, self.held, self.cuts)
        asked = model.highest_ratio(at_least)
        self._too_large = asked is None
        if asked is None:
            return Fraction(0)
        highest, factor, exact = asked
        model.cp.minimize(highest)
        bound, _ = self._run(model, lambda chosen: ratio(self.piece, loads(self.piece, chosen)), share)
        if bound is None or math.ceil(bound - 1e-6) <= at_least * factor:
            return Fraction(0)  # no more than what was asked for
        return Fraction(math.ceil(bound - 1e-6) - (0 if exact else 1), factor)

    def _none_below(self) -> bool:
        """Look for anything better than what there is; whether there is proved to be nothing."""
        limits = limits_below(self.piece, self._ratio())
        model = Model(self.piece, np.minimum(limits, self.limits), self.held, self.cuts)
        return self._run(model, lambda chosen: ratio(self.piece, loads(self.piece, chosen)), self.effort.share())[1]

    def _run(self, model: Model, worth: _Worth, share: Share) -> tuple[float | None, bool]:
        """Solve, cutting off areas that fall apart; the bound, and whether there is proved to be no solution."""
        model.hint(self.chosen)
        best: float | None = None
        while share.effort() > LEAST_EFFORT and not self.effort.signal():
            solver = searcher(share, self.effort.seed)
            watch = _Watch(self, model, worth)
            forget = self.effort.signal.listen(solver.stop_search)
            try:
                status = solver.solve(model.cp, watch)
            finally:
                forget()
            share.used(solver.response_proto.deterministic_time)
            if status == cp_model.MODEL_INVALID:
                raise RuntimeError("the staffing model is invalid")
            if status == cp_model.INFEASIBLE:
                return best, True
            if status in (cp_model.OPTIMAL, cp_model.FEASIBLE, cp_model.UNKNOWN) and model.cp.has_objective():
                best = max(-math.inf if best is None else best, solver.best_objective_bound)
            if status != cp_model.OPTIMAL or watch.last is None:
                return best, False
            new = list(self._cuts(watch.last))
            if not new:
                return best, False
            self.cuts += new
            for cut in new:
                model.add_cut(cut)
            model.cp.clear_hints()  # type: ignore[no-untyped-call]
            model.hint(watch.last)
        return best, False

    def _cuts(self, chosen: BoolArray) -> Iterator[Cut]:
        """What forbids the areas of `chosen` that fall apart."""
        if self.areas is None:
            return
        for person, parts in self.areas.broken(self.piece, chosen):
            last = parts[-1]
            for part in parts[:-1]:
                for here, there in ((part, last), (last, part)):
                    between = tuple(sorted(self.areas.around(person, here)))
                    yield from (Cut(person, a, b, between) for a in sorted(here) for b in sorted(there))

    def offer(self, chosen: BoolArray, worth: _Worth) -> None:
        """Take `chosen` if it is better and its areas hang together."""
        if worth(chosen) < worth(self.chosen) and (self.areas is None or not self.areas.broken(self.piece, chosen)):
            self.chosen = chosen


class _Watch(cp_model.CpSolverSolutionCallback):
    """Offers every solution to the piece."""

    def __init__(self, piece: ModelPiece, model: Model, worth: _Worth) -> None:
        super().__init__()
        self.piece, self.model, self.worth = piece, model, worth
        self.last: BoolArray | None = None

    def on_solution_callback(self) -> None:
        self.last = np.array([self.boolean_value(one) for one in self.model.x], dtype=bool)
        self.piece.offer(self.last, self.worth)
