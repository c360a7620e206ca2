"""The grids of a plan as sets of units."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from partitioner.errors import Fault, InputError, Place, Text
from partitioner.model import Graph, IntArray, Plan, Problem


def members_by_grid(plan: Plan) -> dict[str, IntArray]:
    """Ascending unit positions of every grid, in the order in which labels first appear."""
    return dict(zip(plan.grid.names, plan.grid.members(), strict=True))


def check_length(problem: Problem, plan: Plan) -> None:
    """Raise InputError unless the plan has one label per unit."""
    if len(plan) != len(problem.units):
        raise InputError(
            [
                Fault(
                    rule="length",
                    place=Place(pointer="/grid"),
                    message=Text(
                        f"方案有 {len(plan)} 个标签，问题有 {len(problem.units)} 栋楼",
                        f"the plan has {len(plan)} labels, the problem {len(problem.units)} units",
                    ),
                    remedy=Text("请核对方案与问题是否配套", "check that the plan belongs to this problem"),
                )
            ]
        )


def pieces_of(graph: Graph, members: IntArray) -> list[IntArray]:
    """Connected pieces of `members` in the induced graph, the largest first (ties: the one with the lowest unit)."""
    num, piece = connected_components(graph.sparse[members][:, members], directed=False)
    pieces = [members[piece == i] for i in range(num)]
    return sorted(pieces, key=lambda units: (-len(units), int(units[0])))


def torn_grids(graph: Graph, plan: Plan) -> list[str]:
    """Labels of the grids in several pieces, in the order in which labels first appear."""
    return [name for name, num in zip(plan.grid.names, piece_counts(graph, plan).tolist(), strict=True) if num > 1]


def piece_counts(graph: Graph, plan: Plan) -> IntArray:
    """In how many connected pieces each grid falls, in the order in which labels first appear."""
    code = plan.grid.code
    kept = (code[graph.u] == code[graph.v]) & (code[graph.u] >= 0)
    inside = csr_array((np.ones(int(kept.sum())), (graph.u[kept], graph.v[kept])), shape=(len(code), len(code)))
    _, piece = connected_components(inside, directed=False)
    _, first = np.unique(piece, return_index=True)
    return np.bincount(code[first][code[first] >= 0], minlength=len(plan.grid.names)).astype(np.int64)
