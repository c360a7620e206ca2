"""The whole way of a planner, from the ledgers of a small 固安县 to paper: once in Chinese and once in English."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from land import cells_of, land_of
from playwright.sync_api import Locator, Page, expect
from served import Server, serious_findings
from twin import write_twin

LONG_MS = 120_000


@dataclass(kw_only=True)
class Journey:
    """A page in one language, and the files that a planner brings along."""

    page: Page
    server: Server
    chinese: bool
    files: Path
    home: str = ""

    def word(self, zh: str, en: str) -> str:
        return zh if self.chinese else en

    def press(self, zh: str, en: str) -> None:
        name = re.compile(rf"^{re.escape(self.word(zh, en))}( ·.*)?$")
        self.page.get_by_role("button", name=name).first.click(timeout=LONG_MS)

    def visit(self, zh: str, en: str) -> None:
        self.page.get_by_role("navigation").get_by_role("link", name=self.word(zh, en), exact=True).click()

    def field(self, zh: str, en: str) -> Locator:
        return self.page.get_by_label(self.word(zh, en))

    def reads(self, zh: str, en: str) -> None:
        """What is said, is said in the language of the page."""
        expect(self.page.get_by_text(self.word(zh, en)).first).to_be_visible(timeout=LONG_MS)

    def newest(self, kind: str) -> str:
        return str(self.server.api("GET", f"{self.home}/{kind}")["items"][0]["id"])

    def origin(self) -> str:
        return str(self.server.api("GET", f"{self.home}/plans")["items"][0]["origin"])


@pytest.fixture(scope="module")
def ledgers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Map and ledgers of four compounds of 固安县; the list of compounds also with the headings of published lists."""
    folder = tmp_path_factory.mktemp("guan")
    write_twin(folder, side=1, compounds=4)
    with (folder / "compounds.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with (folder / "published.csv").open("w", encoding="utf-8", newline="") as file:
        sheet = csv.writer(file)
        sheet.writerow(("name", "block", "households", "buildings", "year", "btype", "lon_wgs84", "lat_wgs84", "site"))
        for row in rows:
            about = (row["name"], "", row["households"], row["buildings"], "", "板楼", row["lon"], row["lat"], "")
            sheet.writerow(about)
    return folder


@pytest.mark.parametrize(
    ("language", "given"), [("zh", ("county.gpkg", "stairwells.xlsx")), ("en", ("published.csv",))]
)
def test_a_county_goes_from_its_ledgers_to_paper(
    page: Page, server: Server, ledgers: Path, tmp_path: Path, language: str, given: tuple[str, ...]
) -> None:
    way = Journey(page=page, server=server, chinese=language == "zh", files=tmp_path)
    imported(way, [ledgers / name for name in given])
    planned(way)
    unit = edited(way)
    redrawn(way, unit)
    if way.chinese:
        traded_off(way)
    posted(way)
    handed_over(way)


def imported(way: Journey, files: list[Path]) -> None:
    page = way.page
    page.goto(f"{way.server.url}/?lang={'zh' if way.chinese else 'en'}")
    way.field("项目名称（如：某某县）", "Name of the project (a county, say)").fill(f"固安{len(files)}")
    way.press("创建", "Create")
    way.reads("还没有数据", "No data yet")
    way.home = f"projects/{re.findall(r'#/([0-9a-f]{24})/', page.url)[0]}"
    page.locator("input[type=file]").set_input_files(files)
    way.reads("读取成功", "Read without faults")
    summary = way.server.api("GET", f"{way.home}/datasets")["items"][0]["summary"]
    assert summary["households"] > 1000
    expect(page.locator("dl.terms")).to_contain_text(f"{summary['households']:,}")
    assert not serious_findings(page)


def planned(way: Journey) -> None:
    page = way.page
    page.get_by_role("link", name=way.word("下一步：规划", "Next: plan")).click()
    way.field("最多用时", "Time limit").select_option("10")
    way.press("开始规划", "Plan")
    way.press("看方案", "Look at the plan")
    page.wait_for_url("**/map?plan=*")
    expect(page.locator(".side .verdict")).to_contain_text(way.word("合规", "lawful"))
    assert not serious_findings(page)


def edited(way: Journey) -> str:
    """One building is moved, taken back, moved again and locked; that becomes a plan. The answer is the building."""
    page, server = way.page, way.server
    page.get_by_role("tab", name=way.word("修改", "Edit")).click()
    way.press("开始修改", "Start editing")
    expect(page.get_by_role("radiogroup")).to_be_visible()
    draft = way.newest("drafts")
    land = land_of(cells_of(server, way.home.split("/")[1], way.newest("plans")))
    takers = (server.api("POST", f"{way.home}/drafts/{draft}/takers", {"units": [unit.id]}) for unit in land.units)
    unit = next(unit for unit, found in zip(land.units, takers, strict=True) if found)
    page.mouse.click(*land.pixel(page, unit))
    page.locator(".takers button").first.click()
    way.press("划过去", "Move them")
    one, none = way.word("1 处", "1 building"), way.word("还没有改动", "Nothing changed yet")
    for keys, told in (("", one), ("Control+z", none), ("Control+y", one)):
        if keys:
            page.keyboard.press(keys)
        expect(page.locator(".moved")).to_contain_text(told)
    page.mouse.click(*land.pixel(page, unit))
    way.press("锁定所选", "Lock the picked")
    way.reads("已锁 0 个网格、1 处", "0 grids and 1 building locked")
    way.field("新方案名称（可不填）", "Plan name (optional)").fill("A")
    way.press("存为新方案", "Save as a new plan")
    expect(page.get_by_role("banner").get_by_role("combobox").last).to_contain_text("A")
    expect(page.get_by_role("radiogroup")).to_have_count(0)
    return unit.id


def redrawn(way: Journey, unit: str) -> None:
    page = way.page
    way.visit("调整与比较", "Redraw and compare")
    page.get_by_role("tab", name=way.word("有什么变化", "What changed")).click()
    way.field("按名称或编号选楼栋", "Pick a building by name or id").fill(unit)
    way.press("选上", "Pick")
    page.get_by_placeholder(way.word("如 54、+6 或 -10", "54, +6 or -10")).fill("+150")
    way.press("记下", "Note it")
    way.reads("会碰到这些网格", "Grids that this touches")
    way.field("最多用时", "Time limit").select_option("10")
    way.press("开始调整", "Redraw")
    expect(page.locator(".verdict")).to_contain_text(way.word("换了网格", "moved"), timeout=LONG_MS)
    expect(page.get_by_role("application")).to_have_count(2)
    assert not serious_findings(page)
    with page.expect_download() as kept:
        page.get_by_role("link", name="changes.xlsx").click()
    assert kept.value.suggested_filename == "changes.xlsx"


def traded_off(way: Journey) -> None:
    """Along the curve the slider tells every point; the last one becomes a plan."""
    page = way.page
    way.press("算出取舍曲线", "Work out the trade-off")
    slider = page.locator(".curve-slider")
    expect(slider).to_be_visible(timeout=LONG_MS)
    job = way.server.api("GET", f"{way.home}/jobs?kind=trade_off")["items"][0]
    curve = way.server.api("GET", job["links"]["results"].removeprefix("/api/v1/"))["curve"]
    points = sorted(curve["points"], key=lambda point: point["moved"])
    expect(slider).to_have_attribute("max", str(len(points) - 1))
    slider.focus()
    page.keyboard.press("Home")
    for at, point in enumerate(points):
        if at:
            page.keyboard.press("ArrowRight")
        expect(slider).to_have_attribute("aria-valuetext", re.compile(rf"\b{point['moved']:,}\b"))
        expect(page.get_by_role("status").filter(has_text=f"{point['quality']:,.0f}").first).to_be_visible()
    way.press("按这一点调整", "Redraw at this point")
    name = way.word(f"换 {points[-1]['moved']:,} 户", f"{points[-1]['moved']:,} household")
    expect(page.get_by_role("banner").get_by_role("combobox").last).to_contain_text(name, timeout=LONG_MS)
    newest = way.server.api("GET", f"{way.home}/plans")["items"][0]
    changes = way.server.api("GET", f"{way.home}/plans/{newest['id']}/changes")["levels"][0]
    assert changes["moved"] <= points[-1]["moved"]


def posted(way: Journey) -> None:
    """Two people for more grids than that."""
    file = way.files / "花名册.csv"
    file.write_text("工号,职务\nW1,专职网格员\nW2,专职网格员\n", encoding="utf-8")
    way.visit("人员", "People")
    way.page.locator("input[type=file]").set_input_files(file)
    way.press("安排人员", "Post people")
    expect(way.page.get_by_role("heading", name=way.word("缺口", "Shortfalls"))).to_be_visible(timeout=LONG_MS)
    assert not serious_findings(way.page)
    assert way.origin() == "staff"


def handed_over(way: Journey) -> None:
    page = way.page
    way.visit("移交", "Hand over")
    for action, state in (
        (("提交审核", "Submit for review"), ("已提交", "Submitted")),
        (("审核通过", "Approve"), ("已审核", "Reviewed")),
        (("备案", "File"), ("已备案", "Filed")),
    ):
        way.press(*action)
        expect(page.locator("[aria-current=step]")).to_contain_text(way.word(*state))
    way.field("纸张", "Paper").select_option("A4")
    way.press("生成 PDF 地图", "Make a map (PDF)")
    link = page.get_by_role("link", name=way.word("地图 A4", "Map A4"))
    told = page.request.get(link.get_attribute("href", timeout=LONG_MS) or "")
    assert told.body().startswith(b"%PDF")
    assert not serious_findings(page)
