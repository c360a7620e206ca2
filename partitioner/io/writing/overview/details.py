"""Which parts of a county need a sheet of their own, because its grids are too small for labels on the first one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from partitioner.io.writing.overview.labels import Label, fit_inside
from partitioner.io.writing.overview.layout import Sheet, sheet_for
from partitioner.io.writing.overview.patches import array_of
from partitioner.io.writing.rows import GridRow
from partitioner.model import FloatArray

MIN_LEFT_OUT = 4
"""Fewer unlabelled grids than this are not worth a sheet; the ledger has them."""

MAX_SHEETS = 16
"""A county of one thousand grids needs about a dozen."""

ENOUGH = 0.85
"""A sheet that labels this share of its grids is not cut in two."""

MARGIN = 0.5
"""Land around the grids of a sheet, in widths of a typical one of them."""


WIDE_GAP = 0.4
"""Grids with empty land between them that takes this share of their spread do not go onto one sheet."""


@dataclass(frozen=True, kw_only=True)
class Detail:
    """A part of the county and the sheet that shows it; `frame` is what the overview marks."""

    frame: shapely.Polygon
    sheet: Sheet


def grid_label(row: GridRow, sheet: Sheet) -> Label | None:
    """Short code and households, the short code alone, or None: whatever fits into the part that `sheet` shows."""
    shape = shapely.clip_by_rect(row.shape, *sheet.extent)
    return fit_inside(shape, (f"{row.short}\n{row.households}户", row.short), sheet.metres_per_point)


def detail_sheets(rows: Sequence[GridRow], overview: Sheet) -> tuple[Detail, ...]:
    """Sheets on which most grids find room for labels that found none on the overview; from the north to the south.

    The grids left out are cut in two, at a wide gap or else in halves, across the longer side of where they live, until
    a sheet is large enough for most of its own.
    """
    done: list[list[GridRow]] = []
    waiting = [[row for row in rows if grid_label(row, overview) is None and not row.shape.is_empty]]
    while waiting:
        waiting.sort(key=len)
        members = waiting.pop()
        room = len(done) + len(waiting) + 2 <= MAX_SHEETS
        if len(members) < MIN_LEFT_OUT:
            continue
        parts = _across_gap(members) if room else [members]
        if len(parts) > 1:
            waiting += parts
        elif room and len(members) >= 2 * MIN_LEFT_OUT and _share_labelled(members) < ENOUGH:
            waiting += _halves(members)
        else:
            done.append(members)
    details = [Detail(frame=_frame(members), sheet=sheet_for(_frame(members).bounds)) for members in done]
    return tuple(sorted(details, key=lambda detail: (-detail.frame.bounds[3], detail.frame.bounds[0])))


def _share_labelled(members: Sequence[GridRow]) -> float:
    sheet = sheet_for(_frame(members).bounds)
    return sum(grid_label(row, sheet) is not None for row in members) / len(members)


def _frame(members: Sequence[GridRow]) -> shapely.Polygon:
    """Around where the grids live: their land may reach far beyond, into fields."""
    around = MARGIN * float(np.median(np.sqrt(shapely.area(array_of([row.shape for row in members])))))
    left, bottom, right, top = shapely.total_bounds(array_of([row.home for row in members]))
    return shapely.box(left - around, bottom - around, right + around, top + around)


def _halves(members: Sequence[GridRow]) -> list[list[GridRow]]:
    order, _ = _along_longer_side(members)
    half = len(order) // 2
    return [order[:half], order[half:]]


def _across_gap(members: Sequence[GridRow]) -> list[list[GridRow]]:
    """Two parts where a wide gap lies between them; otherwise one."""
    order, places = _along_longer_side(members)
    gaps = np.diff(places)
    if not len(gaps) or gaps.max() <= WIDE_GAP * (places[-1] - places[0]):
        return [list(members)]
    cut = int(gaps.argmax()) + 1
    return [order[:cut], order[cut:]]


def _along_longer_side(members: Sequence[GridRow]) -> tuple[list[GridRow], FloatArray]:
    """The grids in the order of x or y, whichever spreads wider, and these coordinates."""
    xy = np.array([(row.home.x, row.home.y) for row in members])
    places = xy[:, int(np.ptp(xy, axis=0).argmax())]
    order = np.argsort(places, kind="stable")
    return [members[k] for k in order.tolist()], places[order]
