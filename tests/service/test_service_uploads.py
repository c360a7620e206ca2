"""Uploads that mean harm: each is refused with a reason, by a process that could be ended."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from service_running import OPTIONS, made_project, running

from service.jobs.preparing import safe_name
from service.jobs.process import DRIVERS, _environment

SOURCE = b'<OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>'
VRT = b"<OGRVRTDataSource>" + SOURCE + b"</OGRVRTDataSource>"
PIPELINE = {"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read /vsicurl/http://127.0.0.1:1/a"}
POINT = {"type": "Point", "coordinates": [float("nan"), float("inf")]}
NOWHERE = {"type": "Feature", "properties": {"id": "a", "households": 3}, "geometry": POINT}
ENTITIES = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'


def zipped(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, contents in members.items():
            archive.writestr(name, contents)
    return target.getvalue()


def zipped_links(members: dict[str, str]) -> bytes:
    """Symbolic links."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, to in members.items():
            member = zipfile.ZipInfo(name)
            member.create_system, member.external_attr = 3, 0o120777 << 16
            archive.writestr(member, to)
    return target.getvalue()


def sheet(rows: str) -> bytes:
    """A workbook of one sheet."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relation = f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    names = '<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets>'
    parts = {
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}">{names}</workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}">{relation}</Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>',
    }
    return zipped({name: text.encode() for name, text in parts.items()})


HOSTILE = {
    "virtual.geojson": VRT,
    "virtual.gpkg": VRT,
    "pipeline.geojson": json.dumps(PIPELINE).encode(),
    "service.json": b'{"type": "FeatureCollection", "links": [{"rel": "data", "href": "http://127.0.0.1:1/"}]}',
    "deep.geojson": b'{"a":' * 100_000,
    "entities.xlsx": zipped({"xl/workbook.xml": ENTITIES, "[Content_Types].xml": ENTITIES}),
    "bomb.zip": zipped({"a.shp": b"\0" * 30_000_000, "a.dbf": b"\0" * 30_000_000}),
    "traversal.zip": zipped({"../../../../tmp/a.shp": b"x", "../../a.dbf": b"x", "../../a.shx": b"x"}),
    "nested.zip": zipped({"inner.zip": zipped({"a.shp": b"x"})}),
    "truncated.gpkg": b"SQLite format 3\0" + b"\0" * 84,
    "garbage.csv": b"\x00\xff\xfe" * 10_000,
    "picture.xls": b"\x89PNG\r\n\x1a\n" + b"\0" * 1000,
    "linked.zip": zipped_links({"a.shp": "/etc/passwd", "a.dbf": "/etc/passwd", "a.shx": "/etc/passwd"}),
    "far.xlsx": sheet('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
    "cut.xlsx": sheet("")[:200],
    "columns.csv": "\n".join(",".join(["列"] * 20_000) for _ in range(2)).encode(),
    "nowhere.geojson": json.dumps({"type": "FeatureCollection", "features": [NOWHERE]}).encode(),
    "remote.csv": "编号,户数,x,y\n/vsicurl/http://127.0.0.1:1/a,/vsizip//etc/passwd,500000,4100000\n".encode(),
    "rows.csv": ("编号,户数,x,y\n" + "".join(f"{i},许多,?,!\n" for i in range(3_000))).encode(),
    "formula.csv": "编号,户数,x,y\n=cmd|' /C calc'!A0,=1+1,500000,4100000\n".encode(),
}


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, str]]:
    limits = {"reading_s": 60.0, "upload_files": 3, "rows": 100}
    with running(tmp_path_factory.mktemp("uploads"), spare=True, **limits) as server, server.client() as client:
        yield client, made_project(client)


def sent(door: tuple[httpx.Client, str], name: str, contents: bytes) -> httpx.Response:
    client, project = door
    files = {"files": (name, contents)}
    return client.post(f"{project}/datasets", files=files, data={"options": OPTIONS}, headers={"Prefer": "wait=60"})


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_it_is_refused_with_a_reason(door: tuple[httpx.Client, str], name: str) -> None:
    reply = sent(door, name, HOSTILE[name])
    assert reply.status_code == 422, reply.text[:500]
    assert reply.json()["errors"][0]["message"]
    assert "root:" not in reply.text
    assert door[0].get("/ready").status_code == 200


def test_more_rows_or_files_than_allowed_are_refused(door: tuple[httpx.Client, str]) -> None:
    rows = "编号,户数,x,y\n" + "".join(f"b{i},3,{500000 + i},4100000\n" for i in range(101))
    assert sent(door, "a.csv", rows.encode()).json()["errors"][0]["rule"] == "too_many_buildings"
    client, project = door
    many = [("files", (f"{i}.csv", b"x")) for i in range(4)]
    assert client.post(f"{project}/datasets", files=many).status_code == 413


def test_solvers_open_files_with_named_drivers_only() -> None:
    code = "import pyogrio, json; print(json.dumps(sorted(pyogrio.list_drivers())))"
    told = subprocess.run([sys.executable, "-c", code], env=_environment(), capture_output=True, text=True, check=True)
    assert set(json.loads(told.stdout)) <= DRIVERS


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\张三\\台账.xlsx", "台账.xlsx"),
        ("a\x00b.csv", "a_b.csv"),
        ("..", "file"),
        ("", "file"),
        ("长" * 300 + ".csv", "长" * 65 + ".csv"),
    ],
)
def test_of_a_name_only_the_harmless_part_is_kept(name: str, kept: str) -> None:
    assert safe_name(name) == kept
    assert Path(kept).name == kept
