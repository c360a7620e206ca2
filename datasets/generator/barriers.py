"""Barriers of a town: water, track, arterial roads, walls, and the bridges over them."""

from __future__ import annotations

import shapely

from datasets.generator.settings import Settings
from datasets.generator.streets import Bend, Sheet
from datasets.generator.values import Barrier, Compound

GRID_M = 0.01


def barriers_of(settings: Settings, sheet: Sheet, bend: Bend, compounds: tuple[Compound, ...]) -> tuple[Barrier, ...]:
    """Hard ones first, then bridges, roads and the walls of estates (villages and old quarters have none)."""
    found = []
    if sheet.river is not None and settings.river is not None:
        water = bend.shape(sheet.river).buffer(settings.river.width_m / 2)
        found.append(Barrier(kind="river", crossing="hard", name="河道", shape=_snapped(water)))
    if sheet.railway is not None:
        found.append(Barrier(kind="railway", crossing="hard", name="铁路", shape=_snapped(bend.shape(sheet.railway))))
    for number, bridge in enumerate(sheet.bridges, start=1):
        found.append(Barrier(kind="bridge", crossing="open", name=f"{number}号桥", shape=_snapped(bend.shape(bridge))))
    roads = shapely.get_parts(shapely.line_merge(bend.shape(sheet.arterials)))
    for number, road in enumerate(sorted(roads, key=lambda r: (r.bounds, r.length)), start=1):
        found.append(Barrier(kind="road", crossing="soft", name=f"主干路{number}", shape=_snapped(road)))
    for compound in compounds:
        if compound.use not in ("house", "courtyard"):
            wall = compound.shape.exterior
            found.append(Barrier(kind="wall", crossing="soft", name=f"{compound.name}围墙", shape=_snapped(wall)))
    return tuple(found)


def _snapped(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.set_precision(shape, GRID_M, mode="pointwise")
