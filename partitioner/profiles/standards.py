"""Codes that standards prescribe, by the name of the standard."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from partitioner.profiles.codes import CodeTemplate


@dataclass(frozen=True, kw_only=True)
class CodeStandard:
    """How a standard numbers grids.

    Parameters
    ----------
    template : str
        See `CodeTemplate`; ``<object>`` stands for the code of what is managed.
    digits : int
        Length of a code whose parent has a code of twelve digits.
    alone : int or None
        See `CodeTemplate.alone`.
    """

    template: str
    digits: int
    alone: int | None = None

    @property
    def needs_object(self) -> bool:
        """Whether codes begin with what is managed."""
        return "<object>" in self.template

    def filled(self, managed: str | None) -> CodeTemplate:
        """The template, for the object code `managed`.

        Raises
        ------
        ValueError
            The standard wants six digits of an object and gets something else, or gets one that it has no place for.
        """
        if not self.needs_object:
            if managed is not None:
                raise ValueError("has no place for an object code")
            return CodeTemplate(self.template, self.alone)
        if managed is None or not re.fullmatch(r"[0-9]{6}", managed):
            raise ValueError("needs an object code of six digits (CJ/T 348)")
        return CodeTemplate(self.template.replace("<object>", managed), self.alone)


STANDARDS: Mapping[str, CodeStandard] = {
    # 6 digits of the county, 3 of the sub-district, 3 of the community, 3 of the grid, west to east, north to south.
    "DB11/T 2157-2023": CodeStandard(template="{community:0>12}{number:03d}", digits=15),
    # 6 digits of what is managed, 12 of the community, 2 of the grid; 00 where the community is one grid.
    "CJ/T 349-2010": CodeStandard(template="<object>{community:0>12}{number:02d}", digits=20, alone=0),
}
"""Standards that `code` in a profile may name."""
