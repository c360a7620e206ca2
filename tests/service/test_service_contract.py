"""The OpenAPI document: compared with the one in the repository, and every route tried by every role."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from service_running import Server, running

from service.app import contract
from service.auth import PERMISSIONS, ROLES, made_token
from service.errors import PROBLEMS
from service.records import Project, new_id

SNAPSHOT = Path(__file__).parents[2] / "docs" / "reference" / "openapi.json"

CONTRACT: dict[str, Any] = contract()

OPERATIONS = [
    (method, path, operation["x-permission"])
    for path, methods in CONTRACT["paths"].items()
    for method, operation in methods.items()
]
"""Every route, read from the contract: a new one is tried without anybody thinking of it."""

OF_PROJECTS = [(m, p, permission) for m, p, permission in OPERATIONS if "{project}" in p]


def as_text(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def test_the_contract_is_the_one_in_the_repository() -> None:
    """After an intended change: `python -m service.api > docs/reference/openapi.json`."""
    assert as_text(CONTRACT) == SNAPSHOT.read_text("utf-8")


def test_every_route_is_in_the_reference() -> None:
    told = re.sub(r"\{\w+\}", "{}", (SNAPSHOT.parent / "service.md").read_text("utf-8"))
    missing = []
    for _, path, _ in OPERATIONS:
        bare = re.sub(r"\{\w+\}", "{}", path)
        forms = (bare, bare.removeprefix("/api/v1"), bare.removeprefix("/api/v1/projects/{}"))
        if not any((form and f"`{form}`" in told) or f"`{form}?" in told for form in forms):
            missing.append(path)
    assert not missing


def test_every_route_of_a_project_asks_for_a_permission() -> None:
    assert {permission for _, _, permission in OF_PROJECTS} <= set(PERMISSIONS)
    assert {permission for _, _, permission in OPERATIONS} <= {*PERMISSIONS, "open", "known", "server"}


def test_every_error_that_a_route_may_answer_is_in_the_table() -> None:
    statuses = {kind.status for kind in PROBLEMS.values()}
    told = {
        int(status)
        for methods in CONTRACT["paths"].values()
        for operation in methods.values()
        for status in operation["responses"]
        if status >= "400"
    }
    assert told == statuses


@dataclass
class Doors:
    """A server with a token of every role in one project, and another project that is none of theirs."""

    server: Server
    clients: dict[str, httpx.Client]
    project: str
    foreign: str


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    with running(tmp_path_factory.mktemp("doors")) as server:
        store = server.services.store
        mine, foreign = (Project(id=new_id(), name=n, profile="hebei", created=1.0, updated=1.0) for n in ("甲", "乙"))
        store.add_project(mine)
        store.add_project(foreign)
        clients = {"nobody": server.client(), "wrong": server.client(f"wg_{new_id()}_{'A' * 43}")}
        for role in ROLES:
            token, text = made_token(role)
            store.add_token(token)
            store.set_member(mine.id, token.id, role)
            clients[role] = server.client(text)
        token, text = made_token("root", server_admin=True)
        store.add_token(token)
        clients["server"] = server.client(text)
        yield Doors(server, clients, mine.id, foreign.id)
        for client in clients.values():
            client.close()


def asked(client: httpx.Client, method: str, path: str, project: str) -> httpx.Response:
    """A request to a route, about things that are not there."""
    filled = path.replace("{project}", project).replace("{number}", "0")
    filled = re.sub(r"\{(name|code)\}", "nothing", filled)
    filled = re.sub(r"\{\w+\}", "0" * 24, filled)
    body = {"json": {"kind": "?"}} if method in ("post", "put", "patch") else {}
    return client.request(method, filled, **body)  # type: ignore[arg-type]


@pytest.mark.parametrize(("method", "path", "permission"), OPERATIONS)
def test_nobody_gets_in_without_a_token(doors: Doors, method: str, path: str, permission: str) -> None:
    if path == "/metrics":
        permission = "server"
    for who in ("nobody", "wrong"):
        reply = asked(doors.clients[who], method, path, doors.project)
        assert (reply.status_code == 401) == (permission != "open"), reply.text


@pytest.mark.parametrize(("method", "path", "permission"), OF_PROJECTS)
def test_a_role_may_do_what_its_permission_says_and_nothing_else(
    doors: Doors, method: str, path: str, permission: str
) -> None:
    for role in ROLES:
        reply = asked(doors.clients[role], method, path, doors.project)
        allowed = role in PERMISSIONS[permission]
        # A body that is wrong may be told before the role: it says nothing of the project.
        assert (reply.status_code == 403) <= (not allowed), reply.text
        assert allowed or reply.status_code in (403, 422), reply.text


@pytest.mark.parametrize(("method", "path", "permission"), OF_PROJECTS)
def test_another_project_is_not_there(doors: Doors, method: str, path: str, permission: str) -> None:
    for role in ROLES:
        foreign = asked(doors.clients[role], method, path, doors.foreign)
        nowhere = asked(doors.clients[role], method, path, "f" * 24)
        assert foreign.status_code in (404, 422)
        told = [reply.text.replace(doors.foreign, "f" * 24) for reply in (foreign, nowhere)]
        assert told[0] == told[1]
    assert permission


def test_a_server_admin_sees_all_and_others_only_theirs(doors: Doors) -> None:
    assert len(doors.clients["server"].get("/api/v1/projects").json()["items"]) == 2
    assert [p["id"] for p in doors.clients["viewer"].get("/api/v1/projects").json()["items"]] == [doors.project]
    assert doors.clients["admin"].post("/api/v1/projects", json={"name": "x"}).status_code == 403
    assert doors.clients["viewer"].get("/metrics").status_code == 403
    assert b"wangge_requests_total" in doors.clients["server"].get("/metrics").content


def test_a_cookie_is_as_good_as_a_header_and_scripts_cannot_read_it(doors: Doors) -> None:
    token = doors.clients["viewer"].headers["authorization"].partition(" ")[2]
    with doors.server.client() as browser:
        reply = browser.post("/api/v1/session", json={"token": token})
        assert reply.json()["roles"] == {doors.project: "viewer"}
        assert "HttpOnly" in reply.headers["set-cookie"]
        assert "SameSite=strict" in reply.headers["set-cookie"]
        assert "Secure" not in reply.headers["set-cookie"]
        behind_tls = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "10.0.0.1"}
        proxied = browser.post("/api/v1/session", json={"token": token}, headers=behind_tls)
        assert "Secure" in proxied.headers["set-cookie"]
        reply = browser.post("/api/v1/session", json={"token": token})
        assert browser.get("/api/v1/session").json()["actor"] == "viewer"
        assert browser.delete("/api/v1/session").status_code == 204
        assert browser.get("/api/v1/session").status_code == 401
        assert browser.post("/api/v1/session", json={"token": "wg_no"}).status_code == 401


def test_a_revoked_or_expired_token_opens_nothing(doors: Doors) -> None:
    store = doors.server.services.store
    gone, text = made_token("gone", server_admin=True)
    store.add_token(gone)
    late, late_text = made_token("late", server_admin=True, lasts_s=-1.0)
    store.add_token(late)
    with doors.server.client(text) as client:
        assert client.get("/api/v1/session").status_code == 200
        store.revoke_token(gone.id, 1.0)
        assert client.get("/api/v1/session").json()["code"] == "token_wrong"
    with doors.server.client(late_text) as client:
        assert client.get("/api/v1/session").status_code == 401


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Host": "evil.example"}, "host_unknown"),
        ({"Origin": "http://evil.example"}, "origin_foreign"),
        ({"Sec-Fetch-Site": "cross-site"}, "origin_foreign"),
    ],
)
def test_what_a_foreign_page_sends_is_refused(doors: Doors, headers: dict[str, str], code: str) -> None:
    reply = doors.clients["server"].post("/api/v1/projects", headers=headers, content=b"{}")
    assert reply.json()["code"] == code
    assert len(doors.clients["server"].get("/api/v1/projects").json()["items"]) == 2


def test_every_answer_carries_the_security_headers(doors: Doors) -> None:
    for path in ("/health", "/api/v1", "/api/v1/projects", "/nothing", "/api/v1/nothing"):
        headers = doors.clients["nobody"].get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "default-src" in headers["content-security-policy"]
        assert "access-control-allow-origin" not in headers
        assert "server" not in headers or headers["server"] == "uvicorn"


def test_a_body_that_goes_on_and_on_is_cut_off(doors: Doors) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(40):
            yield b" " * 1024 * 1024

    reply = doors.clients["server"].post(
        "/api/v1/projects", content=pieces(), headers={"Content-Type": "application/json"}
    )
    assert reply.status_code == 413


@pytest.mark.parametrize(
    "body", [b"{", b'{"name": "\\ud800"}', b'{"name": "a\\u0000b"}', b"[" * 100_000, b"\xff\xfe", b'{"name": 1e999}']
)
def test_bodies_that_are_no_good_are_told_so(doors: Doors, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    reply = doors.clients["server"].post("/api/v1/projects", content=body, headers=headers)
    assert reply.status_code in (400, 422), reply.text
    assert reply.headers["content-type"] == "application/problem+json"


def test_a_client_that_asks_too_often_has_to_wait(tmp_path: Path) -> None:
    with running(tmp_path, requests_per_minute=60) as server, server.client() as client:
        replies = [client.get("/api/v1") for _ in range(15)]
        assert {reply.status_code for reply in replies} == {200, 429}
        assert int(replies[-1].headers["retry-after"]) >= 1
        assert client.get("/health").status_code == 200


def test_a_proxy_in_front_of_a_server_without_tokens_is_refused(tmp_path: Path) -> None:
    with running(tmp_path) as server, server.client(**{"X-Forwarded-For": "10.0.0.9"}) as client:
        assert client.get("/api/v1/projects").json()["code"] == "proxy_without_tokens"
