"""Coordinate systems by their URI, in the order of axes that the URI means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from pyproj import CRS, Transformer

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CGCS2000 = "http://www.opengis.net/def/crs/EPSG/0/4490"

_EPSG = re.compile(r"http://www\.opengis\.net/def/crs/EPSG/0/([0-9]{4,6})")


def systems_of(crs: str) -> list[str]:
    """The systems that a plan is served in: longitude and latitude, CGCS2000, and its own metric one."""
    code = CRS.from_user_input(crs).to_epsg()
    own = [] if code is None else [f"http://www.opengis.net/def/crs/EPSG/0/{code}"]
    return list(dict.fromkeys([CRS84, CGCS2000, *own]))


@lru_cache(maxsize=32)
def _transformer(uri: str, back: bool) -> Transformer:
    match = _EPSG.fullmatch(uri)
    if match is None:
        raise ValueError(uri)
    other = CRS.from_epsg(int(match[1]))
    # Axes as the authority orders them: latitude and northing first in these systems.
    pair = (other, "OGC:CRS84") if back else ("OGC:CRS84", other)
    return Transformer.from_crs(*pair, always_xy=False)


def geometry_in(geometry: Any, uri: str) -> Any:
    """A GeoJSON geometry of CRS84 in the system `uri`."""
    if geometry is None or uri == CRS84:
        return geometry
    transformer = _transformer(uri, False)
    digits = 7 if transformer.target_crs is not None and transformer.target_crs.is_geographic else 3

    def moved(xy: Any) -> Any:
        a, b = transformer.transform(xy[:, 0], xy[:, 1])
        return np.round(np.column_stack([a, b]), digits)

    shape = shapely.from_geojson(shapely.to_geojson(shapely.geometry.shape(geometry)))
    return shapely.geometry.mapping(shapely.transform(shape, moved))


def box_in_degrees(box: Sequence[float], uri: str) -> tuple[float, float, float, float]:
    """A box given in the system `uri` as west, south, east, north."""
    if uri == CRS84:
        return box[0], box[1], box[2], box[3]
    x, y = _transformer(uri, True).transform([box[0], box[0], box[2], box[2]], [box[1], box[3], box[1], box[3]])
    return min(x), min(y), max(x), max(y)
