"""Shifted Chinese coordinates and the choice of a metric system."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyproj import CRS

from partitioner.geometry.coordinates import (
    bd09_to_gcj02,
    bd09_to_wgs84,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    in_china,
    is_metric,
    metric_crs,
    to_wgs84,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)

CENTIMETRE = 1e-7
"""Degrees of about a centimetre."""

# Positions as map services publish them (WGS84, GCJ-02, BD-09), to five digits.
CITIES = (
    ((114.0164322, 33.0133556), (114.022306, 33.0115324), (114.0287781, 33.0176697)),
    ((114.498916, 37.0700925), (114.5048503, 37.0705911), (114.5113116, 37.0766797)),
    ((92.0499619, 31.4784436), (92.0512438, 31.4762063), (92.0576832, 31.4824421)),
    ((123.4253306, 41.8032629), (123.4314787, 41.8057023), (123.438095, 41.8114013)),
    ((115.3702248, 22.7888255), (115.3751647, 22.7861903), (115.3817179, 22.7918527)),
)


def test_forward_formulas_equal_the_published_digits() -> None:
    assert wgs84_to_gcj02(116.404, 39.915) == pytest.approx((116.41024449916938, 39.91640428150164), abs=1e-12)
    assert gcj02_to_bd09(116.404, 39.915) == pytest.approx((116.41036949371029, 39.92133699351021), abs=1e-12)


@pytest.mark.parametrize(("wgs84", "gcj02", "bd09"), CITIES)
def test_published_cities_agree_in_every_direction(wgs84: tuple, gcj02: tuple, bd09: tuple) -> None:
    assert wgs84_to_gcj02(*wgs84) == pytest.approx(gcj02, abs=1e-5)
    assert gcj02_to_bd09(*gcj02) == pytest.approx(bd09, abs=1e-5)
    assert gcj02_to_wgs84(*gcj02) == pytest.approx(wgs84, abs=1e-5)
    assert bd09_to_gcj02(*bd09) == pytest.approx(gcj02, abs=1e-5)
    assert bd09_to_wgs84(*bd09) == pytest.approx(wgs84, abs=2e-5)


def test_inverses_return_to_within_a_centimetre_all_over_china() -> None:
    rng = np.random.default_rng(7)
    lon, lat = rng.uniform(74, 134, 5000), rng.uniform(5, 53, 5000)
    for there, back in (
        (wgs84_to_gcj02, gcj02_to_wgs84),
        (gcj02_to_bd09, bd09_to_gcj02),
        (wgs84_to_bd09, bd09_to_wgs84),
    ):
        x, y = back(*there(lon, lat))
        assert np.abs(x - lon).max() < CENTIMETRE
        assert np.abs(y - lat).max() < CENTIMETRE


def test_gcj02_leaves_the_rest_of_the_world_and_nan_alone() -> None:
    assert wgs84_to_gcj02(2.5, 44.3) == (2.5, 44.3)
    assert gcj02_to_wgs84(2.5, 44.3) == (2.5, 44.3)
    assert np.isnan(to_wgs84([np.nan], [39.0], "bd09")[0]).all()


def test_wgs84_stays_as_it_is() -> None:
    lon, lat = to_wgs84([116.3], [39.4], "wgs84")
    assert (lon[0], lat[0]) == (116.3, 39.4)


@pytest.mark.parametrize("county", ["guan", "huailai"])
def test_bd09_columns_of_real_ledgers_convert_to_their_wgs84_columns(wangge_data: Path, county: str) -> None:
    table = pd.read_csv(wangge_data / "guan-huailai" / f"{county}_compounds.csv")
    lon, lat = bd09_to_wgs84(table["lon_bd09"], table["lat_bd09"])
    # The published columns have six digits and were made with an approximate inverse.
    assert np.abs(lon - table["lon_wgs84"]).max() < 3e-6
    assert np.abs(lat - table["lat_wgs84"]).max() < 3e-6


@pytest.mark.parametrize(
    ("bounds", "epsg"),
    [
        ((116.0, 39.0, 116.5, 39.5), 4548),
        ((115.2, 40.0, 115.9, 40.8), 4548),  # straddles 115.5° E; its centre lies east of it
        ((115.0, 40.0, 115.8, 40.8), 4547),
        ((75.0, 39.0, 75.4, 39.5), 4534),
        ((134.6, 48.0, 135.0, 48.4), 4554),
        ((2.5, 44.3, 2.6, 44.4), 32631),
        ((179.9, -45.0, 180.0, -44.0), 32760),
    ],
)
def test_the_zone_is_that_of_the_centre(bounds: tuple[float, float, float, float], epsg: int) -> None:
    assert metric_crs(bounds) == CRS.from_epsg(epsg)


@pytest.mark.parametrize(
    ("epsg", "lon", "lat", "expected"),
    [
        (2154, 2.5, 44.3, True),
        (32637, 39.9, 59.2, True),
        (4547, 114.0, 38.0, True),
        (4527, 117.0, 39.0, True),
        (3857, 14.4, 50.1, False),
        (4326, 116.0, 39.0, False),
        (2263, -74.0, 40.7, False),
        (4547, 75.0, 38.0, False),
    ],
)
def test_only_systems_whose_unit_is_a_metre_on_the_ground_are_metric(
    epsg: int, lon: float, lat: float, expected: bool
) -> None:
    assert is_metric(CRS.from_epsg(epsg), lon, lat) is expected


def test_china_is_a_box_without_nan() -> None:
    assert in_china([116.0, 39.0, np.nan], [39.0, 116.0, 39.0]).tolist() == [True, False, False]
