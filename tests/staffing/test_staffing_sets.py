"""Sets of posts and the covering problem over them: what is left out cannot be part of anything as good."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from tiny_rosters import random_roster

from benchmarks import rosters
from partitioner.solver import Limits
from partitioner.solver.limits import StopSignal
from partitioner.staffing import ORDER, assign, judge
from partitioner.staffing.areas import Areas
from partitioner.staffing.covering import Budget, Covering
from partitioner.staffing.effort import Effort
from partitioner.staffing.pairs import allowed_pairs
from partitioner.staffing.pieces import Piece, pieces_of
from partitioner.staffing.sets import Sets


def pieces() -> list[Piece]:
    """Of random rosters in which somebody may have two posts."""
    found = []
    for seed in range(80):
        roster = random_roster(seed, max_people=4, max_targets=6, max_pairs=24)
        role = roster.roles[0]
        found += [one for one in pieces_of(roster, role, allowed_pairs(roster, role)) if one.num_pairs]
    return [one for one in found if not one.split and one.max_posts.max() > 1]


def test_every_set_that_a_person_may_hold_is_listed_and_no_other() -> None:
    tried = 0
    for piece in pieces():
        areas = None if piece.neighbours is None else Areas(piece)
        sets = Sets.of(piece, piece.limit, areas)
        if sets is None:
            continue
        tried += 1
        for p in range(piece.num_people):
            listed = {tuple(t for t in sets.member[s].tolist() if t < piece.num_targets) for s in
                      np.flatnonzero(sets.allowed[p])}  # fmt: skip
            assert listed == lawful_sets(piece, areas, p)
    assert tried > 20


def lawful_sets(piece: Piece, areas: Areas | None, p: int) -> set[tuple[int, ...]]:
    own = np.flatnonzero(piece.pair_person == p)
    load = dict(zip(piece.pair_target[own].tolist(), piece.pair_load[own].tolist(), strict=True))
    must = set(piece.pair_target[own[piece.must[own]]].tolist())
    return {
        chosen
        for size in range(int(piece.min_posts[p]), int(piece.max_posts[p]) + 1)
        for chosen in combinations(sorted(load), size)
        if must <= set(chosen)
        and sum(load[t] for t in chosen) <= piece.limit[p]
        and (areas is None or areas.connected(p, set(chosen)))
    }


@pytest.mark.parametrize("budgeted", [False, True])
def test_a_covering_is_solved_to_what_trying_everything_finds(budgeted: bool) -> None:
    rng = np.random.default_rng(3)
    for seed in range(25):
        people, targets = 3, 4
        member = np.array([[a, b] for a in range(targets) for b in range(a + 1, targets + 1)] + [[targets] * 2])
        cost = rng.integers(0, 30, (people, len(member))).astype(float)
        other = rng.integers(0, 9, cost.shape).astype(float)
        low, high = np.ones(targets, dtype=np.int64), rng.integers(1, 3, targets)
        best = {}
        for held in np.ndindex(*[len(member)] * people):
            cover = np.bincount(member[list(held)].ravel(), minlength=targets + 1)[:targets]
            if np.all((cover >= low) & (cover <= high)):
                best[held] = (cost[range(people), held].sum(), other[range(people), held].sum())
        most = float(np.median([one for _, one in best.values()]))
        lawful = {held: value for held, (value, used) in best.items() if not budgeted or used <= most}
        with StopSignal(None, None) as signal:
            share = Effort(Limits(), signal, 1).share()
            budgets = (Budget(cost=other, most=most),) if budgeted else ()
            covering = Covering(cost, member, low, high, budgets, seed)
            found = covering.settle(np.array(max(lawful, key=lambda one: lawful[one])), share)
        assert tuple(found.held.tolist()) in lawful
        assert cost[range(people), found.held].sum() == min(lawful.values()), seed
        assert found.bound > min(lawful.values()) - 1


def test_keepers_of_several_micro_grids_are_proved_at_every_stage() -> None:
    roster = rosters.keepers("several", num_communities=2, posts=60)
    found = assign(roster)
    judged = judge(roster, found.posted)
    assert not judged.breaches
    assert found.roles[0].proved
    assert tuple(judged.stages["keeper"][stage] for stage in ORDER) == tuple(one.value for one in found.roles[0].stages)


def test_pieces_side_by_side_give_what_they_give_one_after_the_other() -> None:
    roster = rosters.keepers("several", num_communities=3, posts=12)
    one, two = (assign(roster, limits=Limits(threads=threads)) for threads in (1, 2))
    assert one.posted == two.posted
    assert one.roles[0].stages == two.roles[0].stages
