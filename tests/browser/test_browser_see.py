"""The map page shows a plan: in plain words, as a list, on the map, over a base map, in both languages, to everyone."""

from __future__ import annotations

import re
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from land import cells_of, land_of
from playwright.sync_api import Page, Route, expect
from served import Server, serious_findings, serving, upload, wait_for
from tiles import CREDIT, Tiles, settled, wmts
from twin import write_twin
from typer.testing import CliRunner

from partitioner.cli.main import app


@pytest.fixture(scope="module")
def tiles() -> Iterator[Tiles]:
    with Tiles() as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


@pytest.fixture(scope="module")
def server(planned_data: Path, tiles: Tiles, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A service that is told of a base map."""
    data = tmp_path_factory.mktemp("served") / "data"
    shutil.copytree(planned_data, data)
    with serving(data, options=("--base-map", tiles.url + "/{z}/{x}/{y}.png#" + CREDIT)) as running:
        yield running


def test_the_first_screen_says_what_to_do(page: Page, server: Server) -> None:
    page.goto(server.url)
    expect(page.get_by_text("从这里开始")).to_be_visible()
    assert not serious_findings(page)


def test_a_plan_is_told_in_plain_words_in_both_languages(page: Page, server: Server) -> None:
    page.goto(server.at("map"))
    expect(page.get_by_text("离最好的方案至多差")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_text("from the best possible plan")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "en"
    assert not serious_findings(page)


def test_the_list_has_every_grid_and_picks_it_on_the_map(page: Page, server: Server) -> None:
    page.goto(server.at("map"))
    page.get_by_role("tab", name="清单").click()
    areas = server.api("GET", f"projects/{server.project}/plans/{server.plan}/areas?level=grid&limit=1000")["items"]
    expect(page.get_by_role("grid")).to_have_attribute("aria-rowcount", str(len(areas) + 1))
    page.get_by_role("searchbox").fill(areas[7]["code"])
    page.get_by_role("row").nth(1).click()
    expect(page.locator("[aria-selected=true][role=row]")).to_contain_text(areas[7]["code"])
    assert not serious_findings(page)


def test_problems_and_legend_say_what_is_on_the_map(page: Page, server: Server) -> None:
    home = f"projects/{server.project}"
    draft = server.api("POST", f"{home}/drafts", {"plan": server.first_plan})["id"]
    alone = server.api("GET", f"{home}/drafts/{draft}/labels")["units"][0]
    edit = {"moves": [{"units": [alone], "grid": None}]}
    server.api("POST", f"{home}/drafts/{draft}/edits", edit, etag='"1"')
    body = {"kind": "save", "inputs": {"draft": draft}}
    broken = wait_for(server, server.api("POST", f"{home}/jobs", body))["result"]["plan"]
    page.goto(server.at("map", plan=broken))
    page.get_by_role("tab", name="问题").click()
    page.get_by_text("图例").click()
    expect(page.get_by_text("社区界")).to_be_visible()
    expect(page.get_by_role("button", name="在图上看").first).to_be_visible()
    assert not serious_findings(page)


def test_a_building_is_shown_from_the_front_with_its_micro_grids(page: Page, server: Server, tmp_path: Path) -> None:
    """A click on a building at that level; a click on one of its parts picks the micro-grid that it belongs to."""
    write_twin(tmp_path, side=1, compounds=2)
    project = server.api("POST", "projects", {"name": "楼栋县"})["id"]
    home = f"projects/{project}"
    dataset = upload(server, home, "county.gpkg", (tmp_path / "county.gpkg").read_bytes(), {})
    body = {"kind": "plan", "limits": {"step_limit": 1}, "inputs": {"dataset": dataset, "levels": ["grid", "micro"]}}
    plan = wait_for(server, server.api("POST", f"{home}/jobs", body))["result"]["plan"]
    layer = server.api("GET", f"{home}/plans/{plan}/layers/parts")["features"]
    parts = Counter(each["properties"]["building"] for each in layer if each["properties"]["stairwell"] is not None)
    land = land_of(cells_of(server, project, plan))
    unit = max(land.units, key=lambda unit: parts[unit.id.split("#")[0]])
    page.goto(f"{server.url}/#/{project}/map?plan={plan}&level=micro")
    expect(page.locator(".side .verdict")).to_be_visible()
    page.wait_for_load_state("networkidle")
    front = page.locator("section.elevation")
    for _ in range(60):  # the map may not be drawn yet
        page.mouse.click(*land.pixel(page, unit))
        page.wait_for_timeout(1_000)
        if front.count():
            break
    expect(front.locator("tbody button")).to_have_count(parts[unit.id.split("#")[0]])
    front.locator("tbody button").first.click()
    expect(front.locator("tbody button").first).to_have_attribute("aria-pressed", "true")
    assert not serious_findings(page)


def test_a_server_that_wants_a_token_asks_for_it(page: Page, tmp_path: Path) -> None:
    add = ["admin", "token", "add", "张三", "--server-admin", "--data", str(tmp_path)]
    token = CliRunner().invoke(app, add, catch_exceptions=False).stdout.split()[0]
    with serving(tmp_path, options=("--require-tokens",)) as server:
        page.goto(server.url)
        field = page.get_by_label("访问令牌")
        assert not serious_findings(page)
        field.fill("wrong")
        page.get_by_role("button", name="登录").click()
        expect(page.get_by_role("alert")).to_be_visible()
        field.fill(token)
        page.get_by_role("button", name="登录").click()
        expect(page.get_by_text("从这里开始")).to_be_visible()
        page.get_by_role("button", name="张三").click()
        expect(field).to_be_visible()


@pytest.mark.parametrize("kind", ["xyz", "w", "c"])
def test_a_tile_lies_under_the_units_that_stand_there(page: Page, server: Server, tiles: Tiles, kind: str) -> None:
    path = f"projects/{server.project}/plans/{server.plan}/layers/cells"
    cells = server.api("GET", path)["features"]
    points = [point for cell in cells for point in cell["geometry"]["coordinates"][0]]
    (west, east), (south, north) = ((min(values), max(values)) for values in zip(*points, strict=True))
    tiles.lon, tiles.lat = (west + east) / 2, (south + north) / 2

    if kind != "xyz":

        def told(route: Route) -> None:
            answer = route.fetch()
            route.fulfill(response=answer, json={**answer.json(), "base_map": wmts(tiles, kind)})

        page.route(re.compile(r"/api/v1/?$"), told)
    page.goto(server.at("map"))
    box = page.locator(".map").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    switch = page.get_by_role("button", name="底图")
    expect(switch).to_have_attribute("aria-pressed", "false")
    expect(page.get_by_text("正在载入")).to_have_count(0)
    before = settled(page, x, y)
    assert not tiles.asked or kind != "xyz", "nothing is asked for before somebody wants it"
    switch.click()
    expect(page.locator(".ol-attribution")).to_contain_text(CREDIT if kind == "xyz" else "127.0.0.1")
    after = settled(page, x, y)
    assert after.pop((0, 0)) > before.pop((0, 0)) + 20
    assert all(after[spot] < before[spot] + 5 for spot in after), "white tiles lighten what is on them"
    switch.click()
    expect(page.locator(".ol-attribution")).to_be_hidden()


def test_pictures_from_elsewhere_are_not_loaded(page: Page, server: Server, tiles: Tiles) -> None:
    page.goto(server.at("map"))
    load = """address => new Promise((done) => {
      const picture = new Image();
      picture.onload = () => done(true);
      picture.onerror = () => done(false);
      picture.src = address;
    })"""
    assert page.evaluate(load, tiles.url + "/0/0/0.png")
    tiles.asked.clear()
    assert not page.evaluate(load, tiles.url.replace("127.0.0.1", "localhost") + "/0/0/0.png")
    assert not tiles.asked
