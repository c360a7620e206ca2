"""Buildings are opened where no lawful grids were found with them whole."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from partitioner.errors import Fault, Text
from partitioner.geometry.named import named
from partitioner.io.assembly import Assembled
from partitioner.levels.parts import stock_of, with_parts
from partitioner.microgrid import Depth, cut_slices
from partitioner.model import IntArray, Labels, Plan, Problem, SliceRule
from partitioner.profiles import Level


@dataclass(frozen=True, kw_only=True, eq=False)
class Opened:
    """A county with some buildings opened by stairwell.

    Parameters
    ----------
    plan : Plan
        The plan from before, over the new units.
    """

    assembled: Assembled
    plan: Plan


def opened_where_stuck(assembled: Assembled, level: Level, plan: Plan, rule: SliceRule) -> Opened | None:
    """The county with those buildings opened that lie in areas outside the bounds or next to them in the same parent.

    Locked areas are left as they are. None where no area is outside the bounds, or no building there has stairwells.

    Raises
    ------
    InputError
        As `parts.stock_of`.
    """
    stuck = _stuck(assembled.problem, plan)
    if not stuck.any():
        return None
    parts = stock_of(assembled)
    slices = cut_slices(parts.stock, np.where(stuck, Depth.STAIRWELL, Depth.WHOLE), rule, parts.ledger)
    several = np.bincount(slices.unit, minlength=len(parts.stock)) > 1
    if not several.any():
        return None
    names = [assembled.problem.units.id[unit] for unit in np.flatnonzero(several).tolist()]
    opened = with_parts(assembled, slices, rule, parts=parts)
    graph = opened.unit_graph
    opened = replace(opened, unit_graph=replace(graph, notices=(*graph.notices, _notice(names, level))))
    return Opened(assembled=opened, plan=Plan(grid=Labels(plan.grid.at(unit) for unit in slices.unit.tolist())))


def _stuck(problem: Problem, plan: Plan) -> npt.NDArray[np.bool_]:
    """Units of areas outside the bounds and their neighbours in the same parent."""
    code, parent, graph = plan.grid.code, problem.units.parent.code, problem.graph
    inside = code >= 0
    size = np.bincount(code[inside], weights=problem.units.households[inside], minlength=len(plan.grid.names))
    wrong = (size < problem.bounds.min) | (size > problem.bounds.max)
    locked: IntArray = np.array([unit for members in problem.locked for unit in members], dtype=np.int64)
    trouble = inside & wrong[code]
    trouble[locked] = False
    near = trouble.copy()
    same = parent[graph.u] == parent[graph.v]
    near[graph.v[same & trouble[graph.u]]] = True
    near[graph.u[same & trouble[graph.v]]] = True
    near[locked] = False
    return np.asarray(near, dtype=np.bool_)


def _notice(names: list[str], level: Level) -> Fault:
    which = named(names)
    return Fault(
        rule="building_opened_where_stuck",
        message=Text(
            f"整栋划分时这里没有找到合规的{level.title.zh}，{len(names)} 栋楼允许按单元（楼门）拆分：{which.zh}",
            f"with buildings whole no lawful {level.title.en}s were found here, so {len(names)} may be cut between "
            f"stairwells: {which.en}",
        ),
        remedy=Text(
            "如不应拆分，请放宽户数上下限，或与相邻区域合并",
            "if they must stay whole, widen the bounds or join a neighbour",
        ),
    )
