"""Logs: one JSON object a line for machines, the same as text for a terminal. Nothing that anybody sent is in them."""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

REQUEST: ContextVar[str | None] = ContextVar("wangge_request", default=None)
"""Id of the request that is being answered."""

_KNOWN_ID = re.compile(r"[0-9a-f][0-9a-f-]{7,63}")

_HERE = "told"


def request_id(given: str | None) -> str:
    """The id that a proxy gave the request if it looks like one, so that both logs can be joined; else a fresh one."""
    return given if given is not None and _KNOWN_ID.fullmatch(given) else secrets.token_hex(8)


def told(**fields: Any) -> dict[str, dict[str, Any]]:
    """What a line holds beside its message, for `extra` of a logging call."""
    return {_HERE: fields}


class Lines(logging.Formatter):
    """A line for each record.

    Of an error its kind and where it happened are told, not its words: they may quote a ledger.

    Parameters
    ----------
    as_json : bool
    """

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        request = REQUEST.get()
        if request is not None:
            line["request"] = request
        line |= getattr(record, _HERE, {})
        if record.exc_info and record.exc_info[1] is not None:
            line |= _of_error(record.exc_info[1])
        if self._as_json:
            return json.dumps(line, ensure_ascii=False, default=str)
        head = f"{line.pop('time')} {line.pop('level')} {line.pop('logger')} {line.pop('message')}"
        return " ".join([head, *(f"{name}={value}" for name, value in line.items())])


def set_up() -> None:
    """Everything from `info` upwards goes to standard error: as text to a terminal, else as JSON."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines(as_json=not sys.stderr.isatty()))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # It repeats each address that the service asks for.
    logging.getLogger("httpx").setLevel(logging.WARNING)


def _of_error(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)
    found: dict[str, Any] = {
        "error": type(error).__name__,
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
    cause = error.__cause__ or error.__context__
    return found if cause is None else found | {"cause": _of_error(cause)}
