"""A running service for the browser, and what is asked of the pages it shows."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chromium import HERE
from playwright.sync_api import Page
from twin import write_twin

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running service: its address, its data, and the project that is planned in it."""

    url: str
    data: Path
    process: subprocess.Popen[str]

    def api(self, method: str, path: str, body: Any = None, etag: str | None = None) -> Any:
        """The answer to a request, read as JSON; `etag` is the state that the request means to change."""
        request = urllib.request.Request(f"{self.url}/api/v1/{path}", method=method)
        if etag is not None:
            request.add_header("If-Match", etag)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=120) as answer:
            told = answer.read()
        return json.loads(told) if told else None

    @property
    def project(self) -> str:
        """The planned town's, which is the oldest; tests may make others beside it."""
        return str(self.api("GET", "projects")["items"][-1]["id"])

    @property
    def first_plan(self) -> str:
        """That of the planned town before anything else was made of it."""
        return str(self.api("GET", f"projects/{self.project}/plans")["items"][-1]["id"])

    @property
    def plan(self) -> str:
        return str(self.api("GET", f"projects/{self.project}/plans")["items"][0]["id"])

    def at(self, view: str, **query: str) -> str:
        """The address of a view of the planned project."""
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        return f"{self.url}/#/{self.project}/{view}" + (f"?{asked}" if asked else "")


@contextmanager
def serving(data: Path, port: int = 0, options: tuple[str, ...] = ()) -> Iterator[Server]:
    """`wangge serve` on a free port, with more options if asked, until the test is over."""
    command = [
        str(Path(sys.executable).with_name("wangge")),
        "serve",
        "--data",
        str(data),
        "--port",
        str(port),
        *options,
    ]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    # A pipe that nobody reads fills up with the log, and the service waits for ever.
    draining = threading.Thread(target=process.stdout.read, daemon=True)
    try:
        url = _address(process)
        draining.start()
        yield Server(url=url, data=data, process=process)
    finally:
        process.terminate()
        process.wait(timeout=60)
        if draining.ident is not None:
            draining.join()
        process.stdout.close()


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    told = ""
    for line in process.stdout:
        told += line
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        if found:
            return found[0]
    raise RuntimeError(f"the service did not start:\n{told}")


def wait_for(server: Server, job: dict[str, Any]) -> dict[str, Any]:
    """The job when it is over."""
    while job["state"] in {"accepted", "running"}:
        time.sleep(0.2)
        job = server.api("GET", job["links"]["self"].removeprefix("/api/v1/"))
    return job


def plan_town(server: Server) -> None:
    """The bundled town, planned."""
    project = server.api("POST", "projects", {"name": "故城县", "demo": "gucheng"})
    wait_for(server, server.api("GET", project["links"]["demo_job"].removeprefix("/api/v1/")))
    path = f"projects/{project['id']}"
    _plan(server, path, server.api("GET", f"{path}/datasets")["items"][0]["id"], 100, counts={"grid": 111})


def plan_twin(server: Server, folder: Path) -> None:
    """Fourteen grids of 固安县, planned; its files come to lie in `folder`."""
    write_twin(folder, side=2, compounds=16, villages=1)
    path = f"projects/{server.api('POST', 'projects', {'name': '固安县'})['id']}"
    _plan(server, path, upload(server, path, "county.gpkg", (folder / "county.gpkg").read_bytes(), {}), 1)


def _plan(server: Server, path: str, dataset: str, steps: int, **inputs: Any) -> None:
    asked = {"dataset": dataset, "levels": ["grid"], **inputs}
    body = {"kind": "plan", "name": "首个方案", "limits": {"step_limit": steps}, "inputs": asked}
    job = wait_for(server, server.api("POST", f"{path}/jobs", body))
    assert job["state"] == "successful", job


def upload(server: Server, home: str, name: str, content: bytes, options: dict[str, Any]) -> str:
    """The dataset of a file; also one that was refused."""
    mark = "wangge-upload"
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode() + content,
        f'\r\n--{mark}\r\nContent-Disposition: form-data; name="options"\r\n\r\n{json.dumps(options)}'.encode(),
        f"\r\n--{mark}--\r\n".encode(),
    ]
    request = urllib.request.Request(f"{server.url}/api/v1/{home}/datasets", data=b"".join(parts), method="POST")
    request.add_header("Content-Type", f"multipart/form-data; boundary={mark}")
    try:
        urllib.request.urlopen(request, timeout=120).close()
    except urllib.error.HTTPError as refused:
        if refused.code != 422:
            raise
    return str(server.api("GET", f"{home}/datasets")["items"][0]["id"])


def serious_findings(page: Page) -> list[str]:
    """What axe finds serious or critical on the page as it stands, in short."""
    page.evaluate((HERE / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{finding['id']}: {node['html'][:160]}"
        for finding in found["violations"]
        if finding["impact"] in {"serious", "critical"}
        for node in finding["nodes"]
    ]
