"""What stands around the map: title, legend, figures, scale, north arrow, key of sheets, stamp field, imprint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from partitioner.io.writing.overview import style
from partitioner.io.writing.overview.drawing import Drawing
from partitioner.io.writing.overview.furniture import metres_text, scale_length_m
from partitioner.io.writing.overview.map_layers import WATERS
from partitioner.io.writing.overview.panel import KIND_NAMES, PARENTS
from partitioner.io.writing.pdf import Page
from partitioner.io.writing.prints.language import Say
from partitioner.io.writing.prints.paper import MARGIN, POINTS_PER_METRE, Cut
from partitioner.io.writing.sheets.grid_map import LINES, Frame
from partitioner.io.writing.words import STATUS

STAMP = 96.0
"""Height of the stamp field, points."""

ROW = 13.0
FIELDS = (("编制单位", "Drawn up by"), ("审    核", "Reviewed"), ("批    准", "Approved"), ("日    期", "Date"))


def draw_legend(
    page: Page, drawing: Drawing, cut: Cut, frames: Sequence[Frame], number: int, kinds: Sequence[str], say: Say
) -> None:
    """Everything beside the map on sheet `number` of `frames`."""
    _title(page, drawing, cut, len(frames), number, say)
    left, bottom, width, height = cut.paper.legend_box
    if height > width:
        y = _north_and_scale(page, cut, left, bottom + height, width, say)
        y = _key(page, drawing, kinds, left, y - 8, width, say)
        y = _figures(page, drawing, left, y - 8, say)
        if len(frames) > 1:
            _sheets(page, frames, number, (left, y - 12, width, y - 24 - bottom - STAMP), say)
        _stamp(page, (left, bottom, width, STAMP), say)
    else:
        column = width / 4
        top = bottom + height
        _north_and_scale(page, cut, left, top, column - 12, say)
        if len(frames) > 1:
            _sheets(page, frames, number, (left, top - 68, column - 16, height - 74), say)
        _key(page, drawing, kinds, left + column, top, column - 12, say)
        _figures(page, drawing, left + 2 * column, top, say)
        _stamp(page, (left + 3 * column, bottom, column, height), say)
    _imprint(page, drawing, len(frames), number, say)


def _title(page: Page, drawing: Drawing, cut: Cut, num: int, number: int, say: Say) -> None:
    level, county = drawing.planned.level.title, drawing.planned.county
    left, bottom, _, height = cut.paper.map_box
    base = bottom + height + 14
    part = say(f"（第{number}幅）", f" (sheet {number})") if num > 1 else ""
    page.text((left, base), say(f"{county.name}{level.zh}图", f"{county.name}, {level.en} map") + part, 20)
    right = cut.paper.size[0] - MARGIN
    page.text((right, base), f"1 : {cut.scale:,}", 14, anchor=1)


def _north_and_scale(page: Page, cut: Cut, left: float, top: float, width: float, say: Say) -> float:
    x, y = left + width - 14, top - 40
    page.polygons([np.array([(x, y + 26), (x - 7, y), (x, y + 6), (x, y + 26)])], fill=style.INK)
    page.polygons([np.array([(x, y + 26), (x + 7, y), (x, y + 6), (x, y + 26)])], line=style.INK, width=0.7)
    page.text((x, y + 29), say("北", "N"), 9, anchor=0.5)
    page.text((left, top - 12), say(f"比例尺 1 : {cut.scale:,}", f"Scale 1 : {cut.scale:,}"), 9)
    points = POINTS_PER_METRE / cut.scale
    length = scale_length_m((width - 60) / points * 6)
    wide = length * points
    base = top - 38
    page.rectangle((left, base, wide / 2, 4), fill=style.INK, line=style.INK)
    page.rectangle((left + wide / 2, base, wide / 2, 4), fill=style.PAPER, line=style.INK)
    page.text((left, base + 7), "0", 7)
    page.text((left + wide, base + 7), metres_text(length), 7, anchor=0.5)
    return base - 8


def _key(page: Page, drawing: Drawing, kinds: Sequence[str], left: float, top: float, width: float, say: Say) -> float:
    y = top - 10
    page.text((left, y), say("图例", "Legend"), 10)
    y -= 4
    for text, kind in _entries(drawing, kinds, say):
        y -= ROW
        _sample(page, kind, (left, y, 26.0, 8.0))
        page.text((left + 32, y + 1), _fitting(page, text, width - 32), 8)
    return y


def _fitting(page: Page, text: str, width: float) -> str:
    """As much of a text as there is room for."""
    while text and page.text_width(text, 8) > width:
        text = text[:-1]
    return text


def _entries(drawing: Drawing, kinds: Sequence[str], say: Say) -> Iterator[tuple[str, str]]:
    level = drawing.planned.level
    yield say(f"{level.title.zh}（编号、户数）", f"{level.title.en} (code, households)"), "area"
    if drawing.communities:
        yield say(f"{PARENTS.get(level.name, '上级')}界", "border one level up"), "community"
    if any(row.violations for row in drawing.rows):
        yield say(f"不合规的{level.title.zh}", f"{level.title.en} that breaks a rule"), "wrong"
    yield say("住人楼栋", "inhabited building"), "building"
    for kind in kinds:
        if kind:
            yield say(KIND_NAMES.get(kind, kind), kind.replace("_", " ")), kind


def _sample(page: Page, kind: str, box: tuple[float, float, float, float]) -> None:
    left, bottom, wide, high = box
    middle = [[(left, bottom + high / 2), (left + wide, bottom + high / 2)]]
    if kind == "area":
        page.rectangle(box, fill=style.GRID_FILLS[0], line=style.GRID_LINE, width=0.7)
    elif kind == "wrong":
        page.rectangle(box, line=style.WRONG, width=1.8)
    elif kind == "building":
        page.rectangle((left + 8, bottom, 10, high), fill=style.BUILDING)
    elif kind == "community":
        page.lines(middle, colour=style.COMMUNITY_LINE, width=1.8, dashes=(7, 2.5, 1.2, 2.5))
    elif kind == "railway":
        page.lines(middle, colour=style.RAIL, width=2.2)
        page.lines(middle, colour=style.PAPER, width=1.3, dashes=(4, 4))
    else:
        colour, width = LINES.get(kind, (style.OTHER_BARRIER, 1.2))
        if kind in WATERS:
            page.rectangle((left, bottom + 1.5, wide, high - 3), fill=style.WATER_FILL)
        page.lines(middle, colour=colour, width=width)


def _figures(page: Page, drawing: Drawing, left: float, top: float, say: Say) -> float:
    planned, rows = drawing.planned, drawing.rows
    households = [row.households for row in rows]
    ordinary = [row.households for row in rows if not row.locked]
    bounds = planned.problem.bounds
    y = top - 10
    page.text((left, y), say("概况", "In short"), 10)
    title, total = planned.level.title, sum(households)
    lines = [
        say(f"{title.zh} {len(rows):,} 个", f"{title.en} areas: {len(rows):,}"),
        say(f"共 {total:,} 户", f"{total:,} households"),
    ]
    if ordinary:
        sizes = f"{min(ordinary):,}–{max(ordinary):,}"
        lines.append(say(f"每个 {sizes} 户", f"{sizes} households each"))
    if 0 < len(ordinary) < len(rows):
        special = len(rows) - len(ordinary)
        lines.append(say(f"（其中专属 {special} 个除外）", f"(special ones apart: {special})"))
    wanted, status = f"{bounds.min:,}–{bounds.max:,}", STATUS[planned.result.status]
    lines.append(say(f"要求 {wanted} 户", f"{wanted} households wanted"))
    lines.append(say(f"状态：{status.zh}", f"result: {status.en}"))
    y -= 4
    for line in lines:
        y -= ROW
        page.text((left, y + 1), line, 8)
    return y


def _sheets(
    page: Page, frames: Sequence[Frame], number: int, room: tuple[float, float, float, float], say: Say
) -> None:
    """A key of all sheets, this one dark; `room` is left, top, width, height."""
    left, top, width, height = room
    west, south = min(f.extent[0] for f in frames), min(f.extent[1] for f in frames)
    east, north = max(f.extent[2] for f in frames), max(f.extent[3] for f in frames)
    scale = min(
        width / (east - west),
        max(height - 14, 10.0) / (north - south),
        34 / (frames[0].extent[3] - frames[0].extent[1]),
    )
    page.text((left, top), say("接图表", "Sheets"), 8)
    for k, frame in enumerate(frames, start=1):
        x, y = left + (frame.extent[0] - west) * scale, top - 6 - (north - frame.extent[1]) * scale
        wide, high = (frame.extent[2] - frame.extent[0]) * scale, (frame.extent[3] - frame.extent[1]) * scale
        page.rectangle((x, y, wide, high), fill=style.INK if k == number else None, line=style.INK, width=0.5)
        colour = style.PAPER if k == number else style.INK
        size = min(8.0, high * 0.6, wide * 0.5)
        page.text((x + wide / 2, y + high / 2 - size * 0.35), str(k), size, colour=colour, anchor=0.5)


def _stamp(page: Page, box: tuple[float, float, float, float], say: Say) -> None:
    left, bottom, width, height = box
    page.rectangle(box, line=style.INK, width=0.7)
    for k, (zh, en) in enumerate(FIELDS):
        field = say(f"{zh}：", f"{en}: ")
        y = bottom + height - 16 - 17 * k
        page.text((left + 6, y), field, 8)
        start = left + 6 + page.text_width(field, 8)
        page.lines([[(start, y - 2), (left + width - 8, y - 2)]], colour=style.FAINT_INK, width=0.4)
    page.text((left + width - 8, bottom + 8), say("（盖章）", "(stamp)"), 9, colour=style.FAINT_INK, anchor=1)


def _imprint(page: Page, drawing: Drawing, num: int, number: int, say: Say) -> None:
    planned = drawing.planned
    crs = planned.county.crs
    code = ":".join(crs.to_authority() or ())
    system = crs.name + (say(f"（{code}）", f" ({code})") if code else "")
    engine = planned.result.engine
    told = say(f"坐标系：{system}    制图：{engine}", f"Coordinates: {system}    drawn by {engine}")
    page.text((MARGIN, MARGIN - 6), told, 6.5, colour=style.FAINT_INK)
    which = say(f"第{number}幅，共{num}幅", f"sheet {number} of {num}")
    page.text((page.size[0] - MARGIN, MARGIN - 6), which, 6.5, colour=style.FAINT_INK, anchor=1)
