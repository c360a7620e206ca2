"""What-if, explanations, shortfalls, changes and norms."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tiny_rosters import random_roster

from partitioner.staffing import (
    LEAST_CHANGE,
    ORDER,
    Person,
    Role,
    Roster,
    Situation,
    Target,
    assign,
    empty_posts,
    explain_pair,
    judge,
    norm_reports,
    settled,
    who_could_take,
    with_locks,
    with_people,
    with_targets,
    without_people,
)


def town(num_people: int = 3, num_targets: int = 3, **rules: object) -> Roster:
    """Workers at 0, 100, … and grids at 10, 110, … of 300, 310, … households."""
    role = Role(name="worker", level="grid", capacity=400.0, **rules)  # type: ignore[arg-type]
    return Roster(
        people=tuple(
            Person(number=f"p{i}", role="worker", x=100.0 * i, y=0.0, areas=("c",)) for i in range(num_people)
        ),
        targets=tuple(
            Target(id=f"g{j}", level="grid", parent="c", x=100.0 * j + 10, y=0.0, work={"households": 300 + 10 * j})
            for j in range(num_targets)
        ),
        roles=(role,),
        neighbours=tuple((f"g{j}", f"g{j + 1}") for j in range(num_targets - 1)),
    )


def test_every_choice_keeps_all_rules_and_has_the_values_the_judge_finds() -> None:
    asked = 0
    for seed in range(150):
        roster = random_roster(seed)
        situation = Situation(roster, roster.roles[0], assign(roster).posted)
        posted = set(assign(roster).posted)
        for target in situation.piece_of:
            choices = who_could_take(situation, target)
            assert [tuple(c.values[s] for s in ORDER) for c in choices] == sorted(
                tuple(c.values[s] for s in ORDER) for c in choices
            )
            for choice in choices:
                after = judge(roster, (posted | set(choice.gained)) - set(choice.lost))
                assert not after.breaches, seed
                assert after.stages["worker"] == choice.values, seed
                assert (choice.person, target) in choice.gained
                asked += 1
    assert asked > 100


def test_no_choice_is_better_than_an_optimum() -> None:
    for seed in range(100):
        roster = random_roster(seed)
        situation = Situation(roster, roster.roles[0], assign(roster).posted)
        for target in situation.piece_of:
            for choice in who_could_take(situation, target):
                assert tuple(choice.effect[stage] for stage in ORDER) >= (0,) * 5, seed


def test_a_post_is_explained_by_its_load_its_way_and_what_others_would_cost() -> None:
    roster = town()
    posted = assign(roster).posted
    told = explain_pair(Situation(roster, roster.roles[0], posted), ("p1", "g1"))
    assert [(term.kind, term.load) for term in told.terms] == [("households", 310.0)]
    assert (told.load, told.capacity, told.metres, told.locked, told.kept) == (310.0, 400.0, 10.0, False, False)
    assert [choice.person for choice in told.alternatives] == ["p2", "p0"] or len(told.alternatives) == 2
    with pytest.raises(KeyError):
        explain_pair(Situation(roster, roster.roles[0], posted), ("p1", "g0"))


def test_one_worker_too_few_is_named_with_what_would_fill_the_post() -> None:
    roster = town(num_people=2, num_targets=3)
    (empty,) = empty_posts(Situation(roster, roster.roles[0], assign(roster).posted))
    assert empty.missing == 1
    assert (empty.wanted, empty.room) == (3, 2)
    assert empty.people == ("p0", "p1")
    assert {one.kind for one in empty.relaxations} == {"one_more_post", "one_more_person"}


def test_a_distance_limit_that_is_too_short_is_named_with_the_metres_it_lacks() -> None:
    roster = town(num_people=2, num_targets=3, max_distance_m=50.0)
    roster = with_people(roster, [Person(number="far", role="worker", x=300.0, y=0.0)])
    (empty,) = empty_posts(Situation(roster, roster.roles[0], assign(roster).posted))
    assert empty.target == "g2"
    assert empty.people == ()
    further = next(one for one in empty.relaxations if one.kind == "further")
    assert (further.person, further.amount) == ("far", 40.0)


def test_an_idle_person_of_another_area_is_named_with_the_rule() -> None:
    roster = town(num_people=2, num_targets=3, own_area=True)
    roster = with_people(roster, [Person(number="idle", role="worker", areas=("elsewhere",))])
    (empty,) = empty_posts(Situation(roster, roster.roles[0], assign(roster).posted))
    eligible = next(one for one in empty.relaxations if one.kind == "eligible")
    assert (eligible.person, eligible.rule) == ("idle", "own_area")


def test_too_low_a_load_limit_is_named_with_the_load_it_lacks() -> None:
    roster = town(num_people=1, num_targets=2, max_posts=2, max_ratio=1.0)
    (empty,) = empty_posts(Situation(roster, roster.roles[0], assign(roster).posted))
    more = next(one for one in empty.relaxations if one.kind == "more_load")
    assert more.person == "p0"
    assert more.amount == 210.0


def test_the_shortfall_of_random_rosters_is_what_the_stage_counts() -> None:
    for seed in range(150):
        roster = random_roster(seed, max_people=3, max_targets=4)
        role = assign(roster).roles[0]
        lacking = sum(num for _, num in role.short_targets) + sum(num for _, num in role.short_people)
        assert lacking == role.stage("unfilled").value
        told = empty_posts(Situation(roster, roster.roles[0], role.posted))
        assert {one.target: one.missing for one in told} == dict(role.short_targets)


def test_when_somebody_leaves_nobody_else_moves_unless_a_post_would_stay_empty() -> None:
    roster = town(num_people=4, num_targets=4, max_posts=2)
    today = settled(roster, assign(roster).posted)
    after = assign(without_people(today, {"p0"}), order=LEAST_CHANGE)
    assert after.roles[0].stage("unfilled").value == 0
    assert after.roles[0].stage("changes").value == 0
    with pytest.raises(KeyError):
        without_people(roster, {"nobody"})


def test_settled_rosters_stay_as_they_are() -> None:
    for seed in range(60):
        roster = random_roster(seed)
        first = assign(roster)
        again = assign(settled(roster, first.posted), order=LEAST_CHANGE)
        assert again.roles[0].stage("changes").value == 0, seed


def test_a_redraw_carries_previous_targets_and_locks_to_the_heirs() -> None:
    roster = with_locks(settled(town(), [("p0", "g0"), ("p1", "g1")]), must=[("p1", "g1")])
    targets = (replace(roster.target["g1"], id="n1"), roster.target["g2"])
    redrawn = with_targets(roster, targets, (), {"g1": "n1"})
    assert redrawn.must == (("p1", "n1"),)
    assert redrawn.person["p1"].previous == ("n1",)
    assert redrawn.person["p0"].previous == ()
    assert ("p1", "n1") in assign(redrawn).posted


def test_norms_count_whole_people_and_name_what_is_missing() -> None:
    reports = norm_reports({"a": 10_000, "b": 5_000, "c": 0}, {"a": 18, "b": 8})
    assert [(one.required, one.shortfall) for one in reports] == [(18, 0), (9, 1), (0, 0)]
    with pytest.raises(ValueError, match="not given"):
        norm_reports({}, {"a": 1})
    with pytest.raises(ValueError, match="finite"):
        norm_reports({"a": -1.0}, {})
