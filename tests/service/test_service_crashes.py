"""Servers and solvers that are killed, hang or grow too large: no accepted job is lost, none counts twice."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from conftest import emptied
from service_running import made_project, running, uploaded

from partitioner.model.plan_json import plan_from_json
from partitioner.model.problem_json import problem_from_json
from service.administration import damaged_files
from service.jobs.process import LEAST_SLACK, held

NUM_JOBS, NUM_KILLS = 6, 4

PROBLEM = {
    "format": "wangge-problem/1",
    "units": {"id": ["a", "b", "c"], "households": [200, 200, 250]},
    "edges": {"u": [0, 1], "v": [1, 2]},
    "bounds": {"min": 300, "max": 500},
}
LABELS = {"format": "wangge-plan/1", "grid": ["1", "1", "2"]}


class Killed:
    """A server in a process of its own, on one folder, that can be killed at any moment and started again."""

    def __init__(self, data: Path, database: str | None) -> None:
        self.data, self.database = data, database
        self.process: subprocess.Popen[str] | None = None
        self.url = ""

    def start(self) -> None:
        command = [sys.executable, "-c", "from partitioner.cli import main; main()", "serve", "--port", "0"]
        command += ["--data", str(self.data), "--jobs", "2", "--lang", "en"]
        if self.database:
            command += ["--database", self.database]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert self.process.stderr is not None
        for line in self.process.stderr:
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            if found:
                self.url = found.group()
                return
        raise AssertionError("the server did not start")

    def kill(self) -> list[psutil.Process]:
        assert self.process is not None
        children = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        assert self.process.stderr is not None
        self.process.stderr.close()
        return children

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=60)


@contextmanager
def killable(data: Path, database: str | None) -> Iterator[Killed]:
    server = Killed(data, database)
    try:
        yield server
    finally:
        if server.process is not None and server.process.poll() is None:
            server.kill()


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_no_job_is_lost_or_counts_twice_however_often_it_is_killed(
    backend: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    database = emptied(request.getfixturevalue("postgres_url")) if backend == "postgresql" else None
    chance = random.Random(7)
    with killable(tmp_path, database) as server:
        server.start()
        with server.client() as client:
            project = made_project(client)
            accepted = [submitted(client, project, i) for i in range(NUM_JOBS)]
        for _ in range(NUM_KILLS):
            time.sleep(chance.uniform(0.0, 2.5))
            solvers = psutil.Process(server.process.pid).children() if server.process else []
            if solvers and chance.random() < 0.4:
                chance.choice(solvers).kill()  # a solver dies, the server lives
                continue
            orphans = server.kill()
            _, alive = psutil.wait_procs(orphans, timeout=15)
            assert not alive
            server.start()
        jobs = finished(server, project, accepted)
    assert sorted(job["id"] for job in jobs) == sorted(accepted)
    for job in jobs:
        assert job["state"] == "successful" or job["attempts"] >= 3, job
    assert damaged_files(tmp_path, database)[0] == []


def submitted(client: httpx.Client, project: str, number: int) -> str:
    body = {"kind": "check", "inputs": {"problem": PROBLEM, "labels": LABELS}}
    reply = client.post(f"{project}/jobs", json=body, headers={"Idempotency-Key": f"k{number}"})
    assert reply.status_code == 202
    return str(reply.json()["id"])


def finished(server: Killed, project: str, accepted: list[str]) -> list[dict[str, Any]]:
    with server.client() as client:
        while True:
            jobs = client.get(f"{project}/jobs").json()["items"]
            if all(job["state"] in ("successful", "failed") for job in jobs):
                assert len(jobs) == len(accepted)
                return list(jobs)
            time.sleep(0.2)


def test_a_plan_that_was_interrupted_is_made_after_all_and_once(tmp_path: Path) -> None:
    with killable(tmp_path, None) as server:
        server.start()
        with server.client() as client:
            project = made_project(client)
            dataset = uploaded(client, project).json()["id"]
            body = {"kind": "plan", "inputs": {"dataset": dataset}, "limits": {"step_limit": 100}}
            job = client.post(f"{project}/jobs", json=body).json()
            while client.get(job["links"]["self"]).json()["phase"] not in ("search", "write", "finish"):
                time.sleep(0.02)
        server.kill()
        server.start()
        with server.client() as client:
            while (now := client.get(job["links"]["self"]).json())["state"] in ("accepted", "running"):
                time.sleep(0.1)
            assert (now["state"], now["attempts"]) == ("successful", 2)
            plans = client.get(f"{project}/plans").json()["items"]
            assert [plan["job"] for plan in plans] == [job["id"]]
            links = plans[0]["links"]
            problem = problem_from_json(client.get(links["problem"]).json())
            assert len(plan_from_json(client.get(links["labels"]).json())) == len(problem.units)


def test_a_server_that_is_asked_to_stop_gives_its_jobs_to_the_next(tmp_path: Path) -> None:
    with running(tmp_path) as server, server.client() as client:
        project = made_project(client)
        dataset = uploaded(client, project).json()["id"]
        body = {"kind": "plan", "inputs": {"dataset": dataset}, "limits": {"step_limit": 100}}
        job = client.post(f"{project}/jobs", json=body).json()
    with running(tmp_path) as server, server.client() as client:
        while (now := client.get(job["links"]["self"]).json())["state"] in ("accepted", "running"):
            time.sleep(0.1)
        assert now["state"] == "successful"
        store = server.services.store
        kept = store.job(project.rpartition("/")[2], job["id"])
        assert kept is not None
        assert kept.losses == 0


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ({"job_bytes": 10 * 1024 * 1024}, "job_memory"),
        ({"silence_s": 0.0}, "job_silent"),
        ({"job_s": 0.01, "writing_s": 0.0}, "job_too_long"),
    ],
)
def test_what_is_beyond_its_limits_is_ended_and_the_server_lives(
    tmp_path: Path, limits: dict[str, Any], code: str
) -> None:
    with running(tmp_path, **limits) as server, server.client() as client:
        project = made_project(client)
        body = {"kind": "check", "inputs": {"problem": PROBLEM, "labels": LABELS}}
        job = client.post(f"{project}/jobs", json=body, headers={"Prefer": "wait=60"}).json()
        assert (job["state"], job["error"]["code"]) == ("failed", code)
        assert client.get("/ready").status_code == 200


ALLOCATE = """
import sys
print(flush=True)
for line in sys.stdin:
    try:
        taken = bytearray(int(line))
        print(len(taken), flush=True)
    except MemoryError:
        print("refused", flush=True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of a running process")
def test_a_leap_in_memory_is_refused_by_the_system_and_the_limit_can_be_lifted_for_the_next_task() -> None:
    megabyte = 2**20
    command = [sys.executable, "-c", ALLOCATE]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()

        def allocated(num_bytes: int) -> str:
            process.stdin.write(f"{num_bytes}\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
            return process.stdout.readline().strip()  # type: ignore[union-attr]

        held(psutil.Process(process.pid), 64 * megabyte)
        assert allocated(2 * LEAST_SLACK) == "refused"
        assert allocated(64 * megabyte) == str(64 * megabyte)
        held(psutil.Process(process.pid), 8192 * megabyte)
        assert allocated(2 * LEAST_SLACK) != "refused"
        process.stdin.close()


def test_a_solver_that_hangs_is_ended_from_outside(tmp_path: Path) -> None:
    """It is stopped in its tracks, so that nothing in it can help."""
    with running(tmp_path) as server, server.client() as client:
        project = made_project(client)
        dataset = uploaded(client, project)
        assert dataset.status_code == 201
        # From now on: the process has loaded everything, which may take longer.
        object.__setattr__(server.services.settings.limits, "silence_s", 2.0)
        body = {"kind": "plan", "inputs": {"dataset": dataset.json()["id"]}, "limits": {"time_limit_s": 60}}
        job = client.post(f"{project}/jobs", json=body).json()
        while job["id"] not in server.services.runner._runs:
            time.sleep(0.01)
        process = server.services.runner._runs[job["id"]].process
        os.kill(process.pid, signal.SIGSTOP)
        while (now := client.get(job["links"]["self"]).json())["state"] == "running":
            time.sleep(0.05)
        assert now["error"]["code"] == "job_silent"
        assert not process.alive


def test_a_full_queue_is_said_with_when_to_come_back(tmp_path: Path) -> None:
    with (
        running(tmp_path, queued_jobs_per_project=1, queued_jobs=2, running_jobs=1) as server,
        server.client() as client,
    ):
        server.services.runner.close()
        projects = [made_project(client, str(i)) for i in range(3)]
        body = {"kind": "check", "inputs": {"problem": PROBLEM, "labels": LABELS}}

        def sent(number: int) -> httpx.Response:
            return client.post(f"{projects[number]}/jobs", json=body)

        assert [sent(0).status_code, sent(0).status_code, sent(1).status_code] == [202, 429, 202]
        full = sent(2)
        assert (full.status_code, full.json()["code"]) == (503, "queue_full")
        assert int(full.headers["retry-after"]) > 0


def test_two_servers_never_share_a_folder(tmp_path: Path) -> None:
    with running(tmp_path):
        command = [sys.executable, "-c", "from partitioner.cli import main; main()", "serve", "--port", "0"]
        second = subprocess.run(
            [*command, "--data", str(tmp_path), "--lang", "en"], capture_output=True, text=True, check=False
        )
    assert second.returncode == 2
    assert "folder_taken" in second.stderr


def test_stop_keeps_the_best_plan_so_far(tmp_path: Path) -> None:
    with running(tmp_path, spare=True) as server, server.client() as client:
        project = client.post("/api/v1/projects", json={"name": "示例", "demo": "gucheng"})
        address, reading = project.headers["location"], project.json()["links"]["demo_job"]
        while client.get(reading).json()["state"] != "successful":
            time.sleep(0.1)
        dataset = client.get(f"{address}/datasets").json()["items"][0]["id"]
        body = {"kind": "plan", "inputs": {"dataset": dataset}, "limits": {"time_limit_s": 600}}
        job = client.post(f"{address}/jobs", json=body).json()
        while client.get(job["links"]["best"]).status_code == 204:
            time.sleep(0.1)
        while client.get(job["links"]["best"]).json()["best"] is None:
            time.sleep(0.1)
        best = client.get(job["links"]["best"]).json()
        assert len(best["units"]) == len(best["grid"])
        assert client.post(job["links"]["stop"]).status_code == 202
        while (now := client.get(job["links"]["self"]).json())["state"] == "running":
            time.sleep(0.1)
        assert (now["state"], now["stop_reason"]) == ("successful", "cancelled")
        plan = client.get(now["links"]["plan"]).json()["levels"][0]
        assert plan["objective"]["total"] <= best["best"] * (1 + 1e-9)
        assert json.dumps(plan)
