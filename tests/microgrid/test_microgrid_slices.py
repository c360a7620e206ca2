"""Buildings cut into stairwells and floors: nobody is lost, nothing is guessed where a ledger speaks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slicing import ledger, stock, stocks

from partitioner.microgrid import Depth, Slices, StairwellLedger, Stock, cut_slices, slice_ids
from partitioner.microgrid.ragged import even_shares, proportional_shares
from partitioner.microgrid.slices import assumed_counts
from partitioner.model import SliceRule

RULE = SliceRule()


def told(slices: Slices) -> dict[str, int]:
    """From id to households."""
    ids = slice_ids([f"b{k}" for k in range(9)], slices)
    return dict(zip(ids, slices.households.tolist(), strict=True))


def cut(of: Stock, depth: Depth, known: StairwellLedger | None = None) -> Slices:
    return cut_slices(of, np.full(len(of), int(depth)), RULE, known)


def test_a_building_of_known_shape_is_shared_evenly_and_flagged() -> None:
    slices = cut(stock([26], [2], [3]), Depth.FLOOR)
    assert told(slices) == {
        "b0#1-01": 5, "b0#1-02": 4, "b0#1-03": 4, "b0#2-01": 5, "b0#2-02": 4, "b0#2-03": 4,
    }  # fmt: skip
    assert slices.estimated.all()
    assert not slices.assumed.any()
    assert told(cut(stock([27], [2], [3]), Depth.STAIRWELL)) == {"b0#1": 14, "b0#2": 13}
    assert told(cut(stock([27], [2], [3]), Depth.WHOLE)) == {"b0": 27}


def test_small_houses_and_what_cannot_be_cut_stay_whole() -> None:
    assert told(cut(stock([3, 20, 0], [4, 1, 2], [6, 1, 6]), Depth.FLOOR)) == {"b0": 3, "b1": 20, "b2": 0}
    assert not cut(stock([3, 20], [4, 1], [6, 1]), Depth.FLOOR).estimated.any()
    assert told(cut(stock([20], [1], [6]), Depth.STAIRWELL)) == {"b0": 20}


def test_doors_of_one_storey_are_stairwells_without_floors() -> None:
    assert told(cut(stock([8], [4], [1]), Depth.FLOOR)) == {"b0#1": 2, "b0#2": 2, "b0#3": 2, "b0#4": 2}


def test_units_left_out_give_no_slice() -> None:
    slices = cut_slices(stock([20, 30], [2, 2], [1, 1]), np.array([Depth.OUT, Depth.STAIRWELL]), RULE)
    assert told(slices) == {"b1#1": 15, "b1#2": 15}
    assert slices.unit.tolist() == [1, 1]


def test_a_hundred_floors_have_three_digits() -> None:
    ids = slice_ids(["t"], cut(stock([200], [1], [100]), Depth.FLOOR))
    assert (ids[0], ids[-1]) == ("t#1-001", "t#1-100")
    assert ids == sorted(ids)


@pytest.mark.parametrize(
    ("households", "stairwells", "floors", "expected"),
    [
        (67, 0, 6, (6, 6)),  # 67 / (6 × 2) = 5.6
        (83, 0, 5, (7, 5)),  # lower buildings have larger landings: 83 / 12 = 6.9
        (193, 0, 9, (5, 9)),  # with a lift: 193 / (9 × 4) = 5.4
        (40, 0, 0, (3, 6)),  # a walk-up: 40 / 12 = 3.3
        (5, 0, 0, (1, 3)),  # five homes fill three floors of two
        (100, 0, 0, (1, 18)),  # more than 60: a tower, 100 / 72 = 1.4
        (120, 0, 0, (2, 18)),
        (48, 2, 0, (2, 6)),  # 24 a stairwell: four homes on each of six floors
        (50, 2, 0, (2, 18)),  # 25 a stairwell: more than that
        (30, 3, 5, (3, 5)),
        (0, 0, 0, (1, 1)),
    ],
)
def test_unknown_shapes_are_assumed_as_documented(
    households: int, stairwells: int, floors: int, expected: tuple[int, int]
) -> None:
    counts = assumed_counts(stock([households], [stairwells], [floors]), RULE)
    assert (int(counts[0][0]), int(counts[1][0])) == expected


def test_what_was_assumed_is_flagged_apart_from_what_was_shared() -> None:
    slices = cut(stock([24, 24, 24], [2, 0, 2], [6, 6, 0]), Depth.FLOOR)
    assert [bool(slices.assumed[slices.building == b].all()) for b in range(3)] == [False, True, True]
    assert not slices.assumed[slices.building == 0].any()


def test_the_ledger_is_taken_as_it_stands() -> None:
    known = ledger((0, 1, 0, 0, 10), (0, 2, 1, 0, 6), (0, 2, 3, 0, 7))
    slices = cut(stock([23], [2], [3]), Depth.FLOOR, known)
    assert told(slices) == {
        "b0#1-01": 4, "b0#1-02": 3, "b0#1-03": 3, "b0#2-01": 6, "b0#2-02": 0, "b0#2-03": 7,
    }  # fmt: skip
    assert slices.estimated.tolist() == [True] * 3 + [False] * 3
    assert told(cut(stock([23], [2], [3]), Depth.STAIRWELL, known)) == {"b0#1": 10, "b0#2": 13}
    assert not cut(stock([23], [2], [3]), Depth.STAIRWELL, known).estimated.any()


def test_stairwells_of_one_building_may_differ_in_height() -> None:
    known = ledger((0, 1, 0, 2, 10), (0, 2, 0, 3, 10))
    assert list(told(cut(stock([20]), Depth.FLOOR, known))) == ["b0#1-01", "b0#1-02", "b0#2-01", "b0#2-02", "b0#2-03"]
    known = ledger((0, 1, 1, 0, 10), (0, 1, 2, 0, 3), (0, 2, 1, 0, 7))
    assert list(told(cut(stock([20]), Depth.FLOOR, known))) == ["b0#1-01", "b0#1-02", "b0#2"]


def test_a_ledger_that_does_not_add_up_is_refused() -> None:
    with pytest.raises(ValueError, match="add up"):
        cut(stock([24], [2], [3]), Depth.FLOOR, ledger((0, 1, 0, 0, 10), (0, 2, 0, 0, 13)))


def test_a_stairwell_that_an_upper_level_made_is_cut_by_floors_alone() -> None:
    parts = Stock(
        building=np.array([0, 0, 0]),
        stairwell=np.array([1, 2, 2]),
        floor=np.array([0, 1, 2]),
        households=np.array([10, 6, 7]),
        stairwells=np.array([1, 1, 1]),
        floors=np.array([3, 3, 3]),
    )
    known = ledger((0, 1, 1, 0, 9), (0, 1, 3, 0, 1), (0, 2, 1, 0, 6), (0, 2, 2, 0, 7))
    slices = cut(parts, Depth.FLOOR, known)
    assert told(slices) == {"b0#1-01": 9, "b0#1-02": 0, "b0#1-03": 1, "b0#2-01": 6, "b0#2-02": 7}
    assert slices.unit.tolist() == [0, 0, 0, 1, 2]
    assert not slices.estimated.any()


@given(stocks())
def test_households_are_conserved_ids_unique_floors_consecutive(
    case: tuple[Stock, np.ndarray, StairwellLedger],
) -> None:
    of, depth, known = case
    slices = cut_slices(of, depth, RULE, known)
    there = np.where(depth == Depth.OUT, 0, of.households)
    assert np.bincount(slices.unit, slices.households, minlength=len(of)).tolist() == there.tolist()
    ids = slice_ids([f"b{k}" for k in range(len(of))], slices)
    assert len(set(ids)) == len(ids)
    for b in range(len(of)):
        mine = slices.building == b
        stairwells = sorted(set(slices.stairwell[mine].tolist()))
        assert stairwells in ([0], [], list(range(1, len(stairwells) + 1)))
        for s in stairwells:
            floors = slices.floor_low[mine & (slices.stairwell == s)].tolist()
            assert floors in ([0], list(range(1, len(floors) + 1)))
    listed = np.isin(slices.building, known.building)
    assert (slices.households[slices.estimated & ~listed] <= of.households.max()).all()


@given(stocks())
def test_floors_of_a_stairwell_hold_what_the_stairwell_holds(case: tuple[Stock, np.ndarray, StairwellLedger]) -> None:
    of, _, known = case
    floors = cut_slices(of, np.full(len(of), 2), RULE, known)
    stairwells = cut_slices(of, np.full(len(of), 1), RULE, known)
    fine = np.zeros((len(of), 300), dtype=np.int64)
    np.add.at(fine, (floors.building, floors.stairwell), floors.households)
    for b, s, households in zip(stairwells.building, stairwells.stairwell, stairwells.households, strict=True):
        assert households == (fine[b, s] if s else fine[b].sum())


def test_even_shares_are_spread_and_the_first_is_larger() -> None:
    assert even_shares(np.array([7, 2]), np.array([3, 4])).tolist() == [3, 2, 2, 1, 0, 1, 0]
    assert even_shares(np.array([31]), np.array([9])).tolist() == [4, 3, 4, 3, 4, 3, 4, 3, 3]


@given(st.integers(0, 500), st.integers(1, 40), st.integers(1, 40))
def test_any_few_even_shares_in_a_row_differ_by_one_from_any_others(total: int, num: int, window: int) -> None:
    shares = even_shares(np.array([total]), np.array([num]))
    assert shares.sum() == total
    sums = np.convolve(shares, np.ones(min(window, num), dtype=np.int64), "valid")
    assert np.ptp(sums) <= 1


def test_proportional_shares_are_exact() -> None:
    run = np.array([0, 0, 0, 1, 1])
    assert proportional_shares(np.array([10, 5]), [3, 3, 1, 0, 0], run).tolist() == [4, 4, 2, 3, 2]
    assert proportional_shares(np.array([6, 0]), [3, 2, 1, 4, 4], run).tolist() == [3, 2, 1, 0, 0]
