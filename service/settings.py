"""How a server is set up."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one server takes on. `GET /api/v1/limits` tells them all.

    Parameters
    ----------
    body_bytes, upload_bytes : int
        Of a JSON body, and of all files of one upload together.
    upload_files : int
    reading_s, reading_bytes : float, int
        Time and memory that reading an upload may take.
    rows : int
        Buildings of a dataset.
    running_jobs, queued_jobs, queued_jobs_per_project : int
    job_s : float
        Longest time limit that a job may ask for; also the default.
    writing_s : float
        Time a job has beyond its limit for reading its input and writing its files.
    job_bytes : int
        Memory of a job's processes together.
    silence_s : float
        A job that gives no sign of life for so long is ended.
    losses : int
        A job under which the server or the machine went away so often is not started again.
    requests_per_minute : int
        Of one actor.
    wait_s : float
        Longest wait that `Prefer: wait` may ask for.
    """

    body_bytes: int = 16 * MEGABYTE
    upload_bytes: int = 512 * MEGABYTE
    upload_files: int = 50
    reading_s: float = 600.0
    reading_bytes: int = 4096 * MEGABYTE
    rows: int = 2_000_000
    running_jobs: int = 2
    queued_jobs: int = 200
    queued_jobs_per_project: int = 100
    job_s: float = 3600.0
    writing_s: float = 900.0
    job_bytes: int = 8192 * MEGABYTE
    silence_s: float = 120.0
    losses: int = 3
    requests_per_minute: int = 6000
    wait_s: float = 60.0


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One server.

    Parameters
    ----------
    data : Path
        Folder of everything that is kept: files, and the database unless `database` says otherwise.
    database : str or None
        SQLAlchemy URL; None is a SQLite file in `data`.
    hosts : tuple of str
        Names under which the server answers besides those of this machine.
    require_tokens : bool
        Refuse requests without a token even while there are none.
    base_map : str or None
        Tiles of a map to draw under plans (`service.base_map`); none by default, so that nothing leaves the office.
    secure_cookie : bool
        The cookie is sent over HTTPS only.
    """

    data: Path
    database: str | None = None
    hosts: tuple[str, ...] = ()
    require_tokens: bool = False
    base_map: str | None = None
    secure_cookie: bool = False
    limits: Limits = field(default_factory=Limits)

    @property
    def database_url(self) -> str:
        """The URL that SQLAlchemy is given."""
        return self.database or f"sqlite:///{(self.data / 'wangge.db').resolve()}"

    @property
    def blobs(self) -> Path:
        """Where files lie, by their hash."""
        return self.data / "blobs"

    @property
    def scratch(self) -> Path:
        """Where jobs work; emptied at every start."""
        return self.data / "scratch"


def default_running_jobs() -> int:
    """Jobs that solve side by side: one per two cores."""
    return max(1, (os.cpu_count() or 1) // 2)
