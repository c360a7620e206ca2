"""Files as one ZIP archive, made while it is sent."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

_PIECE = 256 * 1024
_PACKED = (".png", ".pdf", ".xlsx")
"""What is compressed already."""


class _Drain(io.RawIOBase):
    """Collects what is written until it is taken away; cannot go back."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.pieces.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        found, self.pieces = b"".join(self.pieces), []
        return found


def zipped(entries: Sequence[tuple[str, Path]]) -> Iterator[bytes]:
    """The archive, piece by piece; equal files give equal bytes."""
    drain = _Drain()
    with zipfile.ZipFile(drain, "w") as archive:  # type: ignore[arg-type]
        for name, path in entries:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_STORED if name.endswith(_PACKED) else zipfile.ZIP_DEFLATED
            with path.open("rb") as source, archive.open(info, "w") as target:
                while piece := source.read(_PIECE):
                    target.write(piece)
                    yield drain.taken()
    yield drain.taken()
