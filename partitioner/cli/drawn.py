"""What `check`, `diff` and `repair` may be given in the place of a plan: a plan file, a map layer, a ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from partitioner.cli.speaking import Voice
from partitioner.errors import Fault, InputError, Place, Text
from partitioner.io.reading.drawn_plan import DrawnPlan, read_drawn
from partitioner.io.writing import PlannedCounty, PlannedLevels
from partitioner.io.writing.naming import reference
from partitioner.model.plan_json import read_plan
from partitioner.scoring.grids import check_length

OfLevel = Annotated[
    str | None, typer.Option("--level", metavar="NAME", help="哪个层级，默认 grid · which level, grid by default")
]
LabelColumn = Annotated[
    str | None, typer.Option("--label", metavar="HEADING", help="手绘方案中编码所在的列 · column of the codes")
]
Crs = Annotated[
    str | None, typer.Option("--crs", metavar="CRS", help="手绘方案的坐标系 · coordinate system of the drawn plan")
]


Counts = Annotated[
    list[str] | None, typer.Option("--count", metavar="LEVEL=N", help="层级的总数，如 community=33 · areas in all")
]


def counts_of(planned: PlannedLevels, entries: list[str]) -> dict[str, int]:
    """Numbers of areas that were asked for, by level.

    Raises
    ------
    InputError
        With every entry that is not written so, or names a level that the plan does not have.
    """
    counts, faults = {}, []
    for entry in entries:
        name, _, number = entry.partition("=")
        if planned.has(name.strip()) and number.strip().isdigit() and int(number) > 0:
            counts[name.strip()] = int(number)
            continue
        faults.append(
            Fault(
                rule="count_malformed",
                place=Place(pointer="--count"),
                value=entry,
                message=Text("应写成 层级=个数", "it is not written LEVEL=N"),
                remedy=Text(f"层级有：{'、'.join(planned.names)}", f"levels are {', '.join(planned.names)}"),
            )
        )
    if faults:
        raise InputError(faults)
    return counts


def level_of(planned: PlannedLevels, name: str | None) -> PlannedCounty:
    """The level asked for, else that whose units are buildings.

    Raises
    ------
    InputError
        The plan has no such level.
    """
    if name is None:
        return reference(planned)
    if planned.has(name):
        return planned.level(name)
    raise InputError(
        [
            Fault(
                rule="level_unknown",
                place=Place(pointer="--level"),
                value=name,
                message=Text("方案里没有这个层级", "the plan has no such level"),
                remedy=Text(f"可选：{'、'.join(planned.names)}", f"choose one of {', '.join(planned.names)}"),
            )
        ]
    )


def read_labels(path: str, level: PlannedCounty, label: str | None, crs: str | None) -> DrawnPlan:
    """The labels of a plan file, a map layer or a ledger for the units of `level`.

    Raises
    ------
    InputError
    """
    if path.casefold().endswith(".json") and _is_plan(Path(path)):
        plan = read_plan(path)
        check_length(level.problem, plan)
        return DrawnPlan(grid=plan.grid, notices=())
    return read_drawn(path, level, label=label, crs=crs)


def _is_plan(path: Path) -> bool:
    """GeoJSON is JSON, too."""
    try:
        head = path.read_text("utf-8-sig", errors="replace")[:4000]
    except OSError:
        return False
    return "wangge-plan/" in head


def tell_notices(speaker: Voice, drawn: DrawnPlan) -> None:
    """What was found while the drawn plan was read."""
    if speaker.as_json:
        return
    for notice in drawn.notices:
        speaker.tell("  · ", notice.text())
