"""Maps to scale for the wall and the file: A3 or A4, with legend, north arrow, scale bar and a field for the stamp."""

from partitioner.io.writing.prints.map_file import write_map
from partitioner.io.writing.prints.paper import PAPERS, SCALES

__all__ = ["PAPERS", "SCALES", "write_map"]
