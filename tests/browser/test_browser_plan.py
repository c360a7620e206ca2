"""From a ledger to a plan on the page: faults by row, corrections, planning, the finished map."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook
from playwright.sync_api import Page, expect
from served import Server, serious_findings

HEADINGS = ("小区名称", "经度", "纬度", "户数", "楼栋数")


def ledger(path: Path, *, spoilt: bool = False) -> Path:
    """A county's list of compounds, as an office would send it: no footprints, places as longitude and latitude."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADINGS)
    for number in range(12):
        households: object = 150 + 10 * (number % 5)
        if spoilt and number == 3:
            households = "约二百"
        sheet.append((f"{number + 1}号院", 116.30 + 0.004 * (number % 4), 39.43 + 0.004 * (number // 4), households, 5))
    book.save(path)
    return path


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("ledgers")
    return ledger(folder / "小区台账-有错.xlsx", spoilt=True), ledger(folder / "小区台账.xlsx")


def new_project(page: Page, server: Server, name: str) -> None:
    page.goto(server.url)
    page.get_by_label("项目名称").fill(name)
    page.get_by_role("button", name="创建").click()
    expect(page.get_by_text("还没有数据")).to_be_visible()


def test_a_ledger_becomes_a_plan(page: Page, server: Server, files: tuple[Path, Path]) -> None:
    """One path through the page: a bad file, its faults, the good file, the plan, the map."""
    bad, good = files
    new_project(page, server, "试验县")
    choose = page.locator("input[type=file]")
    choose.set_input_files(bad)
    expect(page.get_by_text("有 1 处需要改正")).to_be_visible()
    expect(page.get_by_text("约二百").first).to_be_visible()
    expect(page.get_by_text("第 5 行").first).to_be_visible()
    with page.expect_download() as kept:
        page.get_by_role("link", name="下载问题清单").click()
    assert kept.value.suggested_filename.endswith(".xlsx")
    assert not serious_findings(page)

    page.get_by_role("button", name="导入新的数据").click()
    choose.set_input_files(good)
    expect(page.get_by_text("读取成功")).to_be_visible()
    expect(page.locator("dl.terms")).to_contain_text("2,010")
    assert not serious_findings(page)

    page.get_by_role("link", name="下一步：规划").click()
    page.get_by_label("最多用时").select_option("10")
    assert not serious_findings(page)
    page.get_by_role("button", name="开始规划").click()
    expect(page.get_by_role("button", name="看方案")).to_be_visible(timeout=120_000)
    page.get_by_role("button", name="看方案").click()
    page.wait_for_url("**/map?plan=*")
    expect(page.locator(".side .verdict")).to_contain_text("合规")


def test_stopping_keeps_the_best_plan(page: Page, server: Server) -> None:
    page.goto(server.at("plan"))
    page.get_by_label("最多用时").select_option("300")
    page.get_by_role("button", name="开始规划").click()
    expect(page.get_by_text("离最好的方案至多还差")).to_be_visible()
    page.get_by_role("button", name="停止，保留目前最好的方案").click()
    expect(page.get_by_role("button", name="看方案")).to_be_visible()
    jobs = server.api("GET", f"projects/{server.project}/jobs?kind=plan")["items"]
    assert jobs[0]["state"] == "successful"
    assert jobs[0]["stop_reason"] == "cancelled"
