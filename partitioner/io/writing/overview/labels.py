"""Where labels fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import shapely

from partitioner.io.writing.overview.style import em_width

LINE_HEIGHT = 1.2
"""Of a line of text, in ems."""

SIZES = (11.0, 9.5, 8.0, 7.0, 6.0, 5.0)
"""Sizes of type that are tried, in points; smaller cannot be read on paper."""


@dataclass(frozen=True, kw_only=True)
class Label:
    """A text centred on (x, y), map metres, at `size` points."""

    x: float
    y: float
    text: str
    size: float


def box_of(x: float, y: float, text: str, size: float, metres_per_point: float) -> shapely.Polygon:
    """What a label covers, map metres."""
    lines = text.split("\n")
    width = max(em_width(line) for line in lines) * size * metres_per_point
    height = LINE_HEIGHT * len(lines) * size * metres_per_point
    return shapely.box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def fit_inside(
    shape: shapely.Geometry, texts: Sequence[str], metres_per_point: float, sizes: Sequence[float] = SIZES
) -> Label | None:
    """The first text, at the largest size, whose box lies inside `shape`; None where nothing fits.

    Texts come from the fullest to the shortest. A full text at a middling size beats a short one at a large size. Tried
    are the centre of the largest inscribed circle and the centroid.
    """
    biggest = max(shapely.get_parts(shape), key=lambda part: part.area, default=None)
    if biggest is None or biggest.is_empty:
        return None
    shapely.prepare(biggest)
    places = [biggest.centroid, *_inscribed(biggest)]
    for text in texts:
        for size in sizes:
            for place in places:
                if biggest.contains(box_of(place.x, place.y, text, size, metres_per_point)):
                    return Label(x=place.x, y=place.y, text=text, size=size)
    return None


def _inscribed(polygon: shapely.Polygon) -> list[shapely.Point]:
    left, bottom, right, top = polygon.bounds
    circle = shapely.maximum_inscribed_circle(polygon, tolerance=max(right - left, top - bottom) / 100)
    return [shapely.Point(circle.coords[0])]


def fit_beside(
    shape: shapely.Geometry,
    text: str,
    metres_per_point: float,
    size: float,
    taken: Sequence[shapely.Polygon],
    steps: int = 9,
) -> Label | None:
    """A place inside the bounds of `shape`, as near to its middle as can be, where `text` covers no box of `taken`."""
    if shape.is_empty:
        return None
    left, bottom, right, top = shape.bounds
    middle = shapely.point_on_surface(shape)
    tree = shapely.STRtree(list(taken))
    candidates = [
        (left + (right - left) * (i + 0.5) / steps, bottom + (top - bottom) * (j + 0.5) / steps)
        for i in range(steps)
        for j in range(steps)
    ]
    for x, y in [
        (middle.x, middle.y),
        *sorted(candidates, key=lambda p: (p[0] - middle.x) ** 2 + (p[1] - middle.y) ** 2),
    ]:
        box = box_of(x, y, text, size, metres_per_point)
        if shape.contains(shapely.Point(x, y)) and not len(tree.query(box, predicate="intersects")):
            return Label(x=x, y=y, text=text, size=size)
    return None
