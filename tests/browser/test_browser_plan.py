"""From a ledger to a plan on the page: faults by row, corrections, planning, the finished map."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from land import cells_of, land_of
from openpyxl import Workbook
from pictures import upload
from playwright.sync_api import Page, expect
from served import Server, serious_findings, wait_for

GUAN = (
    *("name", "block", "households", "buildings", "year", "btype"),
    *("lon_bd09", "lat_bd09", "lon_wgs84", "lat_wgs84", "site", "coord_site", "suspect"),
)
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


def twin(path: Path) -> Path:
    """Twelve compounds in the form of 固安县's ledger."""
    with path.open("w", encoding="utf-8", newline="") as file:
        sheet = csv.writer(file)
        sheet.writerow(GUAN)
        for number in range(12):
            lon, lat = 116.30 + 0.004 * (number % 4), 39.43 + 0.004 * (number // 4)
            place = (lon + 0.0127, lat + 0.0074, lon, lat)
            sheet.writerow((f"{number + 1}号院", "", 150 + 10 * (number % 5), 5, "", "板楼", *place, "", "", False))
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


def test_a_county_goes_from_its_ledger_to_paper(page: Page, server: Server, tmp_path: Path) -> None:
    """In one go: import, plan, edit, undo, lock and save in Chinese; redraw, post, approve and print in English."""
    new_project(page, server, "试验县")
    page.locator("input[type=file]").set_input_files(twin(tmp_path / "小区台账.csv"))
    expect(page.get_by_text("读取成功")).to_be_visible()
    expect(page.locator("dl.terms")).to_contain_text("2,010")
    assert not serious_findings(page)
    home = home_of(page)

    page.get_by_role("link", name="下一步：规划").click()
    page.get_by_label("最多用时").select_option("10")
    assert not serious_findings(page)
    page.get_by_role("button", name="开始规划").click()
    expect(page.get_by_role("button", name="看方案")).to_be_visible(timeout=120_000)
    page.get_by_role("button", name="看方案").click()
    page.wait_for_url("**/map?plan=*")
    expect(page.locator(".side .verdict")).to_contain_text("合规")

    unit = edited(page, server, home)
    redrawn(page, unit)
    posted(page, server, home, tmp_path)
    handed_over(page)


def edited(page: Page, server: Server, home: str) -> str:
    """One building is moved, taken back, moved again and locked; that becomes a plan. The answer is the building."""
    page.get_by_role("tab", name="修改").click()
    page.get_by_role("button", name="开始修改").click()
    expect(page.get_by_role("radiogroup")).to_be_visible()
    plan, draft = (
        found["id"] for found in (server.api("GET", f"{home}/{kind}")["items"][0] for kind in ("plans", "drafts"))
    )
    land = land_of(cells_of(server, home.split("/")[1], plan))
    takers = (server.api("POST", f"{home}/drafts/{draft}/takers", {"units": [unit.id]}) for unit in land.units)
    unit = next(unit for unit, found in zip(land.units, takers, strict=True) if found)
    page.mouse.click(*land.pixel(page, unit))
    page.locator(".takers button").first.click()
    page.get_by_role("button", name="划过去").click()
    for keys, told in (("", "1 处"), ("Control+z", "还没有改动"), ("Control+y", "1 处")):
        if keys:
            page.keyboard.press(keys)
        expect(page.locator(".moved")).to_contain_text(told)
    page.mouse.click(*land.pixel(page, unit))
    page.get_by_role("button", name="锁定所选").click()
    expect(page.get_by_text("已锁 0 个网格、1 处")).to_be_visible()
    page.get_by_label("新方案名称").fill("手改")
    page.get_by_role("button", name="存为新方案").click()
    expect(page.get_by_role("banner").get_by_role("combobox").last).to_contain_text("手改")
    expect(page.get_by_role("radiogroup")).to_have_count(0)
    return unit.id


def redrawn(page: Page, unit: str) -> None:
    page.get_by_role("button", name="English").click()
    page.get_by_role("link", name="Redraw and compare").click()
    page.get_by_role("tab", name="What changed").click()
    page.get_by_label("Pick a building by name or id").fill(unit)
    page.get_by_role("button", name="Pick", exact=True).click()
    page.get_by_placeholder("54, +6 or -10").fill("+150")
    page.get_by_role("button", name="Note it").first.click()
    expect(page.get_by_text("Grids that this touches")).to_be_visible()
    page.get_by_label("Time limit").select_option("10")
    page.get_by_role("button", name="Redraw", exact=True).click()
    expect(page.locator(".verdict")).to_contain_text("moved", timeout=120_000)
    assert not serious_findings(page)
    with page.expect_download() as kept:
        page.get_by_role("link", name="changes.xlsx").click()
    assert kept.value.suggested_filename == "changes.xlsx"


def posted(page: Page, server: Server, home: str, folder: Path) -> None:
    """Two people for more grids than that."""
    file = folder / "花名册.csv"
    file.write_text("工号,职务\nW1,专职网格员\nW2,专职网格员\n", encoding="utf-8")
    page.get_by_role("link", name="People").click()
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Post people").click()
    expect(page.get_by_role("heading", name="Shortfalls")).to_be_visible(timeout=120_000)
    assert server.api("GET", f"{home}/plans")["items"][0]["origin"] == "staff"


def handed_over(page: Page) -> None:
    page.get_by_role("link", name="Hand over").click()
    for action, state in (("Submit for review", "Submitted"), ("Approve", "Reviewed"), ("File", "Filed")):
        page.get_by_role("button", name=action, exact=True).click()
        expect(page.locator("[aria-current=step]")).to_contain_text(state)
    page.get_by_label("Paper").select_option("A4")
    page.get_by_role("button", name="Make a map (PDF)").click()
    told = page.request.get(page.get_by_role("link", name="Map A4").get_attribute("href", timeout=120_000) or "")
    assert told.body().startswith(b"%PDF")
    assert not serious_findings(page)


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
