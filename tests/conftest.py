"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from impatience import impatient_searches

WHY_SKIPPED = "WANGGE_DATA is not set: real places are tested only where they are at hand"


@pytest.fixture(scope="session")
def wangge_data() -> Path:
    """The folder of real places, from the variable WANGGE_DATA."""
    folder = os.environ.get("WANGGE_DATA")
    if not folder:
        pytest.skip(WHY_SKIPPED)
    return Path(folder)


@pytest.fixture
def impatient() -> Iterator[None]:
    """Searches that end early; see there."""
    with impatient_searches():
        yield
