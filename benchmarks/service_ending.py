"""How soon a job that solves is stopped, or dismissed and its process gone."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil

from benchmarks.rows import Row
from benchmarks.serving import asked, made_project, over, served

REPEATS = 5
SOLVING_S = 600.0
"""Time limit of the jobs: none of them ends by itself."""

STARTING_S = 300.0
"""A job that has no plan by then will not have one."""

LOOK_EVERY_S = 0.005


def measure() -> Iterator[Row]:
    """Both ways to end a job of Gucheng that has a plan and looks for a better one."""
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder) / "data", jobs=1) as server,
    ):
        server.start()
        with server.client() as client:
            project = made_project(client, demo="gucheng")
            home = str(project["links"]["self"])
            dataset = str(over(client, project["links"]["demo_job"])["result"]["dataset"])
            told, kept = [], []
            for _ in range(REPEATS):
                links = _solving(client, home, dataset)
                began = time.perf_counter()
                client.post(links["stop"]).raise_for_status()
                told.append(time.perf_counter() - began)
                over(client, links["self"])
                kept.append(time.perf_counter() - began)
            yield {"part": "stop", **_told(told), "kept_s": round(statistics.median(kept), 2)}
            told, gone = [], []
            for _ in range(REPEATS):
                links = _solving(client, home, dataset)
                busy = max(server.solvers, key=lambda process: process.memory_info().rss)
                began = time.perf_counter()
                client.delete(links["self"]).raise_for_status()
                told.append(time.perf_counter() - began)
                while _runs(busy):
                    time.sleep(LOOK_EVERY_S)
                gone.append(time.perf_counter() - began)
            yield {"part": "dismiss", **_told(told), "gone_ms": round(1000 * max(gone), 1)}


def _solving(client: httpx.Client, home: str, dataset: str) -> dict[str, Any]:
    """The links of a job that has a first plan."""
    links: dict[str, Any] = asked(client, home, "plan", {"dataset": dataset}, time_limit_s=SOLVING_S)["links"]
    until = time.monotonic() + STARTING_S
    while (told := client.get(links["self"]).json())["progress"].get("best") is None:
        if told["state"] not in ("accepted", "running") or time.monotonic() > until:
            raise RuntimeError(f"a job does not solve: {told['state']}, phase {told['phase']}: {told['error']}")
        time.sleep(0.1)
    return links


def _runs(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def _told(seconds: list[float]) -> Row:
    return {
        "requests": len(seconds),
        "median_ms": round(1000 * statistics.median(seconds), 1),
        "slowest_ms": round(1000 * max(seconds), 1),
    }
