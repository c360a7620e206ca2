"""What the files, layers, columns and sheets of a level are called."""

from __future__ import annotations

from partitioner.io.writing.bundle import PlannedCounty, PlannedLevels
from partitioner.profiles import Level

Planned = PlannedCounty | PlannedLevels
"""What writers take: a plan of one level may be given as it is."""

LAYERS = {"community": "communities", "grid": "grids", "micro": "micro_grids"}
COLUMNS = {"micro": "micro_grid"}
SHEETS = {"community": "社区", "grid": "网格", "micro": "微网格"}
PARENTS = {"community": "township", "grid": "community", "micro": "grid"}
"""The column that holds the area above."""


def as_levels(planned: Planned) -> PlannedLevels:
    """A plan of one level as a plan of levels."""
    return planned if isinstance(planned, PlannedLevels) else PlannedLevels(levels=(planned,), seconds=(0.0,))


def layer_name(level: str) -> str:
    """The layer of a level's areas; also the stem of its GeoJSON file."""
    return LAYERS.get(level, f"{level}s")


def column_name(level: str) -> str:
    """The column that says to which area of the level something belongs."""
    return COLUMNS.get(level, level)


def parent_column(level: str) -> str:
    """The column of a level's areas that holds the area above."""
    return PARENTS.get(level, "parent")


def plural(level: Level) -> str:
    """The English title of a level's areas, several of them."""
    title = level.title.en
    return f"{title[:-1]}ies" if title.endswith("y") else f"{title}s"


def file_name(planned: PlannedLevels, level: str, stem: str, suffix: str) -> str:
    """`stem` and `suffix`, with the level in between where there are several."""
    return f"{stem}{suffix}" if len(planned.levels) == 1 else f"{stem}-{level}{suffix}"


def sheet_name(planned: PlannedCounty) -> str:
    """The ledger's sheet of a level's areas."""
    title = "".join(c for c in planned.level.title.zh if c not in "[]:*?/\\")
    return title[:31] or SHEETS.get(planned.level.name) or planned.level.name[:31]


def reference(planned: PlannedLevels) -> PlannedCounty:
    """The level whose units are buildings: grids, or else the narrowest level."""
    return planned.level("grid") if planned.has("grid") else planned.levels[-1]
