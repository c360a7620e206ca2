"""Which columns hold coordinates, and the system that their headings carry."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from partitioner.geometry.coordinates import System
from partitioner.io.reading.layers import Heading

_AXES = {
    "lon": ("lon", "lng", "long", "longitude", "经度", "东经", "中心经度", "经度坐标"),
    "lat": ("lat", "latitude", "纬度", "北纬", "中心纬度", "纬度坐标", "维度"),
    "x": (
        "x", "x坐标", "坐标x", "横坐标", "东坐标", "easting", "east", "xcoord", "coordx", "pointx", "横坐标x",
        "x横坐标", "中心x",
    ),
    "y": (
        "y", "y坐标", "坐标y", "纵坐标", "北坐标", "northing", "north", "ycoord", "coordy", "pointy", "纵坐标y",
        "y纵坐标", "中心y",
    ),
    "both": ("坐标", "经纬度", "lonlat", "lnglat", "坐标经纬度", "location", "coordinates", "位置坐标", "经纬度坐标"),
}  # fmt: skip
_AXIS_OF = {name: axis for axis, names in _AXES.items() for name in names}
_SYSTEMS: tuple[tuple[System, str], ...] = (
    ("bd09", r"bd-?_?09(ll)?|百度(地图)?|baidu"),
    ("gcj02", r"gcj-?_?(02)?|高德(地图)?|火星|腾讯(地图)?|amap|gaode|国测局"),
    ("wgs84", r"wgs-?_?(19)?(84)?|gps|cgcs-?_?(2000)?|国家2000|2000国家大地|大地2000|天地图"),
)
_NOISE = re.compile(r"[\s_\-./:()\[\]【】,°]|坐标系|deg(rees?)?$|\(m\)")
_PREFERENCE: tuple[System | None, ...] = ("wgs84", None, "gcj02", "bd09")


@dataclass(frozen=True, kw_only=True)
class CoordinateColumns:
    """Columns of one coordinate pair; `y` None: one cell holds both; `system` None: the headings say nothing."""

    x: int
    y: int | None
    degrees: bool
    system: System | None


def is_coordinate_heading(text: str) -> bool:
    """Whether a heading names a coordinate."""
    return _axis((text,)) is not None


def coordinate_columns(headings: Sequence[Heading], wanted: System | None) -> CoordinateColumns | None:
    """The pair of columns to read positions from; None if there is none.

    The system that was asked for comes first, then WGS84/CGCS2000, no system, GCJ-02, BD-09; degrees before metres,
    a pair of columns before one column that holds both.
    """
    found: dict[tuple[str, System | None], int] = {}
    for column, heading in enumerate(headings):
        axis = _axis(heading.parts)
        if axis is not None:
            found.setdefault(axis, column)
    order = [wanted, *_PREFERENCE] if wanted else list(_PREFERENCE)
    for system in order:
        for first, second, degrees in (("lon", "lat", True), ("x", "y", False)):
            if (first, system) in found and (second, system) in found:
                return CoordinateColumns(
                    x=found[first, system], y=found[second, system], degrees=degrees, system=system
                )
    for system in order:
        if ("both", system) in found:
            return CoordinateColumns(x=found["both", system], y=None, degrees=True, system=system)
    return None


def system_in(text: str) -> System | None:
    """The system that a text names; None if it names none."""
    narrow = unicodedata.normalize("NFKC", text).casefold()
    for system, pattern in _SYSTEMS:
        if re.search(pattern, narrow):
            return system
    return None


def _axis(parts: Sequence[str]) -> tuple[str, System | None] | None:
    if not parts:
        return None
    whole = unicodedata.normalize("NFKC", "".join(parts)).casefold()
    system = system_in(whole)
    last = unicodedata.normalize("NFKC", parts[-1]).casefold()
    for _, pattern in _SYSTEMS:
        last = re.sub(pattern, "", last)
    axis = _AXIS_OF.get(_NOISE.sub("", last))
    return None if axis is None else (axis, system)
