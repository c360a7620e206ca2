"""What stands beside a map: title, figures, legend, scale bar, north arrow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle

from partitioner.io.writing.overview import style


def scale_length_m(width_m: float) -> int:
    """The longest round length (1, 2 or 5 times a power of ten) of at most a sixth of `width_m`, at least 1 metre."""
    lengths = [factor * 10**power for power in range(7) for factor in (1, 2, 5)]
    return max((length for length in lengths if length <= width_m / 6), default=1)


def metres_text(metres: int) -> str:
    """Metres below a kilometre, else kilometres."""
    return f"{metres} 米" if metres < 1000 else f"{metres / 1000:g} 公里"


def draw_scale_bar(figure: Figure, x: float, y: float, width_m: float, map_width: float) -> None:
    """A bar of two halves at (x, y), figure fractions; the map is `width_m` metres on `map_width` of the figure."""
    length = scale_length_m(width_m)
    unit = map_width / width_m
    height = 0.006
    for k, colour in enumerate((style.INK, style.PAPER)):
        figure.add_artist(
            Rectangle(
                (x + k * length * unit / 2, y), length * unit / 2, height, facecolor=colour, edgecolor=style.INK, lw=0.8
            )
        )
    for k, text in ((0, "0"), (1, metres_text(length))):
        figure.text(x + k * length * unit, y + 0.011, text, ha="center", va="bottom", fontproperties=style.font(8))


def draw_north_arrow(figure: Figure, x: float, y: float) -> None:
    """An arrow to grid north with its foot at (x, y), figure fractions."""
    aspect = figure.get_figheight() / figure.get_figwidth()
    half, tall = 0.012 * aspect, 0.036
    for side, colour in ((-1, style.INK), (1, style.PAPER)):
        figure.add_artist(
            Polygon(
                [(x, y + tall), (x + side * half, y), (x, y + tall * 0.25)],
                facecolor=colour,
                edgecolor=style.INK,
                lw=0.8,
            )
        )
    figure.text(x, y + tall + 0.004, "北", ha="center", va="bottom", fontproperties=style.font(10))


def draw_text_column(
    figure: Figure, x: float, y: float, lines: Sequence[tuple[str, float, str]], leading: float = 1.55
) -> float:
    """Lines of (text, points, colour) downwards from y, figure fractions; returns where the next would stand."""
    points = figure.get_figheight() * 72
    for text, size, colour in lines:
        y -= size * leading / points
        if text:
            figure.text(x, y, text, ha="left", va="baseline", fontproperties=style.font(size), color=colour)
    return y


def draw_legend(axes: Axes, figure: Figure, entries: Sequence[tuple[Any, str]], place: tuple[float, float]) -> None:
    """A legend whose upper left corner is at `place`, figure fractions."""
    if entries:
        legend = axes.legend(
            [handle for handle, _ in entries],
            [text for _, text in entries],
            loc="upper left",
            bbox_to_anchor=place,
            bbox_transform=figure.transFigure,
            prop=style.font(9),
            frameon=False,
            borderaxespad=0,
            handlelength=2.6,
            handleheight=1.1,
            labelspacing=0.55,
            borderpad=0,
        )
        legend.set_in_layout(False)


def line_handle(**looks: Any) -> Line2D:
    """A sample of a line."""
    return Line2D([0], [0], **looks)


def box_handle(**looks: Any) -> Rectangle:
    """A sample of an area."""
    return Rectangle((0, 0), 1, 1, **looks)
