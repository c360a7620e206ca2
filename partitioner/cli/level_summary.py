"""What the terminal tells of a plan of one level or several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.table import Table

from partitioner.cli.speaking import FOUND, INFEASIBLE, NOTHING_FOUND, Voice
from partitioner.cli.summary import exit_code, result_document, sizes, tell, tell_violations
from partitioner.errors import Text
from partitioner.io.writing import PlannedCounty, PlannedLevels
from partitioner.io.writing.proofs import Proofs
from partitioner.levels.top_down import GRID
from partitioner.model import Result

MAX_SHOWN = 5
"""Violations of a level that the terminal lists; the report and the ledger hold them all."""


def worst_exit_code(planned: PlannedLevels) -> int:
    """0 a plan at every level, 3 some level proved infeasible, 4 nothing found in time at some level."""
    codes = {exit_code(level.result) for level in planned.levels}
    return next((code for code in (NOTHING_FOUND, INFEASIBLE) if code in codes), FOUND)


def tell_levels(
    speaker: Voice, planned: PlannedLevels, files: list[str], more: Mapping[str, Any] | None = None
) -> None:
    """Print the results the way the voice wants it; grids alone as `solve` does. `more` goes into the JSON document."""
    alone = planned.names == (GRID,)
    only = planned.levels[0]
    if speaker.as_json:
        found = result_document(only.problem, only.result, files) if alone else _document(planned, files)
        speaker.document({**found, **(more or {})})
    elif alone:
        tell(speaker, only.problem, only.result, files)
    elif not speaker.quiet:
        _tell_people(speaker, planned, files)


def _document(planned: PlannedLevels, files: list[str]) -> dict[str, Any]:
    levels = [
        {
            "level": level.level.name,
            **result_document(level.problem, level.result, []),
            "proofs": proofs_document(level.result),
        }
        for level in planned.levels
    ]
    for level in levels:
        del level["files"]
    return {"levels": levels, "files": files}


def proofs_document(result: Result) -> dict[str, Any]:
    """How the areas above are cut: shares with proof, and every area above by itself."""
    proofs = Proofs.of(result)
    return {
        "parents": len(proofs.parents),
        "proved_share": proofs.proved,
        "households_outside": proofs.outside,
        "households_outside_avoidable": proofs.avoidable,
        "kinds": {share.proof: share.parents for share in proofs.shares},
        "by_parent": [
            {
                "parent": parent.parent,
                "units": len(parent.units),
                "households": parent.households,
                "areas": parent.num_grids,
                "status": parent.status,
                "proved": parent.proved,
                "value": parent.value,
                "bound": parent.bound if parent.lawful else None,
                "gap": parent.gap,
                "households_outside": parent.outside,
                "households_outside_at_least": parent.least_outside,
            }
            for parent in proofs.parents
        ],
    }


def _tell_people(speaker: Voice, planned: PlannedLevels, files: list[str]) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for zh, en in HEADINGS:
        table.add_column(speaker.text(zh, en), justify="left" if zh in ("层级", "结果") else "right")
    for level, seconds in zip(planned.levels, planned.seconds, strict=True):
        table.add_row(*_cells(speaker, level, seconds))
    speaker.out.print(table)
    for level in planned.levels:
        title, result = level.level.title, level.result
        for zh, en, found in (
            ("无合规方案的原因", "why no lawful plan exists", result.reasons),
            ("违规", "violations", result.violations),
            ("还差多少", "how far it is from lawful", result.notes),
            ("提示（锁定网格）", "warnings (locked grids)", result.warnings),
        ):
            tell_violations(speaker, f"{title.zh}：{zh}", f"{title.en}: {en}", found, most=MAX_SHOWN)
    if files:
        speaker.out.print(speaker.text("文件：", "files:"), markup=False)
        for file in files:
            speaker.out.print(f"  {file}", markup=False)


SHORT_STATUS = {
    "optimal": Text("最优", "optimal"),
    "feasible": Text("合规", "lawful"),
    "infeasible": Text("无合规方案", "infeasible"),
    "unknown": Text("未找到", "not found"),
}

HEADINGS = (
    ("层级", "level"), ("数量", "areas"), ("户数", "households"), ("结果", "result"), ("违规", "broken"),
    ("差距至多", "gap at most"), ("带证明", "proved"), ("用时/秒", "seconds"),
)  # fmt: skip


def _cells(speaker: Voice, level: PlannedCounty, seconds: float) -> list[str]:
    result = level.result
    households = sizes(level.problem, result)
    return [
        speaker.text(level.level.title.zh, level.level.title.en),
        f"{len(result.plan.grid.names):,}",
        f"{households[0]:,}–{households[-1]:,}" if len(households) else "–",
        speaker.stacked(SHORT_STATUS[result.status]),
        f"{len(result.violations):,}",
        "–" if result.gap is None else f"{result.gap:.2%}",
        "–" if (proved := Proofs.of(result).proved) is None else f"{proved:.1%}",
        f"{seconds:,.1f}" if seconds else "–",
    ]
