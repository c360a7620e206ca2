"""What all sheets of one plan share, and how one sheet is drawn from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from partitioner.geometry.county import County
from partitioner.io.writing.bundle import PlannedCounty, PlannedLevels
from partitioner.io.writing.naming import reference
from partitioner.io.writing.overview import map_layers, style
from partitioner.io.writing.overview.colouring import coloured, touching_pairs
from partitioner.io.writing.overview.details import Detail
from partitioner.io.writing.overview.layout import Sheet
from partitioner.io.writing.overview.panel import draw_panel, draw_title
from partitioner.io.writing.overview.patches import array_of
from partitioner.io.writing.rows import GridRow, area_rows


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawing:
    """The plan of one level with the colours that its areas have on every sheet.

    Parameters
    ----------
    rows : tuple of GridRow
        The areas that are coloured.
    fills : tuple of str
        Their colours.
    labelled : tuple of GridRow
        The areas that bear labels and for which there are detail sheets: the same, but grids on a map of micro-grids.
    communities : tuple of (name, shape)
        Areas above, whose borders are dashed.
    county : County
        Whose buildings are drawn.
    """

    planned: PlannedCounty
    rows: tuple[GridRow, ...]
    fills: tuple[str, ...]
    labelled: tuple[GridRow, ...]
    communities: tuple[tuple[str, shapely.Geometry], ...]
    county: County

    @classmethod
    def of(cls, levels: PlannedLevels, name: str) -> Drawing:
        """Dissolve and colour the areas of one level."""
        planned, all_rows = levels.level(name), area_rows(levels)
        rows = all_rows[name]
        if name == "community":
            rows = tuple(replace(row, short=row.short if row.community == row.code else row.community) for row in rows)
        is_fine = name == "micro" and levels.has("grid")
        bordering = levels.level("grid") if is_fine else planned
        names = bordering.community_names()
        shapes = map_layers.community_shapes(bordering)
        return cls(
            planned=planned,
            rows=rows,
            fills=_shades(rows, all_rows["grid"]) if is_fine else _tints(rows),
            labelled=all_rows["grid"] if is_fine else rows,
            communities=tuple((names.get(key, key), shape) for key, shape in shapes.items()),
            county=reference(levels).county,
        )

    @property
    def is_fine(self) -> bool:
        """Whether the coloured areas are too small for labels and lie in others that bear them."""
        return self.labelled is not self.rows


def _tints(rows: Sequence[GridRow]) -> tuple[str, ...]:
    pairs = touching_pairs(array_of([row.shape for row in rows]))
    colours = coloured(len(rows), pairs, len(style.GRID_FILLS))
    return tuple(style.GRID_FILLS[colour % len(style.GRID_FILLS)] for colour in colours)


def _shades(rows: Sequence[GridRow], grids: Sequence[GridRow]) -> tuple[str, ...]:
    """Each micro-grid in a shade of its grid's tint: grids stay visible, neighbours differ."""
    tint = dict(zip((row.code for row in grids), _tints(grids), strict=True))
    pairs = touching_pairs(array_of([row.shape for row in rows]))
    shades = coloured(len(rows), pairs, len(style.SHADES))
    return tuple(
        style.lightened(tint.get(row.parent or "", style.GRID_FILLS[-1]), style.SHADES[shade % len(style.SHADES)])
        for row, shade in zip(rows, shades, strict=True)
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
    seen = np.flatnonzero(shapely.intersects(array_of([row.shape for row in drawing.rows]), frame)).tolist()
    rows = [drawing.rows[k] for k in seen]
    labelled = [row for row in drawing.labelled if row.shape.intersects(frame)] if drawing.is_fine else rows
    figure = Figure(figsize=(sheet.width_in, sheet.height_in), facecolor=style.PAPER)
    axes = _map_axes(figure, sheet)
    width = style.FINE_LINE_WIDTH if drawing.is_fine else style.LINE_WIDTHS.get(planned.level.name)
    map_layers.draw_grids(axes, rows, [drawing.fills[k] for k in seen], line_width=width)
    if drawing.is_fine:
        map_layers.draw_outlines(axes, labelled)
    map_layers.draw_buildings(axes, drawing.county, sheet)
    kinds = map_layers.draw_barriers(axes, planned, sheet)
    map_layers.draw_communities(axes, [shape for _, shape in drawing.communities])
    map_layers.draw_wrong_grids(axes, rows)
    map_layers.draw_details(axes, details)
    map_layers.draw_labels(axes, labelled, drawing.communities, sheet)
    draw_title(figure, planned, drawing.rows, sheet, number)
    draw_panel(figure, axes, planned, drawing.rows, kinds, sheet, has_details=bool(details), is_fine=drawing.is_fine)
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
