"""What all sheets of one plan share, and how one sheet is drawn from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from partitioner.io.writing.bundle import PlannedCounty
from partitioner.io.writing.overview import map_layers, style
from partitioner.io.writing.overview.colouring import coloured, touching_pairs
from partitioner.io.writing.overview.details import Detail
from partitioner.io.writing.overview.layout import Sheet
from partitioner.io.writing.overview.panel import draw_panel, draw_title
from partitioner.io.writing.overview.patches import array_of
from partitioner.io.writing.rows import GridRow, grid_rows


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawing:
    """A plan with the colours that its grids have on every sheet."""

    planned: PlannedCounty
    rows: tuple[GridRow, ...]
    colours: tuple[int, ...]
    communities: tuple[tuple[str, shapely.Geometry], ...]

    @classmethod
    def of(cls, planned: PlannedCounty) -> Drawing:
        """Dissolve and colour."""
        rows = grid_rows(planned)
        pairs = touching_pairs(array_of([row.shape for row in rows]))
        names = planned.community_names()
        shapes = map_layers.community_shapes(planned)
        return cls(
            planned=planned,
            rows=rows,
            colours=tuple(coloured(len(rows), pairs, len(style.GRID_FILLS))),
            communities=tuple((names.get(key, key), shape) for key, shape in shapes.items()),
        )


def draw_sheet(drawing: Drawing, sheet: Sheet, *, details: Sequence[Detail] = (), number: int = 1) -> Figure:
    """One sheet.

    Parameters
    ----------
    details : sequence of Detail
        Framed and numbered from 2 on the map.
    number : int
        Of this sheet; details say it in their title.
    """
    planned = drawing.planned
    frame = shapely.box(*sheet.extent)
    seen = [k for k, row in enumerate(drawing.rows) if row.shape.intersects(frame)]
    rows = [drawing.rows[k] for k in seen]
    figure = Figure(figsize=(sheet.width_in, sheet.height_in), facecolor=style.PAPER)
    axes = _map_axes(figure, sheet)
    map_layers.draw_grids(axes, rows, [drawing.colours[k] for k in seen])
    map_layers.draw_buildings(axes, planned, sheet)
    kinds = map_layers.draw_barriers(axes, planned, sheet)
    map_layers.draw_communities(axes, [shape for _, shape in drawing.communities])
    map_layers.draw_wrong_grids(axes, rows)
    map_layers.draw_details(axes, details)
    map_layers.draw_labels(axes, rows, drawing.communities, sheet)
    draw_title(figure, planned, drawing.rows, sheet, number)
    draw_panel(figure, axes, planned, drawing.rows, kinds, sheet, has_details=bool(details))
    return figure


def _map_axes(figure: Figure, sheet: Sheet) -> Axes:
    axes = figure.add_axes(sheet.map_box)
    axes.set_xlim(sheet.extent[0], sheet.extent[2])
    axes.set_ylim(sheet.extent[1], sheet.extent[3])
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color(style.FAINT_INK)
    return axes
