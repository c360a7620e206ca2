"""Clients: the typed one, `wangge plan --server` (as if planned here), and the examples of the reference."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest
from service_running import LEDGER, Server, running
from typer.testing import CliRunner

from partitioner.cli.main import app
from service.auth import made_token
from service.client import Client, Project, Refused, Unreachable

REFERENCE = (Path(__file__).parents[2] / "docs" / "reference" / "service.md").read_text("utf-8")

ADDRESS = "http://127.0.0.1:8000"
"""What stands for the server in the examples."""

STEPS = ("--step-limit", "200", "--threads", "1")
PLACE = ("--crs", "EPSG:4547")


@dataclass
class Office:
    """A server with a planner's token, and a ledger on the planner's own machine."""

    server: Server
    token: str
    viewer: str
    project: Project
    ledger: Path

    def client(self, token: str | None = None, **options: Any) -> Client:
        return Client(self.server.url, token or self.token, **options)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    home = tmp_path_factory.mktemp("office")
    ledger = home / "楼栋台账.csv"
    ledger.write_text(LEDGER, encoding="utf-8")
    with running(home / "data", spare=True, running_jobs=1) as server:
        store = server.services.store
        admin, admin_text = made_token("admin", server_admin=True)
        store.add_token(admin)
        with Client(server.url, admin_text) as client:
            project = client.make_project("固安县", crs="EPSG:4547")
        texts = {}
        for role in ("planner", "viewer"):
            token, texts[role] = made_token(role)
            store.add_token(token)
            store.set_member(project.id, token.id, role)  # type: ignore[arg-type]
        (home / "token").write_text(texts["planner"] + "\n", encoding="utf-8")
        yield Office(server, texts["planner"], texts["viewer"], project, ledger)


def wangge(*words: object, **env: str) -> Any:
    result = CliRunner().invoke(app, ["plan", *(str(word) for word in words)], env={"WANGGE_TOKEN": None, **env})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_a_plan_made_there_is_told_and_written_as_one_made_here(office: Office, tmp_path: Path) -> None:
    """By a profile of one's own, at two levels, of which the wider one is impossible."""
    shipped = resources.files("partitioner.profiles").joinpath("hebei.toml").read_text("utf-8")
    profile = tmp_path / "ours.toml"
    profile.write_text(shipped.replace("min = 300", "min = 350"), encoding="utf-8")
    words = ("--profile", profile, "--levels", "community,grid", "--name", "试县", "--lang", "both")
    server = ("--server", office.server.url, "--token-file", office.ledger.parent / "token", "--project", "固安县")
    here, there = tmp_path / "here", tmp_path / "there"
    expected = wangge(office.ledger, *PLACE, *words, "-o", here, *STEPS)
    told = wangge(office.ledger, *PLACE, *words, "-o", there, *STEPS, *server)
    assert (expected.exit_code, told.exit_code) == (3, 3), told.output
    assert told.stdout == expected.stdout.replace(str(here), str(there))
    assert told.stderr == expected.stderr
    assert json.loads((there / "problem-grid.json").read_text("utf-8"))["bounds"]["min"] == 350
    names = {path.name for path in here.iterdir()}
    assert {path.name for path in there.iterdir()} == names
    for name in sorted(names):
        assert (here / name).read_bytes() == (there / name).read_bytes(), name


def test_faults_come_back_by_row_in_both_languages(office: Office, tmp_path: Path) -> None:
    bad = tmp_path / "楼栋台账.csv"
    bad.write_text(LEDGER.replace("东苑,113", "东苑,-3").replace("东苑,114", "东苑,许多"), encoding="utf-8")
    here = wangge(bad, *PLACE, "-o", tmp_path / "here", "--json")
    there = wangge(
        bad, *PLACE, "-o", tmp_path / "there", "--json", "--server", office.server.url, WANGGE_TOKEN=office.token
    )
    assert (here.exit_code, there.exit_code) == (2, 2)
    told, expected = json.loads(there.stdout), json.loads(here.stdout)
    assert told["faults"] == expected["faults"]
    rows = [
        list(openpyxl.load_workbook(tmp_path / folder / "faults.xlsx").active.iter_rows(values_only=True))
        for folder in ("here", "there")
    ]
    assert rows[0] == rows[1]


@pytest.mark.parametrize(
    ("words", "env", "rule"),
    [
        (("--server", "http://127.0.0.1:9"), {}, "server_unreachable"),
        (("--server", "no address"), {}, "server_unreachable"),
        (("--token-file", "nowhere"), {}, "token_file_unreadable"),
        ((), {"WANGGE_TOKEN": "wg_wrong"}, "token_wrong"),
        ((), {}, "token_missing"),
        (("--project", "别的县"), {"WANGGE_TOKEN": "planner"}, "project_unclear"),
        ((), {"WANGGE_TOKEN": "viewer"}, "role_too_low"),
    ],
)
def test_a_server_that_cannot_be_used_is_bad_input(
    office: Office, tmp_path: Path, words: tuple[str, ...], env: dict[str, str], rule: str
) -> None:
    known = {"planner": office.token, "viewer": office.viewer}
    given = {name: known.get(value, value) for name, value in env.items()}
    result = wangge(
        office.ledger, *PLACE, "-o", tmp_path / "out", "--server", office.server.url, *words, "--lang", "en", **given
    )
    assert result.exit_code == 2
    assert f"[{rule}]" in result.stderr, result.stderr
    assert "wg_" not in result.output


def test_the_client_goes_through_a_planners_day(office: Office, tmp_path: Path) -> None:
    with office.client(language="en") as client:
        assert client.session().roles == {office.project.id: "planner"}
        assert [(project.name, project.crs) for project in client.projects()] == [("固安县", "EPSG:4547")]
        home = office.project.id
        dataset = client.wait_for_dataset(home, client.upload(home, [office.ledger]))
        assert (dataset.state, dataset.summary["num_buildings"]) == ("ready", 12)
        seen: list[str] = []
        inputs, limits = {"dataset": dataset.id}, {"time_limit_s": 600}
        job = client.submit(home, "plan", inputs, limits=limits, key="once")
        assert client.submit(home, "plan", inputs, limits=limits, key="once").id == job.id
        job = client.wait(home, job.id, on_change=lambda now: seen.append(now.state), stopping=lambda: len(seen) > 1)
        assert (job.state, seen[-1], job.over) == ("successful", "successful", True)
        plan = client.plan(home, job.plan or "")
        assert plan.id in [one.id for one in client.plans(home)]
        files = client.files(home, plan.id)
        assert client.download(files[0], tmp_path).stat().st_size == files[0].bytes
        client.stop(home, job.id)  # over already: nothing to do
        client.dismiss(home, job.id)
        late = client.submit(home, "plan", inputs, limits=limits)
        client.dismiss(home, late.id)
        assert client.wait(home, late.id).state == "dismissed"
        with pytest.raises(Refused, match="request_invalid"):
            client.submit(home, "plan", {"dataset": "nothing"})


def test_what_arrives_must_be_what_was_announced(office: Office, tmp_path: Path) -> None:
    with office.client() as client:
        home = office.project.id
        plan = client.plans(home)[0]
        file = client.files(home, plan.id)[0]
        with pytest.raises(Unreachable, match="damaged"):
            client.download(replace(file, sha256="0" * 64), tmp_path)
        for name in ("../x", "/etc/x", "..", ""):
            with pytest.raises(Unreachable, match="leads elsewhere"):
                client.download(replace(file, name=name), tmp_path)
        assert list(tmp_path.iterdir()) == []


def test_a_busy_server_is_asked_again_and_one_that_never_answered_is_not() -> None:
    told = {"actor": "a", "server_admin": False, "roles": {}}
    problem = httpx.Response(503, json={"code": "draining", "status": 503}, headers={"Retry-After": "0"})
    answers: list[httpx.Response | Exception] = [problem, httpx.Response(200, json=told), httpx.ReadError("cut off")]
    answers += [
        httpx.Response(200, json=told),
        httpx.Response(200, text="a page", headers={"Content-Type": "text/html"}),
    ]

    def answered(_request: httpx.Request) -> httpx.Response:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if answer.status_code == 503:
            answer.headers["Content-Type"] = "application/problem+json"
        return answer

    with Client("http://office", transport=httpx.MockTransport(answered)) as client:
        assert client.session().actor == "a"
        assert client.session().actor == "a"  # the first answer was cut off
        with pytest.raises(Unreachable, match="no answer of this service"):
            client.session()
    answers.append(httpx.ConnectError("nobody there"))
    with (
        Client("http://office", transport=httpx.MockTransport(answered)) as client,
        pytest.raises(Unreachable, match="nobody there"),
    ):
        client.session()
    assert not answers


def example(heading: str, language: str) -> str:
    found = re.search(rf"## {heading}\n.*?```{language}\n(.*?)```", REFERENCE, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_examples_for_curl_do_what_they_say(office: Office, tmp_path: Path) -> None:
    shutil.copy(office.ledger, tmp_path)
    if shutil.which("curl") is None:
        pytest.skip("curl is not on this machine: it is a program of the system, no package installs it")
    script = "set -euo pipefail\n" + example("From a terminal", "sh").replace(ADDRESS, office.server.url)
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=os.environ | {"TOKEN": office.token, "NO_PROXY": "127.0.0.1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    assert '"state": "successful"' in done.stdout
    lines = done.stdout.splitlines()
    assert "submitted" in lines
    assert {"optimal", "feasible"} & set(lines)
    assert (tmp_path / "ledger.xlsx").read_bytes()[:2] == b"PK"
    assert "plan.gpkg" in zipfile.ZipFile(tmp_path / "plan.zip").namelist()


def test_the_example_in_python_does_what_it_says(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(office.ledger, tmp_path)
    monkeypatch.chdir(tmp_path)
    seen: list[Any] = []
    exec(
        example("From Python", "python").replace(ADDRESS, office.server.url),
        {"token": office.token, "print": lambda *told: seen.append(told)},
    )
    assert seen
    assert (tmp_path / "overview.pdf").read_bytes()[:4] == b"%PDF"
