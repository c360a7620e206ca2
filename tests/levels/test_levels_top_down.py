"""Communities, grids and micro-grids of random counties: nested without exception, connected, and named once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import cache
from pathlib import Path

import openpyxl
import pytest
from opened_county import county as street

from datasets.instances import big_county
from partitioner.errors import InputError
from partitioner.io.writing import PlannedCounty, PlannedLevels, write_ledger, write_report
from partitioner.io.writing.proofs import Proofs
from partitioner.levels.top_down import plan_levels
from partitioner.model import Bounds
from partitioner.profiles import load_profile
from partitioner.scoring import judged_pieces, score, validate
from partitioner.solver import Limits

HEBEI = load_profile("hebei")
ALL = ("community", "grid", "micro")
SEEDS = range(4)


def planned(
    seed: int, *, names: tuple[str, ...] = ALL, steps: int = 30_000, threads: int = 2, **more: object
) -> PlannedLevels:
    county = big_county(seed, 2_000 + 300 * seed)
    levels = [HEBEI.level(name) for name in names]
    return plan_levels(county, HEBEI, levels, limits=Limits(step_limit=steps, threads=threads, seed=seed), **more)  # type: ignore[arg-type]


@cache
def three_levels(seed: int) -> PlannedLevels:
    return planned(seed)


def rows_of(level: PlannedCounty) -> dict[tuple[str, int, int], str | None]:
    """Area of every stairwell and floor (0: all of them) of every building in which somebody lives."""
    frame, found = level.county.buildings, {}
    area = level.grid_of_building()
    for row, name in enumerate(frame["id"].tolist()):
        if frame["households"].fillna(0).iloc[row] > 0:
            building = frame["building"].fillna(frame["id"]).iloc[row]
            place = [0 if value is None else int(value) for value in _numbers(frame, row)]
            found[str(building if building is not None else name), place[0], place[1]] = area[row]
    return found


def _numbers(frame: object, row: int) -> list[int | None]:
    values = [frame[name].iloc[row] for name in ("stairwell", "floor_low")]  # type: ignore[index]
    return [None if str(value) == "<NA>" else int(value) for value in values]


def area_above(places: dict[tuple[str, int, int], str | None], place: tuple[str, int, int]) -> str | None:
    building, stairwell, floor = place
    for key in ((building, stairwell, floor), (building, stairwell, 0), (building, 0, 0)):
        if key in places:
            return places[key]
    raise AssertionError(place)


def check_that_every_area_lies_in_one_area_above(levels: PlannedLevels) -> None:
    for upper, lower in zip(levels.levels, levels.levels[1:], strict=False):
        above, below = rows_of(upper), rows_of(lower)
        homes: dict[str | None, set[str | None]] = defaultdict(set)
        for place, area in below.items():
            homes[area].add(area_above(above, place))
        assert all(len(found) == 1 for found in homes.values())
        parent = lower.problem.units.parent
        assert set(parent.names) <= set(upper.result.plan.grid.names)


def check_that_plans_are_judged_connected_and_complete(levels: PlannedLevels) -> None:
    for level in levels.levels:
        problem, result = level.problem, level.result
        violations, _ = validate(problem, result.plan)
        assert violations == result.violations
        assert {violation.rule for violation in violations} <= {"size_min", "size_max"}
        assert result.objective == score(problem, result.plan)
        assert result.bound is None or result.bound <= result.objective.total


def check_that_codes_are_given_once(levels: PlannedLevels) -> None:
    codes = [code for level in levels.levels for code in level.result.plan.grid.names]
    assert len(codes) == len(set(codes))
    by_length = {len(code) for level in levels.levels for code in level.result.plan.grid.names[:1]}
    assert len(by_length) == 3


def check_that_nobody_is_lost(levels: PlannedLevels) -> None:
    totals = {int(level.problem.units.households.sum()) for level in levels.levels}
    everybody = int(levels.levels[0].county.buildings["households"].fillna(0).sum())
    special = levels.level("grid").county.buildings
    outside = int(special["households"].fillna(0)[special["special"].notna()].sum())
    assert totals <= {everybody, everybody - outside}


def check_that_floors_of_a_micro_grid_follow_each_other(levels: PlannedLevels) -> None:
    level = levels.level("micro")
    floors: dict[tuple[str, str | None], list[int]] = defaultdict(list)
    for unit, name in enumerate(level.problem.units.id):
        stairwell, _, floor = name.rpartition("-")
        if "#" in stairwell and floor.isdigit():
            floors[stairwell, level.result.plan.grid.at(unit)].append(int(floor))
    assert floors
    reached = level.county.corridors
    assert reached is None or not len(reached)
    for found in floors.values():
        assert max(found) - min(found) + 1 == len(found)


def check_that_proofs_speak_of_the_plan_that_is_handed_out(levels: PlannedLevels) -> None:
    for level in levels.levels:
        problem, result = level.problem, level.result
        locked = {unit for members in problem.locked for unit in members}
        units = sorted(unit for piece in result.pieces for unit in piece.units.tolist())
        assert units == [unit for unit in range(len(problem.units)) if unit not in locked]
        told = judged_pieces(problem, result.plan, result.pieces, result.violations)
        assert [(p.value, p.status, p.outside) for p in told] == [(p.value, p.status, p.outside) for p in result.pieces]
        assert sum(piece.outside for piece in result.pieces) == sum(v.amount for v in result.violations)
        assert all(piece.least_outside <= piece.outside for piece in result.pieces)
        assert all(piece.bound <= piece.value for piece in result.pieces)
        proofs = Proofs.of(result)
        assert sum(share.parents for share in proofs.shares) == len(set(problem.units.parent.code.tolist()))
        assert proofs.households == problem.units.households.sum() - sum(problem.units.households[u] for u in locked)


@pytest.mark.parametrize("seed", SEEDS)
def test_levels_of_a_random_county_nest_without_exception(seed: int) -> None:
    levels = three_levels(seed)
    check_that_every_area_lies_in_one_area_above(levels)
    check_that_plans_are_judged_connected_and_complete(levels)
    check_that_codes_are_given_once(levels)
    check_that_nobody_is_lost(levels)
    check_that_floors_of_a_micro_grid_follow_each_other(levels)
    check_that_proofs_speak_of_the_plan_that_is_handed_out(levels)


def test_the_report_and_the_ledger_say_which_grids_are_cut_with_proof(tmp_path: Path) -> None:
    levels = three_levels(0)
    write_report(levels, tmp_path / "zh.md", tmp_path / "en.md")
    proofs = Proofs.of(levels.level("micro").result)
    assert f"{proofs.proved:.1%} of {len(proofs.parents)} grids are cut with proof" in (tmp_path / "en.md").read_text(
        "utf-8"
    )
    write_ledger(levels, tmp_path / "ledger.xlsx")
    rows = list(openpyxl.load_workbook(tmp_path / "ledger.xlsx")["证明"].iter_rows(values_only=True))
    above = {row[1]: row for row in rows if row[0] == "微网格"}
    assert set(above) == set(levels.level("micro").problem.units.parent.names)
    assert sum(row[9] for row in above.values()) == proofs.outside
    assert sum("已证明" in row[2].replace("未证明", "") for row in above.values()) >= sum(
        p.proved for p in proofs.parents
    )


def test_threads_do_not_change_what_is_planned() -> None:
    one, two = planned(1, threads=1), three_levels(1)
    for a, b in zip(one.levels, two.levels, strict=True):
        assert a.result.plan.grid.values() == b.result.plan.grid.values()
        assert a.result.objective == b.result.objective
        assert a.result.bound == b.result.bound
    assert one.seconds == two.seconds == (0.0, 0.0, 0.0)


def test_as_many_areas_as_asked_for() -> None:
    levels = planned(2, names=("grid",), counts={"grid": 7})
    assert len(levels.level("grid").result.plan.grid.names) == 7
    with pytest.raises(InputError, match=r"70 were asked for"):
        planned(2, names=("grid",), counts={"grid": 70})


def test_retired_codes_are_not_given_again() -> None:
    first = planned(3, names=("grid",)).level("grid").result.plan.grid.names
    again = planned(3, names=("grid",), retired=set(first)).level("grid").result.plan.grid.names
    assert not set(first) & set(again)


def test_bounds_may_count_residents_and_the_level_below_households() -> None:
    grid = replace(HEBEI.level("grid"), measure="residents", bounds=Bounds(min=600, max=1_200))
    county = big_county(4, 3_000)
    levels = plan_levels(county, HEBEI, [grid, HEBEI.level("micro")], limits=Limits(step_limit=50_000))
    residents = county.buildings["residents"].fillna(0).sum()
    people = levels.level("grid").problem.units.households.sum()
    assert abs(people - residents) <= len(county.buildings)
    households = county.buildings["households"].fillna(0)[county.buildings["special"].isna()].sum()
    assert levels.level("micro").problem.units.households.sum() == households


def test_micro_grids_alone_need_previous_grids() -> None:
    with pytest.raises(InputError) as told:
        planned(0, names=("micro",))
    assert told.value.faults[0].rule == "grids_missing"


def test_buildings_are_opened_around_an_area_that_is_too_small() -> None:
    """Seven buildings of 240: one alone is too few, two are enough, three are too many."""
    rows = [{"id": f"b{k}", "households": 240, "stairwells": 4, "floors": 20} for k in range(7)]
    levels = plan_levels(street(rows), HEBEI, [HEBEI.level("grid")], limits=Limits(step_limit=200_000))
    level = levels.level("grid")
    assert not level.result.violations
    opened = [name for name in level.problem.units.id if "#" in name]
    assert opened
    assert len(opened) < 4 * 7
    assert any(notice.rule == "building_opened_where_stuck" for notice in levels.notices)


def test_nothing_is_opened_where_all_is_lawful() -> None:
    rows = [{"id": f"b{k}", "households": 200, "stairwells": 4, "floors": 20} for k in range(6)]
    level = plan_levels(street(rows), HEBEI, [HEBEI.level("grid")], limits=Limits(step_limit=100_000)).level("grid")
    assert not level.result.violations
    assert all("#" not in name for name in level.problem.units.id)
