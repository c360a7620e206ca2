"""Servers and solvers that are killed, hang or grow too large: no accepted job is lost, none counts twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from conftest import emptied
from service_running import LONGEST_S, awaited, made_project, over, running, uploaded

from benchmarks.killing import kill_at_random
from benchmarks.serving import served
from service.jobs.process import LEAST_SLACK, held

NUM_JOBS, NUM_KILLS, SEED = 2, 2, 1
"""With this seed one kill hits the server and one a solver; the first job makes a plan, the second checks one."""

PROBLEM = {
    "format": "wangge-problem/1",
    "units": {"id": ["a", "b", "c"], "households": [200, 200, 250]},
    "edges": {"u": [0, 1], "v": [1, 2]},
    "bounds": {"min": 300, "max": 500},
}
LABELS = {"format": "wangge-plan/1", "grid": ["1", "1", "2"]}


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_no_job_is_lost_or_counts_twice_however_often_it_is_killed(
    backend: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The benchmark `service` does the same with many more jobs and kills."""
    database = emptied(request.getfixturevalue("postgres_url")) if backend == "postgresql" else None
    with served(tmp_path / "data", database, jobs=1) as server:
        fate = kill_at_random(server, jobs=NUM_JOBS, kills=NUM_KILLS, seed=SEED, mean_pause_s=1.0, longest_s=LONGEST_S)
    assert fate.kills == NUM_KILLS
    assert fate.attempts > len(fate.accepted)
    assert fate.sound, fate
    assert fate.states["successful"] + fate.states["job_interrupted"] + fate.states["job_crashed"] == len(fate.accepted)


def test_a_server_that_is_asked_to_stop_gives_its_jobs_to_the_next(tmp_path: Path) -> None:
    with running(tmp_path) as server, server.client() as client:
        project = made_project(client)
        body = {"kind": "check", "inputs": {"problem": PROBLEM, "labels": LABELS}}
        job = client.post(f"{project}/jobs", json=body).json()
    with running(tmp_path) as server, server.client() as client:
        assert over(client, job["links"]["self"])["state"] == "successful"
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
        runs = server.services.runner._runs
        process = awaited(lambda: runs.get(job["id"]), lambda run: run is not None, "the start of a job").process
        os.kill(process.pid, signal.SIGSTOP)
        now = over(client, job["links"]["self"])
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
            [*command, "--data", str(tmp_path), "--lang", "en"],
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST_S,
        )
    assert second.returncode == 2
    assert "folder_taken" in second.stderr


TOO_LARGE_TO_PROVE = "编号,社区,户数,x,y\n" + "".join(
    f"b{i},东街社区,{20 + i * i % 17},{500000 + 60 * (i % 20)},{4100000 + 60 * (i // 20)}\n" for i in range(400)
)
"""A solver does not come to an end with it by itself before it is stopped."""


def test_stop_keeps_the_best_plan_so_far(tmp_path: Path) -> None:
    with running(tmp_path) as server, server.client() as client:
        address = made_project(client)
        dataset = uploaded(client, address, TOO_LARGE_TO_PROVE).json()["id"]
        body = {"kind": "plan", "inputs": {"dataset": dataset}, "limits": {"time_limit_s": 600}}
        job = client.post(f"{address}/jobs", json=body).json()
        address = job["links"]["best"]
        known = awaited(
            lambda: client.get(address),
            lambda reply: reply.status_code == 200 and reply.json()["best"] is not None,
            "a first plan",
        )
        best = known.json()
        assert len(best["units"]) == len(best["grid"])
        assert client.post(job["links"]["stop"]).status_code == 202
        now = over(client, job["links"]["self"])
        assert (now["state"], now["stop_reason"]) == ("successful", "cancelled")
        plan = client.get(now["links"]["plan"]).json()["levels"][0]
        assert plan["objective"]["total"] <= best["best"] * (1 + 1e-9)
