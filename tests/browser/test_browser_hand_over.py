"""From a change to a plan on paper: redraw, compare, post people, approve, download; in both languages."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from served import Server, serious_findings, upload, wait_for

STEPS = {"step_limit": 1}


@pytest.fixture(scope="module")
def crowded(server: Server) -> tuple[str, str]:
    """The building of the largest grid whose change breaks the upper bound, and the plan that is redrawn."""
    path = f"projects/{server.project}/plans/{server.plan}"
    cells = [one["properties"] for one in server.api("GET", f"{path}/layers/cells")["features"]]
    sizes: dict[str, int] = {}
    for cell in cells:
        sizes[cell["grid"]] = sizes.get(cell["grid"], 0) + cell["households"]
    fullest = max(sorted(sizes), key=lambda code: sizes[code])
    unit = max((one for one in cells if one["grid"] == fullest), key=lambda one: (one["households"], one["id"]))
    return unit["id"], server.plan


@pytest.fixture(scope="module")
def redrawn(server: Server, crowded: tuple[str, str]) -> dict[str, Any]:
    """A plan redrawn after a building grew."""
    unit, plan = crowded
    inputs = {"plan": plan, "changes": [{"kind": "households", "objects": [unit], "value": "+40"}]}
    body = {"kind": "redraw", "name": "调整", "limits": STEPS, "inputs": inputs}
    job = wait_for(server, server.api("POST", f"projects/{server.project}/jobs", body))
    assert job["state"] == "successful", job
    found: dict[str, Any] = server.api("GET", job["links"]["plan"].removeprefix("/api/v1/"))
    return found


def roster(server: Server, folder: Path) -> Path:
    """One full-time worker too few for the grids of the plan."""
    path = f"projects/{server.project}/plans/{server.plan}"
    grids = [area for area in server.api("GET", f"{path}/areas?level=grid&limit=1000")["items"] if not area["locked"]]
    lines = [f"W{k:03},专职网格员,{grid['community']}" for k, grid in enumerate(grids[1:])]
    file = folder / "花名册.csv"
    file.write_text("\n".join(["工号,职务,可服务社区", *lines]) + "\n", encoding="utf-8")
    return file


def test_a_change_is_noted_on_the_map_and_what_it_touches_is_told_before_the_run(page: Page, server: Server) -> None:
    page.goto(server.at("redraw", plan=server.plan, tab="order"))
    start = page.get_by_role("button", name="开始调整")
    expect(start).to_be_disabled()
    land = page.get_by_role("application")
    expect(page.get_by_text("正在载入")).to_have_count(0)
    box = land.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.get_by_placeholder("如 54").fill("+400")
    page.get_by_role("button", name="记下").first.click()
    expect(page.get_by_text("会碰到这些网格")).to_be_visible()
    expect(page.get_by_text("超出上限")).to_be_visible()
    expect(start).to_be_enabled()
    assert not serious_findings(page)
    page.get_by_role("button", name="去掉").click()
    expect(start).to_be_disabled()


def test_what_changes_less_often_is_noted_and_lines_are_held(page: Page, server: Server) -> None:
    page.goto(server.at("redraw", plan=server.plan, tab="order"))
    expect(page.get_by_text("正在载入")).to_have_count(0)
    path = f"projects/{server.project}/plans/{server.plan}"
    cells = [one["properties"] for one in server.api("GET", f"{path}/layers/cells")["features"]]
    first = next(cell for cell in cells if cell["households"])
    second = next(cell for cell in cells if cell["community"] == first["community"] and cell["grid"] != first["grid"])

    def pick(*ids: str) -> None:
        for name in ids:
            page.get_by_label("按名称或编号选楼栋").fill(name)
            page.get_by_role("button", name="选上").click()

    pick(first["id"])
    page.get_by_text("更多").click()
    page.get_by_label("设为专属网格").fill("市场")
    page.get_by_role("button", name="记下").nth(1).click()
    pick(first["id"], second["id"])
    page.get_by_text("更多").click()
    assert not serious_findings(page)
    page.get_by_role("button", name="两栋之间有了新桥或通道").click()
    pick(first["id"], second["id"])
    page.get_by_role("button", name="两格之间的界线不动").click()
    pick(second["id"])
    page.get_by_text("更多").click()
    page.get_by_label("划出来另设社区").fill("131126100099")
    page.get_by_role("button", name="记下").nth(3).click()
    with page.expect_request(lambda asked: asked.method == "POST" and asked.url.endswith("/jobs")) as sent:
        page.get_by_role("button", name="开始调整").click()
    inputs = sent.value.post_data_json["inputs"]
    assert [change["kind"] for change in inputs["changes"]] == ["special", "bridge", "split_community"]
    assert inputs["freeze"] == ["line:" + "/".join(sorted((first["grid"], second["grid"])))]
    page.get_by_role("button", name="放弃").click()
    expect(page.get_by_role("button", name="开始调整")).to_be_visible()


def test_two_plans_stand_side_by_side_or_are_swiped_with_every_move_and_its_reason(
    page: Page, server: Server, redrawn: dict[str, Any]
) -> None:
    page.goto(server.at("redraw", plan=redrawn["id"]))
    changes = server.api("GET", f"projects/{server.project}/plans/{redrawn['id']}/changes")["levels"][0]
    assert changes["moved"] > 0
    expect(page.get_by_text(f"{changes['moved']} 户换了网格").first).to_be_visible()
    expect(page.get_by_role("application")).to_have_count(2)
    moves = page.get_by_role("grid", name="变动清单")
    expect(moves).to_have_attribute("aria-rowcount", str(len(changes["moves"]) + 1))
    moves.get_by_role("row").nth(1).click()
    expect(page.get_by_text(changes["moves"][0]["reason"]).last).to_be_visible()
    assert not serious_findings(page)
    page.get_by_role("button", name="滑动").click()
    slider = page.get_by_role("slider", name="分界")
    slider.focus()
    page.keyboard.press("Home")
    expect(slider).to_have_value("0")
    with page.expect_download() as got:
        page.get_by_role("link", name="changes.xlsx").click()
    assert zipfile.is_zipfile(got.value.path())
    page.get_by_role("button", name="English").click()
    expect(page.get_by_text("households moved").first).to_be_visible()
    assert not serious_findings(page)


def test_any_two_plans_are_compared(
    page: Page, server: Server, crowded: tuple[str, str], redrawn: dict[str, Any]
) -> None:
    page.goto(server.at("redraw", plan=crowded[1], against=redrawn["id"], tab="result"))
    expect(page.get_by_role("grid", name="变动清单")).to_be_visible()
    expect(page.get_by_role("link", name="before-after.pdf")).to_be_visible()


def test_people_are_posted_shortfalls_explained_and_a_wish_is_kept(
    page: Page, server: Server, redrawn: dict[str, Any], tmp_path: Path
) -> None:
    page.goto(server.at("people", plan=redrawn["id"]))
    page.locator("input[type=file]").set_input_files(roster(server, tmp_path))
    page.get_by_role("button", name="安排人员").click()
    expect(page.get_by_text("缺口")).to_be_visible()
    expect(page.get_by_text("已证明不能更好").first).to_be_visible()
    expect(page.get_by_text("最小的放宽").first).to_be_visible()
    people = page.get_by_role("grid", name="负荷")
    people.get_by_role("row").nth(2).click()
    page.get_by_role("button", name="谁可以接手").click()
    choice = page.get_by_role("listitem").get_by_role("button", name="安排到这个网格").first
    choice.click()
    wanted = page.locator("section", has_text="记下的意见").get_by_role("listitem").first.inner_text()
    person, target = wanted.replace("×", "").split(" → ")
    assert not serious_findings(page)
    before = server.plan
    page.get_by_role("button", name="按意见重新安排").click()
    expect(page.get_by_role("banner").get_by_role("combobox").last).not_to_have_value(before)
    expect(page.get_by_text(f"{person.strip()} → {target.strip()}")).to_be_visible()
    posted = server.api("GET", f"projects/{server.project}/plans/{server.plan}/staffing")["posted"]
    assert {"person": person.strip(), "target": target.strip()} in [
        {key: one[key] for key in ("person", "target")} for one in posted
    ]


@pytest.fixture(scope="module")
def staffed(server: Server, redrawn: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> str:
    """A plan with people in it: that of another test if there is one already."""
    home = f"projects/{server.project}"
    for plan in server.api("GET", f"{home}/plans")["items"]:
        if plan["origin"] == "staff":
            return str(plan["id"])
    content = roster(server, tmp_path_factory.mktemp("roster")).read_bytes()
    dataset = upload(server, home, "花名册.csv", content, {"purpose": "roster"})
    body = {"kind": "staff", "limits": STEPS, "inputs": {"plan": redrawn["id"], "dataset": dataset}}
    return str(wait_for(server, server.api("POST", f"{home}/jobs", body))["result"]["plan"])


def test_people_change_posts_in_a_draft_by_hand_and_back(page: Page, server: Server, staffed: str) -> None:
    home = f"projects/{server.project}/drafts"
    draft = server.api("POST", home, {"plan": staffed})["id"]

    def posts() -> dict[str, str]:
        expect(page.locator("[data-state=saved]")).to_be_visible()
        return {one["target"]: one["person"] for one in server.api("GET", f"{home}/{draft}/staffing")["posted"]}

    page.goto(server.at("people", plan=staffed, level="grid", draft=draft))
    expect(page.get_by_text("正在修改草稿")).to_be_visible()
    people = page.get_by_role("grid", name="负荷")
    people.get_by_role("row").nth(2).click()
    target = page.locator(".pick h4").inner_text()
    before = posts()
    page.get_by_role("button", name=f"撤下 {before[target]}").click()
    expect(page.get_by_text("人员改动 1 处")).to_be_visible()
    assert target not in posts()
    assert not serious_findings(page)
    page.keyboard.press("Control+z")
    expect(page.get_by_text("人员改动 0 处")).to_be_visible()
    assert posts() == before

    mover = next(person for place, person in sorted(before.items()) if place != target)
    page.get_by_label("查找工号或网格").fill(mover)
    page.wait_for_timeout(400)  # the map comes to rest on the picked grid
    people.locator(".grip").first.drag_to(page.get_by_role("application"))
    expect(page.get_by_text("人员改动 2 处")).to_be_visible()
    assert posts()[target] == mover
    page.get_by_role("link", name="回到地图修改").click()
    expect(page.get_by_text("人员改动 2 处")).to_be_visible()
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_text("人员改动 0 处")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_text("0 posts changed")).to_be_visible()


@pytest.mark.parametrize(
    ("role", "state", "offered"),
    [
        ("planner", "draft", ["提交审核"]),
        ("planner", "submitted", []),
        ("reviewer", "draft", []),
        ("reviewer", "submitted", ["审核通过", "退回修改"]),
        ("reviewer", "reviewed", ["备案", "退回修改"]),
        ("viewer", "submitted", []),
    ],
)
def test_everybody_is_offered_the_steps_of_their_role(
    page: Page, server: Server, role: str, state: str, offered: list[str]
) -> None:
    """The page as the service tells it of one's role and the plan's state."""
    project, plan = server.project, server.plan

    def told(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        if "server_admin" in body:
            body |= {"server_admin": False, "roles": {project: role}}
        for item in body.get("items", [body]):
            item |= {"role": role} if "role" in item else {}
            item |= {"approval": state} if "approval" in item else {}
        route.fulfill(response=answer, json=body)

    for path in ("session", "projects", rf"projects/{project}", rf"projects/{project}/plans", rf"projects/.*/{plan}"):
        page.route(re.compile(rf"/api/v1/{path}(\?.*)?$"), told)
    page.goto(server.at("handover", plan=plan))
    card = page.locator(".card", has=page.get_by_role("heading", name="审批"))
    expect(card.locator("[aria-current=step]")).to_be_visible()
    buttons = card.get_by_role("button")
    expect(buttons).to_have_count(len(offered))
    assert [each.strip() for each in buttons.all_inner_texts()] == offered
    if not offered:
        expect(card).to_contain_text("规划员" if state == "draft" else "审核员")


def test_a_plan_is_approved_printed_downloaded_and_shared(page: Page, server: Server, redrawn: dict[str, Any]) -> None:
    page.goto(server.at("handover", plan=redrawn["id"]))
    for action, state in (("提交审核", "已提交"), ("审核通过", "已审核"), ("备案", "已备案")):
        if action == "提交审核":
            page.get_by_label("意见").fill("请审核")
        page.get_by_role("button", name=action, exact=True).click()
        expect(page.locator("[aria-current=step]")).to_contain_text(state)
    expect(page.get_by_text("请审核")).to_be_visible()
    assert not serious_findings(page)
    page.get_by_label("纸张").select_option("A4")
    page.get_by_role("button", name="生成 PDF 地图").click()
    link = page.get_by_role("link", name="地图 A4")
    expect(link).to_be_visible()
    told = page.request.get(link.get_attribute("href") or "")
    assert told.body().startswith(b"%PDF")
    with page.expect_download() as got:
        page.get_by_role("link", name="全部文件").click()
    assert "ledger.xlsx" in zipfile.ZipFile(io.BytesIO(Path(got.value.path()).read_bytes())).namelist()
    shared = page.get_by_label("打开链接的人").input_value()
    page.goto(shared)
    expect(page.get_by_role("banner").get_by_role("combobox").last).to_have_value(redrawn["id"])
    page.goto(server.at("handover", plan=redrawn["id"]))
    page.get_by_role("button", name="English").click()
    expect(page.get_by_text("This plan is filed")).to_be_visible()
    assert not serious_findings(page)
