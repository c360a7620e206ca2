"""Servers and solvers killed at random moments while jobs wait and run: what became of every accepted job."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx
import psutil

from benchmarks.serving import Served, ledger, made_project, uploaded
from partitioner.model.plan_json import plan_from_json
from partitioner.model.problem_json import problem_from_json
from service.administration import damaged_files

BUILDINGS, HOUSEHOLDS = 12, 110
PLAN_EVERY = 3
"""Every third job makes a plan, the others check one."""

SOLVER_SHARE = 0.5
"""So many of the kills hit a solver; the others the server."""

MEAN_PAUSE_S = 2.0
GONE_S = 15.0
"""Solvers of a killed server that are alive after that were left behind."""

ENDING_S = 1800.0
"""After the last kill all jobs are over by then, or something hangs."""

DONE = ("successful", "failed", "dismissed")

PROBLEM = {
    "format": "wangge-problem/1",
    "units": {"id": ["a", "b", "c"], "households": [200, 200, 250]},
    "edges": {"u": [0, 1], "v": [1, 2]},
    "bounds": {"min": 300, "max": 500},
}
LABELS = {"format": "wangge-plan/1", "grid": ["1", "1", "2"]}


@dataclass(kw_only=True)
class Fate:
    """What became of the jobs.

    Parameters
    ----------
    accepted : list of str
        Ids that a client was answered.
    states : Counter
        Jobs by state, those that failed by the code of their error.
    lost : list of str
        Accepted, and not there any more.
    twice : list of str
        Jobs with two results, or with one although they did not succeed.
    without : list of str
        Successful plan jobs without a plan.
    damaged : list of str
        Plans that are not whole, and files that are not what they were.
    left_behind : int
        Solvers that lived on without their server.
    """

    accepted: list[str] = field(default_factory=list)
    server_kills: int = 0
    solver_kills: int = 0
    attempts: int = 0
    plans: int = 0
    states: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    left_behind: int = 0

    @property
    def kills(self) -> int:
        """Of either kind."""
        return self.server_kills + self.solver_kills

    @property
    def sound(self) -> bool:
        """Whether every promise was kept."""
        return not (self.lost or self.twice or self.without or self.damaged or self.left_behind)


def kill_at_random(
    server: Served,
    *,
    jobs: int,
    kills: int,
    seed: int,
    longest_s: float = float("inf"),
    mean_pause_s: float = MEAN_PAUSE_S,
) -> Fate:
    """Queue `jobs` jobs and kill until all are over; again, until there were so many kills; then let all end.

    Parameters
    ----------
    server : Served
        Not started yet, on an empty folder and database.
    longest_s : float
        No kill comes later; the fate tells how many there were.
    mean_pause_s : float
        Between two kills.
    """
    chance, fate = random.Random(seed), Fate()
    until = time.monotonic() + longest_s
    server.start()
    with server.client() as client:
        project = str(made_project(client)["links"]["self"])
        dataset = uploaded(client, project, ledger(BUILDINGS, households=HOUSEHOLDS))
    while True:
        with server.client() as client:
            fate.accepted += [_submitted(client, project, dataset, len(fate.accepted) + i) for i in range(jobs)]
        while fate.kills < kills and time.monotonic() < until and not _all_over(server, project):
            time.sleep(chance.expovariate(1.0 / mean_pause_s))
            _kill(server, chance, fate)
        if fate.kills >= kills or time.monotonic() >= until:
            break
    _await_end(server, project)
    _judge(server, project, fate)
    return fate


def _submitted(client: httpx.Client, project: str, dataset: str, number: int) -> str:
    inputs: dict[str, Any] = {"problem": PROBLEM, "labels": LABELS}
    body: dict[str, Any] = {"kind": "check", "inputs": inputs}
    if number % PLAN_EVERY == 0:
        body = {"kind": "plan", "inputs": {"dataset": dataset}, "limits": {"step_limit": 50}}
    reply = client.post(f"{project}/jobs", json=body, headers={"Idempotency-Key": f"k{number}"})
    if reply.status_code != 202:
        raise RuntimeError(f"{reply.status_code}: {reply.text}")
    return str(reply.json()["id"])


def _kill(server: Served, chance: random.Random, fate: Fate) -> None:
    if chance.random() < SOLVER_SHARE:
        solvers = sorted(server.solvers, key=lambda process: process.pid)
        if solvers:
            chance.choice(solvers).kill()
            fate.solver_kills += 1
        return
    orphans = server.kill()
    fate.server_kills += 1
    _, alive = psutil.wait_procs(orphans, timeout=GONE_S)
    fate.left_behind += len(alive)
    server.start()


def _await_end(server: Served, project: str) -> None:
    last = time.monotonic() + ENDING_S
    while not _all_over(server, project):
        if time.monotonic() > last:
            with server.client() as client:
                states = Counter(job["state"] for job in _listed(client, f"{project}/jobs"))
            raise RuntimeError(f"{ENDING_S:g} s after the last kill not all jobs are over: {dict(states)}")
        time.sleep(0.2)


def _all_over(server: Served, project: str) -> bool:
    with server.client() as client:
        return all(job["state"] in DONE for job in _listed(client, f"{project}/jobs"))


def _judge(server: Served, project: str, fate: Fate) -> None:
    with server.client() as client:
        jobs = {job["id"]: job for job in _listed(client, f"{project}/jobs") if job["kind"] != "read"}
        plans = _listed(client, f"{project}/plans")
        for plan in plans:
            try:
                problem = problem_from_json(client.get(plan["links"]["problem"]).json())
                if len(plan_from_json(client.get(plan["links"]["labels"]).json())) != len(problem.units):
                    fate.damaged.append(plan["id"])
            except Exception:
                fate.damaged.append(plan["id"])
    fate.lost = sorted(set(fate.accepted) - set(jobs))
    fate.plans = len(plans)
    made = Counter(plan["job"] for plan in plans)
    good = {id for id, job in jobs.items() if job["state"] == "successful"}
    fate.twice = sorted(id for id, num in made.items() if num > 1 or id not in good)
    fate.without = sorted(id for id in good if jobs[id]["kind"] == "plan" and not made[id])
    fate.attempts = sum(job["attempts"] for job in jobs.values())
    fate.states = Counter(job["error"]["code"] if job["error"] else job["state"] for job in jobs.values())
    server.close()
    fate.damaged += damaged_files(server.data, server.database)[0]


def _listed(client: httpx.Client, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        params = {"limit": "1000"} | ({} if cursor is None else {"cursor": cursor})
        page = client.get(path, params=params).json()
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            return found
