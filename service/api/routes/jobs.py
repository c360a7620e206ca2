"""Jobs: stored before the answer, watched, stopped, dismissed."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import FileResponse, JSONResponse, StreamingResponse
from starlette.concurrency import run_in_threadpool

from partitioner.errors import InputError, Text
from service.api import answers as a
from service.api.asking import Cursor, Id, Inside, Limit, Reading, Writing, not_found
from service.api.auditing import note
from service.api.bodies import AnyJob, KnownJob
from service.api.convert import file_answer, job_answer, media_type, path_of, violation_answer
from service.api.layers import blob_named
from service.api.paging import by_id
from service.api.validating import checked
from service.api.waiting import Prefer, ended, wanted_wait
from service.errors import FaultsError, ServiceError
from service.jobs.documents import localised
from service.records import Blob, Job, new_id
from service.storage import Conflict

router = APIRouter(prefix="/api/v1/projects/{project}/jobs", tags=["jobs"])

RETRY_S = 2
"""When to look at a running job again."""

LISTEN_EVERY_S = 0.25
QUIET_S = 15.0
"""How often a stream looks for news, and after how long it says that there are none."""

DOCUMENTS = ("_changes.json", "_curve.json", "_takers.json")
"""What the results of a job hold in full."""

State = Literal["accepted", "running", "successful", "failed", "dismissed"]
IdempotencyKey = Annotated[str | None, Header(max_length=255, pattern=r"^[\x21-\x7e]+$")]


@router.get("")
def listed(
    at: Reading,
    limit: Limit = 100,
    cursor: Cursor = None,
    state: State | None = None,
    kind: Annotated[str | None, Query(max_length=32, pattern=r"^[a-z_]*$")] = None,
) -> a.Page[a.JobAnswer]:
    """Newest first."""
    found = at.services.store.jobs(at.key, limit + 1, cursor, state, kind)
    page: Any = by_id(found, limit, lambda job: job_answer(job, at.language))
    return page


@router.post(
    "",
    status_code=202,
    response_model=None,
    responses={200: {"model": a.JobAnswer | a.Valid}, 202: {"model": a.JobAnswer}, 422: {"model": a.Problem}},
)
async def submitted(
    body: AnyJob, at: Writing, prefer: Prefer = None, idempotency_key: IdempotencyKey = None
) -> Response:
    """Stored, then answered."""
    asked = await run_in_threadpool(checked_request, at, body)
    if body.validate_only:
        return JSONResponse({"valid": True})
    job, fresh = await run_in_threadpool(stored_job, at, body, asked, idempotency_key)
    wait_s = wanted_wait(prefer, 0.0, at.services.settings.limits.wait_s)
    if wait_s:
        job = await ended(at.services, job, wait_s)
    headers = {"Location": path_of(at.key, "jobs", job.id), "Content-Language": at.language}
    if prefer:
        applied = [f"wait={wait_s:g}"] if wait_s else []
        headers["Preference-Applied"] = ", ".join(["respond-async", *applied])
    if not job.over:
        headers["Retry-After"] = str(RETRY_S)
    done = job.over or not fresh
    return JSONResponse(job_answer(job, at.language), status_code=200 if done else 202, headers=headers)


@router.get("/{job}", response_model=a.JobAnswer)
async def one(job: Id, at: Reading) -> Response:
    """Where it stands."""
    found = await at.services.asked(found_job, at, job)
    headers = {} if found.over else {"Retry-After": str(RETRY_S)}
    return JSONResponse(job_answer(found, at.language), headers=headers)


@router.delete("/{job}")
def dismissed(job: Id, at: Writing) -> a.JobAnswer:
    """Ends the process at once; nothing is kept."""
    try:
        found = at.services.store.dismiss_job(at.key, job, time.time())
    except KeyError:
        raise not_found("job") from None
    at.services.runner.dismiss_job(job)
    note(at.services, at.actor, at.key, "job.dismiss", job)
    return a.JobAnswer(**job_answer(found, at.language))


@router.post("/{job}/stop", status_code=202)
def stopped(job: Id, at: Writing) -> a.JobAnswer:
    """Ends the search; the best plan so far is kept."""
    try:
        found = at.services.store.ask_to_stop(at.key, job, time.time())
    except KeyError:
        raise not_found("job") from None
    at.services.runner.stop_job(job)
    note(at.services, at.actor, at.key, "job.stop", job, 202)
    return a.JobAnswer(**job_answer(found, at.language))


@router.get("/{job}/best", responses={204: {"description": "none yet"}})
def best(job: Id, at: Reading) -> a.BestAnswer:
    """The best plan so far of the level being solved."""
    found_job(at, job)
    found = at.services.runner.best(job)
    return Response(status_code=204) if found is None else JSONResponse(found)  # type: ignore[return-value]


@router.get("/{job}/results")
def results(job: Id, at: Reading) -> dict[str, Any]:
    """What it found."""
    found = found_job(at, job)
    if found.state != "successful":
        raise ServiceError("conflict", Text("任务没有结果", "the job has no result"))
    result = dict(found.result or {})
    blobs = [Blob(**blob) for blob in result.pop("blobs", [])]
    for blob in blobs:
        if blob.name == "check.json":
            return _check_answer(at.services.layers.document(blob.sha256), at.language)
        if blob.name in DOCUMENTS:
            result[blob.name.strip("_").removesuffix(".json")] = localised(
                at.services.layers.document(blob.sha256), at.language
            )
    home = path_of(at.key, "jobs", job, "files")
    result["files"] = [{**file_answer(b), "href": f"{home}/{b.name}"} for b in blobs if not b.name.startswith("_")]
    return result


@router.get("/{job}/files/{name}", response_class=FileResponse)
def file(job: Id, name: str, at: Reading) -> FileResponse:
    """A file that a job made beside plans."""
    found = found_job(at, job)
    blobs = [Blob(**blob) for blob in (found.result or {}).get("blobs", [])]
    blob = blob_named(blobs, name)
    if blob is None or name.startswith("_"):
        raise not_found("file")
    return FileResponse(at.services.blobs.path(blob.sha256), media_type=media_type(name), filename=name)


@router.get("/{job}/events", response_class=StreamingResponse, responses={200: {"content": {"text/event-stream": {}}}})
async def events(
    job: Id, at: Reading, request: Request, last_event_id: Annotated[str | None, Header(max_length=32)] = None
) -> StreamingResponse:
    """Every change of the job as it happens, until it is over."""
    found = await at.services.asked(found_job, at, job)
    seen = int(last_event_id) if last_event_id and last_event_id.isdigit() else -1
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_stream(at, found, request, seen), media_type="text/event-stream", headers=headers)


async def _stream(at: Inside, job: Job, request: Request, seen: int) -> AsyncIterator[str]:
    quiet = time.monotonic()
    yield f"retry: {RETRY_S * 1000}\n\n"
    while True:
        if job.revision > seen:
            seen, quiet = job.revision, time.monotonic()
            data = json.dumps(job_answer(job, at.language), ensure_ascii=False)
            yield f"id: {job.revision}\nevent: job\ndata: {data}\n\n"
        elif time.monotonic() - quiet > QUIET_S:
            quiet = time.monotonic()
            yield ": nothing new\n\n"
        if job.over or at.services.draining or await request.is_disconnected():
            return
        await asyncio.sleep(LISTEN_EVERY_S)
        job = await at.services.asked(at.services.store.job, job.project, job.id) or job


def found_job(at: Inside, job: str) -> Job:
    """A job of the project."""
    found = at.services.store.job(at.key, job)
    if found is None:
        raise not_found("job")
    return found


def checked_request(at: Inside, body: KnownJob) -> dict[str, Any]:
    """The request as it is stored.

    Raises
    ------
    ServiceError
        It would meet a problem at its start.
    """
    try:
        extra = checked(at.services, at.project, body)
    except InputError as error:
        raise FaultsError(error.faults) from None
    limits = body.limits.model_dump(exclude_none=True)
    inputs = body.inputs.model_dump(exclude_none=True)
    return {"limits": limits, **extra, "inputs": inputs | extra.get("inputs", {})}


def stored_job(at: Inside, body: Any, asked: dict[str, Any], key: str | None) -> tuple[Job, bool]:
    """The job, kept before anybody is told of it; and whether it is a new one."""
    services, limits = at.services, at.services.settings.limits
    if services.draining:
        raise ServiceError("draining", retry_after_s=10)
    told = hashlib.sha256(json.dumps(body.model_dump(), sort_keys=True).encode()).hexdigest()
    job = Job(
        id=new_id(),
        project=at.key,
        kind=body.kind,
        name=body.name,
        request=asked,
        created=time.time(),
        actor=at.actor.name,
        key=key,
        key_hash=None if key is None else told,
    )
    try:
        stored, fresh = services.store.add_job(job, limits.queued_jobs_per_project, limits.queued_jobs)
    except Conflict as conflict:
        code = "project_queue_full" if str(conflict) == "project" else "queue_full"
        raise ServiceError(code, retry_after_s=30) from None
    if not fresh and stored.key_hash != told:
        raise ServiceError("key_reused")
    if fresh:
        note(services, at.actor, at.key, f"job.{body.kind}", stored.id, 202)
        services.runner.wake()
    return stored, fresh


def _check_answer(document: dict[str, Any], language: str) -> dict[str, Any]:
    levels = {}
    for name, level in document["levels"].items():
        told = dict(level)
        for kind in ("violations", "warnings"):
            told[kind] = [violation_answer(v, name, kind[:-1], language) for v in level[kind]]
        levels[name] = told
    return {"lawful": document["lawful"], "levels": levels}
