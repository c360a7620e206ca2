"""The trade-off between moved households and the quality of a plan, as a plot and a table."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from partitioner.io.writing.ledger_columns import Column
from partitioner.io.writing.overview import style
from partitioner.io.writing.overview.sheet import rare_characters
from partitioner.io.writing.redraw.values import Curve, CurvePoint
from partitioner.io.writing.workbook import formats_of, workbook, write_table
from partitioner.model.files import replacing

PLAN, BOUND = "#0072B2", "#D55E00"
"""Blue and vermilion of Okabe and Ito (2008)."""


def write_curve(curve: Curve, xlsx_path: str | Path, png_path: str | Path) -> None:
    """A row per point, and the points with their bounds over moved households.

    Raises
    ------
    OutputError
    """
    with workbook(xlsx_path, f"{curve.county} 变动与质量") as book:
        rows = list(enumerate(curve.points, start=1))
        write_table(book.add_worksheet("变动与质量"), _columns(curve), rows, formats_of(book))
    with mpl.rc_context({"text.parse_math": False}), rare_characters():
        figure = _figure(curve)
        with replacing(png_path) as temporary:
            figure.savefig(temporary, format="png", dpi=150, metadata={"Software": "wangge"})


def _columns(curve: Curve) -> list[Column]:
    best = curve.points[-1].quality if curve.points else 0.0

    def above(point: CurvePoint) -> float | None:
        return None if not best else round(100 * (point.quality - best) / best, 2)

    return [
        Column(heading="方案 plan", width=8, value=lambda r: r[0], kind="integer"),
        Column(heading="变动户数 moved", width=12, value=lambda r: r[1].moved, kind="integer"),
        Column(heading="其余目标（户·米）other terms", width=18, value=lambda r: r[1].quality, kind="decimal"),
        Column(heading="下界 bound", width=18, value=lambda r: r[1].bound, kind="decimal"),
        Column(heading="比最好的高（%）above best", width=14, value=lambda r: above(r[1]), kind="decimal"),
        Column(heading="结果 status", width=12, value=lambda r: r[1].status),
    ]


def _figure(curve: Curve) -> Figure:
    figure = Figure(figsize=(9.0, 6.2), facecolor=style.PAPER)
    axes = figure.add_axes((0.13, 0.13, 0.83, 0.72))
    moved = [point.moved for point in curve.points]
    quality = [point.quality / 1000 for point in curve.points]
    bounds = [(p.moved, p.bound / 1000) for p in curve.points if p.bound is not None]
    axes.step(moved, quality, where="post", color=PLAN, linewidth=1.6, zorder=2)
    axes.plot(moved, quality, "o", color=PLAN, markersize=8, zorder=3, label="方案 plan")
    if bounds:
        axes.plot(*zip(*bounds, strict=True), "_", color=BOUND, markersize=16, markeredgewidth=2.4, label="下界 bound")
    for point, y in zip(curve.points, quality, strict=True):
        axes.annotate(
            f"{point.moved:,} 户", (point.moved, y), (8, 8), textcoords="offset points", fontproperties=style.font(9)
        )
    axes.set_xlabel("变动户数 households moved", fontproperties=style.font(11))
    axes.set_ylabel("其余目标（千户·米） other terms, thousand household-metres", fontproperties=style.font(11))
    axes.margins(x=0.08, y=0.15)
    axes.grid(color="#E5E5E5", linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for tick in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        tick.set_fontproperties(style.font(9))
    axes.legend(prop=style.font(10), frameon=False, loc="upper right")
    title = f"{curve.county}{curve.level.title.zh}：变动多少，换来多好"
    figure.text(0.13, 0.93, title, fontproperties=style.font(15), color=style.INK)
    note = f"左端为变动最少（至少 {curve.fewest:,} 户）的方案，右端不考虑原方案；下界：变动不超过该户数的方案不可能更好"
    if curve.remark is not None:
        note = curve.remark.zh
    figure.text(0.13, 0.885, note, fontproperties=style.font(9), color=style.FAINT_INK)
    return figure
