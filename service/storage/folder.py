"""The data folder belongs to one server at a time."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO

from partitioner.errors import Fault, InputError, OutputError, Place, Text
from partitioner.model.files import make_folder


class Folder:
    """Held while a server works on it; the system lets go when the process ends, however it ends.

    Raises
    ------
    InputError
        Another process holds it.
    OutputError
        It cannot be written.
    """

    def __init__(self, path: Path) -> None:
        make_private(path)
        self._file: IO[bytes] = (path / ".lock").open("ab")
        try:
            _lock(self._file)
        except OSError:
            self._file.close()
            raise InputError([_taken(path)]) from None

    def close(self) -> None:
        """Let go."""
        self._file.close()


def make_private(path: Path) -> None:
    """Make the folder where it is missing; nobody else on the machine may look into it.

    Raises
    ------
    OutputError
        It cannot be made, or belongs to somebody else.
    """
    make_folder(path)
    try:
        path.chmod(0o700)
    except OSError as error:
        raise OutputError(path, error.strerror or str(error)) from error


def _lock(file: IO[bytes]) -> None:
    if os.name == "posix":
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    else:
        import msvcrt  # the same on Windows

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]


def _taken(path: Path) -> Fault:
    return Fault(
        rule="folder_taken",
        place=Place(file=str(path)),
        message=Text("另一个服务正在使用该数据目录", "another server works on this data folder"),
        remedy=Text("请先停止它，或用 --data 换一个目录", "stop it first, or give another folder with --data"),
    )
