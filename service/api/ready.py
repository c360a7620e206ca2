"""Answers about what never changes, kept as they are sent."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable

MOST_BYTES = 64 * 1024 * 1024
"""Of everything that is kept."""

LARGEST = 16
"""What would take more than such a part of that is not kept: one file shall not push out all others."""


class Ready:
    """The answers that were asked for last, up to so many bytes together."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._known: OrderedDict[Hashable, bytes] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def takes(self, num_bytes: int) -> bool:
        """Whether an answer of that size would be kept."""
        return num_bytes <= self._most // LARGEST

    def get(self, key: Hashable) -> bytes | None:
        """None where it is not kept, or not any more."""
        with self._lock:
            found = self._known.get(key)
            if found is not None:
                self._known.move_to_end(key)
            return found

    def keep(self, key: Hashable, answer: bytes) -> bytes:
        """Remember `answer`, which is returned as it is."""
        if not self.takes(len(answer)):
            return answer
        with self._lock:
            self._bytes += len(answer) - len(self._known.pop(key, b""))
            self._known[key] = answer
            while self._bytes > self._most:
                _, gone = self._known.popitem(last=False)
                self._bytes -= len(gone)
        return answer
