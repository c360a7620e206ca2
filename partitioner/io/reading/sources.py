"""Which files are read: what a path or a folder holds."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from partitioner.errors import Place
from partitioner.io.reading.findings import Findings

Kind = Literal["gpkg", "geojson", "shp", "gdb", "zip", "workbook", "text"]

KINDS: dict[str, Kind] = {
    ".gpkg": "gpkg", ".geojson": "geojson", ".json": "geojson", ".shp": "shp", ".gdb": "gdb", ".zip": "zip",
    ".xlsx": "workbook", ".xlsm": "workbook", ".xls": "workbook", ".csv": "text", ".tsv": "text", ".txt": "text",
}  # fmt: skip
"""File endings that are read."""

FOLDER_KINDS = frozenset(KINDS) - {".json", ".txt"}
"""Endings that are picked up from a folder; a .json or .txt may be anything, so it is read only when named."""

SHAPEFILE_PARTS = frozenset({".dbf", ".shx", ".prj", ".cpg"})

MAX_FILE_BYTES = 2 * 1024**3
"""Tables above this are refused: they would not fit into the memory of an office machine."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """One file (or FileGDB folder) to read."""

    path: Path
    kind: Kind
    shown: str
    """The file as messages show it: its name, with its folder where two files have one name."""


def find_sources(paths: Iterable[str | os.PathLike[str]], findings: Findings) -> list[Source]:
    """The files behind `paths`, each once, in the order given; folders are listed by name, not searched deeper."""
    sources: dict[Path, Source] = {}
    given = list(paths)
    if not given:
        findings.fault("nothing_given")
    for path in given:
        for source in _sources_of(Path(path), findings):
            sources.setdefault(source.path.resolve(), source)
    names = Counter(source.shown for source in sources.values())
    return [
        source
        if names[source.shown] == 1
        else replace(source, shown=f"{source.path.resolve().parent.name}/{source.shown}")
        for source in sources.values()
    ]


def _sources_of(path: Path, findings: Findings) -> list[Source]:
    place = Place(file=str(path))
    try:
        if not path.exists():
            findings.fault("file_missing", place)
            return []
        if path.is_dir() and path.suffix.casefold() != ".gdb":
            return _in_folder(path, findings)
    except (OSError, ValueError) as error:
        findings.fault("file_unreadable", place, reason=_reason(error))
        return []
    suffix = path.suffix.casefold()
    if suffix in SHAPEFILE_PARTS:
        main = next((p for p in (path.with_suffix(".shp"), path.with_suffix(".SHP")) if p.exists()), None)
        if main is None:
            findings.fault("shapefile_incomplete", place, missing=".shp")
            return []
        path, suffix = main, ".shp"
    if suffix not in KINDS:
        findings.fault("file_kind_unknown", place, suffix or "—", kinds=" ".join(sorted(KINDS)))
        return []
    source = Source(path=path, kind=KINDS[suffix], shown=path.name)
    return [source] if _opens(source, findings) else []


def _in_folder(folder: Path, findings: Findings) -> list[Source]:
    try:
        members = sorted(folder.iterdir(), key=lambda member: member.name)
    except OSError as error:
        findings.fault("file_unreadable", Place(file=str(folder)), reason=_reason(error))
        return []
    sources = []
    for member in members:
        suffix = member.suffix.casefold()
        if member.name.startswith(("~$", ".")) or suffix not in FOLDER_KINDS or member.is_dir() != (suffix == ".gdb"):
            continue
        source = Source(path=member, kind=KINDS[suffix], shown=member.name)
        if _opens(source, findings):
            sources.append(source)
    if not any(member.suffix.casefold() in FOLDER_KINDS for member in members):
        findings.fault("folder_without_data", Place(file=str(folder)), kinds=" ".join(sorted(FOLDER_KINDS)))
    return sources


def _opens(source: Source, findings: Findings) -> bool:
    """Whether the file can be opened and holds anything."""
    place = Place(file=source.shown)
    try:
        if source.kind == "gdb":
            if source.path.is_dir():
                next(source.path.iterdir(), None)
                return True
            findings.fault("file_not_of_kind", place, kind="FileGDB", reason="not a folder")
            return False
        if source.path.is_dir():
            findings.fault("file_not_of_kind", place, kind=source.path.suffix, reason="a folder")
            return False
        with source.path.open("rb") as file:
            empty = not file.read(1)
        size = source.path.stat().st_size
    except OSError as error:
        findings.fault("file_unreadable", place, reason=_reason(error))
        return False
    if empty:
        findings.fault("file_empty", place)
    elif size > MAX_FILE_BYTES and source.kind in ("text", "workbook", "zip"):
        findings.fault("file_huge", place, size, limit=MAX_FILE_BYTES)
        return False
    return not empty


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
