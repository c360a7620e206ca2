"""Rosters of a case: as many people in every role as are published (or assumed), living in the generated town."""

from __future__ import annotations

import datetime
import os
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xlsxwriter

from datasets.generator.ledgers import CLOCK
from datasets.generator.values import Building, Town

ROSTER = "staff.xlsx"

HEADINGS = ("工号", "职务", "单位", "居住楼栋", "可服务社区", "容量", "特长", "党员")

SPREADS = ("grids", "households", "stairwells", "anywhere")


@dataclass(frozen=True, kw_only=True)
class Group:
    """People of one role.

    Parameters
    ----------
    role : str
        As the roster calls it.
    prefix : str
        Of their numbers.
    count : int
    spread : str
        Over communities by their natural number of grids or by households; one for every stairwell, living there; or
        anywhere.
    organisations : tuple of str
        Employers in turn; none: the community.
    own : bool
        Whether they say that they serve their own community.
    capacities : tuple of float
        In turn; none: left blank.
    skills : tuple of str
        In turn.
    party : float
        Share of party members.
    """

    role: str
    prefix: str
    count: int
    spread: str = "grids"
    organisations: tuple[str, ...] = ()
    own: bool = True
    capacities: tuple[float, ...] = ()
    skills: tuple[str, ...] = ()
    party: float = 0.3

    def __post_init__(self) -> None:
        if self.spread not in SPREADS:
            raise ValueError(f"spread {self.spread!r} of {self.role}: must be one of {', '.join(SPREADS)}")


def read_groups(path: Path) -> tuple[Group, ...]:
    """The groups of a roster.toml, in its order; none where there is no such file.

    Raises
    ------
    ValueError
        A key is unknown or missing.
    """
    if not path.is_file():
        return ()
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))["staff"]
        return tuple(Group(**{key: _plain(value) for key, value in table.items()}) for table in tables)
    except (TypeError, KeyError) as error:
        raise ValueError(f"{path.name}: {error}") from error


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def roster_rows(town: Town, groups: Sequence[Group]) -> Iterator[tuple[Any, ...]]:
    """Rows in the order of `HEADINGS`; the same town and groups give the same rows."""
    for k, group in enumerate(groups):
        rng = np.random.default_rng([town.settings.seed, k])
        for n, home in enumerate(_homes(town, group, rng)):
            community = town.communities[home.community].name
            yield (
                f"{group.prefix}{n + 1:04d}",
                group.role,
                group.organisations[n % len(group.organisations)] if group.organisations else f"{community}居委会",
                home.id,
                community if group.own else None,
                group.capacities[n % len(group.capacities)] if group.capacities else None,
                group.skills[n % len(group.skills)] if group.skills else None,
                "是" if rng.random() < group.party else "否",
            )


def write_roster(town: Town, groups: Sequence[Group], folder: Path) -> Path | None:
    """`staff.xlsx` in a folder, replaced whole or not at all; None where there are no groups.

    Raises
    ------
    OSError
        The folder cannot be written.
    """
    if not groups:
        return None
    path, fresh = folder / ROSTER, folder / f".{os.getpid()}-{ROSTER}"
    try:
        _write(roster_rows(town, groups), fresh)
        os.replace(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
    return path


def _write(rows: Iterator[tuple[Any, ...]], path: Path) -> None:
    book = xlsxwriter.Workbook(str(path))
    book.set_properties({"created": datetime.datetime.fromisoformat(CLOCK.removesuffix("Z"))})
    sheet = book.add_worksheet("人员花名册")
    bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
    sheet.write_row(0, 0, HEADINGS, bold)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(HEADINGS) - 1, 18)
    for row, cells in enumerate(rows, start=1):
        for column, value in enumerate(cells):
            if isinstance(value, str):
                sheet.write_string(row, column, value, text)
            elif value is not None:
                sheet.write_number(row, column, value)
    book.close()


def _homes(town: Town, group: Group, rng: np.random.Generator) -> Iterator[Building]:
    """The building that each person of a group lives in."""
    lived_in = [b for b in town.buildings if b.households > 0]
    if group.spread == "stairwells":
        doors = [b for b in lived_in for _ in range(b.stairwells)]
        if len(doors) != group.count:
            raise ValueError(f"{group.count} of {group.role}, but {len(doors)} stairwells")
        yield from doors
        return
    if group.spread == "anywhere":
        yield from _drawn(lived_in, group.count, rng)
        return
    weights = [float(c.grids) for c in town.communities]
    if group.spread == "households":
        weights = [float(sum(b.households for b in lived_in if b.community == k)) for k in range(len(weights))]
    for k, num in enumerate(_shares(group.count, weights)):
        yield from _drawn([b for b in lived_in if b.community == k], num, rng)


def _drawn(buildings: Sequence[Building], num: int, rng: np.random.Generator) -> Iterator[Building]:
    """So many homes, each household as likely as any other."""
    weight = np.array([b.households for b in buildings], dtype=float)
    yield from (buildings[k] for k in rng.choice(len(buildings), num, p=weight / weight.sum()).tolist())


def _shares(total: int, weights: Sequence[float]) -> list[int]:
    """`total` in whole parts by weight, largest remainders first."""
    exact = np.array(weights) / sum(weights) * total
    parts = np.floor(exact).astype(int)
    rest = np.argsort(parts - exact, kind="stable")[: total - int(parts.sum())]
    parts[rest] += 1
    return [int(part) for part in parts]
