"""Everything in one archive, and back: also from one kind of database to the other."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alembic.migration import MigrationContext
from sqlalchemy import Connection, Select, Table, func, insert, inspect, select, text

from partitioner.errors import Fault, InputError, OutputError, Place, Text
from partitioner.model.files import replacing
from service.settings import Settings
from service.storage.blobs import BlobStore
from service.storage.folder import make_private
from service.storage.migrating import migrate
from service.storage.rows import vars_of
from service.storage.schema import metadata
from service.storage.sql import make_engine

FORMAT = "wangge-backup/1"

_MANIFEST = "manifest.json"
_PIECE = 500


def back_up(data: Path, database: str | None, file: Path) -> tuple[int, int]:
    """Write `file` from one moment of the database, while the server may go on; rows and files.

    Raises
    ------
    OutputError
        It cannot be written; what stood there is untouched.
    InputError
        There is nothing to back up, or a file is damaged.
    """
    settings = Settings(data=data, database=database)
    if database is None and not (data / "wangge.db").is_file():
        raise InputError([_fault("data_missing", data, "没有服务数据", "there is no data of a service")])
    engine, blobs = make_engine(settings.database_url), BlobStore(settings.blobs)
    try:
        with replacing(file) as temporary, tarfile.open(temporary, "w") as archive:
            options = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
            with engine.connect().execution_options(**options) as db, db.begin():
                revision = MigrationContext.configure(db).get_current_revision()
                tables = {t.name: [dict(row) for row in db.execute(_all_of(db, t)).mappings()] for t in _tables()}
            hashes = sorted(_hashes(tables))
            manifest = {"format": FORMAT, "revision": revision, "files": len(hashes)}
            _add(archive, _MANIFEST, json.dumps(manifest).encode())
            for name, rows in tables.items():
                lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
                _add(archive, f"rows/{name}.jsonl", lines.encode())
            for sha256 in hashes:
                if not blobs.sound(sha256):
                    where = blobs.path(sha256)
                    raise InputError([_fault("file_damaged", where, "文件缺失或损坏", "missing or damaged")])
                archive.add(blobs.path(sha256), f"blobs/{sha256}")
    finally:
        engine.dispose()
    return sum(map(len, tables.values())), len(hashes)


def restore(data: Path, database: str | None, file: Path) -> tuple[int, int]:
    """Fill an empty folder and database from a backup; rows and files.

    Raises
    ------
    InputError
        The database holds something already, or the file is no backup of this version or an earlier one.
    """
    settings = Settings(data=data, database=database)
    try:
        with tarfile.open(file) as archive:
            return _restored(settings, archive, file)
    except (tarfile.TarError, OSError, KeyError, ValueError) as error:
        if isinstance(error, OutputError):
            raise
        raise InputError([_fault("backup_unreadable", file, "不是有效的备份", "it is no sound backup")]) from error


def _restored(settings: Settings, archive: tarfile.TarFile, file: Path) -> tuple[int, int]:
    manifest = json.loads(_read(archive, _MANIFEST))
    if manifest.get("format") != FORMAT:
        raise InputError([_fault("backup_format", file, "备份格式不符", f"expected {FORMAT}")])
    make_private(settings.data)
    engine, blobs = make_engine(settings.database_url), BlobStore(settings.blobs)
    try:
        migrate(engine, manifest["revision"])
        with engine.connect().execution_options(writing=True) as db, db.begin():
            if any(db.execute(select(func.count()).select_from(table)).scalar_one() for table in _tables()):
                where = settings.data
                raise InputError([_fault("database_filled", where, "数据库不是空的", "the database is not empty")])
            num_files = _unpacked(archive, blobs)
            if num_files != manifest["files"]:
                # An archive that was cut off between two members reads like a whole one.
                raise ValueError(f"{num_files} files instead of {manifest['files']}")
            num_rows = sum(_fill(db, archive, table) for table in _tables())
            _set_sequences(db)
        migrate(engine)
    finally:
        engine.dispose()
    return num_rows, num_files


def _all_of(db: Connection, table: Table) -> Select[Any]:
    """What an earlier version wrote has fewer columns until it is migrated, which a backup must not do."""
    there = {column["name"] for column in inspect(db).get_columns(table.name)}
    return select(*(column for column in table.columns if column.name in there))


def _tables() -> list[Any]:
    """Those that others refer to first."""
    return list(metadata.sorted_tables)


def _fill(db: Connection, archive: tarfile.TarFile, table: Any) -> int:
    lines = _read(archive, f"rows/{table.name}.jsonl").decode().splitlines()
    rows = [json.loads(line) for line in lines if line]
    for start in range(0, len(rows), _PIECE):
        db.execute(insert(table), rows[start : start + _PIECE])
    return len(rows)


def _set_sequences(db: Connection) -> None:
    """PostgreSQL goes on counting where the rows end."""
    if db.dialect.name != "postgresql":
        return
    for name in ("trail", "audit"):
        sequence = f"pg_get_serial_sequence('{name}', 'number')"
        db.execute(text(f"SELECT setval({sequence}, COALESCE(MAX(number), 0) + 1, false) FROM {name}"))


def _unpacked(archive: tarfile.TarFile, blobs: BlobStore) -> int:
    members = [member for member in archive if member.name.startswith("blobs/") and member.isfile()]
    for member in members:
        _unpack(archive, member, blobs)
    return len(members)


def _unpack(archive: tarfile.TarFile, member: tarfile.TarInfo, blobs: BlobStore) -> None:
    wanted, source = member.name.removeprefix("blobs/"), archive.extractfile(member)
    if source is None:
        raise ValueError(member.name)
    with blobs.receiving() as (path, stream):
        while piece := source.read(1024 * 1024):
            stream.write(piece)
    if blobs.add_file(path).sha256 != wanted:
        raise ValueError(f"{wanted} is damaged")


def _hashes(tables: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    found: set[str] = set()
    for name, columns in (("datasets", ("files", "outputs")), ("plans", ("files",))):
        for row in tables[name]:
            for column in columns:
                found.update(vars_of(blob)["sha256"] for blob in row[column])
    for row in tables["jobs"]:
        found.update(blob["sha256"] for blob in (row["result"] or {}).get("blobs", []))
    yield from found


def _read(archive: tarfile.TarFile, name: str) -> bytes:
    source = archive.extractfile(name)
    if source is None:
        raise KeyError(name)
    return source.read()


def _add(archive: tarfile.TarFile, name: str, contents: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(contents)
    archive.addfile(info, io.BytesIO(contents))


def _fault(rule: str, path: Path, zh: str, en: str) -> Fault:
    return Fault(
        rule=rule,
        place=Place(file=str(path)),
        message=Text(zh, en),
        remedy=Text("请检查路径与参数", "check the path and the options"),
    )
