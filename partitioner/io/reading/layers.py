"""A layer as it was read: headings, cells, shapes, and where each row stood in its file."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pyproj import CRS

from partitioner.errors import Place
from partitioner.model.arrays import IntArray

Cells = npt.NDArray[np.object_]
"""One column of raw cells: None, str, int, float, bool, or a date."""

Shapes = npt.NDArray[np.object_]
"""shapely geometries, None where a row has none."""


@dataclass(frozen=True, kw_only=True)
class Heading:
    """One column heading.

    Parameters
    ----------
    parts : tuple of str
        Texts of the heading from the top level down; one part where headings have one level.
    truncated : bool
        The format may have cut the text (field names of a shapefile hold 10 bytes).
    """

    parts: tuple[str, ...]
    truncated: bool = False

    @property
    def text(self) -> str:
        """The heading as a message shows it."""
        return "/".join(self.parts)


@dataclass(frozen=True, kw_only=True, eq=False)
class Layer:
    """One sheet of a workbook, one text table, or one layer of geodata.

    Parameters
    ----------
    file : str
        File name as messages show it.
    name : str or None
        Sheet or layer; None where a file holds only one.
    columns : tuple of Cells, each of shape (n,)
    rows : int array, shape (n,)
        Row number of each record as a reader of the file sees it.
    shapes : Shapes or None
        None for a table without geometry.
    crs : CRS or None
        What the file itself says; None where it says nothing.
    merged : frozenset of (record, column)
        Cells that only repeat the top cell of a merged block.
    """

    file: str
    name: str | None
    headings: tuple[Heading, ...]
    columns: tuple[Cells, ...]
    rows: IntArray
    shapes: Shapes | None = None
    crs: CRS | None = None
    merged: frozenset[tuple[int, int]] = frozenset()

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def title(self) -> str:
        """`file:layer`, or the file alone."""
        return self.file if self.name is None else f"{self.file}:{self.name}"

    def place(self, record: int | None = None, column: int | None = None) -> Place:
        """Where a record or a cell stands."""
        return Place(
            file=self.file,
            layer=self.name,
            row=None if record is None else int(self.rows[record]),
            column=None if column is None else self.headings[column].text,
        )

    def source(self, record: int) -> str:
        """`file:layer:row` of a record."""
        return f"{self.title}:{int(self.rows[record])}"
