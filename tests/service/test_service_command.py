"""`wangge serve`: refuses what it cannot do, and runs until it is stopped."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from service_folder import planned_folder
from typer.testing import CliRunner

from partitioner.cli.main import app


def serve(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["serve", *map(str, words)], env={"WANGGE_LANG": "both"})
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.org"])
def test_only_this_machine_may_look(tmp_path: Path, host: str) -> None:
    code, said = serve(planned_folder(tmp_path), "--host", host)
    assert code == 2
    assert "没有登录" in said
    assert "has no log-in" in said


def test_a_folder_without_a_plan_ends_with_2_in_both_languages(tmp_path: Path) -> None:
    code, said = serve(tmp_path)
    assert code == 2
    assert "wangge plan … -o 目录" in said
    assert "wangge plan … -o DIR" in said


def test_a_missing_folder_ends_with_2(tmp_path: Path) -> None:
    code, said = serve(tmp_path / "nowhere")
    assert code == 2
    assert "folder_missing" in said


def test_a_port_that_is_taken_is_named_with_a_way_out(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        code, said = serve(planned_folder(tmp_path), "--port", other.getsockname()[1])
    assert code == 2
    assert "--port" in said


def test_it_serves_until_it_is_interrupted(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from partitioner.cli import main; main()"]
    command += ["serve", str(planned_folder(tmp_path)), "--port", "0", "--lang", "en"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        told = process.stderr.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+", told)
        assert address, told
        with urllib.request.urlopen(address.group() + "/health") as reply:
            assert reply.status == 200
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        assert process.wait() == 0
        assert "Traceback" not in rest
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def test_other_commands_do_not_load_the_web_libraries() -> None:
    code = "import sys, partitioner.cli.main; sys.exit(bool({'fastapi', 'uvicorn', 'service'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
