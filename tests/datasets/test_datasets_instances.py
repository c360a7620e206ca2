"""The benchmark instances are what their table promises, and the same for the same seed."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse.csgraph import connected_components

from datasets import instances
from partitioner.model import Problem

ROOT = Path(__file__).parents[2]

FINGERPRINT = """
import hashlib
from datasets import instances as i
for problem in (i.community(3), i.town(3), i.village(3, 300), i.city(3, 400)):
    graph, units = problem.graph, problem.units
    parts = [a.tobytes() for a in (units.households, units.x, units.y, graph.u, graph.v, graph.length_m)]
    print(hashlib.sha256(b"".join(parts) + repr((units.id, units.group.values())).encode()).hexdigest())
"""


def check_sound(problem: Problem) -> None:
    units, graph = problem.units, problem.graph
    assert connected_components(graph.sparse, directed=False)[0] == 1
    assert units.households.min() >= 1
    assert units.households.max() <= 300
    assert units.group.code.min() >= 0
    assert units.x is not None
    assert units.y is not None
    distance = np.hypot(units.x[graph.u] - units.x[graph.v], units.y[graph.u] - units.y[graph.v])
    np.testing.assert_allclose(graph.length_m, distance, atol=0.02)
    assert 4 <= 2 * len(graph) / len(units) < 6, "a planar graph of streets and rows"


@pytest.mark.parametrize("seed", range(20))
def test_a_community_has_at_most_75_units_and_1500_to_3000_households(seed: int) -> None:
    problem = instances.community(seed)
    assert len(problem.units) <= 75
    assert 1_500 <= problem.units.households.sum() <= 3_000
    check_sound(problem)


@pytest.mark.parametrize("seed", range(20))
def test_a_town_has_90_to_150_units_and_4000_to_10000_households(seed: int) -> None:
    problem = instances.town(seed)
    assert 90 <= len(problem.units) <= 150
    assert 4_000 <= problem.units.households.sum() <= 10_000
    check_sound(problem)


@pytest.mark.parametrize("num_units", [40, 60, 400])
def test_a_town_may_be_asked_for_any_number_of_units(num_units: int) -> None:
    problem = instances.town(1, num_units)
    assert len(problem.units) == num_units
    check_sound(problem)


def test_a_village_holds_houses_of_one_to_three_households() -> None:
    problem = instances.village(1)
    assert len(problem.units) == 2_000
    assert problem.units.households.max() == 3
    check_sound(problem)


def test_a_city_has_the_units_it_was_asked_for() -> None:
    problem = instances.city(1)
    assert len(problem.units) == 3_000
    check_sound(problem)


def test_seeds_differ() -> None:
    first, second = instances.town(1), instances.town(2)
    digests = {hashlib.sha256(p.units.households.tobytes()).hexdigest() for p in (first, second)}
    assert len(digests) == 2


def test_the_same_seed_gives_the_same_arrays_whatever_the_hash_seed() -> None:
    prints = {
        subprocess.run(
            [sys.executable, "-c", FINGERPRINT],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("0", "1")
    }
    assert len(prints) == 1


@pytest.mark.parametrize(("seed", "num_units"), [(0, 200), (1, 800), (2, 3_000)])
def test_a_county_is_a_city_cut_into_connected_communities_of_1500_to_3000_households(
    seed: int, num_units: int
) -> None:
    problem, whole = instances.county(seed, num_units), instances.city(seed, num_units)
    assert problem.units.id == whole.units.id
    assert len(problem.graph) == len(whole.graph)
    assert problem.units.parent.code.min() >= 0
    for members in problem.units.parent.members():
        assert 1_500 <= problem.units.households[members].sum() <= 3_000
        assert connected_components(problem.graph.sparse[members][:, members], directed=False)[0] == 1


def test_communities_of_a_county_rarely_cut_a_compound() -> None:
    units = instances.county(0, 3_000).units
    held = set(zip(units.group.code.tolist(), units.parent.code.tolist(), strict=True))
    assert len(held) - len(units.group.names) <= 0.05 * len(units.group.names)


def test_a_county_smaller_than_a_community_is_one() -> None:
    assert len(instances.county(0, 40).units.parent.names) == 1
