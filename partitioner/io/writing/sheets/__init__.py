"""Paper for those who walk the grids: a sheet per grid, and elevations of the buildings that are cut."""

from partitioner.io.writing.sheets.elevations_file import write_elevations
from partitioner.io.writing.sheets.sheets_file import Progress, write_sheets

__all__ = ["Progress", "write_elevations", "write_sheets"]
