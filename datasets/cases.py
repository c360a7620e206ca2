"""The cases: one folder each, with its settings and the figures it must reproduce."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from datasets.generator.roster import Group, read_groups
from datasets.generator.settings import Settings, read_settings

HERE = Path(__file__).parent


def case_names() -> list[str]:
    """Names of all cases, sorted."""
    return sorted(path.parent.name for path in HERE.glob("*/settings.toml"))


def case_settings(name: str) -> Settings:
    """Settings of the generator for one case."""
    return read_settings(HERE / name / "settings.toml")


def case_roster(name: str) -> tuple[Group, ...]:
    """Who is on the roster of one case; nobody where it has none."""
    return read_groups(HERE / name / "roster.toml")


def expected_figures(name: str) -> dict[str, Any]:
    """Published figures of one case: tables `published` and `assumed`."""
    return tomllib.loads((HERE / name / "expected.toml").read_text(encoding="utf-8"))
