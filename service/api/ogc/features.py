"""OGC API Features of one plan: Part 1 (Core, GeoJSON, OpenAPI 3.0) and Part 2 (coordinate systems)."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.concurrency import run_in_threadpool

from partitioner.errors import Text
from service.api.asking import Id, Inside, Reading, not_found
from service.api.convert import when
from service.api.ogc.collections import Collection
from service.api.ogc.definition import QUERY, definition
from service.api.ogc.layers import TITLES, collection_of, collections_of
from service.api.ogc.systems import CRS84, box_in_degrees, systems_of, texts_in
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

PIECE = 500
"""Features that are written at a time."""


class GeoJson(JSONResponse):
    media_type = GEOJSON


class OpenApi(JSONResponse):
    media_type = "application/vnd.oai.openapi+json;version=3.0"


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


@router.get("/api", response_class=OpenApi)
def described(plan: Id, request: Request, at: Reading) -> OpenApi:
    """The OpenAPI 3.0 document of this plan's collections."""
    found = plan_in(at, plan)
    names = collections_of(found)
    properties = {name: collection_of(at, found, name).properties for name in names}
    return OpenApi(definition(_home(request, at, plan), properties, systems_of(found.summary["crs"])))


@router.get("/collections")
def collections(plan: Id, request: Request, at: Reading) -> dict[str, Any]:
    """The layers of the plan."""
    found, home = plan_in(at, plan), _home(request, at, plan)
    return {
        "links": [_link(f"{home}/collections", "self", "application/json")],
        "crs": systems_of(found.summary["crs"]),
        "collections": [_described(at, found, name, home) for name in collections_of(found)],
    }


@router.get("/collections/{name}")
def collection(plan: Id, name: str, request: Request, at: Reading) -> dict[str, Any]:
    """One layer."""
    found = plan_in(at, plan)
    return _described(at, found, name, _home(request, at, plan))


@router.get("/collections/{name}/items", response_class=StreamingResponse)
async def items(
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
    found = await at.services.asked(plan_in, at, plan)
    uri, limit = _system(found, crs), min(limit, MOST)
    box = None if bbox is None else _box(bbox, _system(found, bbox_crs))
    headers = {"Content-Crs": f"<{uri}>"}
    start = f'{{"type": "FeatureCollection", "timeStamp": "{when(time.time())}", '
    ready, key = at.services.ready, ("items", str(request.url), at.language)
    kept = ready.get(key)
    if kept is None:
        pieces = await run_in_threadpool(_page, request, at, found, name, box, offset, limit, uri)
        if limit > PIECE:
            return StreamingResponse(chain([start], pieces), media_type=GEOJSON, headers=headers)
        kept = ready.keep(key, (await run_in_threadpool("".join, pieces)).encode())
    return Response(start.encode() + kept, media_type=GEOJSON, headers=headers)


def _page(
    request: Request,
    at: Inside,
    plan: PlanRecord,
    name: str,
    box: tuple[float, float, float, float] | None,
    offset: int,
    limit: int,
    uri: str,
) -> Iterator[str]:
    """All of a page but its time, in which alone two equal requests differ; features are written when asked for."""
    layer = collection_of(at, plan, name)
    wanted = {key: value for key, value in request.query_params.items() if key not in QUERY}
    _check_known(wanted, layer)
    places = layer.within(box).tolist()
    if wanted:
        places = layer.having(places, wanted)
    page = places[offset : offset + limit]
    links = [_link(str(request.url), "self", GEOJSON)]
    here = f"{_home(request, at, plan.id)}/collections/{name}"
    if offset + limit < len(places):
        query = dict(request.query_params) | {"offset": str(offset + limit), "limit": str(limit)}
        links.append(_link(f"{here}/items?{urlencode(query)}", "next", GEOJSON))
    links.append(_link(here, "collection", "application/json"))
    return _written({"numberMatched": len(places), "numberReturned": len(page), "links": links}, layer, page, uri)


@router.get("/collections/{name}/items/{feature}", response_class=GeoJson)
def item(
    plan: Id,
    name: str,
    feature: str,
    request: Request,
    at: Reading,
    crs: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """One feature."""
    found = plan_in(at, plan)
    layer, uri = collection_of(at, found, name), _system(found, crs)
    if feature not in layer.place:
        raise not_found("layer")
    here = f"{_home(request, at, plan)}/collections/{name}"
    links = [_link(str(request.url), "self", GEOJSON), _link(here, "collection", "application/json")]
    [text] = _features(layer, [layer.place[feature]], uri)
    told = f'{text[:-1]}, "links": {json.dumps(links, ensure_ascii=False)}}}'
    return Response(told, media_type=GEOJSON, headers={"Content-Crs": f"<{uri}>"})


def _written(head: dict[str, Any], layer: Collection, page: list[int], uri: str) -> Iterator[str]:
    yield json.dumps(head, ensure_ascii=False)[1:-1] + ', "features": ['
    for start in range(0, len(page), PIECE):
        yield ("," if start else "") + ",".join(_features(layer, page[start : start + PIECE], uri))
    yield "]}"


def _features(layer: Collection, places: list[int], uri: str) -> list[str]:
    texts = texts_in(layer.shapes[places], uri)
    return [
        f'{{"type": "Feature", {layer.heads[place]}, "geometry": {text}}}'
        for place, text in zip(places, texts, strict=True)
    ]


def _check_known(wanted: Mapping[str, str], layer: Collection) -> None:
    unknown = sorted(set(wanted) - set(layer.properties))
    if unknown:
        raise ServiceError(
            "request_malformed", Text(f"不认识的参数 {unknown[0]}", f"{unknown[0]} is no parameter and no property")
        )


def _described(at: Inside, plan: PlanRecord, name: str, home: str) -> dict[str, Any]:
    here = f"{home}/collections/{name}"
    extent = collection_of(at, plan, name).extent()
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


def _home(request: Request, at: Inside, plan: str) -> str:
    return f"{str(request.base_url).rstrip('/')}/ogc/projects/{at.key}/plans/{plan}"


def _link(href: str, rel: str, media: str) -> dict[str, str]:
    return {"href": href, "rel": rel, "type": media}
