"""Generalised assignment: bounds hold and searches end with the best, against trying everything."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from tiny_rosters import enumerated

from benchmarks.assignment_instances import generalised_assignment
from partitioner.solver import Limits
from partitioner.solver.kernels.knapsacks import search_below
from partitioner.solver.limits import StopSignal
from partitioner.staffing import LEAST_CHANGE, Person, Role, Roster, Stage, Target, assign, judge
from partitioner.staffing.effort import Effort
from partitioner.staffing.engine import work_through
from partitioner.staffing.knapsack_search import KnapsackSearch
from partitioner.staffing.knapsacks import UNIT, Knapsacks
from partitioner.staffing.pieces import Piece

NEVER = np.zeros(1, dtype=bool)


def tiny(seed: int) -> Piece:
    """Three or four people, five or six targets, pairs that are ruled out, locks, loads of 0, tight limits."""
    rng = np.random.default_rng(seed)
    piece = generalised_assignment("abcde"[seed % 5], int(rng.integers(3, 5)), int(rng.integers(5, 7)), seed)
    load = piece.pair_load * (rng.random(piece.num_pairs) > 0.1) * int(rng.integers(1, 3))
    must = np.zeros(piece.num_pairs, dtype=bool)
    must[int(rng.integers(piece.num_pairs))] = seed % 3 == 0
    kept = (rng.random(piece.num_pairs) > 0.15) | must
    limit = (piece.limit * rng.uniform(1.0, 2.5)).astype(np.int64)
    limit = np.maximum(limit, np.bincount(piece.pair_person, weights=load * must).astype(np.int64))
    arrays = {"pair_person": piece.pair_person, "pair_target": piece.pair_target, "pair_load": load}
    arrays |= {"metres": piece.metres, "previous": rng.random(piece.num_pairs) < 0.3, "must": must}
    return replace(piece, limit=limit, lost=1, **{name: one[kept] for name, one in arrays.items()})


def lawful(tables: Knapsacks) -> list[tuple[int, np.ndarray]]:
    """Every assignment that fits, and what it is worth."""
    people, targets = tables.load.shape
    found = []
    for choice in product(range(people), repeat=targets):
        person = np.array(choice)
        load = np.bincount(person, weights=tables.load[person, np.arange(targets)], minlength=people)
        if np.all(tables.allowed[person, np.arange(targets)]) and np.all(load <= tables.room):
            found.append((tables.worth(person), person))
    return found


@pytest.mark.parametrize("stage", ["metres", "changes"])
def test_bounds_regrets_and_searches_agree_with_full_enumeration(stage: Stage) -> None:
    tried = 0
    for seed in range(40):
        piece = tiny(seed)
        tables = Knapsacks.of(piece, piece.limit, {"unfilled": 0}, stage)
        if tables is None:
            continue
        assert tables.whole
        ways = lawful(tables)
        top = max((value for value, _ in ways), default=10_000)
        with StopSignal(None, None) as signal:
            share = Effort(Limits(seed=seed), signal, 1).share()
            bounded = tables.bounded(top, share)
            for value, person in ways:
                assert bounded.least <= value
                regret = bounded.taking[person, np.arange(len(person))].max()
                assert tables.most(value) >= bounded.bound + regret
            found, complete, _ = search_below(
                tables.load, tables.cost, tables.room, tables.allowed, bounded.price, tables.most(top), UNIT, 10**9, 10,
                np.ones(tables.load.shape), NEVER,
            )  # fmt: skip
            assert complete
            if not ways:
                assert np.all(found < 0)
                continue
            tried += 1
            best = min(value for value, _ in ways)
            assert tables.worth(found) == best
            search = KnapsackSearch(tables, bounded, max(ways, key=lambda way: way[0])[1], seed)
            search.run(share)
            assert search.least == search.value == tables.worth(search.person) == best
            assert any(np.array_equal(search.person, person) for _, person in ways)
    assert tried > 15


def test_a_bound_is_given_but_no_search_where_tables_leave_rules_out() -> None:
    piece = replace(generalised_assignment("d", 3, 12, 0), max_posts=np.full(3, 4))
    tables = Knapsacks.of(piece, piece.limit, {"unfilled": 0}, "metres")
    assert tables is not None
    assert not tables.whole
    held: dict[Stage, int] = {"unfilled": 0, "deviation": 5}
    tables = Knapsacks.of(generalised_assignment("d", 3, 12, 0), piece.limit, held, "metres")
    assert tables is not None
    assert not tables.whole
    assert Knapsacks.of(piece, piece.limit, {"unfilled": 1}, "metres") is None
    assert Knapsacks.of(piece, piece.limit, {"unfilled": 0}, "deviation") is None
    assert (
        Knapsacks.of(replace(piece, min_people=np.zeros(12, dtype=int)), piece.limit, {"unfilled": 0}, "metres") is None
    )


def test_rosters_with_load_limits_equal_full_enumeration_with_proof() -> None:
    order: tuple[Stage, ...] = ("unfilled", "metres", "ratio", "deviation", "changes")
    for seed in range(12):
        rng = np.random.default_rng(seed)
        role = Role(name="worker", level="grid", min_people=1, max_people=1, capacity=25.0, max_ratio=1.0,
                    weights={"households": 1.0})  # fmt: skip
        roster = Roster(
            people=tuple(
                Person(number=f"p{i}", role="worker", x=float(rng.integers(100)), y=0.0, previous=(f"g{i}",))
                for i in range(2)
            ),
            targets=tuple(
                Target(id=f"g{j}", level="grid", x=float(rng.integers(100)), y=0.0,
                       work={"households": float(rng.integers(5, 14))})
                for j in range(4)
            ),
            roles=(role,),
        )  # fmt: skip
        for wanted in (order, LEAST_CHANGE):
            found = assign(roster, order=wanted).roles[0]
            assert tuple(stage.value for stage in found.stages) == enumerated(roster, wanted)
            assert found.proved
            assert not judge(roster, found.posted).breaches


def test_a_step_limit_gives_the_same_assignment_again() -> None:
    piece = generalised_assignment("d", 4, 20, 3)
    limits = Limits(step_limit=500)
    first, again = (work_through(piece, ("unfilled", "metres"), limits) for _ in range(2))
    assert first == again
    assert first[0] == (0, 0)
    assert first[1][1] >= first[1][0] * 0.99


def test_a_class_that_linear_programmes_leave_open_is_proved() -> None:
    unfilled, (value, bound) = work_through(generalised_assignment("d", 4, 20, 1), ("unfilled", "metres"), Limits())
    assert unfilled == (0, 0)
    assert value == bound
