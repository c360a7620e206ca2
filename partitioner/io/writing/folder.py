"""Everything that a plan consists of, in one folder under the usual names."""

from __future__ import annotations

from pathlib import Path

from partitioner.errors import OutputError
from partitioner.io.writing.bundle import PlannedCounty
from partitioner.io.writing.geojson import write_geojson
from partitioner.io.writing.geopackage import write_geopackage
from partitioner.io.writing.ledger import write_ledger
from partitioner.io.writing.overview import write_overview
from partitioner.io.writing.report import FILES, write_report
from partitioner.model.plan_json import write_plan
from partitioner.model.problem_json import write_problem


def write_folder(planned: PlannedCounty, folder: str | Path) -> tuple[Path, ...]:
    """Write all files of `report.FILES` into `folder`, which is made if need be; the JSON pair first.

    Returns
    -------
    tuple of Path
        The files, in the order of `report.FILES`.

    Raises
    ------
    OutputError
        The folder or a file cannot be written; files written before it stay.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(folder, error.strerror or str(error)) from error
    write_problem(planned.problem, folder / "problem.json")
    write_plan(planned.result, folder / "plan.json")
    write_geopackage(planned, folder / "plan.gpkg")
    write_geojson(planned, folder / "grids.geojson", folder / "units.geojson")
    write_ledger(planned, folder / "ledger.xlsx")
    write_overview(planned, folder / "overview.png", folder / "overview.pdf")
    write_report(planned, folder / "report.zh.md", folder / "report.en.md")
    return tuple(folder / name for name in FILES)
