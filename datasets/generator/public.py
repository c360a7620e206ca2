"""Buildings without households: schools, markets, offices, works."""

from __future__ import annotations

import shapely
from shapely import Polygon, affinity

PARTS = {
    "school": ((0.15, 0.62, 0.6, 0.09), (0.15, 0.4, 0.07, 0.22), (0.15, 0.84, 0.45, 0.08)),
    "market": ((0.12, 0.12, 0.32, 0.7), (0.54, 0.12, 0.32, 0.7)),
    "park": ((0.44, 0.46, 0.1, 0.08),),
    "office": ((0.25, 0.55, 0.5, 0.12), (0.15, 0.2, 0.1, 0.4), (0.75, 0.2, 0.1, 0.4)),
    "hospital": ((0.2, 0.25, 0.6, 0.12), (0.2, 0.5, 0.45, 0.12), (0.45, 0.37, 0.1, 0.13)),
    "shops": ((0.15, 0.15, 0.7, 0.5),),
    "works": ((0.08, 0.1, 0.38, 0.35), (0.54, 0.1, 0.38, 0.35), (0.08, 0.55, 0.38, 0.35), (0.54, 0.55, 0.38, 0.35)),
}
"""Parts of each use as (west, south, width, depth), shares of the plot; touching parts become one L-shaped building."""

FLOORS = {"school": 4, "market": 2, "park": 1, "office": 8, "hospital": 10, "shops": 4, "works": 1}


def public_buildings(outline: Polygon, angle: float, use: str) -> list[Polygon]:
    """Footprints on a plot without households; those that do not fit its outline are left out."""
    middle = outline.centroid
    level = affinity.rotate(outline, -angle, origin=middle, use_radians=True)
    west, south, east, north = level.bounds
    width, depth = east - west, north - south
    boxes = [
        shapely.box(west + x * width, south + y * depth, west + (x + w) * width, south + (y + d) * depth)
        for x, y, w, d in PARTS[use]
    ]
    inside = level.buffer(-3.0)
    fitting = shapely.union_all([box for box in boxes if inside.covers(box)])
    parts = [part for part in shapely.get_parts(fitting) if isinstance(part, Polygon) and not part.is_empty]
    parts.sort(key=lambda part: (part.centroid.y, part.centroid.x))
    return [affinity.rotate(part, angle, origin=middle, use_radians=True) for part in parts]
