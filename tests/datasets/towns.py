"""Towns of the cases, each built once."""

from __future__ import annotations

import functools

from datasets.cases import case_settings
from datasets.generator.town import build_town
from datasets.generator.values import Town


@functools.cache
def town_of(case: str) -> Town:
    return build_town(case_settings(case))
