"""A drawn town: from settings and chance to plots, buildings and communities, all still without names."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import shapely
from shapely import Polygon

from datasets.generator import communities as grouping
from datasets.generator.fit import natural_counts, thin
from datasets.generator.interiors import furnish
from datasets.generator.kinds import Size
from datasets.generator.misfit import Misfit
from datasets.generator.plots import Plot, cut_plots
from datasets.generator.public import FLOORS, public_buildings
from datasets.generator.quarters import assign_uses, kind_of_row
from datasets.generator.rows import Footprint, fill
from datasets.generator.settings import Settings
from datasets.generator.streets import Bend, Sheet, lay_streets

IntArray = npt.NDArray[np.int64]

GRID_M = 0.01
"""Coordinates are whole centimetres."""


MAX_DRAWS = 40
"""How often a town is drawn before its settings are given up."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Estate:
    """A plot with what stands on it, before communities are known."""

    plot: int
    use: str
    shape: Polygon
    footprints: tuple[Footprint, ...]

    @property
    def households(self) -> int:
        return sum(footprint.size.households for footprint in self.footprints)


@dataclass(frozen=True, kw_only=True, eq=False)
class Draft:
    """A drawn town before anything has a name.

    Parameters
    ----------
    settings : Settings
    sheet, bend : Sheet, Bend
    shapes : list of Polygon
        Plots on the map.
    estates : list of Estate
    group : int array, shape (number of plots,)
        Community of each plot.
    grids : list of int
        How many grids each community is for.
    rng : numpy Generator
        For whatever is drawn next.
    """

    settings: Settings
    sheet: Sheet
    bend: Bend
    shapes: list[Polygon]
    estates: list[Estate]
    group: IntArray
    grids: list[int]
    rng: np.random.Generator


def draw_town(settings: Settings) -> Draft:
    """The town that the settings describe; the same settings give the same town, coordinate by coordinate.

    A drawn town with too few or too many households is drawn again with longer or shorter blocks, one that does not
    work out otherwise (a compound without room, a bank too small for a community) with other chances.

    Raises
    ------
    Misfit
        No such town in `MAX_DRAWS` draws.
    """
    scale, stream = 1.0, 0
    for draw in range(1, MAX_DRAWS + 1):
        try:
            return _draw_town(_scaled(settings, scale), np.random.default_rng([settings.seed, stream]))
        except Misfit as misfit:
            last = misfit
            scale *= misfit.scale
            if misfit.scale == 1.0 or draw % 6 == 0:
                scale, stream = 1.0, stream + 1
    raise Misfit(f"no such town in {MAX_DRAWS} draws; the last one: {last}")


def _scaled(settings: Settings, scale: float) -> Settings:
    least, most = settings.streets.block_m
    return replace(settings, streets=replace(settings.streets, block_m=(least * scale, most * scale)))


def _draw_town(settings: Settings, rng: np.random.Generator) -> Draft:
    homes = settings.homes
    sheet, bend = lay_streets(settings, rng)
    taken = _taken(settings, sheet)
    plots = cut_plots(sheet.blocks, sheet.beyond, taken, homes.compounds + homes.public_plots, rng)
    uses = _uses(settings, sheet, plots, taken, rng)
    shapes = _map_plots(plots, bend)
    estates = _estates(settings, plots, uses, taken, bend, rng)
    group = _from_north_west(_group(plots, sheet, estates, settings), shapes, settings.lines)
    left, grids = _thinned(estates, group, settings)
    return Draft(
        settings=settings, sheet=sheet, bend=bend, shapes=shapes, estates=left, group=group, grids=grids, rng=rng
    )


def _taken(settings: Settings, sheet: Sheet) -> shapely.Geometry:
    """Land on the sheet that is not for building: half of every road, water with banks, track."""
    parts = [sheet.arterials.buffer(settings.streets.arterial_m / 2)]
    if sheet.river is not None and settings.river is not None:
        parts.append(sheet.river.buffer(settings.river.width_m / 2 + settings.river.bank_m))
    if sheet.railway is not None and settings.railway is not None:
        parts.append(sheet.railway.buffer(settings.railway.free_m))
    return shapely.union_all(parts)


def _free_shape(plot: Plot, taken: shapely.Geometry, lane_m: float) -> Polygon:
    """The part of a plot inside its wall, on the sheet; empty where nothing is left."""
    free = shapely.difference(plot.shape.buffer(-lane_m / 2, join_style="mitre"), taken)
    parts = [part for part in shapely.get_parts(free) if isinstance(part, Polygon)]
    return max(parts, key=lambda part: float(part.area), default=Polygon())


def _uses(
    settings: Settings, sheet: Sheet, plots: list[Plot], taken: shapely.Geometry, rng: np.random.Generator
) -> list[str]:
    """A use for every plot: homes or public where it is buildable, works beyond the railway, green elsewhere."""
    west, south, east, north = sheet.outline.bounds
    buildable = [p for p, plot in enumerate(plots) if plot.buildable]
    middle = np.array([plots[p].shape.centroid.coords[0] for p in buildable])
    middle = 2 * (middle - [west, south]) / [east - west, north - south] - 1
    near_edge = sheet.outline.exterior.buffer(5.0)
    rim = np.array([plots[p].shape.intersection(near_edge).area > 5.0 * 60 for p in buildable])
    area = np.array([_free_shape(plots[p], taken, settings.streets.lane_m).area for p in buildable])
    uses = ["works" if plot.beyond else "green" for plot in plots]
    for position, use in zip(buildable, assign_uses(middle, rim, area, settings.homes, rng), strict=True):
        uses[position] = use
    return uses


def _map_plots(plots: list[Plot], bend: Bend) -> list[Polygon]:
    """Plots on the map, sharing every corner with their neighbours."""
    edges = shapely.union_all([plot.shape.exterior for plot in plots], grid_size=0.001)
    pieces = shapely.get_parts(shapely.polygonize([shapely.get_parts(edges)]))
    pieces = [piece for collection in pieces for piece in shapely.get_parts(collection)]
    tree = shapely.STRtree([plot.shape for plot in plots])
    owned: list[list[Polygon]] = [[] for _ in plots]
    for piece in pieces:
        for position in sorted(tree.query(piece.representative_point(), predicate="intersects").tolist())[:1]:
            owned[position].append(piece)
    on_map = [bend.shape(shapely.union_all(parts)) for parts in owned]
    return [shapely.set_precision(shape, GRID_M, mode="pointwise") for shape in on_map]


def _estates(
    settings: Settings,
    plots: list[Plot],
    uses: list[str],
    taken: shapely.Geometry,
    bend: Bend,
    rng: np.random.Generator,
) -> list[Estate]:
    """Compounds and public plots with their buildings."""
    estates = []
    for position, (plot, use) in enumerate(zip(plots, uses, strict=True)):
        free = _free_shape(plot, taken, settings.streets.lane_m)
        if use == "green" or free.area < 2_000:
            continue
        angle = bend.east(free.centroid.coords[0])
        shape = bend.shape(free)
        if use in FLOORS:
            nobody = Size(floors=FLOORS[use], stairwells=0, households=0)
            footprints = [Footprint(shape=p, kind=use, size=nobody) for p in public_buildings(shape, angle, use)]
        else:
            footprints = fill(shape, angle, kind_of_row(use), rng)
            if not footprints:
                raise Misfit("a compound has no room for a building")
            if settings.interiors is not None:
                footprints = furnish(footprints, shape, settings.interiors, rng)
        estates.append(Estate(plot=position, use=use, shape=shape, footprints=tuple(footprints)))
    return estates


def _group(plots: list[Plot], sheet: Sheet, estates: list[Estate], settings: Settings) -> IntArray:
    """Community of every plot. A community never crosses the river, except for land where nobody lives."""
    households = np.zeros(len(plots), dtype=np.int64)
    for estate in estates:
        households[estate.plot] = estate.households
    pairs, border_m = grouping.neighbours([plot.shape for plot in plots])
    north = np.array([sheet.is_north_of_river(plot.shape.centroid) for plot in plots])
    block = np.array([plot.block for plot in plots])
    border_m = np.where(block[pairs[:, 0]] == block[pairs[:, 1]], grouping.LANE_PENALTY, 1.0) * border_m
    same_bank = north[pairs[:, 0]] == north[pairs[:, 1]]
    for part in grouping.parts(np.arange(len(plots)), pairs[same_bank], len(plots)):
        if not households[part].any():
            same_bank |= np.isin(pairs, part).any(axis=1)
    middle = np.array([plot.shape.centroid.coords[0] for plot in plots])
    homes = settings.homes
    return grouping.group_plots(
        middle,
        households,
        pairs[same_bank],
        border_m[same_bank],
        homes.sizes or (1.0,) * homes.communities,
        settings.lines,
        homes.imbalance_m,
    )


def _from_north_west(group: IntArray, shapes: list[Polygon], lines: tuple[int, ...]) -> IntArray:
    """The communities renumbered from west to east in three bands from north to south, one township after the other."""
    areas = [
        shapely.union_all([shapes[p] for p in np.flatnonzero(group == g)]).centroid for g in range(group.max() + 1)
    ]
    y = np.array([area.y for area in areas])
    band = np.minimum(2, 3 * (y.max() - y) // (np.ptp(y) + 1e-9))
    order = sorted(range(len(areas)), key=lambda g: (bisect_right(lines, g), band[g], areas[g].x))
    rank = np.empty(len(areas), dtype=np.int64)
    rank[order] = np.arange(len(areas))
    return rank[group]


def _thinned(estates: list[Estate], group: IntArray, settings: Settings) -> tuple[list[Estate], list[int]]:
    """The estates that are left, and how many grids each community is for."""
    homes = settings.homes
    owner = np.array([group[estate.plot] for estate in estates])
    lived_in = np.array([estate.use not in FLOORS for estate in estates])
    households = np.array([estate.households for estate in estates])
    totals = [int(households[owner == c].sum()) for c in range(homes.communities)]
    counts = natural_counts(totals, homes.grids, homes.per_grid)
    left = list(estates)
    for c in range(homes.communities):
        inside = np.flatnonzero((owner == c) & lived_in).tolist()
        pool = [(rank, f) for rank, e in enumerate(inside) for f in estates[e].footprints]
        stays = thin(
            np.array([f.size.households for _, f in pool]),
            np.array([rank for rank, _ in pool]),
            np.array([f.shape.centroid.distance(estates[inside[rank]].shape.exterior) for rank, f in pool]),
            totals[c] - counts[c] * homes.per_grid,
            1 if homes.rural else 4,
        )
        for rank, e in enumerate(inside):
            kept = [f for (r, f), stay in zip(pool, stays.tolist(), strict=True) if r == rank and stay]
            left[e] = replace(estates[e], footprints=tuple(kept))
    return left, counts
