"""The OpenAPI document: errors and permissions of every route, and where it is served."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from service.api.answers import Problem
from service.api.asking import MARK

PATH = "/api/v1/openapi.json"

EVERYWHERE = (400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 428, 429, 500, 503)
"""Statuses that come as problem documents."""


def describe(app: FastAPI, routers: Sequence[APIRouter]) -> None:
    """Give `app`, which has `routers`, its contract and the route that serves it."""

    @app.get(PATH, include_in_schema=False)
    def openapi() -> JSONResponse:
        return JSONResponse(app.openapi())

    generate = app.openapi

    def whole() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = generate()
            _complete(document, routers)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = whole  # type: ignore[method-assign]


def permission_of(route: APIRoute) -> str:
    """The permission that a route checks; `open` where it checks none."""
    return next(_marks(route.dependant), "open")


def _marks(dependant: Dependant) -> Iterator[str]:
    mark = getattr(dependant.call, MARK, None)
    if mark is not None:
        yield mark
    for inner in dependant.dependencies:
        yield from _marks(inner)


def _complete(document: dict[str, Any], routers: Sequence[APIRouter]) -> None:
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    schemas = document["components"]["schemas"]
    schemas.setdefault("Problem", Problem.model_json_schema(ref_template="#/components/schemas/{model}"))
    schemas["Problem"].pop("$defs", None)
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    routes = {(route.path, method.lower()): route for route in routes_of(routers) for method in route.methods or ()}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            route = routes[path, method]
            permission = permission_of(route)
            operation["x-permission"] = permission
            if permission != "open":
                operation["security"] = [{"token": []}, {}]
            for status in EVERYWHERE:
                known = operation["responses"].get(str(status), {})
                if path == "/ready" and status == 503:
                    continue
                operation["responses"][str(status)] = {
                    "description": known.get("description", "Problem"),
                    "content": problem,
                }


def routes_of(routers: Sequence[APIRouter]) -> list[APIRoute]:
    """Every route, with its whole path."""
    return [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
