"""What a plan with its people puts on walls and screens: duty sheets, load charts, map layers."""

from partitioner.io.writing.duty.load_charts import write_load_charts
from partitioner.io.writing.duty.sheets_file import write_duty_sheets
from partitioner.io.writing.duty.staffing_layers import staffing_layers, write_staffing_geopackage

__all__ = ["staffing_layers", "write_duty_sheets", "write_load_charts", "write_staffing_geopackage"]
