"""The whole folder of a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from partitioner.io import state
from partitioner.io.writing.beside import maps_beside
from partitioner.io.writing.buildings import has_parts
from partitioner.io.writing.bundle import PlannedLevels
from partitioner.io.writing.geojson import geojson_names, write_geojson
from partitioner.io.writing.geopackage import write_geopackage
from partitioner.io.writing.ledger import write_ledger
from partitioner.io.writing.naming import Planned, as_levels, file_name
from partitioner.io.writing.report import write_report
from partitioner.io.writing.sheets import Progress, write_elevations, write_sheets
from partitioner.io.writing.state import write_state
from partitioner.model.files import make_folder
from partitioner.model.plan_json import write_plan
from partitioner.model.problem_json import write_problem


def write_folder(
    planned: Planned,
    folder: str | Path,
    *,
    sheets: bool = False,
    progress: Progress = lambda _done, _of: None,
    cores: int | None = None,
) -> list[Path]:
    """Write everything that belongs to a plan into `folder` (made if missing); returns the files.

    Parameters
    ----------
    sheets : bool
        Whether to draw a sheet per grid, too.
    progress : function
        Told how many sheets are done, and of how many.
    cores : int or None
        That may be used, None for all; with two, the maps of a large plan are drawn beside the rest.

    Raises
    ------
    OutputError
        A file cannot be written; what stood there is untouched.
    """
    levels, target = as_levels(planned), make_folder(folder)
    names = folder_names(levels, sheets=sheets)
    maps = [(level, target / png, target / pdf) for level, (png, pdf) in _maps(levels)]
    with maps_beside(levels, maps, cores=cores):
        for _, write in _writers(levels, target):
            write()
        if sheets:
            write_sheets(levels, target / "sheets.pdf", progress=progress)
    write_report(levels, target / "report.zh.md", target / "report.en.md", files=names)
    return [target / name for name in names]


def folder_names(planned: Planned, *, sheets: bool = False) -> list[str]:
    """The files that `write_folder` writes, in its order."""
    levels = as_levels(planned)
    names = [name for files, _ in _writers(levels, Path()) for name in files]
    maps = [name for _, files in _maps(levels) for name in files]
    return [*names, *maps, *(["sheets.pdf"] if sheets else []), "report.zh.md", "report.en.md"]


def _writers(levels: PlannedLevels, to: Path) -> Iterator[tuple[list[str], Callable[[], object]]]:
    """The names of files other than maps, and what writes them."""
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


def _maps(levels: PlannedLevels) -> Iterator[tuple[str, tuple[str, str]]]:
    """Levels, and the names of the picture and the PDF of their maps."""
    for name in levels.names:
        yield name, (file_name(levels, name, "overview", ".png"), file_name(levels, name, "overview", ".pdf"))
