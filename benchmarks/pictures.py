"""Pictures of a run: how gaps close over time, ours against peers; and how time grows with size."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.contestants import GOAL, PEERS
from benchmarks.rows import Row

Course = list[tuple[float, float]]
"""(seconds, gap) in the order of time; the gap holds until the next entry."""

COLOURS = {
    "GerryChain k": "#d95f02",
    "GerryChain k−1": "#fdae61",
    "GerryChain k+1": "#a6611a",
    "METIS": "#7570b3",
    "KaHIP": "#66a61e",
    "spopt max-p": "#999999",
    "CP-SAT": "#e7298a",
    "HiGHS": "#e6ab02",
}
OURS, BOUND = "#1b5e9e", "#8fb8de"
STEPS = 200
MAX_COLUMNS = 5
FIRST_S = 0.01
LEAST = 1e-4
"""The gap axis ends here: a proof stands on its lower edge."""

Picture = tuple[str, str]
"""What it shows, and the name of its file."""


def draw(rows: Sequence[Row], folder: Path, stem: str) -> list[Picture]:
    """Draw what the rows allow into `folder`; returns what was drawn."""
    drawn = []
    contest = [row for row in rows if row["suite"] == "peers" and row.get("trail")]
    if contest:
        _contest(contest, folder / f"{stem}-peers.png")
        drawn.append(("Gap over time, ours and peers", f"{stem}-peers.png"))
    grown = [row for row in rows if row["suite"] == "growth" and "units" in row]
    if grown:
        _growth(grown, folder / f"{stem}-growth.png")
        drawn.append(("Time to a gap of 2 % over the number of units", f"{stem}-growth.png"))
    return drawn


def course(row: Row, bound: float | None) -> Course:
    """Share of the best lawful value so far that lies above `bound`; nothing before the first lawful plan."""
    best: float | None = None
    found: Course = []
    for s, total, _ in row["trail"]:
        if total is not None and total > 0 and (best is None or total < best):
            best = total
            found.append((s, max(0.0, 1 - (bound or 0.0) / total)))
    return found


def own_course(row: Row) -> Course:
    """The gap that a run of ours could prove at the time."""
    return [
        (s, max(0.0, 1 - bound / total))
        for s, total, bound in row["trail"]
        if total is not None and bound is not None and total > 0
    ]


def at(steps: Course, s: float) -> float | None:
    """The gap at a time; None before the first plan."""
    return next((gap for when, gap in reversed(steps) if when <= s), None)


def median_course(courses: Sequence[Course], times: Sequence[float]) -> list[float | None]:
    """The median over instances, where more than half of them have a plan; the others count as worst."""
    found: list[float | None] = []
    for s in times:
        gaps = [gap if (gap := at(steps, s)) is not None else float("inf") for steps in courses]
        middle = statistics.median(gaps) if gaps else float("inf")
        found.append(middle if middle < float("inf") else None)
    return found


def _contest(rows: Sequence[Row], path: Path) -> None:
    import numpy as np
    from matplotlib.figure import Figure

    classes = list(dict.fromkeys(_panel_of(row) for row in rows))
    columns = min(len(classes), MAX_COLUMNS)
    lines = -(-len(classes) // columns)
    in_a_row = min(5, 1 + columns)
    figure = Figure(figsize=(3.4 * columns + 0.8, 3.4 * lines + 0.4 + 2.5 / in_a_row), layout="constrained")
    panels = figure.subplots(lines, columns, squeeze=False, sharex=True, sharey=True).ravel()
    for panel in panels[len(classes) :]:
        panel.set_axis_off()
    for panel, kind in zip(panels[: len(classes)], classes, strict=True):
        mine = [row for row in rows if _panel_of(row) == kind]
        names = list(dict.fromkeys(row["name"] for row in mine))
        limit = {name: _best_bound([row for row in mine if row["name"] == name]) for name in names}
        ends = [row["time_limit_s"] for row in mine]
        times = np.geomspace(FIRST_S, max(ends), STEPS)
        for part in [part for part in PEERS if any(row["part"] == part for row in mine)]:
            upto = max(row["time_limit_s"] for row in mine if row["part"] == part)
            _line(
                panel,
                times[times <= upto * 1.001],
                [course(row, limit[row["name"]]) for row in mine if row["part"] == part],
                len(names),
                label=part,
                color=COLOURS[part],
                linewidth=1.2,
            )
        goal = [row for row in mine if row["part"] == GOAL]
        upto = max((row["time_limit_s"] for row in goal), default=0.0)
        here = times[times <= upto * 1.001]
        _line(
            panel,
            here,
            [own_course(row) for row in goal],
            len(names),
            label="ours, proved by then",
            color=BOUND,
            linewidth=2.4,
            linestyle=(0, (2, 1)),
        )
        _line(
            panel,
            here,
            [course(row, limit[row["name"]]) for row in goal],
            len(names),
            label="ours",
            color=OURS,
            linewidth=2.4,
        )
        panel.set(xscale="log", yscale="log", ylim=(LEAST, 1.0), xlabel="seconds")
        panel.set_title(f"{kind} ({len(names)})" if len(names) > 1 else kind, fontsize=11)
        panel.xaxis.set_major_formatter(lambda s, _: f"{s:g}")
        panel.set_yticks([1e-4, 1e-3, 1e-2, 1e-1, 1.0], ["≤ 0.01 %", "0.1 %", "1 %", "10 %", "100 %"])
        panel.grid(alpha=0.25, which="major")
    figure.supylabel("median gap to the best bound known", fontsize=11)
    handles: dict[str, Any] = {}
    for panel in panels:
        for handle, label in zip(*panel.get_legend_handles_labels(), strict=True):
            handles.setdefault(label, handle)
    figure.legend(
        handles.values(), handles.keys(), loc="outside lower center", ncols=in_a_row, fontsize=9, frameon=False
    )
    figure.savefig(path, dpi=90)


def _panel_of(row: Row) -> str:
    """Its class; real places have little in common, so each is alone."""
    return str(row["name"] if row["class"] == "real" else row["class"])


def _line(panel: Any, times: Any, courses: Sequence[Course], num: int, **style: Any) -> None:
    """One curve; an instance without any plan of this part counts as never solved."""
    values = median_course([*courses, *([[]] * (num - len(courses)))], times)
    panel.plot(times, [float("nan") if value is None else max(value, LEAST) for value in values], **style)


def _best_bound(rows: Sequence[Row]) -> float | None:
    """The best bound that any part has; where none has one, the best value."""
    bounds = [row["bound"] for row in rows if row.get("bound") is not None]
    totals = [row["total"] for row in rows if row.get("violations") == 0]
    return max(bounds, default=min(totals, default=None)) if bounds else min(totals, default=None)


HEADROOM = 3.0
"""Room above the time limit for the gaps that are written there."""

KINDS = {"whole": ("one level, no communities", OURS, "o"), "nested": ("inside communities", "#d95f02", "s")}


def _growth(rows: Sequence[Row], path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.6), layout="constrained")
    panel = figure.subplots()
    for kind, (label, colour, marker) in KINDS.items():
        mine = sorted((row for row in rows if row["kind"] == kind), key=lambda row: row["units"])
        there = [row for row in mine if row["to_2pct_s"] is not None]
        panel.plot([row["units"] for row in there], [row["to_2pct_s"] for row in there], color=colour, marker=marker,
                   label=f"{label}: gap of 2 %")  # fmt: skip
        first = [row for row in mine if row["first_lawful_s"] is not None]
        panel.plot([row["units"] for row in first], [row["first_lawful_s"] for row in first], color=colour,
                   marker=marker, alpha=0.35, linestyle=":", label=f"{label}: first lawful plan")  # fmt: skip
        for row in mine:
            if row["to_2pct_s"] is None:
                gap = "no bound" if row["gap_left"] is None else f"{100 * row['gap_left']:.1f} %"
                panel.plot(row["units"], row["time_limit_s"], marker="x", color=colour, linestyle="none")
                panel.annotate(gap, (row["units"], row["time_limit_s"]), xytext=(0, 5 if kind == "whole" else 15),
                               textcoords="offset points", ha="center", fontsize=8, color=colour)  # fmt: skip
    panel.set(xscale="log", yscale="log", xlabel="units", ylabel="seconds")
    panel.set_ylim(top=HEADROOM * panel.get_ylim()[1])
    panel.xaxis.set_major_formatter(lambda units, _: f"{units:,.0f}")
    panel.yaxis.set_major_formatter(lambda s, _: f"{s:g}")
    panel.set_title("Time to a gap of 2 %; x = not reached in time, with the gap at the end", fontsize=10)
    panel.grid(alpha=0.25, which="both")
    figure.legend(fontsize=8, frameon=False, loc="outside lower center", ncols=2)
    figure.savefig(path, dpi=90)
