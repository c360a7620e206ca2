"""New barriers and bridges from a map file, for a plan that is there already."""

from __future__ import annotations

import geopandas as gpd
from pyproj import CRS

from partitioner.errors import Place
from partitioner.io.reading.files import read_layers
from partitioner.io.reading.findings import Findings
from partitioner.io.reading.located import locate
from partitioner.io.reading.roles import CROSSING_OF_KIND, CROSSINGS, Role, kind_of
from partitioner.io.reading.sources import find_sources
from partitioner.io.reading.surroundings import read_barriers
from partitioner.io.reading.systems import read_declared


def read_barrier_file(
    told: str, crs: CRS, place: Place, *, kind: str | None = None, crs_of_file: str | None = None
) -> gpd.GeoDataFrame:
    """`kind`, `crossing`, `source` and shapes, in `crs`.

    Parameters
    ----------
    told : str
        A file, or ``FILE:KIND`` or ``FILE:KIND:hard|soft|open``.
    place : Place
        Where the file is named, if it cannot be found.
    kind : str, optional
        What all lines are, in words (河流, railway, …); else what rows or layer names say.

    Raises
    ------
    InputError
        With every fault of the file; a barrier of unknown kind is one.
    """
    findings = Findings()
    path, words = told, [kind] if kind else []
    while ":" in path and len(path.rpartition(":")[0]) > 1 and "." not in path.rpartition(":")[2]:
        path, _, word = path.rpartition(":")
        words.append(word)
    crossing = next((word for word in words if word in CROSSINGS), None)
    sort = next((found for word in words if word not in CROSSINGS and (found := kind_of(word))), None)
    declared = read_declared(crs_of_file, findings)
    layers = read_layers(find_sources([path], findings), {}, findings)
    located = []
    for layer in layers:
        named = sort or kind_of(layer.name or "") or kind_of(layer.file)
        role = Role(name="barriers", kind=named, crossing=crossing or CROSSING_OF_KIND.get(named or ""))
        located.append(locate(layer, role, {}, declared, findings))
    findings.stop()
    frame = read_barriers([one.in_crs(crs) for one in located], crs, findings)
    if not len(frame) and not findings.faults:
        findings.fault("table_empty", Place(file=path, pointer=place.pointer))
    findings.stop()
    return frame
