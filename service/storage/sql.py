"""The contract on SQLAlchemy: SQLite (one writer at a time) and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy import (
    Connection,
    Engine,
    Select,
    Table,
    and_,
    create_engine,
    delete,
    event,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from service.records import (
    OVER,
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
from service.storage import schema as t
from service.storage.contract import Changed, Conflict
from service.storage.migrating import migrate
from service.storage.rows import plain, to_record, to_row, vars_of

R = TypeVar("R")

BUSY_S = 30.0
"""How long a writer waits for another one on SQLite."""


def open_store(url: str) -> SqlStore:
    """The database at `url`, its tables brought up to date."""
    engine = make_engine(url)
    migrate(engine)
    return SqlStore(engine)


def make_engine(url: str) -> Engine:
    """An engine with the settings that the contract relies on."""
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=20)
    # Writers in a queue hold connections; a reader must never wait for one.
    engine = create_engine(url, connect_args={"timeout": BUSY_S, "check_same_thread": False}, max_overflow=-1)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where `_begin_sqlite` says so
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={int(BUSY_S * 1000)}"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes its turn at once: one that only wants it halfway through a transaction could not wait for it.
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


class SqlStore:
    """See `contract.Store`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @property
    def immediate(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def ping(self) -> None:
        with self._reading() as db:
            db.execute(select(1))

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self.engine.connect() as db, db.begin():
            yield db

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self.engine.connect().execution_options(writing=True) as db, db.begin():
            yield db

    # Tokens and members

    def add_token(self, token: Token) -> None:
        with self._writing() as db:
            db.execute(insert(t.tokens).values(to_row(token)))

    def token(self, token_id: str) -> Token | None:
        return self._one(Token, select(t.tokens).where(t.tokens.c.id == token_id))

    def tokens(self) -> list[Token]:
        return self._all(Token, select(t.tokens).order_by(t.tokens.c.id.desc()))

    def has_tokens(self) -> bool:
        with self._reading() as db:
            return db.execute(select(t.tokens.c.id).limit(1)).first() is not None

    def revoke_token(self, token_id: str, at: float) -> bool:
        with self._writing() as db:
            done = db.execute(update(t.tokens).where(t.tokens.c.id == token_id).values(revoked=at))
            return done.rowcount == 1

    def set_member(self, project: str, token: str, role: str) -> None:
        with self._writing() as db:
            db.execute(delete(t.members).where(t.members.c.project == project, t.members.c.token == token))
            db.execute(insert(t.members).values(project=project, token=token, role=role))

    def remove_member(self, project: str, token: str) -> bool:
        with self._writing() as db:
            done = db.execute(delete(t.members).where(t.members.c.project == project, t.members.c.token == token))
            return done.rowcount == 1

    def members(self, project: str) -> list[Member]:
        columns = (t.members, t.tokens.c.name)
        query = select(*columns).join(t.tokens).where(t.members.c.project == project, t.tokens.c.revoked.is_(None))
        return self._all(Member, query.order_by(t.members.c.token))

    def roles(self, token: str) -> dict[str, str]:
        with self._reading() as db:
            rows = db.execute(select(t.members).where(t.members.c.token == token))
            return {row.project: row.role for row in rows}

    def access(self, token_id: str | None, project_id: str) -> Access:
        role = and_(t.members.c.token == t.tokens.c.id, t.members.c.project == project_id)
        with self._reading() as db:
            project = db.execute(select(t.projects).where(t.projects.c.id == project_id)).mappings().first()
            asker = None
            if token_id is not None:
                query = select(t.tokens, t.members.c.role).outerjoin(t.members, role)
                asker = db.execute(query.where(t.tokens.c.id == token_id)).mappings().first()
        return Access(
            token=None if asker is None else to_record(Token, asker),
            project=None if project is None else to_record(Project, project),
            role=None if asker is None else asker["role"],
        )

    # Projects

    def add_project(self, project: Project) -> None:
        with self._writing() as db:
            db.execute(insert(t.projects).values(to_row(project)))

    def project(self, project_id: str) -> Project | None:
        return self._one(Project, select(t.projects).where(t.projects.c.id == project_id))

    def projects(self, only: Sequence[str] | None, limit: int, after: str | None) -> list[Project]:
        query = select(t.projects)
        if only is not None:
            query = query.where(t.projects.c.id.in_(list(only)))
        return self._page(Project, query, t.projects, limit, after)

    def change_project(self, project_id: str, revision: int, changes: Mapping[str, Any], at: float) -> Project:
        values = {**changes, "revision": revision + 1, "updated": at}
        with self._writing() as db:
            self._guarded(db, t.projects, project_id, revision, values)
            return _found(Project, db, select(t.projects).where(t.projects.c.id == project_id))

    def remove_project(self, project_id: str, revision: int) -> None:
        with self._writing() as db:
            self._guarded(db, t.projects, project_id, revision, {"revision": revision + 1})
            filed = select(t.plans.c.id).where(t.plans.c.project == project_id, t.plans.c.approval == "filed")
            if db.execute(filed.limit(1)).first():
                raise Conflict("filed")
            open_jobs = select(t.jobs.c.id).where(t.jobs.c.project == project_id, t.jobs.c.state.not_in(OVER))
            if db.execute(open_jobs.limit(1)).first():
                raise Conflict("jobs")
            db.execute(delete(t.projects).where(t.projects.c.id == project_id))

    # Datasets

    def add_dataset(self, dataset: Dataset, job: Job) -> Dataset:
        with self._writing() as db:
            self._lock_project(db, dataset.project)
            numbered = replace(dataset, version=_next(db, t.datasets.c.version, dataset.project))
            db.execute(insert(t.datasets).values(to_row(numbered)))
            db.execute(insert(t.jobs).values(to_row(job)))
        return numbered

    def dataset(self, project: str, dataset_id: str) -> Dataset | None:
        return self._of_project(Dataset, t.datasets, project, dataset_id)

    def datasets(self, project: str, limit: int, after: str | None) -> list[Dataset]:
        return self._page(Dataset, select(t.datasets).where(t.datasets.c.project == project), t.datasets, limit, after)

    def remove_dataset(self, project: str, dataset_id: str) -> None:
        with self._writing() as db:
            used = select(t.plans.c.id).where(t.plans.c.project == project, t.plans.c.dataset == dataset_id)
            if db.execute(used.limit(1)).first():
                raise Conflict("used")
            where = (t.datasets.c.project == project, t.datasets.c.id == dataset_id)
            if db.execute(delete(t.datasets).where(*where, t.datasets.c.state != "reading")).rowcount != 1:
                raise Conflict("reading")

    # Jobs

    def add_job(self, job: Job, most_in_project: int, most: int) -> tuple[Job, bool]:
        try:
            return self._add_job(job, most_in_project, most)
        except IntegrityError:
            # The same key arrived twice at the same moment.
            known = self._of_key(job)
            if known is None:
                raise
            return known, False

    def _add_job(self, job: Job, most_in_project: int, most: int) -> tuple[Job, bool]:
        with self._writing() as db:
            if job.key is not None:
                known = self._of_key(job, db)
                if known is not None:
                    return known, False
            waiting = select(func.count()).select_from(t.jobs).where(t.jobs.c.state == "accepted")
            if db.execute(waiting.where(t.jobs.c.project == job.project)).scalar_one() >= most_in_project:
                raise Conflict("project")
            if db.execute(waiting).scalar_one() >= most:
                raise Conflict("server")
            db.execute(insert(t.jobs).values(to_row(job)))
        return job, True

    def _of_key(self, job: Job, db: Connection | None = None) -> Job | None:
        query = select(t.jobs).where(t.jobs.c.project == job.project, t.jobs.c.key == job.key)
        if db is None:
            return self._one(Job, query)
        row = db.execute(query).mappings().first()
        return None if row is None else to_record(Job, dict(row))

    def job(self, project: str, job_id: str) -> Job | None:
        return self._of_project(Job, t.jobs, project, job_id)

    def jobs(
        self, project: str, limit: int, after: str | None, state: str | None = None, kind: str | None = None
    ) -> list[Job]:
        query = select(t.jobs).where(t.jobs.c.project == project)
        if state is not None:
            query = query.where(t.jobs.c.state == state)
        if kind is not None:
            query = query.where(t.jobs.c.kind == kind)
        return self._page(Job, query, t.jobs, limit, after)

    def claim_job(self, at: float, skip: Sequence[str] = (), only: Sequence[str] = ()) -> Job | None:
        query = select(t.jobs).where(t.jobs.c.state == "accepted")
        if skip:
            query = query.where(t.jobs.c.kind.not_in(list(skip)))
        if only:
            query = query.where(t.jobs.c.kind.in_(list(only)))
        query = query.order_by(t.jobs.c.created, t.jobs.c.id).limit(1).with_for_update(skip_locked=True)
        with self._writing() as db:
            row = db.execute(query).mappings().first()
            if row is None:
                return None
            values = {
                "state": "running",
                "attempt": row["attempt"] + 1,
                "started": at,
                "phase": "start",
                "progress": {},
                "revision": row["revision"] + 1,
            }
            db.execute(update(t.jobs).where(t.jobs.c.id == row["id"]).values(values))
        return to_record(Job, {**row, **values})

    def note_progress(self, job_id: str, attempt: int, changes: Mapping[str, Any]) -> Job | None:
        with self._writing() as db:
            where = (t.jobs.c.id == job_id, t.jobs.c.attempt == attempt, t.jobs.c.state == "running")
            values = {**changes, "revision": t.jobs.c.revision + 1}
            if db.execute(update(t.jobs).where(*where).values(values)).rowcount != 1:
                return None
            return _found(Job, db, select(t.jobs).where(t.jobs.c.id == job_id))

    def ask_to_stop(self, project: str, job_id: str, at: float) -> Job:
        with self._writing() as db:
            job = self._locked_job(db, project, job_id)
            if job.over:
                raise Conflict(job.state)
            if job.state == "accepted":
                return self._change_job(db, job, {"state": "dismissed", "finished": at, "stop_requested": True})
            return job if job.stop_requested else self._change_job(db, job, {"stop_requested": True})

    def dismiss_job(self, project: str, job_id: str, at: float) -> Job:
        with self._writing() as db:
            job = self._locked_job(db, project, job_id)
            if job.over:
                raise Conflict(job.state)
            dismissed = self._change_job(db, job, {"state": "dismissed", "finished": at})
            self._refuse_reading(db, job)
            return dismissed

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
        with self._writing() as db:
            query = select(t.jobs).where(t.jobs.c.id == job_id).with_for_update()
            row = db.execute(query).mappings().first()
            if row is None or row["state"] != "running" or row["attempt"] != attempt:
                return None
            job = to_record(Job, dict(row))
            if plan is not None:
                self._insert_plan(db, replace(plan, job=job_id))
            if files:
                self._add_files(db, str((result or {})["plan"]), files)
            if dataset is not None:
                where = t.datasets.c.job == job_id
                db.execute(update(t.datasets).where(where).values(plain(dataset)))
            elif error is not None:
                self._refuse_reading(db, job)
            values = {
                "state": "failed" if error is not None else "successful",
                "finished": at,
                "result": None if result is None else dict(result),
                "error": None if error is None else dict(error),
                "stop_reason": stop_reason,
            }
            return self._change_job(db, job, values)

    def give_back(
        self, at: float, most_losses: int, error: Mapping[str, Any], *, counted: bool = True, only: str | None = None
    ) -> list[Job]:
        changed = []
        query = select(t.jobs).where(t.jobs.c.state == "running")
        if only is not None:
            query = query.where(t.jobs.c.id == only)
        with self._writing() as db:
            rows = db.execute(query.with_for_update()).mappings().all()
            for row in rows:
                job = to_record(Job, dict(row))
                losses = job.losses + 1 if counted else job.losses
                if losses < most_losses:
                    values: dict[str, Any] = {"state": "accepted", "phase": "interrupted", "progress": {}}
                else:
                    values = {"state": "failed", "finished": at, "error": dict(error)}
                    self._refuse_reading(db, job)
                values["losses"] = losses
                changed.append(self._change_job(db, job, values))
        return changed

    def job_counts(self) -> dict[str, int]:
        with self._reading() as db:
            rows = db.execute(select(t.jobs.c.state, func.count().label("num")).group_by(t.jobs.c.state))
            return {row.state: row.num for row in rows}

    def _locked_job(self, db: Connection, project: str, job_id: str) -> Job:
        where = (t.jobs.c.project == project, t.jobs.c.id == job_id)
        row = db.execute(select(t.jobs).where(*where).with_for_update()).mappings().first()
        if row is None:
            raise KeyError(job_id)
        return to_record(Job, dict(row))

    def _change_job(self, db: Connection, job: Job, values: Mapping[str, Any]) -> Job:
        changes = {**values, "revision": job.revision + 1}
        db.execute(update(t.jobs).where(t.jobs.c.id == job.id).values(changes))
        return replace(job, **changes)

    def _refuse_reading(self, db: Connection, job: Job) -> None:
        """A dataset whose reading came to nothing is refused, not read for ever."""
        if job.kind == "read":
            where = (t.datasets.c.job == job.id, t.datasets.c.state == "reading")
            db.execute(update(t.datasets).where(*where).values(state="refused"))

    def _insert_plan(self, db: Connection, plan: PlanRecord) -> PlanRecord:
        self._lock_project(db, plan.project)
        numbered = replace(plan, number=_next(db, t.plans.c.number, plan.project))
        db.execute(insert(t.plans).values(to_row(numbered)))
        return numbered

    def _add_files(self, db: Connection, plan: str, files: Sequence[Blob]) -> None:
        row = db.execute(select(t.plans.c.files).where(t.plans.c.id == plan).with_for_update()).first()
        if row is None:
            raise KeyError(plan)
        fresh = {blob.name for blob in files}
        kept = [blob for blob in row[0] if blob["name"] not in fresh]
        db.execute(update(t.plans).where(t.plans.c.id == plan).values(files=kept + [vars_of(blob) for blob in files]))

    # Plans

    def add_plan(self, plan: PlanRecord) -> PlanRecord:
        with self._writing() as db:
            return self._insert_plan(db, plan)

    def plan(self, project: str, plan_id: str) -> PlanRecord | None:
        return self._of_project(PlanRecord, t.plans, project, plan_id)

    def plans(self, project: str, limit: int, after: str | None) -> list[PlanRecord]:
        return self._page(PlanRecord, select(t.plans).where(t.plans.c.project == project), t.plans, limit, after)

    def remove_plan(self, project: str, plan_id: str) -> None:
        with self._writing() as db:
            built = select(t.plans.c.id).where(t.plans.c.base == plan_id)
            drafted = select(t.drafts.c.id).where(t.drafts.c.plan == plan_id)
            if db.execute(built.limit(1)).first() or db.execute(drafted.limit(1)).first():
                raise Conflict("used")
            where = (t.plans.c.project == project, t.plans.c.id == plan_id, t.plans.c.approval == "draft")
            if db.execute(delete(t.plans).where(*where)).rowcount != 1:
                raise Conflict("approval")

    def approve(self, project: str, revision: int, entry: TrailEntry) -> PlanRecord:
        with self._writing() as db:
            query = select(t.plans).where(t.plans.c.project == project, t.plans.c.id == entry.plan)
            plan = _found(PlanRecord, db, query.with_for_update())
            if plan.revision != revision:
                raise Changed(plan.revision)
            if plan.approval != entry.before:
                raise Conflict(plan.approval)
            values = {"approval": entry.after, "revision": revision + 1}
            db.execute(update(t.plans).where(t.plans.c.id == plan.id).values(values))
            db.execute(insert(t.trail).values(to_row(entry)))
            return replace(plan, **values)  # type: ignore[arg-type]

    def trail(self, plan: str) -> list[TrailEntry]:
        return self._all(TrailEntry, select(t.trail).where(t.trail.c.plan == plan).order_by(t.trail.c.number))

    # Drafts

    def add_draft(self, draft: Draft, edits: Sequence[Edit] = ()) -> None:
        with self._writing() as db:
            db.execute(insert(t.drafts).values(to_row(draft)))
            if edits:
                db.execute(insert(t.edits), [to_row(edit) for edit in edits])

    def draft(self, project: str, draft_id: str) -> Draft | None:
        return self._of_project(Draft, t.drafts, project, draft_id)

    def drafts(self, project: str, limit: int, after: str | None) -> list[Draft]:
        return self._page(Draft, select(t.drafts).where(t.drafts.c.project == project), t.drafts, limit, after)

    def remove_draft(self, project: str, draft_id: str) -> bool:
        with self._writing() as db:
            done = db.execute(delete(t.drafts).where(t.drafts.c.project == project, t.drafts.c.id == draft_id))
            return done.rowcount == 1

    def edits(self, draft: str) -> list[Edit]:
        return self._all(Edit, select(t.edits).where(t.edits.c.draft == draft).order_by(t.edits.c.number))

    def add_edit(self, revision: int, edit: Edit) -> Draft:
        with self._writing() as db:
            draft = self._draft_at(db, edit.draft, revision)
            db.execute(delete(t.edits).where(t.edits.c.draft == draft.id, t.edits.c.number > draft.position))
            number = draft.position + 1
            db.execute(insert(t.edits).values(to_row(replace(edit, number=number))))
            return self._change_draft(db, draft, {"position": number, "num_edits": number, "updated": edit.at})

    def move_position(self, draft: str, revision: int, position: int, at: float) -> Draft:
        with self._writing() as db:
            known = self._draft_at(db, draft, revision)
            if not 0 <= position <= known.num_edits or position == known.position:
                raise Conflict("position")
            return self._change_draft(db, known, {"position": position, "updated": at})

    def _draft_at(self, db: Connection, draft_id: str, revision: int) -> Draft:
        row = db.execute(select(t.drafts).where(t.drafts.c.id == draft_id).with_for_update()).mappings().first()
        if row is None or row["revision"] != revision:
            raise Changed(None if row is None else row["revision"])
        return to_record(Draft, dict(row))

    def _change_draft(self, db: Connection, draft: Draft, values: Mapping[str, Any]) -> Draft:
        changes = {**values, "revision": draft.revision + 1}
        db.execute(update(t.drafts).where(t.drafts.c.id == draft.id).values(changes))
        return replace(draft, **changes)

    # Audit, files

    def note(self, entry: AuditEntry) -> None:
        with self._writing() as db:
            db.execute(insert(t.audit).values(to_row(entry)))

    def audit(self, project: str, limit: int, before: float | None = None) -> list[AuditEntry]:
        query = select(t.audit).where(t.audit.c.project == project)
        if before is not None:
            query = query.where(t.audit.c.at < before)
        return self._all(AuditEntry, query.order_by(t.audit.c.number.desc()).limit(limit))

    def blobs_in_use(self) -> set[str]:
        found: set[str] = set()
        with self._reading() as db:
            for column in (t.datasets.c.files, t.datasets.c.outputs, t.plans.c.files):
                for (blobs,) in db.execute(select(column)):
                    found.update(blob["sha256"] for blob in blobs)
            for (result,) in db.execute(select(t.jobs.c.result).where(t.jobs.c.result.is_not(None))):
                found.update(blob["sha256"] for blob in (result or {}).get("blobs", []))
        return found

    # What several methods share

    def _one(self, kind: type[R], query: Select[Any]) -> R | None:
        with self._reading() as db:
            row = db.execute(query).mappings().first()
        return None if row is None else to_record(kind, dict(row))

    def _all(self, kind: type[R], query: Select[Any]) -> list[R]:
        with self._reading() as db:
            rows = db.execute(query).mappings().all()
        return [to_record(kind, dict(row)) for row in rows]

    def _page(self, kind: type[R], query: Select[Any], table: Table, limit: int, after: str | None) -> list[R]:
        if after is not None:
            query = query.where(table.c.id < after)
        return self._all(kind, query.order_by(table.c.id.desc()).limit(limit))

    def _of_project(self, kind: type[R], table: Table, project: str, key: str) -> R | None:
        return self._one(kind, select(table).where(table.c.project == project, table.c.id == key))

    def _guarded(self, db: Connection, table: Table, key: str, revision: int, values: Mapping[str, Any]) -> None:
        done = db.execute(update(table).where(table.c.id == key, table.c.revision == revision).values(dict(values)))
        if done.rowcount != 1:
            raise Changed(db.execute(select(table.c.revision).where(table.c.id == key)).scalar_one_or_none())

    def _lock_project(self, db: Connection, project: str) -> None:
        """Numbers of versions are given one at a time."""
        db.execute(select(t.projects.c.id).where(t.projects.c.id == project).with_for_update())


def _next(db: Connection, column: Any, project: str) -> int:
    query = select(func.coalesce(func.max(column), 0) + 1).where(column.table.c.project == project)
    return int(db.execute(query).scalar_one())


def _found(kind: type[R], db: Connection, query: Select[Any]) -> R:
    row = db.execute(query).mappings().first()
    if row is None:
        raise Changed(None)
    return to_record(kind, dict(row))
