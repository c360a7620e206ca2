"""What the service keeps, as values. Storage returns these; nothing else of a database leaves it."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import Any, Literal

JobState = Literal["accepted", "running", "successful", "failed", "dismissed"]

OVER: frozenset[str] = frozenset({"successful", "failed", "dismissed"})
"""States that a job never leaves."""

Approval = Literal["draft", "submitted", "reviewed", "filed"]

Role = Literal["viewer", "planner", "reviewer", "admin"]

Document = dict[str, Any]
"""A JSON object."""


def new_id() -> str:
    """24 hexadecimal digits that sort by time of making and cannot be guessed."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(6)}"


@dataclass(frozen=True, kw_only=True)
class Token:
    """A key to the service. Only the hash of its secret is kept."""

    id: str
    name: str
    hash: str
    server_admin: bool
    created: float
    expires: float | None = None
    revoked: float | None = None


@dataclass(frozen=True, kw_only=True)
class Project:
    """A county.

    Parameters
    ----------
    profile_toml : str or None
        Stands instead of the shipped profile `profile`.
    crs : str or None
        Code of the coordinate system of files that name none, as `EPSG:4547`; None where they speak for themselves.
    """

    id: str
    name: str
    profile: str
    profile_toml: str | None = None
    crs: str | None = None
    created: float
    updated: float
    revision: int = 1


@dataclass(frozen=True, kw_only=True)
class Member:
    """What a token may do in a project."""

    project: str
    token: str
    name: str
    role: Role


@dataclass(frozen=True, kw_only=True)
class Access:
    """A token and a project, and what the one may do in the other; None for what is not there."""

    token: Token | None
    project: Project | None
    role: str | None


@dataclass(frozen=True, kw_only=True)
class Blob:
    """A file that is kept under its SHA-256."""

    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """Uploaded files and what reading them gave."""

    id: str
    project: str
    name: str
    version: int
    state: Literal["reading", "ready", "refused"]
    options: Document
    files: tuple[Blob, ...]
    outputs: tuple[Blob, ...] = ()
    summary: Document = field(default_factory=dict)
    num_faults: int = 0
    job: str | None = None
    created: float
    actor: str


@dataclass(frozen=True, kw_only=True)
class PlanRecord:
    """One version of a plan; only its approval ever changes."""

    id: str
    project: str
    number: int
    name: str
    dataset: str | None
    base: str | None
    job: str | None
    origin: str
    summary: Document
    files: tuple[Blob, ...]
    approval: Approval = "draft"
    revision: int = 1
    created: float
    actor: str


@dataclass(frozen=True, kw_only=True)
class TrailEntry:
    """A step of a plan's approval."""

    plan: str
    at: float
    actor: str
    actor_id: str
    action: str
    before: str
    after: str
    comment: str = ""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A plan being edited: the first `position` of its edits are in force."""

    id: str
    project: str
    plan: str
    level: str
    name: str
    revision: int = 1
    position: int = 0
    num_edits: int = 0
    created: float
    updated: float
    actor: str


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One step of a draft. `number` counts from 1."""

    draft: str
    number: int
    at: float
    actor: str
    body: Document


@dataclass(frozen=True, kw_only=True)
class Job:
    """A piece of work that was accepted and is never forgotten.

    Parameters
    ----------
    attempt : int
        How often it was started; 0 before the first time.
    losses : int
        How often its process was gone when a server started.
    revision : int
        Counts every change.
    """

    id: str
    project: str
    kind: str
    name: str
    request: Document
    state: JobState = "accepted"
    phase: str | None = None
    level: str | None = None
    progress: Document = field(default_factory=dict)
    stop_requested: bool = False
    stop_reason: str | None = None
    attempt: int = 0
    losses: int = 0
    error: Document | None = None
    result: Document | None = None
    revision: int = 1
    created: float
    started: float | None = None
    finished: float | None = None
    actor: str
    key: str | None = None
    key_hash: str | None = None

    @property
    def over(self) -> bool:
        """Whether it will never change again."""
        return self.state in OVER


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """Who did what."""

    at: float
    actor: str
    project: str | None
    action: str
    target: str
    status: int
