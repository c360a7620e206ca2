"""Real ledgers and maps: the figures that their description gives."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely
from reading_samples import faults_of, read, rules_of


@pytest.mark.parametrize(
    ("county", "name", "num_buildings", "households"),
    [("guan", "固安县", 3256, 218_927), ("huailai", "怀来县", 742, 35_763)],
)
def test_compound_ledgers_of_two_counties_lie_inside_their_gcj02_outlines(
    wangge_data: Path, county: str, name: str, num_buildings: int, households: int
) -> None:
    folder = wangge_data / "guan-huailai"
    read_in = read(
        folder / f"{county}_compounds.csv",
        folder / f"{county}_boundary_gcj02.geojson",
        crs={f"{county}_boundary_gcj02.geojson": "gcj02", f"{county}_compounds.csv": "bd09"},
    )
    assert read_in.name == name
    assert read_in.crs.to_epsg() == 4548
    assert len(read_in.buildings) == num_buildings
    assert read_in.buildings["households"].sum() == households
    assert read_in.buildings["estimated"].all()
    assert shapely.intersects(read_in.boundary, read_in.buildings.geometry.to_numpy()).all()


def test_a_small_town_keeps_its_foreign_system_and_its_dwellings(wangge_data: Path) -> None:
    county = read(wangge_data / "olemps", columns={"households": "NB_LOGTS"})
    assert (county.name, county.crs.to_epsg()) == ("Olemps", 2154)
    assert len(county.buildings) == 2273
    assert county.buildings["households"].sum() == 1429
    assert (county.buildings["households"] > 0).sum() == 1112
    assert county.barriers.groupby("kind").size().to_dict() == {"railway": 6, "road": 1094, "water": 28}
    assert not county.buildings.geometry.has_z.any()


def test_without_the_declaration_its_columns_are_listed(wangge_data: Path) -> None:
    (fault,) = faults_of(lambda: read(wangge_data / "olemps"))["households_column_missing"]
    assert "NB_LOGTS" in fault.message.zh


def test_a_whole_city_is_read_from_two_files(wangge_data: Path) -> None:
    county = read(wangge_data / "vologda")
    assert county.crs.to_epsg() == 32637
    assert len(county.buildings) == 25_324
    assert county.buildings["households"].sum() == 148_674
    assert (county.buildings["households"] > 0).sum() == 1418
    assert county.barriers.groupby("kind").size().to_dict() == {"railway": 328, "road": 1901, "water": 221}


def test_footprints_take_the_households_of_a_compound_ledger(wangge_data: Path) -> None:
    county = read(wangge_data / "shijiazhuang")
    assert county.crs.to_epsg() == 4547
    assert len(county.buildings) == 690
    assert 0 < county.buildings["households"].sum() <= 23_208
    assert "id_parted" in rules_of(county)


def test_a_map_without_households_is_refused(wangge_data: Path) -> None:
    assert "households_column_missing" in faults_of(lambda: read(wangge_data / "bubenec"))
