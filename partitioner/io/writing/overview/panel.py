"""The text beside the map: title, figures, verdict, legend, notes."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from partitioner.io.writing.bundle import PlannedCounty
from partitioner.io.writing.naming import plural
from partitioner.io.writing.overview import style
from partitioner.io.writing.overview.furniture import (
    box_handle,
    draw_legend,
    draw_north_arrow,
    draw_scale_bar,
    draw_text_column,
    line_handle,
)
from partitioner.io.writing.overview.layout import Sheet
from partitioner.io.writing.overview.map_layers import LINES, WATERS
from partitioner.io.writing.rows import GridRow
from partitioner.io.writing.words import RULE_NAMES, STATUS, verdict

KIND_NAMES = {
    "river": "河流", "water": "水面", "canal": "渠道", "lake": "湖泊", "railway": "铁路", "road": "道路",
    "expressway": "高速公路", "wall": "围墙", "bridge": "桥梁、通道",
}  # fmt: skip
"""Chinese names of barriers; other kinds show as they are."""

PARENTS = {"community": "街道（乡镇）", "grid": "社区", "micro": "网格"}
"""What the areas above those of a level are called."""

MAX_WRONG = 6
"""Broken rules that the sheet lists; the rest is counted."""

Lines = list[tuple[str, float, str]]


def draw_title(figure: Figure, planned: PlannedCounty, rows: Sequence[GridRow], sheet: Sheet, number: int = 1) -> None:
    """Title in both languages; sheets after the first say their number."""
    name, level = planned.county.name, planned.level.title
    households = sum(row.households for row in rows)
    left, bottom, _, height = sheet.map_box
    part = f"（图{number}）" if number > 1 else ""
    for inches, size, colour, text in (
        (0.74, 24, style.INK, f"{name}{level.zh}划分图{part}"),
        (
            0.27,
            11,
            style.FAINT_INK,
            f"{level.en.capitalize()} plan: {len(rows):,} {plural(planned.level)}, {households:,} households",
        ),
    ):
        y = bottom + height + inches / sheet.height_in
        figure.text(left, y, text, va="center", color=colour, fontproperties=style.font(size))


def draw_panel(
    figure: Figure,
    axes: Axes,
    planned: PlannedCounty,
    rows: Sequence[GridRow],
    kinds: Sequence[str],
    sheet: Sheet,
    *,
    has_details: bool,
    is_fine: bool = False,
) -> None:
    """Figures, legend, scale and notes: to the right of the map, or below it on an upright sheet."""
    left, bottom, width, _ = sheet.map_box
    entries = _legend(planned, rows, kinds, has_details, is_fine)
    notes = _notes(planned, rows)
    if sheet.is_upright:
        draw_text_column(figure, 0.03, 0.19, _figures(planned, rows))
        draw_text_column(figure, 0.36, 0.19, notes)
        draw_legend(axes, figure, entries, (0.70, 0.183))
        draw_scale_bar(figure, 0.70, 0.025, sheet.width_m, width)
        draw_north_arrow(figure, 0.945, 0.03)
        return
    x = left + width + 0.018
    y = draw_text_column(figure, x, 0.90, _figures(planned, rows))
    draw_legend(axes, figure, entries, (x, y - 0.03))
    points = figure.get_figheight() * 72
    height = sum(size * 1.55 for _, size, _ in notes) / points
    draw_text_column(figure, x, bottom + 0.115 + height, notes)
    draw_scale_bar(figure, x, bottom + 0.012, sheet.width_m, width)
    draw_north_arrow(figure, 0.965, bottom + 0.03)


def _figures(planned: PlannedCounty, rows: Sequence[GridRow]) -> Lines:
    bounds, explanation = planned.problem.bounds, planned.explanation
    title = planned.level.title.zh
    lines: Lines = [(f"{title} {len(rows):,} 个", 16, style.INK)]
    if rows:
        sizes = [row.households for row in rows if not row.locked] or [row.households for row in rows]
        total = sum(row.households for row in rows)
        lines += [
            (f"共 {total:,} 户，上下限 {bounds.min}–{bounds.max} 户", 10, style.INK),
            (f"最小 {min(sizes):,}，中位数 {median(sizes):,.0f}，最大 {max(sizes):,}", 10, style.INK),
        ]
    num = len(planned.problem.units.parent.names)
    if num:
        lines.append((f"{PARENTS.get(planned.level.name, '社区')} {num:,} 个", 10, style.INK))
    if explanation.num_groups and planned.level.name != "micro":
        split = explanation.num_split_groups
        lines.append((f"小区 {explanation.num_groups:,} 个，其中 {split:,} 个分在多个{title}", 10, style.INK))
    colour = style.INK if planned.result.status in ("optimal", "feasible") else style.WRONG
    lines.append((STATUS[planned.result.status].zh, 12, colour))
    lines += [(line, 9, style.FAINT_INK) for line in wrapped(verdict(planned.result).zh, 24)]
    return lines


def _notes(planned: PlannedCounty, rows: Sequence[GridRow]) -> Lines:
    wrong = [violation for row in rows for violation in row.violations]
    lines: Lines = []
    if wrong:
        lines.append((f"违规 {len(wrong)} 处", 10, style.WRONG))
        short = {row.code: _name_of(planned, row) for row in rows}
        for violation in wrong[:MAX_WRONG]:
            name = RULE_NAMES[violation.rule].zh
            lines.append((f"{short[str(violation.grid)]} {name} {violation.amount:,.0f}", 9, style.WRONG))
        if len(wrong) > MAX_WRONG:
            lines.append((f"……另有 {len(wrong) - MAX_WRONG} 处，见台账", 9, style.WRONG))
    if planned.county.buildings["estimated"].fillna(False).any():
        lines += [(line, 9, style.WRONG) for line in wrapped("部分楼栋的位置或户数为推算，网格线仅供讨论", 24)]
    lines += [(line, 8, style.FAINT_INK) for line in wrapped(planned.county.crs.name, 27)]
    lines.append((f"规则：{planned.profile.title.zh}", 8, style.FAINT_INK))
    if planned.result.engine:
        lines.append((f"制图：{planned.result.engine}", 8, style.FAINT_INK))
    return lines


def _name_of(planned: PlannedCounty, row: GridRow) -> str:
    if planned.level.name == "micro":
        return row.code
    return row.short if planned.level.name == "community" else f"{row.community}{row.short}"


def _legend(
    planned: PlannedCounty, rows: Sequence[GridRow], kinds: Sequence[str], has_details: bool, is_fine: bool
) -> list[tuple[Any, str]]:
    fill, title = style.GRID_FILLS[0], planned.level.title.zh
    entries: list[tuple[Any, str]] = []
    if is_fine:
        entries.append((box_handle(facecolor=fill, edgecolor=style.INK, linewidth=0.9), "网格（编号、户数）"))
        pale = style.lightened(fill, style.SHADES[1])
        entries.append((box_handle(facecolor=pale, edgecolor=style.GRID_LINE, linewidth=0.25), title))
    else:
        entries.append((box_handle(facecolor=fill, edgecolor=style.GRID_LINE, linewidth=0.7), f"{title}（编号、户数）"))
    if len(planned.problem.units.parent.names):
        border = line_handle(color=style.COMMUNITY_LINE, linewidth=2.2, linestyle=style.BORDER_DASHES)
        entries.append((border, "街道（乡镇）界" if planned.level.name == "community" else "社区界"))
    if any(row.violations for row in rows):
        wrong = box_handle(facecolor="none", edgecolor=style.WRONG, hatch="////", linewidth=2)
        entries.append((wrong, f"违规{title}"))
    households = planned.county.buildings["households"].fillna(0)
    if (households > 0).any():
        entries.append((box_handle(facecolor=style.BUILDING), "有住户的楼栋"))
    if (households <= 0).any():
        entries.append((box_handle(facecolor=style.EMPTY_BUILDING), "无住户的建筑"))
    if has_details:
        entries.append((box_handle(facecolor="none", edgecolor=style.INK, linewidth=1.2), "详图范围（见 PDF）"))
    return entries + [(sample_of(kind), KIND_NAMES.get(kind, kind or "障碍")) for kind in kinds]


def sample_of(kind: str) -> Any:
    """What a legend shows of a kind of barrier."""
    if kind == "railway":
        rail = line_handle(color=style.RAIL, linewidth=2.0)
        dashes = line_handle(color=style.PAPER, linewidth=1.2, linestyle=(0, (4, 4)))
        return (rail, dashes)
    if kind in WATERS:
        return box_handle(facecolor=style.WATER_FILL, edgecolor=style.WATER, linewidth=1.0)
    return line_handle(**LINES.get(kind, {"color": style.OTHER_BARRIER, "linewidth": 1.2}))


def wrapped(text: str, ems: float) -> list[str]:
    """Lines of at most `ems` ems; Latin words and numbers stay whole, and no line starts with a comma or full stop."""
    pieces: list[str] = []
    for character in text:
        sticks = pieces and (
            character in "，。；：、）%"
            or (character < "\u2000" and pieces[-1][-1] < "\u2000" and pieces[-1][-1] != " ")
        )
        if sticks:
            pieces[-1] += character
        else:
            pieces.append(character)
    lines = [""]
    for piece in pieces:
        if lines[-1] and style.em_width(lines[-1] + piece) > ems:
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines]
