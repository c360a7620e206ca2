"""The roster that a plan was staffed from, kept with it: posts are changed without reading any file again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from partitioner.model import FloatArray
from partitioner.staffing import Person, Role, Roster, Target
from service.jobs.documents import document_of

ROSTER = "_roster.json"
"""Among the files of a staffed plan."""


@dataclass(frozen=True, kw_only=True, eq=False)
class UnitWork:
    """Work and place of every unit of one level, in the order of its problem; x and y are NaN where unknown."""

    work: Mapping[str, FloatArray]
    x: FloatArray
    y: FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class KeptRoster:
    """What is kept.

    Parameters
    ----------
    titles : mapping from the id of a target to what it is called
        Where that is more than its id.
    units : mapping from level to the work of its units
    """

    roster: Roster
    titles: Mapping[str, str]
    units: Mapping[str, UnitWork]


def roster_document(roster: Roster, titles: Mapping[str, str], units: Mapping[str, UnitWork]) -> dict[str, Any]:
    """As JSON: people by number only."""
    told = document_of(roster)
    told.pop("leading")
    return {
        "roster": told,
        "titles": {target.id: titles[target.id] for target in roster.targets if target.id in titles},
        "units": document_of(units),
    }


def kept_roster(document: Mapping[str, Any]) -> KeptRoster:
    """What `roster_document` was given."""
    told = document["roster"]
    roster = Roster(
        people=tuple(Person(**_tuples(one)) for one in told["people"]),
        targets=tuple(_target(one) for one in told["targets"]),
        roles=tuple(Role(**one) for one in told["roles"]),
        **{name: tuple((a, b) for a, b in told[name]) for name in ("neighbours", "must", "must_not")},
    )
    units = {
        level: UnitWork(
            work={kind: np.array(amounts, dtype=np.float64) for kind, amounts in one["work"].items()},
            x=np.array(one["x"], dtype=np.float64),
            y=np.array(one["y"], dtype=np.float64),
        )
        for level, one in document["units"].items()
    }
    return KeptRoster(roster=roster, titles=document["titles"], units=units)


def _tuples(one: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in one.items()}


def _target(one: Mapping[str, Any]) -> Target:
    told = {field.name: one[field.name] for field in fields(Target)}
    people = {role: (low, high) for role, (low, high) in one["people"].items()}
    return Target(**_tuples(told | {"people": people}))
