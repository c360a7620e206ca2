"""What any storage must do. `tests/service/test_storage_contract.py` holds every backend to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from service.records import (
    Access,
    AuditEntry,
    Blob,
    Dataset,
    Draft,
    Edit,
    Job,
    Member,
    PlanRecord,
    Project,
    Token,
    TrailEntry,
)


class Changed(Exception):
    """Somebody else changed the row first; nothing was written. `current` is its revision, None where it is gone."""

    def __init__(self, current: int | None) -> None:
        self.current = current
        super().__init__(f"the row is at revision {current}")


class Conflict(Exception):
    """The row's state does not allow the change; nothing was written."""


class Store(Protocol):
    """Every method is one transaction: all of it happens, or nothing. What was answered survives the process.

    Getters answer None for what is not there. Lists are newest first; `after` is the id of the last entry of the page
    before. All methods may be called from any thread.
    """

    @property
    def immediate(self) -> bool:
        """Whether a read of a few rows waits neither for writers nor for a network."""
        ...

    def ping(self) -> None:
        """Raise unless the database answers."""
        ...

    def close(self) -> None: ...

    # Tokens and members

    def add_token(self, token: Token) -> None: ...

    def token(self, token_id: str) -> Token | None: ...

    def tokens(self) -> list[Token]: ...

    def has_tokens(self) -> bool:
        """Whether any token was ever made: from then on the service asks for one."""
        ...

    def revoke_token(self, token_id: str, at: float) -> bool:
        """False where there is no such token."""
        ...

    def set_member(self, project: str, token: str, role: str) -> None: ...

    def remove_member(self, project: str, token: str) -> bool: ...

    def members(self, project: str) -> list[Member]: ...

    def roles(self, token: str) -> dict[str, str]:
        """From project to role."""
        ...

    def access(self, token_id: str | None, project_id: str) -> Access:
        """All that must be known of a request to a project, at once."""
        ...

    # Projects

    def add_project(self, project: Project) -> None: ...

    def project(self, project_id: str) -> Project | None: ...

    def projects(self, only: Sequence[str] | None, limit: int, after: str | None) -> list[Project]:
        """All, or those named in `only`."""
        ...

    def change_project(self, project_id: str, revision: int, changes: Mapping[str, Any], at: float) -> Project:
        """Raises `Changed` unless it is at `revision`."""
        ...

    def remove_project(self, project_id: str, revision: int) -> None:
        """With everything in it. Raises `Changed`, or `Conflict` while it holds a filed plan or an unfinished job."""
        ...

    # Datasets

    def add_dataset(self, dataset: Dataset, job: Job) -> Dataset:
        """With the job that reads it; the version is given here."""
        ...

    def dataset(self, project: str, dataset_id: str) -> Dataset | None: ...

    def datasets(self, project: str, limit: int, after: str | None) -> list[Dataset]: ...

    def remove_dataset(self, project: str, dataset_id: str) -> None:
        """Raises `Conflict` while a plan uses it or it is being read."""
        ...

    # Jobs

    def add_job(self, job: Job, most_in_project: int, most: int) -> tuple[Job, bool]:
        """Store an accepted job; with a key that the project knows already, answer the job of that key and False.

        Raises `Conflict("project")` or `Conflict("server")` where so many jobs wait already.
        """
        ...

    def job(self, project: str, job_id: str) -> Job | None: ...

    def jobs(
        self, project: str, limit: int, after: str | None, state: str | None = None, kind: str | None = None
    ) -> list[Job]: ...

    def claim_job(self, at: float, skip: Sequence[str] = (), only: Sequence[str] = ()) -> Job | None:
        """The oldest accepted job, now running with one attempt more; None where none waits.

        Kinds in `skip` are passed over; where `only` is given, all others are.
        """
        ...

    def note_progress(self, job_id: str, attempt: int, changes: Mapping[str, Any]) -> Job | None:
        """Change phase, level or progress of that attempt; None where it is no longer running."""
        ...

    def ask_to_stop(self, project: str, job_id: str, at: float) -> Job:
        """Running: note the wish. Accepted: it is dismissed. Raises `Conflict` if it is over, KeyError if unknown."""
        ...

    def dismiss_job(self, project: str, job_id: str, at: float) -> Job:
        """Raises `Conflict` if it is over, KeyError if unknown."""
        ...

    def finish_job(
        self,
        job_id: str,
        attempt: int,
        at: float,
        *,
        result: Mapping[str, Any] | None = None,
        error: Mapping[str, Any] | None = None,
        stop_reason: str | None = None,
        plan: PlanRecord | None = None,
        dataset: Mapping[str, Any] | None = None,
        files: Sequence[Blob] | None = None,
    ) -> Job | None:
        """End that attempt with a result or an error, together with what it made; None where it is no longer running.

        `plan` gets its number here. `dataset` are changes of the dataset that the job reads. `files` are added to the
        plan that `result` names.
        """
        ...

    def give_back(
        self, at: float, most_losses: int, error: Mapping[str, Any], *, counted: bool = True, only: str | None = None
    ) -> list[Job]:
        """Running jobs, whose processes are gone, wait again; `only` is the id of one of them.

        Where this is `counted` as a loss, jobs that were lost `most_losses` times fail with `error`.
        """
        ...

    def job_counts(self) -> dict[str, int]:
        """Jobs by state."""
        ...

    # Plans

    def add_plan(self, plan: PlanRecord) -> PlanRecord:
        """A plan that no job of this service made; its number is given here."""
        ...

    def plan(self, project: str, plan_id: str) -> PlanRecord | None: ...

    def plans(self, project: str, limit: int, after: str | None) -> list[PlanRecord]: ...

    def remove_plan(self, project: str, plan_id: str) -> None:
        """Raises `Conflict` once it was submitted, or while a plan or draft builds on it."""
        ...

    def approve(self, project: str, revision: int, entry: TrailEntry) -> PlanRecord:
        """Move a plan along its trail. Raises `Changed`, or `Conflict` where it is not in state `entry.before`."""
        ...

    def trail(self, plan: str) -> list[TrailEntry]:
        """Oldest first."""
        ...

    # Drafts

    def add_draft(self, draft: Draft, edits: Sequence[Edit] = ()) -> None: ...

    def draft(self, project: str, draft_id: str) -> Draft | None: ...

    def drafts(self, project: str, limit: int, after: str | None) -> list[Draft]: ...

    def remove_draft(self, project: str, draft_id: str) -> bool: ...

    def edits(self, draft: str) -> list[Edit]:
        """Oldest first, those that were undone included."""
        ...

    def add_edit(self, revision: int, edit: Edit) -> Draft:
        """Append after the edits in force; undone ones are forgotten. Raises `Changed`."""
        ...

    def move_position(self, draft: str, revision: int, position: int, at: float) -> Draft:
        """Undo or redo. Raises `Changed`, or `Conflict` where there is no such position."""
        ...

    # Audit, files

    def note(self, entry: AuditEntry) -> None: ...

    def audit(self, project: str, limit: int, before: float | None = None) -> list[AuditEntry]: ...

    def blobs_in_use(self) -> set[str]:
        """Hashes of all files that any row names."""
        ...
