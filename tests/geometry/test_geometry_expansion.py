"""Compound ledgers become buildings: totals are exact, places are plausible, the rest is named."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geometry_places import CRS
from hypothesis import given, settings
from hypothesis import strategies as st

from partitioner.errors import InputError
from partitioner.geometry.county import BUILDING_COLUMNS
from partitioner.geometry.expansion import attach_compounds, attachment_notices, expand_compounds
from partitioner.geometry.shares import largest_remainder

COUNTY = shapely.box(-2000, -2000, 2000, 2000)


def ledger(*rows: tuple[str, int, int, float, float]) -> gpd.GeoDataFrame:
    """Rows of name, households, buildings, x, y."""
    frame = pd.DataFrame(list(rows), columns=["name", "households", "buildings", "x", "y"])
    return gpd.GeoDataFrame(
        frame[["name", "households", "buildings"]], geometry=gpd.points_from_xy(frame.x, frame.y, crs=CRS)
    )


@given(st.integers(0, 10**6), st.lists(st.floats(0, 1e6), min_size=1, max_size=50))
def test_shares_add_up_and_are_off_by_less_than_one(total: int, weights: list[float]) -> None:
    share = largest_remainder(total, weights)
    assert share.sum() == total
    assert (share >= 0).all()
    weight = np.array(weights) if sum(weights) else np.ones(len(weights))
    assert (np.abs(share - total * (weight / weight.sum())) < 1 + 1e-6).all()


compounds = st.lists(
    st.tuples(st.integers(0, 3000), st.integers(1, 20), st.integers(-9, 9), st.integers(-9, 9)), min_size=1, max_size=6
)


@settings(max_examples=20, deadline=None)
@given(compounds, st.integers(0, 3))
def test_totals_are_exact_and_every_building_has_a_place_of_its_own(rows: list, seed: int) -> None:
    """Compounds on one spot included."""
    frame = ledger(*[(f"c{k}", h, n, 200.0 * x, 200.0 * y) for k, (h, n, x, y) in enumerate(rows)])
    made = expand_compounds(frame, COUNTY, seed=seed)
    assert list(made.columns) == [*BUILDING_COLUMNS, "geometry"]
    assert {name: str(kind) for name, kind in made.dtypes.items() if name != "geometry"} == BUILDING_COLUMNS
    by_compound = made.groupby("compound", sort=False)
    assert by_compound["households"].sum().tolist() == frame["households"].tolist()
    assert by_compound.size().tolist() == frame["buildings"].tolist()
    assert (by_compound["households"].max() - by_compound["households"].min() <= 1).all()
    assert made["estimated"].all()
    assert made["id"].is_unique
    assert len(np.unique(shapely.get_coordinates(made.geometry.values), axis=0)) == len(made)
    assert shapely.intersects(COUNTY, made.geometry.values).all()


def test_an_estate_beside_empty_land_stays_an_estate() -> None:
    """Sixty buildings need 16 hectares: none stands more than 225 m from the compound's position."""
    made = expand_compounds(ledger(("a", 600, 60, 0, 0), ("b", 60, 1, 1900, 0)), COUNTY)
    own = made[made["compound"] == "a"]
    assert own.distance(shapely.Point(0, 0)).max() <= 225
    places = np.asarray(own.geometry.values)
    gaps = shapely.distance(places[:, None], places[None, :])
    assert gaps[gaps > 0].min() > 25


def test_neighbouring_estates_do_not_mix() -> None:
    made = expand_compounds(ledger(("a", 900, 90, 0, 0), ("b", 900, 90, 100, 0)), COUNTY)
    x = made.geometry.x.to_numpy()
    assert x[:90].max() <= 50.001
    assert x[90:].min() >= 49.999


def test_the_seed_decides_the_layout() -> None:
    frame = ledger(("a", 100, 10, 0, 0))
    one, same, other = (expand_compounds(frame, COUNTY, seed=seed) for seed in (0, 0, 1))
    assert shapely.to_wkb(one.geometry.values).tolist() == shapely.to_wkb(same.geometry.values).tolist()
    assert shapely.to_wkb(one.geometry.values).tolist() != shapely.to_wkb(other.geometry.values).tolist()


def test_what_the_ledger_says_of_a_compound_holds_for_its_buildings() -> None:
    frame = ledger(("a", 100, 3, 0, 0)).assign(residents=250, floors=6, community="东街", source="x.csv::2", id="007")
    made = expand_compounds(frame, None)
    assert made["residents"].sum() == 250
    assert made["floors"].tolist() == [6, 6, 6]
    assert made["community"].tolist() == ["东街"] * 3
    assert made["id"].tolist() == ["007-1", "007-2", "007-3"]


def test_unusable_rows_are_refused_all_at_once() -> None:
    frame = ledger(("a", -1, 3, 0, 0), ("b", 10, 0, 0, 0), ("c", 10, 10**7, 0, 0), ("d", 10, 1, 0, 0))
    frame.loc[3, "geometry"] = None
    with pytest.raises(InputError) as caught:
        expand_compounds(frame, None)
    assert sorted((fault.rule, fault.value) for fault in caught.value.faults) == [
        ("compound_buildings", "b"),
        ("compound_buildings", "c"),
        ("compound_households", "a"),
        ("compound_position", "d"),
    ]


def test_an_empty_ledger_makes_no_buildings() -> None:
    assert len(expand_compounds(ledger(), COUNTY)) == 0


def footprints(*corners: tuple[float, float], wide: float = 40.0) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"id": [f"f{k}" for k in range(len(corners))]},
        geometry=[shapely.box(x, y, x + wide, y + 12) for x, y in corners],
        crs=CRS,
    )


def test_each_compound_gets_its_nearest_footprints_once() -> None:
    shapes = footprints((0, 0), (0, 30), (0, 60), (500, 0))
    made = attach_compounds(shapes, ledger(("a", 100, 2, 20, 0)))
    assert made["compound"].fillna("").tolist() == ["a", "a", "", ""]
    assert made["households"].sum() == 100
    assert made["households"].isna().tolist() == [False, False, True, True]
    assert made["estimated"].tolist() == [True, True, False, False]
    assert "households" not in shapes.columns


def test_a_contested_footprint_goes_where_it_is_the_only_one() -> None:
    """a, listed first and nearer, can take another; b cannot."""
    shapes = footprints((0, 0), (0, 100))
    made = attach_compounds(shapes, ledger(("a", 10, 1, 20, 20), ("b", 10, 1, 20, -150)))
    assert made["compound"].tolist() == ["b", "a"]


def test_sheds_malls_and_the_far_away_are_left_alone_and_missing_households_are_named() -> None:
    shapes = footprints((0, 0), (0, 300)).iloc[:2]
    shapes.loc[2] = ["shed", shapely.box(60, 0, 65, 5)]
    shapes.loc[3] = ["mall", shapely.box(-100, -100, -20, -20)]
    frame = ledger(("a", 101, 4, 0, 0), ("lost", 70, 2, 5000, 0))
    made = attach_compounds(shapes, frame)
    assert made["compound"].notna().tolist() == [True, False, False, False]
    assert made["households"].sum() == 25
    notices = attachment_notices(made, frame)
    assert [notice.rule for notice in notices] == ["compound_without_footprints", "compound_partly_placed"]
    assert "lost (70)" in notices[0].message.en
    assert "a (76)" in notices[1].message.en


def test_households_are_shared_by_area() -> None:
    shapes = gpd.GeoDataFrame(
        {"id": ["small", "large"]}, geometry=[shapely.box(0, 0, 10, 20), shapely.box(20, 0, 50, 20)], crs=CRS
    )
    assert attach_compounds(shapes, ledger(("a", 40, 2, 0, 0)))["households"].tolist() == [10, 30]


@pytest.mark.parametrize(("place", "households", "buildings"), [("guan", 218_927, 3_256), ("huailai", 35_763, 742)])
def test_real_ledgers_keep_their_totals(wangge_data: Path, place: str, households: int, buildings: int) -> None:
    table = pd.read_csv(wangge_data / "guan-huailai" / f"{place}_compounds.csv")
    points = gpd.points_from_xy(table.lon_wgs84, table.lat_wgs84, crs="EPSG:4326")
    frame = gpd.GeoDataFrame(table[["name", "households", "buildings"]], geometry=points).to_crs("EPSG:4548")
    made = expand_compounds(frame, None)
    assert (made["households"].sum(), len(made)) == (households, buildings)
