"""Tiny problems whose figures can be worked out by hand."""

from __future__ import annotations

from typing import Any

from partitioner.model import Bounds, Graph, Labels, Plan, Problem, Units, Weights

PLAIN = Weights(walk=1, split=0, balance=0, move=0)


def path_problem(
    households: list[int], metres: list[float] | None = None, edges: list[tuple[int, int]] | None = None, **rules: Any
) -> Problem:
    """Units a, b, c, … along a path (or with the given edges), 10 m apart, any size allowed, walking only."""
    num = len(households)
    ends = [(i, i + 1) for i in range(num - 1)] if edges is None else edges
    columns = {key: Labels(rules.pop(key)) for key in ("group", "parent", "previous") if key in rules}
    return Problem(
        units=Units(id=tuple("abcdefghij"[:num]), households=households, **columns),
        graph=Graph(
            num_units=num, u=[u for u, _ in ends], v=[v for _, v in ends], length_m=metres or [10.0] * len(ends)
        ),
        **{"bounds": Bounds(min=0, max=1_000), "weights": PLAIN, **rules},
    )


def plan(labels: str) -> Plan:
    """One character per unit; a dot is a unit without a grid."""
    return Plan(grid=Labels(None if c == "." else c for c in labels))
