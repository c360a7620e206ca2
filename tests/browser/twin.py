"""A small part of the generated 固安县: its names, streets, kinds of homes and the form of its ledgers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from datasets.cases import case_settings
from datasets.generator.ledgers import write_files
from datasets.generator.town import build_town

COMMUNITIES = 2


def write_twin(folder: Path, *, side: int, compounds: int, villages: int = 0) -> None:
    """Map, compound ledger and stairwell ledger of two communities on a square of `side` by `side` blocks."""
    county = case_settings("guan")
    streets = replace(county.streets, columns=side, rows=side, merged=0, corners=0)
    homes = replace(
        county.homes,
        communities=COMMUNITIES,
        compounds=compounds,
        grids=compounds,
        public_plots=side,
        villages=villages,
        courtyards=villages,
        imbalance_m=1000,
    )
    write_files(build_town(replace(county, names=county.names[:COMMUNITIES], streets=streets, homes=homes)), folder)
