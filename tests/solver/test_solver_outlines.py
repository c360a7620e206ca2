"""Outlines with free nodes, and what is settled by them, compared with trying everything."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from enumeration import enumerate_plans
from strategies import random_problem
from test_solver_generation import (
    BATCH,
    NEVER,
    begun,
    best_centre,
    check_plan,
    grids_of,
    paid,
    priced,
    pricing_of,
    random_cuts,
    random_prices,
    samples,
    slacks,
)
from tiny_pieces import Nodes, Tiny, reduced

from datasets.instances import community
from partitioner.model.plan_json import write_plan
from partitioner.scoring import validate
from partitioner.solver import Limits, generated_proof, generation, outlines, proving, settling, solve
from partitioner.solver.kernels.cut_payments import no_cuts
from partitioner.solver.kernels.frontier import CHOSEN, sweep_through
from partitioner.solver.kernels.listing import COMPLETE
from partitioner.solver.kernels.outlines import joined, list_outlines
from partitioner.solver.lagrangian import Pricing, lagrangian_value
from partitioner.solver.limits import StopSignal
from partitioner.solver.outline_pricing import price_outlines
from partitioner.solver.outlines import Listed, Outlines, _no_touching, side_by_side, small_nodes
from partitioner.solver.pieces import make_piece
from partitioner.solver.settling import Settled, settle

SEEDS = range(160)
MANY = 10**6

batches = pytest.mark.parametrize("first", range(0, len(SEEDS), BATCH))


def some_free(known: Tiny, rng: np.random.Generator) -> np.ndarray:
    """Nodes of any size which hold too few households together for a grid of their own; none without a lower bound."""
    case = known.piece.case
    free: list[int] = []
    for node in rng.permutation(len(case.households)).tolist():
        if rng.random() < 0.7 and case.households[[*free, node]].sum() < case.low:
            free.append(node)
    return np.array(sorted(free), dtype=np.int64)


def all_pairs(known: Tiny, free: np.ndarray) -> Listed:
    """The outline of every lawful grid, with every centre inside it."""
    pairs = {
        (tuple(node for node in nodes if node not in free), unit)
        for nodes in known.grids
        for unit in known.units_of(nodes)
    }
    outlines = sorted(pairs)
    return Listed(
        start=np.cumsum([0, *[len(nodes) for nodes, _ in outlines]]).astype(np.int64),
        item=np.array([node for nodes, _ in outlines for node in nodes], dtype=np.int64),
        centre=np.array([unit for _, unit in outlines], dtype=np.int64),
    )


def met(listed: Listed) -> set[tuple[Nodes, int]]:
    """Outlines as ascending nodes, with their centres."""
    return {
        (tuple(sorted(listed.item[listed.start[j] : listed.start[j + 1]].tolist())), int(centre))
        for j, centre in enumerate(listed.centre)
    }


def cheap_covers(known: Tiny, cutoff: float) -> list[tuple[tuple[Nodes, ...], float]]:
    return [(grids, cost) for grids, cost in known.covers() if cost < cutoff]


# --- listing --------------------------------------------------------------------------------------------------------


@batches
def test_no_grid_within_the_slack_is_without_its_outline_at_its_best_centre(first: int) -> None:
    left_out = 0
    for seed, known in samples(first):
        rng = np.random.default_rng([11, seed])
        pricing = pricing_of(known)
        for _ in range(3):
            prices = random_prices(known, rng)
            cuts, pairs = random_cuts(len(prices.node), float(np.abs(prices.node).mean()), rng)
            free = some_free(known, rng)
            values = {
                nodes: reduced(nodes, cost, prices, pricing.group_of) + paid(nodes, pairs)
                for nodes, cost in known.grids.items()
            }
            slack = float(rng.choice(slacks(values, rng)))
            outcome, start, item, found, centre = list_outlines(
                pricing.original, pricing.group_of, pricing.node_of, pricing.start, pricing.item, prices.node,
                pricing.charge(prices), cuts, side_by_side(pricing, free), pricing.values(prices), slack, MANY, MANY,
                NEVER,
            )  # fmt: skip
            assert outcome == COMPLETE
            near = 1e-9 * (1 + max(map(abs, values.values()), default=0.0))
            least = {
                (tuple(sorted(item[start[j] : start[j + 1]].tolist())), int(centre[j])): float(found[j])
                for j in range(len(centre))
            }
            assert len(least) == len(centre), seed
            for nodes, value in values.items():
                if value <= slack:
                    outline = tuple(node for node in nodes if node not in free)
                    assert least[outline, best_centre(known, nodes)] <= value + near, (seed, nodes)
                else:
                    left_out += 1
    assert left_out


# --- the bound ------------------------------------------------------------------------------------------------------


@batches
def test_no_plan_costs_less_than_the_cheapest_cover_by_outlines(first: int) -> None:
    exact = 0
    for seed, known in samples(first):
        plans = list(known.covers())
        rng = np.random.default_rng([12, seed])
        pricing = pricing_of(known)
        best = min((cost for _, cost in plans), default=np.inf)
        for _ in range(3 if plans else 0):
            free = some_free(known, rng)
            node = random_prices(known, rng).node
            with StopSignal(None, None) as signal:
                outlines = Outlines(pricing, free, node, all_pairs(known, free), signal)
                for cutoff in (best * 1.2 + 1.0, best, 0.9 * best):
                    cover = outlines.cover(node[outlines.free], cutoff, MANY)
                    assert cover is not None
                    assert cover.bound == np.inf or cover.bound <= best + 1e-9 * abs(best), seed
                    if cutoff > best:
                        assert cover.bound < np.inf, seed
                        held = np.zeros(len(node), dtype=np.int64)
                        for grid in cover.grids:
                            held[grid] += 1
                        assert (np.delete(held, free) == 1).all(), seed
                        if (held == 1).all() and all(tuple(grid.tolist()) in known.grids for grid in cover.grids):
                            total = sum(known.grids[tuple(grid.tolist())] for grid in cover.grids)
                            exact += total == pytest.approx(cover.bound, rel=1e-6, abs=1e-6)
    assert exact


@batches
def test_outlines_of_better_plans_stay_within_their_limits_and_are_extended(first: int) -> None:
    extended = 0
    for seed, known in samples(first):
        plans = list(known.covers())
        if not plans:
            continue
        rng = np.random.default_rng([13, seed])
        cutoff = min(cost for _, cost in plans) * float(rng.choice([1.0, 1.1, 1.5])) + 0.5
        free = some_free(known, rng)
        node = random_prices(known, rng).node
        with StopSignal(None, None) as signal:
            outlines = Outlines(pricing_of(known), free, node, all_pairs(known, free), signal)
            price = node[outlines.free]
            limit = outlines.limits(price, cutoff, MANY)
            assert limit is not None
            decided = rng.random(len(free)) < rng.choice([0.3, 0.7, 1.0])
            following = outlines.extended(price, limit, decided, MANY, MANY)
        assert following is not None
        left = set(following.free.tolist())
        assert left == set(outlines.free[~decided].tolist())
        found = met(following.listed)
        assert len(found) == len(following), seed
        for grids, _ in cheap_covers(known, cutoff):
            for nodes in grids:
                assert (tuple(n for n in nodes if n not in left), best_centre(known, nodes)) in found, (seed, nodes)
        extended += len(left) < len(free)
        if not left:
            listing = following.listing()
            assert {nodes for grids, _ in cheap_covers(known, cutoff) for nodes in grids} <= grids_of(listing)
            for j in range(len(listing)):
                nodes = tuple(listing.grid(j).tolist())
                assert known.grids[nodes] == pytest.approx(float(listing.cost[j]), rel=1e-9, abs=1e-9), seed
    assert extended


@pytest.mark.parametrize("first", range(0, 80, BATCH))
def test_the_cheapest_cover_through_each_grid_is_what_trying_all_covers_gives(first: int) -> None:
    for seed, known in samples(first):
        ordered = sorted(known.grids)
        plans = list(known.covers())
        if not plans:
            continue
        case, num = known.piece.case, len(known.piece.case.households)
        mask = np.array([[sum(1 << node for node in nodes)] for nodes in ordered], dtype=np.uint64)
        lowest = np.array([nodes[0] for nodes in ordered])
        cost = np.array([known.grids[nodes] for nodes in ordered])
        load = np.array([int(case.households[list(nodes)].sum()) for nodes in ordered])
        order = np.lexsort((cost, lowest))
        dearest = max(value for _, value in plans)
        room = dearest + 1.0 if seed % 2 else (min(value for _, value in plans) + dearest) / 2
        outcome, through = sweep_through(
            mask[order], lowest[order], cost[order], load[order], _no_touching(len(ordered)), num,
            int(case.households.sum()), case.low, case.high, (case.count_low, case.count_high), True, 0.0, room, MANY,
            NEVER,
        )  # fmt: skip
        if outcome != CHOSEN:
            assert min(value for _, value in plans) >= room
            continue
        for position, j in enumerate(order.tolist()):
            expected = min((value for grids, value in plans if ordered[j] in grids), default=np.inf)
            if expected < room - 1e-9:
                assert through[position] == pytest.approx(expected), seed
            else:
                assert through[position] >= room - 1e-6, seed


# --- settling -------------------------------------------------------------------------------------------------------


def settled(known: Tiny, rng: np.random.Generator, cutoff: float, visits: int = MANY) -> Settled:
    """From random prices and the slack that these allow."""
    pricing = pricing_of(known)
    prices = random_prices(known, rng)
    values = pricing.values(prices)
    value, num = lagrangian_value(pricing, prices, values, known.counts)
    dearest = max(0.0, float(np.sort(values)[num - 1])) if 0 < num <= len(values) else np.inf
    start = random_prices(known, rng).node
    with StopSignal(None, None) as signal:
        return settle(
            pricing, some_free(known, rng), prices, no_cuts(len(start)), cutoff - value + dearest + 1e-6, start, cutoff,
            signal, visits=visits,
        )  # fmt: skip


@batches
@pytest.mark.parametrize("few", [False, True])
def test_what_is_settled_is_true(first: int, few: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With few grids allowed at the end the free nodes are decided bit by bit."""
    if few:
        monkeypatch.setattr(settling, "MAX_GRIDS", 3)
    proved = listed = 0
    for seed, known in samples(first):
        best = known.best()
        rng = np.random.default_rng([14, seed])
        if not np.isfinite(best):
            continue
        for cutoff in (best * float(rng.choice([1.02, 1.3])) + 0.5, best):
            found = settled(known, rng, cutoff)
            better = {nodes for grids, _ in cheap_covers(known, cutoff * (1 - 2e-9)) for nodes in grids}
            if found.bound == np.inf:
                assert not better, seed
                proved += 1
                continue
            assert found.bound <= best + 1e-9 * abs(best), seed
            if found.listing is not None:
                listed += 1
                assert better <= grids_of(found.listing), seed
                assert grids_of(found.listing) <= set(known.grids), seed
    assert proved
    assert listed


def test_nothing_is_claimed_where_the_list_is_cut_short_or_the_run_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    _, known = samples(0)[0]
    best = known.best()
    assert settled(known, np.random.default_rng(0), best * 1.1, visits=1).bound == -np.inf
    monkeypatch.setattr(settling, "MAX_SETS", 1)
    assert settled(known, np.random.default_rng(0), best * 1.1).bound == -np.inf


# --- pricing --------------------------------------------------------------------------------------------------------


@batches
def test_what_outlines_price_is_below_every_grid_and_the_grids_they_offer_are_lawful(first: int) -> None:
    offered = 0
    for seed, known in samples(first):
        rng = np.random.default_rng([17, seed])
        for _ in range(3):
            prices, cuts, values = priced(known, rng)
            free = side_by_side(pricing_of(known), some_free(known, rng))
            slack = float(rng.choice(slacks(values, rng)))
            near = 1e-9 * (1 + max(map(abs, values.values()), default=0.0))
            with StopSignal(None, None) as signal:
                found = price_outlines(pricing_of(known), free, prices, cuts, slack, signal, visits=MANY)
            assert found is not None
            for nodes, value in values.items():
                assert found.least[best_centre(known, nodes)] <= max(value, slack) + near, (seed, nodes)
                if value <= slack:
                    assert found.least[best_centre(known, nodes)] <= value + near, (seed, nodes)
            for j in range(len(found.grids)):
                nodes = tuple(found.grids.grid(j).tolist())
                assert found.grids.cost[j] == pytest.approx(known.grids[nodes], rel=1e-9, abs=1e-9), seed
            offered += len(found.grids)
    assert offered


def test_outlines_that_take_too_many_sets_say_nothing() -> None:
    known = samples(0)[0][1]
    rng = np.random.default_rng(1)
    prices = random_prices(known, rng)
    nothing = np.empty(0, dtype=np.int64)
    with StopSignal(None, None) as signal:
        pricing, cuts = pricing_of(known), no_cuts(len(prices.node))
        assert price_outlines(pricing, nothing, prices, cuts, 1e9, signal, visits=1) is None


@batches
def test_rounds_that_leave_nodes_free_prove_nothing_false(first: int, monkeypatch: pytest.MonkeyPatch) -> None:
    left_free = 0
    for seed, known in samples(first):
        best = known.best()
        cutoff = best * 1.05 + 1.0 if np.isfinite(best) else 1e5
        wanted = {nodes for grids, cost in known.covers() if cost < cutoff for nodes in grids}
        free = some_free(known, np.random.default_rng([18, seed]))
        monkeypatch.setattr(generation, "small_nodes", lambda _, free=free: free)
        with StopSignal(None, None) as signal:
            begun_here = begun(known, cutoff, "random" if seed % 2 else "ascent", seed, signal)
            if begun_here is None:
                continue
            left_free += len(free)
            for _ in range(12):
                assert begun_here.bound <= best + 1e-9 * abs(best), seed
                if begun_here.finished:
                    break
                begun_here.step(cutoff)
                if begun_here.plan is not None:
                    assert check_plan(known, begun_here.plan) >= best - 1e-9 * abs(best), seed
                assert wanted <= grids_of(begun_here.relevant(cutoff, visits=MANY)), seed
    assert left_free


def test_free_nodes_are_small_and_fill_no_grid() -> None:
    piece = make_piece(community(23), np.arange(len(community(23).units)), (), (1, 99))
    case = piece.case
    free = small_nodes(case)
    assert len(free) > 30
    assert case.households[free].max() < np.delete(case.households, free).min()
    assert case.households[free].sum() < case.low / 4
    assert not len(small_nodes(case._replace(low=0)))
    assert not len(small_nodes(case._replace(households=case.households + 50)))


def test_an_outline_is_joined_where_free_nodes_lie_between() -> None:
    piece = make_piece(community(0), np.arange(len(community(0).units)), (), (1, 99))
    case, node_of = piece.case, Pricing.of(piece.case).node_of
    num = len(case.households)
    rng = np.random.default_rng(0)
    for _ in range(200):
        free = rng.random(num) < 0.3
        nodes = rng.choice(num, int(rng.integers(1, 6)), replace=False)
        centre = int(rng.integers(0, num))
        held = {int(node_of[centre]), *nodes.tolist()}
        seen, waiting = {int(node_of[centre])}, [int(node_of[centre])]
        while waiting:
            at = waiting.pop()
            for other in case.neighbour[case.start[at] : case.start[at + 1]].tolist():
                if other not in seen and (other in held or free[other]):
                    seen.add(other)
                    waiting.append(other)
        start = np.array([0, len(nodes)])
        assert joined(case, free, node_of, start, nodes, np.array([centre])).tolist() == [held <= seen]


# --- whole problems ----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("first", range(4_000, 4_080, BATCH))
def test_plans_and_bounds_agree_with_trying_everything_where_many_nodes_are_free(
    first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Random problems with locks, parents and all rules; a node is small here if it fills less than half a grid."""
    for name in ("FEWEST_VISITS", "FIRST_VISITS", "FEW_SWEPT"):
        monkeypatch.setattr(proving, name, 0)
    for name in ("FEW_VISITS", "FEW_SWEPT"):
        monkeypatch.setattr(generated_proof, name, 0)
    monkeypatch.setattr(proving.Proving, "_all_grids", lambda _: None)
    monkeypatch.setattr(outlines, "LARGEST_FREE", 2)
    monkeypatch.setattr(outlines, "ALL_FREE", 1)
    asked = []

    def noted(*arguments: Any, **options: Any) -> Settled:
        asked.append(len(arguments[1]))
        return settle(*arguments, **options)

    monkeypatch.setattr(generated_proof, "settle", noted)
    for seed in range(first, first + BATCH):
        problem = random_problem(seed)
        problem = replace(problem, weights=replace(problem.weights, move=0.0))
        known = enumerate_plans(problem)
        result = solve(problem, Limits(seed=seed, threads=1))
        assert result.violations == validate(problem, result.plan)[0], seed
        if known.best is None:
            assert result.status in ("infeasible", "unknown"), seed
            continue
        assert not result.violations, seed
        assert result.objective.total <= known.best * (1 + 1e-6) + 1e-6, seed
        assert result.bound is not None, seed
        assert result.bound <= known.best + 1e-6 * (1 + known.best), seed
    assert asked


def test_a_community_of_courtyards_is_proved_with_the_same_bytes_on_one_thread_and_on_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """38 of its 67 buildings hold one or two households; the limit is far beyond what its search needs."""
    outcomes: list[float] = []

    def noted(*arguments: Any, **options: Any) -> Settled:
        found = settle(*arguments, **options)
        outcomes.append(found.bound)
        return found

    monkeypatch.setattr(generated_proof, "settle", noted)
    written = []
    for threads in (1, 2):
        result = solve(community(23), Limits(step_limit=30_000_000, threads=threads))
        assert (result.status, result.stop_reason) == ("optimal", "proved")
        path = tmp_path / f"{threads}.json"
        write_plan(result, path)
        written.append(path.read_bytes())
    assert written[0] == written[1]
    assert len(outcomes) >= 2, "another community must be chosen: this one is proved without small nodes left free"
