"""Logs: a JSON object for each thing that happened, and nothing in it that anybody sent."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from service_running import made_project, running

from service.administration import added_token
from service.logs import Lines, request_id, told


@contextmanager
def heard() -> Iterator[list[str]]:
    """The lines of the service while the block runs."""
    lines: list[str] = []
    handler = logging.Handler()
    handler.setFormatter(Lines(as_json=True))
    handler.emit = lambda record: lines.append(handler.format(record))  # type: ignore[method-assign]
    logger = logging.getLogger("wangge")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)


def test_every_request_is_one_line_with_its_id_and_route_and_without_what_was_sent(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        token = added_token(tmp_path, None, "张三", server_admin=True)
        with heard() as lines, server.client(token) as client:
            project = made_project(client, "固安县")
            reply = client.get(f"{project}/jobs/{'a' * 24}", params={"who": "李四"})
            assert client.get("/nowhere/王五").status_code == 404
            made, asked, nowhere = (json.loads(line) for line in lines if '"wangge.access"' in line)
    assert (made["method"], made["route"], made["status"]) == ("POST", "/api/v1/projects", 201)
    assert (asked["route"], asked["status"]) == ("/api/v1/projects/{project}/jobs/{job}", 404)
    assert asked["request"] == reply.headers["x-request-id"] != made["request"]
    assert nowhere["route"] == "-"
    assert asked["ms"] >= 0
    everything = "".join(lines)
    for secret in ("张三", "李四", "王五", "固安县", token, token.rpartition("_")[2], project):
        assert secret not in everything


def test_an_id_is_taken_over_only_if_it_says_nothing() -> None:
    assert request_id("0123abcd-4567") == "0123abcd-4567"
    for given in (None, "", "张三", "zhang-san", "a\n", "a" * 100):
        fresh = request_id(given)
        assert fresh != given
        assert len(fresh) == 16


def test_an_error_is_told_by_its_kind_and_place_not_by_its_words() -> None:
    line = json.loads(Lines(as_json=True).format(_record(extra={"job": "7"})))
    assert (line["level"], line["message"], line["job"]) == ("error", "it failed", "7")
    assert (line["error"], line["cause"]["error"]) == ("RuntimeError", "ValueError")
    assert any("_raised" in place for place in line["at"])
    assert "李四" not in json.dumps(line, ensure_ascii=False)
    text = Lines(as_json=False).format(_record(extra={"job": "7"}))
    assert "error wangge.test it failed job=7 error=RuntimeError" in text
    assert "李四" not in text


def _raised() -> None:
    try:
        int("李四")
    except ValueError as error:
        raise RuntimeError("李四的户数有误") from error


def _record(extra: dict[str, Any]) -> logging.LogRecord:
    with pytest.raises(RuntimeError) as caught:
        _raised()
    info = (caught.type, caught.value, caught.tb)
    return logging.getLogger("wangge.test").makeRecord(
        "wangge.test", logging.ERROR, __file__, 1, "it failed", (), info, extra=told(**extra)
    )
