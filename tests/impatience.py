"""Searches that end early: for tiny problems, where proofs are what is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from partitioner.solver import sharing

SHORT_PATIENCE = 600
"""Candidates per node. On eight units every plan has been met long before; with the solver's own patience nearly all
the time of a run without limits goes into searching on, and what is proved then is the same."""


@contextmanager
def impatient_searches() -> Iterator[None]:
    """Inside the block a search counts as stalled after `SHORT_PATIENCE`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sharing, "PATIENCE", SHORT_PATIENCE)
        yield
