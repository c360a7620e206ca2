"""Where chains of windows look."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from datasets.instances import city, village
from partitioner.model import Problem
from partitioner.model.plan_json import write_plan
from partitioner.solver import Limits, solve
from partitioner.solver.focus import EVERYWHERE, Focus
from partitioner.solver.kernels.chance import make_stream
from partitioner.solver.kernels.recombine import drawn
from partitioner.solver.lagrangian import Prices, Pricing
from partitioner.solver.pieces import make_piece
from partitioner.solver.search import Search

NEVER = np.zeros(1, dtype=np.bool_)


def begun(problem: Problem) -> tuple[Search, Pricing]:
    num = len(problem.units)
    piece = make_piece(problem, np.arange(num), (), (1, num))
    search = Search(piece, 0, 0, NEVER)
    search.round()
    return search, Pricing.of(piece.case)


def random_prices(pricing: Pricing, seed: int) -> Prices:
    rng = np.random.default_rng(seed)
    num, groups = len(pricing.original.households), len(pricing.fewest_touches)
    return Prices(node=rng.uniform(0, 9_000, num), touch=rng.uniform(0, pricing.original.split, groups))


@pytest.mark.parametrize("seed", range(3))
def test_what_prices_pay_is_counted_once_for_every_node_and_every_touched_group(seed: int) -> None:
    search, pricing = begun(city(seed, num_units=120))
    prices = random_prices(pricing, seed)
    assert search.best is not None
    state = search.state_of(search.best.label)
    paid = Focus(case=search.case, group_of=pricing.group_of, prices=prices)._paid(state)
    for slot in range(len(state.head)):
        nodes = np.flatnonzero(state.label == slot)
        groups = {int(group) for group in pricing.group_of[nodes] if group >= 0}
        assert paid[slot] == pytest.approx(prices.node[nodes].sum() + sum(prices.touch[group] for group in groups))


def test_dear_grids_and_their_neighbours_weigh_most_and_every_grid_something() -> None:
    search, pricing = begun(city(1, num_units=400))
    assert search.best is not None
    state = search.state_of(search.best.label)
    used = np.flatnonzero(state.size > 0)
    num = len(state.label)
    # Prices that pay for everything but one grid.
    own = np.array([state.cost[slot] / state.size[slot] for slot in state.label.tolist()])
    dear = int(used[0])
    node = np.where(state.label == dear, 0.0, own)
    focus = Focus(
        case=search.case,
        group_of=np.full(num, -1),
        prices=Prices(node=node, touch=np.zeros(len(pricing.fewest_touches))),
    )
    weights = focus.weights(state)
    assert weights.argmax() == dear
    assert (weights[used] > 0).all()
    assert not weights[state.size == 0].any()
    assert weights[used].min() == pytest.approx(EVERYWHERE * state.cost[dear] / len(used) / (1 + EVERYWHERE), rel=0.5)
    beside = {int(state.label[other]) for at in np.flatnonzero(state.label == dear) for other in neighbours(search, at)}
    far = [slot for slot in used.tolist() if slot not in beside]
    assert weights[sorted(beside)].mean() > 3 * weights[far].mean()


def neighbours(search: Search, node: int) -> list[int]:
    case = search.case
    found: list[int] = case.neighbour[case.start[node] : case.start[node + 1]].tolist()
    return found


def test_slots_are_drawn_as_often_as_they_weigh_and_empty_ones_never() -> None:
    weights = np.array([0.0, 3.0, 0.0, 1.0, 0.0])
    rng = make_stream(3)
    times = np.bincount([drawn(rng, np.cumsum(weights)) for _ in range(4_000)], minlength=5)
    assert times[[0, 2, 4]].tolist() == [0, 0, 0]
    assert times[1] / times.sum() == pytest.approx(0.75, abs=0.03)


@pytest.mark.parametrize("problem", [city(2, num_units=500), village(2, num_units=450)], ids=["city", "village"])
def test_a_chain_with_focus_gives_the_same_bytes_on_one_thread_and_on_two(problem: Problem, tmp_path: Path) -> None:
    files = []
    for threads in (1, 2):
        result = solve(problem, Limits(step_limit=1_500 * len(problem.units), threads=threads))
        write_plan(result, tmp_path / f"{threads}.json")
        files.append((tmp_path / f"{threads}.json").read_bytes())
    assert files[0] == files[1]
