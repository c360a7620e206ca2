"""Why no lawful plan exists: every reason by name, with a remedy, and the fewest rules set aside."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from strategies import random_problem

from partitioner.model import Bounds, Count, CountRange, Graph, Labels, Problem, Result, Units, Violation
from partitioner.solver import Limits, solve
from partitioner.solver.contradictions import settle


def problem(households: list[int], edges: list[tuple[int, int]] | None = None, **rules) -> Problem:
    """Units a, b, c, … along a path (or with the given edges) for grids of 30 to 50 households."""
    num = len(households)
    ends = [(i, i + 1) for i in range(num - 1)] if edges is None else edges
    parent = Labels(rules.pop("parent", [None] * num))
    return Problem(
        units=Units(id=tuple("abcdefghij"[:num]), households=households, parent=parent),
        graph=Graph(num_units=num, u=[u for u, _ in ends], v=[v for _, v in ends], length_m=[10.0] * len(ends)),
        **{"bounds": Bounds(min=30, max=50), **rules},
    )


def proved(asked: Problem) -> Result:
    """The result, which must be an honest proof that no plan is lawful."""
    result = solve(asked, Limits(threads=1))
    assert result.status == "infeasible"
    assert (result.bound, result.gap) == (None, None)
    assert (result.plan.grid.code >= 0).all()
    assert result.violations
    for reason in result.reasons:
        for text in (reason.message, reason.remedy):
            assert any("\u4e00" <= c <= "\u9fff" for c in text.zh)
            assert not any("\u4e00" <= c <= "\u9fff" for c in text.en.replace("东", ""))
    return result


def the_reason(asked: Problem) -> Violation:
    (reason,) = proved(asked).reasons
    return reason


def test_a_unit_above_the_maximum() -> None:
    reason = the_reason(problem([20, 20, 70]))
    assert (reason.rule, reason.units, reason.amount) == ("size_max", ("c",), 20)
    assert "stairwells" in reason.remedy.en
    assert "70" in reason.remedy.en


def test_the_least_violating_plan_is_off_only_where_it_must_be() -> None:
    result = proved(problem([20, 20, 70]))
    assert [(v.rule, v.amount) for v in result.violations] == [("size_max", 20)]


def test_a_total_that_no_number_of_grids_can_hold() -> None:
    reason = the_reason(problem([11] * 5))  # 55: one grid holds at most 50, two at least 60
    assert (reason.rule, reason.amount) == ("size_max", 5)
    assert "raise max to 55" in reason.remedy.en
    assert "lower min to 27" in reason.remedy.en
    assert "60" in reason.message.en


def test_an_enclave_below_the_minimum() -> None:
    reason = the_reason(problem([20, 20, 9, 9], edges=[(0, 1), (2, 3)]))
    assert (reason.rule, reason.units, reason.amount) == ("size_min", ("c", "d"), 12)
    assert "enclave" in reason.message.en
    assert "connect" in reason.remedy.en


def test_an_enclave_made_by_a_parent_is_named_with_it() -> None:
    reason = the_reason(problem([20, 20, 20, 20, 10], parent=["东", "东", "西", "西", "东"]))
    assert reason.units == ("e",)
    assert "东" in reason.message.zh


def test_a_pocket_behind_a_unit_that_is_too_large() -> None:
    large, pocket = proved(problem([28, 60, 15, 20, 15, 20])).reasons
    assert (large.rule, large.units) == ("size_max", ("b",))
    assert (pocket.rule, pocket.units, pocket.amount) == ("size_min", ("a",), 2)
    assert "enclave of 1 unit " in pocket.message.en


def test_a_unit_whose_every_company_is_too_large_or_too_small() -> None:
    """a (20) has one way out, through b (45): together they are too many, alone it is too few."""
    (reason,) = proved(problem([20, 45, 35, 40, 30])).reasons
    assert "a" in reason.units
    assert "in no lawful grid" in reason.message.en


def test_a_lonely_unit_is_named_in_pieces_too_large_to_list() -> None:
    """The same behind a chain of 450 units, where nothing is listed as a whole."""
    households = [20, 45, *[10] * 450]
    num = len(households)
    asked = Problem(
        units=Units(id=tuple(f"u{i}" for i in range(num)), households=households),
        graph=Graph(num_units=num, u=range(num - 1), v=range(1, num), length_m=[10.0] * (num - 1)),
        bounds=Bounds(min=30, max=50),
    )
    result = solve(asked, Limits(step_limit=2_000_000, threads=1))
    assert result.status == "infeasible"
    assert {unit for reason in result.reasons for unit in reason.units} >= {"u0"}


def test_locked_sets_that_overlap() -> None:
    reason = proved(problem([20] * 4, locked=[(0, 1), (1, 2)])).reasons[0]
    assert (reason.rule, set(reason.units)) == ("locked", {"a", "b", "c"})
    assert "locked set 1" in reason.message.en
    assert "locked set 2" in reason.message.en


def test_a_locked_set_in_pieces() -> None:
    reason = the_reason(problem([20] * 4, locked=[(0, 2)]))
    assert (reason.rule, reason.units) == ("locked", ("a", "c"))
    assert "pieces" in reason.message.en
    assert "locked set 1 (a, c)" in reason.message.en


def test_a_locked_set_is_named_by_the_grid_it_was() -> None:
    asked = problem([20] * 4, locked=[(0, 2)])
    asked = replace(asked, units=replace(asked.units, previous=Labels(["G7", "G8", "G7", "G8"])))
    reason = the_reason(asked)
    assert "（原属 G7，a、c）" in reason.message.zh
    assert "(of G7: a, c)" in reason.message.en


def test_together_against_apart() -> None:
    reason = proved(problem([20] * 4, together=[(0, 1)], apart=[(0, 1, 3)])).reasons[0]
    assert set(reason.units) == {"a", "b", "d"}
    assert "together set 1" in reason.message.en
    assert "apart set 1" in reason.message.en


def test_a_chain_of_together_against_apart() -> None:
    reason = the_reason(problem([10] * 4, bounds=Bounds(min=1, max=50), together=[(0, 1), (1, 2)], apart=[(0, 2)]))
    assert reason.amount == 3


def test_together_across_parents() -> None:
    reason = the_reason(problem([20] * 4, parent=["x", "x", "y", "y"], together=[(1, 2)]))
    assert (reason.rule, reason.units) == ("together", ("b", "c"))


def test_together_across_a_gap() -> None:
    reason = the_reason(problem([20] * 4, edges=[(0, 1), (2, 3)], together=[(1, 2)]))
    assert (reason.rule, reason.units) == ("together", ("b", "c"))


def test_together_halfway_into_a_locked_grid() -> None:
    reason = proved(problem([20] * 4, locked=[(0, 1)], together=[(1, 2)])).reasons[0]
    assert set(reason.units) == {"a", "b", "c"}


def test_together_too_large() -> None:
    reason = the_reason(problem([20, 20, 20, 20], bounds=Bounds(min=20, max=50), together=[(0, 1, 2)]))
    assert (reason.rule, reason.amount) == ("together", 10)


def test_more_apart_than_grids() -> None:
    reason = the_reason(problem([20] * 4, apart=[(0, 1, 3)]))  # 80 households: two grids at most
    assert (reason.rule, reason.amount) == ("apart", 1)


def test_counts_that_the_households_do_not_allow() -> None:
    few = the_reason(problem([20] * 8, count=Count(default=CountRange(max=3))))
    assert (few.rule, few.amount) == ("count_max", 1)
    many = the_reason(problem([20] * 8, count=Count(default=CountRange(min=6))))
    assert (many.rule, many.amount) == ("count_min", 1)


def test_a_place_where_no_grid_is_lawful_is_proved_by_listing() -> None:
    # Two grids would fit the 80 households, but the leaves of a star have no neighbour except its middle.
    result = proved(problem([20, 20, 20, 20], edges=[(0, 1), (0, 2), (0, 3)]))
    assert "listing" in result.reasons[0].message.en or "choice" in result.reasons[0].message.en


def test_every_part_tells_its_own_reason() -> None:
    result = proved(problem([70, 9, 40], edges=[], parent=["x", "y", "z"]))
    assert {reason.units for reason in result.reasons} == {("a",), ("b",)} or len(result.reasons) >= 2


def _consistent(asked: Problem, kept: dict[str, list[tuple[int, ...]]]) -> bool:
    """Written anew, by marking: whether the rules kept can hold together, households and counts aside."""
    num = len(asked.units)
    locked = list(dict.fromkeys(kept["locked"]))
    if any(set(a) & set(b) for a, b in combinations(locked, 2)):
        return False
    owner = {unit: i for i, members in enumerate(locked) for unit in members}
    home = np.array([owner.get(unit, -1 - int(asked.units.parent.code[unit])) for unit in range(num)])
    edges = list(zip(asked.graph.u.tolist(), asked.graph.v.tolist(), strict=True))
    part = list(range(num))
    for _ in range(num):
        for u, v in edges:
            same = owner.get(u) == owner.get(v) and (u in owner or home[u] == home[v])
            if same:
                part[u] = part[v] = min(part[u], part[v])
    if any(len({part[unit] for unit in members}) > 1 for members in locked):
        return False
    if any(len({part[unit] for unit in members}) > 1 for members in kept["together"]):
        return False
    grid = [owner.get(unit, num + unit) for unit in range(num)]
    for _ in range(num):
        for members in kept["together"]:
            least = min(grid[unit] for unit in members)
            for unit in members:
                grid[unit] = least
    return not any(len({grid[unit] for unit in members}) < len(members) for members in kept["apart"])


def _fewest_set_aside(asked: Problem) -> int:
    rules = [(kind, members) for kind in ("locked", "together", "apart") for members in getattr(asked, kind)]
    for size in range(len(rules) + 1):
        for out in combinations(range(len(rules)), size):
            kept: dict[str, list[tuple[int, ...]]] = {"locked": [], "together": [], "apart": []}
            for i, (kind, members) in enumerate(rules):
                if i not in out:
                    kept[kind].append(members)
            if _consistent(asked, kept):
                return size
    raise AssertionError("without any rule nothing clashes")


def _crowded(seed: int) -> Problem:
    """A random problem with up to seven sets, most of which clash."""
    base = random_problem(seed, max_units=7)
    rng = np.random.default_rng([8, seed])
    num = len(base.units)

    def sets(most: int) -> list[list[int]]:
        return [
            sorted(rng.choice(num, min(num, int(rng.integers(2, 4))), replace=False).tolist())
            for _ in range(int(rng.integers(0, most + 1)))
        ]

    return Problem(
        units=base.units,
        graph=base.graph,
        bounds=base.bounds,
        locked=list(dict.fromkeys(map(tuple, sets(2)))),  # equal ones are one lock
        together=sets(3),
        apart=sets(2),
    )


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_contradictions_set_aside_as_few_rules_as_possible(first: int) -> None:
    clashing = 0
    for seed in range(first, first + 50):
        asked = _crowded(seed)
        settled = settle(asked)
        fewest = _fewest_set_aside(asked)
        num_before = sum(len(sets) for sets in (asked.locked, asked.together, asked.apart))
        num_after = sum(len(getattr(settled.problem, kind)) for kind in ("locked", "together", "apart"))
        assert num_before - num_after == fewest, seed
        assert bool(settled.reasons) == (fewest > 0), seed
        kept = {kind: list(getattr(settled.problem, kind)) for kind in ("locked", "together", "apart")}
        assert _consistent(asked, kept), seed
        clashing += fewest > 0
    assert clashing >= 10
