"""A compound ledger meets footprints that do not say whose they are: each compound gets its nearest plausible ones."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.optimize import linear_sum_assignment

from partitioner.errors import Fault, Text
from partitioner.geometry.named import named
from partitioner.geometry.shares import largest_remainder
from partitioner.model import FloatArray, IntArray

REACH_M = 200.0
"""A compound's footprints lie within this distance of its position."""

LEAST_M2, MOST_M2 = 120.0, 3_000.0
"""Smaller footprints are sheds, larger ones malls and factories."""


def attach_compounds(footprints: gpd.GeoDataFrame, compounds: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The footprints with `households`, `compound` and `estimated` filled in where a compound claims them.

    Round by round every compound that still lacks buildings gets one more footprint; in each round as many compounds
    as possible are served, with the least sum of distances. So a contested footprint goes where it is needed most, not
    to whoever is listed first. A compound's households are shared by footprint area (largest remainder); where only
    k of its n buildings were found, only k/n of its households are placed. All other footprints have no households.

    Parameters
    ----------
    footprints : GeoDataFrame
        Polygons in metres; columns of `BUILDING_COLUMNS` are kept.
    compounds : GeoDataFrame
        `name`, `households`, `buildings`, points in the same CRS; optionally `community`, `township`,
        `home_township`.

    See Also
    --------
    attachment_notices : what could not be placed.
    """
    shapes = np.asarray(footprints.geometry.values, dtype=object)
    owner = _owners(shapes, np.asarray(compounds.geometry.values, dtype=object), _counts(compounds, "buildings"))
    households: npt.NDArray[Any] = np.full(len(footprints), pd.NA, dtype=object)
    compound: npt.NDArray[Any] = np.full(len(footprints), pd.NA, dtype=object)
    area = shapely.area(shapes)
    names = compounds["name"].astype("string").to_numpy()
    for k, placed in enumerate(_placed(compounds, np.bincount(owner[owner >= 0], minlength=len(compounds))).tolist()):
        mine = np.flatnonzero(owner == k)
        if len(mine):
            households[mine] = largest_remainder(placed, area[mine])
            compound[mine] = names[k]
    result = footprints.copy()
    result["households"] = pd.array(households, dtype="Int64")
    result["compound"] = pd.array(compound, dtype="string")
    result["estimated"] = owner >= 0
    for name in ("community", "township", "home_township"):
        if name in compounds.columns and name in result.columns:
            theirs = np.append(compounds[name].astype("string").to_numpy(dtype=object, na_value=pd.NA), pd.NA)
            result[name] = result[name].fillna(pd.Series(theirs[owner], index=result.index, dtype="string"))
    return result


def attachment_notices(attached: gpd.GeoDataFrame, compounds: gpd.GeoDataFrame) -> tuple[Fault, ...]:
    """Compounds of which some or all buildings were not found, with the households that have no place."""
    found = attached["compound"].value_counts()
    names = compounds["name"].astype("string").tolist()
    num_found = np.array([int(found.get(name, 0)) for name in names], dtype=np.int64)
    lacking = _counts(compounds, "buildings") - num_found
    left = _counts(compounds, "households") - _placed(compounds, num_found)
    notices = []
    for rule, chosen, zh, en in (
        ("compound_without_footprints", num_found == 0, "找不到任何楼栋轮廓", "have no footprint in reach"),
        ("compound_partly_placed", (num_found > 0) & (lacking > 0), "只找到部分楼栋轮廓", "have too few footprints"),
    ):
        at = np.flatnonzero(chosen & (left > 0)).tolist()
        if at:
            which = named(f"{names[k]} ({int(left[k])})" for k in at)
            total = int(left[at].sum())
            notices.append(
                Fault(
                    rule=rule,
                    message=Text(
                        f"{len(at)} 个小区{zh}，{total} 户未落到楼栋上：{which.zh}",
                        f"{len(at)} compounds {en}; {total} households were not placed: {which.en}",
                    ),
                    remedy=Text(
                        f"请补充轮廓，或核对小区坐标（只分配 {REACH_M:.0f} 米以内、"
                        f"{LEAST_M2:.0f}–{MOST_M2:.0f} 平方米的轮廓）",
                        f"Add footprints or check the compounds' positions (only footprints within {REACH_M:.0f} m and "
                        f"of {LEAST_M2:.0f}–{MOST_M2:.0f} m² are given out)",
                    ),
                )
            )
    return tuple(notices)


def _counts(frame: gpd.GeoDataFrame, name: str) -> IntArray:
    return np.asarray(frame[name].fillna(0).to_numpy(dtype=np.int64))


def _placed(compounds: gpd.GeoDataFrame, num_found: IntArray) -> IntArray:
    """Households of each compound that its found footprints hold, rounded to the nearest."""
    asked = np.maximum(_counts(compounds, "buildings"), 1)
    return np.asarray(np.round(_counts(compounds, "households") * np.minimum(num_found / asked, 1.0)), dtype=np.int64)


def _owners(shapes: npt.NDArray[Any], points: npt.NDArray[Any], asked: IntArray) -> IntArray:
    """The compound that gets each footprint, or -1."""
    owner = np.full(len(shapes), -1, dtype=np.int64)
    area = shapely.area(shapes)
    fit = np.flatnonzero((area >= LEAST_M2) & (area <= MOST_M2))
    who, which = shapely.STRtree(shapes[fit]).query(points, predicate="dwithin", distance=REACH_M)
    distance_m = np.full((len(points), len(fit)), np.inf)
    distance_m[who, which] = shapely.distance(points[who], shapes[fit[which]])
    lacking = asked.copy()
    while True:
        free = np.flatnonzero(owner[fit] < 0)
        wanting = np.flatnonzero((lacking > 0) & np.isfinite(distance_m[:, free]).any(axis=1))
        if not len(wanting):
            return owner
        for row, column in _round(distance_m[np.ix_(wanting, free)]):
            owner[fit[free[column]]] = wanting[row]
            lacking[wanting[row]] -= 1


def _round(distance_m: FloatArray) -> list[tuple[int, int]]:
    """One footprint for as many compounds as possible, nearest in sum."""
    # One pair out of reach costs more than all pairs in reach together, so the number served comes first.
    never = REACH_M * (len(distance_m) + 1)
    rows, columns = linear_sum_assignment(np.where(np.isfinite(distance_m), distance_m, never))
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return [(row, column) for row, column in pairs if np.isfinite(distance_m[row, column])]
