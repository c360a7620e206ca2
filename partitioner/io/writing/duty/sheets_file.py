"""Duty sheets (网格公示牌): one page of A4 per grid with its map and everybody who serves there."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from partitioner.io.writing.bundle import PlannedLevels
from partitioner.io.writing.duty.duty_sheet import DutySheet
from partitioner.io.writing.duty.posts_of_grid import PostsOfGrids
from partitioner.io.writing.naming import sheet_name
from partitioner.io.writing.pdf import Document
from partitioner.io.writing.sheets import Progress
from partitioner.io.writing.sheets.atlas import Atlas
from partitioner.io.writing.staffed import Staffed


def write_duty_sheets(
    planned: PlannedLevels,
    staffed: Staffed,
    path: str | Path,
    *,
    names: bool = False,
    grids: Collection[str] | None = None,
    progress: Progress = lambda _done, _of: None,
) -> None:
    """A PDF with a page per grid and a bookmark each: map, figures, leaders, workers, keepers, fields for telephones.

    Parameters
    ----------
    planned, staffed
        The plan, and who serves where in it.
    names : bool
        Whether people are named; without names in the roster, and where False, they are told by their numbers.
    grids : collection of str, optional
        Codes of those that are wanted; all by default.

    Raises
    ------
    OutputError
        The file cannot be written; what stood there is untouched.
    """
    atlas, posts = Atlas.of(planned), PostsOfGrids(staffed=staffed, names=names)
    wanted = [row for row in atlas.grids if grids is None or row.code in grids]
    document = Document(f"{atlas.county.name}{sheet_name(atlas.planned)}公示牌")
    for done, grid in enumerate(wanted, start=1):
        DutySheet(document, atlas, grid, posts.of(grid.code, grid.compounds)).draw()
        progress(done, len(wanted))
    document.save(path)
