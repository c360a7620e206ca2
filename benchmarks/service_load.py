"""What clients of a busy server wait for, what a job costs beyond the library, and what an upload takes in memory."""

from __future__ import annotations

import http.client
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil

from benchmarks.rows import Row
from benchmarks.serving import Served, asked, ledger, made_project, over, served, uploaded
from service.administration import added_token

UNITS, CLIENTS, READING_S = 20_000, 100, 60.0
PLANNING_S = 20.0
"""Solving time of the plan that is read, and of the town that is edited."""

STARTING_S = 300.0
"""A job that does not solve by then will not."""

PAUSE_S = 1.0
"""A page looks once a second, on the mean."""

EDITS = 100
STEPS, REPEATS = 20_000, 3
UPLOAD_MB, REMARK = 50, 2_000
MEGABYTE = 1024 * 1024


@dataclass(kw_only=True)
class Waits:
    """What answers took, in seconds, by what was asked for."""

    taken: dict[str, list[float]] = field(default_factory=dict)
    refused: int = 0
    errors: list[str] = field(default_factory=list)

    def add(self, other: Waits) -> None:
        """What another client waited for."""
        for kind, seconds in other.taken.items():
            self.taken.setdefault(kind, []).extend(seconds)
        self.refused += other.refused
        self.errors += other.errors


def measure(*, seed: int) -> Iterator[Row]:
    """Every row, from one server."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        with served(data) as server:
            server.start()
            with server.client() as client:
                big = _planned_ledger(client)
                town, dataset = _planned_town(client)
            tokens = [added_token(data, None, f"reader {i}", server_admin=True) for i in range(CLIENTS)]
            with server.client(tokens[0]) as client:
                yield {"part": "job over library call", **_overhead(client, town, dataset, Path(folder), seed)}
                yield {"part": "edit, quiet", **_edits(client, town, seed)}
                with _solving(client, town, dataset):
                    yield from _reads(server, client, big, town, tokens, seed)
                yield {"part": "upload", **_upload(server, client)}


def _planned_ledger(client: httpx.Client) -> str:
    """Address of a plan of `UNITS` units."""
    project = str(made_project(client)["links"]["self"])
    dataset = uploaded(client, project, ledger(UNITS))
    return _plan(client, project, dataset)


def _planned_town(client: httpx.Client) -> tuple[str, str]:
    """Address of the plan of a bundled town, and its dataset's id."""
    project = made_project(client, demo="gucheng")
    address = str(project["links"]["self"])
    dataset = str(over(client, project["links"]["demo_job"])["result"]["dataset"])
    return _plan(client, address, dataset), dataset


def _plan(client: httpx.Client, project: str, dataset: str) -> str:
    job = asked(client, project, "plan", {"dataset": dataset}, time_limit_s=PLANNING_S)
    told = over(client, job["links"]["self"])
    if told["state"] != "successful":
        raise RuntimeError(f"no plan: {told['error']}")
    return str(told["links"]["plan"])


def _project(plan: str) -> str:
    return plan.partition("/plans/")[0]


@contextmanager
def _solving(client: httpx.Client, town: str, dataset: str) -> Iterator[None]:
    """Two jobs solve as long as the block runs."""
    jobs = [asked(client, _project(town), "plan", {"dataset": dataset}, time_limit_s=3000) for _ in range(2)]
    try:
        until = time.monotonic() + STARTING_S
        while any((told := client.get(job["links"]["self"]).json())["phase"] != "search" for job in jobs):
            if told["state"] not in ("accepted", "running") or time.monotonic() > until:
                raise RuntimeError(f"a job does not solve: {told['state']}, phase {told['phase']}: {told['error']}")
            time.sleep(0.2)
        yield
    finally:
        for job in jobs:
            client.delete(job["links"]["self"])


def _reads(
    server: Served, client: httpx.Client, plan: str, town: str, tokens: Sequence[str], seed: int
) -> Iterator[Row]:
    """Readers and one editor at the same time."""
    stop, everything = threading.Event(), Waits()
    job = client.get(f"{_project(town)}/jobs", params={"state": "running"}).json()["items"][0]["links"]["self"]
    cells = client.get(f"{plan}/layers/cells")
    paths = _paths(plan, job, cells.headers["etag"])
    found = [Waits() for _ in tokens]
    threads = [
        threading.Thread(target=_read, args=(server.url, token, paths, random.Random(seed + i), stop, found[i]))
        for i, token in enumerate(tokens)
    ]
    for thread in threads:
        thread.start()
    began = time.monotonic()
    editing = _edits(client, town, seed)
    stop.wait(max(0.0, READING_S - (time.monotonic() - began)))
    stop.set()
    for thread in threads:
        thread.join()
    for waits in found:
        everything.add(waits)
    yield {"part": "edit, busy", **editing}
    common = {"units": len(cells.json()["features"]), "clients": len(tokens)}
    together = [seconds for taken in everything.taken.values() for seconds in taken]
    failed = {"failed": everything.errors[0]} if everything.errors else {}
    yield {
        "part": "reads", **common, **_spread(together),
        "refused": everything.refused, "errors": len(everything.errors), **failed,
    }  # fmt: skip
    for kind, taken in sorted(everything.taken.items()):
        yield {"part": f"reads: {kind}", **common, **_spread(taken)}


def _paths(plan: str, job: str, tag: str) -> list[tuple[str, int, str, dict[str, str]]]:
    """What is read: its name, how often out of a hundred times, its address and headers."""
    items = plan.replace("/api/v1/", "/ogc/") + "/collections/units/items?limit=100"
    return [
        ("job", 50, job, {}),
        ("plan", 15, plan, {}),
        ("areas", 15, f"{plan}/areas?limit=100", {}),
        ("items", 9, items, {}),
        ("cells, unchanged", 10, f"{plan}/layers/cells", {"If-None-Match": tag}),
        ("cells, whole", 1, f"{plan}/layers/cells", {"Accept-Encoding": "gzip"}),
    ]


def _read(
    url: str,
    token: str,
    paths: Sequence[tuple[str, int, str, dict[str, str]]],
    chance: random.Random,
    stop: threading.Event,
    waits: Waits,
) -> None:
    """One client: asks, waits, looks away for a moment."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)
    shares = [share for _, share, _, _ in paths]
    while not stop.wait(chance.uniform(0.0, 2.0 * PAUSE_S)):
        kind, _, path, headers = chance.choices(paths, shares)[0]
        began = time.perf_counter()
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {token}", **headers})
            reply = connection.getresponse()
            reply.read()
        except (OSError, http.client.HTTPException) as error:
            waits.errors.append(f"{kind}: {type(error).__name__}")
            connection.close()
            continue
        if reply.status in (200, 304):
            waits.taken.setdefault(kind, []).append(time.perf_counter() - began)
        elif reply.status == 429:
            waits.refused += 1
        else:
            waits.errors.append(f"{kind}: {reply.status}")
    connection.close()


def _edits(client: httpx.Client, town: str, seed: int) -> Row:
    """Moves across lines, each tried out and answered with what it would do."""
    draft = client.post(f"{_project(town)}/drafts", json={"plan": town.rpartition("/")[2]}).json()
    labels = client.get(draft["links"]["labels"]).json()
    chance, units = random.Random(seed), labels["units"]
    taken: list[float] = []
    client.post(draft["links"]["takers"], json={"units": units[:1]})
    while len(taken) < EDITS:
        unit = chance.choice(units)
        takers = client.post(draft["links"]["takers"], json={"units": [unit]}).json()
        if not takers:
            continue
        began = time.perf_counter()
        reply = client.post(
            draft["links"]["trials"], json={"moves": [{"units": [unit], "grid": chance.choice(takers)["grid"]}]}
        )
        taken.append(time.perf_counter() - began)
        reply.raise_for_status()
    return {"units": len(units), **_spread(taken)}


def _overhead(client: httpx.Client, town: str, dataset: str, folder: Path, seed: int) -> Row:
    """The same plan by a job and by the library in this process, in turn: medians."""
    from partitioner.io.reading import read_county
    from partitioner.planning import plan_levels, write_outputs
    from partitioner.profiles import load_profile
    from partitioner.solver import Limits
    from partitioner.solver.warm_up import ready
    from service.demo import case_file

    name, contents = case_file("gucheng")
    (folder / name).write_bytes(contents)
    profile = load_profile("hebei")

    def library() -> None:
        county = read_county([folder / name], expand_seed=seed)
        levels = [profile.level("grid")]
        planned = plan_levels(county, profile, levels, limits=Limits(step_limit=STEPS, seed=seed))
        write_outputs(planned, str(folder / "plan"))

    def job() -> None:
        made = asked(client, _project(town), "plan", {"dataset": dataset}, step_limit=STEPS, seed=seed)
        if over(client, made["links"]["self"])["state"] != "successful":
            raise RuntimeError("the job failed")

    ready()
    library()
    called, by_job = [], []
    for _ in range(REPEATS):
        called.append(_seconds(library))
        by_job.append(_seconds(job))
    one, other = statistics.median(called), statistics.median(by_job)
    return {
        "seconds": round(other, 2),
        "library_s": round(one, 2),
        "overhead_s": round(other - one, 2),
        "overhead_share": round(other / one - 1.0, 4),
        "each_s": [round(value, 2) for value in called + by_job],
    }


def _seconds(task: Callable[[], None]) -> float:
    began = time.perf_counter()
    task()
    return time.perf_counter() - began


def _upload(server: Served, client: httpx.Client) -> Row:
    """The most that the server's own process and the reading process grew meanwhile."""
    remark = "备" * (REMARK // 3)
    contents = ledger(UPLOAD_MB * MEGABYTE // (REMARK + 45), remark=remark)
    project = str(made_project(client)["links"]["self"])
    before = server.process.memory_info().rss
    most, reading, stop = [before], [0], threading.Event()

    def watch() -> None:
        while not stop.wait(0.05):
            with suppress(psutil.Error):
                most.append(server.process.memory_info().rss)
                reading.append(max((solver.memory_info().rss for solver in server.solvers), default=0))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        seconds = _seconds(lambda: _ignored(uploaded(client, project, contents)))
    finally:
        stop.set()
        watcher.join()
    return {
        "upload_mb": round(len(contents) / MEGABYTE, 1),
        "growth_mb": round((max(most) - before) / MEGABYTE),
        "reading_mb": round(max(reading) / MEGABYTE),
        "seconds": round(seconds, 1),
    }


def _ignored(_: Any) -> None:
    return


def _spread(taken: Sequence[float]) -> Row:
    """Requests, and the median, the 95th percentile and the slowest, in milliseconds."""
    if not taken:
        return {"requests": 0}
    ordered = sorted(taken)
    return {
        "requests": len(ordered),
        "median_ms": round(1000 * statistics.median(ordered), 1),
        "p95_ms": round(1000 * ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], 1),
        "slowest_ms": round(1000 * ordered[-1], 1),
    }
