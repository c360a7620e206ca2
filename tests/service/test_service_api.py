"""A planner's day over HTTP: upload, plan, look, edit, save, redraw, compare, staff, approve."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from service_running import LEDGER, Server, awaited, ended, made_project, over, running, uploaded

EN = {"Accept-Language": "en"}


@dataclass
class Day:
    """What the tests of this module look at; made once."""

    server: Server
    client: httpx.Client
    project: str
    dataset: dict[str, Any]
    job: dict[str, Any]
    plan: dict[str, Any]

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.client.get(f"{self.project}{path}", headers=headers)

    def of_plan(self, path: str, **headers: str) -> httpx.Response:
        return self.client.get(f"{self.plan['links']['self']}{path}", headers=headers)

    def draft(self) -> tuple[str, dict[str, Any]]:
        reply = self.client.post(f"{self.project}/drafts", json={"plan": self.plan["id"]})
        assert reply.status_code == 201, reply.text
        return reply.headers["location"], reply.json()

    def edit(self, draft: str, revision: int, body: dict[str, Any]) -> httpx.Response:
        return self.client.post(f"{draft}/edits", json=body, headers={"If-Match": f'"{revision}"'})


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    with running(tmp_path_factory.mktemp("day"), spare=True, running_jobs=1) as server, server.client() as client:
        project = made_project(client)
        dataset = uploaded(client, project)
        assert dataset.status_code == 201, dataset.text
        job = ended(client, project, "plan", {"dataset": dataset.json()["id"]}, name="第一版")
        assert job["state"] == "successful", job
        plan = client.get(job["links"]["plan"]).json()
        yield Day(server, client, project, dataset.json(), job, plan)


def test_an_upload_says_what_was_recognised(day: Day) -> None:
    summary = day.dataset["summary"]
    assert (summary["num_buildings"], summary["households"]) == (12, sum(110 + i for i in range(12)))
    assert summary["tables"][0]["columns"] == {
        "community": "社区",
        "compound": "小区",
        "households": "户数",
        "id": "编号",
    }
    layer = day.client.get(day.dataset["links"]["buildings"])
    assert layer.headers["content-type"] == "application/geo+json"
    assert len(layer.json()["features"]) == 12


def test_faults_come_by_row_in_the_readers_language_and_as_a_workbook(day: Day) -> None:
    bad = LEDGER.replace("东苑,113", "东苑,-3").replace("东苑,114", "东苑,许多")
    reply = uploaded(day.client, day.project, bad)
    assert reply.status_code == 422
    problem = reply.json()
    assert reply.headers["content-type"] == "application/problem+json"
    assert [(e["row"], e["column"], e["value"]) for e in problem["errors"]] == [(5, "户数", "-3"), (6, "户数", "许多")]
    assert "负" in problem["errors"][0]["message"]
    english = day.client.get(f"{day.project}/datasets/{problem['dataset']}/faults", headers=EN).json()
    assert "negative" in english["items"][0]["message"]
    assert day.client.get(problem["download"]).content[:2] == b"PK"


def test_a_refused_file_can_be_read_again_with_other_options(day: Day) -> None:
    reply = uploaded(day.client, day.project, LEDGER.replace("户数", "数目"))
    assert reply.status_code == 422
    again = day.client.post(
        f"{day.project}/datasets/{reply.json()['dataset']}/readings",
        json={"options": {"crs": "EPSG:4547", "columns": {"households": "数目"}}},
        headers={"Prefer": "wait=60"},
    )
    assert again.status_code == 201, again.text
    assert again.json()["summary"]["num_inhabited"] == 12


def put(client: httpx.Client, project: str, ledger: str, options: str) -> dict[str, Any]:
    """The dataset, or the problem, that a ledger gave."""
    told: dict[str, Any] = uploaded(client, project, ledger, options=options).json()
    return told


def test_a_project_has_a_coordinate_system_for_files_that_name_none(day: Day) -> None:
    """What an upload says wins over it, what the files say too; without either, plain metres are a fault."""
    client, body = day.client, {"name": "有坐标系的县", "crs": "epsg:4547"}
    made = client.post("/api/v1/projects", json=body).json()
    project = made["links"]["self"]
    assert (made["crs"], client.get(project).json()["crs"]) == ("EPSG:4547", "EPSG:4547")
    for options, crs in (
        ("{}", "EPSG:4547"),
        ('{"crs": "EPSG:4548"}', "EPSG:4548"),
        ('{"crs": {"楼栋台账.csv": "EPSG:4546"}}', "EPSG:4546"),
    ):
        assert put(client, project, LEDGER, options)["summary"]["crs"] == crs
    degrees = LEDGER.replace("x,y", "经度,纬度").replace(",500", ",115.60").replace(",4100", ",37.00")
    read = put(client, project, degrees, "{}")
    assert (read["summary"]["crs"], read["options"]) == ("EPSG:4547", {"crs": "EPSG:4547"})
    changed = client.patch(project, json={"crs": None}, headers={"If-Match": '"1"'})
    assert (changed.json()["crs"], changed.headers["etag"]) == (None, '"2"')
    refused = put(client, project, LEDGER, "{}")
    assert [fault["rule"] for fault in refused["errors"]] == ["crs_missing"]
    again = client.post(f"{read['links']['self']}/readings", json={}, headers={"Prefer": "wait=60"}).json()
    assert again["options"] == {}


@pytest.mark.parametrize(
    "crs",
    ["EPSG:99999999", "EPSG:4978", "EPSG:5773", "4547", "网格", "+init=/etc/passwd:x", "+proj=longlat", "init:4326"],
)
def test_a_coordinate_system_that_is_none_is_pointed_at(day: Day, crs: str) -> None:
    for reply in (
        day.client.post("/api/v1/projects", json={"name": "x", "crs": crs}, headers=EN),
        day.client.patch(day.project, json={"crs": crs}, headers=EN | {"If-Match": '"1"'}),
    ):
        assert reply.status_code == 422
        (fault,) = reply.json()["errors"]
        assert (fault["pointer"], fault["value"], fault["rule"]) == ("/crs", crs, "value_invalid")
        assert "EPSG:4547" in fault["remedy"]


@pytest.mark.parametrize("name", ["a.vrt", "a.exe", "a", "../../a.html", "a.gpkg\x00.vrt"])
def test_files_of_other_kinds_are_not_even_opened(day: Day, name: str) -> None:
    reply = day.client.post(f"{day.project}/datasets", files={"files": (name, b"<x/>")})
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["rule"] == "file_kind_unknown"


def test_a_finished_job_tells_how_it_went(day: Day) -> None:
    job = day.job
    assert (job["kind"], job["attempts"], job["stop_reason"] in ("proved", "step_limit", "stalled")) == (
        "plan",
        1,
        True,
    )
    assert job["progress"]["best"] >= (job["progress"]["bound"] or 0)
    assert day.client.get(job["links"]["results"]).json()["plan"] == day.plan["id"]


def test_a_plan_is_seen_from_every_side(day: Day) -> None:
    level = day.plan["levels"][0]
    assert level["status"] in ("optimal", "feasible")
    assert level["num_violations"] == 0
    areas = day.of_plan("/areas").json()["items"]
    assert len(areas) == level["num_areas"]
    assert sum(area["households"] for area in areas) == level["households"]
    assert day.of_plan("/violations").json()["items"] == []
    assert len(day.of_plan("/explanation").json()["areas"]) == len(areas)
    labels, cells = day.of_plan("/labels").json()["grid"], day.of_plan("/layers/cells").json()["features"]
    assert [cell["properties"]["grid"] for cell in cells] == labels
    assert day.of_plan("/problem").json()["units"]["id"] == [cell["id"] for cell in cells]
    assert {"units", "grids", "barriers", "cells"} <= {link.removeprefix("layer:") for link in day.plan["links"]}


def test_every_output_of_the_command_line_is_there(day: Day) -> None:
    files = day.of_plan("/files").json()
    names = {file["name"] for file in files}
    assert {"ledger.xlsx", "overview.pdf", "plan.gpkg", "report.zh.md", "plan.json", "problem.json"} <= names
    assert all(file["purpose"] for file in files)
    for file in files:
        assert len(day.client.get(file["href"]).content) == file["bytes"]
    archive = zipfile.ZipFile(io.BytesIO(day.of_plan("/files.zip").content))
    assert archive.testzip() is None
    assert set(archive.namelist()) == names
    assert day.of_plan("/files/_judgement-grid.json").status_code == 404


def test_what_the_reader_has_already_is_not_sent_again(day: Day) -> None:
    for path in ("", "/layers/cells", "/files/ledger.xlsx", "/labels"):
        tag = day.of_plan(path).headers["etag"]
        assert day.of_plan(path, **{"If-None-Match": tag}).status_code == 304
        assert day.of_plan(path, **{"If-None-Match": '"other"'}).status_code == 200
    packed = day.of_plan("/layers/cells", **{"Accept-Encoding": "gzip"})
    plain = day.of_plan("/layers/cells", **{"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.json() == plain.json()


def test_a_job_is_checked_before_it_is_stored(day: Day) -> None:
    def asked(inputs: dict[str, Any], **more: Any) -> httpx.Response:
        body = {"kind": "plan", "validate_only": True, "inputs": {"dataset": day.dataset["id"], **inputs}, **more}
        return day.client.post(f"{day.project}/jobs", json=body)

    before = len(day.get("/jobs").json()["items"])
    assert asked({}).json() == {"valid": True}
    wrong = [
        (asked({"levels": ["micro", "grid"]}), "/inputs/levels"),
        (asked({"levels": ["nothing"]}), "/inputs/levels/0"),
        (asked({"dataset": "0" * 24}), "/inputs/dataset"),
        (asked({"counts": {"micro": 3}}), "/inputs/counts/micro"),
        (asked({"bounds": {"grid": {"min": 600}}}), "/inputs/bounds/grid"),
        (asked({"profile": "/etc/passwd"}), "/inputs/profile"),
        (asked({}, limits={"time_limit_s": 1, "step_limit": 1}), "/limits"),
        (asked({}, limits={"time_limit_s": 1e9}), "/limits/time_limit_s"),
        (asked({"unknown": 1}), "/inputs/unknown"),
    ]
    for reply, pointer in wrong:
        assert reply.status_code == 422
        assert reply.json()["errors"][0]["pointer"] == pointer
    assert len(day.get("/jobs").json()["items"]) == before


def test_an_idempotency_key_makes_one_job(day: Day) -> None:
    def sent(name: str) -> httpx.Response:
        body = {"kind": "check", "name": name, "inputs": {"plan": day.plan["id"]}}
        return day.client.post(f"{day.project}/jobs", json=body, headers={"Idempotency-Key": "once"})

    first, again, other = sent("a"), sent("a"), sent("b")
    assert first.status_code == 202
    assert again.status_code == 200
    assert again.json()["id"] == first.json()["id"]
    assert other.json()["code"] == "key_reused"


def test_events_end_with_the_job(day: Day) -> None:
    body = {"kind": "check", "inputs": {"plan": day.plan["id"]}}
    job = day.client.post(f"{day.project}/jobs", json=body).json()
    with day.client.stream("GET", job["links"]["events"]) as stream:
        told = [json.loads(line[6:]) for line in stream.iter_lines() if line.startswith("data: ")]
    assert told[-1]["state"] == "successful"
    assert [one["revision"] for one in told] == sorted({one["revision"] for one in told})
    late = day.client.get(job["links"]["events"], headers={"Last-Event-ID": "999"})
    assert "event: job" not in late.text


def test_a_plan_of_documents_can_be_checked(day: Day) -> None:
    documents = {"problem": day.of_plan("/problem").json(), "labels": day.of_plan("/labels").json()}
    documents["labels"]["grid"][0] = "other"
    job = ended(day.client, day.project, "check", documents)
    found = day.client.get(job["links"]["results"], headers=EN).json()
    assert not found["lawful"]
    assert {v["rule"] for v in found["levels"]["grid"]["violations"]} >= {"size_min"}
    missing = {"kind": "check", "inputs": {"problem": documents["problem"]}}
    assert day.client.post(f"{day.project}/jobs", json=missing).status_code == 422


def test_an_edit_is_answered_with_what_it_does(day: Day) -> None:
    path, draft = day.draft()
    labels = day.client.get(f"{path}/labels").json()
    unit, home = labels["units"][0], labels["grid"][0]
    other = next(grid for grid in labels["grid"] if grid != home)
    trial = day.client.post(f"{path}/trials", json={"moves": [{"units": [unit], "grid": other}]}).json()
    outcome = day.edit(path, 1, {"moves": [{"units": [unit], "grid": other}]}).json()
    assert outcome["labels"] == {unit: other}
    assert {k: trial[k] for k in ("lawful", "change", "broken")} == {
        k: outcome[k] for k in ("lawful", "change", "broken")
    }
    objective, base = outcome["draft"]["objective"], draft["objective"]
    assert objective["total"] - base["total"] == pytest.approx(outcome["change"]["total"])
    assert (outcome["draft"]["moved_units"], outcome["draft"]["can_undo"]) == (1, True)
    back = day.client.post(f"{path}/undo", json={}, headers={"If-Match": '"2"'}).json()
    assert back["labels"] == {unit: home}
    assert back["draft"]["objective"] == pytest.approx(base)
    forth = day.client.post(f"{path}/redo", json={}, headers={"If-Match": '"3"'}).json()
    assert forth["draft"]["objective"] == pytest.approx(objective)
    assert day.client.post(f"{path}/redo", json={}, headers={"If-Match": '"4"'}).status_code == 409
    assert [edit["in_force"] for edit in day.client.get(f"{path}/edits").json()] == [True]


def test_of_two_editors_the_second_is_told(day: Day) -> None:
    path, _ = day.draft()
    labels = day.client.get(f"{path}/labels").json()
    body = {"moves": [{"units": labels["units"][:1], "grid": None}]}
    assert day.client.post(f"{path}/edits", json=body).json()["code"] == "if_match_missing"
    assert day.edit(path, 1, body).status_code == 200
    late = day.edit(path, 1, body)
    assert late.status_code == 412
    assert late.json()["current"]["revision"] == 2
    fork = day.client.post(f"{day.project}/drafts", json={"draft": late.json()["current"]["id"], "position": 0})
    assert (fork.json()["revision"], fork.json()["moved_units"]) == (1, 0)


def test_what_is_locked_stays(day: Day) -> None:
    path, _ = day.draft()
    labels = day.client.get(f"{path}/labels").json()
    unit = labels["units"][0]
    other = next(grid for grid in labels["grid"] if grid != labels["grid"][0])
    move = {"moves": [{"units": [unit], "grid": other}]}
    assert day.edit(path, 1, {"lock": {"grids": [other]}}).status_code == 200
    assert day.edit(path, 2, move).json()["units"] == [unit]
    assert day.edit(path, 2, {"unlock": {"grids": [other]}, "lock": {"units": [unit]}}).status_code == 200
    assert day.edit(path, 3, move).json()["code"] == "unit_locked"
    assert day.edit(path, 3, {"lock": {"all": True}}).json()["draft"]["locks"]["grids"] == sorted(set(labels["grid"]))
    undone = day.client.post(f"{path}/undo", json={"steps": 3}, headers={"If-Match": '"4"'}).json()
    assert undone["draft"]["locks"] == {"units": [], "grids": [], "lines": []}
    assert day.edit(path, 5, move).status_code == 200


def test_nothing_crosses_a_locked_line_not_even_by_a_detour(day: Day) -> None:
    path, draft = day.draft()
    labels = day.client.get(f"{path}/labels").json()
    grid = dict(zip(labels["units"], labels["grid"], strict=True))
    problem = day.of_plan("/problem").json()
    edges: list[tuple[str, ...]] = []
    for u, v in zip(problem["edges"]["u"], problem["edges"]["v"], strict=True):
        edges.append(tuple(sorted((labels["grid"][u], labels["grid"][v]))))
    a, b = next(pair for pair in sorted(edges) if pair[0] != pair[1])
    of_a, of_b = (next(unit for unit in grid if grid[unit] == name) for name in (a, b))

    def moved(unit: str, to: str | None) -> dict[str, Any]:
        return {"moves": [{"units": [unit], "grid": to}]}

    locked = day.edit(path, 1, {"lock": {"lines": [[b, a]]}}).json()["draft"]["locks"]
    assert locked["lines"] == [[a, b]]
    refused = day.edit(path, 2, moved(of_a, b)).json()
    assert (refused["code"], refused["units"], refused["lines"]) == ("unit_locked", [of_a], [[a, b]])
    assert day.client.post(f"{path}/trials", json=moved(of_b, a)).json()["code"] == "unit_locked"
    aside = day.edit(path, 2, moved(of_a, None))
    assert aside.status_code == 200
    new = aside.json()["labels"][of_a]
    assert day.edit(path, 3, moved(of_b, new)).json()["lines"] == [[a, b]]
    job = ended(day.client, day.project, "finish", {"draft": draft["id"]})
    assert job["state"] == "successful", job
    after = day.client.get(f"{job['links']['plan']}/labels").json()["grid"]
    now = dict(zip(labels["units"], after, strict=True))
    assert not {now[unit] for unit in grid if grid[unit] == a} & {now[unit] for unit in grid if grid[unit] == b}
    freed = day.edit(path, 3, {"unlock": {"lines": [[a, b]]}}).json()
    assert freed["draft"]["locks"]["lines"] == []
    assert day.edit(path, 4, moved(of_b, new)).status_code == 200
    far = day.edit(path, 5, {"lock": {"lines": [[a, a]]}}).json()["errors"][0]
    assert (far["rule"], far["pointer"]) == ("not_neighbours", "/lock/lines/0")
    gone = day.edit(path, 5, {"lock": {"lines": [[a, "nowhere"]]}}).json()["errors"][0]
    assert (gone["rule"], gone["pointer"]) == ("name_unknown", "/lock/lines/0")


def test_names_that_are_not_there_are_pointed_at(day: Day) -> None:
    path, _ = day.draft()
    reply = day.edit(path, 1, {"moves": [{"units": ["nobody"], "grid": None}]})
    assert reply.json()["errors"][0]["pointer"] == "/moves/0/units/0"
    assert day.edit(path, 1, {"lock": {"grids": ["nowhere"]}}).json()["errors"][0]["pointer"] == "/lock/grids/0"
    assert day.client.post(f"{path}/takers", json={"units": ["nobody"]}).status_code == 422


def test_takers_are_ranked(day: Day) -> None:
    path, _ = day.draft()
    labels = day.client.get(f"{path}/labels").json()
    found = [day.client.post(f"{path}/takers", json={"units": [unit]}).json() for unit in labels["units"]]
    ranked = [(not taker["lawful"], taker["change"]["total"]) for takers in found[:1] for taker in takers]
    assert any(found)
    assert ranked == sorted(ranked)


@pytest.fixture(scope="module")
def saved(day: Day) -> dict[str, Any]:
    """A version made by moving the first unit; writing all its files is shared by what looks at it."""
    path, draft = day.draft()
    labels = day.client.get(f"{path}/labels").json()
    other = next(grid for grid in labels["grid"] if grid != labels["grid"][0])
    day.edit(path, 1, {"moves": [{"units": labels["units"][:1], "grid": other}]})
    job = ended(day.client, day.project, "save", {"draft": draft["id"]}, name="手工")
    plan: dict[str, Any] = day.client.get(job["links"]["plan"]).json()
    return {"plan": plan, "grid": [other, *labels["grid"][1:]]}


def test_an_edited_draft_becomes_a_version_that_knows_its_base(day: Day, saved: dict[str, Any]) -> None:
    plan = saved["plan"]
    assert (plan["base"], plan["name"], plan["origin"]) == (day.plan["id"], "手工", "save")
    assert day.client.get(plan["links"]["labels"]).json()["grid"] == saved["grid"]
    lines = day.client.get(plan["links"]["lineage"]).json()
    assert lines["moved_households"] == 110
    assert day.client.delete(day.plan["links"]["self"]).json()["code"] == "conflict"


def test_finishing_leaves_what_is_locked_and_locks_nothing_for_good(day: Day) -> None:
    path, draft = day.draft()
    labels = day.client.get(f"{path}/labels").json()
    first, other = labels["grid"][0], next(grid for grid in labels["grid"] if grid != labels["grid"][0])
    day.edit(path, 1, {"lock": {"grids": [other]}})
    job = ended(day.client, day.project, "finish", {"draft": draft["id"], "only": [first]})
    assert job["state"] == "successful", job
    plan = day.client.get(job["links"]["plan"]).json()
    assert day.client.get(plan["links"]["labels"]).json()["grid"] == labels["grid"]
    assert not day.client.get(plan["links"]["problem"]).json().get("locked")


def test_a_redraw_tells_what_became_of_every_grid_and_staff_follow(day: Day, staffed: dict[str, Any]) -> None:
    base = staffed["result"]["plan"]
    inputs = {"plan": base, "changes": [{"kind": "households", "objects": ["b0"], "value": "+30"}]}
    job = ended(day.client, day.project, "redraw", inputs)
    assert job["state"] == "successful", job
    changes = day.client.get(f"{job['links']['plan']}/changes", headers=EN).json()
    assert changes["titles"] == ["before", "after"]
    assert {area["fate"] for area in changes["levels"][0]["areas"]} <= {
        "kept",
        "changed",
        "split",
        "merged",
        "new",
        "retired",
    }
    now, before = (
        {(post["person"], post["target"]) for post in day.client.get(f"{plan}/staffing").json()["posted"]}
        for plan in (job["links"]["plan"], staffed["links"]["plan"])
    )
    today = set(day.client.get(f"{job['links']['plan']}/labels").json()["grid"])
    assert now >= {(person, target) for person, target in before if target in today}
    assert {target for _, target in now} == today
    shown = f"{job['links']['plan'].replace('/api/v1/', '/ogc/')}/collections/changes/items"
    assert day.client.get(shown).json()["numberMatched"] == sum(len(level["moves"]) for level in changes["levels"])
    wrong = ended(day.client, day.project, "redraw", {**inputs, "changes": [{"kind": "blah", "objects": ["b0"]}]})
    assert wrong["error"]["errors"][0]["pointer"] == "/inputs/changes/0"


def test_two_plans_are_compared(day: Day) -> None:
    job = ended(day.client, day.project, "diff", {"plan": day.plan["id"], "against": day.plan["id"]})
    found = day.client.get(job["links"]["results"]).json()
    assert found["moved"] == 0
    assert {file["name"] for file in found["files"]} >= {"changes.xlsx", "notices.xlsx"}
    assert day.client.get(found["files"][0]["href"]).status_code == 200


@pytest.fixture(scope="module")
def staffed(day: Day) -> dict[str, Any]:
    """The job that posted six people, one grid each, some of them none."""
    roster = "工号,职务,可服务社区\n" + "".join(f"L{i},网格长,东街社区\n" for i in range(6))
    reply = day.client.post(
        f"{day.project}/datasets",
        files={"files": ("花名册.csv", roster.encode())},
        data={"options": '{"purpose": "roster"}'},
        headers={"Prefer": "wait=60"},
    )
    assert reply.status_code == 201, reply.text
    inputs = {"plan": day.plan["id"], "dataset": reply.json()["id"], "sheets": True}
    return ended(day.client, day.project, "staff", inputs)


def test_people_are_posted(day: Day, staffed: dict[str, Any]) -> None:
    job = staffed
    assert job["state"] == "successful", job
    staffing = day.client.get(f"{job['links']['plan']}/staffing").json()
    assert len(staffing["posted"]) == day.plan["levels"][0]["num_areas"]
    assert {person["person"] for person in staffing["people"]} == {f"L{i}" for i in range(6)}
    assert staffing["empty"] == {}
    shown = f"{job['links']['plan'].replace('/api/v1/', '/ogc/')}/collections/staffing/items"
    posts = day.client.get(shown).json()["features"]
    assert [post["properties"]["person"] for post in posts] == [post["person"] for post in staffing["posted"]]
    assert all(post["geometry"]["type"] == "Polygon" for post in posts)
    assert day.client.get(f"{job['links']['plan']}/files/duty.pdf").content.startswith(b"%PDF")
    target, serving = staffing["posted"][0]["target"], staffing["posted"][0]["person"]
    asked = ended(day.client, day.project, "takers", {"plan": job["result"]["plan"], "target": target})
    answers = day.client.get(asked["links"]["results"]).json()["takers"]
    assert answers[0]["target"] == target
    assert {choice["person"] for choice in answers[0]["choices"]} == {f"L{i}" for i in range(6)} - {serving}
    body = {"kind": "takers", "inputs": {"plan": day.plan["id"], "target": target}}
    assert day.client.post(f"{day.project}/jobs", json=body).status_code == 422
    assert day.client.get(f"{job['links']['plan']}/files/ledger.xlsx").status_code == 200
    assert day.of_plan("/staffing").status_code == 404


class Shift:
    """A draft of the staffed plan: who serves the first grid, somebody who serves none, and a unit of it."""

    def __init__(self, day: Day, job: dict[str, Any]) -> None:
        made = day.client.post(f"{day.project}/drafts", json={"plan": job["result"]["plan"]})
        self.draft, self.path = made.json(), made.json()["links"]["self"]
        found = day.client.get(f"{self.path}/staffing").json()
        self.posted = {post["target"]: post["person"] for post in found["posted"]}
        self.grid, self.other, *_ = sorted(self.posted)
        self.serves = self.posted[self.grid]
        self.idle = next(one["person"] for one in found["people"] if not one["targets"])


@pytest.fixture
def shift(day: Day, staffed: dict[str, Any]) -> Shift:
    return Shift(day, staffed)


def test_somebody_takes_over_a_grid_in_a_draft(day: Day, shift: Shift) -> None:
    over = {"staff": [{"target": shift.grid, "from": shift.serves, "to": shift.idle}]}
    assert shift.draft["staff"] == {"changes": 0, "lawful": True, "num_broken": 0, "num_short": 0}
    trial = day.client.post(f"{shift.path}/trials", json=over).json()
    outcome = day.edit(shift.path, 1, over).json()
    assert trial["staff"] == outcome["staff"]
    loads = {one["person"]: (one["load_before"], one["load"]) for one in outcome["staff"]["people"]}
    weight = loads[shift.serves][0]
    assert loads == {shift.serves: (weight, 0.0), shift.idle: (0.0, weight)}
    assert outcome["staff"]["lawful"]
    assert {one["role"]: one["changes"] for one in outcome["staff"]["change"]} == {"grid_leader": 1}
    assert outcome["draft"]["staff"]["changes"] == 2
    found = day.client.get(f"{shift.path}/staffing").json()
    assert {post["target"]: post["person"] for post in found["posted"]} == {**shift.posted, shift.grid: shift.idle}
    assert [edit["staff"] for edit in day.client.get(f"{shift.path}/edits").json()] == [over["staff"]]
    back = day.client.post(f"{shift.path}/undo", json={}, headers={"If-Match": '"2"'}).json()
    assert (back["draft"]["staff"]["changes"], back["staff"]["change"][0]["changes"]) == (0, -1)
    forth = day.client.post(f"{shift.path}/redo", json={}, headers={"If-Match": '"3"'}).json()
    assert forth["staff"] == outcome["staff"]
    day.server.services.desk.forget(shift.draft["id"])
    assert day.client.get(f"{shift.path}/staffing").json() == found


def test_what_the_staff_breaks_and_lacks_is_told_and_no_hindrance(day: Day, shift: Shift) -> None:
    gone = day.edit(shift.path, 1, {"staff": [{"target": shift.grid, "from": shift.serves, "to": None}]}).json()
    assert gone["staff"]["short"] == [{"role": "grid_leader", "target": shift.grid, "missing": 1}]
    assert gone["draft"]["staff"]["num_short"] == 1
    two = {"staff": [{"target": shift.other, "from": None, "to": name} for name in (shift.serves, shift.idle)]}
    crowded = day.edit(shift.path, 2, two).json()["staff"]
    assert not crowded["lawful"]
    assert [one["rule"] for one in crowded["broken"]] == ["max_people"]
    asked = day.client.post(f"{shift.path}/staff-takers", json={"target": shift.grid}).json()
    assert asked[0]["role"] == "grid_leader"
    assert {one["person"] for one in asked[0]["choices"]} >= {shift.posted[shift.other]}


def test_loads_follow_the_units_that_move(day: Day, shift: Shift) -> None:
    labels = day.client.get(f"{shift.path}/labels").json()
    unit = next(u for u, grid in zip(labels["units"], labels["grid"], strict=True) if grid == shift.grid)
    outcome = day.edit(shift.path, 1, {"moves": [{"units": [unit], "grid": None}]}).json()
    new = outcome["labels"][unit]
    (load,) = outcome["staff"]["people"]
    assert (load["person"], load["load_before"] > load["load"]) == (shift.serves, True)
    assert outcome["staff"]["short"] == [{"role": "grid_leader", "target": new, "missing": 1}]
    filled = day.edit(shift.path, 2, {"staff": [{"target": new, "from": None, "to": shift.idle}]}).json()["staff"]
    assert (filled["short"], filled["people"][0]["load"]) == ([], load["load_before"] - load["load"])


def test_a_saved_draft_is_staffed_as_it_was_left_lawful_or_not(day: Day, shift: Shift) -> None:
    labels = day.client.get(f"{shift.path}/labels").json()
    unit = next(u for u, grid in zip(labels["units"], labels["grid"], strict=True) if grid == shift.grid)
    swap = [
        {"target": shift.grid, "from": shift.serves, "to": shift.posted[shift.other]},
        {"target": shift.other, "from": shift.posted[shift.other], "to": shift.serves},
    ]
    new = day.edit(shift.path, 1, {"moves": [{"units": [unit], "grid": None}], "staff": swap}).json()["labels"][unit]
    crowd = [{"target": target, "from": None, "to": shift.idle} for target in (new, shift.other)]
    assert not day.edit(shift.path, 2, {"staff": crowd}).json()["staff"]["lawful"]
    job = ended(day.client, day.project, "save", {"draft": shift.draft["id"]})
    assert job["state"] == "successful", job
    saved = job["links"]["plan"]
    grid = day.client.get(f"{saved}/labels").json()["grid"]
    code = grid[labels["units"].index(unit)]
    staffing = day.client.get(f"{saved}/staffing").json()
    posted = sorted((post["target"], post["person"]) for post in staffing["posted"])
    expected = {**shift.posted, shift.grid: shift.posted[shift.other], shift.other: shift.serves, code: shift.idle}
    assert posted == sorted([*expected.items(), (shift.other, shift.idle)])
    assert [(one["rule"], one["target"]) for one in staffing["broken"]] == [("max_people", shift.other)]
    assert {file["name"] for file in day.client.get(f"{saved}/files").json()} >= {"staffing.json", "staffing.xlsx"}
    again = day.client.post(f"{day.project}/drafts", json={"plan": job["result"]["plan"]}).json()
    assert again["staff"] == {"changes": 0, "lawful": False, "num_broken": 1, "num_short": 0}
    asked = ended(day.client, day.project, "takers", {"plan": job["result"]["plan"], "target": code})
    assert asked["state"] == "successful", asked
    drawn = ended(day.client, day.project, "export", {"plan": job["result"]["plan"], "duty": True})
    assert drawn["result"]["files"] == ["sheets.pdf", "duty.pdf"], drawn
    assert day.client.get(f"{saved}/files/duty.pdf").content.startswith(b"%PDF")
    bare = {"kind": "export", "inputs": {"plan": day.plan["id"], "duty": True}}
    assert day.client.post(f"{day.project}/jobs", json=bare).json()["errors"][0]["pointer"] == "/inputs/duty"
    step = {"action": "submit"}
    assert (
        day.client.post(f"{saved}/approval", json=step, headers={"If-Match": '"1"'}).json()["approval"] == "submitted"
    )


def test_changes_of_staff_that_make_no_sense_are_pointed_at(day: Day, shift: Shift) -> None:
    def wrong(target: str, leaves: str | None, comes: str | None) -> tuple[str, str]:
        body = {"staff": [{"target": target, "from": leaves, "to": comes}]}
        (fault,) = day.edit(shift.path, 1, body).json()["errors"]
        return fault["rule"], fault["pointer"]

    assert wrong("nowhere", None, shift.idle) == ("name_unknown", "/staff/0/target")
    assert wrong(shift.grid, "nobody", None) == ("name_unknown", "/staff/0/from")
    assert wrong(shift.grid, shift.idle, None) == ("not_posted", "/staff/0/from")
    assert wrong(shift.grid, None, shift.serves) == ("already_posted", "/staff/0/to")
    assert wrong(shift.grid, None, None) == ("nobody_named", "/staff/0")
    assert wrong("东街社区", None, shift.idle) == ("level_other", "/staff/0/to")
    bare, _ = day.draft()
    refused = day.edit(bare, 1, {"staff": [{"target": shift.grid, "to": shift.idle}]})
    assert refused.json()["errors"][0]["pointer"] == "/staff"
    assert day.client.get(f"{bare}/staffing").status_code == 404


def test_a_map_is_printed_to_scale_and_the_plan_stays_as_it_is(day: Day) -> None:
    before = day.of_plan("/files").json()
    job = ended(day.client, day.project, "print", {"plan": day.plan["id"], "paper": "A4", "scale": 2000})
    found = day.client.get(job["links"]["results"]).json()
    assert found["sheets"] >= 1
    assert day.client.get(found["files"][0]["href"]).content.startswith(b"%PDF")
    assert day.of_plan("/files").json() == before
    body = {"kind": "print", "inputs": {"plan": day.plan["id"], "level": "micro"}}
    assert day.client.post(f"{day.project}/jobs", json=body).status_code == 422


def test_a_plan_goes_from_draft_to_filed_and_no_further(day: Day, saved: dict[str, Any]) -> None:
    plan = saved["plan"]["links"]["self"]

    def step(action: str, revision: int) -> httpx.Response:
        return day.client.post(f"{plan}/approval", json={"action": action}, headers={"If-Match": f'"{revision}"'})

    assert day.client.post(f"{plan}/approval", json={"action": "submit"}).status_code == 428
    assert step("file", 1).status_code == 409
    for revision, (action, state) in enumerate(
        [
            ("submit", "submitted"),
            ("return", "draft"),
            ("submit", "submitted"),
            ("review", "reviewed"),
            ("file", "filed"),
        ],
        1,
    ):
        assert step(action, revision).json()["approval"] == state
    assert step("return", 6).status_code == 409
    assert step("submit", 1).status_code == 412
    assert [entry["after"] for entry in day.client.get(f"{plan}/trail").json()][-1] == "filed"
    assert day.client.delete(plan).status_code == 409
    export = {"kind": "export", "inputs": {"plan": plan.rpartition("/")[2]}}
    assert day.client.post(f"{day.project}/jobs", json=export).status_code == 409
    revision = day.client.get(day.project).headers["etag"]
    assert day.client.delete(day.project, headers={"If-Match": revision}).json()["code"] == "conflict"


def test_a_dismissed_job_leaves_no_process_and_no_plan(day: Day) -> None:
    body = {"kind": "plan", "inputs": {"dataset": day.dataset["id"]}, "limits": {"time_limit_s": 60}}
    before = len(day.get("/plans").json()["items"])
    job = day.client.post(f"{day.project}/jobs", json=body).json()
    address = job["links"]["self"]
    awaited(lambda: day.client.get(address).json(), lambda seen: seen["state"] != "accepted", "the start of a job")
    run = day.server.services.runner._runs.get(job["id"])
    assert day.client.delete(job["links"]["self"]).json()["state"] == "dismissed"
    assert run is None or not run.process.alive
    assert day.client.delete(job["links"]["self"]).status_code == 409
    assert day.client.post(f"{job['links']['self']}/stop").status_code == 409
    assert len(day.get("/plans").json()["items"]) == before


def test_a_project_with_its_data_from_a_bundled_case(day: Day) -> None:
    names = [case["name"] for case in day.client.get("/api/v1/demo").json()]
    assert "gucheng" in names
    reply = day.client.post("/api/v1/projects", json={"name": "示例", "demo": "cisheng"}).json()
    job = over(day.client, reply["links"]["demo_job"])
    dataset = day.client.get(job["links"]["dataset"]).json()
    assert (dataset["state"], dataset["summary"]["num_inhabited"]) == ("ready", 86)
    assert day.client.post("/api/v1/projects", json={"name": "x", "demo": "nothing"}).status_code == 422


def test_a_profile_of_ones_own_is_checked(day: Day) -> None:
    project = made_project(day.client, "另一县")
    wrong = {"profile_toml": "format = 1\n[[level]]\n"}
    reply = day.client.patch(project, json=wrong, headers={"If-Match": '"1"'})
    assert reply.status_code == 422
    assert reply.json()["num_errors"] > 1
    assert day.client.patch(project, json={"name": "新名"}, headers={"If-Match": '"1"'}).json()["name"] == "新名"
    assert day.client.patch(project, json={"name": "旧名"}, headers={"If-Match": '"1"'}).status_code == 412
    assert day.client.delete(project, headers={"If-Match": '"2"'}).status_code == 204
    assert day.client.get(project).status_code == 404
