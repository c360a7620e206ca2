"""Nodes choosing their places find the same fewest moves as trying everything."""

from __future__ import annotations

from dataclasses import replace

import pytest
from redraw.test_redraw_enumeration import case

from partitioner.redraw import clusters, redraw
from partitioner.redraw.columns import Columns, list_columns


def test_the_model_of_places_agrees_with_trying_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    def given_up(*args: object, **settings: object) -> Columns:
        return replace(list_columns(*args, **settings), complete=False)  # type: ignore[arg-type]

    monkeypatch.setattr(clusters, "list_columns", given_up)
    solved = 0
    for seed in range(140):
        problem, frozen, known = case(seed)
        if not known or problem.locked or frozen.grids or problem.max_walk_m is not None:
            continue
        drawn = redraw(problem, frozen=frozen)
        fewest = min(plan.moved for plan in known)
        assert drawn.moved_bound <= fewest, seed
        assert drawn.moved >= fewest, seed
        if fewest and problem.bounds.min > 0:
            assert drawn.moved == drawn.moved_bound == fewest, seed
            solved += 1
    assert solved >= 8
