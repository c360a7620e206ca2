"""The map page shows a plan: in plain words, as a list, on the map, in both languages, to everyone."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect
from served import Server, serious_findings, serving
from typer.testing import CliRunner

from partitioner.cli.main import app


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
    page.goto(server.at("map"))
    page.get_by_role("tab", name="问题").click()
    page.get_by_text("图例").click()
    expect(page.get_by_text("社区界")).to_be_visible()
    expect(page.get_by_role("button", name="在图上看").first).to_be_visible()
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
