"""Projects, their members and what happened in them."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response

from partitioner.errors import InputError, Text
from partitioner.profiles import load_profile, shipped_profiles
from service.api import answers as a
from service.api.asking import Cursor, Id, Known, Limit, Managing, Parts, Reading, ServerAdmin, not_found
from service.api.auditing import note
from service.api.bodies import Membership, NewProject, ProjectChanges
from service.api.conditions import IfMatch, since, tagged, unchanged, wanted_revision
from service.api.convert import audit_answer, project_answer
from service.api.coordinate_systems import checked_crs
from service.api.paging import by_id
from service.api.uploads import stored_dataset
from service.demo import CASES, case_file
from service.errors import FaultsError, ServiceError, invalid
from service.records import Project, new_id
from service.storage import Changed, Conflict

router = APIRouter(prefix="/api/v1/projects", tags=["projects"])


@router.get("")
def listed(services: Parts, actor: Known, limit: Limit = 100, cursor: Cursor = None) -> a.Page[a.ProjectAnswer]:
    """Those that one is a member of."""
    only = None if actor.server_admin else list(actor.roles)
    found = services.store.projects(only, limit + 1, cursor)
    return _page(by_id(found, limit, lambda p: project_answer(p, actor.role(p.id) or "viewer")))


@router.post("", status_code=201)
def made(body: NewProject, services: Parts, actor: ServerAdmin, response: Response) -> a.ProjectAnswer:
    """A new county, on request with the data of a bundled case."""
    _check_profile(body.profile)
    crs = None if body.crs is None else checked_crs(body.crs)
    if body.demo is not None and body.demo not in CASES:
        names = ", ".join(CASES)
        raise invalid("/demo", "没有这个示例", "no such case", f"可用：{names}", f"choose one of {names}", body.demo)
    now = time.time()
    project = Project(id=new_id(), name=body.name, profile=body.profile, crs=crs, created=now, updated=now)
    services.store.add_project(project)
    job = None
    if body.demo is not None:
        name, contents = case_file(body.demo)
        blob = services.blobs.add_bytes(contents, name)
        job = stored_dataset(services, actor, project, body.name, [blob], {}).job
    note(services, actor, project.id, "project.make", project.id, 201)
    response.headers["Location"] = f"/api/v1/projects/{project.id}"
    tagged(response, project.revision)
    return a.ProjectAnswer(**project_answer(project, "admin", job))


@router.get("/{project}", responses={304: {}})
def one(at: Reading, request: Request, response: Response) -> Any:
    """One project."""
    if since(request, at.project.revision):
        return unchanged(f'"{at.project.revision}"')
    tagged(response, at.project.revision)
    return a.ProjectAnswer(**project_answer(at.project, at.role))


@router.patch("/{project}")
def changed(body: ProjectChanges, at: Managing, response: Response, if_match: IfMatch = None) -> a.ProjectAnswer:
    """Name, profile and coordinate system; those of datasets and plans stay as they are."""
    revision = wanted_revision(if_match)
    given = body.model_dump(exclude_unset=True)
    changes = {name: value for name, value in given.items() if value is not None or name in _MAY_GO}
    if body.profile is not None:
        _check_profile(body.profile)
    if body.profile_toml is not None:
        _check_toml(body.profile_toml)
    if body.crs is not None:
        changes["crs"] = checked_crs(body.crs)
    try:
        project = at.services.store.change_project(at.key, revision, changes, time.time())
    except Changed:
        raise ServiceError("draft_changed") from None
    note(at.services, at.actor, at.key, "project.change", ", ".join(sorted(changes)))
    tagged(response, project.revision)
    return a.ProjectAnswer(**project_answer(project, at.role))


_MAY_GO = ("profile_toml", "crs")
"""What null takes away."""


@router.delete("/{project}", status_code=204)
def removed(at: Managing, if_match: IfMatch = None) -> Response:
    """With everything in it, unless it holds a filed plan."""
    try:
        at.services.store.remove_project(at.key, wanted_revision(if_match))
    except Changed:
        raise ServiceError("draft_changed") from None
    except Conflict as conflict:
        raise ServiceError("conflict", _WHY_KEPT[str(conflict)]) from None
    note(at.services, at.actor, None, "project.remove", at.key, 204)
    return Response(status_code=204)


_WHY_KEPT = {
    "filed": Text("项目中有已备案的方案，不能删除", "it holds a filed plan, which is kept for ever"),
    "jobs": Text("项目中有未完成的任务", "jobs of it are not over yet"),
}


@router.get("/{project}/members")
def members(at: Managing) -> list[a.MemberAnswer]:
    """Who may do what."""
    found = at.services.store.members(at.key)
    return [a.MemberAnswer(actor=member.name, token_id=member.token, role=member.role) for member in found]


@router.put("/{project}/members/{token_id}")
def joined(token_id: Id, body: Membership, at: Managing) -> a.MemberAnswer:
    """Give a token a role in the project."""
    token = at.services.store.token(token_id)
    if token is None or token.revoked is not None:
        raise not_found("token")
    at.services.store.set_member(at.key, token_id, body.role)
    note(at.services, at.actor, at.key, "member.set", f"{token.name}: {body.role}")
    return a.MemberAnswer(actor=token.name, token_id=token_id, role=body.role)


@router.delete("/{project}/members/{token_id}", status_code=204)
def left(token_id: Id, at: Managing) -> Response:
    """Take its role away."""
    if not at.services.store.remove_member(at.key, token_id):
        raise not_found("token")
    note(at.services, at.actor, at.key, "member.remove", token_id, 204)
    return Response(status_code=204)


@router.get("/{project}/audit")
def audit(at: Managing, limit: Limit = 100) -> a.Page[a.AuditAnswer]:
    """Who did what, newest first."""
    return _page({"items": [audit_answer(entry) for entry in at.services.store.audit(at.key, limit)], "next": None})


def _check_profile(name: str) -> None:
    if name not in shipped_profiles():
        names = ", ".join(shipped_profiles())
        raise invalid("/profile", "没有这个规则", "no such profile", f"可用：{names}", f"choose one of {names}", name)


def _check_toml(text: str) -> None:
    """Raises FaultsError with every fault of the profile."""
    with tempfile.TemporaryDirectory(prefix="wangge-") as folder:
        path = Path(folder) / "profile.toml"
        path.write_text(text, encoding="utf-8")
        try:
            load_profile(str(path))
        except InputError as error:
            raise FaultsError(error.faults) from None


def _page(page: dict[str, Any]) -> Any:
    return page
