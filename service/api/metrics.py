"""What Prometheus reads."""

from __future__ import annotations

from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """Counters of one server, apart from those of any other."""

    def __init__(self) -> None:
        self.page = CollectorRegistry()
        # Not the library's one for all: several servers may live in one process.
        here: dict[str, Any] = {"registry": self.page}
        self.requests = Counter("wangge_requests", "Requests answered", ["method", "route", "status"], **here)
        self.seconds = Histogram(
            "wangge_request_seconds", "Time to answer", ["method", "route"], buckets=SECONDS, **here
        )
        self.jobs = Gauge("wangge_jobs", "Jobs by state", ["state"], **here)
        self.running = Gauge("wangge_jobs_running_here", "Solver processes at work", **here)

    def text(self, jobs: dict[str, int], running: int) -> bytes:
        """The page, with the figures of now."""
        for state in ("accepted", "running", "successful", "failed", "dismissed"):
            self.jobs.labels(state).set(jobs.get(state, 0))
        self.running.set(running)
        return generate_latest(self.page)
