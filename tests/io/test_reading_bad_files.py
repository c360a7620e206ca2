"""Files that cannot be what they claim: every one a fault, never a traceback."""

from __future__ import annotations

import json
import os
import sqlite3
import struct
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading_samples import LEDGER, changed, faults_of, footprints, read, rules_of, write_csv, write_xlsx

from partitioner.errors import Fault, InputError, OutputError, Place, Text
from partitioner.io.reading import read_county, write_fault_table
from partitioner.io.reading.catalogue import CATALOGUE
from partitioner.io.reading.sources import KINDS

FILE_KINDS = sorted(set(KINDS) - {".gdb"})


def biff8(rows: list[tuple[object, ...]]) -> bytes:
    """The smallest .xls (BIFF8 in an OLE container): one sheet of labels and numbers."""

    def record(kind: int, body: bytes = b"") -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    name = "台账".encode("utf-16-le")
    start = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0)) + record(0x0042, struct.pack("<H", 1200))
    sheet_at = len(start) + 4 + 8 + len(name) + 4
    start += record(0x0085, struct.pack("<IBBBB", sheet_at, 0, 0, 2, 1) + name) + record(0x000A)
    sheet = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            if isinstance(cell, str):
                text = cell.encode("utf-16-le")
                sheet += record(0x0204, struct.pack("<HHHHB", r, c, 0, len(cell), 1) + text)
            elif cell is not None:
                sheet += record(0x0203, struct.pack("<HHHd", r, c, 0, float(cell)))  # type: ignore[arg-type]
    stream = start + sheet + record(0x000A)
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    num = len(stream) // 512
    fat = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, num + 2), 0xFFFFFFFE]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)

    def entry(title: str, kind: int, child: int, first: int, size: int) -> bytes:
        name = title.encode("utf-16-le") + b"\0\0"
        body = name.ljust(64, b"\0") + struct.pack("<HBB", len(name), kind, 1)
        body += struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, child) + bytes(36)
        return body + struct.pack("<IQ", first, size)

    folder = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry("Workbook", 2, 0xFFFFFFFF, 2, len(stream))
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(512, b"\xff")
    return header + table + folder.ljust(512, b"\0") + stream


def test_an_old_workbook_is_read(tmp_path: Path) -> None:
    (tmp_path / "台账.xls").write_bytes(biff8(list(LEDGER)))
    county = read(tmp_path / "台账.xls")
    assert county.buildings["households"].tolist() == [54, 60, 72]
    assert county.buildings["source"].iloc[0] == "台账.xls:台账:2"


def test_paths_that_hold_nothing_are_faults(tmp_path: Path) -> None:
    assert "nothing_given" in faults_of(lambda: read())
    assert "file_missing" in faults_of(lambda: read(tmp_path / "none.gpkg"))
    assert "folder_without_data" in faults_of(lambda: read(tmp_path))
    (tmp_path / "a.pdf").write_bytes(b"x")
    assert "file_kind_unknown" in faults_of(lambda: read(tmp_path / "a.pdf"))
    assert "folder_without_data" in faults_of(lambda: read(tmp_path))
    assert faults_of(lambda: read(Path("a\0b.csv")))


@pytest.mark.parametrize("suffix", FILE_KINDS)
def test_empty_files_are_named(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"a{suffix}").write_bytes(b"")
    assert "file_empty" in faults_of(lambda: read(tmp_path / f"a{suffix}"))


@pytest.mark.parametrize("suffix", FILE_KINDS)
@pytest.mark.parametrize(
    "data", [b"\x00\x01\x02garbage" * 50, b"<html><table><tr><td>1</td></tr></table></html>", b"PK\x03\x04"]
)
def test_files_that_are_not_of_their_kind_are_faults(tmp_path: Path, suffix: str, data: bytes) -> None:
    (tmp_path / f"a{suffix}").write_bytes(data)
    faults_of(lambda: read(tmp_path / f"a{suffix}"))


def test_folders_and_files_in_each_others_place_are_faults(tmp_path: Path) -> None:
    (tmp_path / "a.gdb").write_bytes(b"x")
    (tmp_path / "b.gpkg").mkdir()
    (tmp_path / "c.gdb").mkdir()
    for name in ("a.gdb", "b.gpkg", "c.gdb"):
        faults_of(lambda name=name: read(tmp_path / name))


def test_files_cut_short_are_faults(tmp_path: Path) -> None:
    footprints().to_file(tmp_path / "buildings.gpkg")
    footprints().to_file(tmp_path / "buildings.geojson")
    write_xlsx(tmp_path / "buildings.xlsx")
    for suffix in ("gpkg", "geojson", "xlsx"):
        path = tmp_path / f"buildings.{suffix}"
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        faults_of(lambda path=path: read(path))


def test_json_that_is_no_map_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    for text, rule in (
        ("{", "json_broken"),
        ("[1, 2]", "file_not_of_kind"),
        ('{"format": "wangge-problem/1"}', "file_not_of_kind"),
        ('{"type": "FeatureCollection", "features": []}', "table_empty"),
        ("[" * 100_000, "json_broken"),
    ):
        path.write_text(text)
        assert rule in faults_of(lambda: read(path))


def test_a_workbook_with_a_password_is_told_as_such(tmp_path: Path) -> None:
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600)
    (tmp_path / "a.xlsx").write_bytes(data)
    assert "file_password" in faults_of(lambda: read(tmp_path / "a.xlsx"))


def test_unreadable_files_are_told_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_csv(tmp_path / "a.csv")

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    (fault,) = faults_of(lambda: read(path))["file_unreadable"]
    assert "Permission denied" in fault.message.en


def test_a_locked_geopackage_is_read_or_told(tmp_path: Path) -> None:
    path = tmp_path / "buildings.gpkg"
    footprints().to_file(path)
    lock = sqlite3.connect(path)
    lock.execute("BEGIN EXCLUSIVE")
    try:
        assert len(read(path).buildings) == 3
    except InputError as error:
        assert {fault.rule for fault in error.faults} == {"file_not_of_kind"}  # noqa: PT017
    finally:
        lock.close()


def test_a_read_only_folder_is_enough_to_read(tmp_path: Path) -> None:
    folder = tmp_path / "map"
    folder.mkdir()
    footprints().to_file(folder / "buildings.gpkg")
    os.chmod(folder, 0o555)
    try:
        assert len(read(folder).buildings) == 3
        assert sorted(p.name for p in folder.iterdir()) == ["buildings.gpkg"]
    finally:
        os.chmod(folder, 0o755)


def test_huge_tables_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("partitioner.io.reading.sources.MAX_FILE_BYTES", 10)
    path = write_csv(tmp_path / "a.csv")
    assert "file_huge" in faults_of(lambda: read(path))


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("partitioner.io.reading.workbooks.MAX_FILE_BYTES", 10)
    path = write_xlsx(tmp_path / "a.xlsx")
    assert "file_not_of_kind" in faults_of(lambda: read(path))


def test_text_in_no_known_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("编号,户数\n1,2\n".encode("gb18030") + b"\xff\xff\xff\n")
    assert "encoding_unknown" in faults_of(lambda: read(tmp_path / "a.csv"))


def test_headings_without_rows_and_blank_sheets_are_told(tmp_path: Path) -> None:
    assert "table_empty" in faults_of(lambda: read(write_csv(tmp_path / "a.csv", LEDGER[:1])))
    openpyxl.Workbook().save(tmp_path / "b.xlsx")
    assert "table_empty" in faults_of(lambda: read(tmp_path / "b.xlsx"))
    assert "table_empty" in faults_of(lambda: read(write_csv(tmp_path / "c.csv", [("", ""), ("", "")])))


def test_blank_sheets_beside_full_ones_do_not_matter(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(path)
    book.create_sheet("Sheet2")
    book.create_sheet("Sheet3").append(["户数", "楼号"])
    book.save(path)
    county = read(path)
    assert len(county.buildings) == 3
    assert "table_without_rows" in rules_of(county)


@pytest.mark.parametrize(("cell", "shown"), [("#N/A", "#N/A"), ("=SUM(A1:A2)", "=…")])
def test_errors_and_formulas_never_calculated_are_not_taken_for_blank(tmp_path: Path, cell: str, shown: str) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", changed(3, "户数", cell))
    (fault,) = faults_of(lambda: read(path))["households_text"]
    assert (fault.place.row, fault.value) == (3, shown)


def test_two_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    for folder in ("north", "south"):
        (tmp_path / folder).mkdir()
    first = write_csv(tmp_path / "north" / "a.csv")
    second = write_csv(tmp_path / "south" / "a.csv", changed(2, "户数", "x"))
    assert faults_of(lambda: read(first, second))["households_text"][0].place.file == "south/a.csv"
    assert len(read(first, first).buildings) == 3


def test_faults_are_written_as_a_workbook(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", changed(3, "户数", "=1+1"))
    with pytest.raises(InputError) as caught:
        read(path)
    target = tmp_path / "faults.xlsx"
    write_fault_table(caught.value.faults, target)
    rows = list(openpyxl.load_workbook(target).active.iter_rows(values_only=True))
    assert len(rows) == 1 + len(caught.value.faults)
    assert rows[1][:6] == ("a.csv", None, 3, "户数", "=1+1", "households_text")
    assert rows[1][6]
    assert rows[1][9]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.csv", "faults.xlsx"]


def test_a_fault_table_that_cannot_be_written_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = Fault(rule="x", message=Text("甲", "a"), remedy=Text("乙", "b"), place=Place())
    with pytest.raises(OutputError):
        write_fault_table([fault], tmp_path / "none" / "faults.xlsx")
    target = tmp_path / "faults.xlsx"
    target.write_bytes(b"before")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("partitioner.io.reading.fault_table.os.replace", full)
    with pytest.raises(OutputError):
        write_fault_table([fault], target)
    assert target.read_bytes() == b"before"
    assert [p.name for p in tmp_path.iterdir()] == ["faults.xlsx"]


def test_the_reference_lists_every_code() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "input-files.md").read_text("utf-8")
    assert [code for code in CATALOGUE if f"`{code}`" not in page] == []


def only_input_errors(path: Path) -> None:
    """Reading gives a county or names what is wrong; it never fails in another way."""
    try:
        county = read_county([path])
    except InputError as error:
        error.text()
    else:
        assert county.buildings["id"].is_unique
        assert not county.buildings.geometry.isna().any()


FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
CELL = st.one_of(
    st.none(),
    st.sampled_from(
        [
            "户数",
            "编号",
            "经度",
            "纬度",
            "小区",
            "楼栋数",
            "x",
            "y",
            "合计",
            "54",
            "-1",
            "116.3",
            "39.4",
            "nan",
            "1e400",
            "0",
        ]
    ),
    st.text(max_size=6),
    st.floats().map(str),
)


@FUZZ
@given(data=st.binary(min_size=1, max_size=400), suffix=st.sampled_from(FILE_KINDS))
def test_random_bytes_raise_nothing_but_input_errors(tmp_path: Path, data: bytes, suffix: str) -> None:
    path = tmp_path / f"buildings{suffix}"
    path.write_bytes(data)
    only_input_errors(path)


@FUZZ
@given(rows=st.lists(st.lists(CELL, max_size=6), min_size=1, max_size=8))
def test_random_tables_raise_nothing_but_input_errors(tmp_path: Path, rows: list[list[object]]) -> None:
    known = [("编号", "户数", "经度", "纬度"), *rows]
    for cells in (rows, known):
        only_input_errors(
            write_csv(tmp_path / "a.csv", [[str(c or "") for c in row] for row in cells], encoding="utf-8")
        )


@pytest.fixture(scope="module")
def sound_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A small county in several formats, as bytes by file name."""
    folder = tmp_path_factory.mktemp("sound")
    footprints().to_file(folder / "buildings.gpkg")
    footprints().to_file(folder / "buildings.shp")
    write_xlsx(folder / "buildings.xlsx")
    (folder / "buildings.xls").write_bytes(biff8(list(LEDGER)))
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@FUZZ
@given(
    position=st.integers(0, 4000),
    value=st.integers(0, 255),
    suffix=st.sampled_from(["gpkg", "dbf", "shp", "xlsx", "xls"]),
)
def test_a_changed_byte_raises_nothing_but_input_errors(
    tmp_path: Path, sound_files: dict[str, bytes], position: int, value: int, suffix: str
) -> None:
    for name, sound in sound_files.items():
        (tmp_path / name).write_bytes(sound)
    path = tmp_path / f"buildings.{suffix}"
    data = bytearray(sound_files[path.name])
    data[position % len(data)] = value
    path.write_bytes(data)
    only_input_errors(path)


def test_geojson_of_odd_features_raises_nothing_but_input_errors(tmp_path: Path) -> None:
    path = tmp_path / "buildings.geojson"
    odd = [
        None,
        1,
        {},
        {"type": "Feature"},
        {"type": "Feature", "properties": None, "geometry": None},
        {"type": "Feature", "properties": {"households": [1]}, "geometry": {"type": "Polygon", "coordinates": []}},
        {"type": "Feature", "properties": {"households": 1}, "geometry": {"type": "Point", "coordinates": [None, 1]}},
        {
            "type": "Feature",
            "properties": {"households": 1},
            "geometry": {"type": "Point", "coordinates": [1e308, 1e308]},
        },
        {"type": "Feature", "properties": {"households": 1}, "geometry": {"type": "Curve", "coordinates": [1, 2]}},
    ]
    for features in ([feature] for feature in odd):
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        only_input_errors(path)
    path.write_text(json.dumps({"type": "FeatureCollection", "features": odd}))
    only_input_errors(path)


def test_a_zip_bomb_and_a_locked_zip_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.shp", bytes(100_000))
    monkeypatch.setattr("partitioner.io.reading.archives.MAX_FILE_BYTES", 1000)
    assert "file_huge" in faults_of(lambda: read(path))
