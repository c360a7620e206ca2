"""Maps drawn by a second process while this one writes the other files: drawing holds the interpreter's lock."""

from __future__ import annotations

import copyreg
import io
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

from partitioner.errors import OutputError
from partitioner.io.writing.bundle import PlannedLevels
from partitioner.io.writing.overview import write_overview

MapFiles = tuple[str, Path, Path]
"""Name of a level, its PNG, its PDF."""

WORTHWHILE_UNITS = 6_000
"""A second process needs three seconds to start; maps of as many units take longer to draw."""

LENGTH_BYTES = 8
"""A message is told by its length: its end must not be that of the stream."""


@contextmanager
def maps_beside(levels: PlannedLevels, maps: Sequence[MapFiles], *, cores: int | None) -> Iterator[None]:
    """Maps are drawn while the block runs, and are there when it has ended; small ones afterwards, by this process.

    Parameters
    ----------
    cores : int or None
        That may be used, None for all of the machine. The files are the same with any number.

    Raises
    ------
    OutputError
        A map cannot be written; what stood there is untouched.
    """
    units = sum(len(planned.problem.units) for planned in levels.levels)
    if (cores or os.cpu_count() or 1) < 2 or units < WORTHWHILE_UNITS or not sys.executable:
        yield
        _draw(levels, maps)
        return
    command = [sys.executable, "-c", f"from {__name__} import draw_what_is_sent; draw_what_is_sent()"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            feeder = threading.Thread(target=_send, args=(child.stdin, _packed((levels, maps))), daemon=True)
            feeder.start()
            yield
            said = child.stdout.read()
        except BaseException:
            child.kill()
            raise
        feeder.join()
    if child.returncode:  # killed from outside, or out of memory: this process still can
        _draw(levels, maps)
    elif said:
        raise OutputError(*pickle.loads(said))


def draw_what_is_sent() -> None:
    """What the second process does. It ends when the first one does, however that ends."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process decides
    stream = sys.stdin.buffer
    levels, maps = pickle.loads(stream.read(int.from_bytes(stream.read(LENGTH_BYTES), "big")))
    threading.Thread(target=_end_with, args=(stream.fileno(), lambda: os._exit(1)), daemon=True).start()
    try:
        _draw(levels, maps)
    except OutputError as error:
        sys.stdout.buffer.write(pickle.dumps((error.path, error.reason)))
    sys.stdout.flush()


def _draw(levels: PlannedLevels, maps: Sequence[MapFiles]) -> None:
    for name, png, pdf in maps:
        write_overview(levels, png, pdf, level=name)


def _packed(given: Any) -> bytes:
    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer, protocol=pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = {**copyreg.dispatch_table, MappingProxyType: _reduced}
    pickler.dump(given)
    return buffer.getvalue()


def _reduced(mapping: Any) -> tuple[Any, ...]:
    return _read_only, (dict(mapping),)


def _read_only(mapping: dict[Any, Any]) -> Any:
    return MappingProxyType(mapping)


def _send(to: IO[bytes], message: bytes) -> None:
    """The stream stays open: its end tells the reader that the sender is gone."""
    try:
        to.write(len(message).to_bytes(LENGTH_BYTES, "big"))
        to.write(message)
        to.flush()
    except BrokenPipeError:  # the reader is gone, which its exit code tells
        with suppress(BrokenPipeError):
            to.close()


def _end_with(stream: int, end: Callable[[], object]) -> None:
    """Wait for the end of `stream`, whose buffer this must not touch: exiting would wait for its lock."""
    while os.read(stream, 1):
        pass
    end()
