"""A real browser before a running service that holds a planned project."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import alone, chromium
from playwright.sync_api import Browser, Page, expect, sync_playwright
from served import Server, plan_twin, serving

VIEWPORT = {"width": 1400, "height": 850}
PATIENCE_MS = 60_000
"""A busy machine answers late; nothing here measures how late."""

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def planned_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service's data folder with a small part of 固安县, planned; made once for all workers."""
    shared = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        shared = shared.parent
    data = shared / "planned-data"
    with alone(shared / "planned-lock"):
        if not data.is_dir():
            making = data.with_suffix(".part")
            with serving(making) as server:
                plan_twin(server, shared / "twin")
            making.rename(data)
    return data


@pytest.fixture(scope="module")
def server(planned_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A service of this file's own over a copy of the planned town."""
    data = tmp_path_factory.mktemp("served") / "data"
    shutil.copytree(planned_data, data)
    with serving(data) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium per file of tests."""
    found = chromium()
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=str(found.program), args=list(found.arguments), env=found.environment
        )
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in Chinese; what goes wrong in its scripts fails the test."""
    context = browser.new_context(viewport=VIEWPORT, locale="zh-CN", accept_downloads=True)
    context.set_default_timeout(PATIENCE_MS)
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    yield opened
    context.close()
    assert not wrong
