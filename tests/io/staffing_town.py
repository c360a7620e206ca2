"""The drawn town of the writers' tests with rosters, for the tests of staffing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from writing_levels import planned_levels

from partitioner.errors import InputError
from partitioner.io.reading.roster import RosterRead, read_roster
from partitioner.io.targets import PlanTargets, targets_of_plan
from partitioner.profiles import StaffRules, load_profile

HEADINGS = (
    "工号",
    "职务",
    "单位",
    "住址",
    "居住楼栋",
    "可服务社区",
    "容量",
    "标签",
    "党员",
    "现负责网格",
    "回避",
    "最多岗位",
)


def rules() -> StaffRules:
    return load_profile("hebei").staffing


def town_targets() -> PlanTargets:
    return targets_of_plan(planned_levels(), {role.role.level for role in rules().roles})


def row(**cells: object) -> list[object]:
    """A row of the roster; cells by heading."""
    assert set(cells) <= set(HEADINGS)
    return [cells.get(heading) for heading in HEADINGS]


def write_rows(
    path: Path, rows: Iterable[Sequence[object]], headings: Sequence[object] = HEADINGS, encoding: str = "utf-8"
) -> Path:
    lines = [",".join("" if cell is None else f'"{cell}"' for cell in line) for line in [headings, *rows]]
    path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
    return path


def read(targets: PlanTargets, *paths: Path, **options: object) -> RosterRead:
    return read_roster(paths, targets, rules(), **options)  # type: ignore[arg-type]


def faults(targets: PlanTargets, *paths: Path) -> list[tuple[int | None, str | None, str]]:
    """Row, column and rule of everything that is wrong."""
    with pytest.raises(InputError) as caught:
        read(targets, *paths)
    found = caught.value.faults
    assert all(fault.message.zh and fault.message.en and fault.remedy.en for fault in found)
    return [(fault.place.row, fault.place.column, fault.rule) for fault in found]
