"""The overview map of a plan as PNG and PDF."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
import shapely
from matplotlib.figure import Figure

from partitioner.io.writing.bundle import PlannedCounty
from partitioner.io.writing.overview import map_layers, style
from partitioner.io.writing.overview.layout import Sheet, sheet_for
from partitioner.io.writing.overview.panel import draw_panel, draw_title
from partitioner.io.writing.rows import grid_rows
from partitioner.model.files import replacing


def write_overview(planned: PlannedCounty, png_path: str | Path, pdf_path: str | Path) -> None:
    """One A3 sheet, as a picture of 2,400 pixels and as vectors with embedded type.

    Equal plans give equal files. Grids in tints that neighbours never share, buildings, barriers, borders and names of
    communities; a grid's short code and households where they fit.

    Raises
    ------
    OutputError
        A file cannot be written; what stood there is untouched.
    """
    with mpl.rc_context({"pdf.fonttype": 42, "hatch.linewidth": 0.7}):
        figure, sheet = draw_overview(planned)
        title = f"{planned.county.name}{planned.level.title.zh}划分图"
        with replacing(png_path) as temporary:
            figure.savefig(temporary, format="png", dpi=sheet.dpi, metadata={"Software": "wangge", "Title": title})
        with replacing(pdf_path) as temporary:
            figure.savefig(
                temporary, format="pdf", metadata={"Creator": "wangge", "Title": title, "CreationDate": None}
            )


def draw_overview(planned: PlannedCounty) -> tuple[Figure, Sheet]:
    """The figure and the sheet that it fills."""
    rows = grid_rows(planned)
    sheet = sheet_for(_bounds(planned))
    figure = Figure(figsize=(sheet.width_in, sheet.height_in), facecolor=style.PAPER)
    axes = figure.add_axes(sheet.map_box)
    axes.set_xlim(sheet.extent[0], sheet.extent[2])
    axes.set_ylim(sheet.extent[1], sheet.extent[3])
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color(style.FAINT_INK)
    map_layers.draw_grids(axes, rows)
    map_layers.draw_buildings(axes, planned)
    kinds = map_layers.draw_barriers(axes, planned, sheet)
    communities = map_layers.community_shapes(planned)
    map_layers.draw_communities(axes, communities)
    map_layers.draw_wrong_grids(axes, rows)
    names = planned.community_names()
    map_layers.draw_labels(axes, rows, [(names.get(key, key), shape) for key, shape in communities.items()], sheet)
    draw_title(figure, planned, rows, sheet)
    draw_panel(figure, axes, planned, rows, kinds, sheet)
    return figure, sheet


def _bounds(planned: PlannedCounty) -> tuple[float, float, float, float]:
    """Of all cells; of the buildings where there are no units; a hectare where there is nothing at all."""
    for shapes in (planned.unit_graph.cells, planned.county.buildings.geometry.to_numpy()):
        bounds = shapely.total_bounds(shapes) if len(shapes) else np.full(4, np.nan)
        if np.isfinite(bounds).all():
            left, bottom, right, top = bounds.tolist()
            return left, bottom, right, top
    return 0.0, 0.0, 100.0, 100.0
