"""Changes made to a county: every one is looked up and checked, and all that is unclear is told at once."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from partitioner.errors import Fault, InputError, Place, Text
from partitioner.geometry.coordinates import to_wgs84
from partitioner.geometry.county import BUILDING_COLUMNS, County
from partitioner.io.reading.barrier_files import read_barrier_file
from partitioner.io.reading.cells import CellError, read_coordinate, read_count
from partitioner.io.reading.changes import Edit, Kind, listed
from partitioner.io.reading.systems import WGS84, project
from partitioner.io.writing.bundle import PlannedLevels
from partitioner.io.writing.naming import reference
from partitioner.io.writing.rows import building_ids
from partitioner.model import Bounds
from partitioner.profiles import Level

_BOUNDS = re.compile(r"(\d+)\s*[-–~至]\s*(\d+)(?:\s*[:：]\s*(\d+(?:\.\d+)?))?")

NEAR_M = 300.0
"""A new building without a community belongs where its nearest neighbour does, if that is so near."""

SHIFTED = ("gcj02", "bd09")


@dataclass(frozen=True, kw_only=True, eq=False)
class Change:
    """A county after changes, and what is asked of its plan besides.

    Parameters
    ----------
    told : mapping of str to str
        Communities decided for buildings, in plans that draw communities.
    levels : tuple of Level
        Those of the plan, with the bounds of today.
    """

    county: County
    told: Mapping[str, str]
    levels: tuple[Level, ...]


def make_changes(planned: PlannedLevels, edits: Iterable[Edit], *, crs: str | None = None) -> Change:
    """The county that `planned` was drawn for after `edits`, made in their order.

    Parameters
    ----------
    crs : str, optional
        What coordinates in the edits refer to: ``gcj02``, ``bd09``, or anything pyproj knows; by default degrees are
        WGS84, and larger numbers metres of the plan's own system.

    Raises
    ------
    InputError
        With everything that is unclear or contradicts what is there; also where the plan does not hold the county.
    """
    if planned.source is None:
        raise InputError([_no_source()])
    making = _Making(planned=planned, crs=crs)
    for edit in edits:
        try:
            _HANDLERS[edit.kind](making, edit)
        except InputError as error:
            making.faults += error.faults
    if making.faults:
        raise InputError(making.faults)
    return making.change()


@dataclass(kw_only=True)
class _Making:
    """The county as it stands in the middle of the changes."""

    planned: PlannedLevels
    crs: str | None
    faults: list[Fault] = field(default_factory=list)
    told: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        assert self.planned.source is not None
        self.county = self.planned.source
        self.frame: pd.DataFrame = pd.DataFrame(self.county.buildings).reset_index(drop=True)
        self.areas: pd.DataFrame = pd.DataFrame(self.county.communities).reset_index(drop=True)
        self.barriers: pd.DataFrame = pd.DataFrame(self.county.barriers).reset_index(drop=True)
        self.levels = {level.level.name: level.level for level in self.planned.levels}
        self.recounted: set[str] = set()
        self.drawn = self.planned.has("community")
        self.home = self._communities()
        self.land = _land(self.planned)

    def _communities(self) -> dict[str, str | None]:
        """The community of every building, as planned or as the ledger has it."""
        if not self.drawn:
            rows = zip(self.frame["id"].tolist(), self.frame["community"].tolist(), strict=True)
            return {str(name): None if pd.isna(where) else str(where) for name, where in rows}
        level = self.planned.level("community")
        return dict(zip(building_ids(level.county.buildings).tolist(), level.grid_of_building(), strict=True))

    def fault(self, edit: Edit, rule: str, value: str | None, message: Text, remedy: Text) -> None:
        self.faults.append(Fault(rule=rule, place=edit.place, value=value, message=message, remedy=remedy))

    def rows(self, edit: Edit, names: Iterable[str]) -> list[int]:
        """Rows of buildings, each by its id, or all of a compound by its name."""
        ids = {str(name): row for row, name in enumerate(self.frame["id"].tolist())}
        found: list[int] = []
        for name in names:
            if name in ids:
                found.append(ids[name])
                continue
            inside = np.flatnonzero((self.frame["compound"] == name).fillna(False).to_numpy(dtype=bool)).tolist()
            if inside:
                found += inside
                continue
            near = difflib.get_close_matches(name, ids, n=3)
            self.fault(
                edit,
                "change_building",
                name,
                Text("方案里没有这栋楼，也没有这个小区", "the plan has no such building or compound"),
                Text(
                    f"请核对编号{'；相近的有 ' + '、'.join(near) if near else ''}",
                    f"Check the id{'; near ones are ' + ', '.join(near) if near else ''}",
                ),
            )
        return list(dict.fromkeys(found))

    def community(self, edit: Edit, name: str) -> str | None:
        """The id of a community named by its id or its name; None after a fault."""
        ids = sorted({where for where in self.home.values() if where is not None})
        names = reference(self.planned).community_names() | self.planned.levels[0].community_names()
        if name in ids:
            return name
        found = [key for key in ids if names.get(key) == name]
        if len(found) == 1:
            return found[0]
        shown = "、".join(names.get(key, key) for key in ids[:20])
        several = len(found) > 1
        self.fault(
            edit,
            "change_community",
            name,
            Text(
                "有几个同名社区" if several else "没有这个社区",
                "several have this name" if several else "no such community",
            ),
            Text(
                f"请写社区编号；现有：{shown}；新设社区请用“拆分社区”",
                f"Write its id; there are {shown}; for a new one use a split",
            ),
        )
        return None

    def give(self, rows: Iterable[int], community: str) -> None:
        """Buildings, and the land around them, to another community."""
        for row in rows:
            name = str(self.frame.at[row, "id"])
            before, self.home[name] = self.home.get(name), community
            if self.drawn:
                self.told[name] = community
                continue
            self.frame.loc[row, "community"] = community
            land = self.land.get(name)
            if land is None or before == community or not len(self.areas):
                continue
            self._cut(before, land)
            self._join(community, land)

    def _cut(self, community: str | None, land: shapely.Geometry) -> None:
        for row in np.flatnonzero((self.areas["id"] == community).fillna(False).to_numpy(dtype=bool)).tolist():
            self.areas.at[row, "geometry"] = _areal(shapely.difference(self.areas.at[row, "geometry"], land))

    def _join(self, community: str, land: shapely.Geometry) -> None:
        rows = np.flatnonzero((self.areas["id"] == community).fillna(False).to_numpy(dtype=bool)).tolist()
        if not rows:
            fresh = {"id": community, "name": community, "geometry": land}
            self.areas = pd.concat([self.areas, pd.DataFrame([fresh])], ignore_index=True)
        for row in rows[:1]:
            self.areas.at[row, "geometry"] = _areal(shapely.union(self.areas.at[row, "geometry"], land))

    def point(self, edit: Edit) -> shapely.Point | None:
        """Where a new building stands, in the county's system."""
        try:
            x, y = (read_coordinate(edit.more.get(key)) for key in ("x", "y"))
        except CellError:
            x = y = None
        if x is None or y is None:
            self.fault(
                edit,
                "change_position",
                edit.objects[0],
                Text("没有写清位置", "it has no readable position"),
                Text(
                    "请写经度、纬度（或本方案坐标系的 x、y，米）", "give longitude and latitude, or x and y in metres"
                ),
            )
            return None
        if abs(x) > 180 or abs(y) > 90:
            return shapely.Point(x, y)
        system: CRS = WGS84
        if self.crs in SHIFTED:
            shifted = to_wgs84(np.array([x]), np.array([y]), self.crs)  # type: ignore[arg-type]  # one of two words
            x, y = float(shifted[0][0]), float(shifted[1][0])
        elif self.crs is not None:
            system = CRS.from_user_input(self.crs)
        shape = project(np.array([shapely.Point(x, y)], dtype=object), system, self.county.crs)[0]
        assert isinstance(shape, shapely.Point)
        return shape

    def change(self) -> Change:
        """What all changes together come to."""
        county = self.county
        shapes = {"geometry": "geometry", "crs": county.crs}
        notices = county.notices
        floors, corridors = county.floors, county.corridors
        alive = set(self.frame["id"].tolist())
        if floors is not None:
            lost = set(floors["building"].tolist()) & self.recounted & alive
            keep = floors["building"].isin(alive - self.recounted)
            floors = floors[keep.to_numpy(dtype=bool)].reset_index(drop=True)
            notices += tuple(_floors_dropped(sorted(lost)))
        if corridors is not None:
            corridors = corridors[corridors["building"].isin(alive).to_numpy(dtype=bool)].reset_index(drop=True)
        kinds = {name: kind for name, kind in BUILDING_COLUMNS.items() if name in self.frame.columns}
        return Change(
            county=replace(
                county,
                buildings=gpd.GeoDataFrame(self.frame.reset_index(drop=True).astype(kinds), **shapes),
                communities=gpd.GeoDataFrame(_as_before(self.areas, county.communities), **shapes),
                barriers=gpd.GeoDataFrame(_as_before(self.barriers, county.barriers), **shapes),
                floors=floors,
                corridors=corridors,
                notices=notices,
            ),
            told=self.told,
            levels=tuple(self.levels[level.level.name] for level in self.planned.levels),
        )


def _new(making: _Making, edit: Edit) -> None:
    name = edit.objects[0]
    if len(edit.objects) > 1:
        making.fault(edit, "change_one_each", "、".join(edit.objects), _ONE_EACH, _ONE_ROW_EACH)
        return
    if name in set(making.frame["id"].tolist()):
        message = Text("编号已经有了", "there is a building of this id")
        remedy = Text(
            "新楼请用新编号；改户数请用“户数变化”", "give it a new id; for other households use a change of these"
        )
        making.fault(edit, "change_id_taken", name, message, remedy)
        return
    counts = {key: _count(making, edit, text) for key, text in (("households", edit.value), *_counted(edit))}
    shape = making.point(edit)
    if shape is None or any(value is None for value in counts.values()):
        return
    community = _home_of_new(making, edit, shape)
    row: dict[str, Any] = dict.fromkeys(making.frame.columns) | counts
    row |= {"id": name, "name": edit.more.get("name"), "compound": edit.more.get("compound"), "community": community}
    row |= {"estimated": False, "source": _source(edit), "geometry": shape}
    if making.drawn:
        row["community"] = None
        township = _of_nearest(making, shape, "township")
        row["township"] = township
    making.frame = pd.concat([making.frame, pd.DataFrame([row])], ignore_index=True)
    making.home[name] = community


def _counted(edit: Edit) -> list[tuple[str, str]]:
    return [(key, edit.more[key]) for key in ("residents", "floors", "stairwells") if key in edit.more]


def _count(making: _Making, edit: Edit, text: str) -> int | None:
    try:
        number = read_count(text)
    except CellError:
        number = None
    if number is None:
        message = Text("应为不小于 0 的整数", "it must be a whole number of at least 0")
        making.fault(edit, "change_number", text or None, message, Text("请改正该值", "correct the value"))
    return number


def _home_of_new(making: _Making, edit: Edit, shape: shapely.Geometry) -> str | None:
    """The community told, else the one that holds the place, else that of the nearest building."""
    told = edit.more.get("community")
    if told is not None:
        return making.community(edit, told)
    if len(making.areas):
        inside = [
            str(key)
            for key, area in zip(making.areas["id"].tolist(), making.areas["geometry"].tolist(), strict=True)
            if shapely.intersects(area, shape)
        ]
        if inside:
            return inside[0]
    near = _of_nearest(making, shape, "id")
    away = _distance(making, shape)
    if away > NEAR_M and not making.drawn and any(home is not None for home in making.home.values()):
        making.fault(
            edit,
            "change_community_unclear",
            edit.objects[0],
            Text(
                f"离最近的楼 {away:.0f} 米，看不出属于哪个社区",
                f"it is {away:.0f} m from any building: which community is not clear",
            ),
            Text("请写“社区”一列", "name its community"),
        )
    return making.home.get(str(near))


def _distance(making: _Making, shape: shapely.Geometry) -> float:
    return float(np.min(shapely.distance(making.frame["geometry"].to_numpy(), shape)))


def _of_nearest(making: _Making, shape: shapely.Geometry, column: str) -> Any:
    if column not in making.frame.columns:
        return None
    return making.frame[column].iloc[int(np.argmin(shapely.distance(making.frame["geometry"].to_numpy(), shape)))]


def _demolish(making: _Making, edit: Edit) -> None:
    rows = making.rows(edit, edit.objects)
    making.frame = making.frame.drop(index=rows).reset_index(drop=True)


def _households(making: _Making, edit: Edit) -> None:
    rows, text = making.rows(edit, edit.objects), edit.value.replace("－", "-").replace("＋", "+")
    step = text.startswith(("+", "-"))
    number = _count(making, edit, text.lstrip("+-"))
    if number is None:
        return
    for row in rows:
        before = making.frame.at[row, "households"]
        had = 0 if pd.isna(before) else int(before)
        now = number if not step else had + (number if text.startswith("+") else -number)
        name = str(making.frame.at[row, "id"])
        if now < 0:
            message = Text(f"原有 {had} 户，减不了 {number} 户", f"it has {had} households, {number} cannot be taken")
            making.fault(edit, "change_number", name, message, Text("请改正该值", "correct the value"))
        elif now != had:
            making.frame.loc[row, "households"] = now
            making.recounted.add(name)


def _line(making: _Making, edit: Edit) -> None:
    rows, community = making.rows(edit, edit.objects), making.community(edit, edit.value)
    if community is not None:
        making.give(rows, community)


def _merge(making: _Making, edit: Edit) -> None:
    names = edit.objects + ((edit.value,) if edit.value and edit.value not in edit.objects else ())
    found = [making.community(edit, name) for name in names]
    known = list(dict.fromkeys(name for name in found if name is not None))
    if len(known) < len(names):
        return
    if len(known) < 2:
        message = Text("合并需要两个以上社区", "a merger needs two or more communities")
        making.fault(
            edit, "change_merge", "、".join(names), message, Text("请写出要合并的社区", "name the communities")
        )
        return
    kept = known[found.index(making.community(edit, edit.value))] if edit.value else known[0]
    for gone in known:
        if gone != kept:
            ids = making.frame["id"].tolist()
            making.give([row for row, name in enumerate(ids) if making.home.get(str(name)) == gone], kept)
            _drop_area(making, gone, kept)


def _drop_area(making: _Making, gone: str, kept: str) -> None:
    """What is left of the land of a community goes along."""
    rows = np.flatnonzero((making.areas["id"] == gone).fillna(False).to_numpy(dtype=bool)).tolist()
    if not rows or making.drawn:
        return
    land = shapely.union_all(making.areas["geometry"].iloc[rows].tolist())
    making._join(kept, land)
    making.areas = making.areas.drop(index=rows).reset_index(drop=True)


def _split(making: _Making, edit: Edit) -> None:
    origin = making.community(edit, edit.objects[0])
    rows = making.rows(edit, listed(edit.more.get("buildings", "")))
    taken = edit.value in {home for home in making.home.values() if home is not None}
    if not edit.value or taken or not edit.more.get("buildings"):
        message = Text(
            "拆分社区需要新社区的编号和划出的楼栋", "a split needs the id of a new community and its buildings"
        )
        remedy = Text(
            "请在“值”写一个没有用过的编号，在“划出楼栋”写楼栋", "write an unused id as value, and the buildings"
        )
        making.fault(edit, "change_split", edit.value or None, message, remedy)
        return
    if origin is None:
        return
    for row in rows:
        name = str(making.frame.at[row, "id"])
        if making.home.get(name) != origin:
            message = Text(f"不在社区 {origin} 内", f"it does not lie in community {origin}")
            making.fault(
                edit, "change_split", name, message, Text("请改正楼栋或社区", "correct buildings or community")
            )
            return
    making.give(rows, edit.value)


def _compound(making: _Making, edit: Edit) -> None:
    rows = making.rows(edit, edit.objects)
    if not edit.value:
        message = Text("没有写改为哪个小区", "the compound they belong to now is missing")
        making.fault(edit, "change_value", None, message, Text("请填写“值”", "fill in the value"))
        return
    making.frame.loc[rows, "compound"] = edit.value


def _special(making: _Making, edit: Edit) -> None:
    rows = making.rows(edit, edit.objects)
    making.frame.loc[rows, "special"] = None if edit.value in ("", "取消", "无", "none") else edit.value


def _barrier(making: _Making, edit: Edit) -> None:
    frame = read_barrier_file(
        edit.value, making.county.crs, edit.place, kind=edit.more.get("sort"), crs_of_file=making.crs
    )
    making.barriers = pd.concat([making.barriers, pd.DataFrame(frame)], ignore_index=True)


def _bridge(making: _Making, edit: Edit) -> None:
    if not edit.objects and edit.value:
        _barrier(making, replace(edit, more=dict(edit.more) | {"sort": "桥"}))
        return
    rows = making.rows(edit, edit.objects)
    if len(edit.objects) != 2 or len(rows) != 2:
        message = Text("桥或通道连接两栋楼", "a bridge or passage joins two buildings")
        remedy = Text("请写两个楼栋编号，或给出有桥线的文件", "name two buildings, or give a file with its line")
        if len(rows) == len(edit.objects):
            making.fault(edit, "change_bridge", "、".join(edit.objects) or None, message, remedy)
        return
    ends = shapely.point_on_surface(making.frame["geometry"].iloc[rows].to_numpy())
    row = {"kind": "bridge", "crossing": "open", "source": _source(edit), "geometry": shapely.LineString(list(ends))}
    making.barriers = pd.concat([making.barriers, pd.DataFrame([row])], ignore_index=True)


def _bounds(making: _Making, edit: Edit) -> None:
    found = _BOUNDS.fullmatch(edit.value.strip())
    name = edit.objects[0]
    titles = {level.title.zh: key for key, level in making.levels.items()}
    level = making.levels.get(titles.get(name, name))
    if level is None or found is None:
        message = Text(
            "没有这个层级" if level is None else "应写成 300-480", "no such level" if level is None else "write 300-480"
        )
        remedy = Text(f"方案的层级：{'、'.join(making.levels)}", f"Levels of the plan are {', '.join(making.levels)}")
        making.fault(edit, "change_bounds", name if level is None else edit.value, message, remedy)
        return
    low, high = int(found[1]), int(found[2])
    target = float(found[3]) if found[3] else None
    aim = level.bounds.aim
    try:
        bounds = Bounds(min=low, max=high, target=target if target is not None else aim if low <= aim <= high else None)
    except ValueError as error:
        message = Text(f"上下限不成立（{error}）", f"no such bounds ({error})")
        making.fault(edit, "change_bounds", edit.value, message, Text("请改正", "correct them"))
        return
    making.levels[level.name] = replace(level, bounds=bounds)


_HANDLERS: dict[Kind, Callable[[_Making, Edit], None]] = {
    "new": _new,
    "demolish": _demolish,
    "households": _households,
    "line": _line,
    "merge_communities": _merge,
    "split_community": _split,
    "compound": _compound,
    "barrier": _barrier,
    "bridge": _bridge,
    "special": _special,
    "bounds": _bounds,
}

_ONE_EACH = Text("一行只能新增一栋楼", "one entry adds one building")
_ONE_ROW_EACH = Text("每栋楼写一行", "write an entry for each")


def _land(planned: PlannedLevels) -> dict[str, shapely.Geometry]:
    """The land of every inhabited building, as the plan's cells have it."""
    level = reference(planned)
    ids, unit = building_ids(level.county.buildings).tolist(), level.unit_of_building.tolist()
    own = dict(zip(level.county.buildings["id"].tolist(), range(len(ids)), strict=True))
    cells: dict[str, list[shapely.Geometry]] = {}
    for position, name in enumerate(level.problem.units.id):
        row = own.get(name)
        if row is not None and unit[row] == position:
            cells.setdefault(ids[row], []).append(level.unit_graph.cells[position])
    return {name: shapely.union_all(shapes) for name, shapes in cells.items()}


def _areal(shape: shapely.Geometry) -> shapely.Geometry:
    """The areas in a shape; lines and points that operations leave behind are dropped."""
    parts = shapely.get_parts(shape)
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 2])


def _as_before(frame: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """`frame` with the column types of `before`."""
    kinds = {name: before[name].dtype for name in before.columns if name in frame.columns and name != "geometry"}
    return frame.astype(kinds)


def _source(edit: Edit) -> str:
    place = edit.place
    parts = [place.file, place.layer, None if place.row is None else str(place.row), place.pointer]
    return ":".join(part for part in parts if part) or "change"


def _floors_dropped(names: list[str]) -> list[Fault]:
    if not names:
        return []
    shown = "、".join(names[:20])
    return [
        Fault(
            rule="floors_dropped",
            place=Place(),
            value=shown,
            message=Text(
                f"{len(names)} 栋楼户数有变，原来的单元、楼层户数不再使用",
                f"households of {len(names)} buildings changed, so their ledger of stairwells no longer counts",
            ),
            remedy=Text("如需准确数，请给出新的单元台账", "for exact numbers give a new ledger of stairwells"),
        )
    ]


def _no_source() -> Fault:
    return Fault(
        rule="source_missing",
        message=Text("方案里没有原始楼栋，不能直接修改", "the plan does not hold its county, so it cannot be changed"),
        remedy=Text("请给出新的台账和地图", "give the new ledgers and maps"),
    )
