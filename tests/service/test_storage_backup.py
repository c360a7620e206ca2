"""Backups: everything comes back, into the same kind of database or the other one; what is damaged is not taken."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import emptied
from sqlalchemy import select
from typer.testing import CliRunner

from partitioner.cli.main import app
from partitioner.errors import InputError
from service.auth import made_token
from service.records import AuditEntry, Blob, Dataset, Draft, Edit, Job, PlanRecord, Project, TrailEntry, new_id
from service.settings import Settings
from service.storage import BlobStore, SqlStore, open_store
from service.storage.backup import back_up, restore
from service.storage.schema import metadata

CONTENTS = "楼栋,户数\nb1,120\n".encode()


def rows_of(store: SqlStore) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, in one order on every backend."""
    with store.engine.connect() as db:
        return {
            table.name: sorted((dict(row) for row in db.execute(select(table)).mappings()), key=repr)
            for table in metadata.sorted_tables
        }


def fill(store: SqlStore, blobs: BlobStore) -> tuple[Project, PlanRecord]:
    """One of everything that a server keeps."""
    project = Project(id=new_id(), name="固安县", profile="hebei", created=1.5, updated=1.5)
    store.add_project(project)
    token, _ = made_token("张三", server_admin=False, lasts_s=None)
    store.add_token(token)
    store.set_member(project.id, token.id, "planner")
    kept: list[Blob] = [blobs.add_bytes(CONTENTS + bytes([i]), f"文件{i}.csv") for i in range(3)]
    common: dict[str, Any] = {"project": project.id, "created": 2.25, "actor": "张三"}
    reading = Job(id=new_id(), kind="read", name="", request={"网": [1, None]}, **common)
    dataset = Dataset(
        id=new_id(), name="台账", version=0, state="reading", options={}, files=(kept[0],), job=reading.id, **common
    )
    store.add_dataset(dataset, reading)
    store.claim_job(3.0)
    store.finish_job(reading.id, 1, 4.0, result={}, dataset={"state": "ready", "outputs": (kept[1],)})
    job = store.add_job(Job(id=new_id(), kind="plan", name="", request={}, key="k", key_hash="h", **common), 9, 9)[0]
    store.claim_job(5.0)
    plan = PlanRecord(
        id=new_id(), number=0, name="方案", dataset=dataset.id, base=None, job=None, origin="plan",
        summary={"gap": 0.0123456789012345, "无": None}, files=(kept[2],), **common,
    )  # fmt: skip
    store.finish_job(job.id, 1, 6.0, result={"plan": plan.id}, plan=plan)
    draft = Draft(id=new_id(), plan=plan.id, level="grid", name="", updated=7.0, **common)
    store.add_draft(draft)
    store.add_edit(1, Edit(draft=draft.id, number=0, at=8.0, actor="张三", body={"comment": "移\n动"}))
    store.approve(project.id, 1, step(plan, "draft", "submitted"))
    store.note(AuditEntry(at=9.0, actor="张三", project=project.id, action="POST", target="/", status=201))
    store.add_job(Job(id=new_id(), kind="check", name="", request={}, **common), 9, 9)
    return project, plan


def step(plan: PlanRecord, before: str, after: str) -> TrailEntry:
    return TrailEntry(plan=plan.id, at=8.5, actor="张三", actor_id="t", action="go", before=before, after=after)


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[tuple[Path, SqlStore, Project, PlanRecord]]:
    """A data folder on SQLite, open as a running server has it."""
    settings = Settings(data=tmp_path / "first")
    settings.data.mkdir()
    store = open_store(settings.database_url)
    project, plan = fill(store, BlobStore(settings.blobs))
    yield settings.data, store, project, plan
    store.close()


@pytest.mark.parametrize("route", [["sqlite"], ["postgresql", "sqlite"]])
def test_everything_comes_back_from_either_kind_of_database(
    filled: tuple[Path, SqlStore, Project, PlanRecord],
    tmp_path: Path,
    request: pytest.FixtureRequest,
    route: list[str],
) -> None:
    """Also the numbers that PostgreSQL counts on with: the next step of a trail is stored after a restore."""
    data, store, project, plan = filled
    wanted, database = rows_of(store), None
    assert all(wanted.values())
    steps = ["submitted", "reviewed", "filed"]
    for number, kind in enumerate(route):
        archive, num_rows = tmp_path / f"{number}.tar", sum(map(len, wanted.values()))
        assert back_up(data, database, archive) == (num_rows, 3)
        database = emptied(request.getfixturevalue("postgres_url")) if kind == "postgresql" else None
        data = tmp_path / f"next{number}"
        assert restore(data, database, archive) == (num_rows, 3)
        assert data.stat().st_mode & 0o077 == 0
        settings = Settings(data=data, database=database)
        again = open_store(settings.database_url)
        try:
            assert rows_of(again) == wanted
            assert all(BlobStore(settings.blobs).sound(sha256) for sha256 in again.blobs_in_use())
            again.approve(project.id, number + 2, step(plan, steps[number], steps[number + 1]))
            again.note(AuditEntry(at=10.0 + number, actor="李四", project=None, action="GET", target="/", status=200))
            assert [entry.after for entry in again.trail(plan.id)] == steps[: number + 2]
            wanted = rows_of(again)
        finally:
            again.close()


def refused(data: Path, archive: Path) -> str:
    with pytest.raises(InputError) as caught:
        restore(data, None, archive)
    return caught.value.faults[0].rule


def test_a_restore_overwrites_nothing(filled: tuple[Path, SqlStore, Project, PlanRecord], tmp_path: Path) -> None:
    data, store, _, _ = filled
    before = rows_of(store)
    back_up(data, None, tmp_path / "a.tar")
    assert refused(data, tmp_path / "a.tar") == "database_filled"
    assert rows_of(store) == before


def test_what_is_no_whole_backup_is_refused_and_leaves_no_rows(
    filled: tuple[Path, SqlStore, Project, PlanRecord], tmp_path: Path
) -> None:
    """Noise, an archive that ends before its files, one that ends inside of one, and one with other contents."""
    whole = tmp_path / "a.tar"
    back_up(filled[0], None, whole)
    with tarfile.open(whole) as archive:
        first = next(member for member in archive if member.name.startswith("blobs/"))
    contents = whole.read_bytes()
    start = first.offset_data
    for name, broken in (
        ("noise", b"not a backup"),
        ("before", contents[: first.offset]),
        ("inside", contents[: start + 5]),
        ("changed", contents[:start] + b"x" + contents[start + 1 :]),
    ):
        (tmp_path / name).write_bytes(broken)
        assert refused(tmp_path / f"into-{name}", tmp_path / name) == "backup_unreadable"
    settings = Settings(data=tmp_path / "into-before")
    empty = open_store(settings.database_url)
    assert not any(rows_of(empty).values())
    empty.close()


def test_a_damaged_file_is_found_and_not_backed_up(
    filled: tuple[Path, SqlStore, Project, PlanRecord], tmp_path: Path
) -> None:
    data, _, _, plan = filled
    asked = ["admin", "check", "--data", str(data), "--lang", "en"]
    sound = CliRunner().invoke(app, asked)
    assert (sound.exit_code, "3 files, 0 damaged" in sound.output) == (0, True)
    sha256 = plan.files[0].sha256
    path = BlobStore(data / "blobs").path(sha256)
    path.chmod(0o640)
    path.write_bytes(b"other")
    (tmp_path / "a.tar").write_bytes(b"of yesterday")
    found = CliRunner().invoke(app, asked)
    assert (found.exit_code, sha256 in found.output) == (1, True)
    failed = CliRunner().invoke(app, ["admin", "backup", str(tmp_path / "a.tar"), "--data", str(data), "--lang", "en"])
    assert failed.exit_code == 2
    assert "missing or damaged" in failed.output
    assert (tmp_path / "a.tar").read_bytes() == b"of yesterday"
