"""Everything that belongs to an assignment, in one folder."""

from __future__ import annotations

from pathlib import Path

from partitioner.io.staffing_json import write_staffing
from partitioner.io.writing.staffed import Staffed
from partitioner.io.writing.staffing_ledger import write_staffing_ledger
from partitioner.model.files import make_folder

DOCUMENT, LEDGER = "staffing.json", "staffing.xlsx"


def write_staffing_folder(staffed: Staffed, folder: str | Path, engine: str) -> list[Path]:
    """Write the document and the ledger into `folder` (made if missing); returns the files.

    Raises
    ------
    OutputError
        A file cannot be written; what stood there is untouched.
    """
    target = make_folder(folder)
    write_staffing(staffed, target / DOCUMENT, engine)
    write_staffing_ledger(staffed, target / LEDGER)
    return [target / DOCUMENT, target / LEDGER]
