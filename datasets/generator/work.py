"""What makes work besides households: old people, special care, lifts and events of a year, building by building.

Drawn apart from the town itself, so that a town is the same with and without them.
"""

from __future__ import annotations

import numpy as np

from datasets.generator.values import Town

ELDERLY, SPECIAL_CARE = 0.19, 0.012
"""Shares of residents. Assumed: the census of 2020 counts 19.9 % of Hebei at 60 and above; care is a guess."""

EVENTS_PER_HOUSEHOLD = 0.15
"""A year. Assumed."""

WALK_UP_FLOORS = 6
"""Houses of more floors have a lift per stairwell, as the design code asks for."""

STREAM = 0x776F726B


def work_columns(town: Town) -> dict[str, list[int]]:
    """Columns of the building ledger, by field."""
    rng = np.random.default_rng([town.settings.seed, STREAM])
    residents = np.array([b.residents for b in town.buildings], dtype=np.int64)
    households = np.array([b.households for b in town.buildings], dtype=np.int64)
    return {
        "elderly": rng.binomial(residents, ELDERLY).tolist(),
        "special_care": rng.binomial(residents, SPECIAL_CARE).tolist(),
        "events": rng.poisson(EVENTS_PER_HOUSEHOLD * households).tolist(),
        "lifts": [b.stairwells if b.floors > WALK_UP_FLOORS else 0 for b in town.buildings],
    }
