"""Parts know the unit of the wider level that they belong to."""

from __future__ import annotations

import numpy as np
from levels_town import community_level, town

from partitioner.levels.part_of import whole_of_parts
from partitioner.levels.parts import micro_parts, open_large
from partitioner.model import Labels, SliceRule

RULE = SliceRule()


def test_stairwells_and_floors_lie_in_their_building_and_keep_its_households() -> None:
    assembled = town([[60, 2, 600, 48]], stairwells=[3, 1, 5, 2], floors=[6, 1, 20, 6])
    grids = open_large(assembled, community_level(100, 500), RULE)
    assert len(grids.problem.units) == 8
    of_building = whole_of_parts(assembled, grids)
    assert np.bincount(of_building, weights=grids.problem.units.households).tolist() == [60, 2, 600, 48]
    micro = micro_parts(grids, Labels(["g"] * 8), community_level(10, 15), RULE)
    of_grid_unit = whole_of_parts(grids, micro)
    sums = np.bincount(of_grid_unit, weights=micro.problem.units.households)
    assert sums.tolist() == grids.problem.units.households.tolist()
    assert whole_of_parts(assembled, micro).tolist() == of_building[of_grid_unit].tolist()


def test_every_unit_is_a_part_of_itself() -> None:
    assembled = town([[60, 2, 48]])
    assert whole_of_parts(assembled, assembled).tolist() == [0, 1, 2]


def test_units_without_a_counterpart_have_none() -> None:
    assert whole_of_parts(town([[60, 20]]), town([[60, 20, 30]])).tolist() == [0, 1, -1]
