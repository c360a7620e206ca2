"""Rosters check themselves; loads, random rosters and the ends of runs."""

from __future__ import annotations

import math
import threading
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_rosters import random_roster

from benchmarks import rosters
from benchmarks.staffing_rivals import RIVALS
from partitioner.errors import InputError
from partitioner.solver import Cancel, Limits
from partitioner.staffing import ORDER, Person, Role, Roster, Target, assign, judge, load_terms
from partitioner.staffing.loads import load_of


def rules_of(**parts: object) -> set[str]:
    """The rules that a roster with these parts breaks."""
    role = Role(name="worker", level="grid")
    known = {"people": (), "targets": (), "roles": (role,)} | parts
    with pytest.raises(InputError) as caught:
        Roster(**known)  # type: ignore[arg-type]
    return {fault.rule for fault in caught.value.faults}


def test_all_faults_are_reported_at_once() -> None:
    people = (
        Person(number="1", role="worker"),
        Person(number="1", role="nobody"),
        Person(number="2", role="worker", capacity=0.0, x=math.nan, min_posts=3),
    )
    targets = (Target(id="a", level="grid", parent="b"), Target(id="b", level="grid", parent="a"))
    found = rules_of(people=people, targets=targets, neighbours=(("a", "z"),))
    assert found == {"person_repeated", "role_unknown", "number", "range", "parent_circle", "neighbour_unknown"}


def test_locks_that_cannot_all_hold_are_refused_by_name() -> None:
    people = (Person(number="1", role="worker"), Person(number="2", role="worker"))
    targets = (Target(id="a", level="grid"), Target(id="b", level="grid"), Target(id="c", level="community"))
    known = {"people": people, "targets": targets}
    assert rules_of(must=(("1", "a"), ("1", "b")), **known) == {"lock_posts"}
    assert rules_of(must=(("1", "a"), ("2", "a")), **known) == {"lock_people"}
    assert rules_of(must=(("1", "c"),), **known) == {"lock_level"}
    assert rules_of(must=(("1", "a"),), must_not=(("1", "a"),), **known) == {"lock_both"}
    assert rules_of(must=(("9", "a"),), **known) == {"lock_unknown"}


def test_too_many_sharers_are_refused() -> None:
    role = Role(name="worker", level="grid", max_people=21, sharing="split")
    assert rules_of(roles=(role,)) == {"sharers"}


def test_load_is_weighted_work_and_its_terms_add_up_to_it() -> None:
    role = Role(name="worker", level="grid", weights={"households": 1.0, "elderly": 0.5, "events": 0.015})
    target = Target(id="a", level="grid", work={"households": 300, "elderly": 41, "events": 7, "trees": 9})
    assert [term.kind for term in load_terms(role, target)] == ["elderly", "events", "households"]
    assert load_of(role, target) == 32_061
    assert load_of(Role(name="worker", level="grid", measure="posts"), target) == 100


@settings(max_examples=150, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**9))
def test_random_rosters_are_lawfully_staffed_and_no_usual_way_is_better(seed: int) -> None:
    roster = random_roster(seed, max_people=7, max_targets=7, max_pairs=49)
    found = assign(roster, limits=Limits(step_limit=300))
    judgement = judge(roster, found.posted)
    assert not judgement.breaches
    role = found.roles[0]
    ours = tuple(judgement.stages["worker"][stage] for stage in ORDER)
    assert ours == tuple(one.value for one in role.stages)
    assert all(one.bound is None or one.bound <= one.value for one in role.stages)
    for post in RIVALS.values():
        theirs = judge(roster, post(roster, roster.roles[0]))
        if not theirs.breaches and role.proved:
            assert ours <= tuple(theirs.stages["worker"][stage] for stage in ORDER)


def test_the_same_input_seed_and_step_limit_give_the_same_result() -> None:
    for seed in range(30):
        roster = random_roster(seed, max_people=7, max_targets=7, max_pairs=49)
        limits = Limits(step_limit=100, seed=seed)
        first, second = assign(roster, limits=limits), assign(roster, limits=limits)
        assert first.roles == second.roles


def test_a_county_town_is_proved_at_every_stage_and_no_usual_way_is_better() -> None:
    for roster in (rosters.gucheng(), rosters.guan()):
        found = assign(roster)
        judgement = judge(roster, found.posted)
        assert not judgement.breaches
        for role in found.roles:
            assert role.proved, role.role
            ours = tuple(judgement.stages[role.role][stage] for stage in ORDER)
            assert ours == tuple(one.value for one in role.stages)
            for post in RIVALS.values():
                theirs = judge(roster, post(roster, roster.role[role.role])).stages[role.role]
                assert ours <= tuple(theirs[stage] for stage in ORDER)


def test_a_cancelled_run_ends_lawfully_with_what_it_has() -> None:
    roster = rosters.keepers("several", num_communities=2, posts=100)
    cancel = Cancel()
    cancel.set()
    found = assign(roster, cancel=cancel)
    assert found.stop_reason == "cancelled"
    assert not judge(roster, found.posted).breaches
    later = Cancel()
    threading.Timer(0.3, later.set).start()
    found = assign(roster, cancel=later)
    assert not judge(roster, found.posted).breaches
    assert found.stop_reason in ("cancelled", "proved")


def test_nothing_to_staff_is_staffed() -> None:
    role = Role(name="worker", level="grid")
    nobody = Roster(people=(), targets=(Target(id="a", level="grid"),), roles=(role,))
    assert assign(nobody).roles[0].short_targets == (("a", 1),)
    nothing = Roster(people=(Person(number="1", role="worker"),), targets=(), roles=(role,))
    assert assign(nothing).posted == ()
    assert assign(Roster(people=(), targets=(), roles=())).posted == ()


def test_odd_numbers_never_break_a_run() -> None:
    """Loads and capacities of any size that the checks let through."""
    rng = np.random.default_rng(5)
    tried = 0
    for seed in range(60):
        base = random_roster(seed, max_people=7, max_targets=7, max_pairs=49)
        factor = float(rng.choice([1e-3, 1e3, 1e5, 2e5]))
        capacities = rng.choice([0.01, 0.37, 123.45, 1e6], len(base.people)).tolist()
        try:
            roster = replace(
                base,
                targets=tuple(
                    replace(one, work={kind: num * factor for kind, num in one.work.items()}) for one in base.targets
                ),
                people=tuple(replace(one, capacity=c) for one, c in zip(base.people, capacities, strict=True)),
            )
        except InputError:
            continue
        tried += 1
        role = assign(roster, limits=Limits(step_limit=100)).roles[0]
        judgement = judge(roster, role.posted)
        assert not judgement.breaches, seed
        assert tuple(judgement.stages["worker"][stage] for stage in ORDER) == tuple(one.value for one in role.stages)
        assert all(one.bound is None or one.bound <= one.value for one in role.stages), seed
    assert tried > 30
