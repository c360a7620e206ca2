"""Every case has its published figures, and its town is sound."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import shapely
from scipy.sparse.csgraph import connected_components

from datasets.cases import case_names, case_settings, expected_figures
from datasets.generator.kinds import KINDS
from datasets.generator.town import build_town
from datasets.generator.values import Town
from datasets.instances import neighbour_edges
from partitioner.model import Graph

ROOT = Path(__file__).parents[2]

cases = pytest.mark.parametrize("case", case_names())


@functools.cache
def town_of(case: str) -> Town:
    return build_town(case_settings(case))


def households_of(town: Town, community: int) -> int:
    return sum(b.households for b in town.buildings if b.community == community)


def test_the_cases_are_the_three_places() -> None:
    assert case_names() == ["cisheng", "gucheng", "zhaoxian"]


@cases
def test_a_case_has_the_expected_figures(case: str) -> None:
    town, expected = town_of(case), expected_figures(case)
    figures = expected["published"] | expected["assumed"]
    assert len(town.communities) == figures["communities"]
    assert len(town.compounds) == figures["compounds"]
    assert sum(community.grids for community in town.communities) == figures["grids"]
    assert {b.compound for b in town.buildings if b.households} == {c.name for c in town.compounds}
    assert town.settings.homes.per_grid == figures["households_per_grid"]


@cases
def test_the_published_grids_are_the_natural_number_of_every_community(case: str) -> None:
    town, expected = town_of(case), expected_figures(case)
    figures = expected["published"] | expected["assumed"]
    low, high = figures["households_per_grid_min"], figures["households_per_grid_max"]
    usual = figures["households_per_grid"]
    least = most = natural = 0
    for c, community in enumerate(town.communities):
        households = households_of(town, c)
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
    for b in town_of(case).buildings:
        assert 0 <= b.households <= 132
        if b.use not in KINDS:
            assert b.households == 0
        elif KINDS[b.use].houses:
            assert 1 <= b.households <= 3
        else:
            assert b.households == b.floors * b.stairwells * KINDS[b.use].per_floor
        assert b.households <= b.residents <= 4 * b.households


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
    assert town.boundary.geom_type == "Polygon"
    assert not town.boundary.interiors
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


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("case", ["cisheng", "zhaoxian"])
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
        assert [file.name for file in files] == ["README.md", "buildings.xlsx", "compounds.csv", "county.gpkg"]
        prints.add(tuple(hashlib.sha256(file.read_bytes()).hexdigest() for file in files))
    assert len(prints) == 1
