"""Which building of today is which of before: by id, and where ids changed by place and attributes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from partitioner.errors import Fault, InputError, Place, Text
from partitioner.geometry.county import County
from partitioner.io.doubt import CONFIRM, Doubt
from partitioner.io.reading.cells import CellError, plain_text, read_code
from partitioner.io.reading.findings import Findings
from partitioner.io.reading.grids import read_grid
from partitioner.io.reading.headings import normalised
from partitioner.io.reading.sources import find_sources
from partitioner.io.reading.text_tables import read_text_table
from partitioner.io.reading.workbooks import read_workbook

NEAR_M = 30.0
"""Buildings without a common id are compared where they come so near each other."""

HERE_M, BESIDE = 5.0, 0.7
"""Points so near are one place; outlines side by side count so much less."""

NAMED_M = 200.0
"""A building of the same compound and name may have been put elsewhere by so much."""

MOVED_M = 200.0
"""An id that turns up further away than this, with other attributes, may mean another building."""

SURE, POSSIBLE = 0.8, 0.45
"""Scores from which a match is taken, and from which it is worth asking about."""

ALIKE = 0.1
"""Share by which households may differ and still speak for a match."""

YES, NO = (
    frozenset(("是", "对", "yes", "y", "true", "1", "确认", "√")),
    frozenset(("否", "不是", "no", "n", "false", "0", "×")),
)


@dataclass(frozen=True, kw_only=True)
class Matching:
    """What became of the buildings of before.

    Parameters
    ----------
    became : dict of str to str
        From ids of before to those of today, where they differ and there is no doubt (any more).
    doubts : tuple of Doubt
        Matches to be confirmed; none of them is in `became`.
    replaced : tuple of str
        Ids of before that mean another building today, as was confirmed.
    """

    became: dict[str, str]
    doubts: tuple[Doubt, ...]
    replaced: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Pair:
    before: int
    after: int
    score: float
    away_m: float
    reason: Text


def match_buildings(before: County, after: County, confirmed: Mapping[tuple[str, str], bool] | None = None) -> Matching:
    """Match the buildings of two counties in one coordinate system.

    An id that both have means the same building, unless it lies far away with other attributes. The others are compared
    by place (overlap of footprints, else distance), compound, name and households; the best pairs are taken one to one.
    A pair that stands out is taken; one that is likely but has a rival, or too little in common, is a doubt.

    Parameters
    ----------
    confirmed : mapping of (id before, id after) to bool, optional
        Doubts that have been settled.
    """
    old, new = _Side(before), _Side(after)
    answers = dict(confirmed or {})
    became: dict[str, str] = {}
    doubts: list[Doubt] = []
    replaced: list[str] = []
    for name in sorted(old.row.keys() & new.row.keys()):
        pair = _same_id(old, new, old.row[name], new.row[name])
        if pair is None or answers.get((name, name)) is True:
            continue
        if answers.get((name, name)) is False:
            replaced.append(name)
        else:
            doubts.append(_doubt(old, new, pair))
    lost = [row for name, row in old.row.items() if name not in new.row]
    fresh = [row for name, row in new.row.items() if name not in old.row]
    told = {(a, b): yes for (a, b), yes in answers.items() if a in old.row and b in new.row and a != b}
    for (a, b), yes in told.items():
        if yes:
            became[a] = b
    taken_old, taken_new = {old.row[a] for a in became}, {new.row[b] for b in became.values()}
    pairs = [
        pair
        for pair in _pairs(old, new, [r for r in lost if r not in taken_old], [r for r in fresh if r not in taken_new])
        if told.get((old.ids[pair.before], new.ids[pair.after])) is not False
    ]
    rivals = _rivals(pairs)
    for pair in _one_to_one(pairs):
        sure = pair.score >= SURE and rivals[pair.before, pair.after] < POSSIBLE
        if sure:
            became[old.ids[pair.before]] = new.ids[pair.after]
        else:
            doubts.append(_doubt(old, new, pair))
    return Matching(became=became, doubts=tuple(doubts), replaced=tuple(replaced))


class _Side:
    """Buildings of one county as columns."""

    def __init__(self, county: County) -> None:
        frame = county.buildings
        self.ids = [str(name) for name in frame["id"].tolist()]
        self.row = {name: row for row, name in enumerate(self.ids)}
        self.shapes = shapely.force_2d(frame.geometry.to_numpy())
        self.compound = _texts(frame["compound"])
        self.name = _texts(frame["name"])
        self.households = frame["households"].fillna(0).to_numpy(dtype=np.int64)


def _texts(column: pd.Series) -> list[str]:
    return ["" if pd.isna(value) else str(value) for value in column.tolist()]


def _same_id(old: _Side, new: _Side, a: int, b: int) -> _Pair | None:
    """A pair of one id that lies far away and has nothing else in common; None where there is no doubt."""
    away = float(shapely.distance(old.shapes[a], new.shapes[b]))
    if away <= MOVED_M or (old.compound[a] and old.compound[a] == new.compound[b]):
        return None
    reason = Text(
        f"编号相同，但位置相距 {away:.0f} 米，小区也不同", f"one id, but {away:.0f} m apart and in another compound"
    )
    return _Pair(before=a, after=b, score=POSSIBLE, away_m=away, reason=reason)


def _pairs(old: _Side, new: _Side, lost: list[int], fresh: list[int]) -> list[_Pair]:
    """Pairs worth a look, the best first."""
    if not lost or not fresh:
        return []
    found: set[tuple[int, int]] = set()
    tree = shapely.STRtree(new.shapes[fresh])
    a, b = tree.query(old.shapes[lost], predicate="dwithin", distance=NEAR_M)
    found |= {(lost[i], fresh[j]) for i, j in zip(a.tolist(), b.tolist(), strict=True)}
    named: dict[tuple[str, str], list[int]] = {}
    for row in fresh:
        named.setdefault((new.compound[row], new.name[row]), []).append(row)
    for row in lost:
        if old.compound[row] and old.name[row]:
            found |= {(row, other) for other in named.get((old.compound[row], old.name[row]), [])}
    pairs = [pair for i, j in sorted(found) if (pair := _judged(old, new, i, j)) is not None]
    return sorted(pairs, key=lambda p: (-p.score, old.ids[p.before], new.ids[p.after]))


def _judged(old: _Side, new: _Side, a: int, b: int) -> _Pair | None:
    first, second = old.shapes[a], new.shapes[b]
    away = float(shapely.distance(first, second))
    if away > NAMED_M:
        return None
    smaller = min(shapely.area(first), shapely.area(second))
    overlap = float(shapely.area(shapely.intersection(first, second))) / smaller if smaller > 0 else 0.0
    near = overlap if overlap > 0 else max(0.0, 1 - max(0.0, away - HERE_M) / (NEAR_M - HERE_M))
    if smaller > 0 and not overlap:
        near *= BESIDE  # two outlines that do not meet are more likely two buildings
    compound = bool(old.compound[a]) and old.compound[a] == new.compound[b]
    name = bool(old.name[a]) and old.name[a] == new.name[b]
    most = max(int(old.households[a]), int(new.households[b]))
    households = most > 0 and abs(int(old.households[a]) - int(new.households[b])) <= ALIKE * most
    score = 0.6 * near + 0.15 * compound + 0.2 * name + 0.15 * households + 0.2 * (compound and name)
    if score < POSSIBLE:
        return None
    zh = [f"轮廓重叠 {overlap:.0%}" if overlap > 0 else f"相距 {away:.0f} 米"]
    en = [f"footprints overlap by {overlap:.0%}" if overlap > 0 else f"{away:.0f} m apart"]
    for holds, told_zh, told_en in (
        (compound, "小区相同", "same compound"),
        (name, "楼名相同", "same name"),
        (households, "户数相近", "households alike"),
    ):
        if holds:
            zh.append(told_zh)
            en.append(told_en)
    return _Pair(before=a, after=b, score=min(score, 1.0), away_m=away, reason=Text("，".join(zh), ", ".join(en)))


def _rivals(pairs: Iterable[_Pair]) -> dict[tuple[int, int], float]:
    """Of every pair the best score of any other pair that shares a building with it."""
    listed = list(pairs)
    of_old: dict[int, list[_Pair]] = {}
    of_new: dict[int, list[_Pair]] = {}
    for pair in listed:
        of_old.setdefault(pair.before, []).append(pair)
        of_new.setdefault(pair.after, []).append(pair)
    return {
        (pair.before, pair.after): max(
            (other.score for other in (*of_old[pair.before], *of_new[pair.after]) if other is not pair), default=0.0
        )
        for pair in listed
    }


def _one_to_one(pairs: Iterable[_Pair]) -> Iterator[_Pair]:
    """From the best down, each building once."""
    old: set[int] = set()
    new: set[int] = set()
    for pair in pairs:
        if pair.before not in old and pair.after not in new:
            old.add(pair.before)
            new.add(pair.after)
            yield pair


def _doubt(old: _Side, new: _Side, pair: _Pair) -> Doubt:
    a, b = pair.before, pair.after
    return Doubt(
        before=old.ids[a],
        after=new.ids[b],
        name_before=f"{old.compound[a]}{old.name[a]}",
        name_after=f"{new.compound[b]}{new.name[b]}",
        households_before=int(old.households[a]),
        households_after=int(new.households[b]),
        away_m=pair.away_m,
        reason=pair.reason,
    )


_HEADINGS = {normalised("原楼栋编号"): "before", normalised("新楼栋编号"): "after", normalised(CONFIRM): "yes"}
_HEADINGS |= {normalised(word): key for word, key in (("before", "before"), ("after", "after"), ("confirm", "yes"))}


def read_confirmed(path: str | Path) -> dict[tuple[str, str], bool]:
    """Doubts as a planner answered them.

    Raises
    ------
    InputError
        The table cannot be read, lacks a column, or an answer is neither yes nor no.
    """
    findings = Findings()
    layers = []
    for source in find_sources([path], findings):
        if source.kind not in ("text", "workbook"):
            findings.fault("file_kind_unknown", Place(file=source.shown), Path(path).suffix, kinds=".xlsx .csv")
            continue
        grids = read_text_table(source, findings) if source.kind == "text" else read_workbook(source, findings)
        layers += [read_grid(source.shown, name, grid, list(_HEADINGS), findings) for name, grid in grids]
    findings.stop()
    faults: list[Fault] = []
    told: dict[tuple[str, str], bool] = {}
    for layer in (layer for layer in layers if layer is not None):
        column = {_HEADINGS.get(normalised(h.text)): k for k, h in enumerate(layer.headings)}
        if not {"before", "after", "yes"} <= column.keys():
            message = Text("缺少原楼栋编号、新楼栋编号或确认列", "the columns of both ids and the answer are needed")
            faults.append(_fault(layer.place(), None, message))
            continue
        for record in range(len(layer)):
            try:
                a, b = (read_code(layer.columns[column[key]][record]) for key in ("before", "after"))
            except CellError as error:
                faults.append(_fault(layer.place(record), error.rule, Text("编号读不出来", "the id cannot be read")))
                continue
            answer = plain_text(layer.columns[column["yes"]][record]).casefold()
            if answer in YES | NO and a and b:
                told[a, b] = answer in YES
            else:
                faults.append(
                    _fault(layer.place(record, column["yes"]), answer or None, Text("应填是或否", "answer yes or no"))
                )
    if faults:
        raise InputError(faults)
    return told


def _fault(place: Place, value: str | None, message: Text) -> Fault:
    remedy = Text("请在待确认表中逐行填写“是”或“否”", "answer every row of the table of doubts with yes or no")
    return Fault(rule="match_unanswered", place=place, value=value, message=message, remedy=remedy)
