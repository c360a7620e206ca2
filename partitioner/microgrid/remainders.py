"""What cannot be cut lawfully, named: closed parts whose households, floors or stairwells do not come out.

A closed part is what hangs together inside one parent. `remainders` proves by counting, by the sums that its units can
form, or by trying all cuts of a tree, that a part has no lawful plan, and says how few households must lie outside the
bounds at least. A part about which it says nothing may still have no lawful plan.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from partitioner.errors import Text
from partitioner.microgrid.trees import deviation, least_deviation
from partitioner.microgrid.wording import in_words
from partitioner.model import Bounds, IntArray, Problem, Result, Violation

MOST_HOUSEHOLDS = 1_000
"""Trees of up to this many households are tried out."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Part:
    """A closed part and what is known of it."""

    problem: Problem
    units: IntArray
    households: int

    @property
    def bounds(self) -> Bounds:
        return self.problem.bounds

    @cached_property
    def least(self) -> int | None:
        """The least deviation where the part is a tree of moderate size; None where that is not known."""
        return _least(self)

    @cached_property
    def sums(self) -> IntArray:
        """What its units can add up to."""
        return _sums(self.problem.units.households[self.units])

    @cached_property
    def by_sums(self) -> int:
        """The least deviation that adding up alone proves."""
        return _least_by_sums(self)

    def violation(self, rule: str, at_least: float, why: Text, remedy: Text) -> Violation:
        """A reason; `at_least` households lie outside the bounds, or more where a tree says so."""
        amount = max(at_least, self.by_sums, self.least or 0)
        lie = "household lies" if amount == 1 else "households lie"
        ids = tuple(self.problem.units.id[k] for k in self.units.tolist())
        parent = self.problem.units.parent.at(int(self.units[0]))
        where = in_words(ids)
        zh = where.zh if parent is None else f"“{parent}”中的{where.zh}"
        en = where.en if parent is None else f"{where.en} in “{parent}”"
        return Violation(
            rule=rule,
            grid=None,
            units=ids,
            amount=amount,
            message=Text(
                f"{zh}自成一片，共 {self.households} 户，{why.zh}；至少有 {amount:g} 户超出上下限",
                f"{en}: a closed part of {self.households} households; {why.en}; at least {amount:g} {lie} "
                f"outside the bounds",
            ),
            remedy=remedy,
        )


def remainders(problem: Problem, parents: Iterable[str | None] | None = None) -> tuple[Violation, ...]:
    """A named reason for every closed part that is proved to have no lawful plan, in the order of their first units.

    Locked grids are left out; `count`, `max_walk_m`, `together` and `apart` are not looked at, so every reason holds
    whatever they say.

    Parameters
    ----------
    parents : iterable of str or None, optional
        Where to look; by default everywhere.
    """
    wanted = None if parents is None else set(parents)
    found = []
    for units in _closed_parts(problem):
        if wanted is not None and problem.units.parent.at(int(units[0])) not in wanted:
            continue
        part = _Part(problem=problem, units=units, households=int(problem.units.households[units].sum()))
        reason = _too_few(part) or _no_number(part) or _too_large(part) or _no_sum(part) or _no_cut(part)
        if reason is not None:
            found.append(reason)
    return tuple(found)


def _closed_parts(problem: Problem) -> list[IntArray]:
    """Ascending units of every closed part, ordered by their first."""
    graph, parent, num = problem.graph, problem.units.parent.code, len(problem.units)
    free = np.ones(num, dtype=bool)
    free[[u for members in problem.locked for u in members]] = False
    inside = (parent[graph.u] == parent[graph.v]) & free[graph.u] & free[graph.v]
    links = csr_array((np.ones(int(inside.sum())), (graph.u[inside], graph.v[inside])), shape=(num, num))
    part = connected_components(links, directed=False)[1]
    kept = np.flatnonzero(free)
    order = kept[np.argsort(part[kept], kind="stable")]
    starts = np.flatnonzero(np.diff(part[order])) + 1
    return sorted((units for units in np.split(order, starts) if len(units)), key=lambda units: int(units[0]))


def _too_few(part: _Part) -> Violation | None:
    low = part.bounds.min
    if part.households >= low:
        return None
    return part.violation(
        "size_min",
        low - part.households,
        Text(f"不足下限 {low} 户", f"fewer than the minimum of {low}"),
        Text(
            "请与相邻楼栋连通，或在上一级调整边界，使其并入相邻片区；也可按现状保留",
            "link it to a neighbouring building, or move the line of the grid above so that it joins one; or keep it",
        ),
    )


def _no_number(part: _Part) -> Violation | None:
    low, high, num = part.bounds.min, part.bounds.max, part.households
    fewest = -(-num // high)
    if low == 0 or fewest <= num // low:
        return None
    amount = min(num - (fewest - 1) * high, fewest * low - num)
    return part.violation(
        "size_max",
        amount,
        Text(
            f"{fewest - 1} 个最多 {(fewest - 1) * high} 户，{fewest} 个至少 {fewest * low} 户",
            f"{fewest - 1} hold at most {(fewest - 1) * high}, {fewest} at least {fewest * low}",
        ),
        Text(
            f"请允许一个 {-(-num // (fewest - 1))} 户的单位，或在上一级调整边界",
            f"allow one of {-(-num // (fewest - 1))}, or move the line of the grid above",
        ),
    )


def _too_large(part: _Part) -> Violation | None:
    """A house or floor above the upper bound, which nothing can make lawful."""
    households = part.problem.units.households[part.units]
    large = part.units[households > part.bounds.max]
    if not len(large):
        return None
    which = in_words(part.problem.units.id[k] for k in large.tolist())
    amount = float(deviation(part.problem.units.households[large], part.bounds).sum())
    return part.violation(
        "size_max",
        amount,
        Text(f"其中 {which.zh} 本身已超过上限", f"{which.en} alone above the maximum"),
        Text(
            "请补充该楼的单元数、层数或单元台账，以便再分；否则按现状保留",
            "give its stairwells, floors or a stairwell ledger so that it can be cut; or keep it as it is",
        ),
    )


def _no_sum(part: _Part) -> Violation | None:
    """No lawful sums of units add up to the part, as where every floor has four homes and their number is odd."""
    if not part.by_sums:
        return None
    lawful = [size for size in part.sums.tolist() if part.bounds.min <= size <= part.bounds.max]
    shown = ", ".join(map(str, lawful))
    if lawful:
        why = Text(
            f"其楼层、房屋的户数只能组成 {shown.replace(', ', '、')} 户的单位，凑不成总数",
            f"its floors and houses only make up {shown} households, which do not add up to the total",
        )
    else:
        low, high = part.bounds.min, part.bounds.max
        why = Text(
            f"其楼层、房屋的户数怎样相加都不在 {low}–{high} 户之间",
            f"no sum of its floors and houses lies between {low} and {high}",
        )
    return part.violation(
        "size_max" if part.households > part.bounds.max else "size_min",
        part.by_sums,
        why,
        Text(
            "请在上一级调整边界、允许按户拆分楼层，或按所列最少偏差保留",
            "move the line of the grid above, let a floor be shared, or keep the least deviation",
        ),
    )


def _no_cut(part: _Part) -> Violation | None:
    """Every way to cut a tree of stairwells and floors leaves somebody outside the bounds."""
    if not part.least:
        return None
    return part.violation(
        "size_min",
        part.least,
        Text(
            "楼层须连续，任何切法都有剩余",
            "floors must follow one another, and every way to cut them leaves a remainder",
        ),
        Text(
            "请与相邻楼栋连通、登记连廊，或按所列最少偏差保留",
            "link it to a neighbouring building, declare corridors, or keep the least deviation",
        ),
    )


def _sums(households: IntArray) -> IntArray:
    """Every number of households, from 1, that some of the units hold, ascending."""
    reached = 1
    for size in households.tolist():
        reached |= reached << size
    return np.array([size for size in range(1, int(households.sum()) + 1) if reached >> size & 1], dtype=np.int64)


def _least_by_sums(part: _Part) -> int:
    """Fewest households outside the bounds over all ways to add up the part from sums that its units can form."""
    if part.households > MOST_HOUSEHOLDS or not part.households:
        return 0
    sums = part.sums
    price = deviation(sums, part.bounds)
    least = np.full(part.households + 1, np.inf)
    least[0] = 0.0
    for total in range(1, part.households + 1):
        usable = int(np.searchsorted(sums, total, side="right"))
        if usable:
            least[total] = (least[total - sums[:usable]] + price[:usable]).min()
    return int(least[-1])


def _least(part: _Part) -> int | None:
    graph, units = part.problem.graph, part.units
    if part.households > MOST_HOUSEHOLDS:
        return None
    position = np.full(graph.num_units, -1, dtype=np.int64)
    position[units] = np.arange(len(units))
    start, neighbour, _ = graph.csr
    num = start[units + 1] - start[units]
    own = np.repeat(np.arange(len(units)), num)
    at = np.repeat(start[units], num) + np.arange(int(num.sum())) - np.repeat(np.cumsum(num) - num, num)
    other = position[neighbour[at]]
    kept = other > own
    if int(kept.sum()) != len(units) - 1:
        return None
    return least_deviation(part.problem.units.households[units], own[kept], other[kept], part.bounds)


def with_remainders(problem: Problem, result: Result) -> Result:
    """`result` with the reasons of `remainders` for its unlawful parts, in place of those of the solver about them.

    Results that are not proved infeasible are returned as they are.
    """
    if result.status != "infeasible":
        return result
    position = problem.units.position()
    told = [name for broken in (*result.violations, *result.reasons) for name in broken.units]
    found = remainders(problem, {problem.units.parent.at(position[name]) for name in told})
    named = {name for reason in found for name in reason.units}
    others = tuple(reason for reason in result.reasons if not reason.units or not named.issuperset(reason.units))
    return replace(result, reasons=found + others)
