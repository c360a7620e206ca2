"""The map of a plan as PNG and PDF."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl
import numpy as np
import shapely
from matplotlib.backends.backend_pdf import PdfPages

from partitioner.io.writing.bundle import PlannedCounty
from partitioner.io.writing.naming import Planned, as_levels
from partitioner.io.writing.overview.details import detail_sheets
from partitioner.io.writing.overview.drawing import Drawing, draw_sheet
from partitioner.io.writing.overview.layout import sheet_for
from partitioner.model.files import replacing


def write_overview(planned: Planned, png_path: str | Path, pdf_path: str | Path, *, level: str | None = None) -> None:
    """One A3 sheet as a picture of 2,400 pixels, and the same as vectors with embedded type.

    Areas of `level` (by default the narrowest that was planned) in tints that neighbours never share, buildings,
    barriers, borders and names of communities; an area's short code and households where they fit. Where they do not,
    the PDF has further sheets of the dense parts. Micro-grids are lines and shades, and their grids have the labels.
    Equal plans give equal files.

    Raises
    ------
    OutputError
        A file cannot be written; what stood there is untouched.
    """
    levels = as_levels(planned)
    drawing = Drawing.of(levels, level or levels.names[-1])
    shown = drawing.planned
    overview = sheet_for(_bounds(shown))
    details = detail_sheets(drawing.labelled, overview)
    title = f"{shown.county.name}{shown.level.title.zh}划分图"
    with mpl.rc_context({"pdf.fonttype": 42, "hatch.linewidth": 0.5, "text.parse_math": False}), rare_characters():
        first = draw_sheet(drawing, overview, details=details)
        with replacing(png_path) as temporary:
            first.savefig(temporary, format="png", dpi=overview.dpi, metadata={"Software": "wangge", "Title": title})
        with (
            replacing(pdf_path) as temporary,
            PdfPages(temporary, metadata={"Creator": "wangge", "Title": title, "CreationDate": None}) as pages,
        ):
            pages.savefig(first)
            for number, detail in enumerate(details, start=2):
                pages.savefig(draw_sheet(drawing, detail.sheet, number=number))


@contextmanager
def rare_characters() -> Iterator[None]:
    """A character that the type face lacks is a box on the map, and nothing to alarm a planner with."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph .* missing", category=UserWarning)
        yield


def _bounds(planned: PlannedCounty) -> tuple[float, float, float, float]:
    """Of all cells; of the buildings where there are no units; a hectare where there is nothing at all."""
    for shapes in (planned.unit_graph.cells, planned.county.buildings.geometry.to_numpy()):
        bounds = shapely.total_bounds(shapes) if len(shapes) else np.full(4, np.nan)
        if np.isfinite(bounds).all():
            left, bottom, right, top = bounds.tolist()
            return left, bottom, right, top
    return 0.0, 0.0, 100.0, 100.0
