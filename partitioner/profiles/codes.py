"""Codes of areas: a template, and numbers that run west to east, north to south."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from partitioner.model.ordering import reading_order

PARENT_FIELDS = ("parent", "county", "township", "community", "grid")
"""Names a template may use for the code of the area above; they all mean the same."""


@dataclass(frozen=True)
class CodeTemplate:
    """A format string such as ``{community:0>12}{number:03d}``.

    It holds exactly one ``{number}`` and at most one field of `PARENT_FIELDS`, the code of the area above, each with an
    optional format specification of Python. Without the latter, numbers run over the whole county.

    Parameters
    ----------
    text : str
    alone : int or None
        Number of an area that is the only one in its parent; None: 1, like any first one.

    Raises
    ------
    ValueError
        Anything else; the message says what.
    """

    text: str
    alone: int | None = None

    def __post_init__(self) -> None:
        fields = self._fields()
        numbers = [name for name in fields if name == "number"]
        parents = [name for name in fields if name in PARENT_FIELDS]
        unknown = sorted(set(fields) - {"number", *PARENT_FIELDS})
        if unknown:
            known = ", ".join(("number", *PARENT_FIELDS))
            raise ValueError(f"unknown fields {', '.join(repr(name) for name in unknown)}; known are {known}")
        if len(numbers) != 1:
            raise ValueError(f"needs {{number}} exactly once, not {len(numbers)} times")
        if len(parents) > 1:
            raise ValueError("names the area above more than once")
        if self._render("1", 1) == self._render("1", 2):
            raise ValueError("gives two numbers the same code")

    def _fields(self) -> list[str]:
        try:
            parts = list(string.Formatter().parse(self.text))
        except ValueError as error:
            raise ValueError(f"is no format string ({error})") from error
        if any(conversion is not None or "{" in (spec or "") for _, _, spec, conversion in parts):
            raise ValueError("may hold neither conversions nor nested fields")
        if any(re.search(r"\d{3}", spec or "") for _, _, spec, _ in parts):
            raise ValueError("may not be wider than 99 digits")
        return [name for _, name, _, _ in parts if name is not None]

    def _render(self, parent: str, number: int) -> str:
        values: dict[str, object] = dict.fromkeys(PARENT_FIELDS, parent)
        try:
            return self.text.format(**values, number=number)
        except (ValueError, KeyError, OverflowError, MemoryError) as error:
            raise ValueError(f"cannot be filled in ({error})") from error

    @property
    def has_parent(self) -> bool:
        """Whether numbers start again in every area above."""
        return any(name in PARENT_FIELDS for name in self._fields())

    def code(self, parent: str | None, number: int) -> str:
        """The code of area `number` inside `parent`.

        The template holds for parents with codes of digits. A parent known by name only gives ``name-001``, none at all
        ``G001``: a code that looks official is never made up from a name.
        """
        if not self.has_parent:
            return self._render("", number)
        if parent is None:
            return f"G{number:03d}"
        if parent.isascii() and parent.isdigit():
            return self._render(parent, number)
        return f"{parent}-{number:03d}"


def assign_codes(
    parents: Sequence[str | None],
    centroid_x: npt.ArrayLike,
    centroid_y: npt.ArrayLike,
    template: CodeTemplate | str,
    *,
    taken: Iterable[str] = (),
) -> tuple[str, ...]:
    """Codes of areas: numbers start at 1 in every parent (see `CodeTemplate.alone`) and follow `reading_order`.

    Parameters
    ----------
    parents : sequence of str or None, length n
        Code (digits) or name of the area above each area.
    centroid_x, centroid_y : float arrays, shape (n,), metres
    template : CodeTemplate or str
        A template without a parent field numbers the whole county in one go.
    taken : iterable of str
        Codes that are in use or retired; their numbers are left out.

    Returns
    -------
    tuple of str, length n
        Unique. Where two parents would give the same code (``1`` and ``01`` padded alike), the later one in sorted
        order goes on counting. Numbers that outgrow their digits make the code longer.
    """
    if isinstance(template, str):
        template = CodeTemplate(template)
    x, y = np.asarray(centroid_x, dtype=np.float64), np.asarray(centroid_y, dtype=np.float64)
    if not len(parents) == len(x) == len(y):
        raise ValueError(f"{len(parents)} parents, but {len(x)} and {len(y)} coordinates")
    used = set(taken)
    codes = [""] * len(parents)
    for parent, members in _scopes(parents, template):
        number = 0 if len(members) > 1 or template.alone is None else template.alone - 1
        for k in reading_order(x[members], y[members]):
            number += 1
            while (code := template.code(parent, number)) in used:
                number += 1
            used.add(code)
            codes[members[k]] = code
    return tuple(codes)


def _scopes(parents: Sequence[str | None], template: CodeTemplate) -> list[tuple[str | None, list[int]]]:
    """The areas that are numbered together: by parent, sorted, those without one last."""
    if not template.has_parent:
        return [(None, list(range(len(parents))))]
    scopes: dict[str | None, list[int]] = {}
    for i, parent in enumerate(parents):
        scopes.setdefault(parent, []).append(i)
    return sorted(scopes.items(), key=lambda item: (item[0] is None, item[0] or ""))
