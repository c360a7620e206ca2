"""What may not change in a redraw, as words of a command or a form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from partitioner.errors import Fault, InputError, Place, Text
from partitioner.io.writing import PlannedCounty, PlannedLevels
from partitioner.io.writing.naming import reference
from partitioner.io.writing.rows import building_ids
from partitioner.redraw import Frozen

STAFF = "staff:"
"""Before a post that does not change."""


def staff_locks(words: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Posts that do not change, of words such as ``staff:PERSON=TARGET``; other words are left to `frozen_by_level`.

    Raises
    ------
    InputError
        With every such word that is not written so.
    """
    told = [word for word in words if word.startswith(STAFF)]
    pairs = [tuple(part.strip() for part in word.removeprefix(STAFF).partition("=")[::2]) for word in told]
    faults = [_not_a_post(word) for word, pair in zip(told, pairs, strict=True) if not all(pair)]
    if faults:
        raise InputError(faults)
    return tuple((person, target) for person, target in pairs)


def frozen_by_level(previous: PlannedLevels, words: Iterable[str]) -> dict[str, Frozen]:
    """What may not change: ``grid:CODE`` (also community, micro), ``unit:ID`` or ``line:A/B``.

    Raises
    ------
    InputError
        With every word that is not written so, or names what the plan does not have.
    """
    found: dict[str, Frozen] = {name: Frozen() for name in previous.names}
    faults: list[Fault] = []
    for word in words:
        if word.startswith(STAFF):
            continue
        kind, _, name = word.partition(":")
        if kind in found and name in previous.level(kind).result.plan.grid.names:
            found[kind] = replace(found[kind], grids=found[kind].grids | {name})
        elif kind == "unit" and (units := _units_named(reference(previous), name)):
            level = reference(previous).level.name
            found[level] = replace(found[level], units=found[level].units | set(units))
        elif kind == "line" and (line := _line_named(previous, name)) is not None:
            level, pair = line
            found[level] = replace(found[level], lines=found[level].lines | {pair})
        else:
            faults.append(_not_frozen(word, kind in {*found, "unit", "line"}, previous))
    if faults:
        raise InputError(faults)
    return {name: frozen for name, frozen in found.items() if frozen}


def _units_named(level: PlannedCounty, name: str) -> list[str]:
    """Units that are the building `name` or parts of it."""
    rows = level.county.buildings
    whole = dict(zip(rows["id"].tolist(), building_ids(rows).tolist(), strict=True))
    return [unit for unit in level.problem.units.id if name in (unit, whole.get(unit))]


def _line_named(previous: PlannedLevels, name: str) -> tuple[str, tuple[str, str]] | None:
    a, _, b = (part.strip() for part in name.partition("/"))
    for level in previous.levels:
        codes = level.result.plan.grid.names
        if a != b and a in codes and b in codes:
            return level.level.name, (a, b)
    return None


def _not_a_post(word: str) -> Fault:
    return Fault(
        rule="freeze_unknown",
        place=Place(pointer="--freeze"),
        value=word,
        message=Text("写法不对", "not written so"),
        remedy=Text("应写成 staff:工号=网格编码", "write staff:PERSON=TARGET"),
    )


def _not_frozen(word: str, known: bool, previous: PlannedLevels) -> Fault:
    levels = "、".join(f"{name}:编码" for name in previous.names)
    message = Text("方案里没有这一项", "the plan has no such thing") if known else Text("写法不对", "not written so")
    return Fault(
        rule="freeze_unknown",
        place=Place(pointer="--freeze"),
        value=word,
        message=message,
        remedy=Text(
            f"应写成 {levels}、unit:楼栋编号、line:编码/编码 或 staff:工号=网格编码",
            f"write {', '.join(f'{name}:CODE' for name in previous.names)}, unit:ID, line:CODE/CODE or "
            "staff:PERSON=TARGET",
        ),
    )
