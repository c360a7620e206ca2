"""The server itself: health, limits, error codes, profiles, bundled cases, who one is."""

from __future__ import annotations

import contextlib
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from partitioner import __version__
from partitioner.profiles import load_profile, shipped_profiles
from service.api import answers as a
from service.api.asking import COOKIE, Known, Language, Parts, actor_of, known_actor, not_found
from service.api.bodies import LogIn
from service.api.convert import profile_answer
from service.auth import Actor
from service.demo import CASES
from service.errors import PROBLEMS, ServiceError
from service.jobs.kinds_of_server import JOB_KINDS

router = APIRouter(tags=["server"])


@router.get("/health")
async def health() -> a.Health:
    """The process lives."""
    return a.Health(status="ok", version=__version__)


@router.get("/ready", responses={503: {"model": a.Readiness}})
def ready(services: Parts, response: Response) -> a.Readiness:
    """Database, files and solver answer."""
    checks = {"database": _works(services.store.ping), "files": services.blobs.folder.is_dir()}
    checks["runner"] = services.runner.alive()
    if services.draining:
        response.status_code = 503
        return a.Readiness(status="draining", checks=checks)
    if not all(checks.values()):
        response.status_code = 503
    return a.Readiness(status="ready" if all(checks.values()) else "starting", checks=checks)


@router.get("/metrics", responses={200: {"content": {"text/plain": {}}}}, response_class=Response)
async def metrics(request: Request, services: Parts) -> Response:
    """For Prometheus; with tokens in force only for the server's admin."""
    if not (await actor_of(request)).server_admin:
        raise ServiceError("role_too_low")
    counts = await run_in_threadpool(services.store.job_counts)
    page = services.metrics.text(counts, services.runner.num_running)
    return Response(page, media_type="text/plain; version=0.0.4; charset=utf-8")


@router.get("/api/v1")
def root(services: Parts) -> a.Root:
    """Where everything is."""
    names = ("projects", "profiles", "demo", "limits", "problems", "session", "openapi.json")
    links = {name: f"/api/v1/{name}" for name in names}
    return a.Root(
        name="wangge",
        version=__version__,
        auth="tokens" if services.wants_tokens() else "open",
        base_map=services.settings.base_map,
        links=links,
    )


@router.post("/api/v1/session")
def log_in(body: LogIn, services: Parts, request: Request, response: Response) -> a.Session:
    """Keep the token in a cookie that scripts cannot read."""
    actor = known_actor(services, body.token)
    # Who lies about the proxy only makes the own cookie stricter.
    outside = request.headers.get("x-forwarded-proto", request.url.scheme)
    secure = services.settings.secure_cookie or outside == "https"
    response.set_cookie(COOKIE, body.token, httponly=True, samesite="strict", secure=secure, path="/")
    return _session(actor)


@router.get("/api/v1/session")
def session(actor: Known) -> a.Session:
    """Who one is."""
    return _session(actor)


@router.delete("/api/v1/session", status_code=204)
def log_out() -> Response:
    """Forget the cookie."""
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, path="/")
    return response


@router.get("/api/v1/limits")
def limits(services: Parts) -> dict[str, Any]:
    """What this server takes on, and which kinds of jobs it runs."""
    return asdict(services.settings.limits) | {"job_kinds": list(JOB_KINDS)}


@router.get("/api/v1/problems")
def problems(language: Language) -> list[a.ProblemKind]:
    """Every error code."""
    return [_kind(code, language) for code in PROBLEMS]


@router.get("/api/v1/problems/{code}")
def problem(code: str, language: Language) -> a.ProblemKind:
    """One error code."""
    if code not in PROBLEMS:
        raise not_found("problem")
    return _kind(code, language)


@router.get("/api/v1/profiles")
def profiles(_actor: Known, language: Language) -> list[a.ProfileAnswer]:
    """The shipped profiles."""
    return [a.ProfileAnswer(**profile_answer(load_profile(name), language)) for name in shipped_profiles()]


@router.get("/api/v1/profiles/{name}")
def profile(name: str, _actor: Known, language: Language) -> a.ProfileAnswer:
    """One shipped profile."""
    if name not in shipped_profiles():
        raise not_found("profile")
    return a.ProfileAnswer(**profile_answer(load_profile(name), language))


@router.get("/api/v1/demo")
def demo(_actor: Known, language: Language) -> list[a.DemoAnswer]:
    """Bundled cases that a project may begin with."""
    return [
        a.DemoAnswer(
            name=case.name,
            title=case.title.in_language(language),
            households=case.households,
            buildings=case.buildings,
            grids=case.grids,
        )
        for case in CASES.values()
    ]


def _session(actor: Actor) -> a.Session:
    return a.Session(actor=actor.name, token_id=actor.id, server_admin=actor.server_admin, roles=dict(actor.roles))


def _kind(code: str, language: str) -> a.ProblemKind:
    kind = PROBLEMS[code]
    return a.ProblemKind(
        code=code, status=kind.status, title=kind.title.in_language(language), remedy=kind.remedy.in_language(language)
    )


def _works(check: Any) -> bool:
    with contextlib.suppress(Exception):
        check()
        return True
    return False
