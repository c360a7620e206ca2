"""Coordinate systems: the shifted lon/lat of Chinese web maps, and the metric system that fits a place.

GCJ-02 (Amap, Tencent, DataV) and BD-09 (Baidu) are not EPSG systems: they shift WGS84 by up to 0.8 km and 1.4 km with
formulas that have no closed inverse. CGCS2000 and WGS84 differ by centimetres and are taken as one here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt
from pyproj import CRS, Proj
from pyproj.exceptions import ProjError

from partitioner.model.arrays import FloatArray

LonLat = tuple[FloatArray, FloatArray]
System = Literal["wgs84", "gcj02", "bd09"]
"""Systems of lon/lat that a ledger may carry; CGCS2000 counts as ``wgs84``."""

CHINA_LON = (73.0, 135.1)
CHINA_LAT = (3.0, 54.0)

# Krasovsky 1940, which the GCJ-02 formulas are written for.
_AXIS_M = 6378245.0
_ECCENTRICITY2 = 0.00669342162296594323
_BD09_TURN = math.pi * 3000.0 / 180.0
# Outside this box GCJ-02 does not shift.
_SHIFTED_LON = (72.004, 137.8347)
_SHIFTED_LAT = (0.8293, 55.8271)
# A billionth of a degree is 0.1 mm; the iteration gains more than two digits a step, so it ends after five or six.
_INVERSE_TOLERANCE = 1e-10
_INVERSE_STEPS = 30


def wgs84_to_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> LonLat:
    """Shift WGS84 degrees to GCJ-02; arrays of one shape. Points outside China's box stay as they are."""
    x, y = _arrays(lon, lat)
    d_lon, d_lat = _gcj02_shift(x, y)
    return x + d_lon, y + d_lat


def gcj02_to_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> LonLat:
    """GCJ-02 degrees to BD-09; arrays of one shape."""
    x, y = _arrays(lon, lat)
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BD09_TURN)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD09_TURN)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def gcj02_to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> LonLat:
    """Undo `wgs84_to_gcj02` to far below a centimetre."""
    return _inverse(wgs84_to_gcj02, lon, lat)


def bd09_to_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> LonLat:
    """Undo `gcj02_to_bd09` to far below a centimetre."""
    return _inverse(gcj02_to_bd09, lon, lat)


def wgs84_to_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> LonLat:
    """WGS84 degrees to BD-09."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def bd09_to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> LonLat:
    """BD-09 degrees to WGS84."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))


def to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike, system: System) -> LonLat:
    """Degrees of any `System` as WGS84."""
    if system == "gcj02":
        return gcj02_to_wgs84(lon, lat)
    if system == "bd09":
        return bd09_to_wgs84(lon, lat)
    return _arrays(lon, lat)


def in_china(lon: npt.ArrayLike, lat: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Whether degrees lie in the box around China; false for NaN."""
    x, y = _arrays(lon, lat)
    return (x >= CHINA_LON[0]) & (x <= CHINA_LON[1]) & (y >= CHINA_LAT[0]) & (y <= CHINA_LAT[1])


def metric_crs(bounds: tuple[float, float, float, float]) -> CRS:
    """The metric system that fits a place.

    Parameters
    ----------
    bounds : (west, south, east, north), WGS84 degrees

    Returns
    -------
    CRS
        In China the CGCS2000 3-degree Gauss-Kruger zone without prefix (EPSG:4534 … 4554) of the centre: a county that
        straddles a zone edge is drawn in one zone. Elsewhere the UTM zone of the centre.
    """
    lon, lat = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    if bool(in_china(lon, lat)):
        meridian = min(max(round(lon / 3) * 3, 75), 135)
        return CRS.from_epsg(4534 + (meridian - 75) // 3)
    zone = min(int((lon + 180) // 6) + 1, 60)
    return CRS.from_epsg((32600 if lat >= 0 else 32700) + zone)


def is_metric(crs: CRS, lon: float, lat: float, *, tolerance: float = 0.02) -> bool:
    """Whether one unit of `crs` is a metre on the ground at a point, within `tolerance`, in both directions.

    Web Mercator fails this away from the equator (a unit at 50° N is 0.64 m), as do feet and degrees.
    """
    if not crs.is_projected or any(abs(axis.unit_conversion_factor - 1) > 1e-9 for axis in crs.axis_info):
        return False
    try:
        factors = Proj(crs).get_factors(lon, lat, errcheck=True)
    except (ProjError, ValueError):
        return False
    scales = (factors.meridional_scale, factors.parallel_scale)
    return all(math.isfinite(scale) and abs(scale - 1) <= tolerance for scale in scales)


def _arrays(lon: npt.ArrayLike, lat: npt.ArrayLike) -> LonLat:
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def _gcj02_shift(lon: FloatArray, lat: FloatArray) -> LonLat:
    """Degrees that GCJ-02 adds at WGS84 positions; zero outside its box and for NaN."""
    inside = (lon >= _SHIFTED_LON[0]) & (lon <= _SHIFTED_LON[1]) & (lat >= _SHIFTED_LAT[0]) & (lat <= _SHIFTED_LAT[1])
    x, y = np.where(inside, lon - 105.0, 0.0), np.where(inside, lat - 35.0, 0.0)
    root = np.sqrt(np.abs(x))
    short = 20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east = east + (short + _waves(x, (20.0, 40.0), (1.0, 3.0)) + _waves(x, (150.0, 300.0), (12.0, 30.0))) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north = north + (short + _waves(y, (20.0, 40.0), (1.0, 3.0)) + _waves(y, (160.0, 320.0), (12.0, 30.0))) * 2.0 / 3.0
    sine = np.sin(np.radians(np.where(inside, lat, 0.0)))
    magic = 1.0 - _ECCENTRICITY2 * sine * sine
    d_lat = np.degrees(north * magic**1.5 / (_AXIS_M * (1.0 - _ECCENTRICITY2)))
    d_lon = np.degrees(east * np.sqrt(magic) / (_AXIS_M * np.sqrt(1.0 - sine * sine)))
    return np.where(inside, d_lon, 0.0), np.where(inside, d_lat, 0.0)


def _waves(t: FloatArray, heights: tuple[float, ...], lengths: tuple[float, ...]) -> FloatArray:
    total: FloatArray = np.zeros_like(t)
    for height, length in zip(heights, lengths, strict=True):
        total = total + height * np.sin(t / length * np.pi)
    return total


def _inverse(
    forward: Callable[[npt.ArrayLike, npt.ArrayLike], LonLat], lon: npt.ArrayLike, lat: npt.ArrayLike
) -> LonLat:
    """Fixed-point iteration: step back by what `forward` overshoots. It contracts because the shift changes slowly."""
    aim_x, aim_y = _arrays(lon, lat)
    x, y = aim_x.copy(), aim_y.copy()
    for _ in range(_INVERSE_STEPS):
        got_x, got_y = forward(x, y)
        step_x, step_y = aim_x - got_x, aim_y - got_y
        x, y = x + step_x, y + step_y
        steps = np.concatenate([np.abs(step_x).ravel(), np.abs(step_y).ravel()])
        if not (steps > _INVERSE_TOLERANCE).any():
            break
    return x, y
