"""Outputs call stairwells as the ledger does."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from writing_levels import planned_levels

from partitioner.geometry.county import FLOOR_COLUMNS
from partitioner.io.writing import PlannedCounty, PlannedLevels
from partitioner.io.writing.buildings import part_rows
from partitioner.io.writing.contents import area_contents
from partitioner.io.writing.layers import parts_layer
from partitioner.io.writing.ledger_columns import part_columns, records_of
from partitioner.io.writing.sheets.elevation import elevations_of


@pytest.fixture(scope="module")
def levels() -> PlannedLevels:
    """The drawn town; the first stairwell of every cut building is called A单元 in the ledger, the second 东门."""
    planned = planned_levels(2, 1, names=("grid", "micro"))
    return replace(planned, levels=tuple(_named(level) for level in planned.levels))


def _named(planned: PlannedCounty) -> PlannedCounty:
    frame = planned.county.buildings
    cut = sorted(set(frame["building"][frame["stairwell"].notna()])) if "stairwell" in frame.columns else []
    rows = [
        {"building": b, "stairwell": k, "floor": None, "floors": None, "households": 1, "source": None, "shared": False}
        | {"name": name}
        for b in cut
        for k, name in ((1, "A单元"), (2, "东门"), (3, None))
    ]
    floors = pd.DataFrame(rows, columns=list(FLOOR_COLUMNS)).astype(FLOOR_COLUMNS)
    return replace(planned, county=replace(planned.county, floors=floors))


def test_the_contents_of_areas_name_them_and_never_as_a_range_of_numbers(levels: PlannedLevels) -> None:
    texts = list(area_contents(levels.levels[-1]).values())
    assert any("A单元" in text for text in texts)
    assert any("东门" in text for text in texts)
    assert any("3单元" in text for text in texts)
    assert not any(mark in text for text in texts for mark in ("1单元", "2单元", "2–3单元"))


def test_layers_and_ledger_name_them(levels: PlannedLevels) -> None:
    layer = parts_layer(levels)
    assert set(layer["stairwell_name"][layer["stairwell"] == 1]) == {"A单元"}
    assert layer["stairwell_name"][layer["stairwell"] == 3].isna().all()
    column = next(column for column in part_columns(levels) if column.heading == "单元")
    assert {column.value(record) for record in records_of(part_rows(levels))} == {None, "A单元", "东门", 3}


def test_elevations_name_them(levels: PlannedLevels) -> None:
    drawn = elevations_of(levels.levels[-1])
    assert {(name.names.get(1), name.names.get(2), name.names.get(3)) for name in drawn.values()} == {
        ("A单元", "东门", None)
    }
