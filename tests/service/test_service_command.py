"""`wangge serve`: refuses what it cannot do, opens planned folders, and runs until it is stopped."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from typer.testing import CliRunner

from partitioner.cli.main import app
from service.demo import case_file


def serve(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["serve", *map(str, words)], env={"WANGGE_LANG": "both"})
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that `wangge plan` wrote."""
    folder = tmp_path_factory.mktemp("planned")
    name, contents = case_file("cisheng")
    (folder / name).write_bytes(contents)
    words = ["plan", str(folder / name), "-o", str(folder / "方案"), "--step-limit", "20", "--quiet"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    return folder / "方案"


def test_a_folder_without_a_plan_ends_with_2_in_both_languages(tmp_path: Path) -> None:
    code, said = serve(tmp_path, "--data", tmp_path / "data")
    assert code == 2
    assert "wangge plan … -o 目录" in said
    assert "wangge plan … -o DIR" in said
    assert not (tmp_path / "data").exists()


def test_a_missing_folder_ends_with_2(tmp_path: Path) -> None:
    code, said = serve(tmp_path / "nowhere", "--data", tmp_path / "data")
    assert code == 2
    assert "folder_missing" in said


def test_a_port_that_is_taken_is_named_with_a_way_out(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        command = [sys.executable, "-c", "from partitioner.cli import main; main()", "serve"]
        command += ["--data", str(tmp_path / "data"), "--port", str(other.getsockname()[1])]
        told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert told.returncode == 2
    assert "--port" in told.stderr


def test_a_planned_folder_is_opened_once_and_served_until_it_is_interrupted(planned: Path, tmp_path: Path) -> None:
    """Its address names the project; opening the same folder again finds the same project with one plan.

    With `--open` the machine's browser is started with that address.
    """
    browser, shown = tmp_path / "browser.py", tmp_path / "shown"
    browser.write_text(f"import pathlib, sys; pathlib.Path({str(shown)!r}).write_text(sys.argv[1])")
    first = opened(planned, tmp_path / "data", browser=f"{sys.executable} {browser} %s")
    assert not shown.exists()
    assert opened(planned, tmp_path / "data", "--open", browser=f"{sys.executable} {browser} %s") == first
    for _ in range(600):
        if shown.exists() and shown.read_text():
            break
        time.sleep(0.1)
    assert re.fullmatch(rf"http://127\.0\.0\.1:\d+/#/{first[0]}/map", shown.read_text())
    project, plans, files = first
    assert project in plans[0]["links"]["self"]
    assert len(plans) == 1
    assert {path.name for path in planned.iterdir()} <= files


def opened(
    folder: Path, data: Path, *words: str, browser: str
) -> tuple[str, list[dict[str, dict[str, str]]], set[str]]:
    """The project in the address that `wangge serve` tells, its plans, and the names of the first one's files."""
    command = [sys.executable, "-c", "from partitioner.cli import main; main()"]
    command += ["serve", str(folder), "--data", str(data), "--port", "0", "--lang", "en", *words]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, "BROWSER": browser})
    assert process.stderr is not None
    try:
        told = process.stderr.readline()
        address = re.search(r"(http://127\.0\.0\.1:\d+)/#/(\w+)/map", told)
        assert address, told
        url, project = address.groups()
        plans = asked(f"{url}/api/v1/projects/{project}/plans")["items"]
        files = asked(f"{url}{plans[0]['links']['self']}/files")
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        assert process.wait() == 0
        assert "Traceback" not in rest
        listed = files["items"] if isinstance(files, dict) else files
        return project, plans, {file["name"] for file in listed}
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def asked(url: str) -> dict[str, list[dict[str, dict[str, str]]]]:
    with urllib.request.urlopen(url) as reply:
        told: dict[str, list[dict[str, dict[str, str]]]] = json.loads(reply.read())
    return told


def test_other_commands_do_not_load_the_web_libraries() -> None:
    code = "import sys, partitioner.cli.main; sys.exit(bool({'fastapi', 'uvicorn', 'service'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
