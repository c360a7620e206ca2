"""Planned cases come out with the published figures, under step limits that take seconds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from datasets.cases import case_settings, expected_figures
from datasets.generator.ledgers import write_files
from datasets.generator.town import build_town
from partitioner.geometry.county import County
from partitioner.io.reading import read_county
from partitioner.io.writing import PlannedLevels
from partitioner.planning import plan_levels
from partitioner.profiles import load_profile
from partitioner.scoring import validate
from partitioner.solver import Limits

DATASETS = Path(__file__).parents[2] / "datasets"


def county_of(case: str, folder: Path, *files: str) -> County:
    write_files(build_town(case_settings(case)), folder)
    return read_county([folder / file for file in ("county.gpkg", *files)])


def figures_of(case: str) -> dict[str, int]:
    expected = expected_figures(case)
    return expected["published"] | expected["assumed"]


def assert_lawful(planned: PlannedLevels) -> None:
    for level in planned.levels:
        assert not validate(level.problem, level.result.plan)[0]


@pytest.fixture(scope="module")
def lean(tmp_path_factory: pytest.TempPathFactory) -> PlannedLevels:
    """Grids, and building groups in the place of micro-grids.

    By households alone a grid of four buildings, one of 59, would get four groups; it gives one to another grid.
    """
    profile = load_profile(str(DATASETS / "lean" / "profile.toml"))
    figures = figures_of("lean")
    return plan_levels(
        county_of("lean", tmp_path_factory.mktemp("lean")),
        profile,
        [profile.level("grid"), profile.level("micro")],
        counts={"grid": figures["grids"], "micro": figures["building_groups"]},
        limits=Limits(step_limit=30_000, threads=2),
    )


def test_lean_has_its_grid_branches_and_building_groups(lean: PlannedLevels) -> None:
    figures = figures_of("lean")
    grids, groups = lean.levels
    assert len(grids.result.plan.grid.names) - len(grids.problem.locked) == figures["grids"]
    assert len(groups.result.plan.grid.names) == figures["building_groups"]
    assert len(set(grids.problem.units.parent.names)) == figures["communities"]
    assert_lawful(lean)


def test_a_building_group_of_lean_has_whole_buildings_of_one_grid(lean: PlannedLevels) -> None:
    grids, groups = lean.levels
    frame = groups.county.buildings
    assert frame["stairwell"].isna().all()
    grid_of = dict(zip(grids.county.buildings["id"], grids.grid_of_building(), strict=True))
    lived_in = (frame["households"].fillna(0) > 0).tolist()
    of = {
        (code, grid_of[name])
        for name, code, used in zip(frame["id"], groups.grid_of_building(), lived_in, strict=True)
        if used
    }
    assert len(of) == figures_of("lean")["building_groups"]


def test_party_member_households_reach_four_members_each_and_every_group_has_some() -> None:
    figures = figures_of("lean")
    town = build_town(case_settings("lean"))
    homes = sum(building.party_households or 0 for building in town.buildings)
    assert homes == figures["party_households"]
    assert figures["party_members_reached"] == 4 * homes
    assert homes / figures["building_groups"] == 10


def test_jiahe_from_its_stairwell_ledger_is_cut_into_lawful_micro_grids_proved_best(tmp_path: Path) -> None:
    profile = load_profile("hebei")
    county = county_of("jiahe", tmp_path, "stairwells.xlsx")
    planned = plan_levels(
        county, profile, [profile.level("grid"), profile.level("micro")], limits=Limits(step_limit=200, threads=1)
    )
    assert_lawful(planned)
    micro = planned.levels[-1]
    assert micro.result.status == "optimal"
    assert int(np.sum(micro.problem.units.households)) == figures_of("jiahe")["households"]
    assert not micro.county.buildings["estimated"].any()
