"""A plan that follows a change, and its files."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import geopandas as gpd
import numpy as np

from partitioner.changing.comparing import borders_of, labels_before, level_change
from partitioner.changing.retired import Retired, write_retired
from partitioner.geometry.county import County
from partitioner.io.reading.changes_made import Change
from partitioner.io.reading.retired import RETIRED_FILE
from partitioner.io.reading.systems import project
from partitioner.io.writing import PlannedLevels
from partitioner.io.writing.redraw import Comparison, write_changes
from partitioner.levels.redrawing import RedrawnLevel, RedrawnLevels, redraw_levels
from partitioner.levels.top_down import Notify, plan_levels
from partitioner.planning import write_outputs
from partitioner.profiles import Level, Profile
from partitioner.redraw import STRICT, Frozen, Goal, lineage
from partitioner.solver import Cancel, Limits, Observer


@dataclass(frozen=True, kw_only=True, eq=False)
class Redrawing:
    """A redraw that is done.

    Parameters
    ----------
    planned : PlannedLevels
        The plan of today, which can be redrawn again.
    retired : mapping
        All codes that are never to be given again, those of earlier redraws included.
    """

    planned: PlannedLevels
    told: tuple[RedrawnLevel, ...]
    comparison: Comparison
    retired: Retired = field(default_factory=dict)


def redraw_plan(
    previous: PlannedLevels,
    change: Change,
    *,
    became: Mapping[str, str] | None = None,
    goal: Goal = STRICT,
    weight: float | None = None,
    counts: Mapping[str, int] | None = None,
    frozen: Mapping[str, Frozen] | None = None,
    everywhere: bool = False,
    retired: Retired | None = None,
    never_again: Collection[str] = (),
    scratch: bool = False,
    limits: Limits | None = None,
    observer: Observer | None = None,
    cancel: Cancel | None = None,
    notify: Notify = lambda _: None,
) -> Redrawing:
    """Let a plan follow a change, and compare it with the one before.

    Parameters
    ----------
    became : mapping of str to str, optional
        From ids of buildings before to those of today, for buildings whose id changed.
    weight : float, optional
        Price of a moved household, in household-metres, in weighted redraws.
    counts : mapping from level name to int, optional
        Areas in all; each area above gets its share by households. Without it their number follows from the bounds.
    frozen : mapping from level name to Frozen, optional
    everywhere : bool
        Also mend what broke a rule before, where nothing changed.
    retired : mapping, optional
        Codes that earlier redraws retired.
    never_again : collection of str
        Further codes that are not to be given.
    scratch : bool
        Also draw the county without regard to the previous plan, under the same limits, to tell how many that moves.

    Raises
    ------
    InputError
        As `redraw_levels`.
    """
    earlier = dict(retired or {})
    levels = change.levels
    asked = [_priced(level, weight) for level in levels]
    done = redraw_levels(
        previous,
        change.county,
        became=became,
        told=change.told,
        levels=asked,
        counts=counts,
        goal=goal,
        frozen=frozen,
        everywhere=everywhere,
        retired={*earlier, *never_again},
        limits=limits,
        observer=observer,
        cancel=cancel,
        notify=notify,
    )
    planned = _with_profile(replace(done.planned, source=change.county), levels)
    moved_anew: dict[str, int] = {}
    if scratch:
        moved_anew = _moved_anew(previous, planned, change.county, dict(became or {}), levels, limits, observer, cancel)
    gone = {code: (told.name, heirs) for told in done.levels for code, heirs in told.lineage.successors().items()}
    return Redrawing(
        planned=planned,
        told=done.levels,
        comparison=_comparison(planned, done, moved_anew),
        retired={**earlier, **gone},
    )


def write_redrawing(
    redrawing: Redrawing, folder: str | Path, *, sheets: bool = False, notify: Notify = lambda _: None
) -> list[Path]:
    """The folder of the plan, and beside it what changed: lists, maps, notices, retired codes.

    Raises
    ------
    OutputError
        A file cannot be written; what stood there is untouched.
    """
    files = write_outputs(redrawing.planned, folder, sheets=sheets, notify=notify)
    files += write_changes(redrawing.comparison, folder)
    if redrawing.retired:
        write_retired(redrawing.retired, Path(folder) / RETIRED_FILE)
        files.append(Path(folder) / RETIRED_FILE)
    return files


def in_system_of(county: County, previous: County) -> County:
    """`county` in the coordinate system of `previous`."""
    if county.crs.equals(previous.crs, ignore_axis_order=True):
        return county

    def moved(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        return frame.set_geometry(project(frame.geometry.to_numpy(), county.crs, previous.crs), crs=previous.crs)

    boundary = county.boundary
    return replace(
        county,
        crs=previous.crs,
        buildings=moved(county.buildings),
        barriers=moved(county.barriers),
        communities=moved(county.communities),
        boundary=None if boundary is None else project(np.array([boundary], dtype=object), county.crs, previous.crs)[0],
    )


def _priced(level: Level, weight: float | None) -> Level:
    return level if weight is None else replace(level, weights=replace(level.weights, move=weight))


def _with_profile(planned: PlannedLevels, levels: Sequence[Level]) -> PlannedLevels:
    """The bounds of today belong to the profile that the plan is kept with."""
    of_today = {level.name: level for level in levels}
    before: Profile = planned.levels[0].profile
    profile = replace(before, levels=tuple(of_today.get(level.name, level) for level in before.levels))
    if profile == before:
        return planned
    return replace(
        planned,
        levels=tuple(
            replace(level, profile=profile, level=profile.level(level.level.name)) for level in planned.levels
        ),
    )


def _moved_anew(
    previous: PlannedLevels,
    planned: PlannedLevels,
    county: County,
    became: Mapping[str, str],
    levels: Sequence[Level],
    limits: Limits | None,
    observer: Observer | None,
    cancel: Cancel | None,
) -> dict[str, int]:
    """Households that a plan drawn without regard to the previous one moves, its areas matched as well as can be."""
    anew = plan_levels(county, planned.levels[0].profile, levels, limits=limits, observer=observer, cancel=cancel)
    found = {}
    for level in anew.levels:
        before = labels_before(previous.level(level.level.name), level, became)
        found[level.level.name] = lineage(before, level.result.plan.grid, level.problem.units.households).moved
    return found


def _comparison(planned: PlannedLevels, done: RedrawnLevels, moved_anew: Mapping[str, int]) -> Comparison:
    levels = []
    for level, told in zip(planned.levels, done.levels, strict=True):
        after = level.result.plan.grid
        before = level.problem.units.previous if told.reach or told.changes else after
        levels.append(
            level_change(
                level,
                before,
                told.lineage,
                changes=told.changes,
                moved_bound=told.moved_bound,
                scratch=moved_anew.get(told.name),
            )
        )
    county = planned.levels[0].county
    return Comparison(name=county.name, county=county, levels=tuple(levels), communities=borders_of(planned))
