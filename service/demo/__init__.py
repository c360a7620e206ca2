"""Bundled cases: generated towns with published figures, so that a new server has something to show."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from importlib import resources

from partitioner.errors import Text


@dataclass(frozen=True, kw_only=True)
class Case:
    """One case; its figures are those of its README under `datasets/`."""

    name: str
    title: Text
    buildings: int
    households: int
    grids: int


CASES = {
    case.name: case
    for case in (
        Case(name="gucheng", title=Text("故城县", "Gucheng"), buildings=1374, households=43012, grids=111),
        Case(name="cisheng", title=Text("慈胜社区", "Cisheng"), buildings=88, households=3200, grids=8),
    )
}
"""Every bundled case."""


def case_file(name: str) -> tuple[str, bytes]:
    """The name and the content of the one file of a case."""
    packed = (resources.files("service.demo") / f"{name}.gpkg.gz").read_bytes()
    return f"{name}.gpkg", gzip.decompress(packed)
