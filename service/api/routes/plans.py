"""Plans: immutable versions, their maps, tables, files and approval."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse, JSONResponse, StreamingResponse
from starlette.concurrency import run_in_threadpool

from partitioner.errors import Text
from partitioner.model import Labels
from partitioner.redraw import lineage
from service.api import answers as a
from service.api.archive import zipped
from service.api.asking import ID, Cursor, Id, Inside, Limit, Reading, Writing, not_found
from service.api.auditing import note
from service.api.bodies import Approving
from service.api.conditions import IfMatch, etag, matches, since, tagged, unchanged, wanted_revision
from service.api.convert import (
    layer_files,
    line_answer,
    media_type,
    outputs_of,
    plan_answer,
    trail_answer,
    violation_answer,
)
from service.api.layers import blob_named, packed_layer
from service.api.paging import by_id, by_place
from service.auth import allows
from service.errors import ServiceError, fault_document, fault_from_stored
from service.jobs.documents import localised
from service.jobs.drafting import labels_file
from service.records import PlanRecord, TrailEntry
from service.storage import Changed, Conflict

router = APIRouter(prefix="/api/v1/projects/{project}/plans", tags=["plans"])

Level = Annotated[str | None, Query(max_length=64, pattern=r"^[a-z_]*$")]
Against = Annotated[str | None, Query(pattern=ID)]

STEPS = {
    "submit": ("write", ("draft",), "submitted"),
    "review": ("review", ("submitted",), "reviewed"),
    "return": ("review", ("submitted", "reviewed"), "draft"),
    "file": ("review", ("reviewed",), "filed"),
}
"""From action to the permission that it needs, the states that it starts from, and the one that it leads to."""

LAYER_OF = {"community": "communities", "grid": "grids", "micro": "micro_grids"}


@router.get("")
def listed(at: Reading, limit: Limit = 100, cursor: Cursor = None) -> a.Page[a.PlanAnswer]:
    """Newest first."""
    found = at.services.store.plans(at.key, limit + 1, cursor)
    page: Any = by_id(found, limit, lambda plan: plan_answer(plan, at.language, whole=False))
    return page


@router.get("/{plan}", responses={304: {}}, response_model=a.PlanAnswer)
async def one(plan: Id, at: Reading, request: Request) -> Response:
    """One version."""
    found = await at.services.asked(plan_in, at, plan)
    if since(request, found.revision):
        return unchanged(etag(found.revision))
    return JSONResponse(plan_answer(found, at.language), headers={"ETag": etag(found.revision)})


@router.delete("/{plan}", status_code=204)
def removed(plan: Id, at: Writing) -> Response:
    """Only what was never submitted and what nothing builds on."""
    plan_in(at, plan)
    at.services.store.remove_plan(at.key, plan)
    note(at.services, at.actor, at.key, "plan.remove", plan, 204)
    return Response(status_code=204)


@router.get("/{plan}/areas", response_model=a.Page[dict[str, Any]])
async def areas(plan: Id, at: Reading, level: Level = None, limit: Limit = 1000, cursor: Cursor = None) -> Response:
    """The table of areas of one level."""
    found = await at.services.asked(plan_in, at, plan)
    name = level_of(found, level)
    blob = layer_files(found).get(LAYER_OF.get(name, f"{name}s"))
    if blob is None:
        raise not_found("layer")
    key = ("areas", blob.sha256, limit, cursor)
    told = at.services.ready.get(key)
    if told is None:
        properties = await run_in_threadpool(at.services.layers.properties, blob.sha256)
        told = at.services.ready.keep(key, bytes(JSONResponse(by_place(properties, limit, cursor)).body))
    return Response(told, media_type="application/json")


@router.get("/{plan}/violations")
def violations(
    plan: Id, at: Reading, level: Level = None, limit: Limit = 1000, cursor: Cursor = None
) -> a.Page[a.ViolationAnswer]:
    """Rules that are broken, of one level or all, warnings and reasons after them."""
    found = plan_in(at, plan)
    names = [level_of(found, level)] if level is not None else [one["level"] for one in found.summary["levels"]]
    told = [
        violation_answer(stored, name, kind[:-1], at.language)
        for name in names
        for kind in ("violations", "reasons", "notes", "warnings")
        for stored in _judgement(at, found, name)[kind]
    ]
    page: Any = by_place(told, limit, cursor)
    return page


@router.get("/{plan}/explanation")
def explanation(plan: Id, at: Reading, level: Level = None) -> dict[str, Any]:
    """Terms of the objective area by area."""
    found = plan_in(at, plan)
    name = level_of(found, level)
    judged = _judgement(at, found, name)
    kept = ("areas", "unlabelled", "num_groups", "num_split_groups", "weights")
    return {"level": name, **{key: judged[key] for key in kept}}


@router.get("/{plan}/lineage")
def lineage_of(plan: Id, at: Reading, against: Against = None, level: Level = None) -> a.LineageAnswer:
    """What became of every area of another plan; without one, of the plan that this one came from."""
    found = plan_in(at, plan)
    other_key = against or found.base
    if other_key is None:
        raise not_found("base")
    other, name = plan_in(at, other_key), level_of(found, level)
    level_of(other, name)
    desk = at.services.desk
    problem, before = desk.problem(found, name), desk.problem(other, name)
    was = dict(zip(before.units.id, desk.labels(other, name), strict=True))
    lines = lineage(
        Labels([was.get(unit) for unit in problem.units.id]), Labels(desk.labels(found, name)), problem.units.households
    )
    return a.LineageAnswer(
        against=other.id,
        level=name,
        moved_households=lines.moved,
        lines=[a.LineAnswer(**line_answer(line)) for line in lines.lines],
    )


@router.get("/{plan}/staffing")
def staffing(plan: Id, at: Reading) -> dict[str, Any]:
    """Who serves where."""
    return _document(at, plan_in(at, plan), "_staffing.json", "staffing")


@router.get("/{plan}/changes")
def changes(plan: Id, at: Reading) -> dict[str, Any]:
    """Of a redrawn plan: what became of every area, and every move with its reason."""
    return _document(at, plan_in(at, plan), "_changes.json", "base")


@router.get("/{plan}/trade-off")
def trade_off(plan: Id, at: Reading) -> dict[str, Any]:
    """Of a plan redrawn with its trade-off: moved households against quality."""
    return _document(at, plan_in(at, plan), "_curve.json", "base")


@router.get("/{plan}/layers/{name}", response_class=Response, responses={304: {}})
async def layer(plan: Id, name: str, request: Request, at: Reading) -> Response:
    """GeoJSON (CRS84)."""
    blob = layer_files(await at.services.asked(plan_in, at, plan)).get(name)
    if blob is None:
        raise not_found("layer")
    return await packed_layer(request, at.services.blobs, at.services.ready, blob)


@router.get("/{plan}/problem", response_class=FileResponse, responses={304: {}})
def problem(plan: Id, request: Request, at: Reading, level: Level = None) -> Response:
    """wangge-problem/1 of one level."""
    found = plan_in(at, plan)
    return _file(at, found, labels_file(found, level_of(found, level))[0], request)


@router.get("/{plan}/labels", response_class=FileResponse, responses={304: {}})
def labels(plan: Id, request: Request, at: Reading, level: Level = None) -> Response:
    """wangge-plan/1 of one level."""
    found = plan_in(at, plan)
    return _file(at, found, labels_file(found, level_of(found, level))[1], request)


@router.get("/{plan}/files")
def files(plan: Id, at: Reading) -> list[a.OutputAnswer]:
    """Every output of the command line."""
    return [a.OutputAnswer(**told) for told in outputs_of(plan_in(at, plan), at.language)]


@router.get("/{plan}/files.zip", response_class=StreamingResponse)
def archive(plan: Id, at: Reading) -> StreamingResponse:
    """All of them in one archive."""
    found = plan_in(at, plan)
    entries = [
        (blob.name, at.services.blobs.path(blob.sha256)) for blob in found.files if not blob.name.startswith("_")
    ]
    headers = {"Content-Disposition": f'attachment; filename="plan-{found.number}.zip"'}
    return StreamingResponse(zipped(entries), media_type="application/zip", headers=headers)


@router.get("/{plan}/files/{name}", response_class=FileResponse, responses={304: {}})
def file(plan: Id, name: str, request: Request, at: Reading) -> Response:
    """One output file."""
    if name.startswith("_"):
        raise not_found("file")
    return _file(at, plan_in(at, plan), name, request)


@router.post("/{plan}/approval")
def approval(plan: Id, body: Approving, at: Reading, response: Response, if_match: IfMatch = None) -> a.PlanAnswer:
    """One step along the trail: submit (planner), review, return, file (reviewer)."""
    permission, starts, after = STEPS[body.action]
    if not allows(at.role, permission):
        raise ServiceError("role_too_low")
    found, revision = plan_in(at, plan), wanted_revision(if_match)
    if found.revision != revision:
        raise ServiceError("draft_changed")
    if found.approval not in starts:
        raise ServiceError("conflict", Text(f"方案现为 {found.approval}", f"the plan is {found.approval}"))
    if body.action == "review" and at.actor.id and at.actor.id == _submitter(at, plan):
        raise ServiceError("own_plan")
    entry = TrailEntry(
        plan=plan,
        at=time.time(),
        actor=at.actor.name,
        actor_id=at.actor.id,
        action=body.action,
        before=found.approval,
        after=after,
        comment=body.comment,
    )
    try:
        changed = at.services.store.approve(at.key, revision, entry)
    except (Changed, Conflict):
        raise ServiceError("draft_changed") from None
    note(at.services, at.actor, at.key, f"plan.{body.action}", plan)
    tagged(response, changed.revision)
    return a.PlanAnswer(**plan_answer(changed, at.language))


@router.get("/{plan}/trail")
def trail(plan: Id, at: Reading) -> list[a.TrailAnswer]:
    """Every step so far, oldest first."""
    plan_in(at, plan)
    return [a.TrailAnswer(**trail_answer(entry)) for entry in at.services.store.trail(plan)]


def plan_in(at: Inside, plan: str) -> PlanRecord:
    """A plan of the project."""
    found = at.services.store.plan(at.key, plan)
    if found is None:
        raise not_found("plan")
    return found


def level_of(plan: PlanRecord, level: str | None) -> str:
    """The level asked for; without one the grids, or else the narrowest."""
    names = [one["level"] for one in plan.summary["levels"]]
    if level is None:
        return "grid" if "grid" in names else str(names[-1])
    if level not in names:
        raise not_found("level")
    return level


def _submitter(at: Inside, plan: str) -> str | None:
    steps = [entry for entry in at.services.store.trail(plan) if entry.action == "submit"]
    return steps[-1].actor_id if steps else None


def _judgement(at: Inside, plan: PlanRecord, level: str) -> dict[str, Any]:
    blob = blob_named(plan.files, f"_judgement-{level}.json")
    if blob is None:
        raise not_found("level")
    found: dict[str, Any] = at.services.layers.document(blob.sha256)
    return found


def _document(at: Inside, plan: PlanRecord, name: str, what: str) -> dict[str, Any]:
    blob = blob_named(plan.files, name)
    if blob is None:
        raise not_found(what)
    found: dict[str, Any] = localised(at.services.layers.document(blob.sha256), at.language)
    if "notices" in found:
        found["notices"] = [fault_document(fault_from_stored(notice), at.language) for notice in found["notices"]]
    return found


def _file(at: Inside, plan: PlanRecord, name: str, request: Request) -> Response:
    blob = blob_named(plan.files, name)
    if blob is None:
        raise not_found("file")
    tag = etag(blob.sha256[:32])
    if matches(request, tag):
        return unchanged(tag)
    path = at.services.blobs.path(blob.sha256)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    return FileResponse(path, media_type=media_type(name), filename=name, headers=headers)
