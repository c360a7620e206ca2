"""Opened buildings: rows, cells, graph and problem of stairwells and floors agree with one another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from opened_county import CORRIDORS, FLOORS, GRID, ROWS, assembled
from scipy.sparse.csgraph import connected_components

from partitioner.errors import InputError
from partitioner.io.assembly import Assembled, assemble
from partitioner.io.reading import read_county
from partitioner.levels.parts import micro_parts, open_large, stock_of, with_parts
from partitioner.microgrid import Depth, cut_slices
from partitioner.model import Labels, SliceRule
from partitioner.profiles import load_profile

RULE = SliceRule()
MICRO = load_profile("hebei").level("micro")


def grids(of: Assembled) -> Labels:
    """One grid for all."""
    return Labels(["G1"] * len(of.problem.units))


def row(of: Assembled, name: str) -> pd.Series:
    frame = of.county.buildings
    return frame[frame["id"] == name].iloc[0]


def check(upper: Assembled, lower: Assembled) -> None:
    """What holds of every opened county."""
    buildings, units = lower.county.buildings, lower.problem.units
    assert buildings["id"].is_unique
    assert list(buildings.columns) == list(upper.county.buildings.columns)
    assert buildings.dtypes.astype(str).tolist() == upper.county.buildings.dtypes.astype(str).tolist()
    assert not buildings.geometry.isna().any()
    for column in ("households", "residents", "workload"):
        assert buildings[column].sum() == upper.county.buildings[column].sum()
    own = np.flatnonzero(buildings["id"].isin(set(units.id)).to_numpy())
    assert buildings["id"].iloc[own].tolist() == list(units.id)
    assert lower.unit_of_building[own].tolist() == list(range(len(units)))
    assert len(lower.unit_of_building) == len(buildings)
    assert len(lower.unit_graph.cells) == lower.unit_graph.graph.num_units == len(units)
    assert len(lower.unit_graph.soft_m) == len(lower.unit_graph.graph)
    cells = lower.unit_graph.cells
    real = cells[~shapely.is_empty(cells)]
    assert shapely.is_valid(real).all()
    assert shapely.coverage_is_valid(real)


def test_floors_become_rows_with_ids_and_counts() -> None:
    upper = assembled(floors=FLOORS)
    lower = micro_parts(upper, grids(upper), MICRO, RULE)
    check(upper, lower)
    assert lower.problem.units.id[:6] == ("a#1-01", "a#1-02", "a#1-03", "a#2-01", "a#2-02", "a#2-03")
    assert lower.problem.units.households[:6].tolist() == [4, 3, 3, 6, 0, 7]
    second = row(lower, "a#2-03")
    assert (second["building"], second["stairwell"], second["floor_low"], second["floor_high"]) == ("a", 2, 3, 3)
    assert (second["stairwells"], second["floors"], second["compound"], second["estimated"]) == (1, 3, "甲", False)
    assert row(lower, "a#1-02")["estimated"]
    assert [int(n) for n in lower.county.buildings["residents"].iloc[:6]] == [10, 8, 8, 16, 0, 18]


def test_footprints_and_land_of_floors_are_shares_of_their_building() -> None:
    upper = assembled()
    lower = micro_parts(upper, grids(upper), MICRO, RULE)
    frame = lower.county.buildings
    for name in ("a", "b", "d"):
        mine = frame[frame["building"] == name]
        assert mine.area.sum() == pytest.approx(480)
        whole = upper.problem.units.position()[name]
        land = lower.unit_graph.cells[lower.unit_of_building[mine.index]]
        assert shapely.area(land).sum() == pytest.approx(upper.unit_graph.cells[whole].area, abs=0.1)
    bounds = row(lower, "a#2-03").geometry.bounds
    assert np.array(bounds) - [500_000, 4_150_000, 500_000, 4_150_000] == pytest.approx([20, 8, 40, 12])


def test_special_grids_and_units_without_a_grid_are_left_out_and_keep_their_rows() -> None:
    upper = assembled()
    labels = ["G1" if name != "c" else None for name in upper.problem.units.id]
    lower = micro_parts(upper, Labels(labels), MICRO, RULE)
    assert not {"school", "c"} & {name.partition("#")[0] for name in lower.problem.units.id}
    frame = lower.county.buildings
    assert lower.unit_of_building[frame.index[frame["id"].isin(["school", "c"])]].tolist() == [-1, -1]
    assert lower.problem.locked == ()


def test_a_county_of_special_grids_alone_leaves_nothing_to_cut() -> None:
    upper = assembled([ROWS[0], {**ROWS[1], "special": "市场"}])
    lower = micro_parts(upper, Labels([None, "S1"]), MICRO, RULE)
    assert len(lower.problem.units) == 0
    assert lower.unit_of_building.tolist() == [-1, -1]


def test_micro_grids_stay_in_their_grid_and_prefer_whole_stairwells() -> None:
    upper = assembled()
    labels = Labels([f"G{k}" for k in range(len(upper.problem.units))])
    units = micro_parts(upper, labels, MICRO, RULE).problem.units
    of = {name: (units.group.at(k), units.parent.at(k)) for k, name in enumerate(units.id)}
    assert of["a#1-01"] == ("a#1", "G0")
    assert of["a#2-02"] == ("a#2", "G0")
    assert of["c"] == ("乙", "G2")
    assert units.previous.names == ()


def test_whoever_lives_nowhere_follows_the_nearest_stairwell() -> None:
    upper = assembled()
    lower = micro_parts(upper, grids(upper), MICRO, RULE)
    frame = lower.county.buildings
    followed = lower.problem.units.id[lower.unit_of_building[frame.index[frame["id"] == "shed"][0]]]
    assert followed.startswith(("b#2", "c", "b#1"))
    door = lower.unit_graph.place_xy[lower.problem.units.position()[followed]]
    assert abs(door[0] - 500_180) < 80


def test_buildings_above_the_bound_open_by_stairwell_then_by_floor_and_say_so() -> None:
    upper = assembled()
    opened = open_large(upper, GRID, RULE)
    check(upper, opened)
    assert [name for name in opened.problem.units.id if "#" in name] == ["d#1", "d#2"]
    assert row(opened, "d#1")["workload"] == 35
    assert opened.problem.locked == ((opened.problem.units.position()["school"],),)
    assert "building_opened" in {notice.rule for notice in opened.unit_graph.notices}
    high = [{**one, "households": 1300} if one["id"] == "d" else one for one in ROWS]
    upper = assembled(high)
    opened = open_large(upper, GRID, RULE)
    check(upper, opened)
    assert sum(name.startswith("d#1-") for name in opened.problem.units.id) == 30
    assert {"building_opened", "stairwell_opened"} <= {notice.rule for notice in opened.unit_graph.notices}
    floors = micro_parts(opened, grids(opened), MICRO, RULE)
    check(opened, floors)
    assert [n for n in floors.problem.units.id if n.startswith("d")] == [
        n for n in opened.problem.units.id if n.startswith("d")
    ]


def test_nothing_to_open_changes_nothing() -> None:
    upper = assembled(ROWS[:4])
    assert open_large(upper, GRID, RULE) is upper


def test_two_steps_give_the_same_floors_as_one() -> None:
    upper = assembled(floors=FLOORS)
    opened = open_large(upper, GRID, RULE)
    once, twice = (micro_parts(of, grids(of), MICRO, RULE) for of in (upper, opened))
    assert once.problem.units.id == twice.problem.units.id
    assert once.problem.units.households.tolist() == twice.problem.units.households.tolist()
    assert once.county.buildings["floors"].tolist() == twice.county.buildings["floors"].tolist()
    same = shapely.equals_exact(once.county.buildings.geometry, twice.county.buildings.geometry, tolerance=0.01)
    assert same.all()


def test_corridors_join_floors() -> None:
    upper = assembled(floors=FLOORS, corridors=CORRIDORS)
    graph = micro_parts(upper, grids(upper), MICRO, RULE).problem.graph
    assert 5 in graph.neighbours(2)


def test_sets_of_units_become_sets_of_their_parts() -> None:
    upper = assembled()
    problem = replace(upper.problem, together=((0, 1),), apart=((1, 2),))
    upper = replace(upper, problem=problem)
    parts = stock_of(upper)
    depth = np.array([Depth.STAIRWELL, Depth.STAIRWELL, Depth.WHOLE, Depth.OUT, Depth.OUT])
    opened = with_parts(upper, cut_slices(parts.stock, depth, RULE, parts.ledger), RULE).problem
    assert opened.units.id == ("a#1", "a#2", "b#1", "b#2", "c")
    assert opened.together == ((0, 1, 2, 3),)
    assert sorted(opened.apart) == [(2, 4), (3, 4)]
    assert opened.locked == ()


def test_a_measure_other_than_households_is_shared_alike() -> None:
    upper = assembled()
    units = replace(upper.problem.units, households=2 * upper.problem.units.households)
    upper = replace(upper, problem=replace(upper.problem, units=units))
    lower = micro_parts(upper, grids(upper), MICRO, RULE)
    assert lower.problem.units.households.sum() == units.households.sum() - 24
    assert lower.county.buildings["households"].sum() == upper.county.buildings["households"].sum()


def test_impossible_heights_are_all_named() -> None:
    rows = [{**ROWS[0], "floors": 999}, {**ROWS[1], "stairwells": 300}]
    with pytest.raises(InputError) as caught:
        stock_of(assembled(rows))
    assert {fault.rule for fault in caught.value.faults} == {"floors_many", "stairwells_many"}


def test_assumed_shapes_are_told_once_and_not_building_by_building() -> None:
    upper = assembled([{"id": f"b{k}", "households": 40} for k in range(30)])
    lower = micro_parts(upper, grids(upper), MICRO, RULE)
    (told,) = [n for n in lower.unit_graph.notices if n.rule == "slices_assumed"]
    assert "30" in told.message.zh
    assert lower.county.buildings["estimated"].all()


def test_a_whole_city_is_cut_without_loss(wangge_data: Path) -> None:
    """Vologda: footprints, floors, no stairwells."""
    folder = wangge_data / "vologda"
    county = read_county([folder / "buildings.gpkg"], columns={"floors": "number_of_floors"})
    profile = load_profile("hebei")
    upper = assemble(county, bounds=GRID.bounds, weights=GRID.weights)
    opened = open_large(upper, GRID, profile.slices)
    check(upper, opened)
    assert opened.problem.units.households.max() <= GRID.bounds.max
    lower = micro_parts(opened, grids(opened), MICRO, profile.slices)
    check(opened, lower)
    assert lower.problem.units.households.max() <= MICRO.bounds.max
    parts = [connected_components(of.problem.graph.sparse, directed=False)[0] for of in (upper, opened, lower)]
    assert len(set(parts)) == 1


def test_a_compound_ledger_is_cut_into_assumed_floors(wangge_data: Path) -> None:
    """固安: points only, neither stairwells nor floors."""
    county = read_county([wangge_data / "guan-huailai" / "guan_compounds.csv"])
    profile = load_profile("hebei")
    upper = assemble(county, bounds=GRID.bounds, weights=GRID.weights)
    lower = micro_parts(upper, grids(upper), MICRO, profile.slices)
    check(upper, lower)
    assert lower.problem.units.households.sum() == 218_927
    assert lower.problem.units.households.max() <= 10
    assert len(np.unique(lower.unit_graph.place_xy, axis=0)) == len(lower.problem.units)
