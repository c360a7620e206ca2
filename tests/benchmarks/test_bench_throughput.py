"""Throughput through all levels."""

from __future__ import annotations

from benchmarks.child import measured
from benchmarks.throughput import LEVELS, names


def test_a_county_is_planned_through_all_levels_and_counted() -> None:
    """One real child; the smallest size."""
    rows = measured("throughput", names()[0], {})
    assert [row["part"] for row in rows] == [*LEVELS, "all"]
    community, grid, micro, together = rows
    assert community["areas"] < grid["areas"] < micro["areas"]
    assert grid["violations"] == 0
    assert together["households"] >= 1_000
    assert together["peak_mb"] > 0
