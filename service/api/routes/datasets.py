"""Datasets: files go in, a map and figures, or faults, come out."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Path, Request, Response, UploadFile
from fastapi.responses import FileResponse, JSONResponse
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from partitioner.errors import Text
from service.api import answers as a
from service.api.asking import Cursor, Id, Inside, Limit, Reading, Writing, not_found
from service.api.auditing import note
from service.api.bodies import NewReading, ReadingOptions
from service.api.convert import dataset_answer, media_type, path_of
from service.api.layers import blob_named, packed_layer
from service.api.paging import by_id, by_place
from service.api.problems import body_faults
from service.api.uploads import received, stored_dataset
from service.api.waiting import Prefer, ended, wanted_wait
from service.errors import FaultsError, ServiceError, fault_document, fault_from_stored, from_stored, invalid
from service.records import Dataset

router = APIRouter(prefix="/api/v1/projects/{project}/datasets", tags=["datasets"])

WAIT_S = 30.0
"""How long an upload waits for its reading unless it says otherwise."""

_MADE: dict[int | str, dict[str, Any]] = {
    201: {"model": a.DatasetAnswer},
    202: {"model": a.DatasetAnswer},
    422: {"model": a.Problem},
}


@router.get("")
def listed(at: Reading, limit: Limit = 100, cursor: Cursor = None) -> a.Page[a.DatasetAnswer]:
    """Newest first."""
    found = at.services.store.datasets(at.key, limit + 1, cursor)
    page: Any = by_id(found, limit, lambda d: dataset_answer(d, at.language))
    return page


@router.post("", status_code=201, response_model=None, responses=_MADE)
async def uploaded(
    at: Writing,
    files: Annotated[list[UploadFile], File(description="Ledgers and maps")],
    name: Annotated[str | None, Form(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")] = None,
    options: Annotated[str | None, Form(max_length=200_000, description="JSON: crs, roles, columns")] = None,
    prefer: Prefer = None,
) -> Response:
    """Files, read at once."""
    wanted = _options(options)
    blobs = await run_in_threadpool(received, at.services, files)
    called = name or blobs[0].name
    stored = await run_in_threadpool(stored_dataset, at.services, at.actor, at.project, called, blobs, wanted)
    return await _answered(at, stored, prefer)


@router.post("/{dataset}/readings", status_code=201, response_model=None, responses=_MADE)
async def reread(dataset: Id, body: NewReading, at: Writing, prefer: Prefer = None) -> Response:
    """The same files, read with other options: a new dataset."""
    before = await run_in_threadpool(_found, at, dataset)
    options = body.options.model_dump(exclude_unset=True)
    stored = await run_in_threadpool(
        stored_dataset, at.services, at.actor, at.project, body.name or before.name, before.files, options
    )
    return await _answered(at, stored, prefer)


@router.get("/{dataset}")
def one(dataset: Id, at: Reading) -> a.DatasetAnswer:
    """What was recognised, and how it went."""
    return a.DatasetAnswer(**dataset_answer(_found(at, dataset), at.language))


@router.delete("/{dataset}", status_code=204)
def removed(dataset: Id, at: Writing) -> Response:
    """Only while no plan uses it."""
    _found(at, dataset)
    at.services.store.remove_dataset(at.key, dataset)
    note(at.services, at.actor, at.key, "dataset.remove", dataset, 204)
    return Response(status_code=204)


@router.get("/{dataset}/faults")
def faults(dataset: Id, at: Reading, limit: Limit = 100, cursor: Cursor = None) -> a.Page[a.FaultAnswer]:
    """What is wrong with a refused dataset, row by row."""
    blob = blob_named(_found(at, dataset).outputs, "_faults.json")
    stored = [] if blob is None else at.services.layers.document(blob.sha256)
    page: Any = by_place(stored, limit, cursor)
    page["items"] = [fault_document(fault_from_stored(fault), at.language) for fault in page["items"]]
    return page


@router.get("/{dataset}/faults.xlsx", response_class=FileResponse)
def fault_table(dataset: Id, at: Reading) -> FileResponse:
    """All faults as a workbook."""
    blob = blob_named(_found(at, dataset).outputs, "faults.xlsx")
    if blob is None:
        raise not_found("file")
    return FileResponse(at.services.blobs.path(blob.sha256), media_type=media_type(blob.name), filename=blob.name)


@router.get("/{dataset}/layers/{name}", response_class=Response, responses={304: {}})
async def layer(dataset: Id, name: str, request: Request, at: Reading) -> Response:
    """GeoJSON (CRS84) of `buildings`, `communities`, `barriers` or `boundary`."""
    found = await at.services.asked(_found, at, dataset)
    blob = blob_named(found.outputs, f"_{name}.geojson.gz")
    if blob is None:
        raise not_found("layer")
    return await packed_layer(request, at.services.blobs, at.services.ready, blob)


@router.get("/{dataset}/files/{number}", response_class=FileResponse)
def original(dataset: Id, number: Annotated[int, Path(ge=0, le=10_000)], at: Writing) -> FileResponse:
    """An uploaded file as it came."""
    files = _found(at, dataset).files
    if number >= len(files):
        raise not_found("file")
    blob = files[number]
    # Never shown by a browser in this origin, whatever it holds.
    return FileResponse(at.services.blobs.path(blob.sha256), media_type="application/octet-stream", filename=blob.name)


def _found(at: Inside, dataset: str) -> Dataset:
    found = at.services.store.dataset(at.key, dataset)
    if found is None:
        raise not_found("dataset")
    return found


def _options(text: str | None) -> dict[str, Any]:
    if not text:
        return {}
    try:
        return ReadingOptions.model_validate(json.loads(text)).model_dump(exclude_unset=True)
    except ValidationError as error:
        raise FaultsError(body_faults(error.errors(), "/options"), "request_invalid") from None
    except (ValueError, RecursionError):
        raise invalid("/options", "不是 JSON", "it is no JSON", "请检查", "check it") from None


async def _answered(at: Inside, dataset: Dataset, prefer: str | None) -> Response:
    """201 read, 202 still being read, 422 refused."""
    wait_s = wanted_wait(prefer, WAIT_S, at.services.settings.limits.wait_s)
    await run_in_threadpool(note, at.services, at.actor, at.key, "dataset.make", dataset.id, 201)
    job = await run_in_threadpool(at.services.store.job, at.key, dataset.job or "")
    if job is not None:
        job = await ended(at.services, job, wait_s)
    now = await run_in_threadpool(at.services.store.dataset, at.key, dataset.id) or dataset
    home = path_of(at.key, "datasets", now.id)
    headers = {"Location": home, "Content-Language": at.language}
    if now.state == "refused":
        error = from_stored(job.error) if job is not None and job.error else ServiceError("conflict", _ENDED)
        error.extra |= {"dataset": now.id}
        if blob_named(now.outputs, "faults.xlsx") is not None:
            error.extra["download"] = f"{home}/faults.xlsx"
        raise error
    status = 201 if now.state == "ready" else 202
    return JSONResponse(dataset_answer(now, at.language), status_code=status, headers=headers)


_ENDED = Text("读取被中止", "the reading was ended")
