"""What stairwells are called: as the ledger does, else by number."""

from __future__ import annotations

from collections.abc import Mapping

from partitioner.geometry.county import County

Titles = Mapping[tuple[str, int], str]
"""From building and number of a stairwell to its name, such as A单元; only those that have one."""


def stairwell_titles(county: County) -> Titles:
    """The stairwells that the ledger names instead of numbering them."""
    if county.floors is None or "name" not in county.floors.columns:
        return {}
    named = county.floors.dropna(subset=["name"]).drop_duplicates(["building", "stairwell"])
    return {
        (str(building), int(stairwell)): str(name)
        for building, stairwell, name in zip(named["building"], named["stairwell"], named["name"], strict=True)
    }
