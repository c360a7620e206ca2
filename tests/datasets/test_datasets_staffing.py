"""The rosters of the cases have the published numbers of people, and these fill the published posts, proved."""

from __future__ import annotations

import functools
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from towns import town_of

from datasets.cases import case_roster, expected_figures
from datasets.generator.ledgers import layers
from datasets.generator.roster import HEADINGS, Group, read_groups, roster_rows, write_roster
from datasets.generator.values import Town
from partitioner.geometry.adjacency import UnitGraph
from partitioner.geometry.county import BUILDING_COLUMNS, County
from partitioner.io.targets import PlanTargets, targets_of_plan
from partitioner.io.writing import PlannedCounty, PlannedLevels
from partitioner.io.writing.staffed import Staffed
from partitioner.model import Bounds, Graph, Labels, Objective, Plan, Problem, Result, Sets, Units
from partitioner.posting import staff_plan
from partitioner.profiles import load_profile
from partitioner.staffing import ORDER, judge

CASES = ("chemical_park", "cisheng", "guan", "gucheng", "huailai", "zhaoxian")
HEBEI = load_profile("hebei")


def cut_evenly(households: np.ndarray, community: np.ndarray, parts: list[int]) -> list[str]:
    """Areas of about equal households, as many in every community as wanted; people do not care about shapes."""
    labels = np.empty(len(households), dtype=object)
    for k, num in enumerate(parts):
        members = np.flatnonzero(community == k)
        middle = np.cumsum(households[members]) - households[members] / 2
        part = np.minimum((middle / households[members].sum() * num).astype(int), num - 1)
        labels[members] = [f"{k + 1:012d}{p + 1:03d}" for p in part]
    return [str(label) for label in labels]


def planned(town: Town, level: str, parts: list[int]) -> PlannedCounty:
    """A plan of one level that only counts: no neighbours, no bounds."""
    frames = layers(town)
    frame = frames["buildings"]
    for name, kind in BUILDING_COLUMNS.items():
        frame[name] = frame[name].astype(kind) if name in frame else False if kind == "bool" else None
    lived_in = (frame["households"].fillna(0) > 0).to_numpy(dtype=bool)
    special = frame["special"].notna().to_numpy(dtype=bool) & ~lived_in
    rows = np.flatnonzero(lived_in | special)
    community = np.array([b.community for b in town.buildings])[rows]
    households = frame["households"].to_numpy(dtype=np.int64)[rows]
    labels = cut_evenly(np.maximum(households, 1), community, parts)
    locked: Sets = ()
    if level == "grid":
        labels = [f"S{r}" if special[r] else label for r, label in zip(rows.tolist(), labels, strict=True)]
        locked = tuple((k,) for k, r in enumerate(rows.tolist()) if special[r])
    units = Units(id=tuple(frame["id"].iloc[rows]), households=households)
    nothing = np.array([], dtype=np.int64)
    graph = Graph(num_units=len(rows), u=nothing, v=nothing, length_m=np.array([]))
    unit_of = np.full(len(frame), -1)
    unit_of[rows] = np.arange(len(rows))
    plan = Plan(grid=Labels(labels))
    everything: dict[str, Any] = {
        "county": County(
            name=town.settings.place.name,
            crs=frame.crs,
            buildings=frame,
            barriers=frames["barriers"],
            communities=frames["communities"],
            boundary=town.boundary,
        ),
        "unit_graph": UnitGraph(
            graph=graph, cells=frame.geometry.to_numpy()[rows], place_xy=np.zeros((len(rows), 2)), soft_m=np.array([]),
            cut_u=nothing, cut_v=nothing, bridged_u=nothing, bridged_v=nothing, far_u=nothing, far_v=nothing,
            notices=(),
        ),
        "problem": Problem(units=units, graph=graph, bounds=Bounds(min=1, max=10**6), locked=locked),
        "result": Result(
            plan=plan, status="feasible", stop_reason="stalled", bound=None, gap=None,
            objective=Objective(walk=0, split=0, balance=0, move=0, total=0),
        ),
        "explanation": None,
    }  # fmt: skip
    return PlannedCounty(unit_of_building=unit_of, profile=HEBEI, level=HEBEI.level(level), **everything)


@functools.cache
def targets_of(case: str) -> PlanTargets:
    town, figures = town_of(case), expected_figures(case)["published"]
    levels = [planned(town, "grid", [community.grids for community in town.communities])]
    if "micro_grids" in figures:
        num = sum(community.grids for community in town.communities)
        parts = [figures["micro_grids"] * community.grids / num for community in town.communities]
        ends = np.round(np.cumsum(parts)).astype(int)
        levels.append(planned(town, "micro", np.diff(ends, prepend=0).tolist()))
    wanted = {role.role.level for role in HEBEI.staffing.roles}
    return targets_of_plan(PlannedLevels(levels=tuple(levels), seconds=(0.0,) * len(levels)), wanted)


@functools.cache
def staffed(case: str, folder: Path) -> Staffed:
    path = write_roster(town_of(case), case_roster(case), folder)
    assert path is not None
    return staff_plan(targets_of(case), HEBEI, [path])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rosters")


PEOPLE = {
    "chemical_park": {"志愿者": "volunteers"},
    "cisheng": {"专职网格员": "full_time_workers", "网格长": "grids"},
    "guan": {"专职网格员": "full_time_workers", "兼职网格员": "part_time_workers"},
    "gucheng": {"科级干部": "cadres", "专职网格员": "full_time_workers"},
    "huailai": {
        "网格员": "grid_workers", "单元长": "stairwell_heads", "县级领导": "county_leaders", "县直部门": "departments",
    },
    "zhaoxian": {"商超网格员": "market_workers"},
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_as_many_people_as_are_published_are_on_the_roster(case: str) -> None:
    figures = expected_figures(case)["published"]
    people = Counter(row[1] for row in roster_rows(town_of(case), case_roster(case)))
    assert {role: people[role] for role in PEOPLE[case]} == {role: figures[key] for role, key in PEOPLE[case].items()}
    if case == "zhaoxian":
        assert people["专职网格员"] + people["兼职网格员"] == figures["workers"]


SHORT = {"guan": {"worker": 1}}
"""Posts that must stay open: Gu'an has one full-time worker fewer than grids."""


@pytest.mark.parametrize("case", CASES)
def test_every_published_post_is_filled_or_named_short_with_proof(case: str, folder: Path) -> None:
    found = staffed(case, folder)
    assert {
        one.role: sum(num for _, num in one.short_targets) for one in found.staffing.roles if one.short_targets
    } == (SHORT.get(case, {}))
    assert found.num_idle == 0
    assert found.staffing.stop_reason == "proved"
    assert all(stage.proved for result in found.staffing.roles for stage in result.stages)


@pytest.mark.parametrize("case", ["cisheng", "gucheng", "huailai", "zhaoxian"])
def test_the_second_witness_finds_no_broken_rule_and_the_same_values(case: str, folder: Path) -> None:
    found = staffed(case, folder)
    judged = judge(found.roster, found.staffing.posted)
    assert judged.breaches == ()
    for result in found.staffing.roles:
        assert [judged.stages[result.role][stage] for stage in ORDER] == [stage.value for stage in result.stages]


def test_one_cadre_serves_each_grid_of_gucheng(folder: Path) -> None:
    cadres = staffed("gucheng", folder).staffing.role("cadre").posted
    assert len({number for number, _ in cadres}) == len({grid for _, grid in cadres}) == len(cadres) == 111


def test_the_one_grid_of_guan_without_a_worker_is_named_with_what_would_help(folder: Path) -> None:
    found = staffed("guan", folder)
    (empty,) = found.empty["worker"]
    assert (empty.missing, empty.wanted - empty.room) == (1, 1)
    assert {one.kind for one in empty.relaxations} >= {"one_more_post", "one_more_person"}
    assert sum(row.full_time_shortfall for row in found.norms) == 1


def test_every_leader_and_department_of_huailai_has_a_compound(folder: Path) -> None:
    posted = staffed("huailai", folder).staffing.role("compound_contact").posted
    assert len(posted) == len({number for number, _ in posted}) == len({name for _, name in posted}) == 130
    heads = staffed("huailai", folder).staffing.role("stairwell_head").posted
    assert len({stairwell for _, stairwell in heads}) == 1391


def test_one_town_gives_one_roster(tmp_path: Path) -> None:
    groups, town = case_roster("cisheng"), town_of("cisheng")
    path = write_roster(town, groups, tmp_path)
    assert path is not None
    first = path.read_bytes()
    write_roster(town, groups, tmp_path)
    assert path.read_bytes() == first
    assert {len(row) for row in roster_rows(town, groups)} == {len(HEADINGS)}


def test_wrong_groups_are_named(tmp_path: Path) -> None:
    path = tmp_path / "roster.toml"
    path.write_text('[[staff]]\nrole = "a"\nprefix = "A"\ncount = 1\ncolour = "red"\n', "utf-8")
    with pytest.raises(ValueError, match="colour"):
        read_groups(path)
    with pytest.raises(ValueError, match="spread"):
        Group(role="a", prefix="A", count=1, spread="nowhere")
    with pytest.raises(ValueError, match="stairwells"):
        list(roster_rows(town_of("cisheng"), [Group(role="a", prefix="A", count=1, spread="stairwells")]))
    assert read_groups(tmp_path / "none.toml") == ()
