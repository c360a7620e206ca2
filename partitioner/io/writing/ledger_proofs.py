"""The sheet 证明: for every area above how good its division is, and what of that is proved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from partitioner.io.writing.bundle import PlannedLevels
from partitioner.io.writing.ledger_columns import Column
from partitioner.io.writing.naming import sheet_name
from partitioner.io.writing.proofs import PROOFS, Proofs, proof_of
from partitioner.model import PieceResult


@dataclass(frozen=True, kw_only=True)
class ProofRow:
    """A row of the sheet: an area above and how it is divided at one level."""

    level: str
    parent: PieceResult


def proof_rows(levels: PlannedLevels) -> Iterator[ProofRow]:
    """Of all levels, the widest first; nothing of a level with a single area above."""
    for planned in levels.levels:
        parents = Proofs.of(planned.result).parents
        if len(parents) > 1:
            yield from (ProofRow(level=sheet_name(planned), parent=parent) for parent in parents)


def proof_columns() -> list[Column]:
    """Of the sheet; a gap is told for lawful plans, the least number of households outside for others."""
    return [
        Column(heading="划分的层级", width=11, value=lambda r: r.level),
        Column(heading="上级编码", width=20, value=lambda r: r.parent.parent),
        Column(heading="结论", width=34, value=lambda r: PROOFS[proof_of(r.parent)].zh),
        Column(heading="户数", width=9, value=lambda r: r.parent.households, kind="integer"),
        Column(heading="划分单位数", width=9, value=lambda r: len(r.parent.units), kind="integer"),
        Column(heading="划分个数", width=9, value=lambda r: r.parent.num_grids, kind="integer"),
        Column(heading="目标函数", width=13, value=lambda r: r.parent.value, kind="integer"),
        Column(heading="下界", width=13, value=lambda r: r.parent.bound if r.parent.lawful else None, kind="integer"),
        Column(heading="差距至多（‰）", width=9, value=_per_mille, kind="integer"),
        Column(heading="界外户数", width=9, value=lambda r: r.parent.outside, kind="integer"),
        Column(heading="界外至少（已证明）", width=11, value=lambda r: r.parent.least_outside, kind="integer"),
    ]


def _per_mille(row: ProofRow) -> int | None:
    """Rounded up, so that “at most” stays true; proved plans have none."""
    gap = 0.0 if row.parent.proved else row.parent.gap
    return None if row.parent.gap is None or gap is None else -int(-gap * 1000 // 1)
