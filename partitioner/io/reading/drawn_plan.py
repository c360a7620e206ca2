"""A plan drawn by hand, or by other software: polygons with a code each, or a label per building."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from partitioner.errors import Fault, InputError, Place, Text
from partitioner.io.reading.cells import CellError, is_blank, read_code
from partitioner.io.reading.files import read_layers
from partitioner.io.reading.findings import Findings
from partitioner.io.reading.headings import declared_column, match_fields, normalised
from partitioner.io.reading.layers import Layer
from partitioner.io.reading.located import locate
from partitioner.io.reading.roles import Role
from partitioner.io.reading.sources import find_sources
from partitioner.io.reading.systems import read_declared
from partitioner.io.writing.bundle import PlannedCounty
from partitioner.io.writing.rows import building_ids
from partitioner.model import Labels

LABELS = tuple(
    normalised(word)
    for word in (
        "网格编码", "网格编号", "网格代码", "新网格", "网格", "grid_code", "grid", "微网格编码", "微网格", "micro_grid",
        "社区编码", "社区编号", "label", "code", "编码", "编号", "代码", "grid_id", "原网格", "previous_grid", "id",
        "名称", "网格名称", "name", "社区", "community",
    )
)  # fmt: skip
"""Headings of the column of codes, the likeliest first."""

SHOWN = 20


@dataclass(frozen=True, kw_only=True, eq=False)
class DrawnPlan:
    """Labels of a drawn plan over the units of a level.

    Parameters
    ----------
    notices : tuple of Fault
        Units in no polygon (left out) or in several (given to the one that covers most of them), labels of unknown
        buildings.
    """

    grid: Labels
    notices: tuple[Fault, ...]


def read_drawn(
    path: str | Path, level: PlannedCounty, *, label: str | None = None, crs: str | None = None
) -> DrawnPlan:
    """The plan in a map layer or a ledger, for the units of `level`.

    A building lies in the polygon that holds its representative point.

    Parameters
    ----------
    path
        GeoPackage, GeoJSON, Shapefile (``FILE:LAYER`` where a file has several), or a table with a column of building
        ids and one of codes.
    label : str, optional
        Heading of the column of codes, where it is none of the usual ones.
    crs : str, optional
        Coordinate system, where the file names none.

    Raises
    ------
    InputError
        The file cannot be read, has no column of codes, or none of its areas or labels meets a building.
    """
    findings = Findings()
    text = str(path)
    name, _, wanted = text.rpartition(":") if not Path(text).exists() and ":" in text[2:] else (text, "", "")
    sources = find_sources([name or text], findings)
    layers = [each for each in read_layers(sources, {}, findings) if not wanted or each.name == wanted]
    findings.stop()
    codes = [(layer, column) for layer in layers if (column := _code_column(layer, label)) is not None]
    maps = [(layer, column) for layer, column in codes if layer.shapes is not None and _has_areas(layer)]
    if maps:
        layer, column = min(maps, key=lambda entry: _rank(entry[0], entry[1], label))
        return _from_areas(layer, column, level, crs, findings)
    for layer, column in codes:
        ids = match_fields(layer, "buildings", {}, findings, report=False).get("id")
        if ids is not None and ids != column:
            return _from_table(layer, ids, column, level, findings)
    raise InputError([_no_codes(text, layers)])


def _code_column(layer: Layer, label: str | None) -> int | None:
    if label is not None:
        return declared_column(layer, label)
    names = [normalised(heading.parts[-1]) for heading in layer.headings]
    return next((names.index(word) for word in LABELS if word in names), None)


def _rank(layer: Layer, column: int, label: str | None) -> int:
    name = normalised(layer.headings[column].parts[-1])
    return 0 if label is not None else LABELS.index(name)


def _has_areas(layer: Layer) -> bool:
    assert layer.shapes is not None
    kinds = shapely.get_dimensions(layer.shapes)
    return bool((kinds == 2).any())


def _from_areas(layer: Layer, column: int, level: PlannedCounty, crs: str | None, findings: Findings) -> DrawnPlan:
    located = locate(layer, Role(name="boundary"), {}, read_declared(crs, findings), findings)
    findings.stop()
    target: CRS = level.county.crs
    shapes = located.in_crs(target).shapes
    assert shapes is not None
    codes = _codes(layer, column, findings)
    kept = [
        k for k, code in enumerate(codes) if code and shapes[k] is not None and shapely.get_dimensions(shapes[k]) == 2
    ]
    areas = shapely.make_valid(shapes[kept])
    rows = _rows(level)
    frame = level.county.buildings
    footprints = frame.geometry.to_numpy()[rows]
    points = shapely.point_on_surface(footprints)
    inside, area = shapely.STRtree(areas).query(points, predicate="intersects")
    met: dict[int, list[int]] = {}
    for place, k in zip(inside.tolist(), area.tolist(), strict=True):
        met.setdefault(place, []).append(k)
    if not met:
        raise InputError([_nothing_met(layer.place(), areas, points)])
    told: list[str | None] = [None] * len(rows)
    several: list[str] = []
    for place, found in met.items():
        names = sorted({codes[kept[k]] or "" for k in found})
        if len(names) > 1:
            several.append(f"{frame['id'].iloc[rows[place]]}（{'、'.join(names)}）")
            found.sort(key=lambda k: (-_shared(areas[k], footprints[place]), codes[kept[k]]))
        told[place] = codes[kept[found[0]]]
    chosen = _by_most(level, rows, told)
    notices = [*findings.notices, *_left_out(layer.place(), level, chosen), *_in_several(layer.place(), several)]
    return DrawnPlan(grid=Labels(chosen), notices=tuple(notices))


def _rows(level: PlannedCounty) -> list[int]:
    """Rows of buildings, or of parts of them, that units are made of; of units without households all."""
    lived_in = (level.county.buildings["households"].fillna(0) > 0).tolist()
    units = level.unit_of_building.tolist()
    inhabited = {unit for unit, lived in zip(units, lived_in, strict=True) if lived}
    return [row for row, unit in enumerate(units) if unit >= 0 and (lived_in[row] or unit not in inhabited)]


def _by_most(level: PlannedCounty, rows: list[int], told: list[str | None]) -> list[str | None]:
    """The label that most households of each unit have."""
    households = level.county.buildings["households"].fillna(0).astype("int64").tolist()
    votes: list[dict[str, int]] = [{} for _ in range(len(level.problem.units))]
    for row, code in zip(rows, told, strict=True):
        if code is not None:
            of = votes[int(level.unit_of_building[row])]
            of[code] = of.get(code, 0) + households[row]
    return [_most(of) for of in votes]


def _most(votes: dict[str, int]) -> str | None:
    return max(sorted(votes), key=lambda code: votes[code]) if votes else None


def _shared(area: shapely.Geometry, footprint: shapely.Geometry) -> float:
    return float(shapely.area(shapely.intersection(area, footprint)))


def _from_table(layer: Layer, ids: int, column: int, level: PlannedCounty, findings: Findings) -> DrawnPlan:
    codes, names = _codes(layer, column, findings), _codes(layer, ids, findings)
    findings.stop()
    told: dict[str, str | None] = {}
    faults: list[Fault] = []
    for record, (name, code) in enumerate(zip(names, codes, strict=True)):
        if name and name in told and told[name] != code:
            message = Text("同一楼栋写了两个网格", "one building has two labels")
            faults.append(_fault("label_twice", layer.place(record), name, message))
        elif name:
            told[name] = code
    if faults:
        raise InputError(faults)
    chosen = _labels_of(told, level)
    if not any(chosen):
        message = Text("表中的楼栋编号都不在方案里", "none of its building ids is in the plan")
        raise InputError([_fault("labels_unknown", layer.place(), None, message)])
    known = {*level.problem.units.id, *building_ids(level.county.buildings).tolist()}
    unknown = sorted(name for name in told if name not in known)
    notices = [*findings.notices, *_left_out(layer.place(), level, chosen)]
    if unknown:
        shown = "、".join(unknown[:SHOWN])
        message = Text(
            f"{len(unknown)} 个编号不在方案里，未用", f"{len(unknown)} ids are not in the plan and were not used"
        )
        notices.append(_fault("labels_unknown", layer.place(), shown, message))
    return DrawnPlan(grid=Labels(chosen), notices=tuple(notices))


def _labels_of(told: Mapping[str, str | None], level: PlannedCounty) -> list[str | None]:
    """Of each unit its own label, or that of the building that it is a part of."""
    rows = level.county.buildings
    whole = dict(zip(map(str, rows["id"].tolist()), building_ids(rows).tolist(), strict=True))
    inside: dict[int, list[str]] = {}
    for name, unit in zip(rows["id"].tolist(), level.unit_of_building.tolist(), strict=True):
        if unit >= 0:
            inside.setdefault(unit, []).append(str(name))
    found: list[str | None] = []
    for unit, name in enumerate(level.problem.units.id):
        names = [name, *([whole[name]] if name in whole else []), *inside.get(unit, [])]
        found.append(next((told[each] for each in names if told.get(each)), None))
    return found


def _codes(layer: Layer, column: int, findings: Findings) -> list[str | None]:
    found: list[str | None] = []
    for record, value in enumerate(layer.columns[column].tolist()):
        try:
            found.append(None if is_blank(value) else read_code(value))
        except CellError as error:
            findings.fault(error.rule, layer.place(record, column), value)
            found.append(None)
    return found


def _left_out(place: Place, level: PlannedCounty, chosen: list[str | None]) -> list[Fault]:
    lost = [unit for unit, code in zip(level.problem.units.id, chosen, strict=True) if code is None]
    if not lost:
        return []
    message = Text(f"{len(lost)} 个对象没有划入任何网格", f"{len(lost)} units lie in no area")
    return [_fault("drawn_nowhere", place, "、".join(lost[:SHOWN]), message)]


def _in_several(place: Place, several: list[str]) -> list[Fault]:
    if not several:
        return []
    message = Text(
        f"{len(several)} 个对象落在几个互相重叠的网格里，按占地最多的计",
        f"{len(several)} units lie in overlapping areas; the one that covers most of each counts",
    )
    return [_fault("drawn_twice", place, "、".join(several[:SHOWN]), message)]


def _nothing_met(place: Place, areas: npt.NDArray[np.object_], points: npt.NDArray[np.object_]) -> Fault:
    if not len(areas):
        return _fault("drawn_empty", place, None, Text("没有带编码的面", "it holds no area with a code"))
    here, there = shapely.total_bounds(areas), shapely.total_bounds(points)
    away = float(np.hypot(here[0] + here[2] - there[0] - there[2], here[1] + here[3] - there[1] - there[3])) / 2
    message = Text(
        f"没有一栋楼落在这些面里（相距约 {away / 1000:,.1f} 公里）",
        f"no building lies in these areas (they are about {away / 1000:,.1f} km away)",
    )
    return Fault(
        rule="drawn_elsewhere",
        place=place,
        message=message,
        remedy=Text(
            "请核对坐标系，用 --crs 指明（如 EPSG:4547、gcj02、bd09）",
            "check the coordinate system and name it with --crs, such as EPSG:4547, gcj02 or bd09",
        ),
    )


def _no_codes(text: str, layers: list[Layer]) -> Fault:
    seen = "；".join(f"{layer.title}: {'、'.join(h.text for h in layer.headings[:12])}" for layer in layers[:6])
    return Fault(
        rule="drawn_labels_missing",
        place=Place(file=text),
        value=seen,
        message=Text("看不出哪一列是网格编码", "it is not clear which column holds the codes of areas"),
        remedy=Text(
            "请用 --label 列名 指明；表格还须有楼栋编号一列",
            "name it with --label HEADING; a table also needs a column of building ids",
        ),
    )


def _fault(rule: str, place: Place, value: str | None, message: Text) -> Fault:
    remedy = Text("请在手绘方案中核对", "check it in the drawn plan")
    return Fault(rule=rule, place=place, value=value, message=message, remedy=remedy)
