"""Community lines move as little as they can and still leave lawful grids inside."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from levels.levels_town import town
from redraw.every_redraw import fewest_moved
from solver.enumeration import every_partition

from partitioner.geometry.county import County
from partitioner.io.writing import PlannedLevels
from partitioner.levels.redrawing import redraw_levels
from partitioner.levels.restriction import with_parents
from partitioner.levels.top_down import plan_levels
from partitioner.model import Bounds, IntArray, Labels, Plan, Problem
from partitioner.model.restriction import restricted
from partitioner.profiles import load_profile
from partitioner.redraw import Frozen
from partitioner.scoring import validate
from partitioner.solver import Limits

HEBEI = load_profile("hebei")
STEPS = Limits(step_limit=60_000)
COMMUNITY, GRID = Bounds(min=11, max=22), Bounds(min=5, max=7)


def planned(seed: int) -> tuple[PlannedLevels, County]:
    """Ten houses, and the county without one of them, or with one that has grown."""
    rng = np.random.default_rng([73, seed])
    county = town(rng.integers(2, 6, (2, 5)).tolist()).county
    levels = [replace(HEBEI.level(n), bounds=b) for n, b in (("community", COMMUNITY), ("grid", GRID))]
    house, frame = f"b{int(rng.integers(1, 11)):03d}", county.buildings
    if seed % 2:
        changed = frame.assign(households=frame["households"].mask(frame["id"] == house, int(rng.integers(6, 8))))
    else:
        changed = frame[frame["id"] != house].reset_index(drop=True)
    return plan_levels(county, HEBEI, levels, limits=STEPS), replace(county, buildings=changed)


def in_bounds(problem: Problem, label: IntArray) -> bool:
    size = np.bincount(label, weights=problem.units.households)
    low, high = problem.bounds.min, problem.bounds.max
    return bool((size >= low).all() and (size <= high).all())


def is_lawful(problem: Problem, label: IntArray) -> bool:
    if not in_bounds(problem, label):
        return False
    return not validate(problem, Plan(grid=Labels(str(name) for name in label.tolist())))[0]


def fewest_with_room(upper: Problem, lower: Problem) -> int | None:
    """By trying every way to draw communities, and every way to draw grids in each."""
    known: dict[tuple[int, ...], bool] = {}

    def has_room(at: IntArray) -> bool:
        key = tuple(at.tolist())
        if key not in known:
            inside = with_parents(restricted(lower, at), Labels("a" for _ in at))
            known[key] = any(is_lawful(inside, label) for label in every_partition(len(at)))
        return known[key]

    found = [
        fewest_moved(upper, Frozen(), label, len(upper.units.previous.names))
        for label in every_partition(len(upper.units))
        if is_lawful(upper, label) and all(has_room(np.flatnonzero(label == k)) for k in range(int(label.max()) + 1))
    ]
    return min((moved for moved in found if moved is not None), default=None)


@pytest.mark.parametrize("seed", [16, 28, 54])
def test_a_cheap_line_that_leaves_no_lawful_grids_is_refused_and_the_next_cheapest_is_proved(seed: int) -> None:
    before, county = planned(seed)
    after = redraw_levels(before, county, limits=STEPS)
    told = after.level("community")
    upper, lower = (after.planned.level(name) for name in ("community", "grid"))
    assert told.moved_without_grids is not None
    assert told.moved_without_grids < told.moved
    assert not upper.result.violations
    assert not lower.result.violations
    assert upper.problem.units.id == lower.problem.units.id
    assert told.moved == told.moved_bound == fewest_with_room(upper.problem, lower.problem)
    assert "lines_for_grids" in {notice.rule for notice in upper.unit_graph.notices}


def test_frozen_communities_are_not_moved_for_the_sake_of_grids() -> None:
    before, county = planned(16)
    codes = frozenset(before.level("community").result.plan.grid.names)
    after = redraw_levels(before, county, frozen={"community": Frozen(grids=codes)}, limits=STEPS)
    assert after.level("community").moved == 0
    assert after.level("community").moved_without_grids is None
    assert after.planned.level("grid").result.violations


def test_where_no_line_leaves_lawful_grids_the_fewest_moves_stay() -> None:
    before, county = planned(2)
    after = redraw_levels(before, county, limits=STEPS)
    assert (after.level("community").moved, after.level("community").moved_without_grids) == (2, None)
    assert after.planned.level("grid").result.violations
