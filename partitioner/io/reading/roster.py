"""Rosters of staff: workbooks and text tables with Chinese or English headings, as people of a plan."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import shapely

from partitioner.errors import Fault, InputError
from partitioner.io.reading.cells import plain_text
from partitioner.io.reading.county_reading import OUTLINE_TOLERANCE_M
from partitioner.io.reading.files import read_layers
from partitioner.io.reading.findings import Findings
from partitioner.io.reading.headings import STAFF_FIELDS, declared_column, match_fields
from partitioner.io.reading.layers import Layer
from partitioner.io.reading.located import Located, locate
from partitioner.io.reading.roles import Role as LayerRole
from partitioner.io.reading.roles import seen
from partitioner.io.reading.roster_catalogue import ROSTER_CATALOGUE
from partitioner.io.reading.roster_places import RosterPlaces
from partitioner.io.reading.roster_rows import RosterRow, read_row, roles_in_words
from partitioner.io.reading.sources import find_sources
from partitioner.io.reading.systems import Declared, read_declared
from partitioner.io.targets import PlanTargets
from partitioner.model import FloatArray
from partitioner.profiles import StaffRole, StaffRules
from partitioner.profiles.staffing_reading import same_word
from partitioner.staffing import Pair, Person

LEAST_FIELDS = 2
"""A sheet that has fewer columns of a roster is no roster."""


@dataclass(frozen=True, kw_only=True)
class RosterRead:
    """People as a roster tells them.

    Parameters
    ----------
    people : tuple of Person
        In the order of the rows.
    locked : tuple of Pair
        What the column 锁定 asks for.
    notices : tuple of Fault
        What was mended, matched by name or left out.
    names : mapping from number to name
        Empty unless names were asked for.
    """

    people: tuple[Person, ...]
    locked: tuple[Pair, ...] = ()
    notices: tuple[Fault, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict, repr=False)


WHERE = frozenset(
    {"area_unknown", "area_ambiguous", "target_unknown", "target_of_other_level", "building_unknown"}
    | {"building_ambiguous"}
)
"""Faults that only a plan can tell."""


def check_roster(
    paths: Iterable[str | os.PathLike[str]],
    rules: StaffRules,
    *,
    crs: Mapping[str, str] | str | None = None,
    columns: Mapping[str, str] | None = None,
) -> None:
    """Look for what is wrong with a roster whatever the plan will be.

    Raises
    ------
    InputError
        With all faults but those of words for places.
    """
    nowhere = PlanTargets(name="", targets=(), neighbours=(), titles={}, homes={}, placed=False)
    try:
        read_roster(paths, nowhere, rules, crs=crs, columns=columns)
    except InputError as error:
        faults = [fault for fault in error.faults if fault.rule not in WHERE]
        if faults:
            raise InputError(faults) from None


def read_roster(
    paths: Iterable[str | os.PathLike[str]],
    targets: PlanTargets,
    rules: StaffRules,
    *,
    crs: Mapping[str, str] | str | None = None,
    columns: Mapping[str, str] | None = None,
    with_names: bool = False,
) -> RosterRead:
    """Read all sheets of all files as one roster.

    Parameters
    ----------
    targets : PlanTargets
        Of the plan that the people are posted in: areas, buildings and codes are looked up there.
    rules : StaffRules
        Its roles are the ones that a roster may name.
    crs : str or mapping, optional
        System of coordinate columns, as for `read_county`.
    columns : mapping, optional
        From field (see `STAFF_FIELDS`) to heading.
    with_names : bool
        Whether to keep names; otherwise no cell of that column is looked at.

    Raises
    ------
    InputError
        With every fault of every file.
    """
    findings = Findings(ROSTER_CATALOGUE)
    columns, declared = dict(columns or {}), read_declared(crs, findings)
    for name in sorted(columns.keys() - STAFF_FIELDS.keys()):
        findings.fault("field_unknown", value=name, fields=", ".join(STAFF_FIELDS))
    layers = read_layers(find_sources([Path(path) for path in paths], findings), columns, findings)
    tables = [layer for layer in layers if _is_roster(layer, columns, findings)]
    if layers and not tables:
        findings.fault("staff_table_missing", seen=seen(layers))
    places, words = RosterPlaces(targets), role_words(rules)
    rows: list[RosterRow] = []
    for layer in tables:
        rows += _rows(layer, places, rules, words, columns, declared, findings)
    _check_numbers(rows, findings)
    findings.stop()
    return RosterRead(
        people=tuple(row.person for row in rows if row.person is not None),
        locked=tuple(pair for row in rows for pair in row.locked),
        notices=tuple(findings.notices),
        names=_names(tables, columns, findings) if with_names else {},
    )


def role_words(rules: StaffRules) -> dict[str, StaffRole]:
    """From every word for a role, as it is compared, to the role."""
    return {same_word(word): role for role in rules.roles for word in role.words}


def _is_roster(layer: Layer, columns: Mapping[str, str], findings: Findings) -> bool:
    found = match_fields(layer, "staff", columns, findings, report=False)
    if len(found) >= LEAST_FIELDS and {"number", "role"} & found.keys():
        return True
    findings.notice("sheet_ignored", layer.place())
    return False


def _rows(
    layer: Layer,
    places: RosterPlaces,
    rules: StaffRules,
    words: Mapping[str, StaffRole],
    columns: Mapping[str, str],
    declared: Declared,
    findings: Findings,
) -> list[RosterRow]:
    located = locate(layer, LayerRole(name="staff"), columns, declared, findings)
    headings = ", ".join(heading.text for heading in layer.headings)
    if "number" not in located.fields:
        findings.fault("number_column_missing", layer.place(), headings=headings)
        return []
    default = words.get(same_word(layer.name or "")) or words.get(same_word(Path(layer.file).stem))
    if "role" not in located.fields and default is None:
        known = roles_in_words(rules)
        findings.fault("role_column_missing", layer.place(), headings=headings, roles=known)
        return []
    xy = _positions(located, places, findings)
    return [
        read_row(located, record, xy[record], places, rules, words, default, findings) for record in range(len(layer))
    ]


def _positions(located: Located, places: RosterPlaces, findings: Findings) -> FloatArray:
    """Metres in the system of the plan, shape (n, 2); not a number where no position is told."""
    nowhere = np.full((len(located), 2), np.nan)
    if located.shapes is None or not located.settled:
        return nowhere
    if not any(shape is not None for shape in located.shapes):
        return nowhere
    crs, outline = places.targets.crs, places.targets.outline
    if crs is None:
        findings.notice("coordinates_unused", located.layer.place())
        return nowhere
    points = shapely.centroid(located.in_crs(crs).shapes)
    xy = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
    if outline is not None:
        away = shapely.distance(points, outline)
        for record in np.flatnonzero(away > OUTLINE_TOLERANCE_M).tolist():
            place = located.layer.place(record)
            findings.fault("staff_outside", place, distance_km=f"{away[record] / 1000:,.1f}")
    return np.asarray(xy, dtype=np.float64)


def _check_numbers(rows: Iterable[RosterRow], findings: Findings) -> None:
    first: dict[str, str] = {}
    for row in rows:
        if row.number is None:
            continue
        if row.number in first:
            findings.fault("number_twice", row.place, row.number, other=first[row.number])
        first.setdefault(row.number, row.source)


def _names(tables: Iterable[Layer], columns: Mapping[str, str], findings: Findings) -> dict[str, str]:
    """From number to name."""
    found: dict[str, str] = {}
    for layer in tables:
        fields = match_fields(layer, "staff", columns, findings, report=False)
        column = declared_column(layer, columns.get("name"))
        column = fields.get("name") if column is None else column
        if column is not None and "number" in fields:
            pairs = zip(layer.columns[fields["number"]], layer.columns[column], strict=True)
            found |= {plain_text(number): plain_text(name) for number, name in pairs if plain_text(name)}
    return found
