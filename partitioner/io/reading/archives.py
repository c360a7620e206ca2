"""Zipped shapefiles."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
import zlib
from collections import defaultdict
from pathlib import Path, PurePosixPath

from partitioner.errors import Place
from partitioner.io.reading.findings import Findings
from partitioner.io.reading.geodata import read_geodata
from partitioner.io.reading.layers import Layer
from partitioner.io.reading.sources import MAX_FILE_BYTES, SHAPEFILE_PARTS, Source

_PARTS = SHAPEFILE_PARTS | {".shp"}
_UTF8_FLAG = 0x800


def read_archive(source: Source, findings: Findings) -> list[Layer]:
    """Every shapefile in a zip.

    Members are unpacked one by one under names of our own in a folder of our own, so that no path inside the archive
    can reach another place; what is not part of a shapefile is never unpacked.
    """
    place = Place(file=source.shown)
    try:
        with zipfile.ZipFile(source.path) as archive, tempfile.TemporaryDirectory(prefix="wangge-") as folder:
            groups = _groups(archive)
            if not groups:
                findings.fault("zip_without_shapefile", place)
            if sum(member.file_size for parts in groups.values() for member in parts.values()) > MAX_FILE_BYTES:
                findings.fault("file_huge", place, limit=MAX_FILE_BYTES)
                return []
            layers = []
            for k, (stem, parts) in enumerate(groups.items()):
                path = _unpacked(archive, parts, Path(folder) / str(k))
                shown = f"{source.shown}/{PurePosixPath(stem).name}.shp"
                layers += read_geodata(Source(path=path, kind="shp", shown=shown), findings)
            return layers
    except RuntimeError:
        findings.fault("file_password", place)
    # zipfile says NotImplementedError of a compression that it does not know.
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, zlib.error) as error:
        findings.fault("file_not_of_kind", place, kind="zip", reason=str(error))
    return []


def _groups(archive: zipfile.ZipFile) -> dict[str, dict[str, zipfile.ZipInfo]]:
    """Members of each shapefile by their endings, shapefiles in the order of their names."""
    groups: dict[str, dict[str, zipfile.ZipInfo]] = defaultdict(dict)
    for member in archive.infolist():
        path = PurePosixPath(_name(member))
        if path.suffix.casefold() in _PARTS and "__MACOSX" not in path.parts:
            groups[str(path.with_suffix(""))][path.suffix.casefold()] = member
    return {stem: groups[stem] for stem in sorted(groups) if ".shp" in groups[stem]}


def _name(member: zipfile.ZipInfo) -> str:
    """The name as it was meant: without the UTF-8 flag Chinese systems write GB18030."""
    if member.flag_bits & _UTF8_FLAG:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return member.filename


def _unpacked(archive: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo], folder: Path) -> Path:
    folder.mkdir()
    for suffix, member in parts.items():
        with archive.open(member) as packed, (folder / f"layer{suffix}").open("wb") as file:
            shutil.copyfileobj(packed, file)
    return folder / "layer.shp"
