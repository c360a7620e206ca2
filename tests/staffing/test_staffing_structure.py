"""What one rule or one bound does, in examples that can be checked by hand; and outside checks."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import coo_array

from benchmarks.assignment_instances import CLASSES, generalised_assignment
from benchmarks.staffing import work
from partitioner.solver import Limits
from partitioner.staffing import Person, Role, Roster, Target, assign, judge
from partitioner.staffing.engine import work_through
from partitioner.staffing.judging import fair_shares


def row_of(households: list[int], num_people: int, **rules: object) -> Roster:
    """Grids in a row, each touching the next."""
    role = Role(name="worker", level="grid", **{"capacity": 10.0, "max_posts": None} | rules)  # type: ignore[arg-type]
    return Roster(
        people=tuple(Person(number=f"p{i}", role="worker") for i in range(num_people)),
        targets=tuple(Target(id=f"g{j}", level="grid", work={"households": num}) for j, num in enumerate(households)),
        roles=(role,),
        neighbours=tuple((f"g{j}", f"g{j + 1}") for j in range(len(households) - 1)),
    )


def held(roster: Roster) -> set[frozenset[str]]:
    """Who serves what, people left out."""
    by_person: dict[str, set[str]] = {}
    for number, name in assign(roster).posted:
        by_person.setdefault(number, set()).add(name)
    return {frozenset(names) for names in by_person.values()}


def test_areas_hang_together_only_where_that_is_asked() -> None:
    households = [9, 1, 9, 1]
    apart = assign(row_of(households, 2)).roles[0]
    together = assign(row_of(households, 2, contiguous=True)).roles[0]
    assert apart.stage("ratio").value == together.stage("ratio").value == 1
    assert held(row_of([1, 1, 9, 9], 2, contiguous=True)) == {frozenset({"g0", "g1", "g2"}), frozenset({"g3"})}


def test_targets_locked_to_one_person_count_as_neighbours() -> None:
    base = row_of([4, 4, 4], 2, contiguous=True)
    locked = Roster(
        people=base.people,
        targets=base.targets,
        roles=base.roles,
        neighbours=base.neighbours,
        must=(("p0", "g0"), ("p0", "g2")),
    )
    found = assign(locked)
    assert {("p0", "g0"), ("p0", "g2"), ("p1", "g1")} == set(found.posted)
    assert not judge(locked, found.posted).breaches


def test_a_large_target_gets_more_of_those_who_share() -> None:
    roster = row_of([60, 20, 20], 5, sharing="split", max_people=None, min_posts=1, max_posts=1)
    found = assign(roster).roles[0]
    people = [sum(name == f"g{j}" for _, name in found.posted) for j in range(3)]
    assert people == [3, 1, 1]
    assert found.stage("deviation").value == 0
    assert found.proved


def test_fair_shares_contain_only_work_that_can_reach_a_person() -> None:
    role = Role(name="worker", level="grid", own_area=True, capacity=10.0)
    roster = Roster(
        people=(Person(number="a", role="worker", areas=("A",)), Person(number="b", role="worker", areas=("B",))),
        targets=(
            Target(id="x", level="grid", parent="A", work={"households": 5}),
            Target(id="y", level="grid", parent="B", work={"households": 25}),
        ),
        roles=(role,),
    )
    assert fair_shares(roster, role) == {"a": 500, "b": 2500}
    assert assign(roster).roles[0].stage("deviation").value == 0


def test_nearly_as_many_workers_as_grids_share_the_lightest_two() -> None:
    found = assign(row_of([300, 310, 320, 330], 3, min_posts=1)).roles[0]
    assert found.stage("ratio").value == Fraction(610, 10)
    assert found.proved


def test_generalised_assignment_agrees_with_another_solver() -> None:
    for kind in CLASSES:
        piece = generalised_assignment(kind, 4, 14, 1)
        num = piece.num_pairs
        pairs = np.arange(num)
        once = coo_array((np.ones(num), (piece.pair_target, pairs)))
        load = coo_array((piece.pair_load.astype(float), (piece.pair_person, pairs)))
        other = milp(
            piece.metres.astype(float),
            constraints=[LinearConstraint(once, 1, 1), LinearConstraint(load, -np.inf, piece.limit)],
            integrality=np.ones(num),
            bounds=(0, 1),
            options={"mip_rel_gap": 0.0},
        )
        (unfilled, _), (cost, bound) = work_through(piece, ("unfilled", "metres"), Limits())
        assert (other.status == 0) == (unfilled == 0), kind
        if unfilled == 0:
            assert cost == bound == round(other.fun), kind


def test_the_measured_rosters_are_proved_and_better_than_the_usual_ways() -> None:
    for row in work("gucheng", time_limit_s=60.0):
        assert row["proved"]
        assert row["breaches"] == 0
        assert "BETTER" not in row.values()
