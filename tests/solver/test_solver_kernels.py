"""The compiled kernels against plain Python on small cases."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from enumeration import enumerate_plans, plan_of
from scipy.sparse.csgraph import connected_components, dijkstra
from strategies import random_problem

from datasets.instances import community, town
from partitioner.model import Bounds, Graph, IntArray, Problem, Units, Weights
from partitioner.model.arrays import frozen_ints
from partitioner.scoring import score, validate
from partitioner.solver.kernels.anneal import anneal, totals
from partitioner.solver.kernels.case import Case, State, new_state, rebuild, stays_connected
from partitioner.solver.kernels.chance import WAITS, below, fraction, make_stream
from partitioner.solver.kernels.listing import COMPLETE, STOPPED, TOO_MANY_GRIDS, TOO_MANY_VISITS, list_grids
from partitioner.solver.kernels.paths import metres_between
from partitioner.solver.kernels.tree import cut_into
from partitioner.solver.kernels.windows import recut_windows
from partitioner.solver.lagrangian import Prices, Pricing, lagrangian_value
from partitioner.solver.pieces import Piece, make_piece

NEVER = np.zeros(1, dtype=np.bool_)

GOLDEN_0 = [505, 850, 900, 567, 742, 142, 326, 856]
GOLDEN_7_3 = [306545, 579009, 83250, 23030]
GOLDEN_FRACTION = 0.5733610969036818


def whole(problem: Problem, counts: tuple[int, int] | None = None) -> Piece:
    """All units of a problem as one piece; its sets and parents do not matter here."""
    num = len(problem.units)
    return make_piece(problem, frozen_ints(np.arange(num)), (), counts or (1, num))


def small(seed: int) -> Problem:
    """A random problem of which everything is connected and nothing locked, apart kept."""
    base = random_problem(seed, max_units=8)
    num = len(base.units)
    u = [*base.graph.u.tolist(), *range(num - 1)]
    v = [*base.graph.v.tolist(), *range(1, num)]
    metres = [*base.graph.length_m.tolist(), *[55.5] * (num - 1)]
    return Problem(
        units=replace(base.units, parent=None),
        graph=Graph(num_units=num, u=u, v=v, length_m=metres),
        bounds=base.bounds,
        weights=base.weights,
        max_walk_m=base.max_walk_m,
        apart=base.apart,
    )


def started(piece: Piece, seed: int, grids: int) -> State:
    label = cut_into(piece.case, make_stream(seed), grids, 0.5, 2)
    state = new_state(piece.case, int(label.max()) + 3, piece.num_groups)
    state.label[:] = label
    rebuild(piece.case, state)
    return state


def pieces_of(problem: Problem, label: IntArray) -> list[int]:
    """Connected pieces of every grid."""
    return [
        connected_components(problem.graph.sparse[nodes][:, nodes], directed=False)[0]
        for nodes in (np.flatnonzero(label == slot) for slot in np.unique(label))
    ]


# --- chance -------------------------------------------------------------------------------------------------------


def test_streams_begin_with_the_same_numbers_on_every_machine() -> None:
    stream = make_stream(0)
    assert [int(below(stream, 1_000)) for _ in range(8)] == GOLDEN_0
    stream = make_stream(7, 3)
    assert [int(below(stream, 1_000_000)) for _ in range(4)] == GOLDEN_7_3
    assert fraction(make_stream(1)) == GOLDEN_FRACTION


def test_streams_of_different_numbers_differ_and_stay_in_range() -> None:
    drawn = {tuple(int(below(stream, 10)) for _ in range(20)) for stream in (make_stream(5, k) for k in range(50))}
    assert len(drawn) == 50
    stream = make_stream(2)
    numbers = np.array([below(stream, 7) for _ in range(7_000)])
    assert set(numbers.tolist()) == set(range(7))
    assert np.bincount(numbers).min() > 850
    assert all(0 <= fraction(stream) < 1 for _ in range(1_000))


def test_waiting_times_are_exponential() -> None:
    assert WAITS.mean() == pytest.approx(1.0, rel=1e-3)
    assert (np.diff(WAITS) < 0).all()


# --- paths --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_shortest_paths_equal_those_of_scipy(seed: int) -> None:
    problem = random_problem(seed, max_units=8) if seed < 8 else town(seed, num_units=70)
    num = len(problem.units)
    rng = np.random.default_rng(seed)
    sources = np.sort(rng.choice(num, max(1, num // 2), replace=False)).astype(np.int64)
    wanted = np.sort(rng.choice(num, max(1, num // 3), replace=False)).astype(np.int64)
    expected = dijkstra(problem.graph.sparse, indices=sources)[:, wanted]
    expected[np.isinf(expected)] = 1e9
    found = metres_between(*problem.graph.csr, sources, wanted, 1e9)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


# --- search -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_cuts_along_trees_give_connected_grids_as_many_as_asked(seed: int) -> None:
    problem = town(seed, num_units=80)
    piece = whole(problem)
    for grids in (1, 2, 7, 15, 80):
        label = cut_into(piece.case, make_stream(seed), grids, 0.5, 3)
        assert sorted(set(label.tolist())) == list(range(grids))
        assert pieces_of(problem, label) == [1] * grids


@pytest.mark.parametrize("seed", range(8))
def test_annealing_keeps_every_grid_connected_and_its_sums_right(seed: int) -> None:
    base = community(seed)
    problem = replace(
        base,
        max_walk_m=150.0 if seed % 2 else None,
        apart=[(0, 1), (3, 5, 9)] if seed % 3 else (),
        weights=Weights(walk_power=2 if seed % 4 == 3 else 1, split=20_000 if seed % 5 else 0),
    )
    piece = whole(problem)
    state = started(piece, seed, 6)
    rng = make_stream(seed, 1)
    for work in (
        lambda: anneal(piece.case, state, rng, 20_000, 5_000.0, 50.0, 100.0, NEVER),
        lambda: recut_windows(piece.case, state, rng, 30, 50, 100.0, NEVER),
    ):
        before = totals(state)
        work()
        after = totals(state)
        assert (after[0], after[1]) <= (before[0], before[1])
        assert pieces_of(problem, state.label) == [1] * len(np.unique(state.label))
        again = new_state(piece.case, len(state.head), piece.num_groups)
        again.label[:] = state.label
        rebuild(piece.case, again)
        for name in ("size", "households", "misfit", "broken", "far_sum", "touches", "num_groups"):
            np.testing.assert_array_equal(getattr(state, name), getattr(again, name), err_msg=name)
        for name in ("cost", "centre_sum"):
            np.testing.assert_allclose(getattr(state, name), getattr(again, name), rtol=1e-9, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("seed", range(20))
def test_a_move_is_allowed_exactly_where_both_grids_stay_connected(seed: int) -> None:
    problem = small(seed)
    piece = whole(problem)
    num = len(problem.units)
    state = started(piece, seed, min(3, num))
    for node in range(num):
        source = int(state.label[node])
        rest = np.flatnonzero((state.label == source) & (np.arange(num) != node))
        connected = not len(rest) or _num_pieces(problem, rest) == 1
        assert stays_connected(piece.case, state, source, node, -1) == connected
        for slot in range(len(state.head)):
            if slot != source and state.size[slot] > 0:
                joined = np.append(np.flatnonzero(state.label == slot), node)
                assert stays_connected(piece.case, state, slot, -1, node) == (_num_pieces(problem, joined) == 1)
                for back in np.flatnonzero(state.label == slot).tolist():
                    swapped = np.append(rest, back)
                    assert stays_connected(piece.case, state, source, node, back) == (
                        _num_pieces(problem, swapped) == 1
                    )


def _num_pieces(problem: Problem, nodes: IntArray) -> int:
    return int(connected_components(problem.graph.sparse[nodes][:, nodes], directed=False)[0])


# --- proof --------------------------------------------------------------------------------------------------------


def subsets(num: int) -> list[tuple[int, ...]]:
    return [members for size in range(1, num + 1) for members in combinations(range(num), size)]


def lawful_grids(problem: Problem) -> dict[tuple[int, ...], float]:
    """Every lawful grid with its cost without `move`, by the plain judgement of one grid at a time."""
    found = {}
    weights = problem.weights
    for members in subsets(len(problem.units)):
        plan = plan_of(len(problem.units), [members])
        if any(violation.grid == "0" for violation in validate(problem, plan)[0]):
            continue
        objective = score(problem, plan)
        groups = {problem.units.group.at(unit) for unit in members} - {None}
        found[members] = (
            weights.walk * objective.walk + weights.balance * objective.balance + weights.split * len(groups)
        )
    return found


@pytest.mark.parametrize("seed", range(30))
def test_listing_finds_exactly_the_lawful_grids(seed: int) -> None:
    problem = small(seed)
    case = whole(problem).case
    outcome, start, item, cost = list_grids(
        case, np.zeros(len(problem.units)), np.inf, len(problem.units), 10**6, 10**6, NEVER
    )
    assert outcome == COMPLETE
    listed = {tuple(item[start[j] : start[j + 1]].tolist()): cost[j] for j in range(len(cost))}
    assert len(listed) == len(cost)
    assert listed == pytest.approx(lawful_grids(problem), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("seed", range(10))
def test_listing_by_reduced_cost_leaves_out_nothing_below_the_limit(seed: int) -> None:
    problem = small(seed)
    case = whole(problem).case
    dual = np.random.default_rng(seed).uniform(-500, 3_000, len(problem.units))
    grids = lawful_grids(problem)
    limit = float(np.median([value - dual[list(m)].sum() for m, value in grids.items()])) if grids else 0.0
    _, start, item, cost = list_grids(case, dual, limit, len(dual), 10**6, 10**6, NEVER)
    listed = {tuple(item[start[j] : start[j + 1]].tolist()) for j in range(len(cost))}
    reduced = {members: value - dual[list(members)].sum() for members, value in grids.items()}
    assert {m for m, value in reduced.items() if value < limit - 1e-6} <= listed
    assert all(reduced[members] <= limit + 1e-6 for members in listed)


def test_listing_gives_up_and_says_why() -> None:
    case = whole(community(0)).case
    dual = np.zeros(len(case.households))
    assert list_grids(case, dual, np.inf, len(dual), 1_000, 10**9, NEVER)[0] == TOO_MANY_VISITS
    assert list_grids(case, dual, np.inf, len(dual), 10**9, 50, NEVER)[0] == TOO_MANY_GRIDS
    assert list_grids(case, dual, np.inf, len(dual), 10**9, 10**9, np.ones(1, dtype=np.bool_))[0] in (STOPPED, COMPLETE)


def complete(num: int, rng: np.random.Generator) -> Graph:
    """Everything neighbours everything, 5 to 50 m apart."""
    u, v = np.triu_indices(num, 1)
    return Graph(num_units=num, u=u, v=v, length_m=rng.uniform(5, 50, len(u)))


def least_by_brute_force(case: Case, dual: np.ndarray, centre: int) -> tuple[float, tuple[int, ...] | None]:
    """Over all sets that hold the centre and fit the bounds, connected or not."""
    best: tuple[float, tuple[int, ...] | None] = (np.inf, None)
    for members in subsets(len(case.households)):
        households = int(case.households[list(members)].sum())
        if centre not in members or not case.low <= households <= case.high:
            continue
        groups = {int(g) for m in members for g in case.group_item[case.group_start[m] : case.group_start[m + 1]]}
        value = sum(case.walk[centre, m] - dual[m] for m in members)
        value += case.split * len(groups) + case.balance * abs(households - case.target)
        best = min(best, (value, members), key=lambda entry: entry[0])
    return best


@pytest.mark.parametrize("seed", range(25))
def test_pricing_never_overprices_and_is_exact_where_all_may_share_a_grid(seed: int) -> None:
    """Only nodes with no way to the centre inside the maximum are left out: such sets are no grids in any case."""
    base = small(seed)
    num = len(base.units)
    # Where everything neighbours everything every set that fits can be reached, and pricing must be exact.
    problem = replace(base, apart=(), max_walk_m=None, graph=complete(num, np.random.default_rng(seed)))
    pricing = Pricing.of(whole(problem).case)
    dual = np.random.default_rng(seed).uniform(-200, 2_000, num)
    prices = pricing.prices(dual)
    values = pricing.values(prices)
    for centre in range(num):
        expected, members = least_by_brute_force(pricing.case, dual, centre)
        assert values[centre] == pytest.approx(expected, rel=1e-9, abs=1e-6)
        if members is not None:
            times, touches = pricing.coverage(prices, np.array([centre]))
            chosen = np.flatnonzero(times)
            groups = {int(pricing.group_of[node]) for node in chosen.tolist()} - {-1}
            assert np.flatnonzero(touches).tolist() == sorted(groups)
            assert touches.max(initial=0) <= 1
            households = int(problem.units.households[chosen].sum())
            assert problem.bounds.min <= households <= problem.bounds.max
            assert centre in chosen.tolist()
    sparse = Pricing.of(whole(replace(base, apart=(), max_walk_m=None)).case)
    grids = lawful_grids(replace(base, apart=(), max_walk_m=None))
    least = sparse.values(sparse.prices(dual))
    for members, cost in grids.items():
        assert min(least[list(members)]) <= cost - dual[list(members)].sum() + 1e-6


def test_counting_in_buckets_never_overprices() -> None:
    rng = np.random.default_rng(0)
    num = 7
    households = rng.integers(5_000, 20_000, num)
    problem = Problem(
        units=Units(id=tuple("abcdefg"), households=households),
        graph=complete(num, rng),
        bounds=Bounds(min=20_000, max=40_000),
    )
    case = whole(problem).case
    pricing = Pricing.of(case)
    assert pricing.bucket > 1
    dual = rng.uniform(0, 500_000, num)
    values = pricing.values(pricing.prices(dual))
    for centre in range(num):
        assert values[centre] <= least_by_brute_force(case, dual, centre)[0] + 1e-6


@pytest.mark.parametrize("seed", range(40, 60))
def test_any_prices_give_a_bound_below_the_best_plan(seed: int) -> None:
    problem = small(seed)
    problem = replace(problem, weights=replace(problem.weights, move=0.0))
    best = enumerate_plans(problem).best
    if best is None:
        return
    pricing = Pricing.of(whole(problem).case)
    rng = np.random.default_rng(seed)
    groups = problem.weights.split * len(problem.units.group.names)
    for scale in (0.0, best / len(problem.units), best):
        dual = rng.uniform(-0.3, 1.0, len(problem.units)) * scale
        for share in (0.0, 0.6, 1.0):
            touch = rng.uniform(0, share * problem.weights.split, len(pricing.fewest_touches))
            prices = Prices(node=dual, touch=touch)
            value, _ = lagrangian_value(pricing, prices, pricing.values(prices), (1, len(problem.units)))
            assert value - groups <= best + 1e-6 * (1 + best)
