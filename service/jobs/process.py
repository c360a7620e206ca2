"""One solver process, seen from the server."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pyogrio

DRIVERS = frozenset({"GPKG", "GeoJSON", "ESRI Shapefile", "OpenFileGDB", "MEM"})
"""All that solvers may open files with: what a file says it is decides nothing (virtual files, pipelines, services)."""

Hear = Callable[[dict[str, Any]], None]

FAMILY_EVERY_S = 1.0
"""Finding the children of a process means looking at every process of the machine."""

LEAST_SLACK = 1024 * 1024 * 1024
"""Stacks of threads, and what is allocated and not used."""


class Process:
    """A worker that loads the library once and works on one task after the other.

    It runs in a session of its own, so that it can be ended together with everything that it started.

    Parameters
    ----------
    log : Path
        Where its standard error goes.
    """

    def __init__(self, log: Path) -> None:
        self.log = log
        with log.open("wb") as errors:
            self._popen = subprocess.Popen(
                [sys.executable, "-m", "service.jobs.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
                env=_environment(),
                encoding="utf-8",
            )
        self.heard = time.monotonic()
        self.num_tasks = 0
        self._folder: Path | None = None
        self._known_family: list[psutil.Process] = []
        self._looked = 0.0
        self._hear: Hear = lambda _: None
        threading.Thread(target=self._listen, name="wangge-worker", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def alive(self) -> bool:
        return self._popen.poll() is None

    def give(self, folder: Path, hear: Hear) -> None:
        """A task; `hear` gets its messages, in a thread of the process."""
        self.heard, self._hear, self._folder = time.monotonic(), hear, folder
        self.num_tasks += 1
        self._say(f"task {folder}")

    def hold_to(self, most_bytes: int) -> None:
        """Beyond this, and some slack, the system refuses it memory at once, between two looks at `memory`.

        What happens then is a MemoryError. Not the limit of the address space: the libraries reserve two to three times
        what they use, and more on machines of many cores. Linux only; elsewhere the looks must do.
        """
        held(psutil.Process(self._popen.pid), most_bytes)

    def let_go(self) -> None:
        """Its task is over; what it still says about that is not heard."""
        self._hear = lambda _: None

    def stop(self) -> None:
        """Ask for the best so far."""
        self._say(f"stop {self._folder}")

    def kill(self) -> None:
        """End it, and whatever it started, at once."""
        for child in self._family()[1:]:
            with contextlib.suppress(psutil.Error):
                child.kill()
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._popen.pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            self._popen.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(5)
        self._close()

    def memory(self) -> int:
        """Bytes that it and its children hold in memory now; a child counts a second after its start at the latest."""
        now = time.monotonic()
        if now - self._looked >= FAMILY_EVERY_S:
            self._known_family, self._looked = self._family(), now
        total = 0
        for process in self._known_family:
            with contextlib.suppress(psutil.Error):
                total += process.memory_info().rss
        return total

    def silent_s(self) -> float:
        """Seconds since its last sign of life."""
        return time.monotonic() - self.heard

    def _family(self) -> list[psutil.Process]:
        try:
            process = psutil.Process(self._popen.pid)
            return [process, *process.children(recursive=True)]
        except psutil.Error:
            return []

    def _say(self, line: str) -> None:
        assert self._popen.stdin is not None
        with contextlib.suppress(OSError, ValueError):
            self._popen.stdin.write(line + "\n")
            self._popen.stdin.flush()

    def _listen(self) -> None:
        assert self._popen.stdout is not None
        with contextlib.suppress(ValueError, OSError):
            for line in self._popen.stdout:
                self.heard = time.monotonic()
                with contextlib.suppress(json.JSONDecodeError):
                    self._hear(json.loads(line))
        self._popen.wait()
        self._close()

    def _close(self) -> None:
        for stream in (self._popen.stdin, self._popen.stdout):
            with contextlib.suppress(OSError, ValueError):
                if stream is not None:
                    stream.close()


def held(process: psutil.Process, most_bytes: int) -> None:
    """Limit the private memory that a process, and each one that it starts from now on, may be given."""
    if not hasattr(process, "rlimit"):
        return
    with contextlib.suppress(psutil.Error, OSError):
        _, hard = process.rlimit(psutil.RLIMIT_DATA)
        most = most_bytes + max(LEAST_SLACK, most_bytes // 4)
        # The hard limit stays, since only root could lift it again for the next task.
        process.rlimit(psutil.RLIMIT_DATA, (most if hard < 0 else min(most, hard), hard))


def _environment() -> dict[str, str]:
    """As little as a solver needs: no secrets of the server."""
    hidden = ("WANGGE_", "PG", "DATABASE", "SECRET", "TOKEN", "PASSWORD")
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(hidden)}
    skipped = ",".join(sorted(set(pyogrio.list_drivers()) - DRIVERS))
    return kept | {"PYTHONUNBUFFERED": "1", "PYTHONSAFEPATH": "1", "GDAL_SKIP": skipped, "OGR_SKIP": skipped}
