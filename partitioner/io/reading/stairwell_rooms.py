"""Lists of rooms (户室号), a row per home: counted floor by floor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from partitioner.io.reading.cells import CellError
from partitioner.io.reading.findings import Findings
from partitioner.io.reading.located import Located
from partitioner.io.reading.records import counts
from partitioner.io.reading.stairwell_cells import Mark, read_room


@dataclass(slots=True)
class _Floor:
    at: int
    households: int = 0


def room_rows(located: Located, buildings: pd.Series, marks: Sequence[Mark | None], findings: Findings) -> pd.DataFrame:
    """One row per floor of a stairwell, with the households of its rooms.

    A room is one household unless a column says otherwise. The stairwell stands in its own column or in the number of
    the room; where it stands in both they must agree, and where it stands in neither it is a fault.

    Parameters
    ----------
    buildings : Series of str, shape (n,)
        The building of each room; null where it is not known (told already).
    marks : sequence of Mark or None, length n
        The stairwell of each room, where it has a column of its own.
    """
    layer, column = located.layer, located.fields["room"]
    households = counts(located, "households", findings).fillna(0) if "households" in located.fields else None
    floors: dict[tuple[str, Mark, int], _Floor] = {}
    seen: set[tuple[str, Mark, int, int]] = set()
    for record, (building, mark, cell) in enumerate(
        zip(buildings.tolist(), marks, layer.columns[column].tolist(), strict=True)
    ):
        place = layer.place(record, column)
        try:
            room = read_room(cell)
        except CellError as error:
            findings.fault("room_unread" if error.rule == "room" else error.rule, place, cell)
            continue
        if room is None:
            findings.fault("stairwell_blank", place, field="room")
            continue
        told, floor, number = room
        if mark is None and told is None:
            findings.fault("room_without_stairwell", place, cell)
            continue
        stairwell = told if mark is None else mark
        if stairwell is None or (told is not None and _differ(stairwell, told)):
            findings.fault("room_stairwell", place, cell)
            continue
        if not isinstance(building, str):
            continue
        key = (building, stairwell, floor)
        if (*key, number) in seen:
            findings.fault("room_twice", place, cell)
            continue
        seen.add((*key, number))
        found = floors.setdefault(key, _Floor(record))
        found.households += 1 if households is None else int(households[record])
    return pd.DataFrame(
        {
            "building": pd.array([key[0] for key in floors], dtype="string"),
            "mark": pd.Series([key[1] for key in floors], dtype=object),
            "low": pd.array([key[2] for key in floors], dtype="Int64"),
            "high": pd.array([key[2] for key in floors], dtype="Int64"),
            "floors": pd.array([None] * len(floors), dtype="Int64"),
            "households": pd.array([floor.households for floor in floors.values()], dtype="Int64"),
            "source": pd.array([layer.source(floor.at) for floor in floors.values()], dtype="string"),
            "at": pd.array([floor.at for floor in floors.values()], dtype="int64"),
        }
    )


def _differ(mark: Mark, told: Mark) -> bool:
    return (mark.number, mark.name) != (told.number, told.name)
