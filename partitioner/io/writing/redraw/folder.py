"""All files of a comparison."""

from __future__ import annotations

from pathlib import Path

from partitioner.io.writing.redraw.maps import write_maps
from partitioner.io.writing.redraw.notices import write_notices
from partitioner.io.writing.redraw.sheets import write_change_list
from partitioner.io.writing.redraw.values import Comparison
from partitioner.model.files import make_folder


def write_changes(comparison: Comparison, folder: str | Path) -> list[Path]:
    """Change list and notices, and a map per level in which anything moved; returns the files.

    Raises
    ------
    OutputError
    """
    target = make_folder(folder)
    write_change_list(comparison, target / "changes.xlsx")
    write_notices(comparison, target / "notices.xlsx", target / "notices.md")
    names = ["changes.xlsx", "notices.xlsx", "notices.md"]
    for level in comparison.levels:
        if level.moves and comparison.county is not None:
            part = f"-{level.name}" if len(comparison.levels) > 1 else ""
            files = [f"before-after{part}.png", f"before-after{part}.pdf"]
            write_maps(comparison, level, *(target / name for name in files))
            names += files
    return [target / name for name in names]
