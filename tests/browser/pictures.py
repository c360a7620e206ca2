"""Pictures of every screen, in Chinese and English: `python tests/browser/pictures.py [NAME …] [--data FOLDER]`.

A service is started on a folder of its own, the bundled places are planned, redrawn and staffed in it, and a Chromium
without a graphics card shows every screen; what it shows is kept as `docs/pictures/page/NAME.zh.png` and
`NAME.en.png`. With `--data` the folder stays, and pictures that are taken again need no new plans. Times and
searches differ from run to run, so the pictures do as well.
"""

from __future__ import annotations

import argparse
import io
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chromium import chromium
from openpyxl import Workbook
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright
from served import ROOT, Server, serving, upload, wait_for

PICTURES = ROOT / "docs" / "pictures" / "page"
VIEWPORT = {"width": 1400, "height": 850}
COLOURS = 256
"""The commonest stay as they are, so that white is white; others become the nearest of them."""
TOWN, VILLAGE, EMPTY = "故城县", "慈胜社区", "新县"
PATIENCE_MS = 60_000
SETTLED_MS = 900
"""Zooming takes a quarter of a second, and names are drawn when it is over."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A running service with everything that the pictures show, and the page in one language."""

    server: Server
    page: Page
    language: str
    projects: dict[str, str]
    plans: dict[str, list[dict[str, Any]]]

    def open(self, town: str, view: str, **query: str) -> None:
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        home = f"#/{self.projects[town]}/{view}" if town else "#/"
        self.page.goto(f"{self.server.url}/?lang={self.language}{home}" + (f"?{asked}" if asked else ""))
        self.page.locator("main > *").first.wait_for()
        for unfinished in (".waiting", ".map-note"):
            expect(self.page.locator(unfinished)).to_have_count(0, timeout=PATIENCE_MS)

    def plan(self, town: str, origin: str) -> dict[str, Any]:
        """The newest plan of a project that was made in this way."""
        return next(plan for plan in self.plans[town] if plan["origin"] == origin)

    def cells(self, town: str, plan: dict[str, Any]) -> list[dict[str, Any]]:
        several = len(plan["levels"]) > 1
        layer = f"cells-{plan['levels'][0]['level']}" if several else "cells"
        path = f"projects/{self.projects[town]}/plans/{plan['id']}/layers/{layer}"
        return list(self.server.api("GET", path)["features"])

    def click_map(self, across: float, down: float) -> None:
        """Click a place of the map by its share of width and height."""
        box = self.page.locator(".map").first.bounding_box()
        assert box is not None
        self.page.mouse.click(box["x"] + across * box["width"], box["y"] + down * box["height"])


def start(shown: Shown) -> None:
    shown.open("", "")


def data(shown: Shown) -> None:
    shown.open(TOWN, "data")


def faults(shown: Shown) -> None:
    refused = shown.server.api("GET", f"projects/{shown.projects[EMPTY]}/datasets")["items"]
    shown.open(EMPTY, "data", dataset=refused[0]["id"])


def planning(shown: Shown) -> None:
    """The town is planned while one looks, and given up afterwards."""
    shown.open(TOWN, "plan")
    shown.page.locator(".panel select").last.select_option("120")
    shown.page.locator("button[type=submit]").click()
    close = "() => /(^|\\D)\\d(\\.\\d+)?%/.test(document.querySelector('.standing')?.textContent ?? '')"
    shown.page.wait_for_function(close, timeout=3 * PATIENCE_MS)


def plan_map(shown: Shown) -> None:
    shown.open(TOWN, "map", plan=shown.plan(TOWN, "plan")["id"])


def near(shown: Shown) -> None:
    shown.open(TOWN, "map", plan=shown.plan(TOWN, "plan")["id"])
    shown.page.locator("#tab-areas").click()
    shown.page.get_by_role("searchbox").fill("131126100003006")
    shown.page.get_by_role("row").nth(1).click()
    shown.page.locator(".legend summary").click()


def elevation(shown: Shown) -> None:
    shown.open(VILLAGE, "map", level="micro")
    shown.click_map(0.9, 0.41)
    shown.page.mouse.move(700, 20)


def edit(shown: Shown) -> None:
    shown.open(TOWN, "map", plan=shown.plan(TOWN, "plan")["id"])
    shown.page.locator("#tab-edit").click()
    shown.page.locator(".panel button.main").click()
    shown.page.get_by_role("radiogroup").wait_for()
    shown.page.mouse.move(700, 300)
    shown.page.mouse.wheel(0, -700)
    shown.page.wait_for_timeout(SETTLED_MS)
    shown.click_map(0.5, 0.45)
    shown.page.locator(".takers button").first.click()
    shown.page.locator(".trial").wait_for()


def redraw(shown: Shown) -> None:
    """One change is noted, and two buildings are picked for the next."""
    shown.open(TOWN, "redraw", plan=shown.plan(TOWN, "plan")["id"], tab="order")
    shown.click_map(0.375, 0.59)
    shown.page.locator(".pick input").first.fill("+90")
    shown.page.locator(".pick button[type=submit]").first.click()
    shown.click_map(0.6, 0.41)
    shown.page.locator(".pick").wait_for()


def compare(shown: Shown) -> None:
    shown.open(TOWN, "redraw", plan=shown.plan(TOWN, "redraw")["id"], tab="result")
    shown.page.get_by_role("grid").first.get_by_role("row").nth(1).click()


def people(shown: Shown) -> None:
    shown.open(TOWN, "people", plan=shown.plan(TOWN, "staff")["id"])


def hand_over(shown: Shown) -> None:
    shown.open(TOWN, "handover", plan=shown.plan(TOWN, "staff")["id"])


SCREENS: dict[str, Callable[[Shown], None]] = {
    "start": start,
    "data": data,
    "faults": faults,
    "planning": planning,
    "map": plan_map,
    "near": near,
    "elevation": elevation,
    "edit": edit,
    "redraw": redraw,
    "compare": compare,
    "people": people,
    "hand-over": hand_over,
}


def prepare(server: Server) -> None:
    """Everything that is shown, in projects of its own; nothing is done twice."""
    if server.api("GET", "projects")["items"]:
        return
    town = demo(server, TOWN, "gucheng")
    planned = plan(server, town, {"levels": ["grid"], "counts": {"grid": 111}}, "首个方案", 40)
    cells = server.api("GET", f"{town}/plans/{planned}/layers/cells")["features"]
    unit = crowding([cell["properties"] for cell in cells])
    changes = [{"kind": "households", "objects": [unit], "value": "+40"}]
    redrawn = run(server, town, "redraw", "一栋楼多了 40 户", {"plan": planned, "changes": changes}, 30)
    roster = upload(server, town, "花名册.csv", roster_of(server, town, redrawn), {"purpose": "roster"})
    run(server, town, "staff", "配人", {"plan": redrawn, "dataset": roster, "sheets": True}, 30)
    village = demo(server, VILLAGE, "cisheng")
    plan(server, village, {"levels": ["grid", "micro"]}, "网格与微网格", 30)
    spoilt = server.api("POST", "projects", {"name": EMPTY})["id"]
    upload(server, f"projects/{spoilt}", "小区台账.xlsx", spoilt_ledger(), {})


def demo(server: Server, name: str, case: str) -> str:
    """The path of a new project whose bundled place has been read."""
    project = server.api("POST", "projects", {"name": name, "demo": case})
    wait_for(server, server.api("GET", project["links"]["demo_job"].removeprefix("/api/v1/")))
    return f"projects/{project['id']}"


def run(server: Server, home: str, kind: str, name: str, inputs: dict[str, Any], seconds: float) -> str:
    """The plan that a job made."""
    body = {"kind": kind, "name": name, "limits": {"time_limit_s": seconds}, "inputs": inputs}
    job = wait_for(server, server.api("POST", f"{home}/jobs", body))
    assert job["state"] == "successful", job
    return str(job["result"]["plan"])


def plan(server: Server, home: str, inputs: dict[str, Any], name: str, seconds: float) -> str:
    dataset = server.api("GET", f"{home}/datasets")["items"][0]["id"]
    return run(server, home, "plan", name, {"dataset": dataset, **inputs}, seconds)


def crowding(cells: list[dict[str, Any]]) -> str:
    """The largest building of the largest grid."""
    sizes: dict[str, int] = {}
    for cell in cells:
        sizes[cell["grid"]] = sizes.get(cell["grid"], 0) + cell["households"]
    fullest = max(sorted(sizes), key=lambda code: sizes[code])
    held = [cell for cell in cells if cell["grid"] == fullest]
    return str(max(held, key=lambda cell: (cell["households"], cell["id"]))["id"])


def roster_of(server: Server, home: str, plan_id: str) -> bytes:
    """A full-time worker for every ordinary grid but two."""
    areas = server.api("GET", f"{home}/plans/{plan_id}/areas?level=grid&limit=1000")["items"]
    grids = [area for area in areas if not area["locked"]]
    lines = [f"W{number:03},专职网格员,{grid['community']}" for number, grid in enumerate(grids[2:])]
    return ("\n".join(["工号,职务,可服务社区", *lines]) + "\n").encode()


def spoilt_ledger() -> bytes:
    """A county's list of compounds with the mistakes that offices make."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(("小区名称", "经度", "纬度", "户数", "楼栋数"))
    for number in range(24):
        place = (116.30 + 0.004 * (number % 6), 39.43 + 0.004 * (number // 6))
        sheet.append((f"{number + 1}号院", *place, 150 + 10 * (number % 5), 5))
    for cell, value in (
        ("D5", "约二百"),
        ("D9", -3),
        ("C12", None),
        ("B17", 16.3),
        ("A21", "4号院"),
        ("D23", "120户左右"),
    ):
        sheet[cell] = value
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def keep(page: Page, name: str, language: str) -> None:
    """The page as it stands, in few enough colours for a small file."""
    taken = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    commonest = sorted(taken.getcolors(taken.width * taken.height) or [], reverse=True)[:COLOURS]
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for _, colour in commonest for part in colour])
    taken.quantize(palette=palette, dither=Image.Dither.NONE).save(PICTURES / f"{name}.{language}.png", optimize=True)


@contextmanager
def opened(browser: Browser, language: str) -> Iterator[Page]:
    context = browser.new_context(viewport=VIEWPORT, locale="zh-CN" if language == "zh" else "en-GB")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    yield page
    context.close()


def photograph(server: Server, browser: Browser, names: list[str]) -> None:
    found = {project["name"]: project["id"] for project in server.api("GET", "projects")["items"]}
    plans = {name: server.api("GET", f"projects/{project}/plans")["items"] for name, project in found.items()}
    for name in names:
        for language in ("zh", "en"):
            with opened(browser, language) as page:
                SCREENS[name](Shown(server=server, page=page, language=language, projects=found, plans=plans))
                page.wait_for_timeout(SETTLED_MS)
                keep(page, name, language)
            tidy(server, [f"projects/{project}" for project in found.values()])


def tidy(server: Server, homes: list[str]) -> None:
    """What a picture began is given up, so that the next one finds what the first one found."""
    for home in homes:
        for draft in server.api("GET", f"{home}/drafts")["items"]:
            server.api("DELETE", f"{home}/drafts/{draft['id']}")
        for job in server.api("GET", f"{home}/jobs?state=running")["items"]:
            server.api("DELETE", f"{home}/jobs/{job['id']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*SCREENS, []], help="screens; all of them by default")
    parser.add_argument("--data", type=Path, help="data folder that stays")
    asked = parser.parse_args()
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        program = chromium()
        browser = playwright.chromium.launch(
            executable_path=str(program.program), args=list(program.arguments), env=program.environment
        )
        with serving(asked.data or Path(scratch)) as server:
            prepare(server)
            photograph(server, browser, asked.names or list(SCREENS))
        browser.close()


if __name__ == "__main__":
    main()
