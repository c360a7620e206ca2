"""What an area is made of, in words: 3号楼2单元1–4层."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import pandas as pd

from partitioner.io.writing.bundle import PlannedCounty
from partitioner.io.writing.remembering import remembered
from partitioner.io.writing.rows import building_ids, shared_length
from partitioner.io.writing.stairwell_titles import Titles, stairwell_titles

Range = tuple[int, int]

LONGEST_PREFIX, SHORTEST_ID = 3, 4
"""Ids of buildings without names lose what they all begin with, if it is longer than this; so much of them stays."""


def natural(text: str) -> tuple[tuple[int, str], ...]:
    """A key that sorts 2号楼 before 10号楼."""
    return tuple((int(piece), "") if piece.isdigit() else (-1, piece) for piece in re.split(r"([0-9]+)", text) if piece)


def building_titles(ids: Sequence[str], names: Sequence[str], compounds: Sequence[str]) -> list[str]:
    """What buildings are called where their compound is known.

    A name without that of the compound; a bare number becomes …号楼, so that 单元 may follow. Buildings without a name
    are called by what tells their id from others.
    """
    unnamed = sorted({key for key, name in zip(ids, names, strict=True) if not name})
    shared = shared_length(unnamed) if len(unnamed) > 1 else 0
    cut = min(shared, *(len(key) - SHORTEST_ID for key in unnamed)) if shared > LONGEST_PREFIX else 0
    return [
        building_title(name, compound) if name else (f"…{key[cut:]}" if cut > 0 else key)
        for key, name, compound in zip(ids, names, compounds, strict=True)
    ]


@lru_cache(maxsize=65_536)
def building_title(name: str, compound: str) -> str:
    """`name` without that of its compound; …号楼 if it is a bare number."""
    rest = name[len(compound) :].strip(" -－·") if compound and name.startswith(compound) else name
    title = rest or name
    return f"{title}号楼" if title[-1:].isdigit() else title


def area_contents(planned: PlannedCounty) -> dict[str, str]:
    """From the code of every area to its buildings, stairwells and floors in Chinese.

    A building or stairwell that lies in the area as a whole is named as such. Where an area has buildings of several
    compounds, the compounds are named first.
    """
    return dict(_area_contents(planned))


@remembered
def _area_contents(planned: PlannedCounty) -> dict[str, str]:
    frame = planned.county.buildings
    pieces = _pieces(frame)
    floors, titles = _all_floors(pieces), stairwell_titles(planned.county)
    areas: dict[str, list[int]] = {}
    for row, code in enumerate(planned.grid_of_building()):
        if code is not None:
            areas.setdefault(code, []).append(row)
    empty = _empty_houses(frame)
    told = {code: [row for row in rows if not empty[row]] or rows for code, rows in areas.items()}
    return {code: _area([pieces[row] for row in rows], floors, titles) for code, rows in told.items()}


def _empty_houses(frame: pd.DataFrame) -> list[bool]:
    """Whole buildings in which nobody lives: they follow their neighbours and would only lengthen the list."""
    empty = (frame["households"].fillna(0) <= 0).to_numpy(dtype=bool)
    if "stairwell" in frame.columns:
        empty = empty & frame["stairwell"].isna().to_numpy(dtype=bool)
    return [bool(value) for value in empty]


Piece = tuple[str, str, str, int | None, int | None, int | None]
"""Building, its name, its compound, stairwell, lowest floor, highest floor."""


def _pieces(frame: pd.DataFrame) -> list[Piece]:
    def column(name: str) -> list[Any]:
        if name not in frame.columns:
            return [None] * len(frame)
        values = frame[name].to_numpy(dtype=object)
        return [None if missing else value for value, missing in zip(values, pd.isna(values), strict=True)]

    ids = building_ids(frame).tolist()
    compounds = [str(compound or "") for compound in column("compound")]
    names = building_titles([str(key) for key in ids], [str(name or "") for name in column("name")], compounds)
    numbers = [[None if v is None else int(v) for v in column(c)] for c in ("stairwell", "floor_low", "floor_high")]
    return list(zip(ids, names, compounds, *numbers, strict=True))


def _all_floors(pieces: Sequence[Piece]) -> dict[str, dict[int, Range]]:
    """From building and stairwell to the lowest and highest floor that any row has; (0, 0) for whole stairwells."""
    found: dict[str, dict[int, Range]] = {}
    for building, _, _, stairwell, low, high in pieces:
        if stairwell is None:
            continue
        known = found.setdefault(building, {})
        low, high = low or 0, high or low or 0
        before = known.get(stairwell, (low, high))
        known[stairwell] = (min(before[0], low), max(before[1], high))
    return found


def _area(pieces: Sequence[Piece], floors: dict[str, dict[int, Range]], titles: Titles) -> str:
    buildings: dict[str, list[Piece]] = {}
    for piece in pieces:
        buildings.setdefault(piece[0], []).append(piece)
    compounds = {piece[2] for piece in pieces}
    told: dict[str, list[tuple[str, str]]] = {}
    for building, members in buildings.items():
        name, compound = members[0][1], members[0][2] if len(compounds) > 1 else ""
        whole = _parts_of_building(members, floors.get(building, {}), titles)
        told.setdefault(compound, []).append((name, whole))
    groups = []
    for compound, listed in sorted(told.items(), key=lambda item: natural(item[0])):
        listed.sort(key=lambda item: natural(item[0]))
        groups.append(compound + "、".join(_runs(listed)))
    return "；".join(groups)


def _runs(listed: Sequence[tuple[str, str]]) -> list[str]:
    """Whole buildings that are numbered in a row are told as a range: 3–7号楼."""
    lines: list[str] = []
    run: list[str] = []
    for name, parts in [*listed, ("", "")]:
        if run and (parts or not _follows(run[-1], name)):
            lines += _range(run)
            run = []
        if parts:
            lines.append(f"{name} {parts}" if name[-1].isdigit() else f"{name}{parts}")
        elif name:
            run.append(name)
    return lines


def _numbered(name: str) -> tuple[str, int, str] | None:
    match = re.fullmatch(r"(\D*)([0-9]{1,6})(\D*)", name)
    return None if match is None or match[2].startswith("0") else (match[1], int(match[2]), match[3])


def _follows(before: str, name: str) -> bool:
    a, b = _numbered(before), _numbered(name)
    return a is not None and b is not None and (a[0], a[2]) == (b[0], b[2]) and b[1] == a[1] + 1


def _range(run: Sequence[str]) -> list[str]:
    first, last = _numbered(run[0]), _numbered(run[-1])
    if len(run) < 3 or first is None or last is None:
        return list(run)
    return [f"{first[0]}{first[1]}–{last[1]}{last[2]}"]


def _parts_of_building(members: Sequence[Piece], floors: dict[int, Range], titles: Titles) -> str:
    """Empty for a whole building."""
    if any(stairwell is None for _, _, _, stairwell, _, _ in members):
        return ""
    ranges: dict[int, list[Range]] = {}
    for _, _, _, stairwell, low, high in members:
        ranges.setdefault(int(stairwell or 0), []).append((low or 0, high or low or 0))
    joined = {k: _joined(sorted(found)) for k, found in sorted(ranges.items())}
    whole = [k for k, found in joined.items() if found == [floors.get(k, found[0])] or found[0][0] == 0]
    if len(whole) == len(floors):
        return ""
    told = {k: "" if k in whole else "、".join(map(_floors, found)) for k, found in joined.items()}
    names = {k: titles[members[0][0], k] for k in told if (members[0][0], k) in titles}
    return "、".join(_stairwells(told, names))


def _floors(found: Range) -> str:
    return f"{found[0]}层" if found[0] == found[1] else f"{found[0]}–{found[1]}层"


def _stairwells(told: dict[int, str], names: Mapping[int, str]) -> list[str]:
    """Neighbouring stairwells of which the same is told go together: 1–4单元1层; not those that have `names`."""
    runs: list[tuple[int, int, str]] = []
    for k, text in sorted(told.items()):
        if runs and runs[-1][1] == k - 1 and runs[-1][2] == text and not {k, k - 1} & names.keys():
            runs[-1] = (runs[-1][0], k, text)
        else:
            runs.append((k, k, text))
    return [f"{names.get(a, f'{a}单元')}{text}" if a == b else f"{a}–{b}单元{text}" for a, b, text in runs]


def _joined(found: Sequence[Range]) -> list[Range]:
    runs: list[Range] = []
    for low, high in found:
        if runs and low <= runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], max(high, runs[-1][1]))
        else:
            runs.append((low, high))
    return runs
