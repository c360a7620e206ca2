"""Whole buildings and their parts, with the areas of every level that they belong to."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from partitioner.io.writing.bundle import PlannedCounty, PlannedLevels
from partitioner.io.writing.naming import column_name, reference
from partitioner.io.writing.rows import building_frame, building_ids
from partitioner.io.writing.stairwell_titles import stairwell_titles

PART_COLUMNS = ("building", "stairwell", "floor_low", "floor_high")
SEPARATOR = "; "


def is_part(frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Of each row, whether it is less than a building."""
    if "stairwell" not in frame.columns:
        return np.zeros(len(frame), dtype=bool)
    return np.asarray(frame["stairwell"].notna(), dtype=bool)


def has_parts(planned: PlannedLevels) -> bool:
    """Whether the narrowest level cuts any building."""
    return bool(is_part(planned.levels[-1].county.buildings).any())


def whole_buildings(planned: PlannedLevels) -> pd.DataFrame:
    """One row per building, as the grid level knows it (or the narrowest level), in its order.

    A column per level says to which area the building belongs: the one that holds most of its households; micro-grids
    are all named in `micro_grids`, in the order of codes. `grids` names all grids of a building that lies in several.
    Where communities were planned, `previous_community` keeps the one of the input.
    """
    base = reference(planned)
    frame = building_frame(base)
    if is_part(frame).any():
        frame = _put_together(frame)
    frame = frame.drop(columns=[name for name in ("grid", *PART_COLUMNS) if name in frame.columns])
    for level in planned.levels:
        _add_level(frame, level)
    if planned.has("community"):
        names = planned.level("community").community_names()
        frame["community_name"] = frame["community"].map(lambda key: names.get(key, key), na_action="ignore")
    return frame


def part_rows(planned: PlannedLevels) -> pd.DataFrame:
    """The rows of the narrowest level, parts and whole buildings alike, with a column per level."""
    narrowest = planned.levels[-1]
    frame = building_frame(narrowest).drop(columns="grid")
    frame["building"] = pd.array(building_ids(frame), dtype="string")
    for name in PART_COLUMNS[1:]:
        if name not in frame.columns:
            frame[name] = pd.array([None] * len(frame), dtype="Int64")
    titles = stairwell_titles(narrowest.county)
    keys = zip(frame["building"].tolist(), frame["stairwell"].fillna(0).tolist(), strict=True)
    frame["stairwell_name"] = pd.array([titles.get(key) for key in keys], dtype="string")
    frame[column_name(narrowest.level.name)] = pd.array(narrowest.grid_of_building(), dtype="string")
    for level in planned.levels[:-1]:
        frame[column_name(level.level.name)] = _code_of_rows(level, frame)
    return frame


def part_runs(planned: PlannedLevels) -> pd.DataFrame:
    """`part_rows` with the floors of one stairwell that follow each other in one area as one row."""
    frame = part_rows(planned)
    last = column_name(planned.levels[-1].level.name)
    frame = frame.sort_values(["building", "stairwell", "floor_low", "id"], kind="stable").reset_index(drop=True)
    same = frame["stairwell"].notna() & frame["floor_low"].notna()
    for name in ("building", "stairwell", last):
        same &= (frame[name] == frame[name].shift()).fillna(False)
    same &= (frame["floor_low"] == frame["floor_high"].shift() + 1).fillna(False)
    run = (~same.astype(bool)).cumsum().to_numpy()
    first = np.flatnonzero(~same.to_numpy(dtype=bool))
    joined = frame.iloc[first].reset_index(drop=True)
    floors = frame.groupby(run, sort=True)
    joined["floor_high"] = pd.array(floors["floor_high"].last().to_numpy(), dtype="Int64")
    joined["households"] = pd.array(floors["households"].sum(min_count=1).to_numpy(), dtype="Int64")
    joined["estimated"] = floors["estimated"].any().to_numpy()
    return joined


def _put_together(frame: pd.DataFrame) -> pd.DataFrame:
    """Parts of one building as one row: households and residents added, shapes joined, the rest from the first."""
    ids = building_ids(frame)
    known, first, group = np.unique(ids.astype(str), return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    rank = np.empty(len(known), dtype=np.int64)
    rank[order] = np.arange(len(known))
    group = rank[group]
    whole = frame.iloc[np.sort(first)].reset_index(drop=True)
    whole["id"] = pd.array(ids[np.sort(first)], dtype="string")
    for name in ("households", "residents"):
        if name in frame.columns:
            whole[name] = frame[name].reset_index(drop=True).groupby(group).sum(min_count=1).to_numpy()
            whole[name] = whole[name].astype("Int64")
    members = np.split(np.argsort(group, kind="stable"), np.cumsum(np.bincount(group))[:-1])
    shapes = frame["geometry"].to_numpy()
    whole["geometry"] = [shapes[m[0]] if len(m) == 1 else shapely.union_all(shapes[m]) for m in members]
    if "unit" in frame.columns:
        building_of = dict(zip(frame["id"].tolist(), ids.tolist(), strict=True))
        whole["unit"] = whole["unit"].map(lambda unit: building_of.get(unit, unit), na_action="ignore")
    return whole


def _add_level(frame: pd.DataFrame, level: PlannedCounty) -> None:
    """Columns of one level; the frame's rows are buildings."""
    name = level.level.name
    shares = _shares(level)
    most = shares.sort_values(["households", "code"], ascending=[False, True], kind="stable").drop_duplicates("id")
    codes = most.set_index("id")["code"]
    if name == "community":
        frame["previous_community"] = _previous_community(frame, level)
    if name in ("community", "grid"):
        frame[name] = pd.array(codes.reindex(frame["id"].to_numpy(dtype=object)).to_numpy(), dtype="string")
    lists = shares.groupby("id", sort=False)["code"].agg(SEPARATOR.join)
    if name == "grid":
        lists = lists[shares.groupby("id", sort=False)["code"].size() > 1]
    if name != "community" and not (name == "grid" and not len(lists)):
        column = f"{column_name(name)}s"
        frame[column] = pd.array(lists.reindex(frame["id"].to_numpy(dtype=object)).to_numpy(), dtype="string")


def _shares(level: PlannedCounty) -> pd.DataFrame:
    """Households of every building in every area that it lies in; sorted by building and code."""
    rows = pd.DataFrame(
        {
            "id": building_ids(level.county.buildings),
            "code": pd.array(level.grid_of_building(), dtype="string"),
            "households": level.county.buildings["households"].fillna(0).to_numpy(dtype=np.int64),
        }
    ).dropna(subset="code")
    return rows.groupby(["id", "code"], sort=True, as_index=False)["households"].sum()


def _previous_community(frame: pd.DataFrame, level: PlannedCounty) -> Any:
    rows = level.county.buildings
    before = dict(zip(building_ids(rows).tolist(), rows["community"].tolist(), strict=True))
    return pd.array([before.get(key) for key in frame["id"].tolist()], dtype="string")


def _code_of_rows(level: PlannedCounty, frame: pd.DataFrame) -> Any:
    """The area that each row lies in: looked up by its own id, its stairwell's or its building's."""
    rows = level.county.buildings
    code = dict(zip(rows["id"].tolist(), level.grid_of_building(), strict=True))
    ids, buildings = frame["id"].tolist(), frame["building"].tolist()
    found = [
        code.get(own) or code.get(own.rsplit("-", 1)[0]) or code.get(building)
        for own, building in zip(ids, buildings, strict=True)
    ]
    return pd.array(found, dtype="string")
