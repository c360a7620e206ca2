"""Listing relevant grids and choosing among them by a sweep, compared with listing all and trying every choice."""

from __future__ import annotations

import numpy as np
import pytest

from partitioner.model import Bounds, Graph, Labels, Problem, Units, Weights
from partitioner.solver.exact import Listing, list_all, list_relevant, sweep_choice, sweeping_orders
from partitioner.solver.lagrangian import Ascent, Pricing, lagrangian_value
from partitioner.solver.limits import StopSignal
from partitioner.solver.pieces import Piece, make_piece


def lattice(seed: int, rows: int = 3, columns: int = 4, counts: tuple[int, int] | None = None) -> Piece:
    """A street pattern with random households, ways, compounds and rules."""
    rng = np.random.default_rng(seed)
    num = rows * columns
    place = np.arange(num).reshape(rows, columns)
    u = np.concatenate([place[:, :-1].ravel(), place[:-1].ravel()])
    v = np.concatenate([place[:, 1:].ravel(), place[1:].ravel()])
    problem = Problem(
        units=Units(
            id=tuple(f"u{i}" for i in range(num)),
            households=rng.integers(0, 9, num),
            group=Labels([None if g == 0 else f"c{g}" for g in rng.integers(0, 5, num)]),
        ),
        graph=Graph(num_units=num, u=u, v=v, length_m=rng.integers(1, 30, len(u)).astype(float)),
        bounds=Bounds(min=8, max=18),
        weights=Weights(split=float(rng.choice([0.0, 40.0, 200.0])), balance=float(rng.choice([0.0, 10.0]))),
        max_walk_m=60.0 if seed % 3 == 0 else None,
        apart=((0, num - 1), (1, 2)) if seed % 2 else (),
    )
    return make_piece(problem, np.arange(num), (), counts or (1, num))


def contents(listing: Listing, keep: np.ndarray | None = None) -> dict[tuple[int, ...], float]:
    """Grids as sorted tuples with their costs."""
    chosen = range(len(listing)) if keep is None else np.flatnonzero(keep).tolist()
    return {tuple(listing.grid(j).tolist()): float(listing.cost[j]) for j in chosen}


def reduced_costs(listing: Listing, dual: np.ndarray) -> np.ndarray:
    return np.array([listing.cost[j] - dual[listing.grid(j)].sum() for j in range(len(listing))])


@pytest.mark.parametrize("seed", range(40))
def test_relevant_grids_are_exactly_those_within_the_slack(seed: int) -> None:
    piece = lattice(seed)
    rng = np.random.default_rng(1000 + seed)
    dual = rng.uniform(0, 60, len(piece.case.households))
    with StopSignal(None, None) as signal:
        everything = list_all(piece.case, signal)
        reduced = reduced_costs(everything, dual)
        for share in (0.1, 0.5, 1.0):
            slack = float(np.quantile(reduced, share)) if len(reduced) else 0.0
            pricing = Pricing.of(piece.case)
            listing = list_relevant(pricing, pricing.prices(dual), slack + 1e-7, signal)
            assert listing.complete
            assert contents(listing) == pytest.approx(contents(everything, reduced <= slack + 1e-7))


def cheapest_cover(listing: Listing, num: int, counts: tuple[int, int]) -> float:
    """Least cost of an exact cover by trying every choice; infinite if there is none."""
    grids = [(frozenset(listing.grid(j).tolist()), float(listing.cost[j])) for j in range(len(listing))]
    by_first: dict[int, list[tuple[frozenset[int], float]]] = {}
    for members, cost in grids:
        by_first.setdefault(min(members), []).append((members, cost))
    best = np.inf

    def extend(covered: frozenset[int], cost: float, used: int) -> None:
        nonlocal best
        if len(covered) == num:
            if counts[0] <= used <= counts[1]:
                best = min(best, cost)
            return
        first = next(i for i in range(num) if i not in covered)
        for members, more in by_first.get(first, []):
            if not members & covered:
                extend(covered | members, cost + more, used + 1)

    extend(frozenset(), 0.0, 0)
    return float(best)


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("counts", [None, (4, 4)])
def test_the_sweep_finds_the_cheapest_cover_or_proves_that_none_is_cheaper(
    seed: int, counts: tuple[int, int] | None
) -> None:
    piece = lattice(seed, counts=counts)
    num = len(piece.case.households)
    limits = (piece.case.count_low, piece.case.count_high)
    with StopSignal(None, None) as signal:
        everything = list_all(piece.case, signal)
        best = cheapest_cover(everything, num, limits)
        dual = np.random.default_rng(seed).uniform(0, 40, num)
        cutoff = 1e6 if np.isinf(best) else best * 1.3 + 1.0
        pricing = Pricing.of(piece.case)
        prices = pricing.prices(dual)
        proof = sweep_choice(pricing, everything, prices, cutoff, signal)
        if np.isinf(best):
            assert proof.outcome == "worse"
            return
        assert proof.outcome == "optimal"
        assert sorted(np.concatenate(proof.grids).tolist()) == list(range(num))
        costs = contents(everything)
        assert sum(costs[tuple(grid.tolist())] for grid in proof.grids) == pytest.approx(best)
        assert proof.bound is not None
        assert best * (1 - 1e-6) <= proof.bound <= best * (1 + 1e-12)
        assert sweep_choice(pricing, everything, prices, best, signal).outcome == "worse"


@pytest.mark.parametrize("seed", range(20))
def test_the_bound_never_exceeds_the_cheapest_cover_whatever_the_prices(seed: int) -> None:
    piece = lattice(seed)
    num = len(piece.case.households)
    rng = np.random.default_rng(seed)
    with StopSignal(None, None) as signal:
        best = cheapest_cover(list_all(piece.case, signal), num, (1, num))
    pricing = Pricing.of(piece.case)
    for size in (0.0, 10.0, 1000.0):
        dual = rng.uniform(-size / 4, size, num)
        prices = pricing.prices(dual)
        value, _ = lagrangian_value(pricing, prices, pricing.values(prices), (1, num))
        assert value <= best
    ascent = Ascent(pricing, pricing.prices(np.zeros(num)), (1, num))
    for _ in range(60):
        if not ascent.finished:
            ascent.step(1e4 if np.isinf(best) else best)
        assert ascent.best.value <= best


@pytest.mark.parametrize("seed", range(10))
def test_buckets_of_households_keep_the_bound_valid(seed: int) -> None:
    """Households in the thousands are counted in buckets; the bound may weaken, never overshoot."""
    small = lattice(seed)
    factor = 5000
    rng = np.random.default_rng(seed)
    households = small.case.households * factor + rng.integers(0, factor // 10, len(small.case.households))
    case = small.case._replace(households=households, low=8 * factor, high=19 * factor, target=13.0 * factor)
    num = len(households)
    with StopSignal(None, None) as signal:
        best = cheapest_cover(list_all(case, signal), num, (1, num))
    pricing = Pricing.of(case)
    assert pricing.bucket > 1
    ascent = Ascent(pricing, pricing.prices(np.zeros(num)), (1, num))
    for _ in range(40):
        if not ascent.finished:
            ascent.step(1e6 if np.isinf(best) else best)
        assert ascent.best.value <= best


def test_sweeping_orders_visit_every_node_once_and_come_in_both_directions() -> None:
    orders = sweeping_orders(lattice(3).case)
    for rank in orders:
        assert sorted(rank.tolist()) == list(range(12))
    assert (orders[0] + orders[1] == 11).all()
    assert (orders[2] + orders[3] == 11).all()


def test_grids_that_hold_part_of_a_set_are_left_out() -> None:
    listing = Listing(
        complete=True,
        start=np.array([0, 2, 3, 5]),
        item=np.array([0, 1, 1, 2, 3]),
        cost=np.array([1.0, 2.0, 3.0]),
    )
    kept = listing.holding_whole(np.array([0, 1]))
    assert contents(kept) == {(0, 1): 1.0, (2, 3): 3.0}


def test_a_stopped_ascent_keeps_its_bound() -> None:
    piece = lattice(2)
    num = len(piece.case.households)
    flag = np.zeros(1, dtype=np.bool_)
    pricing = Pricing.of(piece.case, flag)
    ascent = Ascent(pricing, pricing.prices(np.zeros(num)), (1, num))
    for _ in range(5):
        ascent.step(1e4)
    before = ascent.best.value
    assert np.isfinite(before)
    flag[0] = True
    ascent.step(1e4)
    assert ascent.best.value == before
    assert (ascent.pricing.values(ascent.best.prices) == -np.inf).all()
