"""The centre of a grid is the one that trying every centre over all shortest paths gives, however many were tried."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse.csgraph import dijkstra
from strategies import random_problem

from datasets.instances import village
from partitioner.model import Graph
from partitioner.scoring import distances
from partitioner.scoring.distances import central_unit, nearest_centre


def of_all(graph: Graph, members: np.ndarray, weight: np.ndarray, power: float) -> np.ndarray:
    """Cost of every centre, by all shortest paths over the whole graph."""
    metres = dijkstra(graph.sparse, indices=members)[:, members]
    metres = np.where(np.isfinite(metres), metres, graph.length_m.sum())
    return weight @ metres**power


def farthest_of_all(graph: Graph, members: np.ndarray) -> np.ndarray:
    return dijkstra(graph.sparse, indices=members)[:, members].max(axis=0)


def check(graph: Graph, members: np.ndarray, weight: np.ndarray, power: float) -> None:
    """Both kinds of centres are those that trying everything finds."""
    costs = of_all(graph, members, weight, power)
    best = nearest_centre(graph, members, weight, power)
    assert best.cost == pytest.approx(costs.min(), rel=1e-12)
    assert costs[best.position] == pytest.approx(costs.min(), rel=1e-12)
    assert float(weight @ best.metres**power) == pytest.approx(best.cost, rel=1e-12)
    reach = farthest_of_all(graph, members)
    central = central_unit(graph, members)
    assert central.cost == pytest.approx(reach.min(), rel=1e-12)
    assert central.metres.max() == central.cost


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_a_large_grid_of_a_village_has_the_centre_that_trying_all_finds(power: float) -> None:
    problem = village(3, 400)
    rng = np.random.default_rng(8)
    for count in (30, 120, 300):
        start = int(rng.integers(len(problem.units)))
        metres = dijkstra(problem.graph.sparse, indices=start)
        # A ring and a half disc: the shortest ways between its units also leave it.
        inside = np.flatnonzero((metres > 60) | (problem.units.x > problem.units.x[start]))
        members = np.sort(inside[np.argsort(metres[inside], kind="stable")[:count]])
        check(problem.graph, members, problem.units.weight[members], power)


@pytest.mark.parametrize("seed", range(60))
def test_landmarks_change_nothing_on_small_graphs_of_all_kinds(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With 0 m edges, several parts and equal distances; landmarks are used although the grid is small."""
    problem = random_problem(seed, 12)
    members = np.flatnonzero(np.random.default_rng(seed).random(len(problem.units)) < 0.8)
    if not len(members):
        members = np.array([0])
    for few, landmarks in ((24, 12), (0, 1), (0, 3)):
        monkeypatch.setattr(distances, "FEW", few)
        monkeypatch.setattr(distances, "LANDMARKS", min(landmarks, len(members)))
        check(problem.graph, members, problem.units.weight[members], problem.weights.walk_power)


def test_of_equal_centres_the_lowest_counts() -> None:
    graph = Graph(num_units=40, u=list(range(39)), v=list(range(1, 40)), length_m=[1.0] * 39)
    assert nearest_centre(graph, np.arange(40), np.ones(40), 1.0).position == 19


def test_most_centres_of_a_large_grid_are_never_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """With landmarks, fewer than a third of the searches that trying all centres takes."""
    problem = village(3, 1_000)
    tried: list[int] = []
    plain = distances.distances_from.py_func

    def counting(*args: object) -> np.ndarray:
        tried.append(1)
        return plain(*args)

    monkeypatch.setattr(distances, "distances_from", counting)
    monkeypatch.setattr(distances, "best_centre", distances.best_centre.py_func)
    metres = dijkstra(problem.graph.sparse, indices=0)
    members = np.sort(np.argsort(metres, kind="stable")[:200])
    nearest_centre(problem.graph, members, problem.units.weight[members], 1.0)
    assert len(tried) < 200 / 3
