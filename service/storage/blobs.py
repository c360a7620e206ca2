"""Files under the SHA-256 of their content: written whole or not at all, never changed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from service.records import Blob

_PIECE = 1024 * 1024
_HASH = re.compile(r"[0-9a-f]{64}")


class BlobStore:
    """A folder of files, named by their hash in folders of its first two digits."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def path(self, sha256: str) -> Path:
        """Where the file of that hash is, or would be.

        Raises
        ------
        ValueError
            Not a hash.
        """
        if not _HASH.fullmatch(sha256):
            raise ValueError(f"not a SHA-256: {sha256!r}")
        return self.folder / sha256[:2] / sha256

    def add_file(self, path: Path, name: str | None = None) -> Blob:
        """Take over a file on the same disk: it is moved."""
        with path.open("rb") as stream:
            sha256, size = _hashed(stream)
            os.fsync(stream.fileno())
        self._place(path, sha256)
        return Blob(name=name or path.name, sha256=sha256, bytes=size)

    def add_bytes(self, contents: bytes, name: str) -> Blob:
        """Keep `contents`."""
        with self.receiving() as (path, stream):
            stream.write(contents)
        return self.add_file(path, name)

    @contextlib.contextmanager
    def receiving(self) -> Iterator[tuple[Path, BinaryIO]]:
        """A new file on the same disk to write into; who asks hands it to `add_file` or unlinks it."""
        path = self.folder / f".new-{secrets.token_hex(8)}"
        with path.open("wb") as stream:
            yield path, stream

    def read(self, sha256: str) -> bytes:
        """The content.

        Raises
        ------
        OSError
            It is not there.
        """
        return self.path(sha256).read_bytes()

    def sound(self, sha256: str) -> bool:
        """Whether the file is there and its content still is what its name says."""
        try:
            with self.path(sha256).open("rb") as stream:
                return _hashed(stream)[0] == sha256
        except OSError:
            return False

    def sweep(self, in_use: Iterable[str], older_than_s: float = 86_400.0) -> int:
        """Remove files that nobody names and that are not fresh; how many."""
        kept, before, removed = set(in_use), time.time() - older_than_s, 0
        for path in self._all():
            with contextlib.suppress(OSError):
                if path.name not in kept and path.stat().st_mtime < before:
                    path.unlink()
                    removed += 1
        return removed

    def _all(self) -> Iterator[Path]:
        for path in sorted(self.folder.iterdir()):
            if path.is_file():
                yield path
            elif path.is_dir():
                yield from sorted(path.iterdir())

    def _place(self, path: Path, sha256: str) -> None:
        target = self.path(sha256)
        target.parent.mkdir(exist_ok=True)
        if target.exists():
            # Touched, so that a sweep takes it for fresh until the row that names it is written.
            os.utime(target)
            path.unlink()
            return
        path.chmod(0o640)
        os.replace(path, target)
        _sync_folder(target.parent)


def _hashed(stream: BinaryIO) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while piece := stream.read(_PIECE):
        digest.update(piece)
        size += len(piece)
    return digest.hexdigest(), size


def _sync_folder(folder: Path) -> None:
    """Make the name of a new file as durable as its content, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
