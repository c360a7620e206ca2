"""The map of one level to scale, on as many sheets as that takes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely

from partitioner.io.writing.naming import Planned, as_levels, reference
from partitioner.io.writing.overview.drawing import Drawing
from partitioner.io.writing.overview.patches import array_of
from partitioner.io.writing.pdf import Document
from partitioner.io.writing.prints.language import Language, speaking
from partitioner.io.writing.prints.legend import draw_legend
from partitioner.io.writing.prints.map_sheet import MapSheet
from partitioner.io.writing.prints.paper import cut_for
from partitioner.io.writing.sheets import Progress
from partitioner.io.writing.sheets.atlas import Atlas


def write_map(
    planned: Planned,
    path: str | Path,
    *,
    paper: str = "A3",
    scale: int | None = None,
    level: str | None = None,
    language: Language = "zh",
    progress: Progress = lambda _done, _of: None,
) -> int:
    """A PDF to scale with title, legend, north arrow, scale bar and a field for stamps; returns the number of sheets.

    Land that one sheet cannot show at the scale is cut into sheets that overlap; those without anything of the plan
    are left out.

    Parameters
    ----------
    paper : str
        ``A3`` or ``A4``; it lies or stands as the land does.
    scale : int, optional
        The denominator; by default the largest usual one at which a single sheet shows everything.
    level : str, optional
        Whose areas are coloured; by default grids, or else the narrowest level.
    language : str
        ``zh`` or ``en``: of title, legend and figures.

    Raises
    ------
    InputError
        Too many sheets would be needed.
    OutputError
        The file cannot be written; what stood there is untouched.
    """
    levels = as_levels(planned)
    drawing, atlas = Drawing.of(levels, level or reference(levels).level.name), Atlas.of(levels)
    shapes = array_of([row.shape for row in drawing.rows])
    bounds = shapely.total_bounds(shapes) if len(shapes) else np.full(4, np.nan)
    cut = cut_for(bounds.tolist() if np.isfinite(bounds).all() else (0.0, 0.0, 100.0, 100.0), paper, scale)
    frames = [frame for frame in cut.frames if shapely.intersects(shapes, frame.land).any()] or list(cut.frames[:1])
    say, title = speaking(language), drawing.planned.level.title
    named = say(f"{atlas.county.name}{title.zh}图", f"{atlas.county.name}, {title.en} map")
    document = Document(f"{named} 1:{cut.scale}")
    for number, frame in enumerate(frames, start=1):
        page = document.new_page(cut.paper.size)
        kinds = MapSheet(page, drawing, atlas, frame, say).draw()
        draw_legend(page, drawing, cut, frames, number, kinds, say)
        document.add(page, bookmarks=[say(f"第{number}幅", f"Sheet {number}")] if len(frames) > 1 else [])
        progress(number, len(frames))
    document.save(path)
    return len(frames)
