"""What an earlier version stored is all there after the migrations, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import emptied
from sqlalchemy import Connection, Engine, MetaData, insert, inspect, select

from service.records import Project
from service.settings import Settings
from service.storage import open_store
from service.storage.backup import back_up, restore
from service.storage.migrating import migrate
from service.storage.schema import metadata
from service.storage.sql import make_engine

OF_0001: dict[str, list[dict[str, Any]]] = {
    "tokens": [{"id": "t1", "name": "张三", "hash": "0" * 64, "server_admin": False, "created": 1.0}],
    "projects": [
        {"id": f"p{i}", "name": f"县{i}", "profile": "hebei", "created": 1.5, "updated": 2.5, "revision": i}
        for i in (1, 2)
    ],
    "members": [{"project": "p1", "token": "t1", "role": "planner"}],
    "audit": [{"at": 3.0, "actor": "张三", "project": "p1", "action": "x", "target": "网", "status": 200}],
}
"""Rows of tables of the first schema; one refers to others, and one is counted by the database."""


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, str | None, Engine]]:
    """A data folder as the first version left it, its database's address (None: in the folder) and the way in."""
    database = emptied(request.getfixturevalue("postgres_url")) if request.param == "postgresql" else None
    settings = Settings(data=tmp_path / "data", database=database)
    settings.data.mkdir()
    engine = make_engine(settings.database_url)
    migrate(engine, "0001")
    with engine.connect().execution_options(writing=True) as db, db.begin():
        for name, rows in OF_0001.items():
            db.execute(insert(as_it_is(db).tables[name]), rows)
    yield settings.data, database, engine
    engine.dispose()


def as_it_is(db: Connection) -> MetaData:
    """The tables that the database has, whatever the newest schema says."""
    found = MetaData()
    found.reflect(db)
    return found


def everything(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """All rows of the tables that hold any."""
    with engine.connect() as db:
        rows = {
            table.name: [dict(row) for row in db.execute(select(table).order_by(*table.primary_key)).mappings()]
            for table in as_it_is(db).sorted_tables
        }
    return {name: found for name, found in rows.items() if found and name != "alembic_version"}


def test_rows_of_the_first_schema_come_up_whole(old: tuple[Path, str | None, Engine]) -> None:
    data, database, engine = old
    before = everything(engine)
    open_store(Settings(data=data, database=database).database_url).close()
    after = everything(engine)
    for project in after["projects"]:
        assert project.pop("crs") is None
    assert after == before
    found = inspect(engine)
    assert {column["name"] for column in found.get_columns("projects")} == set(
        metadata.tables["projects"].columns.keys()
    )
    migrate(engine)
    assert everything(engine).keys() == before.keys()


def test_a_project_of_the_first_schema_gets_a_system(old: tuple[Path, str | None, Engine]) -> None:
    data, database, _ = old
    store = open_store(Settings(data=data, database=database).database_url)
    try:
        common = {"name": "县2", "profile": "hebei", "created": 1.5}
        assert store.project("p2") == Project(id="p2", updated=2.5, revision=2, **common)
        wanted = Project(id="p2", updated=9.0, revision=3, crs="EPSG:4547", **common)
        assert store.change_project("p2", 2, {"crs": "EPSG:4547"}, 9.0) == wanted
        assert store.project("p2") == wanted
    finally:
        store.close()


def test_what_is_not_migrated_yet_is_backed_up_as_it_is_and_restored_as_it_should_be(
    old: tuple[Path, str | None, Engine], tmp_path: Path
) -> None:
    data, database, engine = old
    before = everything(engine)
    back_up(data, database, tmp_path / "a.tar")
    assert everything(engine) == before
    restore(tmp_path / "next", None, tmp_path / "a.tar")
    again = make_engine(Settings(data=tmp_path / "next").database_url)
    after = everything(again)
    again.dispose()
    assert [project.pop("crs") for project in after["projects"]] == [None, None]
    assert after == before
