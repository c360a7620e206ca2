"""What every storage promises, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import inspect

from service.records import (
    Access,
    AuditEntry,
    Blob,
    Dataset,
    Draft,
    Edit,
    Job,
    PlanRecord,
    Project,
    Token,
    TrailEntry,
    new_id,
)
from service.storage import Changed, Conflict, Store
from service.storage.schema import metadata
from service.storage.sql import SqlStore

BLOB = Blob(name="台账.xlsx", sha256="a" * 64, bytes=3)
LOST = {"code": "job_interrupted"}


def a_project(store: Store, name: str = "固安县") -> Project:
    project = Project(id=new_id(), name=name, profile="hebei", created=1.0, updated=1.0)
    store.add_project(project)
    return project


def a_job(project: Project, **given: Any) -> Job:
    return Job(
        id=new_id(),
        project=project.id,
        **{
            "kind": "plan",
            "name": "",
            "request": {"网": [1]},
            "created": 2.0,
            "actor": "local",
            **given,
        },
    )


def added(store: Store, project: Project, **given: Any) -> Job:
    return store.add_job(a_job(project, **given), 100, 100)[0]


def a_plan(project: Project, **given: Any) -> PlanRecord:
    return PlanRecord(
        id=new_id(),
        project=project.id,
        **{
            "number": 0,
            "name": "方案",
            "dataset": None,
            "base": None,
            "job": None,
            "origin": "plan",
            "summary": {},
            "files": (BLOB,),
            "created": 3.0,
            "actor": "local",
            **given,
        },
    )


def a_dataset(project: Project, job: Job) -> Dataset:
    """One that `job` is to read."""
    return Dataset(
        id=new_id(),
        project=project.id,
        name="台账",
        version=0,
        state="reading",
        options={},
        files=(BLOB,),
        job=job.id,
        created=1.0,
        actor="local",
    )


def planned(store: Store, project: Project, **given: Any) -> PlanRecord:
    plan = a_plan(project, **given)
    job = added(store, project)
    claimed = store.claim_job(1.0, skip=("read",))
    assert claimed is not None
    store.finish_job(job.id, claimed.attempt, 4.0, result={"plan": plan.id}, plan=plan)
    found = store.plan(project.id, plan.id)
    assert found is not None
    return found


def at_once(task: Callable[[int], object], num: int = 8) -> list[object]:
    """What `num` threads got that began together; exceptions as values."""
    gate, found = threading.Barrier(num), [None] * num

    def run(i: int) -> None:
        gate.wait()
        try:
            found[i] = task(i)  # type: ignore[call-overload]
        except Exception as error:
            found[i] = error  # type: ignore[call-overload]

    threads = [threading.Thread(target=run, args=(i,)) for i in range(num)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found  # type: ignore[return-value]


def test_the_migrations_make_the_tables_of_the_schema(store: SqlStore) -> None:
    found = inspect(store.engine)
    assert set(found.get_table_names()) == {*metadata.tables, "alembic_version"}
    for name, table in metadata.tables.items():
        assert {column["name"] for column in found.get_columns(name)} == set(table.columns.keys())
        unique = {tuple(sorted(c["column_names"])) for c in found.get_unique_constraints(name)}
        wanted = {
            tuple(sorted(column.name for column in c.columns))
            for c in table.constraints
            if type(c).__name__ == "UniqueConstraint"
        }
        assert unique == wanted


def test_a_project_is_found_as_it_was_stored(store: Store) -> None:
    project = a_project(store)
    assert store.project(project.id) == project
    assert store.project("nothing") is None


def test_lists_are_newest_first_in_pages(store: Store) -> None:
    made = [a_project(store, f"县{i}") for i in range(5)]
    first = store.projects(None, 2, None)
    second = store.projects(None, 10, first[-1].id)
    assert [p.name for p in first + second] == [p.name for p in sorted(made, key=lambda p: p.id, reverse=True)]
    assert [p.id for p in store.projects([made[1].id], 10, None)] == [made[1].id]
    assert store.projects([], 10, None) == []


def test_a_change_of_an_outdated_project_writes_nothing(store: Store) -> None:
    project = a_project(store)
    changed = store.change_project(project.id, 1, {"name": "新名"}, 5.0)
    assert (changed.name, changed.revision, changed.updated) == ("新名", 2, 5.0)
    with pytest.raises(Changed) as caught:
        store.change_project(project.id, 1, {"name": "另一名"}, 6.0)
    assert caught.value.current == 2
    with pytest.raises(Changed) as caught:
        store.change_project("nothing", 1, {"name": "无"}, 6.0)
    assert caught.value.current is None
    assert store.project(project.id) == changed


def test_of_several_changes_at_once_one_wins(store: Store) -> None:
    project = a_project(store)
    found = at_once(lambda i: store.change_project(project.id, 1, {"name": str(i)}, 2.0))
    assert sum(isinstance(one, Project) for one in found) == 1
    assert sum(isinstance(one, Changed) for one in found) == 7


def test_tokens_and_roles(store: Store) -> None:
    assert not store.has_tokens()
    project = a_project(store)
    token = Token(id=new_id(), name="张三", hash="0" * 64, server_admin=False, created=1.0)
    store.add_token(token)
    store.set_member(project.id, token.id, "viewer")
    store.set_member(project.id, token.id, "planner")
    assert store.roles(token.id) == {project.id: "planner"}
    access = store.access(token.id, project.id)
    assert (access.token, access.project, access.role) == (token, project, "planner")
    other = a_project(store)
    assert store.access(token.id, other.id).role is None
    assert store.access("nothing", other.id) == Access(token=None, project=other, role=None)
    assert store.access(None, "nothing") == Access(token=None, project=None, role=None)
    assert [(m.name, m.role) for m in store.members(project.id)] == [("张三", "planner")]
    assert store.revoke_token(token.id, 9.0)
    assert not store.revoke_token("nothing", 9.0)
    found = store.token(token.id)
    assert found is not None
    assert found.revoked == 9.0
    assert store.has_tokens()
    assert store.members(project.id) == []
    assert store.remove_member(project.id, token.id)
    assert store.roles(token.id) == {}


def test_a_job_of_a_known_key_is_the_same_job(store: Store) -> None:
    project, other = a_project(store), a_project(store)
    first, fresh = store.add_job(a_job(project, key="k", key_hash="h"), 10, 10)
    again, repeated = store.add_job(a_job(project, key="k", key_hash="h"), 10, 10)
    assert (fresh, repeated) == (True, False)
    assert again == first
    assert store.add_job(a_job(other, key="k", key_hash="h"), 10, 10)[1]


def test_the_same_key_at_the_same_moment_makes_one_job(store: Store) -> None:
    project = a_project(store)
    found = at_once(lambda _: store.add_job(a_job(project, key="k", key_hash="h"), 10, 10))
    assert len({job.id for job, _ in found}) == 1  # type: ignore[misc]
    assert sum(fresh for _, fresh in found) == 1  # type: ignore[misc]


def test_queues_have_an_end(store: Store) -> None:
    project, other = a_project(store), a_project(store)
    added(store, project)
    with pytest.raises(Conflict, match="project"):
        store.add_job(a_job(project), 1, 10)
    with pytest.raises(Conflict, match="server"):
        store.add_job(a_job(other), 1, 1)


def test_a_job_is_claimed_once_the_oldest_first(store: Store) -> None:
    project = a_project(store)
    jobs = [added(store, project, created=float(i)) for i in range(4)]
    claimed = at_once(lambda _: store.claim_job(9.0), 8)
    ids = [job.id for job in claimed if isinstance(job, Job)]
    assert sorted(ids) == sorted(job.id for job in jobs)
    assert store.claim_job(9.0) is None
    late, later = added(store, project, created=20.0), added(store, project, created=10.0)
    first = store.claim_job(21.0)
    assert first is not None
    assert (first.id, first.state, first.attempt, first.started) == (later.id, "running", 1, 21.0)
    assert store.claim_job(21.0, skip=("plan",)) is None
    assert store.job(project.id, late.id) == late


def test_progress_counts_revisions_and_only_of_the_attempt_that_runs(store: Store) -> None:
    project = a_project(store)
    job = added(store, project)
    assert store.note_progress(job.id, 0, {"phase": "search"}) is None
    store.claim_job(1.0)
    noted = store.note_progress(job.id, 1, {"phase": "search", "progress": {"best": 2.5}})
    assert noted is not None
    assert (noted.phase, noted.progress, noted.revision) == ("search", {"best": 2.5}, 3)
    assert store.note_progress(job.id, 2, {"phase": "bound"}) is None


def test_a_finished_attempt_stores_its_plan_and_none_after_it(store: Store) -> None:
    project = a_project(store)
    job = added(store, project)
    store.claim_job(1.0)
    plan, other = a_plan(project), a_plan(project)
    done = store.finish_job(job.id, 1, 5.0, result={"plan": plan.id}, plan=plan, stop_reason="proved")
    assert done is not None
    assert (done.state, done.stop_reason, done.finished) == ("successful", "proved", 5.0)
    assert store.finish_job(job.id, 1, 6.0, result={"plan": other.id}, plan=other) is None
    stored = store.plan(project.id, plan.id)
    assert stored == replace(plan, number=1, job=job.id)
    assert [p.id for p in store.plans(project.id, 10, None)] == [plan.id]


def test_of_two_ends_of_one_job_one_counts(store: Store) -> None:
    project = a_project(store)
    job = added(store, project)
    store.claim_job(1.0)
    plans = [a_plan(project) for _ in range(8)]
    at_once(lambda i: store.finish_job(job.id, 1, 5.0, result={}, plan=plans[i]))
    assert len(store.plans(project.id, 10, None)) == 1


def test_a_dismissed_job_takes_no_result(store: Store) -> None:
    project = a_project(store)
    job = added(store, project)
    store.claim_job(1.0)
    assert store.dismiss_job(project.id, job.id, 2.0).state == "dismissed"
    assert store.finish_job(job.id, 1, 5.0, result={}, plan=a_plan(project)) is None
    assert store.plans(project.id, 10, None) == []
    with pytest.raises(Conflict):
        store.dismiss_job(project.id, job.id, 3.0)
    with pytest.raises(KeyError):
        store.dismiss_job(a_project(store).id, job.id, 3.0)


def test_stopping_is_a_wish_while_it_runs_and_an_end_before(store: Store) -> None:
    project = a_project(store)
    waiting, running = added(store, project, created=5.0), added(store, project, created=1.0)
    store.claim_job(1.0)
    assert store.ask_to_stop(project.id, running.id, 2.0).stop_requested
    assert store.ask_to_stop(project.id, running.id, 2.0).state == "running"
    assert store.ask_to_stop(project.id, waiting.id, 2.0).state == "dismissed"
    with pytest.raises(Conflict):
        store.ask_to_stop(project.id, waiting.id, 2.0)


def test_interrupted_jobs_wait_again_until_it_was_too_often(store: Store) -> None:
    project = a_project(store)
    job = added(store, project)
    for attempt in (1, 2):
        claimed = store.claim_job(1.0)
        assert claimed is not None
        assert claimed.attempt == 2 * attempt - 1
        assert [j.state for j in store.give_back(3.0, 2, LOST, counted=False)] == ["accepted"]
        store.claim_job(1.0)
        given = store.give_back(3.0, 2, LOST)
        assert [j.state for j in given] == [["accepted"], ["failed"]][attempt - 1]
    found = store.job(project.id, job.id)
    assert found is not None
    assert found.error == LOST
    assert store.claim_job(1.0) is None
    assert store.job_counts() == {"failed": 1}


def test_a_dataset_follows_the_job_that_reads_it(store: Store) -> None:
    project = a_project(store)
    job = a_job(project, kind="read")
    dataset = a_dataset(project, job)
    assert store.add_dataset(dataset, job).version == 1
    assert store.add_dataset(replace(dataset, id=new_id(), job=new_id()), replace(job, id=new_id())).version == 2
    with pytest.raises(Conflict, match="reading"):
        store.remove_dataset(project.id, dataset.id)
    store.claim_job(1.0)
    changes = {"state": "ready", "summary": {"households": 3}, "outputs": (BLOB,)}
    store.finish_job(job.id, 1, 2.0, result={"dataset": dataset.id}, dataset=changes)
    found = store.dataset(project.id, dataset.id)
    assert found is not None
    assert (found.state, found.summary, found.outputs) == ("ready", {"households": 3}, (BLOB,))
    planned(store, project, dataset=dataset.id)
    with pytest.raises(Conflict, match="used"):
        store.remove_dataset(project.id, dataset.id)


@pytest.mark.parametrize("end", ["failed", "dismissed", "interrupted"])
def test_a_dataset_whose_reading_came_to_nothing_is_refused(store: Store, end: str) -> None:
    project = a_project(store)
    job = a_job(project, kind="read")
    dataset = a_dataset(project, job)
    store.add_dataset(dataset, job)
    store.claim_job(1.0)
    if end == "failed":
        store.finish_job(job.id, 1, 2.0, error={"code": "job_crashed"})
    elif end == "dismissed":
        store.dismiss_job(project.id, job.id, 2.0)
    else:
        store.give_back(2.0, 1, LOST)
    found = store.dataset(project.id, dataset.id)
    assert found is not None
    assert found.state == "refused"
    store.remove_dataset(project.id, dataset.id)
    assert store.dataset(project.id, dataset.id) is None


def test_files_can_be_added_to_a_plan(store: Store) -> None:
    project = a_project(store)
    plan = planned(store, project)
    job = added(store, project, kind="export")
    store.claim_job(1.0)
    fresh = (Blob(name="sheets.pdf", sha256="b" * 64, bytes=1), replace(BLOB, sha256="c" * 64))
    store.finish_job(job.id, 1, 2.0, result={"plan": plan.id}, files=fresh)
    found = store.plan(project.id, plan.id)
    assert found is not None
    assert {(blob.name, blob.sha256[0]) for blob in found.files} == {("sheets.pdf", "b"), ("台账.xlsx", "c")}
    assert store.blobs_in_use() == {"b" * 64, "c" * 64}


def test_approval_goes_step_by_step_and_leaves_its_trail(store: Store) -> None:
    project = a_project(store)
    plan = planned(store, project)
    step = TrailEntry(
        plan=plan.id,
        at=1.0,
        actor="张三",
        actor_id="t",
        action="submit",
        before="draft",
        after="submitted",
        comment="请审",
    )
    assert store.approve(project.id, 1, step).approval == "submitted"
    with pytest.raises(Changed):
        store.approve(project.id, 1, step)
    with pytest.raises(Conflict):
        store.approve(project.id, 2, step)
    assert store.trail(plan.id) == [step]
    with pytest.raises(Conflict, match="approval"):
        store.remove_plan(project.id, plan.id)


def test_what_others_build_on_stays(store: Store) -> None:
    project = a_project(store)
    first = planned(store, project)
    second = planned(store, project, base=first.id)
    assert (first.number, second.number) == (1, 2)
    with pytest.raises(Conflict, match="used"):
        store.remove_plan(project.id, first.id)
    store.remove_plan(project.id, second.id)
    store.remove_plan(project.id, first.id)
    assert store.plans(project.id, 10, None) == []


def test_edits_are_kept_in_order_and_undone_ones_forgotten_by_the_next(store: Store) -> None:
    project = a_project(store)
    plan = planned(store, project)
    draft = Draft(
        id=new_id(),
        project=project.id,
        plan=plan.id,
        level="grid",
        name="",
        created=1.0,
        updated=1.0,
        actor="local",
    )
    store.add_draft(draft)
    edit = Edit(draft=draft.id, number=0, at=2.0, actor="local", body={"moves": []})
    for revision in (1, 2, 3):
        assert store.add_edit(revision, edit).position == revision
    with pytest.raises(Changed) as caught:
        store.add_edit(3, edit)
    assert caught.value.current == 4
    assert store.move_position(draft.id, 4, 1, 3.0).position == 1
    with pytest.raises(Conflict):
        store.move_position(draft.id, 5, 4, 3.0)
    changed = store.add_edit(5, replace(edit, body={"comment": "另一步"}))
    assert (changed.position, changed.num_edits, changed.revision) == (2, 2, 6)
    assert [(e.number, e.body) for e in store.edits(draft.id)] == [(1, {"moves": []}), (2, {"comment": "另一步"})]
    assert store.remove_draft(project.id, draft.id)
    assert store.edits(draft.id) == []


def test_a_project_goes_with_everything_in_it_but_not_with_filed_plans_or_open_jobs(store: Store) -> None:
    project = a_project(store)
    plan = planned(store, project)
    job = added(store, project)
    with pytest.raises(Conflict, match="jobs"):
        store.remove_project(project.id, 1)
    store.dismiss_job(project.id, job.id, 2.0)
    store.remove_project(project.id, 1)
    assert store.project(project.id) is None
    assert store.plan(project.id, plan.id) is None
    other = a_project(store)
    filed = planned(store, other)
    step = TrailEntry(plan=filed.id, at=1.0, actor="a", actor_id="t", action="file", before="draft", after="filed")
    store.approve(other.id, 1, step)
    with pytest.raises(Conflict, match="filed"):
        store.remove_project(other.id, 1)
    assert store.project(other.id) == other


def test_the_audit_is_newest_first(store: Store) -> None:
    project = a_project(store)
    for i in range(3):
        store.note(AuditEntry(at=float(i), actor="张三", project=project.id, action="POST", target=f"/{i}", status=201))
    assert [entry.target for entry in store.audit(project.id, 2)] == ["/2", "/1"]
    assert [entry.target for entry in store.audit(project.id, 2, before=1.0)] == ["/0"]


def test_nothing_of_one_project_is_found_through_another(store: Store) -> None:
    mine, theirs = a_project(store), a_project(store)
    plan, job = planned(store, mine), added(store, mine)
    assert store.plan(theirs.id, plan.id) is None
    assert store.job(theirs.id, job.id) is None
    assert store.plans(theirs.id, 10, None) == []
    with pytest.raises(KeyError):
        store.ask_to_stop(theirs.id, job.id, 1.0)
