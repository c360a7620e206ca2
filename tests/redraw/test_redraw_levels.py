"""Communities, grids and micro-grids follow a change together: nothing else moves, and what moves is fewest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from levels.levels_town import town
from redraw.every_redraw import every_redraw

from partitioner.errors import InputError
from partitioner.geometry.county import County
from partitioner.io.writing import PlannedLevels
from partitioner.levels.redrawing import RedrawnLevels, redraw_levels
from partitioner.levels.top_down import plan_levels
from partitioner.model import Bounds
from partitioner.profiles import Level, load_profile
from partitioner.redraw import Frozen
from partitioner.scoring import validate
from partitioner.solver import Limits
from partitioner.staffing import Person, Role, Roster, Target, follow_staff

HEBEI = load_profile("hebei")
STEPS = Limits(step_limit=60_000)


def levels(community: tuple[int, int], grid: tuple[int, int], micro: tuple[int, int] | None = None) -> list[Level]:
    bounds = {"community": community, "grid": grid} | ({} if micro is None else {"micro": micro})
    return [replace(HEBEI.level(name), bounds=Bounds(min=low, max=high)) for name, (low, high) in bounds.items()]


@cache
def planned() -> tuple[County, PlannedLevels]:
    """Six columns of four houses; two communities of 24 households, grids of 5 to 8, micro-grids of 2 to 4."""
    county = town([[2] * 6] * 4).county
    return county, plan_levels(county, HEBEI, levels((18, 30), (5, 8), (2, 4)), limits=STEPS)


def without(county: County, names: set[str]) -> County:
    rows = ~county.buildings["id"].isin(names)
    return replace(county, buildings=county.buildings[rows].reset_index(drop=True))


def households(county: County, of: dict[str, int]) -> County:
    frame = county.buildings.copy()
    for name, num in of.items():
        frame.loc[frame["id"] == name, "households"] = num
    return replace(county, buildings=frame)


def area_of(plan: PlannedLevels, level: str) -> dict[str, str | None]:
    one = plan.level(level)
    return dict(zip(one.county.buildings["id"].tolist(), one.grid_of_building(), strict=True))


def check_that_nothing_moved_out_of_reach(before: PlannedLevels, after: RedrawnLevels) -> None:
    for told, level in zip(after.levels, after.planned.levels, strict=True):
        was, now = area_of(before, told.name), area_of(after.planned, told.name)
        parent = dict(zip(level.problem.units.id, level.problem.units.parent.values(), strict=True))
        for name in was.keys() & now.keys() & parent.keys():
            assert parent[name] in told.reach or was[name] == now[name]


def test_without_a_change_the_same_plan_comes_back() -> None:
    county, plan = planned()
    after = redraw_levels(plan, county, limits=STEPS)
    assert all(a is b for a, b in zip(after.planned.levels, plan.levels, strict=True))
    assert [(told.moved, told.reach, set(told.changes.units)) for told in after.levels] == [(0, frozenset(), set())] * 3
    assert all({line.fate for line in told.lineage.lines} == {"kept"} for told in after.levels)


def test_demolished_houses_reach_their_own_community_only_and_codes_are_never_given_again() -> None:
    county, plan = planned()
    micro = area_of(plan, "micro")
    lost = micro["b001"]
    after = redraw_levels(plan, without(county, {n for n, area in micro.items() if area == lost}), limits=STEPS)
    check_that_nothing_moved_out_of_reach(plan, after)
    told = after.level("micro")
    assert lost in told.lineage.retired
    assert lost not in after.planned.level("micro").result.plan.grid.names
    for level in after.planned.levels:
        assert not level.result.violations
    assert after.level("grid").fewest


def test_a_line_that_was_decided_holds_and_grids_and_micro_grids_follow_it() -> None:
    county, plan = planned()
    community = area_of(plan, "community")
    graph, units = plan.level("grid").problem.graph, plan.level("grid").problem.units
    across = [
        (units.id[u], units.id[v])
        for u, v in zip(graph.u.tolist(), graph.v.tolist(), strict=True)
        if community[units.id[u]] != community[units.id[v]]
    ]
    house, other = across[0]
    now = str(community[other])
    after = redraw_levels(plan, county, told={house: now}, limits=STEPS)
    assert area_of(after.planned, "community")[house] == now
    changed = {n for n, area in area_of(after.planned, "community").items() if area != community[n]}
    assert changed == {house}
    check_that_nothing_moved_out_of_reach(plan, after)
    for upper, lower in zip(after.planned.levels, after.planned.levels[1:], strict=False):
        assert set(lower.problem.units.parent.names) <= set(upper.result.plan.grid.names)
        assert not [v for v in lower.result.violations if v.rule == "parent"]
    with pytest.raises(InputError, match="nobody"):
        redraw_levels(plan, county, told={"nobody": now}, limits=STEPS)


def test_new_houses_of_another_name_take_over_what_the_old_ones_had() -> None:
    county, plan = planned()
    frame = county.buildings.copy()
    frame.loc[frame["id"] == "b001", "id"] = "x1"
    after = redraw_levels(plan, replace(county, buildings=frame), became={"b001": "x1"}, limits=STEPS)
    for level in ("grid", "micro"):
        assert area_of(after.planned, level)["x1"] == area_of(plan, level)["b001"]
        assert after.level(level).moved == 0


@pytest.mark.parametrize("seed", range(2))
def test_frozen_grids_stay_whatever_changes_around_them(seed: int) -> None:
    county, plan = planned()
    rng = np.random.default_rng([71, seed])
    names = plan.level("grid").result.plan.grid.names
    kept = names[int(rng.integers(0, len(names)))]
    houses = [f"b{k + 1:03d}" for k in rng.permutation(24)[:3]]
    changed = households(county, {house: int(rng.integers(1, 5)) for house in houses})
    after = redraw_levels(plan, changed, frozen={"grid": Frozen(grids=frozenset({kept}))}, limits=STEPS)
    was, now = area_of(plan, "grid"), area_of(after.planned, "grid")
    assert {n for n, area in now.items() if area == kept} == {n for n, area in was.items() if area == kept}
    level = after.planned.level("grid")
    assert validate(level.problem, level.result.plan)[0] == level.result.violations


def test_what_was_frozen_for_one_redraw_is_free_in_the_plan_that_it_leaves() -> None:
    county, plan = planned()
    names = plan.level("grid").result.plan.grid.names
    frozen = {"grid": Frozen(grids=frozenset({names[0]}))}
    changed = households(county, {"b024": 1})
    after = redraw_levels(plan, changed, frozen=frozen, everywhere=True, limits=STEPS)
    level = after.planned.level("grid")
    assert level.problem.locked == plan.level("grid").problem.locked
    assert validate(level.problem, level.result.plan) == (level.result.violations, level.result.warnings)
    again = redraw_levels(after.planned, changed, limits=STEPS)
    assert all(a is b for a, b in zip(again.planned.levels, after.planned.levels, strict=True))


def test_a_frozen_grid_that_breaks_a_bound_stays_locked_with_its_warning() -> None:
    county, plan = planned()
    area = area_of(plan, "grid")
    members = sorted(name for name, grid in area.items() if grid == area["b001"])
    changed = households(county, dict.fromkeys(members, 3))
    after = redraw_levels(plan, changed, frozen={"grid": Frozen(grids=frozenset({str(area["b001"])}))}, limits=STEPS)
    level = after.planned.level("grid")
    assert not level.result.violations
    assert {warning.rule for warning in level.result.warnings} == {"size_max"}
    assert validate(level.problem, level.result.plan) == ((), level.result.warnings)


def test_a_frozen_grid_that_breaks_a_bound_stays_so_in_later_redraws_until_all_is_mended() -> None:
    county, plan = planned()
    area = area_of(plan, "grid")
    kept = str(area["b001"])
    members = sorted(name for name, grid in area.items() if grid == kept)
    full = households(county, dict.fromkeys(members, 3))
    first = redraw_levels(plan, full, frozen={"grid": Frozen(grids=frozenset({kept}))}, limits=STEPS)
    again = redraw_levels(first.planned, full, limits=STEPS)
    assert all(a is b for a, b in zip(again.planned.levels, first.planned.levels, strict=True))
    neighbour = min(
        name
        for name, community in area_of(plan, "community").items()
        if community == area_of(plan, "community")["b001"] and name not in members
    )
    later = redraw_levels(first.planned, households(full, {neighbour: 4, members[0]: 4}), limits=STEPS)
    level = later.planned.level("grid")
    assert [name for name, grid in area_of(later.planned, "grid").items() if grid == kept] == members
    assert {warning.rule for warning in level.result.warnings} == {"size_max"}
    smaller = redraw_levels(later.planned, households(county, {neighbour: 4}), limits=STEPS)
    assert not smaller.planned.level("grid").problem.locked
    mended = redraw_levels(first.planned, full, everywhere=True, limits=STEPS)
    assert not mended.planned.level("grid").problem.locked
    assert not mended.planned.level("grid").result.warnings


@pytest.mark.parametrize("seed", range(4))
def test_each_level_of_tiny_counties_moves_as_few_as_trying_everything(seed: int) -> None:
    """Six houses, two communities, grids inside: the moves of each level are the fewest there are."""
    rng = np.random.default_rng([72, seed])
    county = town(rng.integers(1, 4, (2, 3)).tolist()).county
    asked = levels((4, 9), (2, 5))
    plan = plan_levels(county, HEBEI, asked, limits=STEPS)
    assert not any(level.result.violations for level in plan.levels), "a seed whose first plan is lawful"
    house = f"b{int(rng.integers(1, 7)):03d}"
    changed = households(county, {house: int(rng.integers(1, 6))}) if seed % 2 else without(county, {house})
    after = redraw_levels(plan, changed, limits=STEPS)
    compared(after, plan.names)


def compared(after: RedrawnLevels, names: Sequence[str]) -> None:
    for name in names:
        told, problem = after.level(name), after.planned.level(name).problem
        if not told.reach:
            continue
        known = every_redraw(problem, Frozen())
        result = after.planned.level(name).result
        if known:
            assert not result.violations
            assert told.moved == told.moved_bound == min(lawful.moved for lawful in known)
        else:
            assert result.violations


def test_staff_go_on_where_their_grids_went_and_only_heirs_change_hands() -> None:
    roster = Roster(
        people=tuple(Person(number=f"p{k}", role="worker") for k in range(3)),
        targets=tuple(Target(id=name, level="grid", work={"households": 300.0}) for name in ("g1", "g2", "g3")),
        roles=(Role(name="worker", level="grid", min_people=1, max_people=1, min_posts=0, max_posts=1),),
    )
    posted = [("p0", "g1"), ("p1", "g2"), ("p2", "g3")]
    today = tuple(Target(id=name, level="grid", work={"households": 300.0}) for name in ("g1", "g3", "g4"))
    after = follow_staff(roster, posted, targets=today, neighbours=(), heirs={})
    assert set(after.kept) == {("p0", "g1"), ("p2", "g3")}
    assert after.ended == (("p1", "g2"),)
    assert after.begun == (("p1", "g4"),)
