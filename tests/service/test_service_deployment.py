"""Dockerfile, unit and commands of the deployment page name only what there is: files, options, addresses, users."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from partitioner.cli.main import app
from service.app import contract

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "deployment.md").read_text("utf-8")
COMMAND = typer.main.get_command(app)

Steps = list[tuple[str, str]]


def dockerfile() -> Steps:
    """Instructions and their words, continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE)
    lines = [line for line in re.sub(r"\\\n\s*", " ", text).splitlines() if line.strip()]
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in lines]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)


def calls() -> Iterator[list[str]]:
    """The words after `wangge` wherever it is run."""
    for block in blocks("sh"):
        for line in re.sub(r"\\\n\s*", " ", block).splitlines():
            words = shlex.split(line, comments=True)
            starts = [i for i, word in enumerate(words) if word.rpartition("/")[2] == "wangge"]
            for start in starts[-1:]:
                if words[start + 1 : start + 2] and words[start + 1] in COMMAND.commands:  # type: ignore[attr-defined]
                    yield words[start + 1 :]
    for line in "\n".join(blocks("ini")).splitlines():
        if line.startswith("ExecStart="):
            yield shlex.split(line)[1:]
    yield json.loads(dict(dockerfile())["CMD"])


@pytest.mark.parametrize("words", list(calls()), ids=" ".join)
def test_every_command_and_option_exists(words: list[str]) -> None:
    command: Any = COMMAND
    while hasattr(command, "commands"):
        assert words[0] in command.commands
        command, words = command.commands[words[0]], words[1:]
    known = {option: one for one in command.params for option in one.opts if option.startswith("--")}
    command.make_context(command.name, list(words), resilient_parsing=True)
    assert {word for word in words if word.startswith("--")} <= set(known)


def test_the_page_runs_servers_tokens_backups_restores_and_checks() -> None:
    told = {" ".join(words[:2]) if words[0] == "admin" else words[0] for words in calls()}
    assert told == {"serve", "admin token", "admin backup", "admin restore", "admin check"}


def test_the_dockerfile_copies_what_there_is_and_what_is_not_ignored() -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert ignored[0] == "*"
    sent = {line[1:] for line in ignored if line.startswith("!")}
    copied = {
        source
        for step, words in dockerfile()
        if step == "COPY" and "--from" not in words
        for source in words.split()[:-1]
    }
    assert copied == sent
    assert all((ROOT / source).exists() for source in copied)
    needed = {"pyproject.toml", "hatch_build.py", "README.md", "LICENSE", "partitioner", "service"}
    assert needed <= copied, "what pyproject.toml builds from"


def test_the_image_runs_in_stages_as_a_user_of_its_own_on_a_volume() -> None:
    steps = dockerfile()
    bases = [words for step, words in steps if step == "FROM"]
    assert [base.split()[0] for base in bases] == ["python:3.11-slim"] * 2
    last = dict(steps[max(i for i, (step, _) in enumerate(steps) if step == "FROM") :])
    assert last["USER"] == "wangge"
    assert f"useradd --system --uid 10001 --home-dir {last['VOLUME']} --create-home wangge" in last["RUN"]
    environment = dict(word.split("=", 1) for word in last["ENV"].split())
    serve: Any = COMMAND.commands["serve"]  # type: ignore[attr-defined]
    variables = {one.envvar for one in serve.params if one.envvar}
    assert {name for name in environment if name.startswith("WANGGE_")} <= variables
    assert environment["WANGGE_DATA_DIR"].startswith(last["VOLUME"])
    assert json.loads(last["CMD"])[-1] == last["EXPOSE"]


def test_the_health_check_asks_for_an_open_route_at_the_port_of_the_server() -> None:
    check = dict(dockerfile())["HEALTHCHECK"]
    code = json.loads(check.partition("CMD ")[2])[-1]
    compile(code, "healthcheck", "exec")
    address = re.search(r"http://127\.0\.0\.1:(\d+)(/\w+)", code)
    assert address is not None
    assert address.group(1) == dict(dockerfile())["EXPOSE"]
    assert contract()["paths"][address.group(2)]["get"]["x-permission"] == "open"


def test_python_that_the_build_runs_imports_what_there_is() -> None:
    """And from what is installed, not from the sources beside it (`-P`)."""
    lines = [words for step, words in dockerfile() if step == "RUN" and " -c " in words]
    assert len(lines) == 1
    words = shlex.split(lines[0])
    assert words[1:3] == ["-P", "-c"]
    imports = words[3].partition(";")[0]
    assert subprocess.run([sys.executable, "-c", imports], check=False, cwd=ROOT).returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="no sh on Windows")
def test_the_shell_of_the_page_is_shell() -> None:
    for block in blocks("sh"):
        assert subprocess.run(["sh", "-n"], input=block, text=True, check=False).returncode == 0


def test_the_unit_ends_later_than_the_server_drains() -> None:
    from partitioner.cli.serve import DRAIN_S
    from service.app import DRAIN_S as JOBS_S

    unit = dict(line.split("=", 1) for line in blocks("ini")[0].splitlines() if "=" in line and line[0] != "#")
    assert int(unit["TimeoutStopSec"]) > DRAIN_S + JOBS_S + 10
    assert unit["OOMPolicy"] == "continue"
    data = shlex.split(unit["ExecStart"])[shlex.split(unit["ExecStart"]).index("--data") + 1]
    assert data.startswith(unit["ReadWritePaths"])
