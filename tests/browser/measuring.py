"""How fast the map is in Chromium without a graphics card: `python tests/browser/measuring.py [--data FOLDER]`.

Counties of 5,000, 20,000 and 100,000 units are made up and sent to the page in place of the service's answers; the
bundled town is edited on a running service. Times are what a user waits (wall clock), so run it on an idle machine;
the load beside them tells how idle it was, and `own_cpu_ms` what the page's own thread needed from its very start until
the first drawing, whoever else was at work.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import os
import random
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from chromium import chromium
from playwright.sync_api import Browser, Page, Route, sync_playwright
from served import Server, plan_town, serving

SIZES = (5_000, 20_000, 100_000)
UNITS_PER_GRID = 40
SIDE_DEG = 0.0004
PROJECT, PLAN = "a" * 24, "b" * 24

FRAMES = """() => new Promise((done) => {
  const times = [];
  const stop = performance.now() + 2500;
  const tick = (now) => { times.push(now); now < stop ? requestAnimationFrame(tick) : done(times); };
  requestAnimationFrame(tick);
})"""
FIRST = """() => {
  const cells = performance.getEntriesByType('resource').find(({name}) => name.includes('/layers/cells'));
  const scene = performance.getEntriesByName('scene')[0];
  if (!scene || !cells) return null;
  const end = scene.startTime + scene.duration;
  return [end - cells.responseEnd, scene.duration, end];
}"""
PRESS = """() => new Promise((done) => {
  const start = performance.now();
  let shown = null;
  new PerformanceObserver((list) => {
    const [first] = list.getEntries();
    shown ??= first.startTime + first.duration - start;
  }).observe({type: 'measure'});
  document.querySelector('.edit-pick button.main').click();
  const look = () => {
    if (document.querySelector('[data-state=saved]') && shown !== null) done([shown, performance.now() - start]);
    else setTimeout(look, 5);
  };
  setTimeout(look, 5);
})"""


def county(size: int) -> dict[str, Any]:
    """A gapless sheet of four-sided units whose sides have a bend, in square grids, with made-up households."""
    columns = math.ceil(math.sqrt(size))
    chance = random.Random(size)
    corner = {}
    for row in range(columns + 1):
        for column in range(columns + 1):
            shift = [chance.uniform(-0.25, 0.25) * SIDE_DEG for _ in range(2)]
            corner[row, column] = [115 + column * SIDE_DEG + shift[0], 37 + row * SIDE_DEG + shift[1]]
    block = round(math.sqrt(UNITS_PER_GRID))
    features = []
    for unit in range(size):
        row, column = divmod(unit, columns)
        ends = [corner[row, column], corner[row, column + 1], corner[row + 1, column + 1], corner[row + 1, column]]
        ring = [point for a, b in zip(ends, ends[1:] + ends[:1], strict=True) for point in (a, bend(a, b))]
        grid = f"131126100{row // block // 5:03d}{column // block // 5:03d}{row // block:03d}{column // block:03d}"
        properties = {
            "id": f"u{unit}",
            "name": f"{unit}号楼",
            "households": 10,
            "compound": None,
            "community": grid[:15],
            "grid": grid,
            "locked": False,
        }
        rounded = [[round(x, 7), round(y, 7)] for x, y in [*ring, ring[0]]]
        features.append({"properties": properties, "geometry": {"type": "Polygon", "coordinates": [rounded]}})
    return {"type": "FeatureCollection", "features": features}


def bend(a: list[float], b: list[float]) -> list[float]:
    """The same point between two corners, from whichever side one comes."""
    low, high = sorted((a, b))
    return [(low[0] + high[0]) / 2 + (high[1] - low[1]) * 0.08, (low[1] + high[1]) / 2 - (high[0] - low[0]) * 0.08]


def answers(size: int) -> dict[str, Any]:
    """What the page asks for, by the end of the path."""
    cells = county(size)
    codes = sorted({feature["properties"]["grid"] for feature in cells["features"]})
    level = {
        "level": "grid",
        "status": "feasible",
        "objective": dict.fromkeys(("walk", "split", "balance", "move", "total"), 0),
        "gap": 0.01,
        "num_areas": len(codes),
        "num_units": size,
        "area_households": {"min": 400, "median": 400, "max": 400},
        "num_violations": 0,
        "num_warnings": 0,
        "bounds": {"min": 300, "max": 500, "target": 400},
    }
    plan = {"id": PLAN, "number": 1, "name": "", "levels": [level], "notices": [], "links": {}, "approval": "draft"}
    areas = [{"code": code, "households": 400, "community": "社区", "within_bounds": True} for code in codes]
    return {
        "session": {"actor": "local", "server_admin": True, "roles": {}},
        "projects": {"items": [{"id": PROJECT, "name": "县", "role": "admin", "links": {}}], "next": None},
        "plans": {"items": [plan], "next": None},
        "cells": cells,
        "areas": {"items": areas, "next": None},
        "violations": {"items": [], "next": None},
        "datasets": {"items": [], "next": None},
    }


def made_up(page: Page, url: str, size: int) -> dict[str, float]:
    """First drawing and panning of a county of `size` units."""
    told = {name: json.dumps(answer) for name, answer in answers(size).items()}

    def answer(route: Route) -> None:
        name = route.request.url.split("?")[0].rstrip("/").rsplit("/", 1)[-1]
        if name in told:
            route.fulfill(body=told[name], content_type="application/json")
        else:
            route.fulfill(status=404, body="{}", content_type="application/problem+json")

    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.route("**/api/v1/**", answer)
    page.goto(f"{url}/#/{PROJECT}/map")
    while (first := page.evaluate(FIRST)) is None:
        page.wait_for_timeout(200)
    after_data, painting, after_start = first
    metrics = {metric["name"]: metric["value"] for metric in session.send("Performance.getMetrics")["metrics"]}
    page.wait_for_timeout(1500)
    found = {"after_data_ms": after_data, "painting_ms": painting, "after_start_ms": after_start}
    found["own_cpu_ms"] = 1000 * metrics["TaskDuration"]
    return found | {"pan_" + name: value for name, value in panned(page).items()}


def panned(page: Page) -> dict[str, float]:
    """Milliseconds between frames while the map is dragged."""
    page.evaluate(f"window.frames_ = ({FRAMES})()")
    page.mouse.move(500, 450)
    page.mouse.down()
    for step in range(60):
        page.mouse.move(500 - 4 * step, 450 - 2 * step)
        page.wait_for_timeout(16)
    page.mouse.up()
    times = page.evaluate("window.frames_")
    gaps = sorted(b - a for a, b in itertools.pairwise(times))
    return {"median_ms": statistics.median(gaps), "p95_ms": gaps[int(0.95 * len(gaps))], "worst_ms": gaps[-1]}


def edited(page: Page, server: Server) -> dict[str, float]:
    """From pressing the button to the new picture of the bundled town, and until the service has stored it."""
    draft = server.api("POST", f"projects/{server.project}/drafts", {"plan": server.plan})["id"]
    page.goto(server.at("map", plan=server.plan, level="grid", draft=draft))
    page.get_by_role("radiogroup").wait_for()
    shown, stored = [], []
    for round_ in range(7):
        page.mouse.click(420 + 37 * round_, 330 + 21 * round_)
        page.wait_for_timeout(1500)
        if not page.locator(".takers button").count():
            page.keyboard.press("Escape")
            continue
        page.locator(".takers button").first.click()
        page.wait_for_timeout(1500)
        seen, kept = page.evaluate(PRESS)
        shown.append(seen)
        stored.append(kept)
    return {"shown_ms": statistics.median(shown), "shown_worst_ms": max(shown), "stored_ms": statistics.median(stored)}


def new_page(browser: Browser) -> Page:
    return browser.new_page(viewport={"width": 1400, "height": 850})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="units of the made-up counties")
    parser.add_argument("--data", type=Path, help="data folder of a service that has a planned project")
    asked = parser.parse_args()
    data = asked.data
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        found = chromium()
        browser = playwright.chromium.launch(
            executable_path=str(found.program), args=list(found.arguments), env=found.environment
        )
        with serving(data or Path(scratch)) as server:
            if data is None:
                plan_town(server)
            told: dict[str, Any] = {"load": os.getloadavg()[0], "cores": os.cpu_count()}
            for size in asked.sizes:
                page = new_page(browser)
                told[f"units_{size}"] = {name: round(value) for name, value in made_up(page, server.url, size).items()}
                page.close()
                print(size, told[f"units_{size}"], file=sys.stderr)
            told["edit_town"] = {name: round(value) for name, value in edited(new_page(browser), server).items()}
        browser.close()
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
