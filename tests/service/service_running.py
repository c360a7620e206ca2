"""A whole server in this process, on a port of its own; its solvers are real processes."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
import uvicorn

from service.api.services import Services
from service.app import create_app
from service.settings import Limits, Settings

LEDGER = "编号,社区,小区,户数,x,y\n" + "".join(
    f"b{i},东街社区,{'东苑' if i < 6 else '西苑'},{110 + i},{500000 + 60 * (i % 4)},{4100000 + 60 * (i // 4)}\n"
    for i in range(12)
)
"""Twelve buildings in three rows: three or four grids."""

OPTIONS = '{"crs": "EPSG:4547"}'


LONGEST_S = 300.0
"""What has not happened by then never will; everything awaited here takes seconds on a quiet machine."""

T = TypeVar("T")


def awaited(ask: Callable[[], T], good: Callable[[T], bool], what: str) -> T:
    """The first answer that is good; a failed test that says what it waited for if none comes."""
    until = time.monotonic() + LONGEST_S
    answer = ask()
    while not good(answer):
        if time.monotonic() > until:
            pytest.fail(f"waited {LONGEST_S:g} s in vain for {what}; last seen: {answer!r:.1000}")
        time.sleep(0.05)
        answer = ask()
    return answer


def over(client: httpx.Client, address: str) -> dict[str, Any]:
    """The job at `address` when it is over."""

    def job() -> dict[str, Any]:
        told: dict[str, Any] = client.get(address).json()
        return told

    return awaited(job, lambda told: told["state"] not in ("accepted", "running"), "the end of a job")


@contextmanager
def running(data: Path, *, spare: bool = False, database: str | None = None, **limits: Any) -> Iterator[Server]:
    """A server until the block ends."""
    settings = Settings(data=data, database=database, limits=replace(Limits(), **limits))
    app = create_app(settings, drain_s=0.0, spare=spare)
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    awaited(lambda: (server.started, thread.is_alive()), lambda seen: seen[0] or not seen[1], "the server to start")
    assert server.started, "the server ended instead of starting"
    try:
        yield Server(f"http://127.0.0.1:{listener.getsockname()[1]}", app.state.services)
    finally:
        server.should_exit = True
        thread.join(LONGEST_S)
        assert not thread.is_alive(), "the server did not stop"
        listener.close()


class Server:
    """A running server and a client of it."""

    def __init__(self, url: str, services: Services) -> None:
        self.url, self.services = url, services

    def client(self, token: str | None = None, **headers: str) -> httpx.Client:
        """Asks as the holder of `token`."""
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return httpx.Client(base_url=self.url, headers=headers, timeout=120)


def made_project(client: httpx.Client, name: str = "固安县") -> str:
    """The address of a new project."""
    reply = client.post("/api/v1/projects", json={"name": name})
    assert reply.status_code == 201, reply.text
    return str(reply.headers["location"])


def uploaded(client: httpx.Client, project: str, text: str = LEDGER, **more: Any) -> httpx.Response:
    """A ledger sent as a file."""
    return client.post(
        f"{project}/datasets",
        files={"files": ("楼栋台账.csv", text.encode())},
        data={"options": OPTIONS, **more},
        headers={"Prefer": "wait=60"},
    )


def ended(client: httpx.Client, project: str, kind: str, inputs: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A job when it is over."""
    body = {"kind": kind, "inputs": inputs, "limits": {"step_limit": 200}, **more}
    reply = client.post(f"{project}/jobs", json=body, headers={"Prefer": "wait=60"})
    assert reply.status_code in (200, 202), reply.text
    return over(client, reply.json()["links"]["self"])
