"""Units of the community level in real places."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from partitioner.io.assembly import Assembled, assemble
from partitioner.io.reading import read_county
from partitioner.levels.compounds import CommunityProblem, community_problem
from partitioner.profiles import load_profile

HEBEI = load_profile("hebei")


def asked_of(*paths: Path, crs: dict[str, str] | None = None) -> tuple[Assembled, CommunityProblem]:
    grid = HEBEI.level("grid")
    assembled = assemble(read_county(paths, crs=crs), bounds=grid.bounds, weights=grid.weights)
    return assembled, community_problem(assembled, HEBEI.level("community"))


def test_guan_hands_its_compounds_over_whole_unless_no_community_holds_them(wangge_data: Path) -> None:
    folder = wangge_data / "guan-huailai"
    boundary = "guan_boundary_gcj02.geojson"
    assembled, asked = asked_of(folder / "guan_compounds.csv", folder / boundary, crs={boundary: "gcj02"})
    assert asked.problem.units.households.sum() == 218_927
    group = assembled.problem.units.group
    sizes = dict(zip(group.names, (assembled.problem.units.households[m].sum() for m in group.members()), strict=True))
    large = {name for name, size in sizes.items() if size > 3_000}
    assert {notice.value for notice in asked.notices} == large
    for name in sizes:
        units = np.unique(asked.unit_of_home[group.code == group.names.index(name)])
        assert (len(units) == 1) == (name not in large)


def test_vologda_has_blocks_of_a_few_buildings(wangge_data: Path) -> None:
    assembled, asked = asked_of(wangge_data / "vologda")
    num, units = len(assembled.problem.units), asked.problem.units
    assert units.households.sum() == assembled.problem.units.households.sum()
    assert num / 4 < len(units) < 0.6 * num
    several = np.bincount(asked.unit_of_home) > 1
    assert units.households[several].max() <= 300
