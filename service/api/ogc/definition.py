"""The OpenAPI 3.0 document of one plan's collections, as Features Part 1 wants it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

QUERY = ("bbox", "bbox-crs", "crs", "limit", "offset", "datetime", "f")
"""Parameters of a list of features; any other one is a value that a property must have."""


def definition(home: str, properties: Mapping[str, Sequence[str]], systems: Sequence[str]) -> dict[str, Any]:
    """The document.

    Parameters
    ----------
    home : str
        Address of the landing page.
    properties : mapping
        From collection to the names of its properties.
    systems : sequence of str
        URIs of the coordinate systems.
    """
    paths: dict[str, Any] = {
        path: _get(name, title, "application/json")
        for path, name, title in (
            ("/", "landing", "Landing page"),
            ("/conformance", "conformance", "Conformance classes"),
            ("/collections", "collections", "Collections"),
        )
    }
    for name, names in properties.items():
        here = f"/collections/{name}"
        values = [_parameter(key, {"type": "string"}) for key in names if key not in QUERY]
        paths[here] = _get(f"{name}-collection", name, "application/json")
        paths[f"{here}/items"] = _get(f"{name}-items", name, "application/geo+json", [*_of_lists(systems), *values])
        feature = {"name": "feature", "in": "path", "required": True, "schema": {"type": "string"}}
        one = [feature, _system("crs", systems)]
        paths[f"{here}/items/{{feature}}"] = _get(f"{name}-item", name, "application/geo+json", one)
    return {
        "openapi": "3.0.3",
        "info": {"title": "wangge", "version": "1"},
        "servers": [{"url": home}],
        "security": [{"token": []}, {}],
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "paths": paths,
    }


def _of_lists(systems: Sequence[str]) -> list[dict[str, Any]]:
    numbers = {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}
    return [
        _parameter("bbox", numbers),
        _system("bbox-crs", systems),
        _system("crs", systems),
        _parameter("limit", {"type": "integer", "minimum": 1, "default": 1000}),
        _parameter("offset", {"type": "integer", "minimum": 0, "default": 0}),
        _parameter("datetime", {"type": "string"}),
        _parameter("f", {"type": "string"}),
    ]


def _system(name: str, systems: Sequence[str]) -> dict[str, Any]:
    return _parameter(name, {"type": "string", "format": "uri", "enum": list(systems), "default": systems[0]})


def _parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "style": "form", "explode": False}


def _get(name: str, title: str, media: str, parameters: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    content = {media: {"schema": {"type": "object"}}}
    answers = {"200": {"description": title, "content": content}, "400": {"description": "Problem"}}
    return {"get": {"operationId": name, "summary": title, "parameters": list(parameters), "responses": answers}}
