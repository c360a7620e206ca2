"""Buildings in rows that face south, inside the outline of a compound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Polygon, affinity

from datasets.generator.kinds import KINDS, Kind, Size

WALL_M = 6.0
"""Between a wall and the buildings inside, metres."""


PLAY_M = 1.0
"""Kept free at both ends of a row, because walls bend a little between its two fronts, metres."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Footprint:
    """One building: its outline on the map, what kind it is and what a ledger knows of it."""

    shape: Polygon
    kind: str
    size: Size


def fill(outline: Polygon, angle: float, kind_at: Callable[[float], str], rng: np.random.Generator) -> list[Footprint]:
    """Rows of buildings from south to north.

    Parameters
    ----------
    outline : Polygon
        The compound on the map.
    angle : float
        Direction of the rows, radians anticlockwise from east.
    kind_at : callable
        The kind of a row by its height in the compound, 0 (south) … 1 (north).
    rng : numpy Generator

    Returns
    -------
    list of Footprint
        Row by row, west to east. Empty where nothing fits.
    """
    middle = outline.centroid
    inside = affinity.rotate(outline, -angle, origin=middle, use_radians=True).buffer(-WALL_M, join_style="mitre")
    inside = max(shapely.get_parts(inside), key=lambda part: float(part.area), default=Polygon())
    if inside.is_empty:
        return []
    shapely.prepare(inside)
    found: list[Footprint] = []
    south, north = _usable(inside)
    pitch_factor = _pitch_factor(north - south, kind_at)
    at = south
    before: dict[str, tuple[float, list[Size]]] = {}
    while True:
        name = kind_at((at - south) / (north - south))
        kind = KINDS[name]
        if at + kind.depth_m > north + 0.01:
            break
        for run in _free_runs(inside, at, kind.depth_m):
            room_m = run[1] - run[0]
            last_m, last = before.get(name, (0.0, []))
            alike = last and last_m <= room_m < last_m + kind.stairwell_m
            sizes = _like_before(kind, last, rng) if alike else _draw_row(kind, room_m, rng)
            if sizes:
                found += _row(inside, name, kind, run, at, sizes)
                before[name] = (last_m if alike else room_m, sizes)
        at += (kind.depth_m + kind.row_gap_m) * pitch_factor
    return [
        Footprint(
            shape=affinity.rotate(f.shape, angle, origin=middle, use_radians=True), kind=f.kind, size=f.size
        )
        for f in found
    ]  # fmt: skip


def _usable(inside: Polygon) -> tuple[float, float]:
    """Between which heights a row has most of the compound's width: slanting walls leave wedges free."""
    west, south, east, north = inside.bounds
    heights = np.linspace(south, north, 81)
    lines = shapely.linestrings([[(west - 1, h), (east + 1, h)] for h in heights])
    widths = shapely.length(shapely.intersection(inside, lines))
    wide = heights[widths >= 0.62 * widths.max()]
    return float(wide[0]), float(wide[-1])


def _pitch_factor(depth_m: float, kind_at: Callable[[float], str]) -> float:
    """How far rows are pulled apart so that the last one reaches the north wall (at most a third)."""
    at, last = 0.0, 0.0
    while True:
        kind = KINDS[kind_at(at / depth_m)]
        if at + kind.depth_m > depth_m:
            break
        last, depth = at, kind.depth_m
        at += kind.depth_m + kind.row_gap_m
    return 1.0 if last == 0 else min(1.33, (depth_m - depth) / last)


def _free_runs(inside: Polygon, south: float, depth_m: float) -> list[tuple[float, float]]:
    """From where to where a row at this height stays inside: one run per part of a bent compound."""
    west, _, east, _ = inside.bounds
    runs: list[tuple[float, float]] | None = None
    for height in (south + 0.01, south + depth_m / 2, south + depth_m - 0.01):
        line = shapely.intersection(inside, shapely.LineString([(west - 1, height), (east + 1, height)]))
        spans = [(p.bounds[0], p.bounds[2]) for p in shapely.get_parts(line) if p.length > 0]
        if runs is None:
            runs = sorted(spans)
        else:
            runs = sorted(
                (max(a, c), min(b, d)) for a, b in runs for c, d in spans if min(b, d) > max(a, c)
            )  # fmt: skip
    return [(a + PLAY_M, b - PLAY_M) for a, b in runs or [] if b - a > 2 * PLAY_M]


def _row(
    inside: Polygon, name: str, kind: Kind, run: tuple[float, float], south: float, sizes: list[Size]
) -> list[Footprint]:
    """Buildings side by side, spread over the run; what is still free then lies in its middle, as a drive."""
    west, east = run
    lengths = [kind.length_m(size.stairwells) for size in sizes]
    slack = east - west - sum(lengths) - kind.side_gap_m * (len(sizes) - 1)
    wider = 0.0 if len(sizes) == 1 else min(slack / (len(sizes) - 1), kind.side_gap_m)
    rest = slack - wider * (len(sizes) - 1)
    x = west if len(sizes) > 1 else west + rest / 2
    row = []
    for number, (size, length) in enumerate(zip(sizes, lengths, strict=True)):
        if len(sizes) > 1 and number == (len(sizes) + 1) // 2:
            x += rest
        shape = shapely.box(x, south, x + length, south + kind.depth_m)
        if inside.covers(shape):
            row.append(Footprint(shape=shape, kind=name, size=size))
        x += length + kind.side_gap_m + wider
    return row


def _draw_row(kind: Kind, room_m: float, rng: np.random.Generator) -> list[Size]:
    """Buildings that fill a run of `room_m` metres as well as whole stairwells allow."""
    sizes: list[Size] = []
    used = 0.0
    while True:
        size = kind.draw(rng)
        if used + kind.length_m(size.stairwells) > room_m:
            shorter = _shorter(kind, size, room_m - used)
            if shorter is None:
                break
            size = shorter
        sizes.append(size)
        used += kind.length_m(size.stairwells) + kind.side_gap_m
    free = room_m - used + kind.side_gap_m
    for number, size in enumerate(sizes):
        if not kind.houses and size.stairwells < kind.stairwells[1] and free >= kind.stairwell_m:
            sizes[number] = kind.sized(size.floors, size.stairwells + 1)
            free -= kind.stairwell_m
    return sizes


def _like_before(kind: Kind, before: list[Size], rng: np.random.Generator) -> list[Size]:
    """A row with the fronts of the one before it, its heights drawn anew."""
    drawn = [kind.draw(rng) for _ in before]
    if kind.houses:
        return drawn
    return [kind.sized(new.floors, old.stairwells) for new, old in zip(drawn, before, strict=True)]


def _shorter(kind: Kind, size: Size, room_m: float) -> Size | None:
    """The building with fewer stairwells, so that it still fits; None when even the shortest does not."""
    stairwells = int(room_m // kind.stairwell_m)
    if kind.houses or stairwells < kind.stairwells[0]:
        return None
    return kind.sized(size.floors, stairwells)
