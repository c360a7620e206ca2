"""Takes waiting jobs, starts processes for them, and leaves none behind."""

from __future__ import annotations

import contextlib
import logging
import shutil
import threading
import time
from typing import Any

from service.errors import ServiceError, to_stored
from service.jobs.preparing import prepare
from service.jobs.process import Process
from service.jobs.run import Run, allowed
from service.logs import told
from service.records import Job, new_id
from service.settings import Settings
from service.storage import BlobStore, Store

LOG = logging.getLogger("wangge.jobs")

LOOK_EVERY_S = 1.0
"""Waiting jobs are looked for at least so often; mostly somebody says that there is one."""

MOST_TASKS = 50
MOST_BYTES = 1024 * 1024 * 1024
"""A process that has done so many tasks, or grown so large, makes room for a fresh one."""

READING = ("read",)
"""Kinds that do not wait for a place among the solvers: somebody is looking at the screen."""


class Runner:
    """The only one that starts processes. One runs per data folder."""

    def __init__(self, store: Store, blobs: BlobStore, settings: Settings, *, spare: bool = True) -> None:
        self._store, self._blobs, self._settings = store, blobs, settings
        self._runs: dict[str, Run] = {}
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._over = threading.Event()
        self._want_spare = spare
        self._idle: list[Process] = []
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Give back what an earlier server left running, and begin."""
        shutil.rmtree(self._settings.scratch, ignore_errors=True)
        self._settings.scratch.mkdir(parents=True)
        lost = self._store.give_back(
            time.time(), self._settings.limits.losses, to_stored(ServiceError("job_interrupted"))
        )
        for job in lost:
            LOG.warning("job was interrupted", extra=told(job=job.id, state=job.state))
        self._thread = threading.Thread(target=self._dispatch, name="wangge-runner", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """There may be work."""
        self._wake.set()

    def stop_job(self, job_id: str) -> None:
        """Ask a running job for its best."""
        run = self._runs.get(job_id)
        if run is not None:
            run.stop()

    def dismiss_job(self, job_id: str) -> None:
        """End a job's process; storage knows already."""
        run = self._runs.get(job_id)
        if run is not None:
            run.dismiss()

    def best(self, job_id: str) -> dict[str, Any] | None:
        """The best plan so far of a running job."""
        run = self._runs.get(job_id)
        return None if run is None else run.best()

    @property
    def num_running(self) -> int:
        return len(self._runs)

    def alive(self) -> bool:
        """Whether it takes work."""
        return self._thread is not None and self._thread.is_alive() and not self._over.is_set()

    def close(self, patience_s: float = 0.0) -> None:
        """Take no more work; wait so long for what runs, then give it back to be run again by the next server."""
        self._over.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        until = time.monotonic() + patience_s
        while self._runs and time.monotonic() < until:
            time.sleep(0.05)
        for run in list(self._runs.values()):
            run.dismiss()
        for process in self._idle:
            process.kill()
        while self._runs and time.monotonic() < until + 10:
            time.sleep(0.02)
        with contextlib.suppress(Exception):
            self._store.give_back(time.time(), self._settings.limits.losses, {}, counted=False)

    def _dispatch(self) -> None:
        while not self._over.is_set():
            try:
                while not self._over.is_set() and self._take():
                    pass
                self._keep_spare()
            except Exception:
                LOG.exception("no job could be taken")
                self._over.wait(LOOK_EVERY_S)
            self._wake.wait(LOOK_EVERY_S)
            self._wake.clear()

    def _take(self) -> bool:
        """Start the next job that may start; whether there was one."""
        solving = sum(run.job.kind not in READING for run in self._runs.values())
        reading = len(self._runs) - solving
        most = self._settings.limits.running_jobs
        if solving >= most and reading >= most:
            return False
        skip = READING if reading >= most else ()
        job = self._claim(solving < most, skip)
        if job is None:
            return False
        self._begin(job)
        return True

    def _claim(self, may_solve: bool, skip: tuple[str, ...]) -> Job | None:
        if may_solve:
            return self._store.claim_job(time.time(), skip)
        return self._store.claim_job(time.time(), only=READING)

    def _begin(self, job: Job) -> None:
        folder = self._settings.scratch / f"{job.id}-{job.attempt}"
        try:
            prepare(job, folder, self._store, self._blobs, self._settings)
            process = self._process()
        except Exception as error:
            known = error if isinstance(error, ServiceError) else ServiceError("job_crashed")
            if known is not error:
                LOG.exception("job could not be started", extra=told(job=job.id))
            shutil.rmtree(folder, ignore_errors=True)
            self._store.finish_job(job.id, job.attempt, time.time(), error=to_stored(known))
            return
        limit = allowed(job, self._settings.limits)
        losses = self._settings.limits.losses
        run = Run(job, folder, process, self._store, self._blobs, limit, losses, self._ended)
        with self._lock:
            self._runs[job.id] = run
        run.start()
        LOG.info("job runs", extra=told(job=job.id, kind=job.kind, attempt=job.attempt, process=process.pid))
        # A wish to stop or dismiss that came before the run was known here.
        now = self._store.job(job.project, job.id)
        if now is None or now.over:
            run.dismiss()
        elif now.stop_requested:
            run.stop()

    def _process(self) -> Process:
        with self._lock:
            while self._idle:
                process = self._idle.pop()
                if process.alive:
                    return process
        return self._fresh()

    def _fresh(self) -> Process:
        return Process(self._settings.scratch / f"{new_id()}.log")

    def _keep_spare(self) -> None:
        """A process that has loaded the library already starts a job at once; those that are at work come back."""
        self._idle = [process for process in self._idle if process.alive]
        busy = len(self._runs) >= self._settings.limits.running_jobs
        if self._want_spare and not self._idle and not busy and not self._over.is_set():
            self._idle.append(self._fresh())

    def _ended(self, run: Run) -> None:
        process = run.process
        kept = run.went_well and process.num_tasks < MOST_TASKS and process.memory() < MOST_BYTES
        with self._lock:
            self._runs.pop(run.job.id, None)
            room = len(self._idle) <= self._settings.limits.running_jobs
            if kept and room and not self._over.is_set():
                self._idle.append(process)
                kept_alive = True
            else:
                kept_alive = False
        if not kept_alive:
            process.kill()
            process.log.unlink(missing_ok=True)
        self._wake.set()
