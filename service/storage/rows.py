"""Between rows and records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

from service.records import Blob

R = TypeVar("R")

_BLOBS = ("files", "outputs")


def to_row(record: Any) -> dict[str, Any]:
    """The columns of a record."""
    return plain({field.name: getattr(record, field.name) for field in fields(record)})


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as columns hold them: blobs as documents."""
    return {name: [vars_of(blob) for blob in value] if name in _BLOBS else value for name, value in values.items()}


def vars_of(blob: Blob | Mapping[str, Any]) -> dict[str, Any]:
    """A blob as a document."""
    if isinstance(blob, Blob):
        return {"name": blob.name, "sha256": blob.sha256, "bytes": blob.bytes}
    return dict(blob)


def to_record(kind: type[R], row: Mapping[str, Any]) -> R:
    """A record of the columns that it knows."""
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    values = {name: value for name, value in row.items() if name in known}
    for name in _BLOBS:
        if name in values:
            values[name] = tuple(Blob(**blob) for blob in values[name])
    return kind(**values)
