"""Buildings of a plan as rows of work: where they lie, who lives there, and what makes work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from partitioner.geometry.county import County
from partitioner.io.writing.bundle import PlannedCounty
from partitioner.io.writing.contents import building_titles
from partitioner.io.writing.rows import building_ids
from partitioner.model import FloatArray, IntArray, Plan, Problem

Codes = Sequence[str | None]

COUNTED = ("residents", "elderly", "special_care", "events")
"""Kinds of work that are columns of buildings."""


@dataclass(frozen=True, kw_only=True, eq=False)
class WorkRows:
    """Buildings (or parts of them) of one level, all of length n.

    Parameters
    ----------
    area : Codes
        The area of the level that each lies in.
    building, title : sequence of str
        Id of the whole building, and what it is called.
    work : mapping from kind to float array
        Amounts; what is not told is 0.
    told : frozenset of str
        Kinds of work that some building tells.
    x, y : float arrays
        Metres; not a number where unknown.
    stairwells : int array
        How many the building has, 0 where that is not known.
    residents_known : bool array
    """

    area: Codes
    building: Sequence[str]
    title: Sequence[str]
    compound: Codes
    community: Codes
    township: Codes
    work: Mapping[str, FloatArray]
    told: frozenset[str]
    x: FloatArray
    y: FloatArray
    stairwells: IntArray
    residents_known: np.ndarray[tuple[int], np.dtype[np.bool_]]

    def __len__(self) -> int:
        return len(self.building)

    @property
    def households(self) -> FloatArray:
        """Of every row."""
        return self.work["households"]


def rows_of_level(planned: PlannedCounty) -> WorkRows:
    """The rows of one planned level."""
    frame = planned.county.buildings
    households = _numbers(frame, "households")
    work = {"households": np.nan_to_num(households)}
    told = {"households"}
    for kind in COUNTED:
        amounts = _numbers(frame, kind)
        work[kind] = np.nan_to_num(amounts)
        if np.isfinite(amounts).any():
            told.add(kind)
    lifts = _numbers(frame, "lifts")
    work["no_lift"] = np.where(lifts == 0, work["households"], 0.0)
    if np.isfinite(lifts).any():
        told.add("no_lift")
    points = shapely.centroid(frame.geometry.to_numpy())
    names, compounds = _texts(frame, "name"), _texts(frame, "compound")
    ids = [str(name) for name in building_ids(frame).tolist()]
    titles = building_titles(ids, [name or "" for name in names], [name or "" for name in compounds])
    return WorkRows(
        area=planned.grid_of_building(),
        building=ids,
        title=titles,
        compound=compounds,
        community=_texts(frame, "community"),
        township=_townships(planned.county),
        work=work,
        told=frozenset(told),
        x=shapely.get_x(points),
        y=shapely.get_y(points),
        stairwells=_stairwells(frame),
        residents_known=np.isfinite(_numbers(frame, "residents")) | (work["households"] <= 0),
    )


def rows_of_problem(problem: Problem, plan: Plan) -> WorkRows:
    """The units of a plan that has no geometry: whatever a problem tells of them."""
    units = problem.units
    num = len(units)
    nowhere = np.full(num, np.nan)
    return WorkRows(
        area=[plan.grid.at(k) for k in range(num)],
        building=units.id,
        title=units.id,
        compound=[units.group.at(k) for k in range(num)],
        community=[units.parent.at(k) for k in range(num)],
        township=[None] * num,
        work={"households": units.households.astype(np.float64)}
        | {kind: np.zeros(num) for kind in (*COUNTED, "no_lift")},
        told=frozenset({"households"}),
        x=nowhere if units.x is None else units.x,
        y=nowhere if units.y is None else units.y,
        stairwells=np.zeros(num, dtype=np.int64),
        residents_known=np.zeros(num, dtype=bool),
    )


def _numbers(frame: pd.DataFrame, name: str) -> FloatArray:
    if name not in frame.columns:
        return np.full(len(frame), np.nan)
    return np.asarray(frame[name].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)


def _texts(frame: pd.DataFrame, name: str) -> list[str | None]:
    if name not in frame.columns:
        return [None] * len(frame)
    return [None if pd.isna(value) else str(value) for value in frame[name].tolist()]


def _townships(county: County) -> list[str | None]:
    """Of every building: its own, or that of its community."""
    own = _texts(county.buildings, "township")
    communities = county.communities
    if not len(communities) or "township" not in communities.columns:
        return own
    of = dict(zip(_texts(communities, "id"), _texts(communities, "township"), strict=True))
    above = _texts(county.buildings, "community")
    return [township or of.get(code) for township, code in zip(own, above, strict=True)]


def _stairwells(frame: pd.DataFrame) -> IntArray:
    """How many stairwells the building of each row has; a part counts as the number it bears."""
    number = np.nan_to_num(_numbers(frame, "stairwell"))
    return np.maximum(np.where(number > 0, number, np.nan_to_num(_numbers(frame, "stairwells"))), 0).astype(np.int64)
