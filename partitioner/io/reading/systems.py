"""Coordinate systems: what was declared, what a file says, and what the numbers themselves say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from partitioner.errors import Place
from partitioner.geometry.coordinates import System, in_china, is_metric, to_wgs84
from partitioner.io.reading.coordinate_headings import system_in
from partitioner.io.reading.findings import Findings
from partitioner.io.reading.layers import Layer, Shapes
from partitioner.io.reading.roles import lookup
from partitioner.model.arrays import FloatArray, frozen_floats

WGS84 = CRS.from_epsg(4326)
MAX_METRES = 1e8
"""No coordinate of a projected system is larger, the zone in front of it included."""

Reference = CRS | System
"""What positions refer to: an EPSG or WKT system, or a shifted one of Chinese web maps."""

_NAMES: dict[str, Reference] = {
    "wgs84": "wgs84", "wgs 84": "wgs84", "cgcs2000": CRS.from_epsg(4490), "gcj02": "gcj02", "gcj-02": "gcj02",
    "bd09": "bd09", "bd-09": "bd09", "bd09ll": "bd09",
}  # fmt: skip


ALL_OTHERS = "*"
"""Among declarations by name: every file that says nothing itself."""


@dataclass(frozen=True, kw_only=True)
class Declared:
    """Systems that the caller names: for every file that says none, or by file or layer (which wins over the file)."""

    default: Reference | None = None
    by_name: Mapping[str, Reference]


def read_declared(crs: Mapping[str, str] | str | None, findings: Findings) -> Declared:
    """The caller's words; what is not understood becomes a fault."""
    if crs is None:
        return Declared(by_name={})
    if isinstance(crs, str):
        return Declared(default=_reference(crs, Place(), findings), by_name={})
    read = {target: _reference(text, Place(file=target), findings) for target, text in crs.items()}
    default = read.pop(ALL_OTHERS, None)
    return Declared(default=default, by_name={target: one for target, one in read.items() if one is not None})


def _reference(text: str, place: Place, findings: Findings) -> Reference | None:
    known = _NAMES.get(text.strip().casefold())
    if known is not None:
        return known
    try:
        return CRS.from_user_input(int(text) if text.strip().isdigit() else text)
    except (CRSError, ValueError, OverflowError):
        findings.fault("crs_unknown", place, text)
        return None


def wanted_reference(layer: Layer, declared: Declared) -> tuple[Reference | None, bool]:
    """What the caller says of a layer, and whether by its name."""
    key = lookup(layer, declared.by_name)
    return (declared.by_name[key], True) if key is not None else (declared.default, False)


def settle(
    layer: Layer, shapes: Shapes, columns_say: System | None, declared: Declared, findings: Findings
) -> tuple[Shapes, CRS] | None:
    """Shapes in a true coordinate system, mended where all rows have the same slip.

    In this order: what the caller says by name, what the column headings say, what the file says, what the caller says
    of all files, what the file name says, what the numbers look like.

    Returns
    -------
    (shapes, crs) or None
        Degrees come back as WGS84 (or the file's own geographic system); None after a fault of the whole layer.
    """
    centres = _centres(shapes)
    if not np.isfinite(centres).any():
        return shapes, layer.crs or WGS84
    reference = _choose(layer, centres, columns_say, declared, findings)
    if reference is None:
        return None
    if isinstance(reference, CRS) and not reference.is_geographic:
        return _settle_metres(layer, shapes, centres, reference, findings)
    return _settle_degrees(layer, shapes, centres, reference, findings)


def _choose(
    layer: Layer, centres: FloatArray, columns_say: System | None, declared: Declared, findings: Findings
) -> Reference | None:
    said, by_name = wanted_reference(layer, declared)
    degrees = _looks_like_degrees(centres)
    if said is not None and by_name:
        return said
    if columns_say is not None and degrees:
        return columns_say
    if layer.crs is not None:
        return layer.crs
    if said is not None and degrees == _is_degrees(said):
        return said
    named = system_in(layer.file)
    if named is not None and degrees:
        findings.notice("crs_from_name", layer.place(), system=named)
        return named
    return _guess(layer, centres, findings)


def _guess(layer: Layer, centres: FloatArray, findings: Findings) -> Reference | None:
    if _looks_like_degrees(centres):
        x, y = np.nanmedian(centres, axis=0)
        if in_china(x, y) or in_china(y, x):
            findings.notice("crs_assumed_wgs84", layer.place())
        return "wgs84"
    for swapped in (False, True):
        x, y = np.nanmedian(centres[:, ::-1] if swapped else centres, axis=0)
        zone, easting = int(x // 1e6), x % 1e6
        if not (1e5 < easting < 9e5 and 3e5 < y < 6.1e6):
            continue
        if 25 <= zone <= 45 or 13 <= zone <= 23:
            epsg = 4513 + zone - 25 if zone >= 25 else 4491 + zone - 13
            findings.notice("crs_from_zone", layer.place(), zone=zone, epsg=epsg)
            return CRS.from_epsg(epsg)
    x, y = np.nanmedian(centres, axis=0)
    findings.fault("crs_missing", layer.place(), f"{x:.1f}, {y:.1f}")
    return None


def _settle_degrees(
    layer: Layer, shapes: Shapes, centres: FloatArray, reference: Reference, findings: Findings
) -> tuple[Shapes, CRS] | None:
    x, y = centres[:, 0], centres[:, 1]
    if not _looks_like_degrees(centres):
        findings.fault(
            "crs_contradicts", layer.place(), f"{np.nanmedian(x):.1f}, {np.nanmedian(y):.1f}", crs=_name(reference)
        )
        return None
    known = np.isfinite(x) & np.isfinite(y) & ~((x == 0) & (y == 0))
    swapped = known & in_china(y, x) & ~in_china(x, y)
    if swapped.any() and swapped[known].all():
        findings.notice("lonlat_swapped_all", layer.place(), rows=int(swapped.sum()))
        shapes, x, y = _swapped(shapes), y, x
        swapped = np.zeros(len(x), dtype=bool)
    for record in np.flatnonzero(swapped).tolist():
        findings.fault("lonlat_swapped", layer.place(record), f"{x[record]}, {y[record]}")
    out = known & ~swapped & ((np.abs(x) > 180) | (np.abs(y) > 90))
    for record in np.flatnonzero(out).tolist():
        findings.fault("coordinate_range", layer.place(record), f"{x[record]}, {y[record]}")
    _zero_rows(layer, centres, findings)
    # What has a fault is left out, lest it move the zone or spoil the projection.
    shapes = _without(shapes, out | swapped)
    return (shapes, reference) if isinstance(reference, CRS) else (_shifted(shapes, reference), WGS84)


def _settle_metres(
    layer: Layer, shapes: Shapes, centres: FloatArray, crs: CRS, findings: Findings
) -> tuple[Shapes, CRS] | None:
    _zero_rows(layer, centres, findings)
    known = np.isfinite(centres).all(axis=1) & (centres != 0).any(axis=1)
    if not known.any():
        return shapes, crs
    if not _inside(crs, centres[known]):
        if _inside(crs, centres[known][:, ::-1]):
            findings.notice("axes_swapped", layer.place(), crs=_name(crs))
            shapes = _swapped(shapes)
        elif crs.area_of_use is not None:
            x, y = np.median(centres[known], axis=0)
            findings.fault("crs_contradicts", layer.place(), f"{x:.1f}, {y:.1f}", crs=_name(crs))
            return None
    out = (np.abs(centres) > MAX_METRES).any(axis=1)
    for record in np.flatnonzero(out).tolist():
        findings.fault("coordinate_range", layer.place(record), f"{centres[record, 0]}, {centres[record, 1]}")
    return _without(shapes, out), crs


def _zero_rows(layer: Layer, centres: FloatArray, findings: Findings) -> None:
    for record in np.flatnonzero((centres == 0).all(axis=1)).tolist():
        findings.fault("coordinate_zero", layer.place(record), "0, 0")


def _inside(crs: CRS, centres: FloatArray) -> bool:
    """Whether the middle of the points lies where the system is made for, give or take a few degrees."""
    x, y = np.median(centres, axis=0)
    try:
        lon, lat = Transformer.from_crs(crs, WGS84, always_xy=True).transform(x, y)
    except ProjError:
        return False
    area = crs.area_of_use
    if not (np.isfinite(lon) and np.isfinite(lat)):
        return False
    if area is None:
        # The .prj of a shapefile names no area; far from it the scale is wrong.
        return is_metric(crs, lon, lat, tolerance=0.05)
    # An area across the date line has west > east.
    within = area.west - 5 <= lon <= area.east + 5 if area.west <= area.east else True
    return bool(within and area.south - 5 <= lat <= area.north + 5)


def _centres(shapes: Shapes) -> FloatArray:
    """Middle of each shape's box, shape (n, 2); NaN where there is none."""
    box = shapely.bounds(shapes).reshape(-1, 4)
    centres = np.column_stack([box[:, 0] / 2 + box[:, 2] / 2, box[:, 1] / 2 + box[:, 3] / 2])
    # Beyond every system of the earth, yet small enough to be added up.
    return frozen_floats(np.clip(centres, -1e12, 1e12)).reshape(-1, 2)


def _looks_like_degrees(centres: FloatArray) -> bool:
    """Whether most positions could be degrees; a few slips among them are told row by row."""
    known = centres[np.isfinite(centres).all(axis=1)]
    return bool((np.abs(known) <= 180).all(axis=1).mean() > 0.5) if len(known) else True


def _is_degrees(reference: Reference) -> bool:
    return not isinstance(reference, CRS) or bool(reference.is_geographic)


def _without(shapes: Shapes, lost: npt.ArrayLike) -> Shapes:
    kept = shapes.copy()
    kept[np.asarray(lost, dtype=bool)] = None
    return kept


def _swapped(shapes: Shapes) -> Shapes:
    return _as_array(shapely.transform(shapes, lambda xy: xy[:, ::-1]))


def _shifted(shapes: Shapes, system: System) -> Shapes:
    if system == "wgs84":
        return shapes
    return _as_array(shapely.transform(shapes, lambda xy: np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], system))))


def project(shapes: Shapes, source: CRS, target: CRS) -> Shapes:
    """Shapes in another system (x east, y north in both)."""
    if source.equals(target, ignore_axis_order=True):
        return shapes
    transformer = Transformer.from_crs(source, target, always_xy=True)
    return _as_array(shapely.transform(shapes, lambda xy: np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))))


def _as_array(shapes: npt.NDArray[np.object_]) -> Shapes:
    return np.asarray(shapes, dtype=object)


def _name(reference: Reference) -> str:
    if not isinstance(reference, CRS):
        return reference
    epsg = reference.to_epsg()
    return f"EPSG:{epsg}" if epsg else reference.name
