"""Generated changes of communities and of a small county: lawful, proved, and nothing else moves."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from datasets.changes import CHANGES, without
from datasets.instances import community, county
from partitioner.model import Labels, Plan, Problem
from partitioner.redraw import WEIGHTED, Frozen, Redrawn, redraw
from partitioner.redraw.changes import changes_between, with_previous
from partitioner.redraw.reach import reached
from partitioner.scoring import validate
from partitioner.solver import Limits, Observer, Snapshot, solve

STEPS = Limits(step_limit=300_000, seed=1, threads=1)


@cache
def drawn_before(where: str, seed: int) -> tuple[Problem, Plan]:
    problem = community(seed) if where == "community" else county(seed, 150)
    return problem, solve(problem, STEPS).plan


@cache
def drawn_after(where: str, seed: int, kind: str) -> tuple[Problem, Redrawn]:
    problem, plan = drawn_before(where, seed)
    asked = with_previous(problem, plan, CHANGES[kind](problem, seed))
    return asked, redraw(asked, limits=STEPS)


IN_ONE = [kind for kind in CHANGES if kind not in ("line moved", "merged")]


@pytest.mark.parametrize("kind", IN_ONE)
@pytest.mark.parametrize("seed", [0, 2])
def test_fewest_moves_are_proved_for_a_changed_community(seed: int, kind: str) -> None:
    asked, drawn = drawn_after("community", seed, kind)
    assert not validate(asked, drawn.plan)[0]
    assert drawn.result.status == "optimal"
    assert drawn.moved == drawn.moved_bound


@pytest.mark.parametrize(("kind", "seed"), [("line moved", 2), ("merged", 2), ("demolished", 4)])
def test_nothing_outside_the_reach_of_a_change_moves(kind: str, seed: int) -> None:
    old, plan = drawn_before("county", seed)
    asked, drawn = drawn_after("county", seed, kind)
    reach = reached(asked, changes_between(old, plan, asked))
    assert drawn.result.status == "optimal"
    assert drawn.moved == drawn.moved_bound
    assert set(drawn.opened) <= reach.grids
    before, after = asked.units.previous.values(), drawn.plan.grid.values()
    for now, was, parent in zip(after, before, asked.units.parent.values(), strict=True):
        assert now == was or parent in reach.opened


def test_without_a_change_every_label_stays() -> None:
    for where, seed in (("community", 0), ("county", 1)):
        problem, plan = drawn_before(where, seed)
        drawn = redraw(with_previous(problem, plan, problem))
        assert drawn.plan == plan
        assert drawn.moved == 0
        assert drawn.result.status == "optimal"
        assert drawn.opened == ()
        assert not changes_between(problem, plan, problem)


def test_two_redraws_of_one_problem_are_alike() -> None:
    asked, drawn = drawn_after("community", 0, "demolished")
    assert redraw(asked, limits=STEPS).result == drawn.result


def test_dear_moves_lead_to_the_strict_redraw_and_cheap_ones_to_a_better_plan() -> None:
    asked, strict = drawn_after("community", 0, "demolished")
    dear = redraw(replace(asked, weights=replace(asked.weights, move=1e6)), WEIGHTED, limits=STEPS)
    assert dear.moved == strict.moved
    cheap = redraw(replace(asked, weights=replace(asked.weights, move=50.0)), WEIGHTED, limits=STEPS)
    assert cheap.result.gap is not None
    assert cheap.result.gap < 0.05
    rest = cheap.result.objective.total - 50.0 * cheap.result.objective.move
    assert rest <= strict.result.objective.total - asked.weights.move * strict.result.objective.move + 1e-6


def test_previous_labels_follow_units_whose_ids_changed() -> None:
    problem, plan = drawn_before("community", 0)
    ids = tuple(f"new-{name}" for name in problem.units.id)
    renamed = replace(problem, units=replace(problem.units, id=ids))
    became = dict(zip(problem.units.id, ids, strict=True))
    assert with_previous(problem, plan, renamed, became).units.previous == plan.grid
    assert not changes_between(problem, plan, renamed, became)
    strangers = changes_between(problem, plan, renamed)
    assert {change.kind for change in strangers.units} == {"gone", "new"}


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("more households", {"households"}),
        ("demolished", {"gone"}),
        ("line moved", {"parent"}),
        ("merged", {"parent"}),
    ],
)
def test_changes_of_units_are_told_one_by_one(kind: str, told: set[str]) -> None:
    old, plan = drawn_before("county", 1)
    new = CHANGES[kind](old, 1)
    changes = changes_between(old, plan, new)
    assert {change.kind for change in changes.units} == told
    assert all(change.reason.zh and change.reason.en for change in changes.units)
    if kind == "merged":
        assert [change.kind for change in changes.parents] == ["merged"]
    if kind == "line moved":
        assert len(changes.units) == 5


def test_changes_of_edges_and_rules_are_told() -> None:
    old, plan = drawn_before("community", 0)
    assert [edge.before for edge in changes_between(old, plan, CHANGES["bridge"](old, 0)).edges] == [None]
    cut = changes_between(old, plan, CHANGES["river"](old, 0)).edges
    assert cut
    assert all(edge.after is None for edge in cut)
    rules = changes_between(old, plan, CHANGES["tightened"](old, 0)).rules
    assert [change.rule for change in rules] == ["bounds.min", "bounds.max"]


def test_a_redraw_moves_no_more_than_a_new_plan_with_the_best_labels() -> None:
    for kind in IN_ONE:
        asked, drawn = drawn_after("community", 2, kind)
        anew = solve(replace(asked, weights=replace(asked.weights, move=0.0)), STEPS)
        assert drawn.moved <= anew.objective.move, kind


def test_a_plan_without_units_in_common_cannot_be_kept() -> None:
    problem, plan = drawn_before("community", 0)
    empty = with_previous(
        problem,
        Plan(grid=plan.grid),
        replace(problem, units=replace(problem.units, id=tuple(f"x{i}" for i in range(len(problem.units))))),
    )
    assert np.all(empty.units.previous.code == -1)


def test_frozen_grids_units_and_lines_hold_in_a_community() -> None:
    asked, free = drawn_after("community", 0, "demolished")
    before, now = asked.units.previous, free.plan.grid.values()
    went = [i for i, was in enumerate(before.values()) if was is not None and now[i] != was]
    assert went
    pinned = asked.units.id[went[0]]
    stays = redraw(asked, frozen=Frozen(units=frozenset({pinned})), limits=STEPS)
    assert stays.plan.grid.at(went[0]) == before.at(went[0])
    assert stays.moved >= free.moved
    line = (str(before.at(went[0])), str(now[went[0]]))
    held = redraw(asked, frozen=Frozen(lines=frozenset({line})), limits=STEPS)
    for label in held.plan.grid.names:
        inside = {before.at(i) for i, name in enumerate(held.plan.grid.values()) if name == label}
        assert not inside.issuperset(line)
    untroubled = next(name for name in before.names if name not in line)
    kept = redraw(asked, frozen=Frozen(grids=frozenset({untroubled})), limits=STEPS)
    for i, was in enumerate(before.values()):
        assert was != untroubled or kept.plan.grid.at(i) == was


def test_a_rule_that_cannot_be_kept_spoils_its_own_community_only() -> None:
    old, plan = drawn_before("county", 2)
    asked = with_previous(old, plan, CHANGES["demolished"](old, 4))
    parent = asked.units.parent
    lawful = drawn_after("county", 2, "demolished")[1]
    changed = {parent.at(i) for i, name in enumerate(asked.units.previous.values()) if name in lawful.opened}
    elsewhere = [i for i in range(len(parent)) if parent.at(i) not in changed]
    apart = next(
        (u, v)
        for u in elsewhere
        for v in elsewhere
        if parent.at(u) == parent.at(v) and u < v and v not in asked.graph.neighbours(u).tolist()
    )
    torn = replace(asked, locked=(apart,))
    reach = reached(torn, changes_between(old, plan, torn), broken=False)
    assert reach.opened <= {parent.at(apart[0]), *reached(asked, changes_between(old, plan, asked)).opened}
    drawn = redraw(torn, reach=reach.opened, limits=STEPS)
    assert drawn.result.status == "infeasible"
    assert {reason.rule for reason in drawn.result.reasons} == {"locked"}
    position = asked.units.position()
    broken = {parent.at(position[unit]) for violation in drawn.result.violations for unit in violation.units}
    assert broken == {parent.at(apart[0])}
    after = drawn.plan.grid.values()
    for i, (now, was) in enumerate(zip(after, asked.units.previous.values(), strict=True)):
        assert now == was or parent.at(i) in reach.opened


def test_demolition_leaves_the_sets_of_what_remains() -> None:
    old, _ = drawn_before("community", 0)
    held = replace(old, locked=((7,),), apart=((0, 1), (5, 9)))
    after = without(held, np.array([1, 3]))
    assert [[after.units.id[u] for u in members] for members in (*after.locked, *after.apart)] == [
        [old.units.id[u] for u in members] for members in ((7,), (5, 9))
    ]
    plan = Plan(grid=Labels(["a"] * len(old.units)))
    assert not changes_between(held, plan, after).rules


def test_watching_a_redraw_shows_moves_with_their_bound_and_then_the_total() -> None:
    seen: list[Snapshot] = []

    class Watching(Observer):
        def on_progress(self, snapshot: Snapshot) -> None:
            seen.append(snapshot)

    asked, drawn = drawn_after("community", 0, "demolished")
    redraw(asked, limits=STEPS, observer=Watching())
    moves = [snapshot for snapshot in seen if snapshot.phase == "moves"]
    bounds = [snapshot.bound for snapshot in moves]
    assert bounds == sorted(bounds, key=lambda bound: bound or 0.0)
    assert (moves[-1].best, moves[-1].bound, moves[-1].gap) == (drawn.moved, drawn.moved, 0.0)
    assert (seen[-1].phase, seen[-1].best, seen[-1].gap) == ("finish", drawn.result.objective.total, drawn.result.gap)
