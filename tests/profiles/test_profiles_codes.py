"""Codes read like text on the map, never repeat, and never pretend."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partitioner.model import Bounds, Graph, Labels, Plan, Problem, Units
from partitioner.profiles import STANDARDS, CodeTemplate, assign_codes, numbered_plan

TEMPLATE = "{community:0>12}{number:03d}"


def test_a_row_is_numbered_from_west_to_east_and_rows_from_the_north() -> None:
    rng = np.random.default_rng(0)
    x, y = np.meshgrid(np.arange(5.0), np.arange(4.0))
    shift = rng.uniform(-0.15, 0.15, size=(2, 20))
    codes = assign_codes(["131126001001"] * 20, x.ravel() + shift[0], y.ravel() + shift[1], TEMPLATE)
    numbers = np.array([int(code[-3:]) for code in codes]).reshape(4, 5)
    assert numbers[::-1].ravel().tolist() == list(range(1, 21))


def test_every_community_starts_at_one() -> None:
    codes = assign_codes(["131126001002", "131126001001", "131126001002"], [0, 0, 1], [0, 0, 0], TEMPLATE)
    assert codes == ("131126001002001", "131126001001001", "131126001002002")


def test_a_name_is_no_code() -> None:
    codes = assign_codes(["东关", None, "7", "１２"], [0, 0, 0, 0], [0, 0, 0, 0], TEMPLATE)
    assert codes == ("东关-001", "G001", "000000000007001", "１２-001")


def test_padded_parents_that_look_alike_do_not_share_codes() -> None:
    assert assign_codes(["1", "01"], [0, 0], [0, 0], TEMPLATE) == ("000000000001002", "000000000001001")


def test_taken_codes_are_left_out() -> None:
    codes = assign_codes([None] * 3, [0, 1, 2], [0, 0, 0], TEMPLATE, taken=["G001", "G003"])
    assert codes == ("G002", "G004", "G005")


def test_a_template_without_a_parent_numbers_the_county() -> None:
    assert assign_codes(["a", "b"], [1, 0], [0, 0], "W{number:04d}") == ("W0002", "W0001")


@pytest.mark.parametrize(
    "text",
    ["", "{number}{number}", "{community}", "{city}{number}", "{0}{number}", "{number", "{number!r}",
     "{number:{grid}}", "{grid}{community}{number}", "{number:0999d}", "{number:q}", "{number.real}", "{number:.0s}"],
)  # fmt: skip
def test_bad_templates_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        CodeTemplate(text)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["131126001001", "1", "01", "东关", "G", None]),
            st.floats(-1e6, 1e6),
            st.floats(-1e6, 1e6),
        ),
        max_size=40,
    )
)
def test_codes_are_unique_and_repeat_themselves(areas: list[tuple[str | None, float, float]]) -> None:
    parents, x, y = [a[0] for a in areas], [a[1] for a in areas], [a[2] for a in areas]
    codes = assign_codes(parents, x, y, TEMPLATE)
    assert len(set(codes)) == len(areas)
    assert codes == assign_codes(parents, x, y, TEMPLATE)


def test_lengths_must_agree() -> None:
    with pytest.raises(ValueError, match="2 parents"):
        assign_codes([None, None], [0], [0], TEMPLATE)


def test_a_plan_keeps_its_grids_when_it_is_numbered() -> None:
    units = Units(
        id=("a", "b", "c", "d"),
        households=np.array([1, 1, 9, 1]),
        x=np.array([10.0, 0.0, 11.0, 5.0]),
        y=np.zeros(4),
        parent=Labels(["1", "1", "1", None]),
    )
    graph = Graph(num_units=4, u=np.array([0]), v=np.array([2]), length_m=np.array([1.0]))
    problem = Problem(units=units, graph=graph, bounds=Bounds(min=1, max=20))
    plan = numbered_plan(problem, Plan(grid=Labels(["east", "west", "east", None])), "{community}{number:03d}")
    assert plan.grid.values() == ("1002", "1001", "1002", None)


def test_a_standard_gives_its_digits_and_its_number_of_an_undivided_community() -> None:
    beijing = STANDARDS["DB11/T 2157-2023"].filled(None)
    assert assign_codes(["110101001001"], [0], [0], beijing) == ("110101001001001",)
    managed = STANDARDS["CJ/T 349-2010"].filled("010100")
    codes = assign_codes(["110101001001"] * 2 + ["110101001002"], [0, 1, 2], [0, 0, 0], managed)
    assert codes == ("01010011010100100101", "01010011010100100102", "01010011010100100200")


@pytest.mark.parametrize("name", STANDARDS)
def test_codes_of_a_standard_are_as_long_as_it_says(name: str) -> None:
    standard = STANDARDS[name]
    template = standard.filled("010100" if standard.needs_object else None)
    for code in assign_codes(["110101001001"] * 5, np.arange(5), np.zeros(5), template):
        assert len(code) == standard.digits


@pytest.mark.parametrize("managed", [None, "", "12345", "1234567", "１２３４５６", "{number"])
def test_an_object_code_has_six_digits(managed: str | None) -> None:
    with pytest.raises(ValueError, match="six digits"):
        STANDARDS["CJ/T 349-2010"].filled(managed)
