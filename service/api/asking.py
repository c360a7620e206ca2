"""Who asks, in which language, about which project: what most routes want to know first."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request

from partitioner.errors import Text
from service.api.services import Services, services_of
from service.auth import LOCAL, Actor, allows, parsed, verified
from service.errors import ServiceError
from service.records import Project, Token

COOKIE = "wangge"

ID = r"^[0-9a-f]{24}$"

MARK = "__wangge_permission__"
"""Attribute of a dependency that says which permission it checks."""

Id = Annotated[str, Path(pattern=ID)]
Limit = Annotated[int, Query(ge=1, le=1000)]
Cursor = Annotated[str | None, Query(pattern=r"^[0-9a-f.]{1,40}$")]


def language_of(request: Request) -> str:
    """`zh` or `en`, whichever the reader prefers; zh where they say nothing of either."""
    best, weight = "zh", 0.0
    for part in request.headers.get("accept-language", "").split(","):
        name, _, options = part.strip().partition(";")
        match = re.search(r"q\s*=\s*([0-9.]+)", options)
        try:
            wanted = float(match[1]) if match else 1.0
        except ValueError:
            wanted = 0.0
        language = name.lower().split("-")[0]
        if language in ("zh", "en") and wanted > weight:
            best, weight = language, wanted
    return best


async def _language(request: Request) -> str:
    return language_of(request)


async def _services(request: Request) -> Services:
    return services_of(request)


Language = Annotated[str, Depends(_language)]


def token_of(request: Request) -> str | None:
    """The token that came along, from the header or the cookie."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    return request.cookies.get(COOKIE)


def known_actor(services: Services, text: str | None) -> Actor:
    """Whoever holds the token.

    Raises
    ------
    ServiceError
    """
    if not services.wants_tokens():
        return LOCAL
    key, secret = _told(text)
    token = _verified(services.store.token(key), secret)
    return Actor(id=token.id, name=token.name, server_admin=token.server_admin, roles=services.store.roles(token.id))


def _told(text: str | None) -> tuple[str, str]:
    if not text:
        raise ServiceError("token_missing")
    parts = parsed(text)
    if parts is None:
        raise ServiceError("token_wrong")
    return parts


def _verified(token: Token | None, secret: str) -> Token:
    if not verified(token, secret, time.time()) or token is None:
        raise ServiceError("token_wrong")
    return token


async def actor_of(request: Request) -> Actor:
    """Whoever asks."""
    services = services_of(request)
    return await services.asked(known_actor, services, token_of(request))


@dataclass(frozen=True, kw_only=True)
class Inside:
    """A request about a project by somebody who may ask it."""

    services: Services
    actor: Actor
    project: Project
    language: str

    @property
    def key(self) -> str:
        """Of the project."""
        return self.project.id

    @property
    def role(self) -> str:
        return self.actor.role(self.project.id) or "viewer"

    def text(self, text: Text) -> str:
        """In the reader's language."""
        return text.in_language(self.language)


def inside(permission: str) -> Any:
    """A dependency: the project of the path, if the asker has `permission` there."""

    async def check(request: Request, project: Id) -> Inside:
        services = services_of(request)
        actor, found = await services.asked(_entering, services, token_of(request), project)
        role = actor.role(project)
        if found is None or role is None:
            raise not_found("project")
        if not allows(role, permission):
            raise ServiceError("role_too_low")
        return Inside(services=services, actor=actor, project=found, language=language_of(request))

    return Depends(_marked(check, permission))


def _entering(services: Services, text: str | None, project: str) -> tuple[Actor, Project | None]:
    """Whoever asks, as far as `project` goes, and the project."""
    if not services.wants_tokens():
        return LOCAL, services.store.access(None, project).project
    key, secret = _told(text)
    found = services.store.access(key, project)
    token = _verified(found.token, secret)
    roles = {} if found.role is None else {project: found.role}
    return Actor(id=token.id, name=token.name, server_admin=token.server_admin, roles=roles), found.project


async def _known(request: Request) -> Actor:
    return await actor_of(request)


async def _server(request: Request) -> Actor:
    actor = await actor_of(request)
    if not actor.server_admin:
        raise ServiceError("role_too_low")
    return actor


def _marked(check: Callable[..., Any], permission: str) -> Callable[..., Any]:
    setattr(check, MARK, permission)
    return check


Reading = Annotated[Inside, inside("read")]
Writing = Annotated[Inside, inside("write")]
Managing = Annotated[Inside, inside("manage")]
Known = Annotated[Actor, Depends(_marked(_known, "known"))]
ServerAdmin = Annotated[Actor, Depends(_marked(_server, "server"))]
Parts = Annotated[Services, Depends(_services)]


def not_found(what: str) -> ServiceError:
    """One answer for what is not there and what the asker may not see."""
    names = {
        "project": Text("没有这个项目", "no such project"),
        "dataset": Text("没有这份数据", "no such dataset"),
        "job": Text("没有这个任务", "no such job"),
        "process": Text("没有这个处理", "no such process"),
        "plan": Text("没有这个方案", "no such plan"),
        "draft": Text("没有这份草稿", "no such draft"),
        "token": Text("没有这个令牌", "no such token"),
        "layer": Text("没有这个图层", "no such layer"),
        "file": Text("没有这个文件", "no such file"),
        "level": Text("没有这个层级", "no such level"),
        "base": Text("没有可比较的方案", "there is no plan to compare with"),
        "staffing": Text("尚未分配人员", "nobody is assigned yet"),
        "profile": Text("没有这个规则", "no such profile"),
        "problem": Text("没有这个错误码", "no such error code"),
        "best": Text("尚无方案", "no plan yet"),
    }
    return ServiceError("not_found", names[what])
