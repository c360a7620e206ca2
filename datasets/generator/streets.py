"""Arterial roads, river and railway: the blocks between them and how the plan of the town is bent.

Everything up to the plots is laid out on a straight sheet; `Bend` then carries the sheet onto the map.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely import LineString, Point, Polygon
from shapely.ops import split, substring

from datasets.generator.settings import Railway, River, Settings, Streets

STEP_M = 20.0
"""Longest straight piece of a line that is going to be bent, metres."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Bend:
    """From the straight sheet to the map: slow waves, then a turn, then the place of the town.

    Parameters
    ----------
    swing_m : float
        Height of the waves, metres.
    length_m : (float, float)
        Wave lengths across the sheet in x and y, metres.
    phase : (float, float)
        Radians.
    turn : float
        Radians, anticlockwise.
    origin : (float, float)
        Where the corner of the sheet comes to lie, metres.
    """

    swing_m: float
    length_m: tuple[float, float]
    phase: tuple[float, float]
    turn: float
    origin: tuple[float, float]

    def points(self, xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Points of the map, shape (n, 2)."""
        along_x = 2 * np.pi * xy[:, 0] / self.length_m[0] + self.phase[1]
        along_y = 2 * np.pi * xy[:, 1] / self.length_m[1] + self.phase[0]
        x = xy[:, 0] + self.swing_m * (np.sin(along_y) + 0.25 * np.sin(2.3 * along_y + 0.7 * along_x))
        y = xy[:, 1] + self.swing_m * (np.sin(along_x) + 0.25 * np.sin(2.1 * along_x - 0.6 * along_y))
        cos, sin = np.cos(self.turn), np.sin(self.turn)
        return np.column_stack([self.origin[0] + cos * x - sin * y, self.origin[1] + sin * x + cos * y])

    def shape(self, geometry: shapely.Geometry) -> shapely.Geometry:
        """The geometry on the map; its straight pieces are cut to `STEP_M` first."""
        return shapely.transform(shapely.segmentize(geometry, STEP_M), self.points)

    def east(self, xy: tuple[float, float]) -> float:
        """Direction on the map of what is east on the sheet at a point of it, radians."""
        here, there = self.points(np.array([[xy[0] - 1.0, xy[1]], [xy[0] + 1.0, xy[1]]]))
        return float(np.arctan2(there[1] - here[1], there[0] - here[0]))


@dataclass(frozen=True, kw_only=True, eq=False)
class Sheet:
    """The straight plan of the town.

    Parameters
    ----------
    outline : Polygon
        The whole town.
    blocks : tuple of Polygon
        Land between arterial roads, river and railway; they cover the outline without gaps.
    beyond : tuple of bool
        Whether the block lies beyond the railway.
    arterials : MultiLineString
    river, railway : LineString or None
        Middle lines.
    bridges : tuple of LineString
        Where arterial roads cross river or railway.
    """

    outline: Polygon
    blocks: tuple[Polygon, ...]
    beyond: tuple[bool, ...]
    arterials: shapely.Geometry
    river: LineString | None
    railway: LineString | None
    bridges: tuple[LineString, ...]

    def is_north_of_river(self, point: Point) -> bool:
        """True everywhere where there is no river."""
        return self.river is None or point.y > _height(self.river, point.x)


def lay_streets(settings: Settings, rng: np.random.Generator) -> tuple[Sheet, Bend]:
    """The plan of the town and the way it is bent."""
    streets = settings.streets
    x = _lattice(streets.columns, streets.block_m, rng)
    y = _lattice(streets.rows, streets.block_m, rng)
    cells = _cells(x, y, streets, rng)
    outline = shapely.union_all(cells)
    arterials = shapely.union_all([cell.exterior for cell in cells])
    river = None if settings.river is None else _river(settings.river, x, y, rng)
    railway = None if settings.railway is None else _railway(settings.railway, x, y)
    blocks = [piece for cell in cells for piece in _cut(cell, [river, railway])]
    beyond = [railway is not None and block.centroid.y > _height(railway, block.centroid.x) for block in blocks]
    bridges = tuple(
        bridge
        for line, width_m in ((river, 0.0 if settings.river is None else settings.river.width_m), (railway, 12.0))
        if line is not None
        for bridge in _bridges(line, arterials, width_m)
    )
    bend = Bend(
        swing_m=streets.bend_m,
        length_m=(float(2.1 * x[-1]), float(1.7 * y[-1])),
        phase=(float(rng.uniform(0, 2 * np.pi)), float(rng.uniform(0, 2 * np.pi))),
        turn=float(np.deg2rad(streets.turn_deg)),
        origin=(settings.place.east_m, settings.place.north_m),
    )
    sheet = Sheet(
        outline=outline,
        blocks=tuple(blocks),
        beyond=tuple(beyond),
        arterials=arterials,
        river=river,
        railway=railway,
        bridges=bridges,
    )
    return sheet, bend


def _lattice(num: int, block_m: tuple[float, float], rng: np.random.Generator) -> npt.NDArray[np.float64]:
    return np.concatenate([[0.0], np.cumsum(np.round(rng.uniform(*block_m, num)))])


def _cells(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], streets: Streets, rng: np.random.Generator
) -> list[Polygon]:
    """Blocks of the lattice without the corners that are fields; some of them joined in pairs."""
    cells = {
        (i, j): shapely.box(x[i], y[j], x[i + 1], y[j + 1]) for i in range(streets.columns) for j in range(streets.rows)
    }
    corners = [(i, j) for i in (0, streets.columns - 1) for j in (0, streets.rows - 1)]
    for position in rng.permutation(len(corners))[: streets.corners].tolist():
        del cells[corners[position]]
    pairs = [((i, j), other) for i, j in sorted(cells) for other in ((i + 1, j), (i, j + 1)) if other in cells]
    joined: set[tuple[int, int]] = set()
    for position in rng.permutation(len(pairs)).tolist():
        one, other = pairs[position]
        if len(joined) < 2 * streets.merged and not {one, other} & joined:
            cells[one] = shapely.union_all([cells[one], cells.pop(other)]).envelope
            joined |= {one, other}
    return [cells[key] for key in sorted(cells)]


def _river(
    river: River, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], rng: np.random.Generator
) -> LineString:
    """A course with two kinds of bends, well beyond the town on both sides."""
    east = np.arange(-400.0, x[-1] + 401.0, 25.0)
    along = east / x[-1]
    north = np.interp(river.at, np.arange(len(y)), y) + river.slope * np.mean(np.diff(y)) * along
    phase = rng.uniform(0, 2 * np.pi, 2)
    north = north + river.swing_m * (
        np.sin(2 * np.pi * 0.9 * along + phase[0]) + 0.4 * np.sin(2 * np.pi * 2.3 * along + phase[1])
    )
    return LineString(np.column_stack([east, north]))


def _railway(railway: Railway, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> LineString:
    west = float(np.interp(railway.at, np.arange(len(y)), y))
    rise = railway.slope * float(np.mean(np.diff(y)))
    return LineString([(-400.0, west - 400.0 * rise / x[-1]), (x[-1] + 400.0, west + rise * (1 + 400.0 / x[-1]))])


def _height(line: LineString, x: float) -> float:
    """How far north the line stands at `x`."""
    points = shapely.get_coordinates(line)
    return float(np.interp(x, points[:, 0], points[:, 1]))


def _cut(cell: Polygon, lines: list[LineString | None]) -> list[Polygon]:
    pieces = [cell]
    for line in lines:
        if line is not None:
            pieces = [part for piece in pieces for part in split(piece, line).geoms]
    return sorted(pieces, key=lambda piece: (round(piece.centroid.x, 3), round(piece.centroid.y, 3)))


def _bridges(line: LineString, arterials: shapely.Geometry, width_m: float) -> list[LineString]:
    """A short line along the road wherever an arterial road crosses (not where it merely runs along the bank)."""
    roads = shapely.get_parts(shapely.line_merge(arterials))
    crossings = []
    for road in roads:
        for point in shapely.get_parts(shapely.intersection(road, line)):
            if point.is_empty:
                continue
            at = shapely.line_locate_point(road, point)
            reach = width_m / 2 + 25.0
            piece = substring(road, max(0.0, at - reach), at + reach)
            ends = [Point(piece.coords[0]), Point(piece.coords[-1])]
            if min(end.distance(line) for end in ends) > width_m / 2 + 5.0:
                crossings.append(LineString(ends))
    return sorted(crossings, key=lambda bridge: (bridge.centroid.x, bridge.centroid.y))
