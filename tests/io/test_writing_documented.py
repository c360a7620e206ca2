"""The reference page names every column and file that is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from writing_county import planned_town

from partitioner.io.writing.layers import areas_layer, barriers_layer, edges_layer, units_layer
from partitioner.io.writing.report import FILES
from partitioner.io.writing.rows import grid_rows

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "output-files.md"


@pytest.fixture(scope="module")
def words() -> set[str]:
    return set(PAGE.read_text(encoding="utf-8").split("`")[1::2])


def test_every_column_is_documented(words: set[str]) -> None:
    planned = planned_town()
    layers = (
        areas_layer(planned, grid_rows(planned)),
        units_layer(planned),
        barriers_layer(planned),
        edges_layer(planned),
    )
    for layer in layers:
        assert set(layer.columns) - {"geometry"} <= words


def test_every_file_is_documented(words: set[str]) -> None:
    assert set(FILES) <= words
