"""The whole folder of a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from partitioner.io import state
from partitioner.io.writing.buildings import has_parts
from partitioner.io.writing.bundle import PlannedLevels
from partitioner.io.writing.geojson import geojson_names, write_geojson
from partitioner.io.writing.geopackage import write_geopackage
from partitioner.io.writing.ledger import write_ledger
from partitioner.io.writing.naming import Planned, as_levels, file_name
from partitioner.io.writing.overview import write_overview
from partitioner.io.writing.report import write_report
from partitioner.io.writing.sheets import Progress, write_elevations, write_sheets
from partitioner.io.writing.state import write_state
from partitioner.model.files import make_folder
from partitioner.model.plan_json import write_plan
from partitioner.model.problem_json import write_problem


def write_folder(
    planned: Planned, folder: str | Path, *, sheets: bool = False, progress: Progress = lambda _done, _of: None
) -> list[Path]:
    """Write everything that belongs to a plan into `folder` (made if missing); returns the files.

    Parameters
    ----------
    sheets : bool
        Whether to draw a sheet per grid, too.
    progress : function
        Told how many sheets are done, and of how many.

    Raises
    ------
    OutputError
        A file cannot be written; what stood there is untouched.
    """
    levels, target = as_levels(planned), make_folder(folder)
    names: list[str] = []
    for files, write in _writers(levels, target):
        write()
        names += files
    if sheets:
        write_sheets(levels, target / "sheets.pdf", progress=progress)
        names.append("sheets.pdf")
    names += ["report.zh.md", "report.en.md"]
    write_report(levels, target / "report.zh.md", target / "report.en.md", files=names)
    return [target / name for name in names]


def folder_names(planned: Planned, *, sheets: bool = False) -> list[str]:
    """The files that `write_folder` writes, in its order."""
    names = [name for written, _ in _writers(as_levels(planned), Path()) for name in written]
    return [*names, *(["sheets.pdf"] if sheets else []), "report.zh.md", "report.en.md"]


def _writers(levels: PlannedLevels, to: Path) -> Iterator[tuple[list[str], Callable[[], object]]]:
    """The names of files, and what writes them."""
    for level in levels.levels:
        problem = file_name(levels, level.level.name, "problem", ".json")
        plan = file_name(levels, level.level.name, "plan", ".json")
        yield [problem], partial(write_problem, level.problem, to / problem)
        yield [plan], partial(write_plan, level.result, to / plan)
    yield ["plan.gpkg"], partial(write_geopackage, levels, to / "plan.gpkg")
    yield [state.FILE], partial(write_state, levels, to / state.FILE)
    yield ["ledger.xlsx"], partial(write_ledger, levels, to / "ledger.xlsx")
    yield geojson_names(levels), partial(write_geojson, levels, to)
    if levels.has("micro") and has_parts(levels):
        yield ["elevations.pdf"], partial(write_elevations, levels, to / "elevations.pdf")
    for name in levels.names:
        files = [file_name(levels, name, "overview", suffix) for suffix in (".png", ".pdf")]
        yield files, partial(write_overview, levels, to / files[0], to / files[1], level=name)
