"""What a town consists of, in metres of its coordinate system."""

from __future__ import annotations

from dataclasses import dataclass

import shapely
from shapely import Polygon

from datasets.generator.settings import Settings, Township


@dataclass(frozen=True, kw_only=True, eq=False)
class Building:
    """One building. `households` is 0 where nobody lives; `compound` is empty for public buildings.

    `by_floor` holds the households of every stairwell on every floor from the ground up, or nothing. `home_township`
    and `origin` say where its residents are registered and which village they came from.
    """

    id: str
    name: str
    use: str
    community: int
    compound: str
    households: int
    residents: int
    stairwells: int
    floors: int
    special: str
    shape: Polygon
    by_floor: tuple[tuple[int, ...], ...] = ()
    home_township: str = ""
    origin: str = ""
    party_households: int | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Compound:
    """A walled estate, an old quarter or a village."""

    name: str
    use: str
    community: int
    shape: Polygon


@dataclass(frozen=True, kw_only=True, eq=False)
class Community:
    """A community; `grids` is its natural number of grids."""

    code: str
    name: str
    township: Township
    grids: int
    shape: Polygon


@dataclass(frozen=True, kw_only=True, eq=False)
class Barrier:
    """A line or polygon: `kind` river, railway, road, wall or bridge; `crossing` hard, soft or open."""

    kind: str
    crossing: str
    name: str
    shape: shapely.Geometry


@dataclass(frozen=True, kw_only=True, eq=False)
class Town:
    """Everything of one town, in metres of `settings.place.crs`."""

    settings: Settings
    buildings: tuple[Building, ...]
    compounds: tuple[Compound, ...]
    communities: tuple[Community, ...]
    barriers: tuple[Barrier, ...]
    greens: tuple[Polygon, ...]
    boundary: shapely.Geometry
