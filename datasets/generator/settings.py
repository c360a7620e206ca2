"""Settings of a case: what kind of town is wanted, read from TOML."""

from __future__ import annotations

import tomllib
from bisect import bisect_right
from dataclasses import dataclass, field, fields, replace
from itertools import accumulate
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
    mix : dict
        Instead of `newness`: the kinds from the oldest quarter to the newest, each with its share of the compounds.
    per_grid : int
        Households for each grid that the town is made for.
    sizes : tuple of float
        How large each community is in proportion to the others; empty: all alike.
    imbalance_m : float
        Metres of border that a cut between communities may save for one share of imbalance.
    """

    communities: int
    compounds: int
    grids: int
    public_plots: int = 0
    villages: int = 0
    courtyards: int = 0
    new_deg: float = 0.0
    newness: float = 0.4
    mix: dict[str, float] = field(default_factory=dict)
    per_grid: int = 400
    sizes: tuple[float, ...] = ()
    imbalance_m: float = 9_000.0

    @property
    def rural(self) -> bool:
        """Nothing but villages and courtyards."""
        return self.villages + self.courtyards == self.compounds


@dataclass(frozen=True, kw_only=True)
class Interiors:
    """What buildings are like inside. Without this table every floor of every stairwell is full and alike.

    Parameters
    ----------
    vacant : float
        Share of the homes in which nobody lives.
    shops : float
        Share of the stairwells along the wall of a compound that have shops instead of homes on the ground floor.
    walkup_floors, slab_floors : tuple of int
        Heights that occur, the usual ones repeated; a compound has one of them, some of its buildings a floor less.
    tower_homes : tuple of int
        Homes on a floor of a tower that occur, one number per compound.
    ledger : bool
        Whether the stairwell ledger (households floor by floor) is written.
    """

    vacant: float = 0.0
    shops: float = 0.0
    walkup_floors: tuple[int, ...] = (6,)
    slab_floors: tuple[int, ...] = (11,)
    tower_homes: tuple[int, ...] = (4,)
    ledger: bool = False


@dataclass(frozen=True, kw_only=True)
class Exactly:
    """Published totals that the town is adjusted to.

    Parameters
    ----------
    households : int or None
        Met by homes that fill or fall vacant.
    stairwells : int or None
        Met by towers with two stairwells of half as many homes on a floor.
    residents, party_households : int or None
        Shared among the buildings; party households by households.
    """

    households: int | None = None
    stairwells: int | None = None
    residents: int | None = None
    party_households: int | None = None


@dataclass(frozen=True, kw_only=True)
class Resettled:
    """Residents who stay registered in another township: villages that moved into the last compounds of the town.

    Parameters
    ----------
    home, township : str
        Where everybody else is registered, and those of the villages.
    villages : tuple of str
    share : float
        Of all households.
    """

    home: str
    township: str
    villages: tuple[str, ...]
    share: float


@dataclass(frozen=True, kw_only=True)
class Township:
    """So many communities, in the order of their names; `code` has nine digits."""

    name: str
    code: str
    communities: int


@dataclass(frozen=True, kw_only=True)
class Site:
    """One of several separate places of a case.

    Parameters
    ----------
    east_m, north_m : float
        From the place's own corner, metres.
    streets, homes : dict
        What differs from the tables of the case.
    """

    east_m: float
    north_m: float
    streets: dict[str, Any] = field(default_factory=dict)
    homes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings of one town, or of several sites that make one case.

    `names` lists the communities, township by township, from west to east and north to south; with sites, site by site.
    """

    seed: int
    place: Place
    streets: Streets
    homes: Homes
    names: tuple[str, ...]
    river: River | None = None
    railway: Railway | None = None
    interiors: Interiors | None = None
    exactly: Exactly = Exactly()
    resettled: Resettled | None = None
    villages: tuple[str, ...] = field(default=())
    townships: tuple[Township, ...] = ()
    sites: tuple[Site, ...] = ()

    def __post_init__(self) -> None:
        homes = self.homes
        if len(self.names) != homes.communities:
            raise ValueError(f"{homes.communities} communities need as many names, not {len(self.names)}")
        if not homes.rural and len(self.villages) < homes.villages:
            raise ValueError(f"{homes.villages} villages need as many names, not {len(self.villages)}")
        if homes.sizes and len(homes.sizes) != homes.communities:
            raise ValueError(f"{homes.communities} communities need as many sizes, not {len(homes.sizes)}")
        if self.townships and sum(township.communities for township in self.townships) != homes.communities:
            raise ValueError(f"the townships do not have {homes.communities} communities together")
        for name in ("communities", "compounds", "grids") if self.sites else ():
            total = sum(getattr(site.homes, name) for site in self.each_site())
            if total != getattr(homes, name):
                raise ValueError(f"the sites have {total} {name}, homes.{name} says {getattr(homes, name)}")

    @property
    def lines(self) -> tuple[int, ...]:
        """How many communities the first township has, the first two, …"""
        return tuple(accumulate(township.communities for township in self.townships))

    def township_of(self, community: int) -> Township:
        """The township of a community by its position; one named after the place where the case tells none."""
        if not self.townships:
            code = self.place.county_code + self.place.township_code
            return Township(name=self.place.name, code=code, communities=self.homes.communities)
        return self.townships[bisect_right(self.lines, community)]

    def each_site(self) -> tuple[Settings, ...]:
        """Settings of the towns that make the case, each with its own place, names and chances."""
        if not self.sites:
            return (self,)
        found, communities, villages = [], 0, 0
        for number, site in enumerate(self.sites):
            homes = replace(self.homes, **site.homes)
            place = self.place
            moved = replace(place, east_m=place.east_m + site.east_m, north_m=place.north_m + site.north_m)
            found.append(
                replace(
                    self,
                    seed=100 * self.seed + number,
                    place=moved,
                    streets=replace(self.streets, **site.streets),
                    homes=homes,
                    names=self.names[communities : communities + homes.communities],
                    villages=() if homes.rural else self.villages[villages : villages + homes.villages],
                    townships=(),
                    sites=(),
                )
            )
            communities += homes.communities
            villages += 0 if homes.rural else homes.villages
        return tuple(found)


SECTIONS: dict[str, type[Any]] = {
    "place": Place, "streets": Streets, "homes": Homes, "river": River, "railway": Railway, "interiors": Interiors,
    "exactly": Exactly, "resettled": Resettled,
}  # fmt: skip
LISTS: dict[str, type[Any]] = {"townships": Township, "sites": Site}


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
        lists = {name: [_made(kind, table) for table in data.pop(name)] for name, kind in LISTS.items() if name in data}
        settings: Settings = _made(Settings, data | sections | lists)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from error
    return settings


def _made(kind: type[Any], table: dict[str, Any]) -> Any:
    """A dataclass from a table; lists become tuples."""
    unknown = sorted(set(table) - {f.name for f in fields(kind)})
    if unknown:
        raise ValueError(f"unknown keys of {kind.__name__.lower()}: {', '.join(unknown)}")
    return kind(**{name: _frozen(value) for name, value in table.items()})


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _frozen(inner) for name, inner in value.items()}
    return tuple(value) if isinstance(value, list) else value
