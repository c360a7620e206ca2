"""Answers that are kept ready: those asked for last, up to so many bytes, none of them larger than its share."""

from __future__ import annotations

from service.api.ready import LARGEST, Ready


def test_the_answers_asked_for_last_are_kept_up_to_so_many_bytes() -> None:
    ready = Ready(most_bytes=10 * LARGEST)
    for key in range(LARGEST):
        assert ready.keep(key, bytes(10)) == bytes(10)
    assert ready.get(0) is not None
    ready.keep("one more", bytes(10))
    assert ready.get(1) is None
    assert ready.get(0) is not None
    ready.keep(0, b"other")
    ready.keep("small", bytes(5))
    assert [ready.get(key) for key in (0, "small", 2)] == [b"other", bytes(5), bytes(10)]


def test_what_is_too_large_is_answered_and_not_kept() -> None:
    ready = Ready(most_bytes=10 * LARGEST)
    assert not ready.takes(11)
    assert ready.keep("large", bytes(11)) == bytes(11)
    assert ready.get("large") is None
