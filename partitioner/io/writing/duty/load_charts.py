"""Everybody's load as bars, by community, against capacity and fair share."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from partitioner.errors import Text
from partitioner.io.writing.duty.load_pages import ABOVE, WITHIN, Bar, LoadPages
from partitioner.io.writing.overview import style
from partitioner.io.writing.overview.sheet import rare_characters
from partitioner.io.writing.pdf import Document
from partitioner.io.writing.staffed import Staffed
from partitioner.model.files import replacing
from partitioner.staffing import Person

PICTURE_DPI = 130

PANEL = 1.75
"""Height of a role on the picture, inches."""


def write_load_charts(staffed: Staffed, png_path: str | Path, pdf_path: str | Path) -> None:
    """A panel per role on one picture, and pages with a bar for everybody.

    People of one community stand together, the heaviest load first. People are told by their numbers.

    Raises
    ------
    OutputError
        A file cannot be written; what stood there is untouched.
    """
    communities = _communities_of(staffed)
    roles = [role.name for role in staffed.roster.roles]
    panels = [(staffed.rules.role(name).title, _bars(staffed, name, communities)) for name in roles]
    panels = [(title, bars) for title, bars in panels if bars]
    title = f"{staffed.targets.name}人员负荷图"
    meta = {"Software": "wangge", "Title": title}
    with mpl.rc_context({"text.parse_math": False}), rare_characters(), replacing(png_path) as temporary:
        _picture(title, panels).savefig(temporary, format="png", dpi=PICTURE_DPI, metadata=meta)
    document = Document(title)
    for role, bars in panels:
        LoadPages(document, title, _heading(role, bars), role.zh).draw(bars)
    document.save(pdf_path)


def _bars(staffed: Staffed, role: str, communities: dict[str, str]) -> list[Bar]:
    """By community, then from the heaviest load to the lightest."""
    bars = [
        Bar(
            community=_community(staffed, person, communities),
            number=person.number,
            load=staffed.loads[person.number][0],
            capacity=staffed.roster.capacity(person),
            share=staffed.loads[person.number][1],
        )
        for person in staffed.roster.people
        if person.role == role
    ]
    return sorted(bars, key=lambda one: (one.community, -one.load, one.number))


def _communities_of(staffed: Staffed) -> dict[str, str]:
    """From the id of every target to the title of its community."""
    targets = {target.id: target for target in staffed.targets.targets}
    found: dict[str, str] = {}
    for name, target in targets.items():
        at = target
        while at.level != "community" and at.parent in targets:
            at = targets[at.parent]
        found[name] = staffed.targets.title(at.id) if at.level == "community" else ""
    return found


def _community(staffed: Staffed, person: Person, communities: dict[str, str]) -> str:
    """Of what the person serves first; of the first area, for those who serve nothing."""
    places = (*staffed.held[person.number], *person.areas)
    return next((communities[name] for name in places if communities.get(name)), "")


def _picture(title: str, panels: Sequence[tuple[Text, list[Bar]]]) -> Figure:
    high = 0.9 + PANEL * max(len(panels), 1)
    figure = Figure(figsize=(14, high), facecolor=style.PAPER)
    figure.text(0.02, 1 - 0.35 / high, title, fontproperties=style.font(15), va="center")
    _legend(figure, 1 - 0.35 / high)
    for k, (role, bars) in enumerate(panels):
        bottom = (high - 0.75 - PANEL * (k + 1) + 0.3) / high
        axes = figure.add_axes((0.055, bottom, 0.93, 1.2 / high))
        _draw(axes, bars)
        axes.set_title(_heading(role, bars), loc="left", fontproperties=style.font(10))
    return figure


def _heading(role: Text, bars: Sequence[Bar]) -> str:
    highest = max(one.load / one.capacity for one in bars)
    idle = sum(one.load == 0 for one in bars)
    text = f"{role.zh} {role.en} · {len(bars)} 人 people · 最高负荷比 highest ratio {highest:.2f}"
    return f"{text} · 无岗 idle {idle}" if idle else text


def _draw(axes: Axes, bars: Sequence[Bar]) -> None:
    x = np.arange(len(bars))
    load = np.array([one.load for one in bars])
    capacity = np.array([one.capacity for one in bars])
    half = 0.41 if len(bars) <= 200 else 0.5
    corners = [[(k - half, 0), (k - half, high), (k + half, high), (k + half, 0)] for k, high in enumerate(load)]
    colours = [ABOVE if one.load > one.capacity else WITHIN for one in bars]
    axes.add_collection(PolyCollection(corners, facecolors=colours, linewidths=0))
    axes.hlines(capacity, x - 0.5, x + 0.5, colors=style.FAINT_INK, linewidth=0.8)
    shares = [one.share for one in bars]
    axes.hlines(shares, x - 0.5, x + 0.5, colors=style.WRONG, linewidth=0.9, linestyles="dotted")
    axes.set_xlim(-0.6, len(bars) - 0.4)
    axes.set_ylim(0, 1.05 * max(float(load.max()), float(capacity.max())) or 1.0)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=7, length=2)
    axes.set_xticks([])
    _name_communities(axes, bars)


def _name_communities(axes: Axes, bars: Sequence[Bar]) -> None:
    """Lines between communities, and their names where there is room."""
    at = 0
    room = 900 / max(len(bars), 1)  # points of one bar, about
    for name, members in groupby(bars, key=lambda one: one.community):
        num = len(list(members))
        if at:
            axes.axvline(at - 0.5, color=style.FAINT_INK, linewidth=0.4)
        size = 6.5
        letters = int(num * room / size)
        if name and letters >= min(len(name), 3):
            text = name if len(name) <= letters else f"{name[: letters - 1]}…"
            axes.text(
                at + (num - 1) / 2, -0.04, text, transform=axes.get_xaxis_transform(), ha="center", va="top",
                fontproperties=style.font(size), color=style.FAINT_INK,
            )  # fmt: skip
        at += num


def _legend(figure: Figure, y: float) -> None:
    entries = (
        ("▇", WITHIN, "负荷 load"),
        ("▇", ABOVE, "超过容量 above capacity"),
        ("—", style.FAINT_INK, "容量 capacity"),
        ("┄", style.WRONG, "公平份额 fair share"),
    )
    x = 0.985
    for mark, colour, text in reversed(entries):
        figure.text(x, y, text, fontproperties=style.font(8), ha="right", va="center")
        x -= 0.0082 * style.em_width(text) + 0.004
        figure.text(x, y, mark, fontproperties=style.font(9), color=colour, ha="right", va="center")
        x -= 0.022
