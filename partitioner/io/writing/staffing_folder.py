"""Everything that belongs to an assignment, in one folder."""

from __future__ import annotations

from pathlib import Path

from partitioner.io.staffing_json import write_staffing
from partitioner.io.writing.bundle import PlannedLevels
from partitioner.io.writing.duty import write_duty_sheets, write_load_charts, write_staffing_geopackage
from partitioner.io.writing.sheets import Progress
from partitioner.io.writing.staffed import Staffed
from partitioner.io.writing.staffing_ledger import write_staffing_ledger
from partitioner.io.writing.staffing_report import write_staffing_chapter
from partitioner.model.files import make_folder

DOCUMENT, LEDGER = "staffing.json", "staffing.xlsx"
CHARTS, MAP, DUTY = ("loads.png", "loads.pdf"), "staffing.gpkg", "duty.pdf"


def write_staffing_folder(
    staffed: Staffed,
    folder: str | Path,
    engine: str,
    *,
    planned: PlannedLevels | None = None,
    sheets: bool = False,
    names: bool = False,
    report: bool = False,
    progress: Progress = lambda _done, _of: None,
) -> list[Path]:
    """Write everything that belongs to an assignment into `folder` (made if missing); returns the files.

    Parameters
    ----------
    planned : PlannedLevels or None
        The plan with its geometry; without one there are neither map layers nor duty sheets.
    sheets, names : bool
        Whether to draw a duty sheet per grid, too, and whether it names people where names are known.
    report : bool
        Whether to write a report where the folder holds none; one that is there has a chapter on people in any case.
    progress : function
        Told how many sheets are done, and of how many.

    Raises
    ------
    OutputError
        A file cannot be written; what stood there is untouched.
    """
    target = make_folder(folder)
    write_staffing(staffed, target / DOCUMENT, engine)
    write_staffing_ledger(staffed, target / LEDGER)
    names_of_files = [DOCUMENT, LEDGER, *CHARTS]
    write_load_charts(staffed, target / CHARTS[0], target / CHARTS[1])
    if planned is not None:
        write_staffing_geopackage(planned, staffed, target / MAP)
        names_of_files.append(MAP)
        if sheets:
            write_duty_sheets(planned, staffed, target / DUTY, names=names, progress=progress)
            names_of_files.append(DUTY)
    reports = write_staffing_chapter(staffed, target, names_of_files, alone=report)
    return [*(target / name for name in names_of_files), *reports]
