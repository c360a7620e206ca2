"""From files to a county: the order in which things are read, joined and checked."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from partitioner.geometry.attachment import attach_compounds, attachment_notices
from partitioner.geometry.coordinates import is_metric, metric_crs
from partitioner.geometry.county import County
from partitioner.geometry.expansion import expand_compounds
from partitioner.io.reading.buildings import in_columns, read_buildings, single_ids, whole_ids
from partitioner.io.reading.compounds import read_compounds
from partitioner.io.reading.files import read_layers
from partitioner.io.reading.findings import Findings
from partitioner.io.reading.headings import FIELDS, declared_column, match_fields
from partitioner.io.reading.layers import Layer
from partitioner.io.reading.ledgers import join_ledger
from partitioner.io.reading.located import Located, locate
from partitioner.io.reading.membership import give_communities
from partitioner.io.reading.roles import Role, lookup, read_roles, role_of, seen
from partitioner.io.reading.sources import find_sources
from partitioner.io.reading.stairwells import read_corridors, read_floors
from partitioner.io.reading.surroundings import read_barriers, read_boundary, read_communities
from partitioner.io.reading.systems import WGS84, Declared, read_declared

OUTLINE_TOLERANCE_M = 1000.0
"""How far beyond the county's outline a building may lie: outlines are drawn coarsely, and some of them are shifted."""

OnLayers = Callable[[Sequence[Layer]], None]
"""Told every table that was read."""

_Layers = dict[str, list[Located]]


def read_county(
    paths: Iterable[str | os.PathLike[str]],
    *,
    crs: Mapping[str, str] | str | None = None,
    roles: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
    name: str | None = None,
    expand_seed: int = 0,
    on_layers: OnLayers = lambda _layers: None,
) -> County:
    """Read ledgers and maps into one county.

    Parameters
    ----------
    paths
        Files or folders: GeoPackage, GeoJSON, Shapefile, FileGDB, zipped shapefiles, xlsx, xls, csv, tsv.
    crs
        ``EPSG:4547``, WKT, ``gcj02``, ``bd09``, ``wgs84``: for every file that says nothing itself; or a mapping from
        file, layer or ``file:layer``, which wins over what the file says (``*``: every other file that says nothing).
        The county is in the system for all files where its buildings come in no metric one.
    roles
        From layer, file or ``file:layer`` to ``buildings``, ``compounds``, ``barriers[:hard|soft|open[:KIND]]``,
        ``communities``, ``boundary``, ``floors`` (a stairwell ledger), ``corridors``, ``staff`` or ``ignore``.
    columns
        From field (see `partitioner.geometry.county.BUILDING_COLUMNS`) to heading, where headings are not recognised.
    name
        Name of the county; by default that of its outline, else of the first file or folder.
    expand_seed
        Seed for the buildings that a compound ledger is expanded to.
    on_layers
        Told every table as it was read, before anything is made of it.

    Raises
    ------
    InputError
        With every fault of every file.
    """
    findings = Findings()
    columns, declared = dict(columns or {}), read_declared(crs, findings)
    told = read_roles(roles or {}, findings)
    given = [Path(path) for path in paths]
    sources = find_sources(given, findings)
    layers = read_layers(sources, columns, findings)
    on_layers(layers)
    _check_declarations(layers, told, declared, columns, findings)
    by_role = _by_role(layers, told, columns, declared, findings)
    if not any(by_role[role] for role in ("buildings", "compounds", "unsettled")) and (layers or not findings.faults):
        _tell_unrecognised(layers, columns, findings)
    _check_units(by_role, findings)
    return _assemble(by_role, declared, name, given[0].stem, expand_seed, findings)


def _by_role(
    layers: Sequence[Layer],
    told: Mapping[str, Role],
    columns: Mapping[str, str],
    declared: Declared,
    findings: Findings,
) -> _Layers:
    by_role: _Layers = {role: [] for role in (*FIELDS, "unsettled")}
    num_layers = Counter(layer.file for layer in layers)
    for layer in layers:
        role = role_of(layer, told, columns, findings, alone=num_layers[layer.file] == 1)
        if role is None:
            headings = ", ".join(heading.text for heading in layer.headings[:30])
            findings.notice("layer_ignored", layer.place(), headings=headings)
        elif role.name == "staff":
            findings.notice("staff_unused", layer.place())
        elif role.name == "communities" and layer.shapes is None:
            findings.notice("communities_without_map", layer.place())
        elif role.name != "ignore":
            located = locate(layer, role, columns, declared, findings)
            by_role[role.name if located.settled else "unsettled"].append(located)
    return by_role


def _tell_unrecognised(layers: Sequence[Layer], columns: Mapping[str, str], findings: Findings) -> None:
    """A table that looks like a ledger only lacks its households; otherwise everything that was seen is listed."""
    uncounted = [layer for layer in layers if _is_uncounted_ledger(layer, columns, findings)]
    for layer in uncounted:
        headings = ", ".join(heading.text for heading in layer.headings)
        findings.fault("households_column_missing", layer.place(), headings=headings)
    if not uncounted:
        findings.fault("nothing_recognised", seen=seen(layers))


def _is_uncounted_ledger(layer: Layer, columns: Mapping[str, str], findings: Findings) -> bool:
    found = match_fields(layer, "buildings", columns, findings, report=False).keys()
    return "households" not in found and len(found & {"id", "compound", "number", "stairwells", "floors"}) >= 2


def _check_units(by_role: _Layers, findings: Findings) -> None:
    """Where no position can be told, the cells are still checked, so that all faults come at once."""
    units = [*by_role["buildings"], *by_role["compounds"]]
    lost = list(by_role["unsettled"])
    if units and all(located.shapes is None for located in units):
        if not lost:
            findings.fault("coordinates_missing_everywhere", seen=seen([located.layer for located in units]))
        lost += units
    for located in lost:
        if located.role.name == "buildings":
            single_ids(read_buildings(located, findings), [located], findings)
        elif located.role.name == "compounds":
            read_compounds(located, findings)
    if lost or not units:
        findings.stop()


def _check_declarations(
    layers: Sequence[Layer],
    told: Mapping[str, Role],
    declared: Declared,
    columns: Mapping[str, str],
    findings: Findings,
) -> None:
    """Declarations that meet nothing are slips of the pen, and are named."""
    fields = sorted({field for names in FIELDS.values() for field in names})
    for field, heading in columns.items():
        if field not in fields:
            findings.fault("field_unknown", value=field, fields=", ".join(fields))
        elif layers and all(declared_column(layer, heading) is None for layer in layers):
            findings.fault("column_missing", value=heading, field=field, seen=seen(layers))
    for names in (told, declared.by_name):
        met = {lookup(layer, names) for layer in layers}
        for target in names:
            if layers and target not in met and not any(lookup(layer, {target: None}) for layer in layers):
                findings.fault("target_missing", value=target, seen=seen(layers))


def _assemble(
    by_role: _Layers, declared: Declared, name: str | None, fallback: str, seed: int, findings: Findings
) -> County:
    crs = _common_crs(by_role, declared)
    placed: _Layers = {role: [located.in_crs(crs) for located in layers] for role, layers in by_role.items()}
    boundary, boundary_name = read_boundary(placed["boundary"], findings)
    communities = read_communities(placed["communities"], crs, findings)
    barriers = read_barriers(placed["barriers"], crs, findings)
    frame = _buildings(placed, boundary, crs, seed, findings)
    layer = (placed["buildings"] or placed["compounds"])[0].layer
    frame, floors = read_floors(placed["floors"], frame, findings)
    corridors = read_corridors(placed["corridors"], frame, floors, findings)
    frame = give_communities(frame, communities, layer.place(), findings)
    if not findings.faults and not (frame["households"].fillna(0) > 0).any():
        findings.fault("nobody_lives_here", layer.place())
    findings.stop()
    return County(
        name=name or boundary_name or fallback,
        crs=crs,
        buildings=in_columns(frame, crs),
        barriers=barriers,
        communities=communities,
        boundary=boundary,
        notices=tuple(findings.notices),
        floors=floors,
        corridors=corridors,
    )


def _common_crs(by_role: _Layers, declared: Declared) -> CRS:
    """The metric system of the buildings where they have one, else that declared for all, else what fits the place.

    WGS84 where no position is known at all; every row is a fault then.
    """
    layers = [located for role in ("buildings", "compounds") for located in by_role[role] if located.shapes is not None]
    points = np.concatenate([located.degrees() for located in layers])
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        return WGS84
    lon, lat = np.median(points, axis=0).tolist()
    for crs in [*(located.crs for located in layers), declared.default]:
        if isinstance(crs, CRS) and is_metric(crs, lon, lat):
            return crs
    # Half a percent at each end may be slips that are told row by row; they must not move the zone.
    west, south = np.quantile(points, 0.005, axis=0).tolist()
    east, north = np.quantile(points, 0.995, axis=0).tolist()
    return metric_crs((west, south, east, north))


def _buildings(
    placed: _Layers, boundary: shapely.Geometry | None, crs: CRS, seed: int, findings: Findings
) -> gpd.GeoDataFrame:
    """All buildings with ids: read, joined to their ledger, or made from compounds."""
    compounds = [read_compounds(located, findings) for located in placed["compounds"]]
    _check_outline(placed["compounds"], boundary, findings)
    if not placed["buildings"]:
        findings.stop()
        return _expanded(_stacked(compounds, crs), boundary, seed)
    _check_outline(placed["buildings"], boundary, findings)
    maps, tables = _maps_and_ledgers(placed["buildings"])
    counted = any("households" in located.fields for located in placed["buildings"])
    frame = _read_all(maps, crs, findings, parts=bool(compounds) and not counted)
    if tables and maps:
        frame = join_ledger(frame, _read_all(tables, crs, findings), tables, findings)
    frame = whole_ids(frame, (maps or tables)[0].layer.place(), findings)
    if not counted and compounds:
        findings.stop()
        return _attached(frame, _stacked(compounds, crs), findings)
    if not counted:
        layer = placed["buildings"][0].layer
        findings.fault("households_column_missing", layer.place(), headings=", ".join(h.text for h in layer.headings))
    elif compounds:
        findings.notice("compounds_unused", placed["compounds"][0].layer.place())
    return frame


def _maps_and_ledgers(layers: Sequence[Located]) -> tuple[list[Located], list[Located]]:
    """Layers that say where buildings are, and layers that only add to what is known of them.

    Tables without coordinates are ledgers; so are tables with coordinates beside maps that have no households, for then
    both speak of the same buildings.
    """
    maps = [located for located in layers if located.layer.shapes is not None]
    tables = [located for located in layers if located.layer.shapes is None]
    if maps and tables and not any("households" in located.fields for located in maps):
        return maps, tables
    return [t for t in layers if t.shapes is not None], [t for t in layers if t.shapes is None]


def _read_all(layers: Sequence[Located], crs: CRS, findings: Findings, *, parts: bool = False) -> gpd.GeoDataFrame:
    frame = _stacked([read_buildings(located, findings) for located in layers], crs)
    return single_ids(frame, layers, findings, parts=parts)


def _stacked(frames: Sequence[gpd.GeoDataFrame], crs: CRS) -> gpd.GeoDataFrame:
    table = pd.concat([pd.DataFrame(frame.drop(columns="geometry")) for frame in frames], ignore_index=True)
    shapes = np.concatenate([np.asarray(frame.geometry, dtype=object) for frame in frames])
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(shapes, crs=crs))


def _check_outline(layers: Sequence[Located], boundary: shapely.Geometry | None, findings: Findings) -> None:
    """Positions far outside the outline are slips of the pen or of the coordinate system; near ones are only told."""
    if boundary is None:
        return
    shapely.prepare(boundary)
    for located in layers:
        if located.shapes is None:
            continue
        known = np.flatnonzero(~(shapely.is_missing(located.shapes) | shapely.is_empty(located.shapes)))
        outside = known[~shapely.intersects(boundary, located.shapes[known])]
        distance_m = shapely.distance(boundary, located.shapes[outside])
        far = distance_m > OUTLINE_TOLERANCE_M
        for record, metres in zip(outside[far].tolist(), distance_m[far].tolist(), strict=True):
            findings.fault("outside_outline", located.layer.place(record), distance_km=f"{metres / 1000:.1f}")
        if not far.all():
            most = f"{distance_m[~far].max():.0f}"
            findings.notice("outline_crossed", located.layer.place(), rows=int((~far).sum()), most_m=most)


def _expanded(compounds: gpd.GeoDataFrame, boundary: shapely.Geometry | None, seed: int) -> gpd.GeoDataFrame:
    return expand_compounds(compounds, boundary, seed=seed)


def _attached(footprints: gpd.GeoDataFrame, compounds: gpd.GeoDataFrame, findings: Findings) -> gpd.GeoDataFrame:
    attached = attach_compounds(footprints, compounds)
    findings.notices += attachment_notices(attached, compounds)
    return attached
