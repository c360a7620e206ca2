"""Who leads whom: leaders are posted first, and those they lead fit to them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tiny_rosters import allowed, random_roster, subsets

from partitioner.errors import InputError
from partitioner.staffing import (
    ORDER,
    Person,
    Role,
    Roster,
    Situation,
    Target,
    assign,
    contacts,
    empty_posts,
    judge,
    led,
)


def town(**rules: object) -> Roster:
    """Two grids of two micro-grids each; leaders of organisations X and Y, and keepers of both."""
    roles = (
        Role(name="keeper", level="micro", led_by="leader", led_within="organisation", capacity=9.0),
        Role(name="leader", level="grid", led_by="chief", **rules),  # type: ignore[arg-type]
        Role(name="chief", level="community"),
    )
    return Roster(
        roles=roles,
        targets=(
            Target(id="c", level="community"),
            *(Target(id=f"g{k}", level="grid", parent="c") for k in range(2)),
            *(Target(id=f"m{k}", level="micro", parent=f"g{k // 2}", work={"households": 9}) for k in range(4)),
        ),
        people=(
            *(Person(number=f"k{k}", role="keeper", organisation="XXYYZ"[k]) for k in range(5)),
            Person(number="lx", role="leader", organisation="X", areas=("g0",)),
            Person(number="ly", role="leader", organisation="Y", areas=("g1",)),
            Person(number="boss", role="chief"),
        ),
    )


def test_keepers_serve_where_somebody_of_their_organisation_leads() -> None:
    roster = town(own_area=True)
    found = assign(roster)
    assert not judge(roster, found.posted).breaches
    held = dict(found.posted)
    assert {held["k0"], held["k1"]} == {"m0", "m1"}
    assert {held["k2"], held["k3"]} == {"m2", "m3"}
    assert found.stop_reason == "proved"


def test_three_tiers_are_told_from_the_keeper_to_the_chief() -> None:
    roster = town(own_area=True)
    told = {one.person: one.leaders for one in contacts(roster, assign(roster).posted)}
    assert told["k0"] == ("lx",)
    assert told["k3"] == ("ly",)
    assert told["lx"] == told["ly"] == ("boss",)
    assert "boss" not in told


def test_a_keeper_of_another_organisation_is_a_breach_and_a_lock_is_none() -> None:
    roster = town(own_area=True)
    posted = [pair for pair in assign(roster).posted if pair[1] != "m0"] + [("k4", "m0")]
    assert [(one.rule, one.person) for one in judge(roster, posted).breaches] == [("leader", "k4")]
    locked = replace(roster, must=(("k4", "m0"),))
    assert ("k4", "m0") in assign(locked).posted
    assert not judge(locked, assign(locked).posted).breaches


def test_where_nobody_leads_anybody_may_serve() -> None:
    roster = town(own_area=True)
    alone = replace(roster, people=tuple(one for one in roster.people if one.role == "keeper"))
    assert assign(alone).roles[0].stage("unfilled").value == 0


def test_an_empty_post_names_the_leader_as_the_rule_in_the_way() -> None:
    roster = town(own_area=True)
    short = replace(roster, people=tuple(one for one in roster.people if one.number != "k0"))
    situation = Situation(short, short.role["keeper"], assign(short).posted)
    (empty,) = empty_posts(situation)
    eligible = next(one for one in empty.relaxations if one.kind == "eligible")
    assert (eligible.person, eligible.rule) == ("k4", "leader")
    assert any(one.kind == "one_more_person" for one in empty.relaxations)


def test_roles_that_lead_one_another_in_a_circle_are_refused() -> None:
    roles = (Role(name="a", level="grid", led_by="b"), Role(name="b", level="grid", led_by="a"))
    with pytest.raises(InputError) as caught:
        Roster(people=(), targets=(), roles=roles)
    assert {fault.rule for fault in caught.value.faults} == {"leader_circle"}
    with pytest.raises(InputError) as caught:
        Roster(people=(), targets=(), roles=(Role(name="a", level="grid", led_within="organisation"),))
    assert {fault.rule for fault in caught.value.faults} == {"leader_missing"}


def test_what_is_led_is_the_best_of_all_that_fits_to_the_leaders() -> None:
    """Random rosters with leaders posted at random targets, against trying everything."""
    rng = np.random.default_rng(11)
    bound = 0
    for seed in range(60):
        base = random_roster(seed, max_pairs=7)
        role = replace(base.roles[0], led_by="leader", led_within="organisation")
        roster = replace(
            base,
            roles=(role, Role(name="leader", level="grid", max_people=None, min_people=0, min_posts=1, own_area=True)),
        )
        leaders = [
            Person(number=f"l{one.id}", role="leader", organisation=str(rng.choice(["a", "b"])), areas=(one.id,))
            for one in base.targets
            if rng.random() < 0.6
        ]
        roster = replace(roster, people=(*base.people, *leaders))
        found = assign(roster)
        posted = found.role("leader").posted
        known = led(roster, posted)
        bound += len(allowed(known, role)) < len(allowed(roster, role))
        best = min(
            tuple(judgement.stages["worker"][stage] for stage in ORDER)
            for judgement in (judge(roster, [*posted, *pairs]) for pairs in subsets(allowed(known, role)))
            if not judgement.breaches
        )
        assert tuple(one.value for one in found.role("worker").stages) == best, seed
        assert found.role("worker").proved, seed
        assert not judge(roster, found.posted).breaches, seed
    assert bound > 15
