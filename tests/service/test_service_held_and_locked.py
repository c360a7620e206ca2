"""A draft is not finished with both a locked grid and what a hand did to it."""

from __future__ import annotations

import numpy as np
import pytest

from partitioner.model import Bounds, Graph, Labels, Problem, Units
from partitioner.redraw import Frozen
from service.jobs.kinds.held_and_locked import contradictions

BEFORE = Labels(["G1", "G1", "M1", "M1"])
"""Of units a, b, m and n; nobody lives in the last two, a market."""


def told(drawn: list[str | None], frozen: Frozen) -> list[tuple[str, str | None]]:
    place = Problem(
        units=Units(id=("a", "b", "m", "n"), households=np.array([300, 48, 0, 0])),
        graph=Graph(num_units=4, u=np.array([0, 1, 2]), v=np.array([1, 2, 3]), length_m=np.ones(3)),
        bounds=Bounds(min=0, max=500),
        locked=((2, 3),),
    )
    faults = contradictions(place, BEFORE, Labels(drawn), frozen)
    return [("M1" if "M1" in fault.message.zh and "M1" in fault.message.en else "", fault.value) for fault in faults]


@pytest.mark.parametrize(
    ("drawn", "frozen", "units"),
    [
        (["G1", "M1", "M1", "M1"], Frozen(units=frozenset("b")), "b"),
        (["G1", "G1", "G1", "M1"], Frozen(units=frozenset("m")), "m"),
        (["G1", "G1", "G1", "G1"], Frozen(units=frozenset("mn")), "m, n"),
        (["G1", "M1", "M1", "M1"], Frozen(grids=frozenset({"M1"})), "b, m, n"),
        (["G1", "G1", None, "M1"], Frozen(units=frozenset("n")), "n"),
    ],
)
def test_units_held_in_a_changed_market_are_named(drawn: list[str | None], frozen: Frozen, units: str) -> None:
    assert told(drawn, frozen) == [("M1", units)]


@pytest.mark.parametrize(
    ("drawn", "frozen"),
    [
        (["G1", "G2", "M1", "M1"], Frozen(units=frozenset("bmn"), grids=frozenset({"M1"}))),
        (["G1", "G1", "M2", "M2"], Frozen(units=frozenset("mn"))),
        (["G1", "M1", "M1", "M1"], Frozen(units=frozenset("a"))),
        (["G1", "M1", "M1", "M1"], Frozen()),
    ],
)
def test_a_whole_market_and_units_that_nobody_holds_are_no_contradiction(
    drawn: list[str | None], frozen: Frozen
) -> None:
    assert told(drawn, frozen) == []
