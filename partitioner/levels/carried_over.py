"""What units of today take over from those of a plan: labels, and how far buildings were opened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from partitioner.geometry.county import County
from partitioner.io.assembly import Assembled
from partitioner.io.writing import PlannedCounty
from partitioner.levels.part_of import UnitPlace, places_of_units
from partitioner.levels.parts import stock_of, with_parts
from partitioner.microgrid import Depth, cut_slices
from partitioner.model import Labels, Plan, Problem, SliceRule

Became = Mapping[str, str]
"""From ids of buildings before to ids of today, for those whose id changed."""


def labels_over(previous: PlannedCounty, county: County, problem: Problem, became: Became) -> Labels:
    """The area in `previous` of each unit of `problem`, whose units are rows of `county`.

    A unit that is there as it was has its area. One that was cut since has that of the whole; one that was whole since
    that of most households among its parts; a new one has none.
    """
    known = _known(previous, became)
    return Labels(_label_at(known, place) for place in places_of_units(county, problem))


def matched_units(previous: PlannedCounty, county: County, problem: Problem, became: Became) -> dict[str, str]:
    """From ids of units of `previous` to those of `problem` at the same place, where the ids differ."""
    here = dict(zip(places_of_units(county, problem), problem.units.id, strict=True))
    found = {}
    for place, name in zip(_places(previous, became), previous.problem.units.id, strict=True):
        now = here.get(place)
        if now is not None and now != name:
            found[name] = now
    return found


def opened_as_before(assembled: Assembled, previous: PlannedCounty, became: Became, rule: SliceRule) -> Assembled:
    """`assembled` with those buildings opened by stairwell or floor that were so in `previous`.

    Raises
    ------
    InputError
        As `parts.stock_of`.
    """
    places = _places(previous, became)
    for depth, wanted in (
        (Depth.STAIRWELL, {(building, 0) for building, stairwell, _, _ in places if stairwell}),
        (Depth.FLOOR, {(building, stairwell) for building, stairwell, floor, _ in places if floor}),
    ):
        here = [place[:2] in wanted for place in places_of_units(assembled.county, assembled.problem)]
        if not any(here):
            continue
        parts = stock_of(assembled)
        slices = cut_slices(parts.stock, np.where(here, depth, Depth.WHOLE), rule, parts.ledger)
        if len(slices) > len(parts.stock):
            assembled = with_parts(assembled, slices, rule, parts=parts)
    return assembled


def with_previous_labels(assembled: Assembled, previous: Labels) -> Assembled:
    """`assembled` with `previous` as the previous areas of its units, in the county's column as well."""
    units = assembled.problem.units
    rows = [None if unit < 0 else previous.at(unit) for unit in assembled.unit_of_building.tolist()]
    buildings = assembled.county.buildings.assign(previous_grid=pd.array(rows, dtype="string"))
    return replace(
        assembled,
        county=replace(assembled.county, buildings=buildings),
        problem=replace(assembled.problem, units=replace(units, previous=previous)),
    )


def _places(previous: PlannedCounty, became: Became) -> list[UnitPlace]:
    """Where the units of `previous` are, buildings by their ids of today."""
    return [
        (became.get(name, name), stairwell, low, high)
        for name, stairwell, low, high in places_of_units(previous.county, previous.problem)
    ]


_Votes = dict[str, int]


def _known(previous: PlannedCounty, became: Became) -> dict[tuple[str, int, int], _Votes]:
    """Households of every area at each floor, stairwell and building that units of `previous` lie at or in."""
    known: dict[tuple[str, int, int], _Votes] = defaultdict(dict)
    plan: Plan = previous.result.plan
    households = previous.problem.units.households.tolist()
    for unit, (building, stairwell, low, high) in enumerate(_places(previous, became)):
        label = plan.grid.at(unit)
        if label is None:
            continue
        floors = [(building, stairwell, floor) for floor in range(low, high + 1) if floor]
        for place in dict.fromkeys([*floors, (building, stairwell, 0), (building, 0, 0)]):
            votes = known[place]
            votes[label] = votes.get(label, 0) + households[unit]
    return known


def _label_at(known: dict[tuple[str, int, int], _Votes], place: UnitPlace) -> str | None:
    building, stairwell, low, high = place
    for keys in (
        [(building, stairwell, floor) for floor in range(low, high + 1)],
        [(building, stairwell, 0)],
        [(building, 0, 0)],
    ):
        votes: _Votes = {}
        for key in keys:
            for label, num in known.get(key, {}).items():
                votes[label] = votes.get(label, 0) + num
        if votes:
            return max(sorted(votes), key=lambda label: votes[label])
    return None
