"""The first service: shows a planned folder on the same machine, and nothing else of it."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import httpx
import pytest
from service_folder import PLAN, PNG, planned_folder

from partitioner.errors import InputError
from service.folder.app import create_app


class Browser:
    """Asks the application directly, without a socket."""

    def __init__(self, folder: Path, host: str) -> None:
        self._app, self._host = create_app(folder), host

    def get(self, path: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url=self._host) as asking:
                return await asking.get(path)

        return asyncio.run(ask())


def client(folder: Path, host: str = "http://127.0.0.1:8000") -> Browser:
    return Browser(folder, host)


def test_the_page_shows_the_key_figures_in_chinese_and_english(tmp_path: Path) -> None:
    page = client(planned_folder(tmp_path)).get("/")
    assert page.status_code == 200
    for text in ("合规方案", "lawful plan", "123,456", "120,987", "≤ 2.0 %", "301 – 520 – 1333", "2,154", "12.5"):
        assert text in page.text
    assert page.text.index("网格数") < page.text.index(">grids<")


def test_every_grid_has_its_row_and_broken_rules_are_named(tmp_path: Path) -> None:
    text = client(planned_folder(tmp_path)).get("/").text
    rows = re.findall(r"<tr(?: class=\"bad\")?><td.*?</tr>", text)
    assert len(rows) == 3
    assert "G001" in rows[0]
    assert "+33" in rows[0]
    assert 'class="bad"' in rows[2]
    assert "户数超限" in rows[2]


def test_text_of_the_files_never_becomes_markup(tmp_path: Path) -> None:
    text = client(planned_folder(tmp_path)).get("/").text
    assert "<script" not in text
    assert "<b>" not in text
    assert "&lt;script&gt;" in text


def test_nothing_is_loaded_from_elsewhere(tmp_path: Path) -> None:
    page = client(planned_folder(tmp_path)).get("/")
    assert "http://" not in page.text
    assert "https://" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert client(tmp_path).get("/docs").status_code == 404


def test_violations_are_listed_with_what_to_do(tmp_path: Path) -> None:
    violation = {
        "rule": "size_max",
        "grid": "G003",
        "units": ["b4"],
        "amount": 20,
        "message": "520 户 / 520 households",
        "remedy": "拆分 / split it",
    }
    text = client(planned_folder(tmp_path, status="infeasible", violations=[violation])).get("/").text
    assert "520 户 / 520 households" in text
    assert "拆分 / split it" in text
    assert "无合规方案" in text


def test_a_plan_with_labels_only_is_shown_with_what_is_known(tmp_path: Path) -> None:
    planned_folder(tmp_path)
    (tmp_path / "plan.json").write_text('{"format": "wangge-plan/1", "grid": ["A", null]}', encoding="utf-8")
    (tmp_path / "grids.geojson").unlink()
    (tmp_path / "overview.png").unlink()
    page = client(tmp_path).get("/")
    assert page.status_code == 200
    assert "—" in page.text
    assert "没有总图" in page.text


def test_files_of_the_plan_can_be_downloaded(tmp_path: Path) -> None:
    browser = client(planned_folder(tmp_path))
    assert browser.get("/files/overview.png").content == PNG
    links = re.findall(r'href="(/files/[^"]+)" download', browser.get("/").text)
    assert links == ["/files/grids.geojson", "/files/overview.png", "/files/plan.json"]
    assert all(browser.get(link).status_code == 200 for link in links)


@pytest.mark.parametrize("name", ["private.txt", "ledger.xlsx", "nothing", ".", "PLAN.JSON"])
def test_other_files_are_not_there(tmp_path: Path, name: str) -> None:
    assert client(planned_folder(tmp_path)).get(f"/files/{name}").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/files/../secret.txt",
        "/files/..%2fsecret.txt",
        "/files/%2e%2e/secret.txt",
        "/files/..%5csecret.txt",
        "/files/%2fetc%2fpasswd",
        "/files//etc/passwd",
        "/files/plan.json%00.txt",
    ],
)
def test_no_way_leads_out_of_the_folder(tmp_path: Path, path: str) -> None:
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    reply = client(planned_folder(tmp_path / "plan")).get(path)
    assert reply.status_code == 404
    assert "secret" not in reply.text.replace("secret.txt", "")


def test_the_plan_and_the_health_are_json(tmp_path: Path) -> None:
    browser = client(planned_folder(tmp_path))
    assert browser.get("/api/v1/plan").json() == PLAN
    assert browser.get("/health").json()["status"] == "ok"


def test_another_name_for_this_machine_is_refused(tmp_path: Path) -> None:
    """A foreign page whose name was pointed at 127.0.0.1 must not read the plan."""
    assert client(planned_folder(tmp_path), "http://evil.example").get("/api/v1/plan").status_code == 400


def test_the_plan_is_read_again_with_every_request(tmp_path: Path) -> None:
    browser = client(planned_folder(tmp_path))
    planned_folder(tmp_path, problem="新方案")
    assert "新方案" in browser.get("/").text


def test_a_plan_that_went_away_is_said_so_in_both_languages(tmp_path: Path) -> None:
    browser = client(planned_folder(tmp_path))
    (tmp_path / "plan.json").unlink()
    reply = browser.get("/")
    assert reply.status_code == 503
    assert "没有 plan.json" in reply.text
    assert "no plan.json" in reply.text


@pytest.mark.parametrize(
    ("rule", "plan", "grids"),
    [
        ("plan_missing", None, None),
        ("format", {"format": "wangge-plan/9", "grid": []}, None),
        ("grids_format", PLAN, {"type": "FeatureCollection", "features": [1]}),
        ("grids_format", PLAN, []),
    ],
)
def test_a_folder_without_a_good_plan_is_refused(tmp_path: Path, rule: str, plan: object, grids: object) -> None:
    if plan is not None:
        (tmp_path / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    if grids is not None:
        (tmp_path / "grids.geojson").write_text(json.dumps(grids), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        create_app(tmp_path)
    assert rule in [fault.rule for fault in caught.value.faults]


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        create_app(tmp_path / "nowhere")
    assert caught.value.faults[0].rule == "folder_missing"


def test_of_several_levels_the_grids_are_shown_and_every_file_is_offered(tmp_path: Path) -> None:
    folder = planned_folder(tmp_path)
    for name in ("plan.json", "overview.png", "overview.pdf"):
        stem, _, ending = name.rpartition(".")
        if (folder / name).is_file():
            (folder / name).rename(folder / f"{stem}-grid.{ending}")
    (folder / "plan-micro.json").write_text(json.dumps(PLAN | {"grid": ["other"]}), encoding="utf-8")
    (folder / "sheets.pdf").write_bytes(b"%PDF-1.4")
    browser = client(folder)
    text = browser.get("/").text
    assert "123,456" in text
    assert '<img src="/files/overview-grid.png"' in text
    assert browser.get("/files/overview-grid.png").content == PNG
    for name in ("plan-grid.json", "plan-micro.json", "sheets.pdf"):
        assert f'href="/files/{name}" download' in text
        assert browser.get(f"/files/{name}").status_code == 200
