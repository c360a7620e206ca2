"""The main job: files in, a planned county out. The command and the service both call this."""

from __future__ import annotations

from pathlib import Path

from partitioner.io.writing import PlannedCounty, PlannedLevels, write_folder
from partitioner.levels.top_down import Notify, plan_levels

__all__ = ["Notify", "plan_levels", "write_outputs"]


def write_outputs(
    planned: PlannedCounty | PlannedLevels,
    folder: str | Path,
    *,
    sheets: bool = False,
    notify: Notify = lambda _: None,
    cores: int | None = None,
) -> list[Path]:
    """Write everything that belongs to a plan into `folder` (made if missing); returns the files.

    Parameters
    ----------
    sheets : bool
        Whether to draw a sheet of A4 per grid, too.
    cores : int or None
        That may be used, None for all; the files are the same with any number.

    Raises
    ------
    OutputError
        A file cannot be written; what stood there is untouched.
    """
    notify("write")
    return write_folder(planned, folder, sheets=sheets, cores=cores)
