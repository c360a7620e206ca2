"""OGC API Features of one plan: Part 1 (Core, GeoJSON, OpenAPI 3.0) and Part 2 (coordinate systems)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from partitioner.errors import Text
from service.api.asking import Id, Inside, Reading, not_found
from service.api.convert import layer_files
from service.api.ogc.collections import TITLES, Collection
from service.api.ogc.systems import CRS84, box_in_degrees, geometry_in, systems_of
from service.api.routes.plans import plan_in
from service.errors import ServiceError
from service.records import PlanRecord

router = APIRouter(prefix="/ogc/projects/{project}/plans/{plan}", tags=["OGC API Features"])

GEOJSON = "application/geo+json"

_CORE = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf"

CONFORMANCE = [
    f"{_CORE}/core",
    f"{_CORE}/oas30",
    f"{_CORE}/geojson",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
]

MOST = 10_000

_QUERY = ("bbox", "bbox-crs", "crs", "limit", "offset", "datetime", "f")


@router.get("")
def landing(plan: Id, request: Request, at: Reading) -> dict[str, Any]:
    """Where to go from here."""
    found, home = plan_in(at, plan), _home(request, at, plan)
    return {
        "title": f"{found.summary['county']} {found.name}".strip(),
        "description": at.text(Text(f"第 {found.number} 版方案", f"plan {found.number}")),
        "links": [
            _link(home, "self", "application/json"),
            _link(f"{home}/api", "service-desc", "application/vnd.oai.openapi+json;version=3.0"),
            _link(f"{home}/conformance", "conformance", "application/json"),
            _link(f"{home}/collections", "data", "application/json"),
        ],
    }


@router.get("/conformance")
def conformance(plan: Id, at: Reading) -> dict[str, Any]:
    """What is honoured here."""
    plan_in(at, plan)
    return {"conformsTo": CONFORMANCE}


@router.get("/api", response_class=JSONResponse)
def described(plan: Id, request: Request, at: Reading) -> JSONResponse:
    """The OpenAPI 3.0 document of this plan's collections."""
    home = _home(request, at, plan)
    names = list(_files(plan_in(at, plan)))
    parameters = [
        {"name": name, "in": "query", "required": False, "schema": {"type": kind}, "style": "form", "explode": False}
        for name, kind in (("bbox", "array"), ("limit", "integer"), ("offset", "integer"), ("crs", "string"))
    ]
    paths = {
        f"/collections/{name}/items": {
            "get": {"operationId": f"get-{name}", "parameters": parameters, "responses": {"200": {"description": name}}}
        }
        for name in names
    }
    document = {
        "openapi": "3.0.3",
        "info": {"title": "wangge", "version": "1"},
        "servers": [{"url": home}],
        "paths": paths,
    }
    return JSONResponse(document, media_type="application/vnd.oai.openapi+json;version=3.0")


@router.get("/collections")
def collections(plan: Id, request: Request, at: Reading) -> dict[str, Any]:
    """The layers of the plan."""
    found, home = plan_in(at, plan), _home(request, at, plan)
    return {
        "links": [_link(f"{home}/collections", "self", "application/json")],
        "crs": systems_of(found.summary["crs"]),
        "collections": [_described(at, found, name, home) for name in _files(found)],
    }


@router.get("/collections/{name}")
def collection(plan: Id, name: str, request: Request, at: Reading) -> dict[str, Any]:
    """One layer."""
    found = plan_in(at, plan)
    if name not in _files(found):
        raise not_found("layer")
    return _described(at, found, name, _home(request, at, plan))


@router.get("/collections/{name}/items", response_class=StreamingResponse)
def items(
    plan: Id,
    name: str,
    request: Request,
    at: Reading,
    limit: Annotated[int, Query(ge=1)] = 1000,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    bbox: Annotated[str | None, Query(max_length=200)] = None,
    bbox_crs: Annotated[str | None, Query(alias="bbox-crs", max_length=200)] = None,
    crs: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """Features, a page at a time; other parameters are values that properties must have."""
    found = plan_in(at, plan)
    shelf, uri = _collection(at, found, name), _system(found, crs)
    box = None if bbox is None else _box(bbox, _system(found, bbox_crs))
    places = shelf.within(box).tolist()
    wanted = {key: value for key, value in request.query_params.items() if key not in _QUERY}
    if wanted:
        places = [i for i in places if _has(shelf.features[i]["properties"], wanted)]
    limit = min(limit, MOST)
    page = places[offset : offset + limit]
    links = [_link(str(request.url), "self", GEOJSON)]
    if offset + limit < len(places):
        query = dict(request.query_params) | {"offset": str(offset + limit), "limit": str(limit)}
        here = f"{_home(request, at, plan)}/collections/{name}/items"
        links.append(_link(f"{here}?{urlencode(query)}", "next", GEOJSON))
    head = {
        "type": "FeatureCollection",
        "numberMatched": len(places),
        "numberReturned": len(page),
        "links": links,
    }
    features = (shelf.features[i] for i in page)
    headers = {"Content-Crs": f"<{uri}>"}
    return StreamingResponse(_written(head, features, uri), media_type=GEOJSON, headers=headers)


@router.get("/collections/{name}/items/{feature}", response_class=JSONResponse)
def item(
    plan: Id,
    name: str,
    feature: str,
    request: Request,
    at: Reading,
    crs: Annotated[str | None, Query(max_length=200)] = None,
) -> JSONResponse:
    """One feature."""
    found = plan_in(at, plan)
    shelf, uri = _collection(at, found, name), _system(found, crs)
    if feature not in shelf.place:
        raise not_found("layer")
    one = shelf.features[shelf.place[feature]]
    here = f"{_home(request, at, plan)}/collections/{name}"
    links = [_link(str(request.url), "self", GEOJSON), _link(here, "collection", "application/json")]
    told = {**one, "geometry": geometry_in(one["geometry"], uri), "links": links}
    return JSONResponse(told, media_type=GEOJSON, headers={"Content-Crs": f"<{uri}>"})


def _written(head: dict[str, Any], features: Iterator[dict[str, Any]], uri: str) -> Iterator[str]:
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "features": ['
    pieces: list[str] = []
    first = True
    for feature in features:
        told = feature if uri == CRS84 else {**feature, "geometry": geometry_in(feature["geometry"], uri)}
        pieces.append(("" if first else ",") + json.dumps(told, ensure_ascii=False))
        first = False
        if len(pieces) >= 500:
            yield "".join(pieces)
            pieces = []
    yield "".join(pieces) + "]}"


def _described(at: Inside, plan: PlanRecord, name: str, home: str) -> dict[str, Any]:
    here = f"{home}/collections/{name}"
    extent = _collection(at, plan, name).extent()
    told: dict[str, Any] = {
        "id": name,
        "title": at.text(TITLES[name]),
        "itemType": "feature",
        "crs": systems_of(plan.summary["crs"]),
        "storageCrs": CRS84,
        "links": [_link(f"{here}/items", "items", GEOJSON), _link(here, "self", "application/json")],
    }
    if extent is not None:
        told["extent"] = {"spatial": {"bbox": [extent], "crs": CRS84}}
    return told


def _files(plan: PlanRecord) -> dict[str, Any]:
    known = layer_files(plan)
    return {name: known[name] for name in TITLES if name in known}


def _collection(at: Inside, plan: PlanRecord, name: str) -> Collection:
    files = _files(plan)
    if name not in files:
        raise not_found("layer")
    return at.services.shelf.collection(files[name].sha256)


def _system(plan: PlanRecord, uri: str | None) -> str:
    if uri is None:
        return CRS84
    if uri not in systems_of(plan.summary["crs"]):
        raise ServiceError("request_malformed", Text("不支持该坐标系", "this coordinate system is not served"))
    return uri


def _box(text: str, uri: str) -> tuple[float, float, float, float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        numbers = [numbers[0], numbers[1], numbers[3], numbers[4]]
    if len(numbers) != 4 or not all(abs(number) < 1e9 for number in numbers):
        raise ServiceError("request_malformed", Text("bbox 应为四个数", "bbox must be four numbers"))
    return box_in_degrees(numbers, uri)


def _has(properties: dict[str, Any], wanted: dict[str, str]) -> bool:
    return all(key in properties and _text(properties[key]) == value for key, value in wanted.items())


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def _home(request: Request, at: Inside, plan: str) -> str:
    return f"{str(request.base_url).rstrip('/')}/ogc/projects/{at.key}/plans/{plan}"


def _link(href: str, rel: str, media: str) -> dict[str, str]:
    return {"href": href, "rel": rel, "type": media}
