"""ETags, and requests that hold only for one version."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Header, Request, Response

from service.errors import ServiceError

_TAG = re.compile(r'\s*(W/)?"([^"]*)"\s*')

IfMatch = Annotated[str | None, Header(description="ETag of the version that the change is meant for")]


def etag(revision: int | str) -> str:
    """A strong validator."""
    return f'"{revision}"'


def matches(request: Request, tag: str) -> bool:
    """Whether the reader has the version `tag` already."""
    given = request.headers.get("if-none-match")
    if given is None:
        return False
    wanted = tag.strip('"')
    return given.strip() == "*" or any(match[2] == wanted for match in _TAG.finditer(given))


def wanted_revision(if_match: str | None) -> int:
    """The revision that a change is meant for.

    Raises
    ------
    ServiceError
        None was given, or something that is no revision of anything.
    """
    if if_match is None:
        raise ServiceError("if_match_missing")
    match = re.fullmatch(r'\s*"?([0-9]{1,15})"?\s*', if_match)
    if match is None:
        raise ServiceError("draft_changed")
    return int(match[1])


def unchanged(tag: str) -> Response:
    """304."""
    return Response(status_code=304, headers={"ETag": tag})


def tagged(response: Response, revision: int | str) -> None:
    """Give an answer its ETag."""
    response.headers["ETag"] = etag(revision)


def since(request: Request, revision: int | str) -> bool:
    """Whether nothing changed since the reader's version."""
    return matches(request, etag(revision))
