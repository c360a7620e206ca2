"""Stairwell ledgers (单元台账) and corridors (连廊): who lives on which floor of which stairwell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from partitioner.errors import Place
from partitioner.geometry.county import CORRIDOR_COLUMNS, FLOOR_COLUMNS
from partitioner.io.reading.cells import CellError
from partitioner.io.reading.findings import Findings
from partitioner.io.reading.located import Located
from partitioner.io.reading.records import counts
from partitioner.io.reading.stairwell_buildings import buildings_of
from partitioner.io.reading.stairwell_cells import Mark, read_floors_cell, read_mark, read_ordinal
from partitioner.io.reading.stairwell_marks import Numbers, number_of, number_stairwells
from partitioner.io.reading.stairwell_rooms import room_rows
from partitioner.model import IntArray
from partitioner.model.rules import MAX_FLOORS, MAX_STAIRWELLS

Value = TypeVar("Value")

MAX_NAMED = 5
"""Buildings whose named stairwells one notice lists; the rest is counted."""


def read_floors(
    layers: Sequence[Located], buildings: gpd.GeoDataFrame, findings: Findings
) -> tuple[gpd.GeoDataFrame, pd.DataFrame | None]:
    """Stairwell ledgers as one frame in `FLOOR_COLUMNS`, None without any; and the buildings, blanks filled.

    Rows name their building by id, or by compound and number, or by number alone: whatever meets most rows. Where every
    stairwell has one row, a number in the column 楼层 counts floors; where stairwells have several, it says which one.
    Ranges of floors share their households evenly; a lone range from the first floor up is the whole stairwell. Rows of
    rooms are counted floor by floor. Buildings of unknown households or stairwells get those of the ledger.
    """
    if not layers:
        return buildings, None
    frames = [_floor_rows(located, buildings, findings) for located in layers]
    places = [located.layer.place(record) for located in layers for record in range(len(located))]
    starts = np.cumsum([0, *(len(located) for located in layers)])
    frame = pd.concat(
        [frame.assign(at=frame["at"] + start) for frame, start in zip(frames, starts.tolist(), strict=False)],
        ignore_index=True,
    )
    frame = _numbered(frame, places, findings)
    rows = _Rows(frame=_by_floor(frame, places, findings), places=places, buildings=buildings)
    sound = _check_size(rows, findings) & rows.frame["building"].notna().to_numpy()
    sound &= _check_repeats(rows, sound, findings)
    filled = _check_sums(rows, sound, findings)
    kept = rows.frame[sound].reset_index(drop=True)
    return filled, kept[list(FLOOR_COLUMNS)].astype(FLOOR_COLUMNS)


def read_corridors(
    layers: Sequence[Located], buildings: gpd.GeoDataFrame, floors: pd.DataFrame | None, findings: Findings
) -> pd.DataFrame | None:
    """Corridors as one frame in `CORRIDOR_COLUMNS`, None without any; `floors` tells which stairwells have names."""
    if not layers:
        return None
    numbers = _known_numbers(floors)
    frames = []
    for located in layers:
        frame = pd.DataFrame({"building": buildings_of(located, buildings, findings)})
        for field in ("stairwell_a", "stairwell_b"):
            marks = _marks(located, field, findings)
            frame[field] = _met(located, field, marks, frame["building"], numbers, findings)
        floor = _read(located, "floor", read_ordinal, findings, needed=True)
        frame["floor"] = _within(located, "floor", floor, MAX_FLOORS, findings)
        same = (frame["stairwell_a"] == frame["stairwell_b"]).fillna(False).to_numpy(dtype=bool)
        for record in np.flatnonzero(same).tolist():
            findings.fault("corridor_same", located.layer.place(record), frame["stairwell_a"][record])
        places = [located.layer.place(record) for record in range(len(located))]
        for field, known in (("stairwell_a", "stairwells"), ("stairwell_b", "stairwells"), ("floor", "floors")):
            _check_beyond(frame.assign(at=frame.index), field, known, buildings, places, findings)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True).dropna()[list(CORRIDOR_COLUMNS)].astype(CORRIDOR_COLUMNS)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Rows:
    """Rows of a ledger, each about one floor or about a whole stairwell; `at` is where each stands in `places`."""

    frame: pd.DataFrame
    places: Sequence[Place]
    buildings: gpd.GeoDataFrame


def _floor_rows(located: Located, buildings: gpd.GeoDataFrame, findings: Findings) -> pd.DataFrame:
    """Rows as they stand: building, mark of the stairwell, lowest and highest floor, floors, households."""
    building = buildings_of(located, buildings, findings)
    if "room" in located.fields:
        marks = _marks(located, "stairwell", findings, needed=False)
        rows = room_rows(located, building, marks, findings)
        high = [None if floor is None else int(floor) for floor in rows["high"].tolist()]
        _within(located, "room", high, MAX_FLOORS, findings, rows["at"].tolist())
        return rows
    ranges = _read(located, "floor", read_floors_cell, findings)
    ends = _within(located, "floor", [None if one is None else one[1] for one in ranges], MAX_FLOORS, findings)
    floors = _read(located, "floors", read_ordinal, findings)
    layer = located.layer
    marks = [
        None if findings.named(layer.place(record)) else mark
        for record, mark in enumerate(_marks(located, "stairwell", findings))
    ]
    frame = pd.DataFrame(
        {
            "building": building,
            "mark": pd.Series(marks, dtype=object),
            "low": pd.Series([None if one is None else one[0] for one in ranges], dtype="Int64").where(ends.notna()),
            "high": ends,
            "floors": _within(located, "floors", floors, MAX_FLOORS, findings),
            "households": counts(located, "households", findings).fillna(0),
            "source": pd.Series([layer.source(record) for record in range(len(layer))], dtype="string"),
            "at": np.arange(len(layer), dtype=np.int64),
        }
    )
    known = frame.dropna(subset=["building", "mark"])
    single = not known.duplicated(["building", "mark"]).any()
    if single and frame["floors"].isna().all():
        counted = (frame["low"] == frame["high"]).fillna(False)
        frame["floors"] = frame["high"].where(counted)
        frame[["low", "high"]] = frame[["low", "high"]].mask(counted)
    return frame


def _marks(located: Located, field: str, findings: Findings, *, needed: bool = True) -> list[Mark | None]:
    return _read(located, field, read_mark, findings, needed=needed)


def _read(
    located: Located, field: str, reader: Callable[[object], Value | None], findings: Findings, *, needed: bool = False
) -> list[Value | None]:
    """A column; what cannot be read is a fault, as are a missing column and a blank cell of a field that is needed."""
    values: list[Value | None] = [None] * len(located)
    column, layer = located.fields.get(field), located.layer
    if column is None:
        if needed:
            headings = ", ".join(heading.text for heading in layer.headings)
            findings.fault("stairwell_column_missing", layer.place(), field=field, headings=headings)
        return values
    known: dict[tuple[type, object], Value | None] = {}
    for record, cell in enumerate(layer.columns[column]):
        key = (type(cell), cell)
        if key not in known:
            try:
                known[key] = reader(cell)
            except CellError as error:
                _tell_unread(error.rule, field, layer.place(record, column), cell, findings)
                continue
        values[record] = known[key]
        if needed and known[key] is None:
            findings.fault("stairwell_blank", layer.place(record, column), field=field)
    return values


def _tell_unread(rule: str, field: str, place: Place, cell: object, findings: Findings) -> None:
    if rule == "code_date":
        findings.fault("code_date", place, cell)
    elif rule == "range":
        findings.fault("floor_unread", place, cell)
    elif rule == "text" and field.startswith("stairwell"):
        findings.fault("stairwell_unread", place, cell)
    else:
        most = MAX_STAIRWELLS if field.startswith("stairwell") else MAX_FLOORS
        findings.fault("stairwell_number", place, cell, field=field, limit=most)


def _within(
    located: Located,
    field: str,
    values: Sequence[int | None],
    most: int,
    findings: Findings,
    records: Sequence[int] | None = None,
) -> pd.Series:
    """Numbers up to `most`; greater ones are faults and left out."""
    column, layer = located.fields.get(field), located.layer
    kept = list(values)
    for k, value in enumerate(values):
        if value is not None and value > most:
            record = k if records is None else records[k]
            cell = None if column is None else layer.columns[column][record]
            findings.fault("stairwell_number", layer.place(record, column), cell, field=field, limit=most)
            kept[k] = None
    return pd.Series(kept, dtype="Int64")


def _numbered(frame: pd.DataFrame, places: Sequence[Place], findings: Findings) -> pd.DataFrame:
    """The rows with the number and the name of their stairwell, told in one notice where there are names."""
    buildings, marks = frame["building"].tolist(), frame["mark"].tolist()
    rows = [(b, m) for b, m in zip(buildings, marks, strict=True) if isinstance(b, str) and m is not None]
    numbers = number_stairwells(rows)
    if numbers:
        first = next(k for k, mark in enumerate(marks) if mark is not None and mark.name)
        named, rest = _named(numbers)
        findings.notice("stairwells_named", places[frame["at"][first]], rows=rest, named=named)
    stairwell = [
        None if mark is None else number_of(b, mark, numbers) if isinstance(b, str) else mark.number or 1
        for b, mark in zip(buildings, marks, strict=True)
    ]
    beyond = [k for k, number in enumerate(stairwell) if number is not None and number > MAX_STAIRWELLS]
    for k in beyond:
        place = places[frame["at"][k]]
        findings.fault("stairwell_number", place, stairwell[k], field="stairwell", limit=MAX_STAIRWELLS)
        stairwell[k] = None
    titles = [None if mark is None or not mark.name else mark.title for mark in marks]
    return frame.assign(stairwell=pd.array(stairwell, dtype="Int64"), name=pd.array(titles, dtype="string"))


def _named(numbers: Numbers) -> tuple[str, int]:
    """The first buildings with the numbers that their stairwells got, and how many buildings there are."""
    by_building: dict[str, list[str]] = {}
    for (building, name), number in sorted(numbers.items(), key=lambda item: (item[0][0], item[1])):
        by_building.setdefault(building, []).append(f"{name}={number}")
    shown = [f"{building}: {', '.join(names)}" for building, names in list(by_building.items())[:MAX_NAMED]]
    return "; ".join(shown) + (" …" if len(by_building) > MAX_NAMED else ""), len(by_building)


def _by_floor(frame: pd.DataFrame, places: Sequence[Place], findings: Findings) -> pd.DataFrame:
    """A row per floor for ranges, and a row without floor for those that are all that is told of a stairwell."""
    low, high = (frame[name].to_numpy(dtype=np.int64, na_value=0) for name in ("low", "high"))
    lone = ~frame.duplicated(["building", "stairwell"], keep=False).to_numpy()
    told = frame["floors"].to_numpy(dtype=np.int64, na_value=0)
    whole = lone & (low == 1) & (high > 1) & ((told == 0) | (told == high))
    floors = frame["floors"].mask(whole, frame["high"])
    num = np.where(whole, 1, high - low + 1)
    at = np.repeat(np.arange(len(frame)), num)
    step = np.arange(len(at)) - np.repeat(np.cumsum(num) - num, num)
    total, parts = frame["households"].to_numpy(dtype=np.int64)[at], num[at]
    share = -(-(step + 1) * total // parts) - -(-step * total // parts)
    floor = np.where(whole, 0, low)[at] + step
    shared = (parts > 1) & (total > 0)
    if shared.any():
        rows = np.unique(at[shared])
        findings.notice("floors_shared", places[frame["at"].iloc[rows[0]]], rows=len(rows))
    return (
        frame.assign(floors=floors)
        .iloc[at]
        .assign(floor=pd.arrays.IntegerArray(floor, floor == 0), households=share, shared=shared)
        .reset_index(drop=True)
    )


def _known_numbers(floors: pd.DataFrame | None) -> dict[tuple[str, str], int]:
    """Numbers of the stairwells that have names, by building and name."""
    if floors is None:
        return {}
    named = floors.dropna(subset=["name"]).drop_duplicates(["building", "name"])
    found = {}
    for building, title, number in zip(named["building"], named["name"], named["stairwell"], strict=True):
        mark = read_mark(title)
        if mark is not None:
            found[str(building), mark.name] = int(number)
    return found


def _met(
    located: Located,
    field: str,
    marks: Sequence[Mark | None],
    buildings: pd.Series,
    numbers: Numbers,
    findings: Findings,
) -> pd.Series:
    """Numbers of the stairwells that a table of corridors means."""
    column, layer = located.fields.get(field), located.layer
    found: list[int | None] = []
    for record, (building, mark) in enumerate(zip(buildings.tolist(), marks, strict=True)):
        number = number_of(building, mark, numbers) if isinstance(building, str) and mark is not None else None
        if number is None and mark is not None and isinstance(building, str):
            findings.fault("stairwell_unnamed", layer.place(record, column), mark.title)
        found.append(number)
    return _within(located, field, found, MAX_STAIRWELLS, findings)


def _check_repeats(rows: _Rows, sized: npt.NDArray[np.bool_], findings: Findings) -> npt.NDArray[np.bool_]:
    """Each floor of a stairwell once; no stairwell both as a whole and floor by floor; among rows that are `sized`."""
    frame = rows.frame
    sound: npt.NDArray[np.bool_] = np.array(frame["stairwell"].notna(), dtype=bool)
    known = frame[sound & sized]
    twice = known.index[known.duplicated(["building", "stairwell", "floor"])]
    blank = known["floor"].isna().groupby([known["building"], known["stairwell"]])
    mixed = known.index[(blank.transform("any") & ~blank.transform("all")) & known["floor"].isna()]
    for rule, found in (("stairwell_twice", twice), ("stairwell_mixed", mixed)):
        for record in known.loc[found].drop_duplicates("at").index.tolist():
            findings.fault(rule, rows.places[known["at"][record]], _shown(known.loc[record]))
    sound[frame["at"].isin(known.loc[twice, "at"]).to_numpy()] = False
    return sound


def _shown(row: pd.Series) -> str:
    floor = "" if pd.isna(row["floor"]) else f"-{row['floor']}"
    stairwell = f"#{row['stairwell']}" if pd.isna(row["name"]) else f" {row['name']}"
    return f"{row['building']}{stairwell}{floor}"


def _check_size(rows: _Rows, findings: Findings) -> npt.NDArray[np.bool_]:
    """No stairwell or floor beyond those that the building has."""
    frame = rows.frame
    sound = np.ones(len(frame), dtype=bool)
    highest = frame.assign(floor=frame["high"])
    for field, known in (("stairwell", "stairwells"), ("floor", "floors")):
        beyond = _check_beyond(highest, field, known, rows.buildings, rows.places, findings)
        sound[beyond] = False
    above = (frame["floor"] > frame["floors"]).fillna(False).to_numpy(dtype=bool)
    for record in frame[above].drop_duplicates("at", keep="last").index.tolist():
        most, place = frame["floors"][record], rows.places[frame["at"][record]]
        findings.fault("stairwell_beyond", place, frame["floor"][record], field="floor", most=most)
    sound[above] = False
    return sound


def _check_beyond(
    frame: pd.DataFrame,
    field: str,
    known: str,
    buildings: gpd.GeoDataFrame,
    places: Sequence[Place],
    findings: Findings,
) -> IntArray:
    if known not in buildings.columns:
        return np.zeros(0, dtype=np.int64)
    most = frame["building"].map(pd.Series(buildings[known].to_numpy(), index=buildings["id"].astype(str)))
    most = pd.to_numeric(most, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    given = frame[field].to_numpy(dtype=np.float64, na_value=np.nan)
    beyond = np.flatnonzero(given > most)
    for k in frame.iloc[beyond].drop_duplicates("at", keep="last").index.tolist():
        findings.fault("stairwell_beyond", places[frame["at"][k]], int(given[k]), field=field, most=int(most[k]))
    return beyond


def _check_sums(rows: _Rows, sound: npt.NDArray[np.bool_], findings: Findings) -> gpd.GeoDataFrame:
    """The households of a building's stairwells are its own; unknown ones are filled in."""
    frame, buildings = rows.frame[sound], rows.buildings
    total = frame.groupby("building", sort=False)["households"].sum()
    stairwells = frame.groupby("building", sort=False)["stairwell"].max()
    first = frame.drop_duplicates("building")
    at = dict(zip(first["building"].tolist(), first["at"].tolist(), strict=True))
    ids = buildings["id"].astype(str)
    told = ids.map(total).astype("Int64").to_numpy(dtype=object, na_value=pd.NA)
    own = buildings["households"].to_numpy(dtype=object, na_value=pd.NA)
    filled, doubtful = 0, _faulty(rows, sound)
    households = own.copy()
    for k in np.flatnonzero(~pd.isna(told)).tolist():
        if pd.isna(own[k]):
            households[k], filled = told[k], filled + 1
        elif int(own[k]) != int(told[k]) and ids.iloc[k] not in doubtful:
            findings.fault(
                "stairwells_sum", rows.places[at[ids.iloc[k]]], ids.iloc[k], total=int(told[k]), households=int(own[k])
            )
    if filled:
        findings.notice("households_from_stairwells", rows.places[0], rows=filled)
    known = buildings["stairwells"].astype("Int64") if "stairwells" in buildings.columns else pd.NA
    counted = ids.map(stairwells).astype("Int64")
    return buildings.assign(
        households=pd.array(households, dtype="Int64"),
        stairwells=counted if known is pd.NA else known.where(known.notna(), counted),
    )


def _faulty(rows: _Rows, sound: npt.NDArray[np.bool_]) -> set[str]:
    """Buildings of which a row has a fault already, so that their sums tell nothing new."""
    return {str(name) for name in rows.frame["building"][~sound].dropna()}
