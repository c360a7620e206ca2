"""Units of the community level: compounds stay whole where they fit, blocks never cross a barrier."""

from __future__ import annotations

import numpy as np
import pytest
from levels_town import community_level, town
from scipy.sparse.csgraph import connected_components, dijkstra

from partitioner.io.assembly import Assembled
from partitioner.levels.compounds import CommunityProblem, Grain, community_problem


def ids(asked: CommunityProblem) -> tuple[str, ...]:
    return asked.problem.units.id


def random_town(seed: int) -> Assembled:
    rng = np.random.default_rng(seed)
    rows, columns = int(rng.integers(2, 7)), int(rng.integers(2, 8))
    letters = [["甲乙丙丁."[int(k)] for k in rng.integers(0, 5, (rows + 1) // 2)] for _ in range((columns + 1) // 2)]
    drawn = ["".join(letters[c // 2][r // 2] for c in range(columns)) for r in range(rows)]
    return town(
        rng.integers(0, 90, (rows, columns)).tolist(),
        compounds=drawn,
        wall_east_of=int(rng.integers(0, columns)),
        township=["东镇" if c < columns // 2 else "西镇" for _ in range(rows) for c in range(columns)],
    )


@pytest.mark.parametrize("seed", range(25))
def test_every_building_is_in_one_connected_unit_of_its_compound_and_township(seed: int) -> None:
    assembled = random_town(seed)
    level = community_level(100, 400)
    rng = np.random.default_rng(seed + 1)
    grain = None if seed % 2 else rng.integers(0, 3, len(assembled.problem.units))
    asked = community_problem(assembled, level, grain=grain)
    fine, units, unit = assembled.problem, asked.problem.units, asked.unit_of_home
    assert np.array_equal(np.unique(unit), np.arange(len(units)))
    assert np.array_equal(np.bincount(unit, weights=fine.units.households), units.households)
    frame = assembled.county.buildings.set_index("id")
    for k in range(len(units)):
        members = np.flatnonzero(unit == k)
        assert connected_components(fine.graph.sparse[members][:, members], directed=False)[0] == 1
        assert {fine.units.group.at(int(m)) for m in members} == {units.group.at(k)}
        assert set(frame["township"][[fine.units.id[m] for m in members]]) == {units.parent.at(k)}
        assert units.households[k] <= level.bounds.max or len(members) == 1
    rows = asked.unit_of_building
    assert len(rows) == len(assembled.county.buildings)
    assert len(asked.unit_graph.cells) == len(units)
    assert len(asked.unit_graph.soft_m) == len(asked.problem.graph)


@pytest.mark.parametrize("seed", range(10))
def test_units_are_neighbours_where_buildings_are_and_never_nearer_than_on_foot(seed: int) -> None:
    assembled = random_town(seed)
    asked = community_problem(assembled, community_level(100, 400))
    fine, unit = assembled.problem.graph, asked.unit_of_home
    pairs = {tuple(sorted(p)) for p in zip(unit[fine.u].tolist(), unit[fine.v].tolist(), strict=True) if p[0] != p[1]}
    graph = asked.problem.graph
    assert pairs == set(zip(graph.u.tolist(), graph.v.tolist(), strict=True))
    metres = dijkstra(fine.sparse, directed=False)
    for u, v, length_m in zip(graph.u, graph.v, graph.length_m, strict=True):
        assert length_m >= metres[np.ix_(unit == u, unit == v)].min() - 1e-3


def test_a_compound_that_fits_is_one_unit_and_one_that_does_not_is_told_and_cut() -> None:
    assembled = town([[90, 90, 60, 60], [90, 90, 60, 60]], compounds=["甲甲乙乙", "甲甲乙乙"])
    asked = community_problem(assembled, community_level(150, 300))
    assert "乙" in ids(asked)
    assert "甲" not in ids(asked)
    assert [notice.value for notice in asked.notices] == ["甲"]
    assert asked.notices[0].rule == "compound_above_max"


def test_blocks_stay_on_their_side_of_a_wall_and_below_a_tenth_of_the_largest_community() -> None:
    assembled = town([[10] * 8] * 4, wall_east_of=3)
    asked = community_problem(assembled, community_level(100, 600))
    west = np.arange(32) % 8 < 3
    for k in range(len(asked.problem.units)):
        assert len(set(west[asked.unit_of_home == k])) == 1
    assert asked.problem.units.households.max() <= 60
    assert len(asked.problem.units) < 16


def test_buildings_parted_by_a_river_are_no_block_and_no_neighbours() -> None:
    asked = community_problem(town([[10] * 4] * 2, river_east_of=2), community_level(20, 1000))
    assert connected_components(asked.problem.graph.sparse, directed=False)[0] == 2


def test_a_unit_was_in_the_community_of_most_of_its_households() -> None:
    assembled = town([[70, 20, 60]], compounds=["甲甲乙"], community=["东", "西", "西"])
    asked = community_problem(assembled, community_level(50, 300))
    assert dict(zip(ids(asked), asked.problem.units.previous.values(), strict=True)) == {"甲": "东", "乙": "西"}


def test_townships_come_from_their_column_or_from_community_codes() -> None:
    codes = ["130730001002", "130730002001", "东关社区"]
    assembled = town([[70, 20, 60]], community=codes, township=[None, "沙城镇", None])
    asked = community_problem(assembled, community_level(50, 300))
    assert asked.problem.units.parent.values() == ("130730001", "沙城镇", None)


def test_a_special_grid_stays_in_one_community() -> None:
    assembled = town([[70, 0, 0, 60]], compounds=["甲甲乙乙"], special=[None, "市场", "市场", None])
    asked = community_problem(assembled, community_level(50, 300))
    assert asked.problem.together == ((0, 1),)


def test_the_grain_opens_compounds_into_blocks_and_blocks_into_buildings() -> None:
    assembled = town([[10] * 6] * 2, compounds=["甲" * 6] * 2)
    level = community_level(50, 400)
    num = [
        len(community_problem(assembled, level, grain=np.full(12, grain)).problem.units)
        for grain in (Grain.COMPOUND, Grain.BLOCK, Grain.BUILDING)
    ]
    assert num[0] == 1
    assert 3 <= num[1] <= 6
    assert num[2] == 12
