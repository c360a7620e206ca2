"""One page: what is drawn on it, as PDF operators. Points, from the lower left corner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from partitioner.io.writing.pdf.type_face import TypeFace

A4 = (595.28, 841.89)

Place = tuple[float, float]


class Page:
    """A page under way."""

    def __init__(self, face: TypeFace, size: Place = A4) -> None:
        self.size = size
        self._face = face
        self._lines: list[str] = ["1 j 1 J"]

    def contents(self) -> bytes:
        """The operators so far."""
        return "\n".join(self._lines).encode("ascii")

    @contextmanager
    def inside(self, left: float, bottom: float, width: float, height: float) -> Iterator[None]:
        """Nothing is drawn outside this rectangle."""
        self._lines.append(f"q {left:.2f} {bottom:.2f} {width:.2f} {height:.2f} re W n")
        yield
        self._lines.append("Q")

    @contextmanager
    def see_through(self) -> Iterator[None]:
        """What is drawn is a quarter transparent."""
        self._lines.append("q /Pale gs")
        yield
        self._lines.append("Q")

    def rectangle(
        self,
        box: tuple[float, float, float, float],
        *,
        fill: str | None = None,
        line: str | None = None,
        width: float = 0.5,
    ) -> None:
        """`box` is left, bottom, width, height."""
        left, bottom, wide, high = box
        self._paint(f"{left:.2f} {bottom:.2f} {wide:.2f} {high:.2f} re", fill, line, width)

    def polygons(
        self, rings: Iterable[npt.NDArray[Any]], *, fill: str | None = None, line: str | None = None, width: float = 0.5
    ) -> None:
        """Closed rings, filled by the even-odd rule."""
        path = " ".join(f"{_path(ring[:-1])} h" for ring in rings if len(ring) > 3)
        if path:
            self._paint(path, fill, line, width)

    def lines(
        self,
        lines: Iterable[npt.NDArray[Any] | Sequence[Place]],
        *,
        colour: str,
        width: float = 0.5,
        dashes: Sequence[float] = (),
    ) -> None:
        """Open lines."""
        path = " ".join(_path(np.asarray(line)) for line in lines if len(line) > 1)
        if path:
            pattern = " ".join(f"{dash:g}" for dash in dashes)
            self._lines.append(f"q {_colour(colour)} RG {width:.2f} w [{pattern}] 0 d {path} S Q")

    def text(
        self, place: Place, text: str, size: float, *, colour: str = "#1A1A1A", anchor: float = 0.0, box: bool = False
    ) -> None:
        """A line of text on its baseline at `place`; `anchor` 0 begins there, 0.5 is centred, 1 ends there.

        With `box`, paper shines through behind it.
        """
        if not text:
            return
        wide = self._face.width(text, size)
        x, y = place[0] - anchor * wide, place[1]
        if box:
            with self.see_through():
                self.rectangle((x - 1, y - 0.22 * size, wide + 2, 1.12 * size), fill="#FFFFFF")
        encoded = self._face.encoded(text)
        self._lines.append(f"BT {_colour(colour)} rg /F {size:g} Tf {x:.2f} {y:.2f} Td <{encoded}> Tj ET")

    def text_width(self, text: str, size: float) -> float:
        """Points."""
        return self._face.width(text, size)

    def _paint(self, path: str, fill: str | None, line: str | None, width: float) -> None:
        colours = f"{_colour(fill)} rg " if fill else ""
        if line:
            colours += f"{_colour(line)} RG {width:.2f} w "
        operator = {(True, True): "B*", (True, False): "f*", (False, True): "S"}.get((bool(fill), bool(line)))
        if operator:
            self._lines.append(f"{colours}{path} {operator}")


def rings_of(shapes: npt.NDArray[np.object_]) -> list[npt.NDArray[Any]]:
    """The coordinates of all rings of polygons; other geometries are left out."""
    parts = shapely.get_parts(shapes)
    rings = shapely.get_rings(parts[shapely.get_type_id(parts) == 3])
    return [shapely.get_coordinates(ring) for ring in rings]


def lines_of(shapes: npt.NDArray[np.object_]) -> list[npt.NDArray[Any]]:
    """The coordinates of all lines, outlines of polygons included."""
    parts = shapely.get_parts(shapes)
    kinds = shapely.get_type_id(parts)
    return [shapely.get_coordinates(line) for line in parts[(kinds == 1) | (kinds == 2)]] + rings_of(shapes)


def _path(xy: npt.NDArray[Any]) -> str:
    steps = [f"{x:.2f} {y:.2f}" for x, y in xy.tolist()]
    return f"{steps[0]} m {' l '.join(steps[1:])} l" if len(steps) > 1 else ""


@cache
def _colour(colour: str) -> str:
    return " ".join(f"{int(colour[k : k + 2], 16) / 255:.3g}" for k in (1, 3, 5))
