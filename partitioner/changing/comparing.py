"""A level beside the one before, as the writers of changes are given it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pandas as pd
import shapely

from partitioner.errors import Text
from partitioner.io.writing import PlannedCounty, PlannedLevels
from partitioner.io.writing.naming import reference
from partitioner.io.writing.overview.map_layers import community_shapes
from partitioner.io.writing.redraw import AreaFate, LevelChange, UnitMove
from partitioner.io.writing.rows import building_ids
from partitioner.levels.carried_over import labels_over
from partitioner.model import Labels, Plan, Problem
from partitioner.profiles import Level
from partitioner.redraw import Changes, Line, Lineage, compare
from partitioner.redraw.comparing import Moved

ABOVE = {
    "community": Text("街道", "township"),
    "grid": Text("社区", "community"),
    "micro": Text("网格", "grid"),
}
"""What lies above the areas of a level."""

MAX_TOLD = 2_000
"""Changes that a list names one by one."""


def borders_of(planned: PlannedLevels) -> tuple[tuple[str, shapely.Geometry], ...]:
    """Communities with their land, for maps."""
    level = reference(planned)
    return tuple(community_shapes(level).items())


def labels_before(before: PlannedCounty, after: PlannedCounty, became: Mapping[str, str]) -> Labels:
    """The area in `before` of each unit of `after`.

    Parameters
    ----------
    became : mapping of str to str
        From ids of buildings before to those of today, where they differ.
    """
    if after.level.name != "community":
        return labels_over(before, after.county, after.problem, became)
    area = {
        became.get(name, name): code
        for name, code in zip(building_ids(before.county.buildings).tolist(), before.grid_of_building(), strict=True)
    }
    votes: list[dict[str, int]] = [{} for _ in range(len(after.problem.units))]
    rows = after.county.buildings
    households = rows["households"].fillna(0).astype("int64").tolist()
    for name, unit, num in zip(building_ids(rows).tolist(), after.unit_of_building.tolist(), households, strict=True):
        code = area.get(name)
        if unit >= 0 and num and code is not None:
            votes[unit][code] = votes[unit].get(code, 0) + num
    return Labels(_most(of) for of in votes)


def _most(votes: dict[str, int]) -> str | None:
    return max(sorted(votes), key=lambda code: votes[code]) if votes else None


def level_change(
    level: PlannedCounty,
    before: Labels,
    lines: Lineage,
    *,
    changes: Changes | None = None,
    moved_bound: int | None = None,
    scratch: int | None = None,
) -> LevelChange:
    """One level beside the plan whose labels `before` are, over the units of today."""
    problem, after = level.problem, level.result.plan
    compared = compare(problem, Plan(grid=before), after, changes)
    told = () if changes is None else tuple(in_words_of(level.level, text) for text in _changes_told(changes))
    return LevelChange(
        name=level.level.name,
        title=level.level.title,
        cells=level.unit_graph.cells,
        before=before,
        after=after.grid,
        households=problem.units.households,
        moves=tuple(_moves(level, problem, compared.units)),
        fates=tuple(fate_of(line) for line in lines.lines),
        moved=lines.moved,
        moved_bound=moved_bound,
        worth_before=compared.before.objective,
        worth_after=compared.after.objective,
        broken_before=len(compared.before.violations),
        broken_after=len(compared.after.violations),
        changes=told,
        scratch=scratch,
    )


def fate_of(line: Line) -> AreaFate:
    """A line of a lineage as writers are given it."""
    return AreaFate(
        code=line.grid,
        previous=line.previous,
        fate=line.fate,
        households=line.households,
        retained=line.retained,
        gained=line.households - line.retained if line.grid is not None else 0,
        lost=sum(num for name, num in line.heirs if name != line.grid),
        origins=tuple(entry for entry in line.origins if entry[0] != line.previous),
        heirs=tuple(entry for entry in line.heirs if entry[0] != line.grid),
    )


def _changes_told(changes: Changes) -> Iterator[Text]:
    """Rules and areas above first, then units and ways; the rest counted."""
    listed = [change.reason for change in changes.rules] + [change.reason for change in changes.parents]
    listed += [Text(f"{c.unit}：{c.reason.zh}", f"{c.unit}: {c.reason.en}") for c in changes.units]
    listed += [
        Text(f"{'–'.join(c.units)}：{c.reason.zh}", f"{'–'.join(c.units)}: {c.reason.en}") for c in changes.edges
    ]
    yield from listed[:MAX_TOLD]
    rest = len(listed) - MAX_TOLD
    if rest > 0:
        yield Text(f"……另有 {rest} 处", f"… and {rest} more")


def _moves(level: PlannedCounty, problem: Problem, units: Iterable[Moved]) -> Iterator[UnitMove]:
    frame, position = level.county.buildings, problem.units.position()
    rows_of: dict[int, list[int]] = {}
    lived_in = (frame["households"].fillna(0) > 0).tolist()
    for row, unit in enumerate(level.unit_of_building.tolist()):
        if unit >= 0 and lived_in[row]:
            rows_of.setdefault(unit, []).append(row)
    whole = building_ids(frame).tolist()
    names = level.community_names()
    for moved in units:
        unit = position[moved.unit]
        rows = rows_of.get(unit, [])
        first = frame.iloc[rows[0]] if rows else None
        community = problem.units.parent.at(unit) if level.level.name == "grid" else _text(first, "community")
        compound = _text(first, "compound")
        title = _text(first, "name") or (whole[rows[0]] if rows else moved.unit)
        if len({whole[row] for row in rows}) > 1:
            title = f"{len({whole[row] for row in rows})} 栋"
        yield UnitMove(
            unit=moved.unit,
            building=whole[rows[0]] if rows else moved.unit,
            title=title,
            part=_part(first),
            compound=compound,
            community=names.get(community, community) if community else "",
            households=moved.households,
            before=moved.before,
            after=moved.after,
            reason=in_words_of(level.level, moved.reason),
        )


def in_words_of(level: Level, text: Text) -> Text:
    """A sentence about grids and what lies above them, with the words of `level`."""
    above = ABOVE.get(level.name, ABOVE["grid"])
    zh, en = text.zh.replace("上级由", f"{above.zh}由"), text.en.replace("parent changed", f"{above.en} changed")
    if level.name != "grid":
        zh, en = zh.replace("网格 ", f"{level.title.zh} "), en.replace("grid ", f"{level.title.en} ")
    return Text(zh, en)


def _text(row: pd.Series | None, column: str) -> str:
    return "" if row is None or column not in row.index or pd.isna(row[column]) else str(row[column])


def _part(row: pd.Series | None) -> str:
    """Stairwell and floors in words; empty for a whole building."""
    if row is None or "stairwell" not in row.index or pd.isna(row["stairwell"]):
        return ""
    floors = [row[name] for name in ("floor_low", "floor_high")]
    if any(pd.isna(floor) for floor in floors):
        return f"{row['stairwell']}单元"
    low, high = floors
    return f"{row['stairwell']}单元{low}层" if low == high else f"{row['stairwell']}单元{low}–{high}层"
