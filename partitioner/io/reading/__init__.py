"""Reading what planners have: ledgers and maps in their formats, encodings, headings and coordinate systems."""

from partitioner.io.reading.county_reading import read_county
from partitioner.io.reading.fault_table import write_fault_table

__all__ = ["read_county", "write_fault_table"]
