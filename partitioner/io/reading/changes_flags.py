"""Changes given as options of a command."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from partitioner.errors import Fault, InputError, Place, Text
from partitioner.io.reading.changes import Edit, Kind, listed

SHAPES: dict[str, tuple[Kind, str]] = {
    "--new": ("new", "b99=48@116.30,39.43"),
    "--demolish": ("demolish", "b12,b13"),
    "--households": ("households", "b7=54"),
    "--move-line": ("line", "b1,b2=社区"),
    "--merge-communities": ("merge_communities", "A,B"),
    "--split-community": ("split_community", "A=新社区:b1,b2"),
    "--compound": ("compound", "b1,b2=小区"),
    "--barrier": ("barrier", "河流.gpkg"),
    "--bridge": ("bridge", "b1,b2"),
    "--special": ("special", "b1,b2=市场"),
    "--bounds": ("bounds", "grid=300-480"),
}
"""Options that tell a change, what kind they tell, and how they are written."""

_NUMBERED = re.compile(r"[^=]+=[^,，、;；]*|[^=]+$")
"""Each run of ids with its number in ``b1,b2=54,b7=+10``."""

_VALUED = {"new", "households", "line", "split_community", "compound", "special", "bounds"}


def read_flags(given: Mapping[str, Sequence[str]]) -> list[Edit]:
    """From options of `SHAPES` to changes.

    Raises
    ------
    InputError
        With every entry that is not written as its option needs it.
    """
    edits: list[Edit] = []
    faults: list[Fault] = []
    for option, entries in given.items():
        kind, example = SHAPES[option]
        for entry in entries:
            for part in _NUMBERED.findall(entry) if kind == "households" else [entry]:
                edit = _edit(kind, part, Place(pointer=option))
                if edit is None:
                    faults.append(_malformed(option, entry, example))
                else:
                    edits.append(edit)
    if faults:
        raise InputError(faults)
    return edits


def _edit(kind: Kind, entry: str, place: Place) -> Edit | None:
    if kind == "barrier":
        return Edit(kind=kind, objects=(), value=entry.strip(), place=place) if entry.strip() else None
    before, sign, after = entry.rpartition("=")
    objects = listed(before if sign else entry)
    value = after.strip() if sign else ""
    more: dict[str, str] = {}
    if not objects or (kind in _VALUED) != bool(value):
        return None
    if kind == "new":
        value, at, spot = value.partition("@")
        x, comma, y = spot.partition(",")
        if not (at and comma and value and x.strip() and y.strip()):
            return None
        more = {"x": x.strip(), "y": y.strip()}
    if kind == "split_community":
        value, colon, buildings = value.partition(":")
        if not (colon and value and buildings):
            return None
        more = {"buildings": buildings}
    return Edit(kind=kind, objects=objects, value=value.strip(), more=more, place=place)


def _malformed(option: str, entry: str, example: str) -> Fault:
    return Fault(
        rule="change_malformed",
        place=Place(pointer=option),
        value=entry,
        message=Text("写法不对", "it is not written as this option needs it"),
        remedy=Text(f"应写成 {option} {example}", f"write it like {option} {example}"),
    )
