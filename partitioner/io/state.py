"""What a finished plan keeps for the next run: names and documents that its writer and its reader share.

The state of a plan is a GeoPackage of its own, beside the one for maps: rows and cells of every level exactly as the
run had them, so that a redraw, an edit or a new print starts from the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from partitioner.errors import Fault, Place, Text

FORMAT = "wangge-state/1"

FILE = "state.gpkg"

RUN = "run"
"""The table of everything that is not a table: `key` and `value`, the latter a JSON document."""

SOURCE = "source"
"""Where the name of a level would stand: the county as it was read."""

BARRIERS, BOUNDARY, FLOORS, CORRIDORS = "barriers", "boundary", "floors", "corridors"

UNIT = "_unit"
"""Column of a level's buildings: the position of the unit whose area each has, or -1."""

GRAPH, CUT, BRIDGED, FAR = "graph", "cut", "bridged", "far"
"""Kinds of rows among a level's links; every link of the first kind has metres."""


def layer_of(level: str, what: str) -> str:
    """The layer of one level that holds its `buildings`, `communities`, `cells` or `links`."""
    return f"{level}_{what}"


def fault_to_json(fault: Fault) -> dict[str, Any]:
    """A notice as a document."""
    place = fault.place
    return {
        "rule": fault.rule,
        "message": [fault.message.zh, fault.message.en],
        "remedy": [fault.remedy.zh, fault.remedy.en],
        "place": [place.file, place.layer, place.row, place.column, place.pointer],
        "value": fault.value,
    }


def fault_from_json(document: Mapping[str, Any]) -> Fault:
    """The notice that `fault_to_json` was given."""
    file, layer, row, column, pointer = document["place"]
    return Fault(
        rule=document["rule"],
        message=Text(*document["message"]),
        remedy=Text(*document["remedy"]),
        place=Place(file=file, layer=layer, row=row, column=column, pointer=pointer),
        value=document["value"],
    )
