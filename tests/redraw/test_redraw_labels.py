"""Which label a redrawn grid carries."""

from __future__ import annotations

import numpy as np

from partitioner.model import Bounds, Graph, Labels, Problem, Units
from partitioner.redraw.assembly import labelled


def place(previous: list[str | None]) -> Problem:
    """Four units in a row; nobody lives in the last two, a market."""
    return Problem(
        units=Units(id=("a", "b", "m", "n"), households=np.array([300, 48, 0, 0]), previous=Labels(previous)),
        graph=Graph(num_units=4, u=np.array([0, 1, 2]), v=np.array([1, 2, 3]), length_m=np.ones(3)),
        bounds=Bounds(min=0, max=500),
        locked=((2, 3),),
    )


def test_a_grid_where_nobody_lives_keeps_its_label_when_those_who_were_put_into_it_leave() -> None:
    plan = labelled(place(["G1", "M1", "M1", "M1"]), np.array([7, 7, 9, 9]))
    assert list(plan.grid.values()) == ["G1", "G1", "M1", "M1"]


def test_households_take_a_label_along_before_anybody_elses_wish() -> None:
    plan = labelled(place(["G1", "M1", "M1", "M1"]), np.array([7, 8, 9, 9]))
    assert list(plan.grid.values())[:2] == ["G1", "M1"]


def test_where_the_units_of_a_market_come_from_several_grids_it_takes_none_of_their_labels() -> None:
    plan = labelled(place(["G1", "G1", "M1", "M2"]), np.array([7, 7, 9, 9]))
    assert not {"M1", "M2"} & set(plan.grid.names)
