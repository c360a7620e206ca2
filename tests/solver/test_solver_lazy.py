"""Lazy pricing and the bundle against the table over all candidates and against full enumeration."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from enumeration import enumerate_plans
from strategies import random_problem

from datasets.instances import city, town, village
from partitioner.model import Bounds, Graph, Problem, Units, Weights
from partitioner.model.arrays import frozen_ints
from partitioner.solver import Limits, solve
from partitioner.solver.bundle import Bundle
from partitioner.solver.kernels.bundle import best_shares
from partitioner.solver.lagrangian import Ascent, Prices, Pricing, lagrangian_value
from partitioner.solver.lazy_pricing import LazyPricing
from partitioner.solver.pieces import Piece, make_piece


def whole(problem: Problem) -> Piece:
    num = len(problem.units)
    return make_piece(problem, frozen_ints(np.arange(num)), (), (1, num))


def some_prices(pricing: Pricing, seed: int, scale: float) -> Prices:
    """Prices around the mean walking: grids of all sizes pay, some in part; every second time with touch rewards."""
    rng = np.random.default_rng([11, seed])
    weight = np.maximum(pricing.original.households, 1)
    node = weight * scale * rng.uniform(0.2, 1.6, len(weight)) + rng.normal(0, 5.0, len(weight))
    touch = (seed % 2) * pricing.original.split * rng.uniform(0, 1, len(pricing.fewest_touches))
    return Prices(node=node, touch=touch)


def compare(pricing: Pricing, lazy: LazyPricing, prices: Prices) -> None:
    """Never above the table beyond rounding; the same Lagrangian bound; sharp where it says so."""
    exact, quick = pricing.values(prices), lazy.values(prices)
    finite = np.isfinite(exact)
    assert (quick[finite] <= exact[finite] + pricing.margin(prices)).all()
    value, num = lagrangian_value(pricing, prices, exact, lazy.counts)
    bound, same = lagrangian_value(pricing, prices, quick, lazy.counts)
    assert bound <= value + (num + 1) * pricing.margin(prices) or value == np.inf
    if np.isfinite(value):
        assert bound == pytest.approx(value, rel=1e-9, abs=1e-6)
        assert same == num


@pytest.mark.parametrize("seed", range(60))
def test_lazy_values_never_exceed_the_table_and_give_the_same_bound_on_tiny_problems(seed: int) -> None:
    problem = random_problem(seed)
    problem = replace(problem, locked=(), together=(), units=replace(problem.units, parent=None))
    pricing = Pricing.of(whole(problem).case)
    num = len(problem.units)
    for counts in ((1, num), (0, num), (2, 3), (num, num)):
        lazy = LazyPricing(pricing=pricing, counts=counts)
        for scale in (0.0, 1.0, 30.0, 300.0, 1.0):
            compare(pricing, lazy, some_prices(pricing, seed, scale))


@pytest.mark.parametrize(
    ("problem", "scale"),
    [(town(0, num_units=90), 70.0), (town(3, num_units=70), 90.0), (village(0, 260), 150.0), (city(1, 150), 90.0)],
)
@pytest.mark.parametrize("weights", [Weights(), Weights(split=0), Weights(balance=0), Weights(walk=0)])
def test_lazy_values_give_the_same_bound_on_larger_pieces(problem: Problem, scale: float, weights: Weights) -> None:
    pricing = Pricing.of(whole(replace(problem, weights=weights)).case)
    for counts in ((1, 40), (3, 3)):
        lazy = LazyPricing(pricing=pricing, counts=counts)
        for seed, factor in product(range(2), (0.4, 1.0, 2.0)):
            compare(pricing, lazy, some_prices(pricing, seed, scale * factor))


@pytest.mark.parametrize("seed", range(6))
def test_coverage_is_a_supergradient(seed: int) -> None:
    """The bound at any prices lies below the linear function that value and coverage give at others."""
    problem = town(seed, num_units=60) if seed % 2 else village(seed, 150)
    pricing = Pricing.of(whole(problem).case)
    counts = (1, 20)
    lazy = LazyPricing(pricing=pricing, counts=counts)
    points = [some_prices(pricing, k, 100.0 if seed % 2 else 200.0) for k in range(4)]
    cuts = []
    for prices in points:
        values = lazy.values(prices)
        value, num = lagrangian_value(pricing, prices, values, counts)
        chosen = np.argsort(values, kind="stable")[:num].astype(np.int64)
        shares, touches = lazy.coverage(prices, chosen)
        point = np.concatenate([prices.node, prices.touch])
        cuts.append((point, value, np.concatenate([1.0 - shares, pricing.fewest_touches - touches])))
    for (at, value, gradient), (other, found, _) in product(cuts, cuts):
        assert found <= value + float(gradient @ (other - at)) + 1e-6 * abs(value)


def test_short_lists_serve_prices_that_drift() -> None:
    problem = village(1, 200)
    pricing = Pricing.of(whole(problem).case)
    lazy = LazyPricing(pricing=pricing, counts=(1, 2))
    prices = some_prices(pricing, 0, 150.0)
    rng = np.random.default_rng(5)
    for _ in range(12):
        compare(pricing, lazy, prices)
        prices = replace(prices, node=prices.node + rng.normal(2.0, 12.0, len(prices.node)))


def test_where_households_are_counted_in_buckets_lazy_values_bound_the_exact_ones() -> None:
    rng = np.random.default_rng(3)
    num = 7
    graph = Graph(num_units=num, u=[0, 1, 2, 3, 4, 5], v=[1, 2, 3, 4, 5, 6], length_m=rng.uniform(10, 90, 6))
    small = rng.integers(5, 20, num)

    def pricing_of(factor: int) -> Pricing:
        units = Units(id=tuple("abcdefg"), households=small * factor)
        weights = Weights(walk=1 / factor, balance=40 / factor)
        bounds = Bounds(min=20 * factor, max=40 * factor)
        return Pricing.of(whole(Problem(units=units, graph=graph, bounds=bounds, weights=weights)).case)

    exact, large = pricing_of(1), pricing_of(1_000)
    assert large.bucket > 1
    for seed in range(10):
        dual = np.random.default_rng(seed).uniform(0, 900, num)
        lazy = LazyPricing(pricing=large, counts=(1, num)).values(large.prices(dual))
        assert (lazy <= exact.values(exact.prices(dual)) + 1e-6).all()


@pytest.mark.parametrize("first", range(0, 240, 40))
def test_the_ascent_never_passes_the_best_plan(first: int) -> None:
    """All rules and weights mixed, zero weights among them."""
    for seed in range(first, first + 40):
        problem = random_problem(seed, max_units=7)
        zero = {name: 0.0 for k, name in enumerate(("walk", "split", "balance")) if seed >> k & 1 and seed % 3 == 0}
        problem = replace(
            problem,
            locked=(),
            together=(),
            units=replace(problem.units, parent=None),
            weights=replace(problem.weights, move=0.0, **zero),
        )
        best = enumerate_plans(problem).best
        if best is None:
            continue
        num = len(problem.units)
        case = whole(problem).case
        counts = (problem.count.default.min or 1, min(problem.count.default.max or num, num))
        constant = problem.weights.split * len(problem.units.group.names)
        pricing = Pricing.of(case)
        ascent = Ascent(pricing, pricing.prices(np.full(num, (best + constant) / num)), counts)
        for _ in range(40):
            if ascent.finished:
                break
            ascent.step(best + constant)
            assert ascent.best.value - constant <= best + 1e-6 * (1 + abs(best)), seed


def test_best_shares_solve_the_quadratic_programme() -> None:
    """Against the optimality conditions: every cut with a share is as steep as the steepest."""
    for seed in range(30):
        rng = np.random.default_rng(seed)
        num, dim = int(rng.integers(1, 30)), int(rng.integers(1, 40))
        gradient = rng.normal(size=(num, dim))
        if seed % 3 == 0:
            gradient[num // 2 :] = gradient[: num - num // 2]  # equal cuts
        error = rng.uniform(0, 5, num)
        length = float(rng.uniform(0.01, 10))
        gram = gradient @ gradient.T
        share = best_shares(gram, error, length)
        assert share.sum() == pytest.approx(1.0)
        assert (share >= 0).all()
        slope = length * gram @ share + error
        assert slope.min() == pytest.approx(float(slope @ share), rel=1e-3, abs=1e-4)


def test_the_bundle_finds_the_maximum_of_a_concave_function() -> None:
    rng = np.random.default_rng(0)
    slopes, heights = rng.normal(size=(40, 12)), rng.uniform(0, 3, 40)

    def look(x: np.ndarray) -> tuple[float, np.ndarray]:
        pieces = slopes @ x + heights + 0.05 * np.abs(slopes).sum(axis=1)
        least = int(np.argmin(pieces))
        return float(pieces[least]) - 0.1 * float(x @ x), slopes[least] - 0.2 * x

    value, gradient = look(np.zeros(12))
    bundle = Bundle(np.zeros(12), value, gradient, 1.0)
    for _ in range(150):
        point = bundle.next_point()
        if bundle.hope < 1e-8:
            break
        value, gradient = look(point)
        assert value <= bundle.value + bundle.promised + 1e-9
        bundle.learn(point, value, gradient)
    assert bundle.hope < 1e-4
    for _ in range(200):
        assert look(bundle.best + rng.normal(0, 0.3, 12))[0] <= bundle.value + 1e-4


def test_a_village_run_is_the_same_on_one_thread_and_on_two() -> None:
    problem = village(2, 300)
    one = solve(problem, Limits(step_limit=60_000, threads=1))
    two = solve(problem, Limits(step_limit=60_000, threads=2))
    assert one == two
