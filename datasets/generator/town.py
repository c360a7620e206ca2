"""A whole case: the towns that were drawn for it get names, codes and exact figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np
import shapely
from shapely import Polygon

from datasets.generator.barriers import barriers_of
from datasets.generator.drawing import GRID_M, Draft, Estate, draw_town
from datasets.generator.exact import exact_residents, exact_sizes, shared
from datasets.generator.kinds import KINDS
from datasets.generator.names import name_compounds, public_name
from datasets.generator.public import FLOORS
from datasets.generator.settings import Settings
from datasets.generator.values import Barrier, Building, Community, Compound, Town


@dataclass(frozen=True, kw_only=True, eq=False)
class _Named:
    """An estate with its name and the position of its community in the whole case."""

    estate: Estate
    name: str
    community: int

    @property
    def lived_in(self) -> bool:
        return self.estate.use not in FLOORS


def build_town(settings: Settings) -> Town:
    """The case that the settings describe; the same settings give the same town, coordinate by coordinate.

    Raises
    ------
    Misfit
        Some town of the case cannot be drawn, or its exact figures cannot be met.
    """
    drafts = [draw_town(site) for site in settings.each_site()]
    rng = drafts[-1].rng
    communities = _communities(settings, drafts)
    named = _named(settings, drafts, communities, rng)
    named = _with_exact_sizes(settings, named, rng)
    compounds = [
        Compound(name=n.name, use=n.estate.use, community=n.community, shape=_snapped(n.estate.shape))
        for n in named
        if n.lived_in
    ]
    buildings = _with_party_households(settings, _resettled(settings, _buildings(settings, communities, named, rng)))
    barriers: list[Barrier] = []
    for draft, (first, end) in zip(drafts, _spans(drafts), strict=True):
        inside = tuple(compound for compound in compounds if first <= compound.community < end)
        barriers += barriers_of(draft.settings, draft.sheet, draft.bend, inside)
    return Town(
        settings=settings,
        buildings=tuple(buildings),
        compounds=tuple(compounds),
        communities=tuple(communities),
        barriers=tuple(barriers),
        greens=tuple(shape for draft in drafts for shape in _greens(draft)),
        boundary=shapely.union_all([c.shape for c in communities], grid_size=GRID_M),
    )


def _spans(drafts: list[Draft]) -> list[tuple[int, int]]:
    """First community of each draft and the one after its last."""
    ends = list(accumulate(len(draft.grids) for draft in drafts))
    return list(zip([0, *ends[:-1]], ends, strict=True))


def _communities(settings: Settings, drafts: list[Draft]) -> list[Community]:
    """All communities, with codes that count within each township."""
    found: list[Community] = []
    serial: Counter[str] = Counter()
    for draft in drafts:
        for c, grids in enumerate(draft.grids):
            township = settings.township_of(len(found))
            serial[township.code] += 1
            shape = shapely.union_all([draft.shapes[p] for p in np.flatnonzero(draft.group == c)], grid_size=GRID_M)
            found.append(
                Community(
                    code=f"{township.code}{serial[township.code]:03d}",
                    name=settings.names[len(found)],
                    township=township,
                    grids=grids,
                    shape=shape,
                )
            )
    return found


def _named(
    settings: Settings, drafts: list[Draft], communities: list[Community], rng: np.random.Generator
) -> list[_Named]:
    """The estates, community by community from north to south, with their names."""
    placed: list[tuple[Estate, int]] = []
    for draft, (first, _) in zip(drafts, _spans(drafts), strict=True):
        order = sorted(
            draft.estates,
            key=lambda e: (int(draft.group[e.plot]), -round(e.shape.centroid.y / 150), e.shape.centroid.x),
        )
        placed += [(estate, first + int(draft.group[estate.plot])) for estate in order]
    homes = [estate.use for estate, _ in placed if estate.use not in FLOORS]
    names: Iterator[str]
    if settings.homes.rural:
        names = _teams([communities[c].name for estate, c in placed if estate.use not in FLOORS])
    else:
        names = iter(name_compounds(homes, settings.villages, rng))
    rank: Counter[str] = Counter()
    found = []
    for estate, c in placed:
        if estate.use in FLOORS:
            name = public_name(estate.use, rank[estate.use])
            rank[estate.use] += 1
        else:
            name = next(names)
        found.append(_Named(estate=estate, name=name, community=c))
    return found


def _teams(villages: list[str]) -> Iterator[str]:
    """“南席村1组”, “南席村2组”, …"""
    serial: Counter[str] = Counter()
    for village in villages:
        serial[village] += 1
        yield f"{village}{serial[village]}组"


def _with_exact_sizes(settings: Settings, named: list[_Named], rng: np.random.Generator) -> list[_Named]:
    lived_in = [n for n in named if n.lived_in]
    old = [footprint.size for n in lived_in for footprint in n.estate.footprints]
    new = iter(exact_sizes(old, settings.exactly, rng))
    found = []
    for n in named:
        if n.lived_in:
            footprints = tuple(replace(footprint, size=next(new)) for footprint in n.estate.footprints)
            n = replace(n, estate=replace(n.estate, footprints=footprints))
        found.append(n)
    return found


def _buildings(
    settings: Settings, communities: list[Community], named: list[_Named], rng: np.random.Generator
) -> list[Building]:
    buildings: list[Building] = []
    serial = [0] * len(communities)
    for n in named:
        for number, footprint in enumerate(n.estate.footprints, start=1):
            serial[n.community] += 1
            size = footprint.size
            buildings.append(
                Building(
                    id=f"{communities[n.community].code}{serial[n.community]:04d}",
                    name=_building_name(n.name, footprint.kind, number),
                    use=footprint.kind,
                    community=n.community,
                    compound=n.name if n.lived_in else "",
                    households=size.households,
                    residents=size.households + int(rng.binomial(3 * size.households, 0.5)),
                    stairwells=size.stairwells,
                    floors=size.floors,
                    special="市场" if n.estate.use == "market" else "",
                    shape=_snapped(footprint.shape),
                    by_floor=size.by_floor,
                )
            )
    if settings.exactly.residents is None:
        return buildings
    residents = exact_residents([b.households for b in buildings], settings.exactly.residents, rng)
    return [replace(b, residents=number) for b, number in zip(buildings, residents, strict=True)]


def _resettled(settings: Settings, buildings: list[Building]) -> list[Building]:
    """Where residents are registered: villages came into the last buildings of the town, one after the other."""
    resettled = settings.resettled
    if resettled is None:
        return buildings
    total = sum(b.households for b in buildings)
    step = resettled.share * total / len(resettled.villages)
    upto, found = 0, []
    for b in buildings:
        came = upto + b.households / 2 - (1 - resettled.share) * total
        upto += b.households
        if not b.households:
            found.append(b)
        elif came < 0:
            found.append(replace(b, home_township=resettled.home))
        else:
            village = resettled.villages[min(int(came / step), len(resettled.villages) - 1)]
            found.append(replace(b, home_township=resettled.township, origin=village))
    return found


def _with_party_households(settings: Settings, buildings: list[Building]) -> list[Building]:
    total = settings.exactly.party_households
    if total is None:
        return buildings
    numbers = shared(total, [b.households for b in buildings])
    return [replace(b, party_households=number) for b, number in zip(buildings, numbers, strict=True)]


def _greens(draft: Draft) -> list[Polygon]:
    built_on = {estate.plot for estate in draft.estates if estate.use != "park" and estate.footprints}
    return [shape for p, shape in enumerate(draft.shapes) if p not in built_on]


def _building_name(place: str, kind: str, number: int) -> str:
    """“锦绣花园3号楼”, “文庙街平房区12号院”; public buildings share the name of their plot."""
    if kind not in KINDS:
        return place
    return f"{place}{number}号{'院' if KINDS[kind].houses else '楼'}"


def _snapped(shape: Polygon) -> Polygon:
    return shapely.set_precision(shape, GRID_M, mode="pointwise")
