"""Compiling the inner loops before any clock runs.

What is compiled on first use, minutes in all, is kept on disk (see `partitioner.compiling`). `ready` does that outside
the time a caller allows; setting up a machine calls it, too.
"""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np

from partitioner.compiling import tidy
from partitioner.model import Bounds, Graph, Labels, Problem, Units, Weights
from partitioner.scoring import score, validate
from partitioner.solver.centred import centred_choice
from partitioner.solver.coarse import coarsened
from partitioner.solver.combs import settle_comb
from partitioner.solver.exact import list_all, list_relevant, sweep_choice
from partitioner.solver.extracts import Extracts
from partitioner.solver.generation import Generation, larger_cuts
from partitioner.solver.kernels.anneal import anneal
from partitioner.solver.kernels.case import Case
from partitioner.solver.kernels.chance import make_stream
from partitioner.solver.kernels.cut_payments import no_cuts
from partitioner.solver.kernels.knapsacks import knapsack_prices, knapsack_regrets, search_below
from partitioner.solver.kernels.near import list_near
from partitioner.solver.kernels.post_sets import ascend, cheapest
from partitioner.solver.kernels.recombine import recombine
from partitioner.solver.kernels.subset_rows import violated_cuts
from partitioner.solver.kernels.tree import cut_into
from partitioner.solver.kernels.windows import recut_windows, sub_case
from partitioner.solver.lagrangian import Ascent, Pricing
from partitioner.solver.limits import StopSignal
from partitioner.solver.naming import name_grids
from partitioner.solver.outline_pricing import price_outlines
from partitioner.solver.pieces import Piece, make_piece
from partitioner.solver.search import Search
from partitioner.solver.settling import settle
from partitioner.solver.tasks import tasks_of

_lock = threading.Lock()
_done = False


def ready() -> None:
    """Compile, or load what was compiled before; at once when that has been done in this process."""
    global _done
    with _lock:
        if not _done:
            _run_everything(_ladder())
            tidy()
            _done = True


def _ladder() -> Problem:
    """Two rows of four units, every rule in use."""
    edges = [(i, i + 1) for i in (0, 1, 2, 4, 5, 6)] + [(i, i + 4) for i in range(4)]
    return Problem(
        units=Units(
            id=tuple("abcdefgh"),
            households=np.full(8, 2),
            group=Labels("ppppqqqq"),
            previous=Labels("xxyyxxyy"),
        ),
        graph=Graph(
            num_units=8, u=np.array([u for u, _ in edges]), v=np.array([v for _, v in edges]), length_m=np.ones(10)
        ),
        bounds=Bounds(min=2, max=6),
        weights=Weights(move=1.0),
        max_walk_m=5.0,
        apart=((0, 7),),
    )


def _run_everything(problem: Problem) -> None:
    with StopSignal(None, None) as signal:
        search = Search(_piece(problem), 0, 0, signal.flag)
        for _ in range(8):
            search.round()
        assert search.best is not None
        for task in tasks_of(problem, ()):
            Extracts(problem).of(task)
        piece = _piece(replace(problem, weights=Weights()))
        case = piece.case
        state = search.state_of(search.best.label)
        rng = make_stream(0)
        anneal(case, state, rng, 10, 1.0, 0.1, 1.0, signal.flag)
        recut_windows(case, state, rng, 2, 10, 1.0, signal.flag)
        recombine(case, state, rng, 4, 10, 1.0, 1.0, np.empty(0), signal.flag)
        _near(case, signal)
        coarsened(piece, rng, 4, search.best.label)
        small, _ = sub_case(case, np.arange(4), 1, np.full(8, -1), np.arange(64))
        cut_into(small, rng, 2, 0.5, 1)
        pricing = Pricing.of(case)
        ascent = Ascent(pricing, pricing.fair_prices(100.0), (1, 8))
        for _ in range(3):
            ascent.step(100.0)
        ascent.pricing.coverage(ascent.best.prices, np.zeros(1, dtype=np.int64))
        listing = list_relevant(ascent.pricing, ascent.best.prices, 1e9, signal)
        prices = ascent.best.prices
        sweep_choice(ascent.pricing, listing, prices, 1e9, signal)
        free = np.array([0, 5])
        settle(ascent.pricing, free, prices, no_cuts(8), 1e9, prices.node, 1e9, signal, visits=10_000)
        price_outlines(ascent.pricing, free, prices, no_cuts(8), 1e9, signal, visits=10_000)
        Generation(ascent.pricing, ascent.best, (1, 8), signal, list_all(case, signal)).step(100.0)
        thirds = [np.array([0, 1]), np.array([1, 2]), np.array([0, 2])]
        _post_sets(signal)
        _knapsacks(signal)
        violated_cuts(8, np.array([0, 2, 4, 6]), np.concatenate(thirds), np.full(3, 0.5), 0.1, 10)
        settle_comb(_path(case), signal)
        larger_cuts(8, thirds, np.full(3, 0.5))
        plan = name_grids(problem, np.zeros(8, dtype=np.int64))
        score(problem, plan)
        validate(replace(problem, max_walk_m=1.0), plan)
        centred_choice(case._replace(far=np.zeros((0, 0), dtype=np.uint8)), 1e6, signal, seconds=None)


def _near(case: Case, signal: StopSignal) -> None:
    none, free = np.zeros(8, dtype=np.uint8), np.zeros(8)
    lines = np.zeros((0, 0), dtype=np.uint8)
    list_near(case, 0, none, none, free, free, lines, 1.0, 9, False, np.arange(8), 1_000, 1_000, signal.flag)


def _path(case: Case) -> Case:
    """The first row of the ladder alone, without pairs that are kept apart and without reach."""
    place, identity = np.full(8, -1), np.arange(64)
    row: Case
    row, _ = sub_case(case, np.arange(4), 1, place, identity)
    return row._replace(far=np.zeros((0, 0), dtype=np.uint8), count_low=1, count_high=4)


def _piece(problem: Problem) -> Piece:
    return make_piece(problem, np.arange(8), (), (1, 8))


def _post_sets(signal: StopSignal) -> None:
    """Staffing: two people who share two posts."""
    cost, member = np.zeros((2, 2)), np.array([[0, 2], [0, 1]])
    cheapest(cost, member, np.zeros(3), 1)
    ascend(cost, member, np.ones(2, dtype=np.int64), np.ones(2, dtype=np.int64), np.zeros(3), 1.0, 2, signal.flag)


def _knapsacks(signal: StopSignal) -> None:
    """Staffing: two people with room for one of two posts each."""
    ones, room = np.ones((2, 2), dtype=np.int64), np.ones(2, dtype=np.int64)
    may = np.ones((2, 2), dtype=bool)
    price, _, _ = knapsack_prices(ones, ones, room, may, room, 4, 2)
    knapsack_regrets(ones, ones, room, may, price)
    search_below(ones, ones, room, may, price, 4, 1, 10_000, 2, np.ones((2, 2)), signal.flag)
