"""What a folder of a batch holds: problems, folders of ledgers, and what is neither."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from partitioner.cli.batch_summary import JSON_NAME
from partitioner.errors import Fault, InputError, Place, Text
from partitioner.io.reading.sources import FOLDER_KINDS, SHAPEFILE_PARTS

_PROBLEM = re.compile(rb'"format"\s*:\s*"wangge-problem/')


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One problem, or one folder of ledgers and maps.

    Parameters
    ----------
    inputs : tuple of Path
        The files that decide the result.
    """

    path: Path
    inputs: tuple[Path, ...]

    @property
    def name(self) -> str:
        """Name of the file or folder."""
        return self.path.name

    @property
    def is_folder(self) -> bool:
        """Whether it is planned from ledgers, not solved."""
        return self.path.is_dir()

    def fingerprint(self, settings: Sequence[object]) -> str:
        """A digest of the inputs and of everything else that decides the result.

        Raises
        ------
        InputError
            An input cannot be read.
        """
        digest = hashlib.sha256(repr(tuple(settings)).encode())
        for path in self.inputs:
            digest.update(f"\0{path.relative_to(self.path.parent).as_posix()}\0".encode())
            digest.update(hashlib.sha256(_bytes(path)).digest())
        return digest.hexdigest()


def find_entries(folder: Path, output: Path) -> tuple[list[Entry], list[str]]:
    """Problems and folders of ledgers directly in `folder`, by name, and the names of those that are left out.

    Other files than ``*.json`` are no problems and are not named. `output` is no input, nor is that of another batch.

    Raises
    ------
    InputError
        `folder` is none, or nothing in it can be planned.
    """
    if not folder.is_dir():
        raise InputError([_fault("folder_missing", folder, "没有这个文件夹", "there is no such folder", *_CHECK)])
    entries, left_out = [], []
    for path in sorted(folder.iterdir(), key=lambda one: one.name):
        if path.name.startswith(".") or path.resolve() == output.resolve() or _is_output(path):
            continue
        inputs = tuple(_inputs(path))
        if inputs:
            entries.append(Entry(path=path, inputs=inputs))
        elif path.is_dir() or path.suffix.casefold() == ".json":
            left_out.append(path.name)
    if not entries:
        raise InputError([_fault("batch_empty", folder, *_EMPTY)])
    return entries, left_out


_CHECK = ("请检查路径", "check the path")
_EMPTY = (
    "文件夹里没有 wangge-problem/1 文件，也没有放着台账的子文件夹",
    "the folder holds neither wangge-problem/1 files nor folders of ledgers",
    "请放入 problem.json，或为每个地方建一个子文件夹并放入台账和地图",
    "put in problem files, or a folder of ledgers and maps for each place",
)


def _fault(rule: str, path: Path, zh: str, en: str, remedy_zh: str, remedy_en: str) -> Fault:
    return Fault(
        rule=rule, message=Text(zh, en), remedy=Text(remedy_zh, remedy_en), place=Place(file=str(path)), value=None
    )


def _inputs(path: Path) -> Iterator[Path]:
    """The files that make `path` an entry; none where it is not one."""
    if path.is_file() and path.suffix.casefold() == ".json":
        if _is_problem(path):
            yield path
    elif path.is_dir():
        found = [one for one in path.iterdir() if _is_ledger(one)]
        parts = [part for one in found for part in ([one] if one.is_file() else one.rglob("*")) if part.is_file()]
        yield from sorted(parts)


def _is_output(path: Path) -> bool:
    return path.is_dir() and JSON_NAME in {one.name for one in path.iterdir()}


def _is_ledger(path: Path) -> bool:
    kinds = FOLDER_KINDS | SHAPEFILE_PARTS
    return path.suffix.casefold() in kinds and not path.name.startswith((".", "~$"))


def _is_problem(path: Path) -> bool:
    """Whether a JSON file means to be a problem; one that cannot be read may be, and its faults are told later."""
    try:
        data = path.read_bytes()
        if _PROBLEM.search(data):
            return True
        document = json.loads(data)
    except (OSError, ValueError):
        return True
    return isinstance(document, dict) and {"units", "edges"} <= document.keys()


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(
            [_fault("file_unreadable", path, f"无法读取（{reason}）", f"cannot be read ({reason})", *_CHECK)]
        ) from error
