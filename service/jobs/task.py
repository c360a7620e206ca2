"""What a worker is given, what it may say meanwhile, and what it leaves.

A task is a folder::

    task.json     kind, inputs, limits
    in/…          files that the inputs name
    out/…         files that the work makes
    best.json     the best plan so far
    outcome.json  written last
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from partitioner.solver import Cancel, Limits

TASK, OUTCOME, BEST = "task.json", "outcome.json", "best.json"

Say = Callable[[dict[str, Any]], None]
"""Sends one message to the server."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """One attempt of a job, as its worker sees it.

    Parameters
    ----------
    inputs : mapping
        As asked for, ids replaced by folders and files below `folder`.
    """

    kind: str
    folder: Path
    inputs: Mapping[str, Any]
    limits: Limits
    say: Say
    cancel: Cancel

    @property
    def given(self) -> Path:
        """Where the files are that it was given."""
        return self.folder / "in"

    @property
    def made(self) -> Path:
        """Where it puts what it makes."""
        return self.folder / "out"

    def phase(self, name: str) -> None:
        """Another part of the work begins."""
        self.say({"event": "phase", "phase": name})


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a task ends with. Files lie in `Task.made`.

    Parameters
    ----------
    result : dict
        What the job answers.
    plan : dict or None
        Summary of the plan that was made; all files belong to it.
    dataset : dict or None
        Changes of the dataset that was read; all files belong to it.
    stop_reason : str or None
        Why the search ended, where there was one.
    error : dict or None
        As `errors.to_stored` makes it.
    """

    result: dict[str, Any] = field(default_factory=dict)
    plan: dict[str, Any] | None = None
    dataset: dict[str, Any] | None = None
    stop_reason: str | None = None
    error: dict[str, Any] | None = None


def write_json(path: Path, document: Any) -> None:
    """Whole or not at all."""
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_text(json.dumps(document, ensure_ascii=False, allow_nan=False), encoding="utf-8")
    os.replace(temporary, path)
