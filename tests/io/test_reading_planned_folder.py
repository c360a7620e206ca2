"""A planned folder is read back as what was written, and every way in which its files can disagree is named."""

from __future__ import annotations

import json
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from writing_county import NOTICE, planned_town
from writing_levels import planned_levels

from partitioner.errors import InputError
from partitioner.io.reading.planned_folder import read_planned
from partitioner.io.writing import write_geojson, write_geopackage, write_ledger, write_report
from partitioner.io.writing.bundle import PlannedLevels
from partitioner.io.writing.naming import Planned, as_levels, file_name
from partitioner.io.writing.state import write_state
from partitioner.model.plan_json import write_plan
from partitioner.model.problem_json import write_problem
from partitioner.profiles import load_profile, shipped_profiles
from partitioner.profiles.as_json import profile_from_json, profile_to_json


def written(planned: Planned, folder: Path) -> Path:
    """A folder as `write_folder` leaves it, without the pictures, which take long to draw."""
    folder.mkdir()
    levels = as_levels(planned)
    for level in levels.levels:
        write_problem(level.problem, folder / file_name(levels, level.level.name, "problem", ".json"))
        write_plan(level.result, folder / file_name(levels, level.level.name, "plan", ".json"))
    write_geopackage(levels, folder / "plan.gpkg")
    write_state(levels, folder / "state.gpkg")
    write_ledger(levels, folder / "ledger.xlsx")
    write_geojson(levels, folder)
    write_report(levels, folder / "report.zh.md", folder / "report.en.md")
    return folder


@pytest.fixture(scope="module")
def one_level(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One building is too large, so that there are reasons, violations and a notice."""
    return written(planned_town(heavy=True, notices=(NOTICE,)), tmp_path_factory.mktemp("one") / "plan")


@pytest.fixture
def folder(one_level: Path, tmp_path: Path) -> Path:
    """A copy to be spoilt."""
    return Path(shutil.copytree(one_level, tmp_path / "plan"))


def assert_same(before: Path, after: Path) -> None:
    names = sorted(path.name for path in before.iterdir())
    assert names == sorted(path.name for path in after.iterdir())
    for name in names:
        assert (before / name).read_bytes() == (after / name).read_bytes(), name


def test_one_level_is_written_again_to_the_byte(one_level: Path, tmp_path: Path) -> None:
    assert_same(one_level, written(read_planned(one_level), tmp_path / "again"))


def test_three_levels_with_parts_are_written_again_to_the_byte(tmp_path: Path) -> None:
    drawn = planned_levels(1, 1)
    first = written(replace(drawn, source=drawn.levels[0].county), tmp_path / "first")
    planned = read_planned(first)
    assert planned.source is not None
    assert planned.source.buildings["id"].tolist() == drawn.levels[0].county.buildings["id"].tolist()
    assert planned.names == ("community", "grid", "micro")
    assert isinstance(planned, PlannedLevels)
    assert_same(first, written(planned, tmp_path / "again"))


@pytest.mark.parametrize("name", shipped_profiles())
def test_a_profile_survives_as_json(name: str) -> None:
    profile = load_profile(name)
    assert profile_from_json(json.loads(json.dumps(profile_to_json(profile)))) == profile


def refused(folder: Path) -> list[tuple[str, str | None]]:
    """Rules and values of everything that is wrong."""
    with pytest.raises(InputError) as caught:
        read_planned(folder)
    assert all(fault.place.file is not None for fault in caught.value.faults)
    return [(fault.rule, fault.value) for fault in caught.value.faults]


def test_no_folder(tmp_path: Path) -> None:
    assert refused(tmp_path / "nowhere") == [("folder_missing", None)]


@pytest.mark.parametrize(
    ("name", "rule"),
    [("state.gpkg", "state_missing"), ("plan.gpkg", "file_missing"), ("plan.json", "file_missing")],
)
def test_a_missing_file_is_named(folder: Path, name: str, rule: str) -> None:
    (folder / name).unlink()
    assert refused(folder) == [(rule, None)]


def test_a_spoilt_state_is_no_traceback(folder: Path) -> None:
    (folder / "state.gpkg").write_bytes(b"no database")
    assert refused(folder) == [("state_unreadable", None)]


def rewrite(path: Path, **changes: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes, ensure_ascii=False), encoding="utf-8")


def test_a_plan_of_another_problem_is_told_by_its_length(folder: Path) -> None:
    rewrite(folder / "plan.json", grid=["a"] * 7)
    assert refused(folder) == [("plan_of_another_problem", None)]


def test_a_problem_of_another_run_is_told_by_its_units(folder: Path) -> None:
    problem = json.loads((folder / "problem.json").read_text("utf-8"))
    problem["units"]["id"][3] = "other"
    rewrite(folder / "problem.json", **problem)
    assert refused(folder) == [("state_of_another_problem", None)]


def test_labels_changed_by_hand_are_told_by_what_they_are_worth(folder: Path) -> None:
    grid = json.loads((folder / "plan.json").read_text("utf-8"))["grid"]
    rewrite(folder / "plan.json", grid=[grid[-1], *grid[1:]])
    assert refused(folder) == [("plan_edited", None)]


def test_layers_changed_in_a_map_program_are_named_row_by_row(folder: Path) -> None:
    with sqlite3.connect(folder / "plan.gpkg") as database:
        triggers = database.execute("select name from sqlite_master where type = 'trigger'").fetchall()
        for (name,) in triggers:
            database.execute(f'drop trigger "{name}"')
        codes = [code for (code,) in database.execute("select code from grids order by code")]
        database.execute("update grids set code = ? where code = ?", (codes[0], codes[1]))
        database.execute("update units set grid = ? where id = 'b36'", (codes[0],))
    database.close()
    found = refused(folder)
    assert ("code_duplicate", codes[0]) in found
    assert ("layer_edited", codes[1]) in found
    assert ("layer_edited", "b36") in found
