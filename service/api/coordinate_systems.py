"""The coordinate system of a project: checked when it is told, given to datasets that name none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pyproj import CRS
from pyproj.exceptions import CRSError

from partitioner.io.reading.systems import ALL_OTHERS
from service.errors import invalid
from service.records import Project

_CODE = re.compile(r"[A-Za-z]{2,20}:[0-9]{1,10}")
"""Codes only: definitions written out may make PROJ open files, which the server never does for a client."""


def checked_crs(text: str) -> str:
    """The code `text` in capitals.

    Raises
    ------
    FaultsError
        It is no code of a projected or geographic system.
    """
    code = text.strip().upper()
    try:
        crs = CRS.from_user_input(code) if _CODE.fullmatch(code) else None
    except CRSError:
        crs = None
    if crs is not None and (crs.is_projected or crs.is_geographic):
        return code
    raise invalid(
        "/crs",
        "不认识这个坐标系",
        "no such coordinate system",
        "请写平面或经纬度坐标系的代码，如 EPSG:4547（CGCS2000 三度带：EPSG:4534–4554）",
        "give the code of a projected or geographic system: EPSG:4547 (CGCS2000 3-degree zones: EPSG:4534–4554)",
        text,
    )


def with_system_of(project: Project, options: Mapping[str, Any]) -> dict[str, Any]:
    """Options of a reading, the system of the project in them where they do not say another."""
    wanted = options.get("crs")
    if project.crs is None or isinstance(wanted, str):
        return dict(options)
    if wanted is None:
        return {**options, "crs": project.crs}
    return {**options, "crs": {ALL_OTHERS: project.crs, **wanted}}
