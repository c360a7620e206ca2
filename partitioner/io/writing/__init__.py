"""Everything that `plan` writes, for Excel, QGIS, the browser, the wall and the next run."""

from partitioner.io.writing.bundle import PlannedCounty, PlannedLevels
from partitioner.io.writing.folder import write_folder
from partitioner.io.writing.geojson import write_geojson
from partitioner.io.writing.geopackage import write_geopackage
from partitioner.io.writing.ledger import write_ledger
from partitioner.io.writing.overview import write_overview
from partitioner.io.writing.report import write_report
from partitioner.io.writing.sheets import write_elevations, write_sheets

__all__ = [
    "PlannedCounty",
    "PlannedLevels",
    "write_elevations",
    "write_folder",
    "write_geojson",
    "write_geopackage",
    "write_ledger",
    "write_overview",
    "write_report",
    "write_sheets",
]
