"""What an admin does at the machine itself, beside the running server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from partitioner.errors import Fault, InputError, Text
from service.auth import ROLES, made_token
from service.settings import Settings
from service.storage import BlobStore, SqlStore, open_store
from service.storage.folder import make_private

DAY_S = 86_400.0


@contextmanager
def opened(data: Path, database: str | None) -> Iterator[tuple[SqlStore, BlobStore]]:
    """Rows and files of a data folder."""
    settings = Settings(data=data, database=database)
    make_private(data)
    store = open_store(settings.database_url)
    try:
        yield store, BlobStore(settings.blobs)
    finally:
        store.close()


def added_token(
    data: Path,
    database: str | None,
    name: str,
    *,
    project: str | None = None,
    role: str = "viewer",
    server_admin: bool = False,
    days: int | None = None,
) -> str:
    """A new token's text.

    Raises
    ------
    InputError
        No such project or role, or a token that may do nothing.
    """
    with opened(data, database) as (store, _):
        if role not in ROLES:
            raise _fault(
                "role_unknown", role, "没有这个角色", "there is no such role", "、".join(ROLES), ", ".join(ROLES)
            )
        if project is None and not server_admin:
            raise _fault(
                "token_useless", name, "该令牌没有任何权限", "this token could do nothing",
                "请加 --project 编号 --role 角色，或 --server-admin", "add --project ID --role ROLE, or --server-admin",
            )  # fmt: skip
        if project is not None and store.project(project) is None:
            raise _fault("project_unknown", project, "没有这个项目", "no such project", "请检查编号", "check the id")
        lasts_s = None if days is None else days * DAY_S
        token, text = made_token(name, server_admin=server_admin, lasts_s=lasts_s)
        store.add_token(token)
        if project is not None:
            store.set_member(project, token.id, role)
    return text


def listed_tokens(data: Path, database: str | None) -> list[str]:
    """One line for each token."""
    with opened(data, database) as (store, _):
        return [
            "\t".join(
                [
                    token.id,
                    token.name,
                    "server-admin" if token.server_admin else "",
                    "revoked" if token.revoked else _until(token.expires),
                    ", ".join(f"{project}={role}" for project, role in sorted(store.roles(token.id).items())),
                ]
            )
            for token in store.tokens()
        ]


def revoked_token(data: Path, database: str | None, token_id: str) -> None:
    """It opens nothing any more.

    Raises
    ------
    InputError
        No such token.
    """
    with opened(data, database) as (store, _):
        if not store.revoke_token(token_id, time.time()):
            raise _fault(
                "token_unknown", token_id, "没有这个令牌", "no such token",
                "用 wangge admin token list 查看编号", "see wangge admin token list",
            )  # fmt: skip


def damaged_files(data: Path, database: str | None) -> tuple[list[str], int]:
    """Hashes of files that are missing or no longer what they were; and how many there should be."""
    with opened(data, database) as (store, blobs):
        wanted = sorted(store.blobs_in_use())
        return [sha256 for sha256 in wanted if not blobs.sound(sha256)], len(wanted)


def _until(expires: float | None) -> str:
    return "" if expires is None else datetime.fromtimestamp(expires, UTC).strftime("until %Y-%m-%d")


def _fault(rule: str, value: str, zh: str, en: str, remedy_zh: str, remedy_en: str) -> InputError:
    return InputError([Fault(rule=rule, value=value, message=Text(zh, en), remedy=Text(remedy_zh, remedy_en))])
