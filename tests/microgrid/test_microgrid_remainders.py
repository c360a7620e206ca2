"""What cannot be cut lawfully is named with the least deviation, and nothing else is."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partitioner.microgrid.remainders import remainders, with_remainders
from partitioner.microgrid.trees import least_deviation
from partitioner.microgrid.wording import in_words
from partitioner.model import Bounds, Graph, Labels, Problem, Units
from partitioner.solver import Limits, solve

BOUNDS = Bounds(min=10, max=15, target=12)


def chain(*households: int, edges: list[tuple[int, int]] | None = None, parent: list[str] | None = None) -> Problem:
    num = len(households)
    pairs = [(k, k + 1) for k in range(num - 1)] if edges is None else edges
    return Problem(
        units=Units(
            id=tuple(f"b#1-{k + 1:02d}" for k in range(num)),
            households=np.array(households),
            parent=Labels(parent or ["G1"] * num),
        ),
        graph=Graph(num_units=num, u=[p[0] for p in pairs], v=[p[1] for p in pairs], length_m=[8.0] * len(pairs)),
        bounds=BOUNDS,
    )


@pytest.mark.parametrize(
    ("households", "rule", "amount"),
    [
        ((2, 2, 2, 2, 1), "size_min", 1),  # nine households standing alone
        ((4, 4, 4, 4), "size_max", 1),  # 16: one grid too many, two too few
        ((4, 4, 4, 4, 3), "size_max", 2),  # 19: by counting 1, but 11 + 8 lacks 2
        ((8, 8, 8, 8), "size_max", 2),  # no number of floors of eight: twice 16
        ((4, 20, 4), "size_max", 13),  # one floor above the bound, the rest joins it: 28
        ((5, 9, 8, 8), "size_max", 1),  # 30 in two grids: 14 + 16, never 15 + 15
        ((4,) * 19, "size_max", 1),  # 76 is no multiple of 12: five twelves and 16
        ((6, 6, 6), "size_max", 3),  # by counting 2, but 12 + 6 lacks 4
    ],
)
def test_the_least_deviation_is_named(households: tuple[int, ...], rule: str, amount: int) -> None:
    (reason,) = remainders(chain(*households))
    assert (reason.rule, reason.amount) == (rule, amount)
    for text in (reason.message, reason.remedy):
        assert text.zh
        assert text.en


@pytest.mark.parametrize("households", [(2,) * 6, (4,) * 18, (3,) * 10, (5, 9, 1, 10), (15,), (10, 10, 10)])
def test_what_can_be_cut_is_not_named(households: tuple[int, ...]) -> None:
    assert remainders(chain(*households)) == ()


def test_parts_are_looked_at_one_by_one_and_only_where_asked() -> None:
    problem = chain(4, 5, 4, 4, 4, edges=[(0, 1), (1, 2), (2, 3), (3, 4)], parent=["A", "A", "B", "B", "B"])
    (reason,) = remainders(problem)
    assert (reason.units, reason.amount) == (("b#1-01", "b#1-02"), 1)
    assert "b 1单元1–2层" in reason.message.zh
    assert "stairwell 1, floors 1–2" in reason.message.en
    assert remainders(problem, ["B"]) == ()


def test_a_part_with_a_round_way_is_judged_by_counting_alone() -> None:
    assert len(remainders(chain(5, 5, 8, 8))) == 1
    assert remainders(chain(5, 5, 8, 8, edges=[(0, 1), (1, 2), (2, 3), (0, 3)])) == ()
    assert len(remainders(chain(8, 8, 8, edges=[(0, 1), (1, 2), (0, 2)]))) == 1


def test_sums_are_proof_whatever_the_ways() -> None:
    """Two towers with four homes on each floor that meet at every floor: 29 floors are no multiple of three."""
    rungs = [(k, k + 1) for k in range(28)] + [(k, k + 14) for k in range(14)]
    (reason,) = remainders(chain(*(4,) * 29, edges=rungs))
    assert reason.amount == 2
    assert "12 户" in reason.message.zh
    assert remainders(chain(*(4,) * 30, edges=[*rungs, (28, 29)])) == ()


def test_locked_grids_are_left_out() -> None:
    problem = chain(3, 3)
    locked = Problem(units=problem.units, graph=problem.graph, bounds=BOUNDS, locked=((0, 1),))
    assert remainders(locked) == ()


def enumerated(households: list[int], edges: list[tuple[int, int]], bounds: Bounds) -> int:
    """The least deviation over every choice of edges to cut."""
    best = None
    for cuts in product([False, True], repeat=len(edges)):
        piece = list(range(len(households)))
        for (a, b), cut in zip(edges, cuts, strict=True):
            if not cut:
                old, new = piece[b], piece[a]
                piece = [new if p == old else p for p in piece]
        sizes = [sum(h for h, p in zip(households, piece, strict=True) if p == k) for k in set(piece)]
        total = sum(max(bounds.min - size, size - bounds.max, 0) for size in sizes)
        best = total if best is None else min(best, total)
    assert best is not None
    return best


@given(st.data())
def test_the_programme_over_trees_equals_trying_all_cuts(data: st.DataObject) -> None:
    num = data.draw(st.integers(1, 9))
    households = data.draw(st.lists(st.integers(0, 9), min_size=num, max_size=num))
    edges = [(data.draw(st.integers(0, k - 1)), k) for k in range(1, num)]
    low, high = sorted(data.draw(st.tuples(st.integers(0, 15), st.integers(1, 15))))
    bounds = Bounds(min=low, max=high)
    u, v = np.array(edges, dtype=np.int64).reshape(-1, 2).T
    assert least_deviation(np.array(households), u, v, bounds) == enumerated(households, edges, bounds)


@given(st.data())
def test_whatever_is_named_has_no_lawful_plan_and_the_amount_is_a_lower_bound(data: st.DataObject) -> None:
    num = data.draw(st.integers(1, 8))
    households = data.draw(st.lists(st.integers(0, 17), min_size=num, max_size=num))
    edges = [(data.draw(st.integers(0, k - 1)), k) for k in range(1, num)]
    least = enumerated(households, edges, BOUNDS)
    found = remainders(chain(*households, edges=edges))
    assert bool(found) == (least > 0)
    assert all(reason.amount == least for reason in found)


def test_the_solver_s_reasons_give_way_to_those_in_words_and_agree_with_them() -> None:
    towers = chain(
        *(4,) * 3, *(4,) * 4, *(3,) * 4, edges=[(0, 1), (1, 2), (3, 4), (4, 5), (5, 6), (7, 8), (8, 9), (9, 10)]
    )
    plain = solve(towers, Limits(step_limit=200))
    assert plain.status == "infeasible"
    told = with_remainders(towers, plain)
    assert [reason.units for reason in told.reasons] == [tuple(f"b#1-{k:02d}" for k in range(4, 8))]
    assert told.reasons[0].amount == sum(broken.amount for broken in plain.violations)
    lawful = chain(4, 4, 4)
    assert with_remainders(lawful, best := solve(lawful, Limits(step_limit=200))) is best


def test_ids_in_words() -> None:
    words = in_words(["b12#2-03", "b12#2-04", "b12#3", "房", "x#y", "t#1-101"])
    assert words.zh == "b12 2单元3–4层、b12 3单元、房、x#y 等共 5 处"
    assert words.en == "b12 stairwell 2, floors 3–4; b12 stairwell 3; 房; x#y and 1 more"
    assert in_words(["b#1-05"]).zh == "b 1单元5层"
