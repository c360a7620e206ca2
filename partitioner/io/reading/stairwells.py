"""Stairwell ledgers (单元台账) and corridors (连廊): who lives on which floor of which stairwell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from partitioner.errors import Place
from partitioner.geometry.county import CORRIDOR_COLUMNS, FLOOR_COLUMNS
from partitioner.io.reading.cells import CellError, plain_text, read_count
from partitioner.io.reading.findings import Findings
from partitioner.io.reading.located import Located
from partitioner.io.reading.records import codes, counts
from partitioner.model import IntArray
from partitioner.model.rules import MAX_FLOORS, MAX_STAIRWELLS

_UNREAD = -1
"""Stands for a cell that was not met before."""

_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")}
_CHINESE = re.compile(r"([一二三四五六七八九]?十)?([一二三四五六七八九])?")
_UNIT = re.compile(r"(号?单元|号?楼门|号?门|层|楼|f)$", re.IGNORECASE)


def read_floors(
    layers: Sequence[Located], buildings: gpd.GeoDataFrame, findings: Findings
) -> tuple[gpd.GeoDataFrame, pd.DataFrame | None]:
    """Stairwell ledgers as one frame in `FLOOR_COLUMNS`, None without any; and the buildings, blanks filled.

    Rows name their building by id, or by compound and number, or by number alone: whatever meets most rows. Where every
    stairwell has one row, a column 楼层 counts floors; where stairwells have several, it says which floor. Buildings of
    unknown households or stairwells get those of the ledger.
    """
    if not layers:
        return buildings, None
    frames = [_floor_rows(located, buildings, findings) for located in layers]
    frame = pd.concat(frames, ignore_index=True)
    places = [located.layer.place(record) for located in layers for record in range(len(located))]
    rows = _Rows(frame=frame, places=places, buildings=buildings)
    sound = _check_repeats(rows, findings) & _check_size(rows, findings) & frame["building"].notna().to_numpy()
    filled = _check_sums(rows, sound, findings)
    kept = frame[sound].reset_index(drop=True)
    return filled, kept[list(FLOOR_COLUMNS)].astype(FLOOR_COLUMNS)


def read_corridors(layers: Sequence[Located], buildings: gpd.GeoDataFrame, findings: Findings) -> pd.DataFrame | None:
    """Corridors as one frame in `CORRIDOR_COLUMNS`, None without any."""
    if not layers:
        return None
    frames = []
    for located in layers:
        frame = pd.DataFrame({"building": _buildings_of(located, buildings, findings)})
        for field, most in (("stairwell_a", MAX_STAIRWELLS), ("stairwell_b", MAX_STAIRWELLS), ("floor", MAX_FLOORS)):
            frame[field] = _ordinals(located, field, most, findings, needed=True)
        same = (frame["stairwell_a"] == frame["stairwell_b"]).fillna(False).to_numpy(dtype=bool)
        for record in np.flatnonzero(same).tolist():
            findings.fault("corridor_same", located.layer.place(record), frame["stairwell_a"][record])
        for field, known in (("stairwell_a", "stairwells"), ("stairwell_b", "stairwells"), ("floor", "floors")):
            _check_beyond(frame, field, known, buildings, [located.layer.place(k) for k in range(len(frame))], findings)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True).dropna()[list(CORRIDOR_COLUMNS)].astype(CORRIDOR_COLUMNS)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Rows:
    frame: pd.DataFrame
    places: Sequence[Place]
    buildings: gpd.GeoDataFrame


def _floor_rows(located: Located, buildings: gpd.GeoDataFrame, findings: Findings) -> pd.DataFrame:
    layer = located.layer
    frame = pd.DataFrame({"building": _buildings_of(located, buildings, findings)})
    frame["stairwell"] = _ordinals(located, "stairwell", MAX_STAIRWELLS, findings, needed=True)
    frame["floor"] = _ordinals(located, "floor", MAX_FLOORS, findings, needed=False)
    frame["floors"] = _ordinals(located, "floors", MAX_FLOORS, findings, needed=False)
    frame["households"] = counts(located, "households", findings).fillna(0)
    frame["source"] = pd.Series([layer.source(record) for record in range(len(layer))], dtype="string")
    known = frame.dropna(subset=["building", "stairwell"])
    single = not known.duplicated(["building", "stairwell"]).any()
    if single and frame["floors"].isna().all():
        frame["floors"], frame["floor"] = frame["floor"], pd.array([pd.NA] * len(frame), dtype="Int64")
    return frame


def _buildings_of(located: Located, buildings: gpd.GeoDataFrame, findings: Findings) -> pd.Series:
    """The building that each row names; unknown ones are faults."""
    ids = codes(located, "id", findings)
    compound, number = (codes(located, field, findings) for field in ("compound", "number"))
    by_id = {str(name): str(name) for name in buildings["id"].dropna()}
    by_number: dict[str, str] = {}
    lone: dict[str, str | None] = {}
    if "number" in buildings.columns:
        for name, estate, mark in zip(buildings["id"], buildings["compound"], buildings["number"], strict=True):
            if not pd.isna(mark):
                short = _bare(mark)
                lone[short] = None if short in lone else str(name)
                if not pd.isna(estate):
                    by_number[f"{plain_text(estate)}|{short}"] = str(name)
    marks = [None if pd.isna(one) else _bare(one) for one in number]
    ways: list[list[str | None]] = [
        [by_id.get(one) for one in ids.fillna("").tolist()],
        [
            None if mark is None or not estate else by_number.get(f"{plain_text(estate)}|{mark}")
            for estate, mark in zip(compound.fillna("").tolist(), marks, strict=True)
        ],
        [by_id.get(one) for one in number.fillna("").tolist()],
        [None if mark is None else lone.get(mark) for mark in marks],
    ]
    met = [sum(name is not None for name in way) for way in ways]
    best = int(np.argmax(met))
    told = ids if best == 0 and ids.notna().any() else number
    for record, name in enumerate(ways[best]):
        if name is None:
            shown = None if pd.isna(told[record]) else told[record]
            findings.fault("stairwell_building_unknown", located.layer.place(record), shown)
    return pd.Series(ways[best], dtype="string")


def _bare(number: object) -> str:
    return plain_text(number).rstrip("楼栋幢座号#")


def read_ordinal(value: object) -> int | None:
    """A number from 1, such as 3, "3单元", "三单元" or "12层"; None for a blank cell.

    Raises
    ------
    CellError
        As `read_count`; ``zero`` for 0.
    """
    text = _UNIT.sub("", plain_text(value)) if isinstance(value, str) else value
    if isinstance(text, str) and text and (match := _CHINESE.fullmatch(text)):
        tens, ones = match.groups()
        number = 10 * (_DIGITS.get(tens[0], 1) if tens else 0) + (_DIGITS[ones] if ones else 0)
    else:
        read = read_count(text)
        if read is None:
            return None
        number = read
    if number == 0:
        raise CellError("zero")
    return number


def _ordinals(located: Located, field: str, most: int, findings: Findings, *, needed: bool) -> pd.Series:
    values: list[int | None] = [None] * len(located)
    column = located.fields.get(field)
    layer = located.layer
    if column is None:
        if needed:
            headings = ", ".join(heading.text for heading in layer.headings)
            findings.fault("stairwell_column_missing", layer.place(), field=field, headings=headings)
        return pd.Series(values, dtype="Int64")
    known: dict[tuple[type, object], int | None] = {}
    for record, value in enumerate(layer.columns[column]):
        number = known.get((type(value), value), _UNREAD)
        if number == _UNREAD:
            try:
                number = known[type(value), value] = read_ordinal(value)
            except CellError:
                findings.fault("stairwell_number", layer.place(record, column), value, field=field, limit=most)
                continue
        if number is None:
            if needed:
                findings.fault("stairwell_blank", layer.place(record, column), field=field)
        elif number > most:
            findings.fault("stairwell_number", layer.place(record, column), value, field=field, limit=most)
        else:
            values[record] = number
    return pd.Series(values, dtype="Int64")


def _check_repeats(rows: _Rows, findings: Findings) -> npt.NDArray[np.bool_]:
    """Each floor of a stairwell once; no stairwell both as a whole and floor by floor."""
    frame = rows.frame
    sound: npt.NDArray[np.bool_] = np.array(frame["stairwell"].notna(), dtype=bool)
    known = frame[sound & frame["building"].notna().to_numpy()]
    twice = known.index[known.duplicated(["building", "stairwell", "floor"])]
    blank = known["floor"].isna().groupby([known["building"], known["stairwell"]])
    mixed = blank.transform("any") & ~blank.transform("all")
    for record in twice.tolist():
        findings.fault("stairwell_twice", rows.places[record], _shown(known.loc[record]))
    for record in known.index[mixed.to_numpy(dtype=bool) & known["floor"].isna().to_numpy()].tolist():
        findings.fault("stairwell_mixed", rows.places[record], _shown(known.loc[record]))
    sound[twice] = False
    return sound


def _shown(row: pd.Series) -> str:
    floor = "" if pd.isna(row["floor"]) else f"-{row['floor']}"
    return f"{row['building']}#{row['stairwell']}{floor}"


def _check_size(rows: _Rows, findings: Findings) -> npt.NDArray[np.bool_]:
    """No stairwell or floor beyond those that the building has."""
    sound = np.ones(len(rows.frame), dtype=bool)
    for field, known in (("stairwell", "stairwells"), ("floor", "floors")):
        beyond = _check_beyond(rows.frame, field, known, rows.buildings, rows.places, findings)
        sound[beyond] = False
    above = (rows.frame["floor"] > rows.frame["floors"]).fillna(False).to_numpy(dtype=bool)
    for record in np.flatnonzero(above).tolist():
        most = rows.frame["floors"][record]
        findings.fault("stairwell_beyond", rows.places[record], rows.frame["floor"][record], field="floor", most=most)
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
    for record in beyond.tolist():
        findings.fault("stairwell_beyond", places[record], int(given[record]), field=field, most=int(most[record]))
    return beyond


def _check_sums(rows: _Rows, sound: npt.NDArray[np.bool_], findings: Findings) -> gpd.GeoDataFrame:
    """The households of a building's stairwells are its own; unknown ones are filled in."""
    frame, buildings = rows.frame[sound], rows.buildings
    total = frame.groupby("building", sort=False)["households"].sum()
    stairwells = frame.groupby("building", sort=False)["stairwell"].max()
    first = frame.drop_duplicates("building")
    at = dict(zip(first["building"].tolist(), first.index.tolist(), strict=True))
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
