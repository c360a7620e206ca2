"""Proofs for large numbers of households, compared with trying everything."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from enumeration import enumerate_plans

from partitioner.model import Bounds, Count, CountRange, Graph, Labels, Problem, Units, Weights
from partitioner.solver.centre_bound import CentreBound, dearest
from partitioner.solver.centred import centred_choice, plan_cost, separators
from partitioner.solver.kernels.whole import least_pair
from partitioner.solver.limits import Cancel, StopSignal
from partitioner.solver.pieces import Piece, make_piece

SEEDS = range(240)
BATCH = 20

batches = pytest.mark.parametrize("first", range(0, len(SEEDS), BATCH))


def tree_with_shortcuts(rng: np.random.Generator, num: int) -> list[tuple[int, int]]:
    edges = {(int(rng.integers(0, v)), v) for v in range(1, num)}
    for _ in range(int(rng.integers(0, num))):
        a, b = sorted(rng.choice(num, 2, replace=False).tolist())
        edges.add((a, b))
    return sorted(edges)


def random_case(seed: int) -> Problem:
    """Households from ones to tens of millions, some of them 0; all rules and weights that the model knows, mixed."""
    rng = np.random.default_rng(seed)
    num = int(rng.integers(2, 8))
    edges = tree_with_shortcuts(rng, num)
    households = rng.integers(0, rng.choice([10, 10**3, 10**5, 10**7]), num)
    if rng.random() < 0.5:
        households[rng.random(num) < 0.3] = 0
    grids = int(rng.integers(1, 4))
    ideal, tolerance = households.sum() / grids, rng.choice([0.05, 0.2, 0.5])
    low = int(ideal * (1 - tolerance))
    high = max(int(ideal * (1 + tolerance)), 1)
    apart = (tuple(rng.choice(num, 2, replace=False).tolist()),) if num > 2 and rng.random() < 0.5 else ()
    together = (edges[0],) if rng.random() < 0.3 and set(edges[0]) not in map(set, apart) else ()
    free = rng.random() < 0.4
    count = CountRange() if free else CountRange(min=int(rng.integers(0, grids + 1)), max=grids + int(rng.integers(3)))
    return Problem(
        units=Units(
            id=tuple(f"u{i}" for i in range(num)),
            households=households,
            group=Labels([None if g == 0 else f"g{g}" for g in rng.integers(0, 4, num)]),
        ),
        graph=Graph(
            num_units=num,
            u=np.array([u for u, _ in edges]),
            v=np.array([v for _, v in edges]),
            length_m=np.ones(len(edges)) if rng.random() < 0.3 else rng.uniform(0.1, 40, len(edges)),
        ),
        bounds=Bounds(min=low, max=high, target=None if rng.random() < 0.5 else float(rng.uniform(low, high))),
        count=Count(default=count),
        apart=apart,
        together=together,
        weights=Weights(
            walk=float(rng.choice([0.0, 1.0, 0.37])),
            split=float(rng.choice([0.0, 50.0, 2e4])),
            balance=float(rng.choice([0.0, 0.0, 0.013, 40.0])),
        ),
    )


@cache
def tried(seed: int) -> tuple[Piece, float | None]:
    """The piece, and the least cost of a lawful plan in the search's terms."""
    problem = random_case(seed)
    num, count = len(problem.units), problem.count.default
    counts = (count.min or 0, num if count.max is None else count.max)
    piece = make_piece(problem, np.arange(num), problem.together, counts)
    best = enumerate_plans(problem).best
    return piece, None if best is None else best + problem.weights.split * len(problem.units.group.names)


def close(bound: float, best: float) -> bool:
    """A valid bound, and one that proves a plan optimal."""
    return best - 1e-6 * (1 + best) <= bound <= best + 1e-9 * (1 + best)


def test_the_problems_are_of_every_kind() -> None:
    solvable = [tried(seed)[1] is not None for seed in SEEDS]
    assert sum(solvable) >= 80
    assert len(SEEDS) - sum(solvable) >= 80


@batches
@pytest.mark.parametrize("known", [False, True])
def test_the_best_plan_is_found_and_proved(first: int, known: bool) -> None:
    with StopSignal(None, None) as signal:
        for seed in range(first, first + BATCH):
            piece, best = tried(seed)
            cutoff = (1e9 if best is None else best * 1.2 + 1) if known else np.inf
            proof = centred_choice(piece.case, cutoff, signal, seconds=None)
            if best is None:
                assert proof.outcome == ("worse" if known else "infeasible"), seed
                continue
            assert proof.outcome == "optimal", seed
            assert plan_cost(piece.case, proof.grids) == pytest.approx(best, rel=1e-9, abs=1e-9), seed
            assert proof.bound is not None, seed
            assert close(proof.bound, best), seed
            nodes = np.sort(np.concatenate(proof.grids))
            assert nodes.tolist() == list(range(len(piece.case.households))), seed


@batches
def test_a_best_plan_that_is_known_is_proved_best(first: int) -> None:
    with StopSignal(None, None) as signal:
        for seed in range(first, first + BATCH):
            piece, best = tried(seed)
            if best is not None:
                proof = centred_choice(piece.case, best, signal, seconds=None)
                assert proof.outcome in ("worse", "optimal"), seed
                assert proof.bound is not None, seed
                assert close(proof.bound, best), seed


@batches
def test_the_bound_alone_never_lies_above_the_best_plan(first: int) -> None:
    with StopSignal(None, None) as signal:
        for seed in range(first, first + BATCH):
            piece, best = tried(seed)
            if best is not None:
                for cutoff in (np.inf, best * 1.1 + 1):
                    bound = CentreBound(piece.case, cutoff, signal)
                    bound.improve()
                    assert bound.value <= best + 1e-9 * (1 + best), seed
                    assert dearest(piece.case) >= best, seed


def counties(side: int, seed: int) -> Piece:
    """A square of counties, four districts, bounds of 2 %."""
    rng = np.random.default_rng(seed)
    num = side * side
    place = np.arange(num).reshape(side, side)
    u = np.concatenate([place[:, :-1].ravel(), place[:-1].ravel()])
    v = np.concatenate([place[:, 1:].ravel(), place[1:].ravel()])
    households = np.exp(rng.normal(10.0, 1.0, num)).astype(np.int64)
    ideal = households.sum() / 4
    problem = Problem(
        units=Units(id=tuple(f"c{i}" for i in range(num)), households=households),
        graph=Graph(num_units=num, u=u, v=v, length_m=np.ones(len(u))),
        bounds=Bounds(min=int(ideal * 0.98), max=int(ideal * 1.02)),
        weights=Weights(split=0.0, balance=0.0),
    )
    return make_piece(problem, np.arange(num), (), (4, 4))


def test_counties_are_proved_and_no_assignment_of_the_best_plan_is_forbidden() -> None:
    piece = counties(5, 1)
    with StopSignal(None, None) as signal:
        proof = centred_choice(piece.case, np.inf, signal, seconds=None)
        assert proof.outcome == "optimal"
        best = plan_cost(piece.case, proof.grids)
        bound = CentreBound(piece.case, best * 1.01, signal)
        bound.improve()
    assert best * 0.9 < bound.value <= best
    for grid in proof.grids:
        sums = piece.case.walk[np.ix_(grid, grid)].sum(axis=1)
        centre = int(grid[np.argmin(sums)])
        assert bound.allowed[centre, grid].all()
    assert bound.allowed.mean() < 0.5


def test_a_run_without_a_clock_is_repeatable() -> None:
    piece = counties(5, 2)
    with StopSignal(None, None) as signal:
        first, second = (centred_choice(piece.case, np.inf, signal, seconds=None) for _ in range(2))
    assert first.bound == second.bound
    assert [grid.tolist() for grid in first.grids] == [grid.tolist() for grid in second.grids]


def test_a_stopped_proof_claims_nothing_that_is_not_so() -> None:
    piece = counties(5, 1)
    cancel = Cancel()
    cancel.set()
    with StopSignal(0.0, cancel) as signal:
        while not signal():
            pass
        proof = centred_choice(piece.case, np.inf, signal, seconds=1.0)
    assert proof.outcome == "open"
    assert proof.bound is None or proof.bound <= dearest(piece.case)


class Later(StopSignal):
    """Stops between the n-th look at the signal and the next: what runs in between sees the flag half-way."""

    def __init__(self, looks: int) -> None:
        super().__init__(None, None)
        self.looks = looks

    def __call__(self) -> bool:
        stopped = super().__call__()
        self.looks -= 1
        if self.looks == 0:
            self._stop("cancelled")
        return stopped


def test_stopping_at_any_moment_proves_nothing_false() -> None:
    piece = counties(5, 1)
    with StopSignal(None, None) as signal:
        best = plan_cost(piece.case, centred_choice(piece.case, np.inf, signal, seconds=None).grids)
    outcomes = set()
    for looks in [*range(1, 30, 3), *range(40, 400, 60), 10**6]:
        with Later(looks) as signal:
            proof = centred_choice(piece.case, np.inf, signal, seconds=None)
        assert proof.outcome in ("open", "optimal"), looks
        assert proof.bound is None or proof.bound <= best * (1 + 1e-9), looks
        outcomes.add(proof.outcome)
    assert outcomes == {"open", "optimal"}


def test_problems_that_the_model_does_not_know_are_left_open() -> None:
    piece = counties(3, 0)
    moving = piece.case._replace(move=1.0, previous_item=np.zeros(1, dtype=np.int64))
    reaching = piece.case._replace(far=np.zeros((9, 9), dtype=np.uint8))
    with StopSignal(None, None) as signal:
        assert centred_choice(moving, np.inf, signal, seconds=None).outcome == "open"
        assert centred_choice(reaching, np.inf, signal, seconds=None).outcome == "open"


def test_separators_part_a_piece_from_its_centre() -> None:
    case = counties(3, 0).case
    everything = np.ones(9, dtype=np.bool_)
    (found, close_to_part) = separators(case, everything, 0, [0, 8])
    assert found[0].tolist() == close_to_part[0].tolist() == [8]
    assert found[1].tolist() == [1, 3]
    assert close_to_part[1].tolist() == [5, 7]
    assert list(separators(case, everything, 0, [0, 1, 2])) == []


@pytest.mark.parametrize("seed", range(30))
def test_the_least_pair_is_that_of_all_pairs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    front, back = rng.uniform(-5, 5, (2, 12))
    front[rng.random(12) < 0.4] = np.inf
    back[rng.random(12) < 0.4] = np.inf
    low, high = sorted(rng.integers(-3, 16, 2).tolist())
    pairs = [front[s] + back[t] for s in range(12) for t in range(12) if low <= s + t <= high]
    assert least_pair(front, back, low, high, np.empty(12, dtype=np.int64)) == min(pairs, default=np.inf)
