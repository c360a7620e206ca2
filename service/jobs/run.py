"""One attempt of a job, from its folder to its end in storage."""

from __future__ import annotations

import contextlib
import json
import logging
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.errors import ServiceError, to_stored
from service.jobs.process import Process
from service.jobs.task import BEST, OUTCOME
from service.logs import told
from service.records import Blob, Job, PlanRecord, new_id
from service.settings import Limits
from service.storage import BlobStore, Store

LOG = logging.getLogger("wangge.jobs")

TOLD_EVERY_S = 0.4
"""Figures are stored no more often; phases always."""

LOOK_EVERY_S = 0.25
"""How often the watchdog looks."""


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """What one attempt may use."""

    seconds: float
    bytes: int
    silence_s: float


def allowed(job: Job, limits: Limits) -> Allowed:
    """What `job` may use by the server's limits."""
    if job.kind == "read":
        return Allowed(seconds=limits.reading_s, bytes=limits.reading_bytes, silence_s=limits.silence_s)
    asked = job.request.get("limits", {}).get("time_limit_s")
    solving = limits.job_s if asked is None else min(float(asked), limits.job_s)
    return Allowed(seconds=solving + limits.writing_s, bytes=limits.job_bytes, silence_s=limits.silence_s)


class Run:
    """Watches one process; exactly one of its ends is stored."""

    def __init__(
        self,
        job: Job,
        folder: Path,
        process: Process,
        store: Store,
        blobs: BlobStore,
        limit: Allowed,
        most_losses: int,
        ended: Callable[[Run], None],
    ) -> None:
        self.job = job
        self.folder = folder
        self.process = process
        self._store, self._blobs, self._limit, self._ended = store, blobs, limit, ended
        self._most_losses = most_losses
        self._began = time.monotonic()
        self._killed_for: str | None = None
        self._given_up = False
        self._done = threading.Event()
        self._pending: dict[str, Any] = {}
        self._told = 0.0
        self._lock = threading.Lock()

    def start(self) -> None:
        """Hand the task over and watch."""
        self.process.hold_to(self._limit.bytes)
        self.process.give(self.folder, self._hear)
        threading.Thread(target=self._watch, name=f"job-{self.job.id}", daemon=True).start()

    def stop(self) -> None:
        """Ask for the best so far."""
        self.process.stop()

    def dismiss(self) -> None:
        """End it; storage knows already."""
        self._given_up = True
        self.process.kill()

    @property
    def went_well(self) -> bool:
        """Whether its process may work on."""
        return self._done.is_set() and self._killed_for is None and not self._given_up and self.process.alive

    def best(self) -> dict[str, Any] | None:
        """The best plan so far, None while there is none."""
        with contextlib.suppress(OSError, json.JSONDecodeError):
            found: dict[str, Any] = json.loads((self.folder / BEST).read_text("utf-8"))
            return found
        return None

    def _hear(self, message: Mapping[str, Any]) -> None:
        event = message.get("event")
        if event == "done":
            self._done.set()
        elif event in ("phase", "progress"):
            with self._lock:
                self._pending |= {k: message[k] for k in ("phase", "level", "progress") if k in message}
            self._tell(at_once=event == "phase")

    def _tell(self, *, at_once: bool = False) -> None:
        now = time.monotonic()
        with self._lock:
            if not self._pending or (not at_once and now - self._told < TOLD_EVERY_S):
                return
            changes, self._pending, self._told = self._pending, {}, now
        with contextlib.suppress(Exception):  # figures may be lost while storage is away; the end is not
            self._store.note_progress(self.job.id, self.job.attempt, changes)

    def _watch(self) -> None:
        while self.process.alive and not self._done.wait(LOOK_EVERY_S):
            self._tell()
            self._look()
        self.process.let_go()
        self._tell(at_once=True)
        try:
            if not self._given_up:
                self._end()
        except Exception:
            LOG.exception("job could not be ended", extra=told(job=self.job.id))
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)
            self._ended(self)

    def _look(self) -> None:
        """The watchdog: what is over its limits is ended from outside, whatever it believes."""
        if self._killed_for is not None or self._given_up:
            return
        if time.monotonic() - self._began > self._limit.seconds:
            self._killed_for = "job_too_long"
        elif self.process.silent_s() > self._limit.silence_s:
            self._killed_for = "job_silent"
        elif self.process.memory() > self._limit.bytes:
            self._killed_for = "job_memory"
        if self._killed_for is not None:
            LOG.warning("job ended from outside", extra=told(job=self.job.id, reason=self._killed_for))
            self.process.kill()

    def _end(self) -> None:
        if self._killed_for is None and not self._done.is_set():
            # Its process died by itself or by another hand; that may never happen again.
            LOG.warning("the process of a job is gone", extra=told(job=self.job.id))
            error = to_stored(ServiceError("job_crashed"))
            self._surely(lambda: self._store.give_back(time.time(), self._most_losses, error, only=self.job.id))
            return
        outcome = self._outcome()
        error = outcome.get("error")
        files = self._kept_files() if error is None or outcome.get("dataset") else ()
        dataset = outcome.get("dataset")
        plan = outcome.get("plan")
        result = dict(outcome.get("result") or {})
        made: PlanRecord | None = None
        if error is None and plan is not None:
            made = self._plan(plan, files)
            result["plan"] = made.id
        elif files and dataset is None and error is None:
            result["blobs"] = [{"name": b.name, "sha256": b.sha256, "bytes": b.bytes} for b in files]
        if dataset is not None:
            result["dataset"] = self.job.request["inputs"].get("dataset")
            dataset = {**dataset, "outputs": files}
        adding = self.job.kind == "export" and error is None
        if adding:
            result["plan"] = self.job.request["inputs"]["plan"]
        self._persist(
            result=result or None,
            error=error,
            stop_reason=outcome.get("stop_reason"),
            plan=made,
            dataset=dataset,
            files=files if adding else None,
        )

    def _persist(self, **end: Any) -> None:
        self._surely(lambda: self._store.finish_job(self.job.id, self.job.attempt, time.time(), **end))

    def _surely(self, store: Callable[[], object]) -> None:
        """Storage may be away for a moment; an end is worth waiting for."""
        pause = 0.2
        for _ in range(8):
            try:
                store()
                return
            except Exception:
                LOG.exception("the end of a job is not stored yet", extra=told(job=self.job.id))
                time.sleep(pause)
                pause *= 2

    def _outcome(self) -> dict[str, Any]:
        if self._killed_for is not None:
            return {"error": to_stored(ServiceError(self._killed_for))}
        if self._done.is_set():
            with contextlib.suppress(OSError, json.JSONDecodeError):
                found: dict[str, Any] = json.loads((self.folder / OUTCOME).read_text("utf-8"))
                return found
        return {"error": to_stored(ServiceError("job_crashed"))}

    def _kept_files(self) -> tuple[Blob, ...]:
        folder = self.folder / "out"
        paths = sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []
        return tuple(self._blobs.add_file(path) for path in paths)

    def _plan(self, summary: dict[str, Any], files: tuple[Blob, ...]) -> PlanRecord:
        """The new version. What is only added to (an assignment) keeps everything else of its base."""
        inputs = self.job.request["inputs"]
        base = self.job.request.get("base")
        before = self._store.plan(self.job.project, base) if base is not None and not summary else None
        if before is not None:
            fresh = {blob.name for blob in files}
            files = (*(blob for blob in before.files if blob.name not in fresh), *files)
            summary = before.summary
        return PlanRecord(
            id=new_id(),
            project=self.job.project,
            number=0,
            name=self.job.name,
            dataset=self.job.request.get("dataset") or inputs.get("dataset"),
            base=base,
            job=self.job.id,
            origin=self.job.kind,
            summary=summary,
            files=files,
            created=time.time(),
            actor=self.job.actor,
        )
