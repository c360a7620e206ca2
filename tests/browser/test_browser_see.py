"""The map page shows a plan: in plain words, as a list, on the map, in both languages, to everyone."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from served import Server, serious_findings


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
