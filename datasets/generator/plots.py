"""Plots: blocks cut by lanes until there are as many buildable ones as asked for."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely import Polygon

from datasets.generator.misfit import Misfit

LEAST_AREA_M2 = 6_000.0
"""Land that is free to build on in a plot that counts as buildable, square metres."""

LEAST_HALF_WIDTH_M = 34.0
"""Land closer to the edge of a plot than this, all around, is a strip: nothing is built there, metres."""

LEAST_SIDE_M = 75.0
"""A cut leaves at least this much on both sides, metres."""

MAX_CUTS = 6
"""How often a cut is tried before a plot is left whole."""

MAX_STRETCH = 2.2
"""A plot longer than so many times its width is always cut across."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Plot:
    """A piece of a block on the straight sheet; all plots together cover the town without gaps."""

    shape: Polygon
    block: int
    beyond: bool
    buildable: bool


@dataclass(order=True)
class _Piece:
    """A piece that may still be cut, the most wanting first."""

    urgency: float
    serial: int
    shape: Polygon = field(compare=False)
    block: int = field(compare=False)


def cut_plots(
    blocks: tuple[Polygon, ...],
    beyond: tuple[bool, ...],
    taken: shapely.Geometry,
    num_plots: int,
    rng: np.random.Generator,
) -> list[Plot]:
    """Plots of the town, `num_plots` of them buildable and on the near side of the railway.

    Parameters
    ----------
    blocks, beyond
        See `streets.Sheet`.
    taken : Geometry
        Land that cannot be built on: roads, water, track.
    num_plots : int
    rng : numpy Generator

    Raises
    ------
    Misfit
        The town is too small for so many plots, or already has more blocks.
    """
    serial = 0
    queue: list[_Piece] = []
    done: list[_Piece] = []

    def add(shape: Polygon, block: int) -> int:
        nonlocal serial
        serial += 1
        area = _free_area(shape, taken)
        urgency = -area * float(np.exp(rng.normal(0, 0.45)))
        piece = _Piece(urgency, serial, shape, block)
        if beyond[block] or area < LEAST_AREA_M2:
            done.append(piece)
            return 0
        heapq.heappush(queue, piece)
        return 1

    num = sum(add(shape, block) for block, shape in enumerate(blocks))
    kept: list[_Piece] = []
    while num < num_plots:
        if not queue:
            raise Misfit(f"only {num} plots fit, {num_plots} are wanted", scale=1.04)
        piece = heapq.heappop(queue)
        halves = _buildable_halves(piece.shape, taken, rng)
        if halves is None:
            kept.append(piece)
            continue
        num += sum(add(half, piece.block) for half in halves) - 1
    if num > num_plots:
        raise Misfit(f"{num} blocks, but only {num_plots} plots are wanted")
    buildable = sorted(queue + kept, key=lambda piece: piece.serial)
    plots = [Plot(shape=p.shape, block=p.block, beyond=False, buildable=True) for p in buildable]
    rest = [Plot(shape=p.shape, block=p.block, beyond=beyond[p.block], buildable=False) for p in done]
    return plots + rest


def _free_area(shape: Polygon, taken: shapely.Geometry) -> float:
    """Area of the largest free part that is nowhere a mere strip, square metres; 0 where there is none."""
    core = shapely.get_parts(shapely.difference(shape, taken).buffer(-LEAST_HALF_WIDTH_M, join_style="mitre"))
    return max((float(p.buffer(LEAST_HALF_WIDTH_M - 8, join_style="mitre").area) for p in core), default=0.0)


def _buildable_halves(shape: Polygon, taken: shapely.Geometry, rng: np.random.Generator) -> list[Polygon] | None:
    """The sides of the first cut that leaves every side buildable; None when `MAX_CUTS` cuts did not."""
    for _ in range(MAX_CUTS):
        halves = _halves(shape, rng)
        if min(_free_area(half, taken) for half in halves) >= LEAST_AREA_M2:
            return halves
    return None


def _halves(shape: Polygon, rng: np.random.Generator) -> list[Polygon]:
    """The two sides of a cut across the longer extent (now and then the shorter), near the middle."""
    west, south, east, north = shape.bounds
    width, depth = east - west, north - south
    stretch = max(width, depth) / min(width, depth)
    across = width >= depth
    if stretch < MAX_STRETCH / 1.6 and rng.random() < 0.3:
        across = not across
    share = float(rng.uniform(0.36, 0.64))
    if across:
        at = west + float(np.clip(share * width, min(LEAST_SIDE_M, width / 2), max(width - LEAST_SIDE_M, width / 2)))
        sides = (shapely.box(west, south, at, north), shapely.box(at, south, east, north))
    else:
        at = south + float(np.clip(share * depth, min(LEAST_SIDE_M, depth / 2), max(depth - LEAST_SIDE_M, depth / 2)))
        sides = (shapely.box(west, south, east, at), shapely.box(west, at, east, north))
    parts = [part for side in sides for part in shapely.get_parts(shapely.intersection(shape, side))]
    return [part for part in parts if isinstance(part, Polygon) and part.area > 1.0]
