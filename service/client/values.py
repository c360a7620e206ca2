"""What the service tells, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, Self

Document = dict[str, Any]


class _Told:
    """Made from a document; members that this client does not know are left out."""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        return cls(**{field.name: document[field.name] for field in fields(cls)})  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True)
class Session(_Told):
    """Whom the service takes us for."""

    actor: str
    server_admin: bool
    roles: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Project(_Told):
    """A county."""

    id: str
    name: str
    profile: str
    crs: str | None
    role: str


@dataclass(frozen=True, kw_only=True)
class Dataset(_Told):
    """Uploaded files and what was read from them."""

    id: str
    name: str
    state: Literal["reading", "ready", "refused"]
    summary: Document
    num_faults: int
    job: str | None


@dataclass(frozen=True, kw_only=True)
class Job(_Told):
    """A piece of work.

    Parameters
    ----------
    error : dict or None
        The problem document of a job that failed.
    result : dict or None
        Of one that succeeded: the id of its `plan`, and what else its kind tells.
    """

    id: str
    kind: str
    state: Literal["accepted", "running", "successful", "failed", "dismissed"]
    phase: str | None
    level: str | None
    progress: Document
    stop_reason: str | None
    error: Document | None
    result: Document | None
    revision: int

    @property
    def over(self) -> bool:
        """Whether it will never change again."""
        return self.state in ("successful", "failed", "dismissed")

    @property
    def plan(self) -> str | None:
        """The id of the plan that it made."""
        return None if self.result is None else self.result.get("plan")


@dataclass(frozen=True, kw_only=True)
class Plan(_Told):
    """One version."""

    id: str
    number: int
    name: str
    levels: list[Document]
    approval: Literal["draft", "submitted", "reviewed", "filed"]
    base: str | None


@dataclass(frozen=True, kw_only=True)
class OutputFile(_Told):
    """A file of a plan."""

    name: str
    bytes: int
    sha256: str
    media_type: str
    purpose: str
    href: str
