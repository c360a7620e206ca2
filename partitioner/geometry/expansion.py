"""A compound ledger becomes buildings: positions are made up, totals are kept, everything is flagged as estimated."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from partitioner.errors import Fault, InputError, Text
from partitioner.geometry.attachment import attach_compounds, attachment_notices
from partitioner.geometry.borders import cell_borders
from partitioner.geometry.cells import Region, cell_polygons
from partitioner.geometry.county import BUILDING_COLUMNS
from partitioner.geometry.outlines import outline_points
from partitioner.geometry.shares import largest_remainder
from partitioner.geometry.sound import sound_area
from partitioner.geometry.spread import spread_points
from partitioner.model import IntArray

LAND_M2 = 2_600.0
"""Land per building: a slab of 60 × 12 m, its paths, and a gap of 1.7 times its height to the next."""

LEAST_RADIUS_M = 30.0
"""A compound reaches at least this far around its position."""

MAX_BUILDINGS = 1_000
"""A compound with more buildings than this is taken for a typing error."""


def expand_compounds(
    compounds: gpd.GeoDataFrame, boundary: shapely.Geometry | None, *, seed: int = 0
) -> gpd.GeoDataFrame:
    """One row per building, with `BUILDING_COLUMNS` and a point.

    The buildings of a compound lie in its land: the part of its Voronoi cell (clipped to `boundary`) within the radius
    at which a circle has `LAND_M2` for each of them, so that an estate beside empty land stays an estate. Households,
    residents and workload are shared equally, by largest remainder.

    Parameters
    ----------
    compounds : GeoDataFrame
        `name`, `households`, `buildings`, points in metres; optionally `id`, `residents`, `floors`, `community`,
        `previous_grid`, `township`, `home_township`, `workload`, `source`.
    boundary : Polygon or MultiPolygon or None
    seed : int
        Turns and shifts the layout inside each compound.

    Raises
    ------
    InputError
        All rows without a position, without households, or with an impossible number of buildings.
    """
    _check(compounds)
    names = compounds["name"].astype("string").tolist()
    ids = _column(compounds, "id", names)
    num = compounds["buildings"].to_numpy(dtype=np.int64)
    lands = compound_lands(np.asarray(compounds.geometry.values, dtype=object), num, boundary)
    frames = [
        _buildings(compounds.iloc[k], str(ids[k]), str(names[k]), lands[k], int(num[k]), seed + k)
        for k in range(len(compounds))
    ]
    columns = list(BUILDING_COLUMNS)
    table = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=[*columns, "geometry"])
    table["building"] = table["id"]
    for name in [name for name in columns if name not in table.columns]:
        table[name] = pd.NA
    frame = gpd.GeoDataFrame(table.astype(BUILDING_COLUMNS), geometry="geometry", crs=compounds.crs)
    return frame[[*columns, "geometry"]]


def compound_lands(
    points: npt.NDArray[np.object_], num: IntArray, boundary: shapely.Geometry | None
) -> npt.NDArray[Any]:
    """The land that each compound's buildings are put on, shape (n,): polygons that do not overlap.

    Only a compound outside the boundary gets its whole circle, whatever else is there: its place is wrong, not its
    size.
    """
    radius_m = np.maximum(np.sqrt(num * LAND_M2 / np.pi), LEAST_RADIUS_M)
    circles = shapely.buffer(points, radius_m)
    area = shapely.union_all(circles) if boundary is None else sound_area(boundary)
    outline = outline_points(points)
    borders = cell_borders(outline).within(area)
    region = Region(units=np.arange(len(points)), points=outline, borders=borders, area=area)
    lands = shapely.intersection(cell_polygons([region], len(points)), circles)
    lands = np.array([shapely.union_all([p for p in shapely.get_parts(g) if shapely.area(p) > 0]) for g in lands])
    return np.where(shapely.area(lands) < 1.0, circles, lands)


def _buildings(row: pd.Series, identity: str, name: str, land: shapely.Geometry, num: int, seed: int) -> pd.DataFrame:
    digits = len(str(num))
    every: dict[str, Any] = {
        key: row.get(key) if row.get(key) is not None else pd.NA
        for key in ("community", "floors", "previous_grid", "source", "township", "home_township")
    }
    return pd.DataFrame(
        {
            "id": [f"{identity}-{k:0{digits}d}" for k in range(1, num + 1)],
            "name": [f"{name} {k}" for k in range(1, num + 1)],
            "households": largest_remainder(int(row["households"]), np.ones(num)),
            "residents": _shared(row.get("residents"), num),
            "workload": _shared(row.get("workload"), num),
            "compound": name,
            "stairwells": pd.NA,
            "special": pd.NA,
            "estimated": True,
            **every,
            "geometry": shapely.points(_ordered(spread_points(land, num, seed=seed))),
        }
    )


def _shared(total: Any, num: int) -> Any:
    """A number of the compound as equal shares of its buildings; null where it is not known."""
    return pd.NA if total is None or pd.isna(total) else largest_remainder(int(total), np.ones(num))


def _ordered(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Numbers run as on an estate's plan: in rows from north to south, west to east in each."""
    num_rows = max(1, round(np.sqrt(len(xy))))
    order = np.lexsort((xy[:, 0], -xy[:, 1]))
    rows = np.array_split(order, num_rows)
    return np.asarray(xy[np.concatenate([row[np.argsort(xy[row, 0], kind="stable")] for row in rows])])


def _column(frame: gpd.GeoDataFrame, name: str, otherwise: list[Any]) -> list[Any]:
    return frame[name].tolist() if name in frame.columns else otherwise


def _check(compounds: gpd.GeoDataFrame) -> None:
    rules = (
        (
            "compound_position",
            compounds.geometry.isna() | compounds.geometry.is_empty,
            Text("小区没有坐标", "the compound has no position"),
            Text("请补填坐标", "Fill in its coordinates"),
        ),
        (
            "compound_households",
            compounds["households"].isna() | (compounds["households"] < 0).fillna(True),
            Text("小区户数缺失或为负数", "the compound's households are missing or negative"),
            Text("请填写不小于 0 的整数", "Enter a whole number of at least 0"),
        ),
        (
            "compound_buildings",
            compounds["buildings"].isna() | ~compounds["buildings"].between(1, MAX_BUILDINGS).fillna(False),
            Text(f"小区楼栋数应在 1 至 {MAX_BUILDINGS} 之间", f"a compound has 1 to {MAX_BUILDINGS} buildings"),
            Text("请核对楼栋数", "Check the number of buildings"),
        ),
    )
    names = compounds["name"].astype("string").fillna("?").tolist()
    faults = [
        Fault(rule=rule, message=message, remedy=remedy, value=names[k])
        for rule, wrong, message, remedy in rules
        for k in np.flatnonzero(wrong.to_numpy(dtype=bool)).tolist()
    ]
    if faults:
        raise InputError(faults)


__all__ = ["attach_compounds", "attachment_notices", "compound_lands", "expand_compounds"]
