"""The files that a planner would have: a map, a building ledger, a compound ledger, and a note on both."""

from __future__ import annotations

import csv
import datetime
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import xlsxwriter
from pyproj import Transformer

from datasets.generator.kinds import KINDS
from datasets.generator.values import Town
from datasets.generator.work import work_columns

CLOCK = "2025-01-01T00:00:00.000Z"
"""What files say about when they were made, so that the same town gives the same bytes."""

DEGREES = "EPSG:4490"
"""CGCS2000 longitude and latitude, the system of the compound ledger."""

MAP = "county.gpkg"
BUILDINGS = "buildings.xlsx"
COMPOUNDS = "compounds.csv"
STAIRWELLS = "stairwells.xlsx"
NOTE = "README.md"

BUILDING_HEADINGS = (
    "楼栋编号", "楼栋名称", "小区", "社区", "社区编码", "建筑类型", "户数", "人口", "单元数",
    "层数", "专属网格",
)  # fmt: skip

STAIRWELL_HEADINGS = ("楼栋编号", "单元", "楼层", "户数")

PUBLIC_ZH = {
    "school": "学校", "market": "市场", "park": "公园", "office": "办公楼", "hospital": "医院",
    "shops": "商场", "works": "厂房",
}  # fmt: skip


def write_files(town: Town, folder: Path) -> list[Path]:
    """All files of the town in `folder`, which is made where it is missing; each is replaced whole or not at all.

    Raises
    ------
    OSError
        The folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    writers: list[tuple[str, Callable[[Town, Path], None]]] = [
        (MAP, _write_map),
        (BUILDINGS, _write_buildings),
        (COMPOUNDS, _write_compounds),
        (NOTE, _write_note),
    ]
    if _has_stairwell_ledger(town):
        writers.append((STAIRWELLS, _write_stairwells))
    paths = []
    for name, write in writers:
        path = folder / name
        fresh = folder / f".{os.getpid()}-{name}"
        try:
            write(town, fresh)
            os.replace(fresh, path)
        finally:
            fresh.unlink(missing_ok=True)
        paths.append(path)
    return paths


def layers(town: Town) -> dict[str, gpd.GeoDataFrame]:
    """Layers `buildings`, `communities`, `barriers` and `boundary` as frames in the town's CRS."""
    crs = town.settings.place.crs
    codes = [community.code for community in town.communities]
    buildings = gpd.GeoDataFrame(
        {
            "id": [b.id for b in town.buildings],
            "name": [b.name for b in town.buildings],
            "households": [b.households for b in town.buildings],
            "residents": [b.residents for b in town.buildings],
            "compound": [b.compound or None for b in town.buildings],
            "community": [codes[b.community] for b in town.buildings],
            "stairwells": pd.array([b.stairwells or None for b in town.buildings], dtype="Int64"),
            "floors": [b.floors for b in town.buildings],
            "special": [b.special or None for b in town.buildings],
            **_further_columns(town),
        },
        geometry=[b.shape for b in town.buildings],
        crs=crs,
    )
    townships = {"township": [c.township.code for c in town.communities]} if town.settings.townships else {}
    communities = gpd.GeoDataFrame(
        {"id": codes, "name": [c.name for c in town.communities], **townships},
        geometry=[c.shape for c in town.communities],
        crs=crs,
    )
    barriers = gpd.GeoDataFrame(
        {
            "kind": [b.kind for b in town.barriers],
            "crossing": [b.crossing for b in town.barriers],
            "name": [b.name for b in town.barriers],
        },
        geometry=[b.shape for b in town.barriers],
        crs=crs,
    )
    boundary = gpd.GeoDataFrame({"name": [town.settings.place.name]}, geometry=[town.boundary], crs=crs)
    return {
        "buildings": buildings,
        "communities": communities,
        "barriers": barriers,
        "boundary": boundary,
    }


def _further_columns(town: Town) -> dict[str, list[Any]]:
    """Columns of the buildings that only some cases have, and what makes work there."""
    columns: dict[str, list[Any]] = {}
    if town.settings.townships:
        columns["township"] = [town.communities[b.community].township.code for b in town.buildings]
    if town.settings.resettled is not None:
        columns["home_township"] = [b.home_township or None for b in town.buildings]
        columns["origin"] = [b.origin or None for b in town.buildings]
    if town.settings.exactly.party_households is not None:
        columns["party_households"] = [b.party_households for b in town.buildings]
    return columns | work_columns(town)


FURTHER_ZH = {
    "township": "乡镇街道", "home_township": "户籍乡镇", "origin": "迁出村", "party_households": "党员中心户",
    "elderly": "老年人", "special_care": "特殊人群", "events": "年事件数", "lifts": "电梯数",
}  # fmt: skip
"""What the building ledger calls those columns."""


def _has_stairwell_ledger(town: Town) -> bool:
    return town.settings.interiors is not None and town.settings.interiors.ledger


def _write_map(town: Town, path: Path) -> None:
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": CLOCK})
    try:
        for name, frame in layers(town).items():
            mixed = name == "barriers"
            pyogrio.write_dataframe(
                frame, path, layer=name, driver="GPKG", geometry_type="Unknown" if mixed else _shape_type(frame),
                append=False,
            )  # fmt: skip
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _shape_type(frame: gpd.GeoDataFrame) -> str:
    return "MultiPolygon" if (frame.geom_type == "MultiPolygon").any() else "Polygon"


def _write_buildings(town: Town, path: Path) -> None:
    """楼栋台账: codes are text, so that no spreadsheet program rounds them."""
    book = xlsxwriter.Workbook(str(path))
    book.set_properties({"created": datetime.datetime.fromisoformat(CLOCK.removesuffix("Z"))})
    sheet = book.add_worksheet("楼栋台账")
    bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
    further = _further_columns(town)
    sheet.write_row(0, 0, (*BUILDING_HEADINGS, *(FURTHER_ZH[name] for name in further)), bold)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 1, 22)
    sheet.set_column(2, 4, 16)
    for row, b in enumerate(town.buildings, start=1):
        community = town.communities[b.community]
        kind = KINDS[b.use].zh if b.use in KINDS else PUBLIC_ZH[b.use]
        sheet.write_string(row, 0, b.id, text)
        for column, value in ((1, b.name), (2, b.compound), (3, community.name), (5, kind), (10, b.special)):
            if value:
                sheet.write_string(row, column, value)
        sheet.write_string(row, 4, community.code, text)
        for column, number in ((6, b.households), (7, b.residents), (8, b.stairwells), (9, b.floors)):
            sheet.write_number(row, column, number)
        for column, values in enumerate(further.values(), start=len(BUILDING_HEADINGS)):
            value = values[row - 1]
            if isinstance(value, int):
                sheet.write_number(row, column, value)
            elif value:
                sheet.write_string(row, column, value, text)
    book.close()


def _write_stairwells(town: Town, path: Path) -> None:
    """单元台账: one row per floor of a stairwell, those without households too; houses are not in it."""
    book = xlsxwriter.Workbook(str(path))
    book.set_properties({"created": datetime.datetime.fromisoformat(CLOCK.removesuffix("Z"))})
    sheet = book.add_worksheet("单元台账")
    bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
    sheet.write_row(0, 0, STAIRWELL_HEADINGS, bold)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 0, 22)
    row = 0
    for b in town.buildings:
        for stairwell, homes in enumerate(b.by_floor, start=1):
            for floor, households in enumerate(homes, start=1):
                row += 1
                sheet.write_string(row, 0, b.id, text)
                sheet.write_row(row, 1, (stairwell, floor, households))
    book.close()


def _write_compounds(town: Town, path: Path) -> None:
    """小区台账: one point per compound in longitude and latitude (CGCS2000), counts of what lives there."""
    to_degrees = Transformer.from_crs(town.settings.place.crs, DEGREES, always_xy=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["name", "community", "lon", "lat", "households", "buildings"])
        for compound in town.compounds:
            inside = [b for b in town.buildings if b.compound == compound.name]
            point = compound.shape.representative_point()
            lon, lat = to_degrees.transform(point.x, point.y)
            community = town.communities[compound.community].name
            households = sum(b.households for b in inside)
            rows.writerow([compound.name, community, f"{lon:.6f}", f"{lat:.6f}", households, len(inside)])


def _write_note(town: Town, path: Path) -> None:
    place = town.settings.place
    stairwells = ""
    if _has_stairwell_ledger(town):
        stairwells = f"| `{STAIRWELLS}` | 单元台账, households of every stairwell floor by floor; beside the map |\n"
    path.write_text(
        f"""# {place.name}（模拟数据 / synthetic）

Generated by `python -m datasets` with seed {town.settings.seed}. No building, street or person here is real.
由 `python -m datasets` 以随机种子 {town.settings.seed} 生成，楼栋、道路、人口均为模拟。

| file | what it is |
|---|---|
| `{MAP}` | layers buildings, communities, barriers, boundary; {place.crs}, metres |
| `{BUILDINGS}` | 楼栋台账, the same buildings without positions; joined to the map by 楼栋编号 |
| `{COMPOUNDS}` | 小区台账, one row per compound, CGCS2000 degrees ({DEGREES}); instead of the map |
{stairwells}
{len(town.communities)} communities, {len(town.compounds)} compounds, {len(town.buildings)} buildings, \
{sum(b.households for b in town.buildings)} households, {sum(b.residents for b in town.buildings)} residents.
""",
        encoding="utf-8",
    )
