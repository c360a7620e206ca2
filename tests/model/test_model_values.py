"""Values are checked on construction and never change afterwards."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_documents import problem_document

from partitioner.model import Bounds, Count, CountRange, Graph, Labels, Problem, Units, Weights
from partitioner.model.ordering import reading_order
from partitioner.model.problem_json import problem_from_json


def test_parallel_edges_are_merged_and_the_shortest_counts() -> None:
    graph = Graph(num_units=3, u=[1, 0, 2, 0], v=[0, 1, 1, 1], length_m=[7.0, 3.0, 2.0, 5.0])
    assert (graph.u.tolist(), graph.v.tolist(), graph.length_m.tolist()) == ([0, 1], [1, 2], [3.0, 2.0])
    assert len(graph) == 2
    assert graph.neighbours(1).tolist() == [0, 2]


def test_neighbour_lists_and_matrix_hold_every_edge_twice() -> None:
    graph = Graph(num_units=4, u=[2, 0], v=[0, 1], length_m=[0.0, 4.0])
    start, neighbour, metres = graph.csr
    assert start.tolist() == [0, 2, 3, 4, 4]
    assert neighbour.tolist() == [1, 2, 0, 0]
    assert metres.tolist() == [4.0, 0.0, 4.0, 0.0]
    assert graph.sparse.nnz == 4  # an edge of 0 m is an edge


@pytest.mark.parametrize(
    "wrong",
    [
        {"v": [3]},
        {"v": [-1]},
        {"v": [0]},
        {"length_m": [-1.0]},
        {"length_m": [float("nan")]},
        {"length_m": [float("inf")]},
        {"length_m": [1.0, 2.0]},
    ],
)
def test_graphs_refuse_edges_that_make_no_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"edge|length"):
        Graph(**{"num_units": 3, "u": [0], "v": [1], "length_m": [1.0], **wrong})


def test_arrays_are_read_only_copies() -> None:
    households = np.array([1, 2])
    lengths = np.array([5.0])
    units = Units(id=("a", "b"), households=households, x=[0, 1], y=[0, 1], group=Labels(["g", None]))
    graph = Graph(num_units=2, u=[0], v=[1], length_m=lengths)
    households[0] = 99
    lengths[0] = 99
    assert units.households.tolist() == [1, 2]
    assert graph.length_m.tolist() == [5.0]
    for array in (units.households, units.x, units.y, units.group.code, graph.u, graph.v, graph.length_m, *graph.csr):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_values_cannot_be_changed() -> None:
    problem = problem_from_json(problem_document())
    for value, name in (
        (problem, "name"),
        (problem.units, "id"),
        (problem.graph, "u"),
        (problem.bounds, "min"),
        (problem.weights, "walk"),
        (problem.count, "default"),
    ):
        with pytest.raises(FrozenInstanceError):
            setattr(value, name, None)
    with pytest.raises(AttributeError):
        problem.units.group.names = ()
    with pytest.raises(TypeError):
        problem.count.by_parent["x"] = CountRange()  # type: ignore[index]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Bounds(min=5, max=4),
        lambda: Bounds(min=-1, max=4),
        lambda: Bounds(min=0, max=0),
        lambda: Bounds(min=0, max=4, target=-1),
        lambda: Bounds(min=0, max=4, target=float("nan")),
        lambda: CountRange(min=3, max=2),
        lambda: CountRange(min=-1),
        lambda: Weights(walk=-1),
        lambda: Weights(split=float("inf")),
        lambda: Weights(walk_power=0),
        lambda: Weights(walk_power=5),
        lambda: Weights(walk_power=float("nan")),
        lambda: Units(id=("a", "a"), households=[1, 1]),
        lambda: Units(id=("a",), households=[-1]),
        lambda: Units(id=("a",), households=[1, 2]),
        lambda: Units(id=("a",), households=[1], x=[0.0]),
        lambda: Units(id=("a",), households=[1], group=Labels([])),
    ],
)
def test_values_refuse_what_makes_no_sense(make: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        make()


@pytest.mark.parametrize(
    "wrong",
    [
        {"locked": [()]},
        {"together": [(0,)]},
        {"together": [(1, 1)]},
        {"apart": [(0, 9)]},
        {"apart": [(-1, 0)]},
        {"max_walk_m": -1.0},
        {"max_walk_m": float("nan")},
        {"max_walk_m": float("inf")},
        {"count": Count(by_parent={"nowhere": CountRange()})},
        {"graph": Graph(num_units=3, u=[], v=[], length_m=[])},
    ],
)
def test_problems_refuse_what_makes_no_sense(wrong: dict[str, Any]) -> None:
    given_values = {
        "units": Units(id=("a", "b"), households=[1, 1]),
        "graph": Graph(num_units=2, u=[0], v=[1], length_m=[1.0]),
        "bounds": Bounds(min=1, max=2),
    }
    with pytest.raises(ValueError, match=r"\w"):
        Problem(**{**given_values, **wrong})


def test_sets_are_kept_ascending_and_without_repeats() -> None:
    problem = Problem(
        units=Units(id=("a", "b", "c"), households=[1, 1, 1]),
        graph=Graph(num_units=3, u=[], v=[], length_m=[]),
        bounds=Bounds(min=0, max=2),
        locked=[[2, 0, 2]],
    )
    assert problem.locked == ((0, 2),)


def test_a_count_by_parent_overrides_the_default() -> None:
    count = Count(default=CountRange(max=3), by_parent={"east": CountRange(min=2)})
    assert count.of("east") == CountRange(min=2)
    assert count.of("west") == CountRange(max=3)
    assert count.of(None) == CountRange(max=3)


def test_labels_keep_order_and_nulls() -> None:
    labels = Labels(["b", None, "a", "b"])
    assert labels.names == ("b", "a")
    assert labels.values() == ("b", None, "a", "b")
    assert (labels.at(1), labels.at(2), len(labels)) == (None, "a", 4)
    assert [members.tolist() for members in labels.members()] == [[0, 3], [2]]
    assert labels.take([3, 1]) == Labels(["b", None])
    assert labels == Labels(iter(["b", None, "a", "b"]))
    assert hash(labels) == hash(Labels(["b", None, "a", "b"]))
    assert labels != Labels.none(4)
    assert labels != ["b", None, "a", "b"]


def test_a_unit_without_households_weighs_one_in_walking() -> None:
    assert Units(id=("a", "b"), households=[0, 7]).weight.tolist() == [1.0, 7.0]


def test_rows_are_read_from_the_north_each_from_the_west() -> None:
    x = np.array([10.0, 0.0, 20.0, 9.0, 1.0, 21.0])
    y = np.array([101.0, 100.0, 99.0, 51.0, 50.0, 49.0])
    assert reading_order(x, y) == [1, 0, 2, 4, 3, 5]


def test_few_or_equal_points_have_an_order() -> None:
    assert reading_order(np.array([]), np.array([])) == []
    assert reading_order(np.array([3.0]), np.array([4.0])) == [0]
    assert reading_order(np.zeros(4), np.zeros(4)) == [0, 1, 2, 3]
    assert reading_order(np.array([5.0, 1.0]), np.array([0.0, 0.0])) == [1, 0]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), max_size=12))
def test_the_reading_order_is_a_permutation_that_shifting_does_not_change(points: list[tuple[int, int]]) -> None:
    x, y = np.array([p[0] for p in points], dtype=float), np.array([p[1] for p in points], dtype=float)
    order = reading_order(x, y)
    assert sorted(order) == list(range(len(points)))
    assert reading_order(x + 1024.0, y - 2048.0) == order
