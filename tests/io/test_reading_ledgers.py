"""Ledgers: text tables and workbooks, headings, codes and numbers as planners write them."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from reading_samples import LEDGER, changed, faults_of, read, rules_of, write_csv, write_xlsx

from partitioner.geometry.county import BUILDING_COLUMNS


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
def test_csv_is_read_in_every_encoding_and_separator(tmp_path: Path, encoding: str, separator: str) -> None:
    county = read(write_csv(tmp_path / "台账.csv", encoding=encoding, separator=separator))
    assert county.buildings["id"].tolist() == ["b1", "b2", "b3"]
    assert county.buildings["households"].tolist() == [54, 60, 72]
    assert county.buildings["compound"].tolist() == ["幸福里", "幸福里", "和平苑"]
    assert county.crs.to_epsg() == 4548
    assert {name: str(kind) for name, kind in county.buildings.dtypes.drop("geometry").items()} == BUILDING_COLUMNS


def test_workbook_equals_csv(tmp_path: Path) -> None:
    sheet = read(write_xlsx(tmp_path / "台账.xlsx")).buildings
    table = read(write_csv(tmp_path / "台账.csv")).buildings
    assert sheet.drop(columns=["source", "geometry"]).equals(table.drop(columns=["source", "geometry"]))
    assert sheet["source"].iloc[0] == "台账.xlsx:Sheet1:2"
    assert table["source"].iloc[0] == "台账.csv:2"


def test_source_and_column_types_are_whole(tmp_path: Path) -> None:
    buildings = read(write_csv(tmp_path / "台账.csv")).buildings
    assert not buildings["estimated"].any()
    assert buildings["stairwells"].tolist() == [3, 3, 4]
    assert buildings["special"].isna().all()


@pytest.mark.parametrize(
    "heading",
    [
        "户数",
        "居民户数",
        "住户数",
        "常住户数",
        "户数(户)",
        "户 数",
        "户数（户）",
        "households",
        "Households",
        "HH",
        "dwellings",
        "ＨＨ",
        "2023年户数",
        "总户数：",
        "实有户数",
        " 户数* ",
    ],
)
def test_headings_of_households_are_recognised(tmp_path: Path, heading: str) -> None:
    rows = changed(1, "户数", heading)
    assert read(write_xlsx(tmp_path / "a.xlsx", rows)).buildings["households"].tolist() == [54, 60, 72]


def test_english_headings_are_recognised(tmp_path: Path) -> None:
    rows = [("Building ID", "Compound", "Community", "Households", "Stairwells", "Floors", "Lon", "Lat"), *LEDGER[1:]]
    county = read(write_csv(tmp_path / "ledger.csv", rows))
    assert county.buildings["community"].tolist() == ["东街社区", "东街社区", "西街社区"]
    assert county.buildings["floors"].tolist() == [6, 6, 6]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("５４", 54),
        ("1,054", 1054),
        ("54户", 54),
        ("54 户", 54),
        ("54.0", 54),
        (54.0, 54),
        (0, 0),
        (" 54 ", 54),
        ("１，０５４", 1054),
    ],
)
def test_numbers_as_people_write_them(tmp_path: Path, cell: object, expected: int) -> None:
    rows = changed(2, "户数", cell)
    assert read(write_xlsx(tmp_path / "a.xlsx", rows)).buildings["households"].iloc[0] == expected


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        (-3, "households_negative"),
        ("-3", "households_negative"),
        ("约五十", "households_text"),
        ("NaN", "households_text"),
        ("#N/A", "households_text"),
        ("null", "households_text"),
        (54.5, "households_fraction"),
        ("54.5", "households_fraction"),
        (100_001, "households_huge"),
        ("1e300", "households_huge"),
        ("9" * 400, "households_huge"),
        (True, "households_text"),
        (datetime.datetime(2024, 1, 2), "households_text"),
        ("户", "households_text"),
        ("--", "households_text"),
    ],
)
def test_bad_households_are_named_by_row_column_and_value(tmp_path: Path, cell: object, rule: str) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", changed(3, "户数", cell))
    (fault,) = faults_of(lambda: read(path))[rule]
    assert (fault.place.file, fault.place.layer, fault.place.row, fault.place.column) == ("a.xlsx", "Sheet1", 3, "户数")
    assert fault.value is not None


def test_blank_households_mean_nobody_lives_there_and_are_counted(tmp_path: Path) -> None:
    county = read(write_xlsx(tmp_path / "a.xlsx", changed(2, "户数", None)))
    assert county.buildings["households"].isna().tolist() == [True, False, False]
    (notice,) = [n for n in county.notices if n.rule == "households_blank"]
    assert "1" in notice.message.en


def test_other_counts_that_cannot_be_read_are_left_out_with_a_notice(tmp_path: Path) -> None:
    county = read(write_xlsx(tmp_path / "a.xlsx", changed(2, "层数", "6+1")))
    assert county.buildings["floors"].isna().tolist() == [True, False, False]
    assert "number_left_out" in rules_of(county)


def test_codes_typed_as_text_keep_all_their_digits(tmp_path: Path) -> None:
    code = "131022001001000123"
    for path in (
        write_xlsx(tmp_path / "a.xlsx", changed(2, "楼栋编号", code)),
        write_csv(tmp_path / "a.csv", changed(2, "楼栋编号", code)),
    ):
        assert read(path).buildings["id"].iloc[0] == code


def test_short_codes_stored_as_numbers_become_text_without_a_point(tmp_path: Path) -> None:
    assert (
        read(write_xlsx(tmp_path / "a.xlsx", changed(2, "楼栋编号", 130102001))).buildings["id"].iloc[0] == "130102001"
    )


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        (131022001001000123, "code_digits_lost"),
        ("1.31022E+17", "code_scientific"),
        (datetime.datetime(2024, 3, 1), "code_date"),
    ],
)
def test_codes_that_lost_digits_are_refused(tmp_path: Path, cell: object, rule: str) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", changed(2, "楼栋编号", cell))
    (fault,) = faults_of(lambda: read(path))[rule]
    assert "文本" in fault.remedy.zh


def test_titles_blank_rows_totals_footnotes_and_repeated_headings_are_no_buildings(tmp_path: Path) -> None:
    blank = [None] * len(LEDGER[0])
    rows = [
        ["固安县楼栋台账", *blank[1:]],
        blank,
        LEDGER[0],
        LEDGER[1],
        blank,
        LEDGER[0],
        LEDGER[2],
        LEDGER[3],
        ["合 计", None, None, 186, *blank[4:]],
        ["注：数据截至2023年底", *blank[1:]],
        blank,
    ]
    county = read(write_xlsx(tmp_path / "a.xlsx", rows, merged=["A1:H1", "A10:H10"]))
    assert county.buildings["households"].tolist() == [54, 60, 72]
    assert county.buildings["source"].tolist() == ["a.xlsx:Sheet1:4", "a.xlsx:Sheet1:7", "a.xlsx:Sheet1:8"]
    assert {"row_total", "row_note", "row_heading"} <= rules_of(county)


def test_two_level_headings_are_read_with_their_lower_level(tmp_path: Path) -> None:
    rows = [
        ("楼栋编号", "户数", "住宅情况", None, "百度坐标", None),
        (None, None, "单元数", "层数", "经度", "纬度"),
        ("b1", 54, 3, 6, 116.31229495998, 39.43728249618),
    ]
    path = write_xlsx(tmp_path / "a.xlsx", rows, merged=["A1:A2", "B1:B2", "C1:D1", "E1:F1"])
    county = read(path)
    assert county.buildings["stairwells"].tolist() == [3]
    assert county.buildings["households"].tolist() == [54]
    assert "crs_assumed_wgs84" not in rules_of(county)  # the upper level carries the system


def test_merged_names_count_in_every_row(tmp_path: Path) -> None:
    rows = changed(3, "小区", None)
    county = read(write_xlsx(tmp_path / "a.xlsx", rows, merged=["B2:B3"]))
    assert county.buildings["compound"].tolist() == ["幸福里", "幸福里", "和平苑"]


def test_merged_households_are_refused_since_their_split_is_not_known(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", changed(3, "户数", None), merged=["D2:D3"])
    (fault,) = faults_of(lambda: read(path))["households_merged"]
    assert fault.place.row == 3


def test_blank_columns_and_trailing_blanks_do_not_matter(tmp_path: Path) -> None:
    rows = [[row[0], None, *row[1:], None, " "] for row in LEDGER]
    assert read(write_xlsx(tmp_path / "a.xlsx", rows)).buildings["households"].sum() == 186


def test_the_plain_heading_wins_over_a_variant_and_says_so(tmp_path: Path) -> None:
    rows = [[*row, extra] for row, extra in zip(LEDGER, ("常住户数", 1, 1, 1), strict=True)]
    county = read(write_xlsx(tmp_path / "a.xlsx", rows))
    assert county.buildings["households"].sum() == 186
    assert "heading_chosen" in rules_of(county)


def test_two_equal_headings_are_a_fault_until_one_is_declared(tmp_path: Path) -> None:
    rows = [[*row, extra] for row, extra in zip(changed(1, "户数", "住户数"), ("常住户数", 1, 1, 1), strict=True)]
    path = write_xlsx(tmp_path / "a.xlsx", rows)
    assert "heading_ambiguous" in faults_of(lambda: read(path))
    assert read(path, columns={"households": "常住户数"}).buildings["households"].sum() == 3


def test_unknown_headings_can_be_declared(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", changed(1, "户数", "NB_LOGTS"))
    assert "households_column_missing" in faults_of(lambda: read(path))
    assert read(path, columns={"households": "NB_LOGTS"}).buildings["households"].sum() == 186


def test_declared_names_that_meet_nothing_are_faults(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv")
    found = faults_of(
        lambda: read(path, columns={"households": "nix", "wrong": "户数"}, roles={"x": "buildings"}, crs={"y": "gcj02"})
    )
    assert {"column_missing", "field_unknown", "target_missing"} <= found.keys()
    assert len(found["target_missing"]) == 2


def test_rows_shifted_by_a_stray_separator_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,户数,lon,lat\nb1,54,116.3,39.4\nb2,1,054,116.3,39.4\n", encoding="utf-8")
    (fault,) = faults_of(lambda: read(path))["row_too_long"]
    assert fault.place.row == 3


def test_missing_ids_are_made_and_said(tmp_path: Path) -> None:
    county = read(write_csv(tmp_path / "a.csv", [row[3:] for row in LEDGER]))
    assert county.buildings["id"].tolist() == ["b1", "b2", "b3"]
    assert "id_made" in rules_of(county)


def test_compound_and_number_make_an_id(tmp_path: Path) -> None:
    rows = [("楼号", *LEDGER[0][1:]), *[(k, *row[1:]) for k, row in enumerate(LEDGER[1:], start=1)]]
    buildings = read(write_xlsx(tmp_path / "a.xlsx", rows)).buildings
    assert buildings["id"].tolist() == ["幸福里-1号楼", "幸福里-2号楼", "和平苑-3号楼"]
    assert buildings["name"].tolist() == ["1号楼", "2号楼", "3号楼"]


def test_blank_ids_beside_given_ones_and_repeated_ids_are_faults(tmp_path: Path) -> None:
    blank = write_csv(tmp_path / "a.csv", changed(3, "楼栋编号", ""))
    assert faults_of(lambda: read(blank))["id_blank"][0].place.row == 3
    twice = write_csv(tmp_path / "b.csv", changed(3, "楼栋编号", "b1"))
    (fault,) = faults_of(lambda: read(twice))["id_twice"]
    assert fault.place.row == 3
    assert "b.csv:2" in fault.message.en


def test_hidden_sheets_are_not_read(tmp_path: Path) -> None:
    import openpyxl

    path = write_xlsx(tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(path)
    copy = book.copy_worksheet(book.active)
    copy.sheet_state = "hidden"
    book.save(path)
    county = read(path)
    assert len(county.buildings) == 3
    assert "sheet_hidden" in rules_of(county)


def test_all_faults_of_all_files_come_at_once(tmp_path: Path) -> None:
    first = write_csv(tmp_path / "a.csv", changed(2, "户数", "x"))
    second = write_xlsx(tmp_path / "b.xlsx", changed(3, "户数", -1))
    found = faults_of(lambda: read(first, second, tmp_path / "none.csv"))
    assert {"households_text", "households_negative", "file_missing", "id_twice"} <= found.keys()


def test_a_ledger_that_lacks_its_households_is_told_so(tmp_path: Path) -> None:
    rows = [[cell for k, cell in enumerate(row) if k != LEDGER[0].index("户数")] for row in LEDGER]
    found = faults_of(lambda: read(write_csv(tmp_path / "a.csv", rows)))
    assert found.keys() == {"households_column_missing"}
