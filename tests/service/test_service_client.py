"""The typed client, and `wangge plan --server`: as if it had been planned here."""

from __future__ import annotations

import json
import threading
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
            project = client.make_project("固安县")
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


def here_and_there(office: Office, folder: Path, *words: object) -> tuple[Any, Any]:
    """The same command without and with a server."""
    here = wangge(*words, "-o", folder / "here", *STEPS)
    there = wangge(*words, "-o", folder / "there", *STEPS, "--server", office.server.url, WANGGE_TOKEN=office.token)
    return here, there


def test_a_plan_made_there_is_told_and_written_as_one_made_here(office: Office, tmp_path: Path) -> None:
    words = (office.ledger, *PLACE, "--levels", "community,grid", "--name", "试县", "--lang", "both")
    here, there = here_and_there(office, tmp_path, *words)
    assert (here.exit_code, there.exit_code) == (3, 3), there.output
    assert there.stdout == here.stdout.replace(str(tmp_path / "here"), str(tmp_path / "there"))
    assert there.stderr == here.stderr
    names = [{path.name for path in (tmp_path / folder).iterdir()} for folder in ("here", "there")]
    assert names[0] == names[1]
    for name in sorted(names[0]):
        assert (tmp_path / "here" / name).read_bytes() == (tmp_path / "there" / name).read_bytes(), name


def test_so_is_a_plan_by_a_profile_of_ones_own_as_json(office: Office, tmp_path: Path) -> None:
    shipped = resources.files("partitioner.profiles").joinpath("hebei.toml").read_text("utf-8")
    profile = tmp_path / "ours.toml"
    profile.write_text(shipped.replace("min = 300", "min = 390"), encoding="utf-8")
    words = (office.ledger, *PLACE, "--profile", profile, "--json")
    here, there = here_and_there(office, tmp_path, *words)
    assert (here.exit_code, there.exit_code) == (0, 0), there.output
    assert json.loads(there.stdout.replace("/there/", "/here/")) == json.loads(here.stdout)
    assert json.loads((tmp_path / "there" / "problem.json").read_text("utf-8"))["bounds"]["min"] == 390


def test_faults_come_back_by_row_in_both_languages(office: Office, tmp_path: Path) -> None:
    bad = tmp_path / "楼栋台账.csv"
    bad.write_text(LEDGER.replace("东苑,113", "东苑,-3").replace("东苑,114", "东苑,许多"), encoding="utf-8")
    here, there = here_and_there(office, tmp_path, bad, *PLACE, "--json")
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


def test_the_token_may_be_in_a_file_and_the_project_named(office: Office, tmp_path: Path) -> None:
    token = office.ledger.parent / "token"
    result = wangge(
        office.ledger, *PLACE, "-o", tmp_path / "out", "--server", office.server.url, "--token-file", token,
        "--project", office.project.name, *STEPS, "--quiet",
    )  # fmt: skip
    assert (result.exit_code, result.output) == (0, "")


def test_the_client_goes_through_a_planners_day(office: Office, tmp_path: Path) -> None:
    with office.client(language="en") as client:
        assert client.session().roles == {office.project.id: "planner"}
        assert [project.name for project in client.projects()] == ["固安县"]
        home = office.project.id
        dataset = client.wait_for_dataset(home, client.upload(home, [office.ledger], options={"crs": "EPSG:4547"}))
        assert (dataset.state, dataset.summary["num_buildings"]) == ("ready", 12)
        seen: list[str] = []
        inputs = {"dataset": dataset.id}
        job = client.submit(home, "plan", inputs, limits={"step_limit": 100}, key="once")
        assert client.submit(home, "plan", inputs, limits={"step_limit": 100}, key="once").id == job.id
        job = client.wait(home, job.id, on_change=lambda now: seen.append(now.state))
        assert (job.state, seen[-1], job.over) == ("successful", "successful", True)
        plan = client.plan(home, job.plan or "")
        assert plan.id in [one.id for one in client.plans(home)]
        files = client.files(home, plan.id)
        assert client.download(files[0], tmp_path).stat().st_size == files[0].bytes
        client.stop(home, job.id)  # over already: nothing to do
        client.dismiss(home, job.id)
        with pytest.raises(Refused, match="request_invalid"):
            client.submit(home, "plan", {"dataset": "nothing"})


def test_a_search_that_is_stopped_keeps_its_best_and_one_that_is_dismissed_nothing(office: Office) -> None:
    with office.client() as client:
        home = office.project.id
        dataset = client.upload(home, [office.ledger], options={"crs": "EPSG:4547"})
        ledger = {"dataset": dataset.id}
        wish = threading.Event()
        threading.Timer(0.5, wish.set).start()
        job = client.submit(home, "plan", ledger, limits={"time_limit_s": 600})
        ended = client.wait(home, job.id, stopping=wish.is_set)
        assert (ended.state, ended.plan is not None) == ("successful", True)
        job = client.submit(home, "plan", ledger, limits={"time_limit_s": 600})
        client.dismiss(home, job.id)
        assert client.wait(home, job.id).state == "dismissed"


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
