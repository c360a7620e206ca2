"""Settings of a case: what kind of town is wanted, read from TOML."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the town stands and what it is called.

    Parameters
    ----------
    name : str
        Chinese name of the county (or community) in ledgers.
    county_code, township_code : str
        Six and three digits; community codes begin with both.
    crs : str
        A CGCS2000 3-degree zone.
    east_m, north_m : float
        South-west corner of the town in that zone, metres.
    """

    name: str
    county_code: str
    township_code: str
    crs: str
    east_m: float
    north_m: float


@dataclass(frozen=True, kw_only=True)
class Streets:
    """The lattice of arterial roads, before it is bent and turned.

    Parameters
    ----------
    columns, rows : int
        Blocks between arterial roads, west to east and south to north.
    block_m : (float, float)
        Least and greatest width of a block, metres.
    merged : int
        How many arterial pieces between two blocks are missing.
    corners : int
        How many of the four corner blocks are fields, outside the town.
    turn_deg, bend_m : float
        Turn of the whole town, degrees; how far arterial roads swing from straight, metres.
    arterial_m, lane_m : float
        Free width between compounds across an arterial road, and across a lane, metres.
    """

    columns: int
    rows: int
    block_m: tuple[float, float] = (420.0, 560.0)
    merged: int = 0
    corners: int = 0
    turn_deg: float = 0.0
    bend_m: float = 0.0
    arterial_m: float = 44.0
    lane_m: float = 14.0


@dataclass(frozen=True, kw_only=True)
class River:
    """A river from west to east.

    Parameters
    ----------
    at : float
        Height of its course, in rows of blocks from the south.
    slope : float
        How many rows further north it leaves than it enters.
    swing_m, width_m, bank_m : float
        Swing of its bends, width of the water, and free bank on each side, metres.
    """

    at: float
    slope: float = 0.0
    swing_m: float = 60.0
    width_m: float = 45.0
    bank_m: float = 25.0


@dataclass(frozen=True, kw_only=True)
class Railway:
    """A railway from west to east; nobody lives beyond it, to the north. `at` and `slope` as for the river."""

    at: float
    slope: float = 0.0
    free_m: float = 30.0


@dataclass(frozen=True, kw_only=True)
class Homes:
    """Who lives there.

    Parameters
    ----------
    communities, compounds, grids : int
        Figures that the town must have; `grids` is the natural number at `per_grid` households a grid.
    public_plots : int
        Plots without households (schools, markets, parks, offices).
    villages, courtyards : int
        How many of the compounds are villages at the rim, and old quarters of courtyards in the middle.
    new_deg : float
        Direction of the new district from the centre, degrees anticlockwise from east.
    newness : float
        How much of the town is new, 0 … 1: slabs and towers in place of walk-ups.
    per_grid : int
        Households for each grid that the town is made for.
    """

    communities: int
    compounds: int
    grids: int
    public_plots: int = 0
    villages: int = 0
    courtyards: int = 0
    new_deg: float = 0.0
    newness: float = 0.4
    per_grid: int = 400


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings of one town. `names` lists the communities, from west to east and north to south."""

    seed: int
    place: Place
    streets: Streets
    homes: Homes
    names: tuple[str, ...]
    river: River | None = None
    railway: Railway | None = None
    villages: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if len(self.names) != self.homes.communities:
            raise ValueError(f"{self.homes.communities} communities need as many names, not {len(self.names)}")
        if len(self.villages) < self.homes.villages:
            raise ValueError(f"{self.homes.villages} villages need as many names, not {len(self.villages)}")


SECTIONS = {"place": Place, "streets": Streets, "homes": Homes, "river": River, "railway": Railway}


def read_settings(path: Path) -> Settings:
    """The settings in a TOML file.

    Raises
    ------
    ValueError
        An unknown key, a missing one, or figures that contradict each other.
    """
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        sections = {name: _made(kind, data.pop(name)) for name, kind in SECTIONS.items() if name in data}
        settings: Settings = _made(Settings, data | sections)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from error
    return settings


def _made(kind: type[Any], table: dict[str, Any]) -> Any:
    """A dataclass from a table; lists become tuples."""
    unknown = sorted(set(table) - {f.name for f in fields(kind)})
    if unknown:
        raise ValueError(f"unknown keys of {kind.__name__.lower()}: {', '.join(unknown)}")
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in table.items()})
