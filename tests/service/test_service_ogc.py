"""The OGC face, asked by clients that others wrote: GDAL's OAPIF driver and OWSLib."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import shapely
from pyproj import Transformer
from service_running import Server, ended, made_project, running, uploaded

from partitioner.model.arrays import Labels
from service.api.ogc.collections import Collection
from service.api.ogc.systems import CGCS2000, CRS84, WGS84

ZONE = "http://www.opengis.net/def/crs/EPSG/0/4547"


@dataclass
class Shown:
    """A planned project and the addresses that GIS programs are given."""

    server: Server
    client: httpx.Client
    project: str
    plan: str

    def get(self, path: str, **parameters: Any) -> Any:
        reply = self.client.get(f"{self.plan}{path}", params=parameters)
        assert reply.status_code == 200, reply.text
        return reply.json()


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    with running(tmp_path_factory.mktemp("ogc")) as server, server.client() as client:
        project = made_project(client)
        dataset = uploaded(client, project).json()["id"]
        job = ended(client, project, "plan", {"dataset": dataset})
        address = job["links"]["plan"].replace("/api/v1/", "/ogc/")
        yield Shown(server, client, project, address)


READER = """
import json, sys
import pyogrio
source, crs = sys.argv[1:]
told = {}
for layer in pyogrio.list_layers(source)[:, 0]:
    frame = pyogrio.read_dataframe(source, layer=layer, CRS=crs, PAGE_SIZE=5)
    told[layer] = {
        "num": len(frame),
        "shapes": int(frame.geometry.notna().sum()) if "geometry" in frame else 0,
        "compounds": sorted(set(frame["compound"])) if "compound" in frame else [],
    }
print(json.dumps(told))
"""
"""In a process of its own: the driver holds the interpreter while it waits for the server."""


@pytest.mark.parametrize("crs", [CRS84, WGS84, CGCS2000, ZONE])
def test_gdal_reads_every_collection_in_every_system(shown: Shown, crs: str) -> None:
    source = f"OAPIF:{shown.server.url}{shown.plan}"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", READER, source, crs],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=os.environ | {"NO_PROXY": "127.0.0.1"},
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert set(told) >= {"units", "cells", "grids"}
    for layer, found in told.items():
        expected = shown.get(f"/collections/{layer}/items", crs=crs)["numberMatched"]
        assert found["num"] == found["shapes"] == expected
    assert told["units"]["compounds"] == ["东苑", "西苑"]


def test_positions_are_the_same_in_every_system(shown: Shown) -> None:
    degrees = shown.get("/collections/cells/items")["features"][0]["geometry"]["coordinates"][0][0]
    geographic = shown.get("/collections/cells/items", crs=CGCS2000)["features"][0]["geometry"]["coordinates"][0][0]
    metric = shown.get("/collections/cells/items", crs=ZONE)["features"][0]["geometry"]["coordinates"][0][0]
    assert geographic == pytest.approx([degrees[1], degrees[0]])
    east, north = Transformer.from_crs("OGC:CRS84", 4547, always_xy=True).transform(*degrees)
    assert metric == pytest.approx([north, east], abs=0.01)


@pytest.mark.parametrize(("crs", "code"), [(CRS84, None), (WGS84, 4326), (CGCS2000, 4490), (ZONE, 4547)])
def test_a_building_is_where_the_ledger_says_to_a_centimetre_in_every_system(
    shown: Shown, crs: str, code: int | None
) -> None:
    """The ledger is in CGCS2000 / 3-degree zone 39 (EPSG:4547); WGS 84 is taken to be the same datum."""
    features = shown.get("/collections/units/items", crs=crs)["features"]
    told = {feature["id"]: _centre(feature["geometry"]) for feature in features}
    back = Transformer.from_crs("OGC:CRS84" if code is None else f"EPSG:{code}", "EPSG:4547", always_xy=False)
    for i in range(12):
        # EPSG:4547 has its northing first, and so has the answer in it.
        northing, easting = back.transform(*told[f"b{i}"])
        assert easting == pytest.approx(500000 + 60 * (i % 4), abs=0.01)
        assert northing == pytest.approx(4100000 + 60 * (i // 4), abs=0.01)


def _centre(geometry: dict[str, Any]) -> tuple[float, float]:
    centre = shapely.from_geojson(json.dumps(geometry)).centroid
    return centre.x, centre.y


def test_boxes_and_values_choose_features(shown: Shown) -> None:
    everything = shown.get("/collections/cells/items")
    assert everything["numberMatched"] == 12
    west, south, east, north = shown.get("/collections/cells")["extent"]["spatial"]["bbox"][0]
    assert shown.get("/collections/cells/items", bbox=f"{west},{south},{east},{north}")["numberMatched"] == 12
    assert shown.get("/collections/cells/items", bbox="0,0,1,1")["numberMatched"] == 0
    turned = shown.get("/collections/cells/items", **{"bbox": f"{south},{west},{north},{east}", "bbox-crs": CGCS2000})
    assert turned["numberMatched"] == 12
    grid = everything["features"][0]["properties"]["grid"]
    chosen = shown.get("/collections/cells/items", grid=grid)["features"]
    assert {feature["properties"]["grid"] for feature in chosen} == {grid}
    assert len(Labels(f["properties"]["grid"] for f in everything["features"]).names) > 1


def test_pages_follow_one_another(shown: Shown) -> None:
    seen, page = [], shown.get("/collections/cells/items", limit=5)
    for _ in range(12):
        seen += [feature["id"] for feature in page["features"]]
        following = [link["href"] for link in page["links"] if link["rel"] == "next"]
        if not following:
            break
        page = shown.client.get(following[0]).json()
    assert len(seen) == len(set(seen)) == 12
    one = shown.get(f"/collections/cells/items/{seen[0]}")
    assert one["id"] == seen[0]


@pytest.mark.parametrize("query", ["bbox=1,2,3", "bbox=a,b,c,d", "crs=http://nowhere", "limit=0", "offset=-1"])
def test_questions_that_make_no_sense_are_refused(shown: Shown, query: str) -> None:
    assert shown.client.get(f"{shown.plan}/collections/cells/items?{query}").status_code in (400, 422)


def test_every_declared_class_is_the_standards_own(shown: Shown) -> None:
    declared = shown.get("/conformance")["conformsTo"]
    declared += shown.client.get(shown.project.replace("/api/v1/", "/ogc/") + "/conformance").json()["conformsTo"]
    assert all(uri.startswith("http://www.opengis.net/spec/ogcapi-") for uri in declared)
    landing = shown.get("")
    assert {link["rel"] for link in landing["links"]} >= {"self", "service-desc", "conformance", "data"}
    for link in landing["links"]:
        assert shown.client.get(link["href"]).status_code == 200


def test_owslib_finds_and_runs_a_process(shown: Shown) -> None:
    from owslib.ogcapi.processes import Processes

    client = Processes(f"{shown.server.url}{shown.project.replace('/api/v1/', '/ogc/')}")
    assert {process["id"] for process in client.processes()} == {"plan", "redraw", "staff", "check"}
    assert "plan" in client.process("check")["inputs"]
    reply = client.execute("check", inputs={"plan": shown.plan.rpartition("/")[2]})
    found = reply if isinstance(reply, dict) else json.loads(reply)
    assert found["lawful"] is True


def test_an_asynchronous_process_is_a_job(shown: Shown) -> None:
    home = shown.project.replace("/api/v1/", "/ogc/")
    body = {"inputs": {"plan": shown.plan.rpartition("/")[2]}}
    reply = shown.client.post(
        f"{home}/processes/check/execution", json=body, headers={"Prefer": "respond-async, wait=60"}
    )
    assert reply.status_code == 201
    assert reply.headers["preference-applied"] == "respond-async"
    status = shown.client.get(reply.headers["location"]).json()
    assert (status["type"], status["status"], status["processID"]) == ("process", "successful", "check")
    assert shown.client.get(reply.headers["location"] + "/results").json()["lawful"]
    wrong = shown.client.post(f"{home}/processes/check/execution", json={"inputs": {"plan": "x"}})
    assert wrong.status_code == 422
    assert shown.client.post(f"{home}/processes/nothing/execution", json={}).status_code == 404
    assert shown.client.delete(reply.headers["location"]).status_code == 409
    declared = shown.client.get(f"{home}/processes/check").json()["outputs"]
    assert set(shown.client.get(reply.headers["location"] + "/results").json()) == set(declared)


def test_what_is_not_there_is_told_in_the_words_of_the_standard(shown: Shown) -> None:
    home = shown.project.replace("/api/v1/", "/ogc/")
    for path, what in (("processes/nothing", "no-such-process"), (f"jobs/{'0' * 24}", "no-such-job")):
        reply = shown.client.get(f"{home}/{path}")
        assert (reply.status_code, reply.json()["type"].rpartition("/")[2]) == (404, what)
    first = shown.client.get(f"{home}/jobs", params={"limit": 1}).json()
    [following] = [link["href"] for link in first["links"] if link["rel"] == "next"]
    assert shown.client.get(following).json()["jobs"][0]["jobID"] != first["jobs"][0]["jobID"]


def test_a_box_finds_what_it_meets_and_shapeless_features_only_without_one() -> None:
    points = [{"type": "Point", "coordinates": [i / 1e4, 0]} for i in range(2000)]
    features = [{"id": str(i), "properties": {"n": i}, "geometry": point} for i, point in enumerate([*points, None])]
    layer = Collection.parsed(json.dumps({"features": features}).encode())
    assert layer.within((0.1, -1, 0.10005, 1)).tolist() == [1000]
    assert len(layer.within(None)) == 2001
    assert layer.extent() == [0.0, 0.0, 0.1999, 0.0]
    assert layer.having([5, 6], {"n": "6"}) == [6]
    assert Collection.parsed(b'{"features": []}').extent() is None


def test_the_api_definition_tells_every_parameter_that_is_answered(shown: Shown) -> None:
    definition = shown.get("/api")
    assert set(definition["paths"]) >= {"/", "/conformance", "/collections", "/collections/cells/items/{feature}"}
    told = {one["name"] for one in definition["paths"]["/collections/cells/items"]["get"]["parameters"]}
    for name in told - {"bbox", "bbox-crs", "crs", "limit", "offset"}:
        assert shown.client.get(f"{shown.plan}/collections/cells/items?{name}=x").status_code == 200
    assert shown.client.get(f"{shown.plan}/collections/cells/items?nonsense=x").status_code == 400
