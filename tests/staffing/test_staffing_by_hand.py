"""Posts changed by hand: kept as given, judged as the witness judges, taken in by the engine."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from partitioner.staffing import Person, Posts, Role, Roster, Situation, Target, judge

ROLES = (
    Role(name="leader", level="grid", max_posts=2, capacity=400.0, tag="party"),
    Role(name="helper", level="grid", max_people=2, capacity=200.0, sharing="split", led_by="leader",
         led_within="organisation"),
)  # fmt: skip
TARGETS = tuple(Target(id=f"G{i}", level="grid", work={"households": 300.0 + 50 * i}) for i in range(3))
PEOPLE = (
    Person(number="A", role="leader", tags=("party",), organisation="one", previous=("G0", "G1")),
    Person(number="B", role="leader", tags=("party",), organisation="two", previous=("G2",)),
    Person(number="C", role="leader"),
    Person(number="H", role="helper", organisation="one"),
    Person(number="I", role="helper", organisation="two"),
)
POSTED = (("A", "G0"), ("A", "G1"), ("B", "G2"), ("H", "G0"), ("I", "G2"))


def roster() -> Roster:
    return Roster(people=PEOPLE, targets=TARGETS, roles=ROLES)


def same(found: Posts) -> None:
    """As the whole is judged, though only a part was judged anew."""
    judged = judge(found._plain, found.posted)
    assert sorted(map(str, found.breaches)) == sorted(map(str, judged.breaches))
    assert {name: dict(one.stages) for name, one in found.roles.items()} == judged.stages


def test_a_change_is_judged_as_the_whole_would_be_and_leaves_what_it_came_from() -> None:
    start = Posts(roster(), POSTED)
    same(start)
    lighter = start.changed([("B", "G1")], [("A", "G1")])
    same(lighter)
    assert (start.roles["leader"].load["A"], lighter.roles["leader"].load["A"]) == (650.0, 300.0)
    assert lighter.held["B"] == ("G1", "G2")
    assert lighter.roles["leader"].stages["changes"] == Fraction(1)
    back = lighter.changed([("A", "G1")], [("B", "G1")])
    assert back.posted == start.posted
    same(back)


def test_a_role_that_a_change_does_not_reach_is_not_judged_again() -> None:
    start = Posts(roster(), POSTED)
    after = start.changed([("H", "G1")], [("H", "G0")])
    assert after.roles["leader"] is start.roles["leader"]
    assert after.roles["helper"] is not start.roles["helper"]


def test_other_leaders_judge_those_whom_they_lead_anew() -> None:
    after = Posts(roster(), POSTED).changed([("B", "G0")], [("A", "G0")])
    same(after)
    assert ("leader", "H", "G0") in {(one.rule, one.person, one.target) for one in after.breaches}


def test_what_is_short_and_who_lacks_the_tag_is_told() -> None:
    after = Posts(roster(), POSTED).changed([("C", "G2")], [("B", "G2"), ("I", "G2")])
    assert {(one.rule, one.person) for one in after.roles["leader"].breaches} == {("tag", "C")}
    assert dict(after.roles["helper"].short_targets) == {"G1": 1, "G2": 1}


def test_a_lock_that_is_not_kept_is_a_breach() -> None:
    after = Posts(replace(roster(), must=(("B", "G2"),)), POSTED).changed([], [("B", "G2")])
    assert [(one.rule, one.person) for one in after.breaches] == [("must", "B")]


def test_the_engine_takes_in_posts_that_the_rules_forbid() -> None:
    unlawful = Posts(roster(), (*POSTED, ("C", "G0"), ("C", "G1"), ("C", "G2")))
    forced = unlawful.forced()
    situation = Situation(forced, forced.role["leader"], unlawful.posted)
    assert situation.num_posts("C") == 3
    assert situation.load_and_share("C")[0] == 1050.0
    assert set(unlawful.staffing().posted) == unlawful.posted


def test_posts_at_targets_that_are_gone_end() -> None:
    fewer = Roster(people=PEOPLE, targets=TARGETS[:2], roles=ROLES)
    assert Posts(fewer, POSTED).posted == {pair for pair in POSTED if pair[1] != "G2"}
