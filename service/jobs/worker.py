"""The process that works: `python -m service.jobs.worker`.

It loads the library and takes tasks, one after the other, as lines on standard input: `task FOLDER`, `stop FOLDER`.
Whoever started it holds the other end: when that closes, the server is gone and the process ends at once. Messages
leave as lines of JSON on the standard output that it was given; whatever the library prints goes to standard error.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import queue
import signal
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any, TextIO

import psutil

from partitioner.errors import WanggeError
from partitioner.solver import Cancel, Limits
from partitioner.solver.warm_up import ready
from service.errors import ServiceError, of_library, to_stored
from service.jobs.kinds import KINDS
from service.jobs.task import OUTCOME, TASK, Outcome, Task, write_json

BEAT_S = 1.0
"""How often it says that it lives."""

NICE = 5
"""A solver yields to the server: somebody waits for its answers. Not by more, or it starves beside other programs."""


class Line:
    """Messages to the server, from any thread."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._lock = stream, threading.Lock()

    def say(self, message: dict[str, Any]) -> None:
        with self._lock:
            try:
                self._stream.write(json.dumps(message, ensure_ascii=False, allow_nan=False) + "\n")
                self._stream.flush()
            except (OSError, ValueError):
                os._exit(1)  # nobody listens any more


class Orders:
    """What the server wants: one task after the other, and sometimes that the present one stops."""

    def __init__(self) -> None:
        self._tasks: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._cancel, self._folder, self._lock = Cancel(), "", threading.Lock()

    def next(self) -> tuple[str, Cancel]:
        """The next task's folder, as soon as there is one."""
        folder = self._tasks.get()
        with self._lock:
            self._folder, self._cancel = folder, Cancel()
            return folder, self._cancel

    def listen(self) -> None:
        """Until the server is gone; then this process is gone, too, with every process that the solver has started."""
        for line in sys.stdin:
            order, _, folder = line.rstrip("\n").partition(" ")
            if order == "task":
                self._tasks.put(folder)
            elif order == "stop":
                with self._lock:
                    if folder == self._folder:
                        self._cancel.set()
        if os.name == "posix" and os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)
        os._exit(1)


def main() -> None:
    """Tasks, until the server has no more."""
    line = Line(os.fdopen(os.dup(1), "w", encoding="utf-8"))
    os.dup2(2, 1)
    _first_to_go()
    _behind_the_server()
    orders = Orders()
    threading.Thread(target=orders.listen, daemon=True).start()
    threading.Thread(target=_beat, args=(line,), daemon=True).start()
    ready()
    while True:
        folder, cancel = orders.next()
        write_json(Path(folder) / OUTCOME, vars(_worked(Path(folder), line, cancel)))
        gc.collect()
        line.say({"event": "done"})


def _worked(folder: Path, line: Line, cancel: Cancel) -> Outcome:
    told = json.loads((folder / TASK).read_text("utf-8"))
    task = Task(
        kind=told["kind"],
        folder=folder,
        inputs=told["inputs"],
        limits=Limits(**told["limits"]),
        say=line.say,
        cancel=cancel,
    )
    task.made.mkdir(exist_ok=True)
    try:
        return KINDS[task.kind](task)
    except ServiceError as error:
        return Outcome(error=to_stored(error))
    except WanggeError as error:
        known = of_library(error)
        return Outcome(error=to_stored(known or ServiceError("job_crashed")))
    except MemoryError:
        return Outcome(error=to_stored(ServiceError("job_memory")))
    except Exception:
        traceback.print_exc()
        return Outcome(error=to_stored(ServiceError("job_crashed")))


def _beat(line: Line) -> None:
    while True:
        time.sleep(BEAT_S)
        line.say({"event": "beat"})


def _first_to_go() -> None:
    """When the machine runs out of memory the kernel shall take this process, not the server."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("800", encoding="ascii")


def _behind_the_server() -> None:
    with contextlib.suppress(OSError, psutil.Error):
        if os.name == "posix":
            os.nice(NICE)
        else:
            psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    # Linux may share the processor among sessions first, and this process leads one of its own.
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(NICE), encoding="ascii")


if __name__ == "__main__":
    main()
