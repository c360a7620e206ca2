"""Areas that GEOS can work with, whatever a file held."""

from __future__ import annotations

import shapely


def sound_area(area: shapely.Geometry) -> shapely.Geometry:
    """The area, two-dimensional, valid, and without what is not an area (lines, points); perhaps empty."""
    flat = shapely.force_2d(area)
    if shapely.is_valid(flat) and shapely.get_dimensions(flat) == 2 and shapely.get_type_id(flat) != 7:
        return flat
    parts = shapely.get_parts(shapely.make_valid(flat, method="structure", keep_collapsed=False))
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
