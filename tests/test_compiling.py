"""Compiled code on disk: an entry is read where it was made from just this code, and never else."""

from __future__ import annotations

import importlib
import os
import pkgutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from partitioner import compiling
from partitioner.compiling import UNUSED_DAYS, digest_of, tidy
from partitioner.solver import kernels

INNER = """
from partitioner.compiling import kernel
SHIFT = {shift}
@kernel
def inner(x):
    return x + SHIFT
"""
OUTER = """
from {inner} import inner
from partitioner.compiling import kernel
@kernel
def outer(x):
    return helper(x) * 2
@kernel
def helper(x):
    return inner(x)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where entries are kept instead."""
    monkeypatch.setattr(compiling, "folders", lambda: (tmp_path / "kept",))
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path / "kept"


def pair(folder: Path, version: int, shift: str) -> ModuleType:
    """`outer`, which calls `inner` of another file."""
    (folder.parent / f"inner{version}.py").write_text(INNER.format(shift=shift), "utf-8")
    (folder.parent / f"outer{version}.py").write_text(OUTER.format(inner=f"inner{version}"), "utf-8")
    importlib.invalidate_caches()
    return importlib.import_module(f"outer{version}")


def reloaded(module: ModuleType) -> ModuleType:
    """As another process would have it."""
    name = module.__name__
    for one in (name, name.replace("outer", "inner")):
        sys.modules.pop(one, None)
    return importlib.import_module(name)


def entries(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("*.kernel")}


def test_an_entry_is_read_again_and_not_where_what_it_calls_has_changed_in_another_file(folder: Path) -> None:
    assert pair(folder, 1, "1").outer(3) == 8
    kept = entries(folder)
    assert len(kept) >= 1
    again = reloaded(sys.modules["outer1"])
    assert again.outer(3) == 8
    assert again.outer.stats.cache_hits == {again.outer.signatures[0]: 1}
    assert entries(folder) == kept

    (folder.parent / "inner1.py").write_text(INNER.format(shift="100"), "utf-8")
    assert reloaded(again).outer(3) == 206
    assert entries(folder) > kept


def test_a_part_is_compiled_into_its_callers_and_gives_them_entries_of_their_own(folder: Path) -> None:
    assert pair(folder, 5, "1").outer(3) == 8
    kept, digest = entries(folder), digest_of(sys.modules["outer5"].outer)
    text = INNER.format(shift="1").replace("kernel", "part")
    (folder.parent / "inner5.py").write_text(text, "utf-8")
    again = reloaded(sys.modules["outer5"])
    assert again.outer(3) == 8
    assert digest_of(again.outer) != digest
    assert entries(folder) > kept


def test_other_types_get_entries_of_their_own(folder: Path) -> None:
    module = pair(folder, 2, "1")
    assert module.outer(3) == 8
    one = entries(folder)
    assert module.outer(3.5) == 9.0
    assert entries(folder) > one


def test_a_digest_is_the_same_in_every_process_and_every_kernel_has_its_own() -> None:
    modules = [importlib.import_module(f"{kernels.__name__}.{m.name}") for m in pkgutil.iter_modules(kernels.__path__)]
    found = {
        f"{one.py_func.__module__}.{name}": digest_of(one)
        for module in modules
        for name, one in vars(module).items()
        if hasattr(one, "py_func")
    }
    assert len(found) > 100
    assert len(set(found.values())) == len(found)
    asked = ["case.rebuild", "recombine.recombine", "outlines.grow_outlines"]
    asked = [name for name in asked if f"{kernels.__name__}.{name}" in found]
    lines = [f"from {kernels.__name__}.{name.split('.')[0]} import {name.split('.')[1]} as f; print(digest_of(f))"
             for name in asked]  # fmt: skip
    code = "from partitioner.compiling import digest_of\n" + "\n".join(lines)
    told = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": "77"}, capture_output=True, check=True
    )
    assert told.stdout.decode().split() == [found[f"{kernels.__name__}.{name}"] for name in asked]


def test_where_the_first_folder_cannot_be_written_the_next_one_is_and_both_are_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = folder.parent / "blocked"
    blocked.write_text("a file, not a folder", "utf-8")
    monkeypatch.setattr(compiling, "folders", lambda: (blocked / "kernels", folder))
    module = pair(folder, 3, "1")
    assert module.outer(3) == 8
    assert entries(folder)
    again = reloaded(module)
    assert again.outer(3) == 8
    assert again.outer.stats.cache_hits


def test_where_nothing_can_be_written_everything_still_works(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = folder.parent / "blocked"
    blocked.write_text("a file, not a folder", "utf-8")
    monkeypatch.setattr(compiling, "folders", lambda: (blocked / "kernels",))
    assert pair(folder, 4, "1").outer(3) == 8


def test_a_broken_entry_is_made_anew(folder: Path) -> None:
    module = pair(folder, 5, "1")
    assert module.outer(3) == 8
    for path in folder.glob("*.kernel"):
        path.write_bytes(path.read_bytes()[:40])
    again = reloaded(module)
    assert again.outer(3) == 8
    assert not again.outer.stats.cache_hits


def test_tidying_deletes_what_nobody_has_read_for_long_and_nothing_else(folder: Path) -> None:
    folder.mkdir()
    now = 1_800_000_000.0
    for name, days in (("fresh.kernel", 1), ("old.kernel", UNUSED_DAYS + 1), ("old.kernel.x7", 40), ("other.txt", 99)):
        (folder / name).write_bytes(b"")
        os.utime(folder / name, (now - days * 86_400, now - days * 86_400))
    tidy(now)
    assert {path.name for path in folder.iterdir()} == {"fresh.kernel", "other.txt"}


def test_a_folder_that_is_asked_for_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("numba.config.CACHE_DIR", str(tmp_path))
    assert compiling.folders() == (tmp_path / "wangge",)
