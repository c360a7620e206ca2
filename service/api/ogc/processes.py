"""OGC API Processes 1.0 on the jobs of a project: the same jobs, in the words of the standard."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool

from partitioner import __version__
from partitioner.errors import Text
from service.api.asking import Cursor, Id, Inside, Limit, Reading, Writing, not_found
from service.api.bodies import AnyJob, CheckInputs, KnownJob, PlanInputs, RedrawInputs, StaffInputs
from service.api.convert import when
from service.api.problems import body_faults
from service.api.routes.jobs import checked_request, dismissed, found_job, results, stored_job
from service.api.waiting import Prefer, ended, wanted_wait
from service.errors import FaultsError, ServiceError, from_stored
from service.records import Job

router = APIRouter(prefix="/ogc/projects/{project}", tags=["OGC API Processes"])

_EXCEPTION = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0"
_SPEC = "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf"

CONFORMANCE = [
    f"{_SPEC}/core",
    f"{_SPEC}/json",
    f"{_SPEC}/oas30",
    f"{_SPEC}/job-list",
    f"{_SPEC}/dismiss",
    f"{_SPEC}/ogc-process-description",
]

_PLAN = {"type": "string", "description": "id of the new plan"}
_STATUS = {"type": "string", "enum": ["optimal", "feasible", "infeasible", "unknown"]}

PROCESSES: dict[str, tuple[Text, type[BaseModel], dict[str, Any]]] = {
    "plan": (Text("划分网格", "Plan a county"), PlanInputs, {"plan": _PLAN, "status": _STATUS}),
    "redraw": (
        Text("调整网格", "Redraw after changes"),
        RedrawInputs,
        {"plan": _PLAN, "status": _STATUS, "moved": {"type": "object"}},
    ),
    "staff": (Text("分配人员", "Post people"), StaffInputs, {"plan": _PLAN, "posts": {"type": "integer"}}),
    "check": (
        Text("复核方案", "Check a plan"),
        CheckInputs,
        {"lawful": {"type": "boolean"}, "levels": {"type": "object"}},
    ),
}
"""Title, inputs, and the schemas of outputs."""

_JOB: TypeAdapter[KnownJob] = TypeAdapter(AnyJob)


@router.get("")
def landing(request: Request, at: Reading) -> dict[str, Any]:
    """Where to go from here."""
    home = _home(request, at)
    return {
        "title": at.project.name,
        "links": [
            _link(home, "self"),
            _link(f"{home}/conformance", "http://www.opengis.net/def/rel/ogc/1.0/conformance"),
            _link(f"{home}/processes", "http://www.opengis.net/def/rel/ogc/1.0/processes"),
            _link(f"{home}/jobs", "http://www.opengis.net/def/rel/ogc/1.0/job-list"),
            _link(f"{str(request.base_url).rstrip('/')}/api/v1/openapi.json", "service-desc"),
        ],
    }


@router.get("/conformance")
def conformance(_at: Reading) -> dict[str, Any]:
    """What is honoured here."""
    return {"conformsTo": CONFORMANCE}


@router.get("/processes")
def processes(request: Request, at: Reading) -> dict[str, Any]:
    """What can be run."""
    home = _home(request, at)
    listed = [_summary(at, name, home) for name in PROCESSES]
    return {"processes": listed, "links": [_link(f"{home}/processes", "self")]}


@router.get("/processes/{process}")
def process(process: str, request: Request, at: Reading) -> dict[str, Any]:
    """The inputs of one process."""
    if process not in PROCESSES:
        raise _no_process()
    schema = PROCESSES[process][1].model_json_schema()
    required = set(schema.get("required", []))
    inputs = {
        name: {"title": name, "schema": {**given, "$defs": schema.get("$defs", {})}, "minOccurs": int(name in required)}
        for name, given in schema["properties"].items()
    }
    limits = {"title": "limits", "schema": {"type": "object"}, "minOccurs": 0}
    outputs = {name: {"title": name, "schema": told} for name, told in PROCESSES[process][2].items()}
    return _summary(at, process, _home(request, at)) | {"inputs": inputs | {"limits": limits}, "outputs": outputs}


@router.post("/processes/{process}/execution", status_code=201, response_model=None)
async def execution(
    process: str, body: dict[str, Any], request: Request, at: Writing, prefer: Prefer = None
) -> Response:
    """A job; with `Prefer: respond-async` at once, otherwise when it is over or the longest wait is."""
    if process not in PROCESSES:
        raise _no_process()
    inputs = dict(body.get("inputs") or {})
    limits = inputs.pop("limits", None) or {}
    try:
        asked = _JOB.validate_python({"kind": process, "inputs": inputs, "limits": limits})
    except ValidationError as error:
        raise FaultsError(body_faults(error.errors(), ""), "request_invalid") from None
    request_ = await run_in_threadpool(checked_request, at, asked)
    job, _ = await run_in_threadpool(stored_job, at, asked, request_, None)
    asynchronous = "respond-async" in (prefer or "")
    most = at.services.settings.limits.wait_s
    job = await ended(at.services, job, wanted_wait(prefer, 0.0 if asynchronous else most, most))
    headers = {"Location": f"{_home(request, at)}/jobs/{job.id}"}
    if asynchronous:
        headers["Preference-Applied"] = "respond-async"
    if not asynchronous and job.state == "successful":
        return JSONResponse(await run_in_threadpool(_results, job, at), status_code=200, headers=headers)
    return JSONResponse(_status(job, request, at), status_code=201, headers=headers)


@router.get("/jobs")
def jobs(request: Request, at: Reading, limit: Limit = 100, cursor: Cursor = None) -> dict[str, Any]:
    """The project's jobs, newest first."""
    found, here = at.services.store.jobs(at.key, limit + 1, cursor), f"{_home(request, at)}/jobs"
    page, links = found[:limit], [_link(here, "self")]
    if len(found) > limit:
        links.append(_link(f"{here}?limit={limit}&cursor={page[-1].id}", "next"))
    return {"jobs": [_status(job, request, at) for job in page], "links": links}


@router.get("/jobs/{job}")
def status(job: Id, request: Request, at: Reading) -> dict[str, Any]:
    """Where it stands."""
    return _status(_found(at, job), request, at)


@router.delete("/jobs/{job}")
def dismiss(job: Id, request: Request, at: Writing) -> dict[str, Any]:
    """Ends it at once."""
    dismissed(job, at)
    return _status(found_job(at, job), request, at)


@router.get("/jobs/{job}/results")
def result(job: Id, at: Reading) -> dict[str, Any]:
    """What it found."""
    return _results(_found(at, job), at)


def _results(job: Job, at: Inside) -> dict[str, Any]:
    """Those that its process declares; all where it is none of these.

    Raises
    ------
    ServiceError
        404 while it runs, the error of a job that failed.
    """
    if not job.over:
        raise ServiceError(
            "not_found", Text("任务尚未结束", "the job is not over"), extra={"type": f"{_EXCEPTION}/result-not-ready"}
        )
    if job.error is not None:
        raise from_stored(job.error)
    found, declared = results(job.id, at), PROCESSES.get(job.kind)
    return found if declared is None else {name: found[name] for name in declared[2] if name in found}


def _found(at: Inside, job: str) -> Job:
    try:
        return found_job(at, job)
    except ServiceError as error:
        error.extra["type"] = f"{_EXCEPTION}/no-such-job"
        raise


def _status(job: Job, request: Request, at: Inside) -> dict[str, Any]:
    here = f"{_home(request, at)}/jobs/{job.id}"
    links = [_link(here, "self")]
    if job.state == "successful":
        links.append(_link(f"{here}/results", "http://www.opengis.net/def/rel/ogc/1.0/results"))
    told: dict[str, Any] = {
        "jobID": job.id,
        "processID": job.kind,
        "type": "process",
        "status": job.state,
        "message": job.phase or job.state,
        "created": when(job.created),
        "links": links,
    }
    if job.started is not None:
        told |= {"started": when(job.started), "updated": when(job.finished or job.started)}
    if job.finished is not None:
        told["finished"] = when(job.finished)
    pieces = job.progress.get("pieces")
    if job.over or pieces:
        told["progress"] = 100 if job.over else min(99, round(100 * job.progress.get("done", 0) / pieces))
    return told


def _summary(at: Inside, name: str, home: str) -> dict[str, Any]:
    return {
        "id": name,
        "title": at.text(PROCESSES[name][0]),
        "version": __version__,
        "jobControlOptions": ["sync-execute", "async-execute", "dismiss"],
        "outputTransmission": ["value"],
        "links": [
            _link(f"{home}/processes/{name}", "self"),
            _link(f"{home}/processes/{name}/execution", "http://www.opengis.net/def/rel/ogc/1.0/execute"),
        ],
    }


def _no_process() -> ServiceError:
    error = not_found("process")
    error.extra["type"] = f"{_EXCEPTION}/no-such-process"
    return error


def _home(request: Request, at: Inside) -> str:
    return f"{str(request.base_url).rstrip('/')}/ogc/projects/{at.key}"


def _link(href: str, rel: str) -> dict[str, str]:
    return {"href": href, "rel": rel, "type": "application/json"}
