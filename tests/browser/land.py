"""Where buildings are on the screen while a map shows all of a plan."""

from __future__ import annotations

import gzip
import json
import math
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page
from served import Server

PADDING = 24
EARTH_M = 6378137.0


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A unit with its middle in Web Mercator metres."""

    id: str
    grid: str
    x: float
    y: float


@dataclass(frozen=True, kw_only=True)
class Land:
    """What the whole map shows: its extent in Web Mercator metres, and some units of it."""

    west: float
    south: float
    east: float
    north: float
    units: list[Unit] = field(default_factory=list)

    def pixel(self, page: Page, unit: Unit) -> tuple[float, float]:
        """Where the middle of a unit is on the screen while the map shows everything."""
        box = page.locator(".map").bounding_box()
        assert box is not None
        wide, high = box["width"] - 2 * PADDING, box["height"] - 2 * PADDING
        resolution = max((self.east - self.west) / wide, (self.north - self.south) / high)
        x = box["x"] + box["width"] / 2 + (unit.x - (self.west + self.east) / 2) / resolution
        y = box["y"] + box["height"] / 2 - (unit.y - (self.south + self.north) / 2) / resolution
        return x, y


def mercator(lon: float, lat: float) -> tuple[float, float]:
    return math.radians(lon) * EARTH_M, EARTH_M * math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))


def cells_of(server: Server, project: str, plan: str) -> list[dict[str, Any]]:
    """The land of every unit of a plan, as GeoJSON features."""
    path = f"{server.url}/api/v1/projects/{project}/plans/{plan}/layers/cells"
    request = urllib.request.Request(path, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        found: list[dict[str, Any]] = json.loads(gzip.decompress(answer.read()))["features"]
    return found


def ring_of(cell: dict[str, Any]) -> list[tuple[float, float]]:
    """The outer ring of a cell, in Web Mercator metres."""
    return [mercator(lon, lat) for lon, lat in cell["geometry"]["coordinates"][0]]


def land_of(cells: list[dict[str, Any]]) -> Land:
    """The extent of cells, with every one of them as a unit."""
    units, points = [], []
    for cell in cells:
        ring = ring_of(cell)
        points += ring
        (west, east), (south, north) = (_ends(ring, axis) for axis in (0, 1))
        about = cell["properties"]
        units.append(Unit(id=about["id"], grid=about["grid"], x=(west + east) / 2, y=(south + north) / 2))
    (west, east), (south, north) = (_ends(points, axis) for axis in (0, 1))
    return Land(west=west, south=south, east=east, north=north, units=units)


def _ends(points: list[tuple[float, float]], axis: int) -> tuple[float, float]:
    values = [point[axis] for point in points]
    return min(values), max(values)
