"""Plans are edited by hand: tried, applied, undone, locked; others, reloads and dead servers cost nobody an edit."""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import replace
from typing import Any

import pytest
from land import Land, Unit, cells_of, land_of, mercator
from playwright.sync_api import Browser, Page, expect
from served import Server, serious_findings, serving


@pytest.fixture(scope="module")
def land(server: Server) -> Land:
    """Four buildings near the middle of the map that some other grid could take without breaking a rule."""
    cells = features(server)
    whole = land_of(cells)
    x, y = (whole.west + whole.east) / 2, (whole.south + whole.north) / 2
    large = {cell["properties"]["id"] for cell in cells if cell["properties"]["households"] >= 36}
    draft = new_draft(server)
    path = f"projects/{server.project}/drafts/{draft['id']}"
    units: list[Unit] = []
    for unit in sorted(whole.units, key=lambda unit: math.hypot(unit.x - x, unit.y - y)):
        if unit.id not in large:
            continue
        if any(taker["lawful"] for taker in server.api("POST", f"{path}/takers", {"units": [unit.id]})):
            units.append(unit)
        if len(units) == 4:
            break
    server.api("DELETE", path)
    return replace(whole, units=units)


def features(server: Server) -> list[dict[str, Any]]:
    return cells_of(server, server.project, server.first_plan)


def shared_line(server: Server) -> tuple[Unit, Unit, Unit]:
    """Two buildings of two grids of one community with land that meets, and the middle of the line between them."""
    sides: dict[frozenset[tuple[float, float]], tuple[dict[str, Any], Unit]] = {}
    for feature in features(server):
        properties = feature["properties"]
        if properties["locked"] or feature["geometry"]["type"] != "Polygon":
            continue
        ring = feature["geometry"]["coordinates"][0]
        xy = [mercator(*point) for point in ring]
        x, y = (sum(point[axis] for point in xy) / len(xy) for axis in (0, 1))
        unit = Unit(id=properties["id"], grid=properties["grid"], x=x, y=y)
        for start, end in itertools.pairwise(ring):
            side = frozenset(((start[0], start[1]), (end[0], end[1])))
            known = sides.setdefault(side, (properties, unit))
            (ax, ay), (bx, by) = mercator(*start), mercator(*end)
            if known[0]["community"] != properties["community"] or known[1].grid == unit.grid:
                continue
            if math.hypot(ax - bx, ay - by) > 25:  # long enough to be clicked on the whole map
                return known[1], unit, Unit(id="", grid="", x=(ax + bx) / 2, y=(ay + by) / 2)
    raise AssertionError("no two grids meet")


def new_draft(server: Server) -> dict[str, Any]:
    found: dict[str, Any] = server.api("POST", f"projects/{server.project}/drafts", {"plan": server.first_plan})
    return found


def label(server: Server, draft: str, unit: str) -> str:
    labels = server.api("GET", f"projects/{server.project}/drafts/{draft}/labels")
    return str(labels["grid"][labels["units"].index(unit)])


def open_draft(page: Page, server: Server, draft: str) -> None:
    page.goto(server.at("map", plan=server.first_plan, level="grid", draft=draft))
    expect(page.get_by_role("radiogroup")).to_be_visible()
    expect(page.locator("canvas").first).to_be_visible()


def move(page: Page, land: Land, unit: Unit) -> None:
    """Pick a unit on the map and send it to the grid that the page calls best."""
    page.mouse.click(*land.pixel(page, unit))
    expect(page.get_by_text("已选 1 处")).to_be_visible()
    page.locator(".takers button").first.click()
    page.get_by_role("button", name="划过去").click()


def moved(page: Page, units: int) -> None:
    expect(page.locator(".moved")).to_contain_text(f"{units} 处" if units else "还没有改动")
    expect(page.locator("[data-state=saved]")).to_be_visible()


def test_an_edit_is_tried_applied_undone_redone_locked_and_resumed(page: Page, server: Server, land: Land) -> None:
    page.goto(server.at("map"))
    page.get_by_role("tab", name="修改").click()
    page.get_by_role("button", name="开始修改").click()
    expect(page.get_by_role("radiogroup")).to_be_visible()
    draft = re.search(r"draft=([0-9a-f]{24})", page.url)
    assert draft is not None
    unit = land.units[0]

    page.mouse.click(*land.pixel(page, unit))
    page.locator(".takers button").first.click()
    expect(page.locator(".trial")).to_contain_text("总的来说")
    assert not serious_findings(page)
    assert label(server, draft[1], unit.id) == unit.grid
    page.keyboard.press("Escape")
    move(page, land, unit)
    moved(page, 1)
    assert label(server, draft[1], unit.id) != unit.grid

    page.keyboard.press("Control+z")
    moved(page, 0)
    assert label(server, draft[1], unit.id) == unit.grid
    page.keyboard.press("Control+y")
    moved(page, 1)

    page.mouse.click(*land.pixel(page, unit))
    page.get_by_role("button", name="锁定所选").click()
    expect(page.get_by_text("已锁 0 个网格、1 处")).to_be_visible()
    page.reload()
    moved(page, 1)
    expect(page.get_by_text("已锁 0 个网格、1 处")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_text("In another grid now: 1 building")).to_be_visible()
    assert not serious_findings(page)


def test_a_box_picks_what_it_holds_and_a_new_grid_takes_it(page: Page, server: Server, land: Land) -> None:
    draft = new_draft(server)["id"]
    open_draft(page, server, draft)
    page.get_by_role("radio", name="框选").click()
    x, y = land.pixel(page, land.units[0])
    page.mouse.move(x - 60, y - 60)
    page.mouse.down()
    page.mouse.move(x, y, steps=3)
    page.mouse.move(x + 60, y + 60, steps=3)
    page.mouse.up()
    expect(page.locator(".edit-pick strong")).to_contain_text("已选")
    page.get_by_role("button", name="新建网格").click()
    expect(page.locator(".trial")).to_contain_text("新网格")
    page.keyboard.press("Escape")
    expect(page.get_by_text("先在图上选楼栋")).to_be_visible()
    page.mouse.click(x, y)
    page.get_by_role("button", name="新建网格").click()
    page.get_by_role("button", name="划过去").click()
    moved(page, 1)
    assert label(server, draft, land.units[0].id) == "新1"
    expect(page.locator(".warned").first).to_contain_text("低于下限")


def test_two_who_edit_one_draft_are_asked_whose_edits_go_on(
    page: Page, browser: Browser, server: Server, land: Land
) -> None:
    draft = new_draft(server)["id"]
    first, second, third = land.units[:3]
    context = browser.new_context(viewport=page.viewport_size, locale="zh-CN")
    other = context.new_page()
    try:
        open_draft(page, server, draft)
        open_draft(other, server, draft)
        move(page, land, first)
        moved(page, 1)
        move(other, land, second)
        expect(other.get_by_role("dialog")).to_be_visible()
        assert not serious_findings(other)
        other.get_by_role("button", name="保留我的").click()
        moved(other, 2)
        move(page, land, third)
        page.get_by_role("button", name="采用对方的").click()
        moved(page, 2)
        assert label(server, draft, third.id) == third.grid
        assert label(server, draft, second.id) != second.grid
        move(page, land, third)
        moved(page, 3)
        move(other, land, land.units[3])
        other.get_by_role("button", name="各做各的").click()
        moved(other, 3)
        assert draft not in other.url
        assert label(server, draft, land.units[3].id) == land.units[3].grid
    finally:
        context.close()


def test_a_line_between_two_grids_is_locked_and_nothing_goes_over_it(page: Page, server: Server, land: Land) -> None:
    draft = new_draft(server)["id"]
    home, other, on_line = shared_line(server)
    told = " | ".join(grid[-6:] for grid in sorted((home.grid, other.grid)))

    def lines() -> list[list[str]]:
        expect(page.locator("[data-state=saved]")).to_be_visible()
        found = server.api("GET", f"projects/{server.project}/drafts/{draft}")["locks"]["lines"]
        return [sorted(line) for line in found]

    open_draft(page, server, draft)
    page.get_by_role("radio", name="锁界线").click()
    page.mouse.click(*land.pixel(page, on_line))
    expect(page.get_by_role("button", name=f"界线 {told}", exact=True)).to_be_visible()
    assert lines() == [sorted((home.grid, other.grid))]
    assert not serious_findings(page)

    page.get_by_role("radio", name="点选").click()
    page.mouse.click(*land.pixel(page, home))
    page.get_by_role("button", name="在图上点选目标").click()
    page.mouse.click(*land.pixel(page, other))
    expect(page.locator(".edit-pick .warned")).to_contain_text("越过锁定的界线")
    expect(page.get_by_role("button", name="划过去")).to_be_disabled()
    page.keyboard.press("Escape")

    page.get_by_text("按网格选界线").click()
    page.get_by_label("一边的网格", exact=True).select_option(home.grid)
    page.get_by_label("另一边的网格").select_option(other.grid)
    page.get_by_role("button", name="解锁界线", exact=True).click()
    expect(page.get_by_role("button", name="锁上这条界线")).to_be_visible()
    assert not lines()
    page.keyboard.press("Control+z")
    expect(page.get_by_role("button", name=f"界线 {told}", exact=True)).to_be_visible()


def drag(page: Page, *points: tuple[float, float]) -> None:
    """Press at the first point and go along the others."""
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=4)
    page.mouse.up()


@pytest.mark.parametrize("tool", ["圈选", "涂选"])
def test_what_a_lasso_or_a_brush_picks_moves(page: Page, server: Server, land: Land, tool: str) -> None:
    draft = new_draft(server)["id"]
    unit = land.units[0]
    open_draft(page, server, draft)
    page.get_by_role("radio", name=tool).click()
    x, y = land.pixel(page, unit)
    if tool == "圈选":
        drag(page, (x - 9, y - 9), (x + 9, y - 9), (x + 9, y + 9), (x - 9, y + 9))
    else:
        drag(page, (x - 2, y), (x + 2, y))
    expect(page.locator(".edit-pick strong")).to_contain_text("已选")
    page.get_by_role("button", name="新建网格").click()
    page.get_by_role("button", name="划过去").click()
    expect(page.locator(".moved")).not_to_contain_text("还没有改动")
    expect(page.locator("[data-state=saved]")).to_be_visible()
    assert label(server, draft, unit.id) == "新1"


def test_what_is_all_locked_stays(page: Page, server: Server, land: Land) -> None:
    draft = new_draft(server)["id"]
    open_draft(page, server, draft)
    page.get_by_role("button", name="全部锁定").click()
    grids = {unit["properties"]["grid"] for unit in features(server)}
    expect(page.get_by_text(f"已锁 {len(grids)} 个网格")).to_be_visible()
    page.mouse.click(*land.pixel(page, land.units[0]))
    expect(page.get_by_text("选中的楼栋不挨着别的网格")).to_be_visible()
    page.get_by_role("button", name="全部解锁").click()
    page.locator(".takers button").first.click()
    page.get_by_role("button", name="划过去").click()
    moved(page, 1)


@pytest.mark.parametrize("only", [False, True])
def test_the_computer_finishes_what_a_hand_began(page: Page, server: Server, land: Land, only: bool) -> None:
    """What was moved stays, all is lawful in the end, and with `only` no other grid changes."""
    home = f"projects/{server.project}"
    draft = new_draft(server)["id"]
    unit = land.units[0]
    before = labels_of(server, server.first_plan)
    open_draft(page, server, draft)
    move(page, land, unit)
    moved(page, 1)
    taker = label(server, draft, unit.id)
    if only:
        page.mouse.click(*land.pixel(page, unit))
        page.get_by_role("button", name="只重算这几个网格").click()
    else:
        page.get_by_role("button", name="自动完成这次修改").click()
    expect(page.get_by_role("banner").get_by_role("combobox").last).to_contain_text("自动完成")
    plan = server.api("GET", f"{home}/plans")["items"][0]
    after = labels_of(server, plan["id"])
    assert plan["origin"] == "finish"
    assert after[unit.id] == taker != unit.grid
    assert not plan["levels"][0]["num_violations"]
    if only:
        outside = {name for name in before if before[name] not in {unit.grid, taker}}
        assert all(after[name] == before[name] for name in outside)


def labels_of(server: Server, plan: str) -> dict[str, str]:
    cells = cells_of(server, server.project, plan)
    return {cell["properties"]["id"]: cell["properties"]["grid"] for cell in cells}


def test_a_hundred_steps_are_undone(page: Page, server: Server, land: Land) -> None:
    draft = new_draft(server)["id"]
    unit = land.units[0]
    path = f"projects/{server.project}/drafts/{draft}"
    taker = next(one for one in server.api("POST", f"{path}/takers", {"units": [unit.id]}) if one["lawful"])["grid"]
    for step in range(100):
        grid = unit.grid if step % 2 else taker
        body = {"moves": [{"units": [unit.id], "grid": grid}], "comment": str(step)}
        server.api("POST", f"{path}/edits", body, etag=f'"{step + 1}"')
    open_draft(page, server, draft)
    for _ in range(100):
        page.keyboard.press("Control+z")
    expect(page.locator("[data-state=saved]")).to_be_visible()
    expect(page.get_by_role("button", name="撤销")).to_be_disabled()
    assert server.api("GET", path)["position"] == 0
    page.keyboard.press("Control+y")
    moved(page, 1)
    assert label(server, draft, unit.id) == taker


def test_an_edit_made_while_the_server_is_dead_arrives_after_its_restart(
    page: Page, server: Server, land: Land
) -> None:
    draft = new_draft(server)["id"]
    unit = land.units[0]
    open_draft(page, server, draft)
    page.mouse.click(*land.pixel(page, unit))
    page.locator(".takers button").first.click()
    server.process.kill()
    server.process.wait()
    page.get_by_role("button", name="划过去").click()
    expect(page.locator(".moved")).to_contain_text("1 处")
    expect(page.locator("[data-state=waiting]")).to_be_visible()
    with serving(server.data, int(server.url.rsplit(":", 1)[1])) as again:
        moved(page, 1)
        assert label(again, draft, unit.id) != unit.grid
