"""A county of any size for throughput runs: buildings on a lattice of compounds, made as arrays in one go.

Compounds of one kind each fill equal plots; plots in the order of a snake make communities of about 2,250 households,
and about a dozen communities a township. Households are counted floor by floor, with vacant homes and shops on ground
floors.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from datasets.generator.kinds import HOUSE_SHARES, KINDS
from partitioner.geometry.county import BUILDING_COLUMNS, FLOOR_COLUMNS, County
from partitioner.model import FloatArray, IntArray

COLUMNS = 9
"""Plots of a township from west to east."""

STRIP = 3
"""Plots across one strip of the snake."""

PLOTS_PER_TOWNSHIP = 72

PLOT_M = (205.0, 190.0)
"""From one plot to the next, metres east and north."""

LANE_M = 15.0
"""Between the compounds of neighbouring plots, metres."""

COMMUNITY_HOUSEHOLDS = 2_250

HOUSEHOLDS_PER_PLOT = 340
"""About; the county ends with the plot that reaches the households asked for."""

NUM_ROWS_AND_COLUMNS = {"walkup": (5, 2), "slab": (3, 2), "tower": (2, 3), "courtyard": (10, 13), "house": (10, 13)}
"""Rows of buildings in a compound, and buildings in a row."""

SHARES = {"walkup": 0.5, "slab": 0.22, "tower": 0.13, "courtyard": 0.07, "house": 0.08}
"""Shares of the compounds."""

FLOORS = {"walkup": (4, 5, 6, 6, 6, 7), "slab": (9, 11, 11), "courtyard": (1,), "house": (1, 2)}
"""Heights that occur, the usual ones repeated; towers have any of their kind's."""

BUILT, VACANT, SHOPS = 0.93, 0.05, 0.1
"""Share of the building sites that are built on, of the homes that are vacant, of the stairwells with shops below."""

CORNER_M = (500_000.0, 4_200_000.0)

TURN = 0.12
"""Turn of everything, radians: few towns face due north."""

SYSTEM = "EPSG:4547"


@dataclass(frozen=True, kw_only=True, eq=False)
class _Plots:
    """Plots in the order of the snake, township after township; all arrays have one entry per plot."""

    township: IntArray
    column: IntArray
    row: IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class _Homes:
    """Buildings, and the floors of their stairwells: `of` is the building, stairwells and floors count from 1.

    `x` and `y` are the middle of a building, metres from the south-west corner of its plot.
    """

    plot: IntArray
    x: FloatArray
    y: FloatArray
    width: FloatArray
    depth: FloatArray
    stairwells: IntArray
    floors: IntArray
    households: IntArray
    of: IntArray
    stairwell: IntArray
    floor: IntArray
    households_on_floor: IntArray


def big_county(seed: int, num_households: int) -> County:
    """A county of at least so many households (at most one compound more), the same for the same seed.

    Parameters
    ----------
    seed : int
    num_households : int
        Below about 1,500 there is one community, smaller than the usual norm.

    Returns
    -------
    County
        With townships, communities, compounds, soft barriers along the main roads, and floors for all buildings with
        stairwells. Twenty to sixty buildings for a thousand households.
    """
    rng = np.random.default_rng([6, seed])
    kind = rng.choice(len(SHARES), math.ceil(1.1 * num_households / HOUSEHOLDS_PER_PLOT) + 10, p=list(SHARES.values()))
    homes = _cut_off(_homes(kind, rng), num_households)
    plots = _plots(int(homes.plot[-1]) + 1)
    community = _communities(plots, homes)
    return County(
        name=f"lattice-{seed}-{num_households}",
        crs=CRS(SYSTEM),
        buildings=_building_frame(plots, homes, community, rng),
        barriers=_roads(plots),
        communities=_community_frame(plots, community),
        boundary=shapely.union_all(_turned(_tiles(plots))),
        floors=_floor_frame(plots, homes, community),
    )


def _plots(num: int) -> _Plots:
    """Places of the plots, townships side by side in rows."""
    num_townships = max(1, round(num / PLOTS_PER_TOWNSHIP))
    township = np.arange(num) * num_townships // num
    rank = np.arange(num) - np.searchsorted(township, township)
    rows = math.ceil(np.bincount(township).max() / COLUMNS) // 2 * 2 + 1  # odd: a strip ends where the next begins
    strip, within = rank // (STRIP * rows), rank % (STRIP * rows)
    row, column = within // STRIP, within % STRIP
    column = np.where(row % 2 == 0, column, STRIP - 1 - column)
    row = np.where(strip % 2 == 0, row, rows - 1 - row)
    across = math.ceil(math.sqrt(num_townships * rows / COLUMNS))
    return _Plots(
        township=township,
        column=township % across * COLUMNS + strip * STRIP + column,
        row=township // across * rows + row,
    )


def _homes(kind_of_plot: IntArray, rng: np.random.Generator) -> _Homes:
    """All buildings, plot by plot."""
    parts = [_of_kind(np.flatnonzero(kind_of_plot == number), name, rng) for number, name in enumerate(SHARES)]
    table = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
    order = np.lexsort((table["x"], table["y"], table["plot"]))
    table = {key: values[order] for key, values in table.items()}
    is_block = table["stairwells"] > 0
    cells = np.where(is_block, table["stairwells"] * table["floors"], 0)
    of = np.repeat(np.arange(len(cells)), cells)
    place = np.arange(len(of)) - np.repeat(np.cumsum(cells) - cells, cells)
    stairwell, floor = place // table["floors"][of], place % table["floors"][of]
    homes = table.pop("homes_per_floor")[of]
    with_shops = rng.random(int(table["stairwells"].sum())) < SHOPS
    first = np.cumsum(table["stairwells"]) - table["stairwells"]
    homes[(floor == 0) & with_shops[first[of] + stairwell]] = 0
    on_floor = rng.binomial(homes, 1 - VACANT).astype(np.int64)
    in_blocks = np.bincount(of, weights=on_floor, minlength=len(cells)).astype(np.int64)
    in_houses = rng.choice([1, 2, 3], len(cells), p=HOUSE_SHARES)
    return _Homes(
        **table,
        households=np.where(is_block, in_blocks, in_houses),
        of=of,
        stairwell=stairwell + 1,
        floor=floor + 1,
        households_on_floor=on_floor,
    )


def _of_kind(plots: IntArray, name: str, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Buildings of the compounds of one kind, each in the middle of its part of the compound but for a little."""
    kind, (rows, columns) = KINDS[name], NUM_ROWS_AND_COLUMNS[name]
    sites = np.repeat(plots, rows * columns)
    place = np.arange(len(sites)) % (rows * columns)
    built = rng.random(len(sites)) < BUILT
    sites, place = sites[built], place[built]
    num = len(sites)
    part_x, part_y = (PLOT_M[0] - LANE_M) / columns, (PLOT_M[1] - LANE_M) / rows
    stairwells = rng.integers(kind.stairwells[0], kind.stairwells[1] + 1, num)
    width = kind.stairwell_m * stairwells
    depth = np.full(num, kind.depth_m)
    heights = FLOORS.get(name) or range(kind.floors[0], kind.floors[1] + 1)
    sway_x, sway_y = rng.uniform(-0.4, 0.4, (2, num))
    return {
        "plot": sites,
        "x": LANE_M / 2 + (place % columns + 0.5) * part_x + sway_x * (part_x - width),
        "y": LANE_M / 2 + (place // columns + 0.5) * part_y + sway_y * (part_y - depth),
        "width": width,
        "depth": depth,
        "stairwells": np.zeros(num, dtype=np.int64) if kind.houses else stairwells,
        "floors": rng.choice(np.array(heights), num),
        "homes_per_floor": np.full(num, kind.per_floor),
    }


def _cut_off(homes: _Homes, num_households: int) -> _Homes:
    """The buildings up to the plot that reaches the households asked for."""
    upto = np.cumsum(np.bincount(homes.plot, weights=homes.households))
    num = min(int(np.searchsorted(upto, num_households)) + 1, len(upto))
    left = int(np.searchsorted(homes.plot, num))
    floors = int(np.searchsorted(homes.of, left))
    of_floors = {"of", "stairwell", "floor", "households_on_floor"}
    return _Homes(**{name: values[: floors if name in of_floors else left] for name, values in vars(homes).items()})


def _communities(plots: _Plots, homes: _Homes) -> IntArray:
    """Community of each plot, counted over the county: neighbours on the snake, about equally many households."""
    households = np.bincount(homes.plot, weights=homes.households, minlength=len(plots.row))
    total = np.bincount(plots.township, weights=households)
    num = np.maximum(1, np.round(total / COMMUNITY_HOUSEHOLDS)).astype(np.int64)
    before = np.cumsum(total) - total
    middle = np.cumsum(households) - households / 2 - before[plots.township]
    share = np.minimum(middle / total[plots.township] * num[plots.township], num[plots.township] - 1e-9)
    label = (np.cumsum(num) - num)[plots.township] + share.astype(np.int64)
    return np.unique(label, return_inverse=True)[1].astype(np.int64)


def _township_codes(township: IntArray) -> list[str]:
    return [f"1399{number // 100:02d}{100 + number % 100}" for number in township.tolist()]


def _community_codes(plots: _Plots, community: IntArray) -> list[str]:
    """Code of each community: the township's and three digits that count within it."""
    _, first = np.unique(community, return_index=True)
    township = plots.township[first]
    serial = np.arange(len(first)) - np.searchsorted(township, township)
    codes = _township_codes(township)
    return [f"{code}{number + 1:03d}" for code, number in zip(codes, serial.tolist(), strict=True)]


def _ids(plots: _Plots, homes: _Homes, community: IntArray) -> list[str]:
    """Code of the community and five digits."""
    codes = _community_codes(plots, community)
    owner = community[homes.plot]
    serial = np.arange(len(owner)) - np.searchsorted(owner, owner)
    return [f"{codes[c]}{number + 1:05d}" for c, number in zip(owner.tolist(), serial.tolist(), strict=True)]


def _building_frame(
    plots: _Plots, homes: _Homes, community: IntArray, rng: np.random.Generator
) -> gpd.GeoDataFrame:  # fmt: skip
    codes = np.array(_community_codes(plots, community), dtype=object)
    townships = np.array(_township_codes(plots.township), dtype=object)
    blank = homes.stairwells == 0
    columns = {
        "id": _ids(plots, homes, community),
        "households": homes.households,
        "residents": homes.households + rng.binomial(3 * homes.households, 0.5),
        "compound": [f"compound-{plot + 1}" for plot in homes.plot.tolist()],
        "community": codes[community[homes.plot]],
        "township": townships[homes.plot],
        "stairwells": pd.array(np.where(blank, 0, homes.stairwells), dtype="Int64"),
        "floors": homes.floors,
        "estimated": np.zeros(len(homes.plot), dtype=bool),
        "source": ["lattice"] * len(homes.plot),
    }
    columns["stairwells"][blank] = pd.NA
    frame = pd.DataFrame({name: columns.get(name, pd.NA) for name in BUILDING_COLUMNS}, index=range(len(homes.plot)))
    x, y = plots.column[homes.plot] * PLOT_M[0] + homes.x, plots.row[homes.plot] * PLOT_M[1] + homes.y
    half_x, half_y = homes.width / 2, homes.depth / 2
    shapes = shapely.box(x - half_x, y - half_y, x + half_x, y + half_y)
    return gpd.GeoDataFrame(frame.astype(BUILDING_COLUMNS), geometry=_turned(shapes), crs=SYSTEM)


def _floor_frame(plots: _Plots, homes: _Homes, community: IntArray) -> pd.DataFrame:
    ids = np.array(_ids(plots, homes, community), dtype=object)
    columns = {
        "building": ids[homes.of],
        "stairwell": homes.stairwell,
        "floor": homes.floor,
        "floors": homes.floors[homes.of],
        "households": homes.households_on_floor,
        "source": "lattice",
        "name": None,
        "shared": False,
    }
    return pd.DataFrame(columns).astype(FLOOR_COLUMNS)


def _community_frame(plots: _Plots, community: IntArray) -> gpd.GeoDataFrame:
    tiles = _tiles(plots)
    codes = _community_codes(plots, community)
    ends = np.searchsorted(community, np.arange(len(codes) + 1))
    shapes = [shapely.union_all(tiles[first:end]) for first, end in pairwise(ends)]
    frame = {"id": codes, "name": codes, "township": [code[:9] for code in codes]}
    return gpd.GeoDataFrame(frame, geometry=_turned(np.array(shapes)), crs=SYSTEM)


def _roads(plots: _Plots) -> gpd.GeoDataFrame:
    """Main roads along every third line of plots, both ways."""
    east, north = int(plots.column.max()) + 1, int(plots.row.max()) + 1
    ends = [((c, 0), (c, north)) for c in range(STRIP, east, STRIP)]
    ends += [((0, r), (east, r)) for r in range(STRIP, north, STRIP)]
    lines = np.array([shapely.LineString(np.array(pair) * PLOT_M) for pair in ends], dtype=object)
    columns = {"kind": ["road"] * len(ends), "crossing": ["soft"] * len(ends)}
    return gpd.GeoDataFrame(columns, geometry=_turned(lines), crs=SYSTEM)


def _tiles(plots: _Plots) -> np.ndarray:
    """Plots with half of the lanes around them."""
    x, y = plots.column * PLOT_M[0], plots.row * PLOT_M[1]
    return np.asarray(shapely.box(x, y, x + PLOT_M[0], y + PLOT_M[1]))


def _turned(shapes: np.ndarray) -> np.ndarray:
    """The shapes on the map, in whole centimetres."""
    turn = np.array([[np.cos(TURN), -np.sin(TURN)], [np.sin(TURN), np.cos(TURN)]])
    return np.asarray(shapely.transform(shapes, lambda xy: np.round(xy @ turn.T + CORNER_M, 2)))
