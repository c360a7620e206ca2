"""From a ledger to a plan on the page: faults by row, corrections, planning, the finished map."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from land import cells_of
from openpyxl import Workbook
from playwright.sync_api import Page, expect
from pyproj import Transformer
from served import Server, serious_findings, upload, wait_for
from shapely import LineString, Polygon, unary_union
from shapely.geometry import shape
from twin import write_twin

HEADINGS = ("小区名称", "经度", "纬度", "户数", "楼栋数")


def spoilt_ledger(path: Path) -> Path:
    """A county's list of compounds, as an office would send it, with households in words in one row."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADINGS)
    for number in range(12):
        households = "约二百" if number == 3 else 150 + 10 * (number % 5)
        sheet.append((f"{number + 1}号院", 116.30 + 0.004 * (number % 4), 39.43 + 0.004 * (number // 4), households, 5))
    book.save(path)
    return path


def buildings(rows: list[tuple[str, int, float, float]]) -> bytes:
    """A ledger of buildings by name, households and place."""
    lines = [",".join(map(str, row)) for row in (("楼栋编号", "户数", "经度", "纬度"), *rows)]
    return ("\n".join(lines) + "\n").encode()


def home_of(page: Page) -> str:
    """The path of the project that is shown."""
    found = re.search(r"#/([0-9a-f]{24})/", page.url)
    assert found is not None
    return f"projects/{found[1]}"


def new_project(page: Page, server: Server, name: str) -> None:
    page.goto(server.url)
    page.get_by_label("项目名称").fill(name)
    page.get_by_role("button", name="创建").click()
    expect(page.get_by_text("还没有数据")).to_be_visible()


def test_a_ledger_with_a_fault_is_told_by_row_and_stays_out(page: Page, server: Server, tmp_path: Path) -> None:
    new_project(page, server, "有错县")
    page.locator("input[type=file]").set_input_files(spoilt_ledger(tmp_path / "小区台账.xlsx"))
    expect(page.get_by_text("有 1 处需要改正")).to_be_visible()
    expect(page.get_by_text("约二百").first).to_be_visible()
    expect(page.get_by_text("第 5 行").first).to_be_visible()
    with page.expect_download() as kept:
        page.get_by_role("link", name="下载问题清单").click()
    assert kept.value.suggested_filename.endswith(".xlsx")
    assert not serious_findings(page)


def test_what_was_taken_wrongly_is_corrected_on_the_page(page: Page, server: Server, tmp_path: Path) -> None:
    """Households stand under a heading that means nothing, and places are those of another map."""
    new_project(page, server, "更正县")
    file = tmp_path / "台账.csv"
    lines = ["楼栋编号,登记数,经度,纬度", *(f"b{k},{40 + k},{116.3 + 6e-4 * k},39.43" for k in range(12))]
    file.write_text("\n".join(lines), encoding="utf-8")
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text("处需要改正")).to_be_visible()
    page.get_by_label("含义: 登记数").select_option(label="户数")
    page.get_by_role("button", name="按更正重新读取").click()
    expect(page.locator("dl.terms")).to_contain_text("546")
    assert not serious_findings(page)

    before = server.api("GET", f"{home_of(page)}/datasets")["items"][0]
    page.get_by_label("坐标系").last.select_option("gcj02")
    page.get_by_role("button", name="按更正重新读取").click()
    expect(page.get_by_label("已导入的数据").locator("option")).to_have_count(3)
    expect(page.locator("dl.terms")).to_contain_text("546")
    after = server.api("GET", f"{home_of(page)}/datasets")["items"][0]
    east = after["summary"]["bbox"][0] - before["summary"]["bbox"][0]
    assert 0.003 < abs(east) < 0.01, "the two maps lie some hundred metres apart"


def test_files_that_name_no_system_are_read_in_that_of_the_project(page: Page, server: Server, tmp_path: Path) -> None:
    file = tmp_path / "台账.csv"
    east, north = Transformer.from_crs("EPSG:4490", "EPSG:4547", always_xy=True).transform(114.3, 38.5)
    lines = ["楼栋编号,户数,X,Y", *(f"b{k},{40 + k},{east + 50 * k:.1f},{north:.1f}" for k in range(12))]
    file.write_text("\n".join(lines), encoding="utf-8")
    page.goto(server.url)
    page.get_by_label("项目名称").fill("三度带县")
    page.get_by_label("坐标系（文件没有写明时）").select_option("EPSG:4547")
    page.get_by_role("button", name="创建").click()
    expect(page.get_by_label("坐标系").locator("option").first).to_have_text("按项目设置（EPSG:4547）")
    page.locator("input[type=file]").set_input_files(file)
    expect(page.locator("dl.terms")).to_contain_text("546")
    read = server.api("GET", f"{home_of(page)}/datasets")["items"][0]["summary"]
    assert abs(read["bbox"][0] - 114.3) < 1e-3
    assert abs(read["bbox"][1] - 38.5) < 1e-3


def test_an_example_opens_with_its_data_read(page: Page, server: Server) -> None:
    page.goto(server.url)
    page.get_by_role("button", name="打开示例").first.click()
    expect(page.get_by_text("读取成功")).to_be_visible()
    summary = server.api("GET", f"{home_of(page)}/datasets")["items"][0]["summary"]
    expect(page.locator("dl.terms")).to_contain_text(f"{summary['households']:,}")
    page.get_by_role("link", name="下一步：规划").click()
    expect(page.get_by_role("button", name="开始规划")).to_be_enabled()


def test_what_counts_is_told_by_sliders_and_sent(page: Page, server: Server) -> None:
    page.goto(server.at("plan"))
    whole, even = page.get_by_role("slider", name="不拆小区"), page.get_by_role("slider", name="户数均匀")
    expect(page.get_by_text("为少拆一个小区，居民合计可多走 20,000 米")).to_be_visible()
    whole.focus()
    page.keyboard.press("ArrowRight")
    expect(whole).to_have_attribute("aria-valuetext", "很看重")
    expect(page.get_by_text("为少拆一个小区，居民合计可多走 60,000 米")).to_be_visible()
    even.focus()
    page.keyboard.press("Home")
    expect(page.get_by_text("只要在要求之内，户数多少不计。")).to_be_visible()
    page.route("**/jobs", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    with page.expect_request(lambda asked: asked.method == "POST" and asked.url.endswith("/jobs")) as sent:
        page.get_by_role("button", name="开始规划").click()
    assert sent.value.post_data_json["inputs"]["weights"] == {"grid": {"split": 60000, "balance": 0}}


def test_a_railway_through_a_grid_moves_what_it_cuts_off(page: Page, server: Server, tmp_path: Path) -> None:
    """A map with one more hard barrier comes in under Data and is the whole change."""
    write_twin(tmp_path, side=2, compounds=16, villages=1)
    map_file, railway = tmp_path / "county.gpkg", tmp_path / "铁路.geojson"
    home = f"projects/{server.project}"
    dataset = server.api("GET", f"{home}/datasets")["items"][-1]["id"]
    houses, barriers = (
        server.api("GET", f"{home}/datasets/{dataset}/layers/{name}")["features"] for name in ("buildings", "barriers")
    )
    line = cutting_line(cells_of(server, server.project, server.first_plan), houses, barriers)
    about = {"kind": "railway", "crossing": "hard", "name": "新铁路"}
    feature = {"type": "Feature", "properties": about, "geometry": {"type": "LineString", "coordinates": line}}
    railway.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")

    page.goto(server.at("data"))
    page.get_by_role("button", name="导入新的数据").click()
    page.locator("input[type=file]").set_input_files([map_file, railway])
    expect(page.get_by_text("读取成功")).to_be_visible()
    expect(page.get_by_label("已导入的数据")).to_be_visible()
    newer = server.api("GET", f"{home}/datasets")["items"][0]["id"]
    page.goto(server.at("redraw", plan=server.first_plan, tab="order"))
    page.get_by_label("新的台账或地图").select_option(newer)
    page.get_by_label("最多用时").select_option("10")
    page.get_by_role("button", name="开始调整").click()
    expect(page.locator(".verdict")).to_contain_text("户换了网格")
    plan = server.api("GET", f"{home}/plans")["items"][0]
    changes = server.api("GET", f"{home}/plans/{plan['id']}/changes")["levels"][0]
    assert changes["moved"] > 0
    assert any("不相连" in move["reason"] for move in changes["moves"])
    assert not serious_findings(page)


def cutting_line(
    cells: list[dict[str, Any]], houses: list[dict[str, Any]], barriers: list[dict[str, Any]]
) -> list[list[float]]:
    """A line through a grid, between its buildings and away from roads (a road that crosses it would be a bridge)."""
    grid_of = {cell["properties"]["id"]: cell["properties"]["grid"] for cell in cells}
    grids: dict[str, list[Polygon]] = {}
    for house in houses:
        if house["properties"]["households"] >= 20:
            grids.setdefault(grid_of[house["properties"]["id"]], []).append(shape(house["geometry"]))
    walls = unary_union([shape(house["geometry"]) for house in houses])
    roads = unary_union([shape(one["geometry"]) for one in barriers if one["properties"]["kind"] != "wall"])
    for land in sorted(grids.values(), key=len, reverse=True):
        west, south, east, north = unary_union(land).bounds
        for share in (0.5, 0.45, 0.55, 0.4, 0.6, 0.35, 0.65, 0.3, 0.7):
            x, y = west + share * (east - west), south + share * (north - south)
            for line in (LineString([(west, y), (east, y)]), LineString([(x, south), (x, north)])):
                beyond = sum(
                    one.centroid.y > y if line.bounds[1] == line.bounds[3] else one.centroid.x > x for one in land
                )
                free = not line.intersects(walls) and line.distance(roads) > 0.0002
                if free and 2 <= beyond <= len(land) - 2:
                    return [list(point) for point in line.coords]
    raise AssertionError("no grid can be cut between its buildings")


def test_buildings_that_may_be_those_of_before_are_asked_about(page: Page, server: Server) -> None:
    """Between two old buildings stands a new one; taken for the same, the redraw is ordered again with that answer."""
    rows = [(f"b{k}", 60, 116.3 + 6e-4 * (k % 6), 39.43 + 5e-4 * (k // 6)) for k in range(12)]
    home = f"projects/{server.api('POST', 'projects', {'name': '对应县'})['id']}"
    dataset = upload(server, home, "台账.csv", buildings(rows), {})
    body = {"kind": "plan", "limits": {"step_limit": 1}, "inputs": {"dataset": dataset, "levels": ["grid"]}}
    plan = wait_for(server, server.api("POST", f"{home}/jobs", body))["result"]["plan"]
    newer = upload(server, home, "新台账.csv", buildings([("x1", 60, 116.3 + 2e-4, 39.43), *rows[1:]]), {})

    page.goto(f"{server.url}/#/{home.split('/')[1]}/redraw?plan={plan}&tab=order")
    page.get_by_label("新的台账或地图").select_option(newer)
    page.get_by_role("button", name="开始调整").click()
    same = page.get_by_role("button", name="都是同一栋，采纳并调整")
    expect(same).to_be_visible()
    expect(page.get_by_text("b0 → x1").first).to_be_visible()
    assert not serious_findings(page)
    with page.expect_request(lambda asked: asked.method == "POST" and asked.url.endswith("/jobs")) as sent:
        same.click()
    assert sent.value.post_data_json["inputs"]["accept_matches"] is True
    page.get_by_role("button", name="放弃").click()
    expect(page.get_by_role("button", name="开始调整")).to_be_visible()


def test_stopping_keeps_the_best_plan(page: Page, server: Server) -> None:
    page.goto(server.at("plan"))
    page.get_by_label("最多用时").select_option("300")
    page.get_by_role("button", name="开始规划").click()
    expect(page.get_by_text("离最好的方案至多还差")).to_be_visible()
    assert not serious_findings(page)
    page.get_by_role("button", name="停止，保留目前最好的方案").click()
    expect(page.get_by_role("button", name="看方案")).to_be_visible()
    jobs = server.api("GET", f"projects/{server.project}/jobs?kind=plan")["items"]
    assert jobs[0]["state"] == "successful"
    assert jobs[0]["stop_reason"] == "cancelled"
