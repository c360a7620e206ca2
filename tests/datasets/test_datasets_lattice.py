"""Counties for throughput runs are sound whatever their size, and the same for the same seed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from datasets.generator.kinds import KINDS
from datasets.instances import big_county
from partitioner.geometry.county import BUILDING_COLUMNS, FLOOR_COLUMNS

sizes = pytest.mark.parametrize("num_households", [300, 1_000, 10_000, 60_000])

MOST_IN_A_COMPOUND = 5 * 2 * 5 * 7 * KINDS["walkup"].per_floor


@sizes
def test_a_county_ends_with_the_compound_that_reaches_the_households_asked_for(num_households: int) -> None:
    buildings = big_county(1, num_households).buildings
    assert num_households <= buildings["households"].sum() < num_households + MOST_IN_A_COMPOUND
    assert (buildings["households"] > 0).all()
    assert buildings["id"].is_unique


@sizes
def test_columns_have_the_types_of_a_county(num_households: int) -> None:
    county = big_county(1, num_households)
    assert list(county.buildings.columns) == [*BUILDING_COLUMNS, "geometry"]
    assert {name: str(kind) for name, kind in county.buildings.dtypes.drop("geometry").items()} == BUILDING_COLUMNS
    assert county.floors is not None
    assert {name: str(kind) for name, kind in county.floors.dtypes.items()} == FLOOR_COLUMNS


@sizes
def test_floors_add_up_to_the_households_of_their_building(num_households: int) -> None:
    county = big_county(1, num_households)
    assert county.floors is not None
    by_building = county.floors.groupby("building")
    blocks = county.buildings[county.buildings["stairwells"].notna()].set_index("id").sort_index()
    assert (by_building["households"].sum() == blocks["households"]).all()
    assert (by_building["stairwell"].max() == blocks["stairwells"]).all()
    assert (by_building["floor"].max() == blocks["floors"]).all()
    assert not county.floors.duplicated(["building", "stairwell", "floor"]).any()
    assert set(by_building.groups) == set(blocks.index)


@sizes
def test_communities_are_in_one_piece_and_of_lawful_size(num_households: int) -> None:
    county = big_county(1, num_households)
    shapes = county.communities.geometry
    assert (shapes.geom_type == "Polygon").all()
    assert shapely.coverage_is_valid(shapes.to_numpy())
    of_building = shapes.to_numpy()[pd.Index(county.communities["id"]).get_indexer(county.buildings["community"])]
    assert shapely.contains(of_building, county.buildings.geometry.to_numpy()).all()
    households = county.buildings.groupby("community")["households"].sum()
    assert num_households < 1_500 or households.between(1_500, 3_000).all()
    assert (county.buildings["community"].str[:9] == county.buildings["township"]).all()
    assert county.buildings.groupby("compound")["community"].nunique().max() == 1


def test_buildings_do_not_overlap() -> None:
    shapes = big_county(2, 20_000).buildings.geometry.to_numpy()
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    assert (first == second).all()


def test_the_same_seed_gives_the_same_county_and_another_seed_another() -> None:
    one, again, other = big_county(3, 5_000), big_county(3, 5_000), big_county(4, 5_000)
    pd.testing.assert_frame_equal(one.buildings, again.buildings)
    pd.testing.assert_frame_equal(one.floors, again.floors)
    assert len(other.buildings) != len(one.buildings) or not np.array_equal(
        one.buildings["households"], other.buildings["households"]
    )


def test_a_county_of_several_townships_has_a_dozen_communities_in_each() -> None:
    county = big_county(5, 100_000)
    communities = county.communities.groupby("township").size()
    assert len(communities) > 1
    assert communities.between(9, 15).all()
