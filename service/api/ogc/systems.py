"""Coordinate systems by their URI, in the order of axes that the URI means."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from pyproj import CRS, Transformer

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
WGS84 = "http://www.opengis.net/def/crs/EPSG/0/4326"
CGCS2000 = "http://www.opengis.net/def/crs/EPSG/0/4490"

_EPSG = re.compile(r"http://www\.opengis\.net/def/crs/EPSG/0/([0-9]{4,6})")


@lru_cache(maxsize=256)
def systems_of(crs: str) -> tuple[str, ...]:
    """The systems that a plan is served in: WGS 84 by longitude and by latitude first, CGCS2000, its own metric one."""
    code = CRS.from_user_input(crs).to_epsg()
    own = [] if code is None else [f"http://www.opengis.net/def/crs/EPSG/0/{code}"]
    return tuple(dict.fromkeys([CRS84, WGS84, CGCS2000, *own]))


def _transformer(uri: str, back: bool) -> Transformer:
    return _made(uri, back, threading.get_ident())


@lru_cache(maxsize=256)
def _made(uri: str, back: bool, _thread: int) -> Transformer:
    """One for each thread: they are not to be shared."""
    match = _EPSG.fullmatch(uri)
    if match is None:
        raise ValueError(uri)
    other = CRS.from_epsg(int(match[1]))
    # Axes as the authority orders them: latitude and northing first in these systems.
    pair = (other, "OGC:CRS84") if back else ("OGC:CRS84", other)
    return Transformer.from_crs(*pair, always_xy=False)


def texts_in(shapes: Any, uri: str) -> list[str]:
    """Shapes of CRS84 as GeoJSON in the system `uri`; `null` where there is none."""
    moved = shapes if uri == CRS84 else shapely.transform(shapes, _rounded(_transformer(uri, False)))
    return ["null" if text is None else text for text in shapely.to_geojson(moved).tolist()]


def _rounded(transformer: Transformer) -> Callable[[Any], Any]:
    """To less than a millimetre, so that nothing is lost beside the half centimetre of the stored degrees."""
    digits = 9 if transformer.target_crs is not None and transformer.target_crs.is_geographic else 4
    return lambda xy: np.round(np.column_stack(transformer.transform(xy[:, 0], xy[:, 1])), digits)


def box_in_degrees(box: Sequence[float], uri: str) -> tuple[float, float, float, float]:
    """A box given in the system `uri` as west, south, east, north."""
    if uri == CRS84:
        return box[0], box[1], box[2], box[3]
    x, y = _transformer(uri, True).transform([box[0], box[0], box[2], box[2]], [box[1], box[3], box[1], box[3]])
    return min(x), min(y), max(x), max(y)
