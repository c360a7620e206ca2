"""Stairwell ledgers and corridors: what they say of floors, and every row that cannot be right."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from reading_samples import LEDGER, Rows, changed, faults_of, read, rules_of, write_csv, write_xlsx

from partitioner.geometry.county import CORRIDOR_COLUMNS, FLOOR_COLUMNS, County
from partitioner.io.reading.cells import CellError
from partitioner.io.reading.stairwell_cells import read_floors_cell, read_mark, read_ordinal, read_room

FLOORS = (
    ("楼栋编号", "单元", "楼层", "户数"),
    ("b1", 1, 1, 10),
    ("b1", 1, 3, 8),
    ("b1", 2, 1, 18),
    ("b1", 3, 6, 18),
)
"""Who lives where in building b1 of the plain ledger: 54 households in three stairwells of six floors."""


def county_of(folder: Path, floors: Rows, *, ledger: Rows = LEDGER, corridors: Rows | None = None) -> County:
    paths = [write_xlsx(folder / "楼栋台账.xlsx", ledger), write_xlsx(folder / "单元台账.xlsx", floors)]
    if corridors is not None:
        paths.append(write_xlsx(folder / "连廊.xlsx", corridors))
    return read(*paths)


def listed(county: County) -> list[tuple[object, ...]]:
    assert county.floors is not None
    assert {name: str(kind) for name, kind in county.floors.dtypes.items()} == FLOOR_COLUMNS
    rows = county.floors[["building", "stairwell", "floor", "floors", "households"]]
    return [
        tuple(None if value is None or value != value else value for value in row)
        for row in rows.astype(object).where(rows.notna(), None).itertuples(index=False)
    ]


def test_a_county_without_stairwell_ledger_has_no_floors(tmp_path: Path) -> None:
    county = read(write_csv(tmp_path / "台账.csv"))
    assert county.floors is None
    assert county.corridors is None
    assert county.buildings["building"].tolist() == ["b1", "b2", "b3"]


def test_rows_per_floor_are_read_as_they_stand(tmp_path: Path) -> None:
    assert listed(county_of(tmp_path, FLOORS)) == [
        ("b1", 1, 1, None, 10), ("b1", 1, 3, None, 8), ("b1", 2, 1, None, 18), ("b1", 3, 6, None, 18),
    ]  # fmt: skip


def test_where_each_stairwell_has_one_row_the_storey_column_counts_floors(tmp_path: Path) -> None:
    rows = [FLOORS[0], ("b1", 1, 6, 20), ("b1", 2, 6, 20), ("b1", 3, 5, 14)]
    assert listed(county_of(tmp_path, rows)) == [
        ("b1", 1, None, 6, 20), ("b1", 2, None, 6, 20), ("b1", 3, None, 5, 14),
    ]  # fmt: skip


def test_a_ledger_is_recognised_by_its_rows_whatever_its_name(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "b.xlsx", FLOORS)
    assert len(listed(read(write_xlsx(tmp_path / "a.xlsx"), tmp_path / "b.xlsx"))) == 4


def test_a_building_ledger_with_headings_of_stairwells_stays_one(tmp_path: Path) -> None:
    rows = [("楼栋编号", "小区", "社区", "户数", "单元", "楼层", "经度", "纬度"), *LEDGER[1:]]
    county = read(write_xlsx(tmp_path / "单元.xlsx", rows))
    assert county.floors is None
    assert county.buildings["stairwells"].tolist() == [3, 3, 4]


@pytest.mark.parametrize("heads", [("小区", "楼号"), ("小区", "楼栋")], ids=["number", "building"])
def test_buildings_are_met_by_compound_and_number(tmp_path: Path, heads: tuple[str, str]) -> None:
    ledger = [
        ("小区", "楼号", "户数", "单元数", "层数", "经度", "纬度"),
        ("幸福里", "1号楼", 54, 3, 6, 116.300, 39.430),
        ("和平苑", "1号楼", 60, 3, 6, 116.301, 39.430),
    ]
    floors = [(*heads, "单元", "楼层", "户数"), *[("幸福里", "1", *row[1:]) for row in FLOORS[1:]]]
    assert {row[0] for row in listed(county_of(tmp_path, floors, ledger=ledger))} == {"幸福里-1号楼"}


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (3, 3),
        ("3", 3),
        ("3单元", 3),
        ("三单元", 3),
        ("十二层", 12),
        ("二十", 20),
        ("１２楼", 12),
        ("6F", 6),
        (" ", None),
    ],
)
def test_stairwells_and_floors_as_people_write_them(cell: object, number: int | None) -> None:
    assert read_ordinal(cell) == number


@pytest.mark.parametrize("cell", [0, -1, "0", "-1层", "1-6", "东单元", 2.5, "零"])
def test_what_is_no_number_from_one_is_not_guessed(cell: object) -> None:
    with pytest.raises(CellError):
        read_ordinal(cell)


@pytest.mark.parametrize(
    ("row", "column", "value", "rule"),
    [
        (2, "楼栋编号", "b9", "stairwell_building_unknown"),
        (2, "单元", None, "stairwell_blank"),
        (2, "单元", "不详", "stairwell_unread"),
        (2, "单元", "1-3", "stairwell_unread"),
        (2, "单元", 0, "stairwell_number"),
        (2, "楼层", -1, "stairwell_number"),
        (2, "楼层", "6-1", "floor_unread"),
        (2, "楼层", "地下1-2", "floor_unread"),
        (2, "楼层", datetime.date(2026, 1, 6), "code_date"),
        (2, "楼层", "1-7", "stairwell_beyond"),
        (3, "楼层", "1-3", "stairwell_twice"),
        (2, "楼层", 999, "stairwell_number"),
        (2, "楼层", 7, "stairwell_beyond"),
        (2, "单元", 4, "stairwell_beyond"),
        (3, "楼层", 1, "stairwell_twice"),
        (3, "楼层", None, "stairwell_mixed"),
        (2, "户数", 11, "stairwells_sum"),
        (2, "户数", -1, "households_negative"),
    ],
)
def test_every_bad_row_is_named(tmp_path: Path, row: int, column: str, value: object, rule: str) -> None:
    found = faults_of(lambda: county_of(tmp_path, changed(row, column, value, FLOORS)))
    assert found[rule][0].place.file == "单元台账.xlsx"
    assert found[rule][0].place.row == (2 if rule == "stairwells_sum" else row)


def test_a_bad_row_does_not_bring_up_a_wrong_sum_as_well(tmp_path: Path) -> None:
    found = faults_of(lambda: county_of(tmp_path, changed(2, "楼层", 7, FLOORS)))
    assert set(found) == {"stairwell_beyond"}


def test_unknown_households_and_stairwells_come_from_the_ledger(tmp_path: Path) -> None:
    ledger = changed(2, "户数", None, changed(2, "单元数", None))
    county = county_of(tmp_path, FLOORS, ledger=ledger)
    assert county.buildings["households"].tolist() == [54, 60, 72]
    assert county.buildings["stairwells"].tolist() == [3, 3, 4]
    assert "households_from_stairwells" in rules_of(county)


CORRIDORS = (("楼栋编号", "单元A", "单元B", "楼层"), ("b1", 1, 3, 6))


def test_corridors_are_read(tmp_path: Path) -> None:
    corridors = county_of(tmp_path, FLOORS, corridors=CORRIDORS).corridors
    assert corridors is not None
    assert {name: str(kind) for name, kind in corridors.dtypes.items()} == CORRIDOR_COLUMNS
    assert corridors.to_numpy().tolist() == [["b1", 1, 3, 6]]


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("楼栋编号", "b9", "stairwell_building_unknown"),
        ("单元A", 3, "corridor_same"),
        ("单元B", 4, "stairwell_beyond"),
        ("楼层", 7, "stairwell_beyond"),
        ("楼层", None, "stairwell_blank"),
    ],
)
def test_bad_corridors_are_named(tmp_path: Path, column: str, value: object, rule: str) -> None:
    found = faults_of(lambda: county_of(tmp_path, FLOORS, corridors=changed(2, column, value, CORRIDORS)))
    assert [(fault.place.file, fault.place.row) for fault in found[rule]] == [("连廊.xlsx", 2)]


@pytest.mark.parametrize(
    ("cell", "floors"),
    [
        ("1-6", (1, 6)),
        ("3~5层", (3, 5)),
        ("３～５层", (3, 5)),
        ("3至5", (3, 5)),
        ("3到5层", (3, 5)),
        ("地上1-18", (1, 18)),
        ("1层—6层", (1, 6)),
        ("第二至五层", (2, 5)),
        ("1F-3F", (1, 3)),
        (7, (7, 7)),
        ("七层", (7, 7)),
        ("", None),
    ],
)
def test_ranges_of_floors_as_offices_write_them(cell: object, floors: tuple[int, int] | None) -> None:
    assert read_floors_cell(cell) == floors


@pytest.mark.parametrize("cell", ["6-1", "1-3-5", "1-", "地下1-2", "1、3", "全部", "-2-1"])
def test_what_is_no_range_from_below_to_above_is_not_guessed(cell: object) -> None:
    with pytest.raises(CellError):
        read_floors_cell(cell)


@pytest.mark.parametrize(
    ("cell", "title"),
    [
        ("A", "A单元"),
        ("a单元", "A单元"),
        ("Ｂ", "B单元"),
        ("甲单元", "甲单元"),
        ("东 单元", "东单元"),
        ("东门", "东门"),
        ("A1", "A1单元"),
    ],
)
def test_stairwells_with_names_keep_them(cell: object, title: str) -> None:
    mark = read_mark(cell)
    assert mark is not None
    assert (mark.number, mark.title) == (None, title)


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("1502", (None, 15, 2)),
        (301, (None, 3, 1)),
        ("2-1502", (2, 15, 2)),
        ("2单元301室", (2, 3, 1)),
        ("二单元301", (2, 3, 1)),
        ("A-0301", ("A", 3, 1)),
        ("东门302号", ("东", 3, 2)),
    ],
)
def test_rooms_tell_floor_and_stairwell(cell: object, told: tuple[object, int, int]) -> None:
    room = read_room(cell)
    assert room is not None
    mark, floor, number = room
    assert (mark and (mark.number or mark.name), floor, number) == told


@pytest.mark.parametrize("cell", ["15", "15-02", "3-2-1502", "10102", "1500", "前院", "不详-301"])
def test_rooms_that_do_not_tell_their_floor_are_not_guessed(cell: object) -> None:
    with pytest.raises(CellError):
        read_room(cell)


def test_a_lone_range_from_the_first_floor_is_the_whole_stairwell_and_others_are_shared(tmp_path: Path) -> None:
    rows = [FLOORS[0], ("b1", 1, "地上1-6", 20), ("b1", 2, "1层", 2), ("b1", 2, "2至6", 12), ("b1", 3, "3-6", 20)]
    county = county_of(tmp_path, rows)
    assert listed(county) == [
        ("b1", 1, None, 6, 20), ("b1", 2, 1, None, 2),
        *[("b1", 2, floor, None, share) for floor, share in ((2, 3), (3, 2), (4, 3), (5, 2), (6, 2))],
        *[("b1", 3, floor, None, 5) for floor in (3, 4, 5, 6)],
    ]  # fmt: skip
    assert county.floors is not None
    assert county.floors["shared"].tolist() == [False, False, *[True] * 9]
    notice = next(n for n in county.notices if n.rule == "floors_shared")
    assert (notice.place.row, "2 行" in notice.message.zh) == (4, True)


@pytest.mark.parametrize(
    ("names", "numbers"),
    [
        (["B", "A", "C"], [2, 1, 3]),
        (["乙", "甲", "丙"], [2, 1, 3]),
        (["东单元", "西单元", "中单元"], [3, 1, 2]),
        (["商住", "公寓", "东"], [1, 2, 3]),
        (["A", 1, "B单元"], [2, 1, 3]),
    ],
)
def test_names_get_numbers_in_their_own_order_or_that_of_the_ledger(
    tmp_path: Path, names: list[object], numbers: list[int]
) -> None:
    county = county_of(tmp_path, [FLOORS[0], *[("b1", name, 6, 18) for name in names]])
    assert [row[1] for row in listed(county)] == numbers
    assert county.floors is not None
    plain = [isinstance(name, int) for name in names]
    assert county.floors["name"].isna().tolist() == plain
    notice = next(n for n in county.notices if n.rule == "stairwells_named")
    assert "b1: " in notice.message.en


def test_a_list_of_rooms_is_counted_floor_by_floor(tmp_path: Path) -> None:
    ledger = changed(2, "户数", None, changed(2, "单元数", None))
    rooms = [("楼栋编号", "户室号", "户主"), *[("b1", room, "某") for room in ("1-101", "1-102", "1-202", "2-0301")]]
    county = county_of(tmp_path, rooms, ledger=ledger)
    assert listed(county) == [("b1", 1, 1, None, 2), ("b1", 1, 2, None, 1), ("b1", 2, 3, None, 1)]
    assert county.buildings["households"].tolist()[0] == 4


@pytest.mark.parametrize(
    ("room", "rule"),
    [("1-102", "room_twice"), ("102", "room_without_stairwell"), ("前院", "room_unread"), (None, "stairwell_blank")],
)
def test_every_bad_room_is_named(tmp_path: Path, room: object, rule: str) -> None:
    rooms = [("楼栋编号", "户室号"), ("b1", "1-101"), ("b1", "1-102"), ("b1", room), ("b1", "2-201")]
    found = faults_of(lambda: county_of(tmp_path, rooms))
    assert [(fault.place.row, fault.place.column) for fault in found[rule]] == [(4, "户室号")]


def test_a_room_in_another_stairwell_than_its_column_says_is_named(tmp_path: Path) -> None:
    rooms = [("楼栋编号", "单元", "房号"), ("b1", "1单元", "101"), ("b1", "1单元", "1-102"), ("b1", 1, "2-201")]
    found = faults_of(lambda: county_of(tmp_path, rooms))
    assert [fault.place.row for fault in found["room_stairwell"]] == [4]


def test_corridors_may_name_stairwells_as_the_ledger_does(tmp_path: Path) -> None:
    floors = [FLOORS[0], *[("b1", name, 6, 18) for name in ("A", "B", "C")]]
    met = county_of(tmp_path, floors, corridors=[CORRIDORS[0], ("b1", "A单元", "c", 6)]).corridors
    assert met is not None
    assert met.to_numpy().tolist() == [["b1", 1, 3, 6]]
    found = faults_of(lambda: county_of(tmp_path, floors, corridors=[CORRIDORS[0], ("b1", "A", "D", 6)]))
    assert [fault.place.column for fault in found["stairwell_unnamed"]] == ["单元B"]


def test_all_faults_of_a_ledger_come_at_once_and_bring_no_others(tmp_path: Path) -> None:
    rows = [
        FLOORS[0], ("b1", "不详", 1, 10), ("b1", 1, "6-1", 8), ("b1", 2, "1-9", 18), ("b9", 3, 6, 9), ("b1", 3, 6, "x"),
    ]  # fmt: skip
    found = faults_of(lambda: county_of(tmp_path, rows))
    told = {rule: [fault.place.row for fault in faults] for rule, faults in found.items()}
    assert told == {
        "stairwell_unread": [2], "floor_unread": [3], "stairwell_beyond": [4], "stairwell_building_unknown": [5],
        "households_text": [6],
    }  # fmt: skip
