"""Every fault of a document is named with its place, in two languages, with a remedy, all of them at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from model_documents import REMOVED, bent, faults_of, plan_document, problem_document, schema, write

from partitioner.model.json_reading import parse_json
from partitioner.model.plan_json import plan_from_json, read_plan
from partitioner.model.problem_json import problem_from_json, read_problem

NAN, INFINITY = float("nan"), float("inf")
PROBLEM_FAULTS: list[tuple[str, Any, str, str]] = [
    # where, what is put there, rule, pointer of the fault
    ("/format", "wangge-problem/2", "format", "/format"),
    ("/format", 1, "format", "/format"),
    ("/format", REMOVED, "missing_key", "/format"),
    ("/units", REMOVED, "missing_key", "/units"),
    ("/edges", REMOVED, "missing_key", "/edges"),
    ("/bounds", REMOVED, "missing_key", "/bounds"),
    ("/bonds", {}, "unknown_key", "/bonds"),
    ("/a~b", 1, "unknown_key", "/a~0b"),
    ("/name", 5, "type", "/name"),
    ("/units", [1], "type", "/units"),
    ("/units", {}, "missing_key", "/units/id"),
    ("/units", None, "type", "/units"),
    ("/edges", None, "type", "/edges"),
    ("/edges", {}, "missing_key", "/edges/u"),
    ("/bounds", None, "type", "/bounds"),
    ("/units/id", REMOVED, "missing_key", "/units/id"),
    ("/units/households", REMOVED, "missing_key", "/units/households"),
    ("/units/name", [], "unknown_key", "/units/name"),
    ("/units/id/1", "b1", "duplicate_id", "/units/id/1"),
    ("/units/id/1", 7, "type", "/units/id/1"),
    ("/units/id/1", " ", "type", "/units/id/1"),
    ("/units/id/1", None, "type", "/units/id/1"),
    ("/units/id", "b1", "type", "/units/id"),
    ("/units/households/0", -1, "range", "/units/households/0"),
    ("/units/households/0", 1.5, "type", "/units/households/0"),
    ("/units/households/0", "54", "type", "/units/households/0"),
    ("/units/households/0", None, "type", "/units/households/0"),
    ("/units/households/0", True, "type", "/units/households/0"),
    ("/units/households/0", NAN, "type", "/units/households/0"),
    ("/units/households/0", INFINITY, "type", "/units/households/0"),
    ("/units/households/0", 10**10, "range", "/units/households/0"),
    ("/units/households/0", 10**400, "range", "/units/households/0"),
    ("/units/households", [1, 2], "length", "/units/households"),
    ("/units/households", {"a": 1}, "type", "/units/households"),
    ("/units/x", REMOVED, "coordinates", "/units"),
    ("/units/x/0", "0", "type", "/units/x/0"),
    ("/units/x/0", 1e12, "range", "/units/x/0"),
    ("/units/y", [1.0], "length", "/units/y"),
    ("/units/group", ["a"], "length", "/units/group"),
    ("/units/group/0", 3, "type", "/units/group/0"),
    ("/units/parent/0", "", "type", "/units/parent/0"),
    ("/units/previous/0", ["G"], "type", "/units/previous/0"),
    ("/edges/u", REMOVED, "missing_key", "/edges/u"),
    ("/edges/w", [], "unknown_key", "/edges/w"),
    ("/edges/u/0", 3, "range", "/edges/u/0"),
    ("/edges/u/0", -1, "range", "/edges/u/0"),
    ("/edges/v/1", 1, "loop", "/edges/u/1"),
    ("/edges/v", [1], "length", "/edges/v"),
    ("/edges/length_m", [1], "length", "/edges/length_m"),
    ("/edges/length_m/0", -0.5, "range", "/edges/length_m/0"),
    ("/edges/length_m/0", None, "type", "/edges/length_m/0"),
    ("/bounds/min", 400, "bounds_order", "/bounds"),
    ("/bounds/min", -1, "range", "/bounds/min"),
    ("/bounds/min", REMOVED, "missing_key", "/bounds/min"),
    ("/bounds/max", 0, "range", "/bounds/max"),
    ("/bounds/max", "300", "type", "/bounds/max"),
    ("/bounds/target", -3, "range", "/bounds/target"),
    ("/bounds/middle", 1, "unknown_key", "/bounds/middle"),
    ("/count/min", 5, "count_order", "/count"),
    ("/count/max", 1.5, "type", "/count/max"),
    ("/count/by_parent/东/min", 3, "count_order", "/count/by_parent/东"),
    ("/count/by_parent/西", {"min": 1}, "unknown_parent", "/count/by_parent/西"),
    ("/count/by_parent/东", 3, "type", "/count/by_parent/东"),
    ("/count/by_parent", [], "type", "/count/by_parent"),
    ("/count/of", 1, "unknown_key", "/count/of"),
    ("/count", 3, "type", "/count"),
    ("/max_walk_m", -1, "range", "/max_walk_m"),
    ("/max_walk_m", "far", "type", "/max_walk_m"),
    ("/weights/walk", -1, "range", "/weights/walk"),
    ("/weights/walk", None, "type", "/weights/walk"),
    ("/weights/walk_power", 0, "range", "/weights/walk_power"),
    ("/weights/walk_power", 9, "range", "/weights/walk_power"),
    ("/weights/speed", 1, "unknown_key", "/weights/speed"),
    ("/locked/0/0", "b9", "unknown_unit", "/locked/0/0"),
    ("/locked/0", [], "set_size", "/locked/0"),
    ("/locked", "b1", "type", "/locked"),
    ("/together/0/1", "b1", "set_size", "/together/0"),
    ("/together/0/1", 4, "unknown_unit", "/together/0/1"),
    ("/apart/0", "b1", "type", "/apart/0"),
    ("/apart/0", ["b1"], "set_size", "/apart/0"),
]


@pytest.mark.parametrize(("where", "value", "rule", "pointer"), PROBLEM_FAULTS)
def test_a_fault_of_a_problem_is_told_with_its_place(where: str, value: object, rule: str, pointer: str) -> None:
    faults = faults_of(lambda: problem_from_json(bent(problem_document(), where, value), file="p.json"))
    assert (rule, pointer) in [(fault.rule, fault.place.pointer) for fault in faults]
    assert {fault.place.file for fault in faults} == {"p.json"}


# What one schema cannot say: it compares no two places, and knows neither positions nor ids.
BEYOND_SCHEMA = {
    "duplicate_id", "length", "loop", "bounds_order", "count_order", "unknown_parent", "unknown_unit", "set_size",
}  # fmt: skip


def beyond_schema(where: str, value: object, rule: str) -> bool:
    return rule in BEYOND_SCHEMA or value in (NAN, INFINITY) or (where == "/edges/u/0" and value == 3)


@pytest.mark.parametrize(("where", "value"), [fault[:2] for fault in PROBLEM_FAULTS if not beyond_schema(*fault[:3])])
def test_the_schema_refuses_what_the_reader_refuses(where: str, value: object) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(bent(problem_document(), where, value), schema("wangge-problem-1"))


PLAN_FAULTS: list[tuple[str, Any, str, str]] = [
    ("/format", "wangge-plan/2", "format", "/format"),
    ("/format", REMOVED, "missing_key", "/format"),
    ("/grid", REMOVED, "missing_key", "/grid"),
    ("/grid", "G001", "type", "/grid"),
    ("/grid/0", 1, "type", "/grid/0"),
    ("/grid/0", "", "type", "/grid/0"),
    ("/gird", [], "unknown_key", "/gird"),
    ("/status", "best", "choice", "/status"),
    ("/status", ["optimal"], "choice", "/status"),
    ("/stop_reason", None, "choice", "/stop_reason"),
    ("/objective", 3, "type", "/objective"),
    ("/objective/walk", "1", "type", "/objective/walk"),
    ("/objective/walk", -1, "range", "/objective/walk"),
    ("/objective/total", REMOVED, "missing_key", "/objective/total"),
    ("/objective/cost", 1, "unknown_key", "/objective/cost"),
    ("/bound", "0", "type", "/bound"),
    ("/gap", [], "type", "/gap"),
    ("/violations", {}, "type", "/violations"),
    ("/violations/0", "size_max", "type", "/violations/0"),
    ("/violations/0/rule", "size", "choice", "/violations/0/rule"),
    ("/violations/0/rule", REMOVED, "missing_key", "/violations/0/rule"),
    ("/violations/0/why", "", "unknown_key", "/violations/0/why"),
    ("/violations/0/units", "b1", "type", "/violations/0/units"),
    ("/violations/0/amount", "much", "type", "/violations/0/amount"),
    ("/problem", 5, "type", "/problem"),
    ("/seconds", "long", "type", "/seconds"),
    ("/seed", 1.5, "type", "/seed"),
    ("/engine", None, "type", "/engine"),
]


@pytest.mark.parametrize(("where", "value", "rule", "pointer"), PLAN_FAULTS)
def test_a_fault_of_a_plan_is_told_with_its_place(where: str, value: object, rule: str, pointer: str) -> None:
    faults = faults_of(lambda: plan_from_json(bent(plan_document(), where, value)))
    assert (rule, pointer) in [(fault.rule, fault.place.pointer) for fault in faults]


@pytest.mark.parametrize(("where", "value"), [fault[:2] for fault in PLAN_FAULTS])
def test_the_schema_of_plans_refuses_what_the_reader_refuses(where: str, value: object) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(bent(plan_document(), where, value), schema("wangge-plan-1"))


def test_all_faults_are_told_at_once() -> None:
    document = problem_document()
    for where, value in (
        ("/format", "x"),
        ("/units/households/0", -1),
        ("/units/households/1", "many"),
        ("/bounds/min", 900),
        ("/edges/u/0", 99),
        ("/locked/0/0", "b9"),
        ("/colour", "red"),
    ):
        bent(document, where, value)
    faults = faults_of(lambda: problem_from_json(document))
    assert {fault.rule for fault in faults} >= {
        "format", "range", "type", "bounds_order", "unknown_unit", "unknown_key",
    }  # fmt: skip
    assert len(faults) >= 7


def test_a_document_of_another_kind_is_named() -> None:
    for document in ([], None, 5, "text", True):
        for read in (problem_from_json, plan_from_json):
            faults = faults_of(lambda read=read, document=document: read(document))
            assert faults[0].rule == "type"
            assert faults[0].place.pointer == ""


@pytest.mark.parametrize("name", ["wangge-problem-1", "wangge-plan-1"])
def test_the_schemas_are_valid(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "json"),
        (b" \n", "json"),
        (b"{", "json"),
        (b'{"format": "wangge-problem/1",}', "json"),
        (b'{"format": NaN}', "json"),
        (b'{"format": -Infinity}', "json"),
        (b'{"a": 1, "a": 2}', "json"),
        (b'{"name": "\\ud800"}', "json"),
        (b'{"\\uDC00": 1}', "json"),
        (b"[" * 100_000, "json"),
        (b'{"a":' * 50_000, "json"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "json"),
        ('{"name": "网格"}'.encode("gb18030"), "encoding"),
        (b"\xff\xfe{\x00", "encoding"),
    ],
)
def test_files_that_are_no_documents_are_told(tmp_path: Path, content: bytes, rule: str) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    for read in (read_problem, read_plan):
        (fault,) = faults_of(lambda read=read: read(path))
        assert fault.rule == rule
        assert fault.place.file == str(path)


def test_a_syntax_error_names_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{\n "format": oops\n}')
    (fault,) = faults_of(lambda: read_problem(path))
    assert (fault.place.row, fault.place.column) == (2, "12")


def test_paths_that_cannot_be_read_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.json", problem_document())
    told = {
        "no such file": tmp_path / "none.json",
        "this is a folder, not a file": tmp_path,
        "cannot be read (Not a directory)": path / "below.json",
    }
    for message, place in told.items():
        (fault,) = faults_of(lambda place=place: read_problem(place))
        assert (fault.rule, fault.message.en) == ("unreadable", message)

    def denied(*_: object) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", denied)
    (fault,) = faults_of(lambda: read_problem(path))
    assert fault.message.en == "no permission to read"


def test_odd_paths_are_told(tmp_path: Path) -> None:
    for place in (tmp_path / ("x" * 300), Path("a\0b.json")):
        (fault,) = faults_of(lambda place=place: read_problem(place))
        assert fault.rule == "unreadable"


def test_a_value_is_shown_as_it_stands_in_the_file() -> None:
    (fault,) = faults_of(lambda: problem_from_json(bent(problem_document(), "/units/households/0", "五十四")))
    assert fault.value == json.dumps("五十四", ensure_ascii=False)


def test_a_character_written_as_two_escapes_is_read() -> None:
    assert parse_json('{"name": "\\ud83c\\udfe0"}') == {"name": "🏠"}
