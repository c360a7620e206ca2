"""Every case has its published figures, and its town is sound."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.sparse.csgraph import connected_components
from towns import town_of

from datasets.cases import case_names, case_settings, expected_figures
from datasets.generator.kinds import KINDS
from datasets.generator.ledgers import write_files
from datasets.generator.town import build_town
from datasets.generator.values import Town
from datasets.instances import neighbour_edges
from partitioner.model import Graph

ROOT = Path(__file__).parents[2]

cases = pytest.mark.parametrize("case", case_names())


def households_of(town: Town, community: int) -> int:
    return sum(b.households for b in town.buildings if b.community == community)


def usual_sizes(town: Town) -> list[int]:
    """Households of a usual grid in each community."""
    return [site.homes.per_grid for site in town.settings.each_site() for _ in range(site.homes.communities)]


def test_the_cases_are_the_nine_places() -> None:
    assert case_names() == [
        "chemical_park", "cisheng", "guan", "gucheng", "huailai", "jiahe", "jiaozuo", "lean", "zhaoxian",
    ]  # fmt: skip


@cases
def test_a_case_has_the_expected_figures(case: str) -> None:
    town, expected = town_of(case), expected_figures(case)
    figures = expected["published"] | expected["assumed"]
    assert len(town.communities) == figures["communities"]
    assert len(town.compounds) == figures["compounds"]
    assert sum(community.grids for community in town.communities) == figures["grids"]
    assert {b.compound for b in town.buildings if b.households} == {c.name for c in town.compounds}
    households = sum(b.households for b in town.buildings)
    assert figures.get("households", households) == households
    assert figures.get("residents", 0) in (0, sum(b.residents for b in town.buildings))
    assert figures.get("stairwells", 0) in (0, sum(b.stairwells for b in town.buildings))
    party_households = sum(b.party_households or 0 for b in town.buildings)
    assert figures.get("party_households", 0) == party_households


@pytest.mark.parametrize("case", [case for case in case_names() if case != "huailai"])
def test_the_published_grids_are_the_natural_number_of_every_community(case: str) -> None:
    town, expected = town_of(case), expected_figures(case)
    figures = expected["published"] | expected["assumed"]
    low, high = figures["households_per_grid_min"], figures["households_per_grid_max"]
    least = most = natural = 0
    for c, (community, usual) in enumerate(zip(town.communities, usual_sizes(town), strict=True)):
        households = households_of(town, c)
        assert usual == figures.get("households_per_grid", usual)
        assert abs(households - usual * community.grids) <= 12 * community.grids
        assert -(-households // high) <= community.grids <= households // low
        least, most = least + -(-households // high), most + households // low
        natural += round(households / usual)
    assert least < figures["grids"] < most, "the bounds alone leave a choice"
    assert natural == figures["grids"]


@cases
def test_every_community_is_one_piece_of_streets_and_rows(case: str) -> None:
    town = town_of(case)
    for c in range(len(town.communities)):
        homes = [b for b in town.buildings if b.community == c and b.households]
        x = np.array([b.shape.centroid.x for b in homes])
        y = np.array([b.shape.centroid.y for b in homes])
        u, v, length_m = neighbour_edges(x, y)
        graph = Graph(num_units=len(homes), u=u, v=v, length_m=length_m)
        assert connected_components(graph.sparse, directed=False)[0] == 1
        assert length_m.max() < 500, "no part lies far off"


@cases
def test_codes_and_ids_are_unique_text_of_fixed_length(case: str) -> None:
    town = town_of(case)
    codes = [community.code for community in town.communities]
    assert len(set(codes)) == len(codes)
    assert all(len(code) == 12 and code.isdigit() for code in codes)
    ids = [b.id for b in town.buildings]
    assert len(set(ids)) == len(ids)
    assert all(b.id.startswith(codes[b.community]) and len(b.id) == 16 for b in town.buildings)
    assert len({community.name for community in town.communities}) == len(codes)


@cases
def test_no_building_is_too_large_for_a_grid(case: str) -> None:
    counted = town_of(case).settings.interiors is not None
    for b in town_of(case).buildings:
        assert 0 <= b.households <= 198
        if b.use not in KINDS:
            assert b.households == 0
        elif KINDS[b.use].houses:
            assert 1 <= b.households <= 3
        elif counted:
            assert b.households == sum(map(sum, b.by_floor))
            assert [len(homes) for homes in b.by_floor] == [b.floors] * b.stairwells
        else:
            assert b.households == b.floors * b.stairwells * KINDS[b.use].per_floor
        assert b.households <= b.residents <= 4 * b.households


@pytest.mark.parametrize("case", ["guan", "huailai", "jiahe", "jiaozuo", "lean"])
def test_buildings_differ_inside(case: str) -> None:
    """Some homes are vacant, some ground floors are shops, and most floors are full."""
    inside = [np.array(b.by_floor) for b in town_of(case).buildings if b.by_floor]
    below = np.concatenate([homes[:, 0] for homes in inside])
    above = np.concatenate([(homes[:, 1:] / homes.max()).ravel() for homes in inside])
    assert 0.03 < np.mean(below == 0) < 0.3
    assert 0.9 < np.mean(above) < 0.99
    assert len({homes.shape for homes in inside}) > 8


def test_every_township_of_huailai_is_right_for_the_communities_it_is_to_have() -> None:
    town, figures = town_of("huailai"), expected_figures("huailai")
    low, high = (figures["published"][f"households_per_community_{end}"] for end in ("min", "max"))
    wanted = figures["assumed"]["communities_after_by_township"]
    sizes = [households_of(town, c) for c in range(len(town.communities))]
    townships = [community.township.name for community in town.communities]
    totals = [sum(s for s, t in zip(sizes, townships, strict=True) if t == name) for name in dict.fromkeys(townships)]
    assert len(totals) == figures["published"]["townships"]
    assert sum(wanted) == figures["published"]["communities_after"]
    assert all(1.2 * low < total / number < 0.75 * high for total, number in zip(totals, wanted, strict=True))
    assert [sum(size > high for size in sizes), sum(size < low for size in sizes)] == [11, 10]
    by_cutting = sum(round(size / 2_000) - 1 for size in sizes if size > high)
    assert by_cutting == figures["published"]["communities_new"]


def test_the_chemical_park_holds_the_households_of_its_micro_grids() -> None:
    town, figures = town_of("chemical_park"), expected_figures("chemical_park")
    households = sum(b.households for b in town.buildings)
    usual = figures["assumed"]["households_per_micro_grid"]
    assert households / usual == pytest.approx(figures["published"]["micro_grids"], abs=2)
    assert all(b.households <= 3 for b in town.buildings)


def test_residents_of_jiahe_are_registered_in_two_townships_four_villages_in_one_of_them() -> None:
    town = town_of("jiahe")
    resettled = town.settings.resettled
    assert resettled is not None
    homes = [b for b in town.buildings if b.households]
    origins = {b.origin: b.home_township for b in homes}
    assert len({b.home_township for b in homes}) == 2
    assert len(origins) == 5
    assert origins.pop("") == resettled.home
    assert set(origins.values()) == {resettled.township}
    moved = sum(b.households for b in homes if b.origin)
    assert moved / 3_050 == pytest.approx(resettled.share, abs=0.03)


def test_no_community_of_guan_is_above_the_norm_of_communities() -> None:
    assert all(1_500 <= households_of(town_of("guan"), c) <= 3_000 for c in range(32))


def test_sub_districts_of_jiaozuo_are_in_one_piece_with_codes_of_their_own() -> None:
    town = town_of("jiaozuo")
    for code in ("410803005", "410811008"):
        inside = [community for community in town.communities if community.township.code == code]
        assert [community.code for community in inside] == [f"{code}{number:03d}" for number in range(1, 6)]
        assert shapely.union_all([community.shape for community in inside]).geom_type == "Polygon"


@pytest.mark.parametrize("case", ["guan", "jiahe"])
def test_the_stairwell_ledger_adds_up_to_the_building_ledger(case: str, tmp_path: Path) -> None:
    write_files(town_of(case), tmp_path)
    text = {"楼栋编号": str}
    floors = pd.read_excel(tmp_path / "stairwells.xlsx", sheet_name="单元台账", dtype=text, engine="openpyxl")
    buildings = pd.read_excel(tmp_path / "buildings.xlsx", dtype=text, engine="openpyxl").set_index("楼栋编号")
    assert list(floors.columns) == ["楼栋编号", "单元", "楼层", "户数"]
    assert not floors.duplicated(["楼栋编号", "单元", "楼层"]).any()
    by_building = floors.groupby("楼栋编号")
    blocks = buildings[buildings["单元数"] > 0]
    blocks = blocks[blocks["户数"] > 0]
    assert by_building["户数"].sum().equals(blocks["户数"].rename_axis("楼栋编号").sort_index())
    assert (by_building["单元"].max() == blocks["单元数"].sort_index()).all()
    assert (by_building["楼层"].max() == blocks["层数"].sort_index()).all()


@cases
def test_buildings_do_not_overlap(case: str) -> None:
    shapes = [b.shape for b in town_of(case).buildings]
    assert all(shape.is_valid and shape.geom_type == "Polygon" for shape in shapes)
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    assert (first == second).all()


@cases
def test_buildings_stand_inside_their_compound_and_community_and_off_the_water(case: str) -> None:
    town = town_of(case)
    compound = {c.name: c for c in town.compounds}
    water = [barrier.shape for barrier in town.barriers if barrier.crossing == "hard"]
    for b in town.buildings:
        assert town.communities[b.community].shape.contains(b.shape)
        assert not any(barrier.intersects(b.shape) for barrier in water)
        if b.compound:
            assert compound[b.compound].community == b.community
            assert compound[b.compound].shape.contains(b.shape)


@cases
def test_communities_cover_the_town_without_gaps_or_overlaps(case: str) -> None:
    town = town_of(case)
    shapes = [community.shape for community in town.communities]
    assert all(shape.is_valid and shape.geom_type == "Polygon" for shape in shapes)
    assert shapely.coverage_is_valid(shapes)
    places = shapely.get_parts(town.boundary)
    assert len(places) == len(town.settings.each_site())
    assert not any(place.interiors for place in places)
    assert sum(shape.area for shape in shapes) == pytest.approx(town.boundary.area, abs=0.01)


@cases
def test_barriers_are_hard_soft_or_open_and_bridges_cross_hard_ones(case: str) -> None:
    town = town_of(case)
    crossing = {"river": "hard", "railway": "hard", "bridge": "open", "road": "soft", "wall": "soft"}
    assert all(crossing[barrier.kind] == barrier.crossing for barrier in town.barriers)
    hard = [barrier.shape for barrier in town.barriers if barrier.crossing == "hard"]
    bridges = [barrier.shape for barrier in town.barriers if barrier.kind == "bridge"]
    assert bool(hard) == bool(bridges)
    for bridge in bridges:
        assert any(barrier.intersects(bridge) for barrier in hard)
        ends = [shapely.Point(bridge.coords[0]), shapely.Point(bridge.coords[-1])]
        assert not any(barrier.intersects(end) for barrier in hard for end in ends)


def test_markets_are_special_and_nobody_lives_in_them() -> None:
    special = [b for b in town_of("zhaoxian").buildings if b.special]
    assert special
    assert all(b.special == "市场" and b.households == 0 for b in special)


@pytest.mark.parametrize(("case", "seed"), [("cisheng", 1), ("cisheng", 2), ("zhaoxian", 1)])
def test_other_seeds_give_other_towns_with_the_same_figures(case: str, seed: int) -> None:
    town = build_town(dataclasses.replace(case_settings(case), seed=100 + seed))
    assert len(town.compounds) == len(town_of(case).compounds)
    assert sum(community.grids for community in town.communities) == town.settings.homes.grids
    assert town.buildings[0].shape != town_of(case).buildings[0].shape


def test_the_files_of_a_case_are_the_same_bytes_whatever_the_hash_seed(tmp_path: Path) -> None:
    prints = set()
    for hash_seed in ("0", "1"):
        folder = tmp_path / hash_seed
        subprocess.run(
            [sys.executable, "-m", "datasets", "zhaoxian", "-o", str(folder)],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
        )
        files = sorted(folder.iterdir())
        assert [file.name for file in files] == [
            "README.md",
            "buildings.xlsx",
            "compounds.csv",
            "county.gpkg",
            "staff.xlsx",
        ]
        prints.add(tuple(hashlib.sha256(file.read_bytes()).hexdigest() for file in files))
    assert len(prints) == 1
