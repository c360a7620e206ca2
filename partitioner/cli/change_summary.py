"""What the terminal tells of a redraw or a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.table import Table

from partitioner.changing import Redrawing
from partitioner.cli.level_summary import MAX_SHOWN, SHORT_STATUS
from partitioner.cli.speaking import Voice
from partitioner.cli.summary import result_document, tell_violations
from partitioner.errors import Fault
from partitioner.io.writing.redraw import Comparison, Curve, LevelChange, UnitMove

FATES = ("kept", "changed", "split", "merged", "new", "retired")


def tell_redrawing(
    speaker: Voice, done: Redrawing, curve: Curve | None, files: list[str], notices: Sequence[Fault] = ()
) -> None:
    """Print the redraw the way the voice wants it."""
    if speaker.as_json:
        document = {"levels": _levels(done), "moved": done.comparison.moved, "files": files}
        if done.comparison.staff is not None:
            document["staff"] = staff_document(done.comparison)
        if curve is not None:
            document["trade_off"] = curve_document(curve)
        speaker.document(document)
    elif not speaker.quiet:
        tell_changes(speaker, done.comparison)
        tell_staff(speaker, done.comparison)
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        headings = (
            ("层级", "level"), ("结果", "result"), ("其余目标差距至多", "other terms within"), ("违规", "broken"),
            ("用时/秒", "seconds"),
        )  # fmt: skip
        for zh, en in headings:
            table.add_column(speaker.text(zh, en))
        for level, seconds in zip(done.planned.levels, done.planned.seconds, strict=True):
            title = level.level.title
            table.add_row(
                speaker.text(title.zh, title.en),
                speaker.stacked(SHORT_STATUS[level.result.status]),
                "–" if level.result.gap is None else f"{level.result.gap:.2%}",
                f"{len(level.result.violations):,}",
                f"{seconds:,.1f}" if seconds else "–",
            )
        speaker.out.print(table)
        for level in done.planned.levels:
            title, result = level.level.title, level.result
            for zh, en, found in (
                ("无合规方案的原因", "why no lawful plan exists", result.reasons),
                ("违规", "violations", result.violations),
            ):
                tell_violations(speaker, f"{title.zh}：{zh}", f"{title.en}: {en}", found, most=MAX_SHOWN)
        for notice in notices:
            speaker.tell("  · ", notice.text())
        tell_files(speaker, files)


def tell_files(speaker: Voice, files: list[str]) -> None:
    """The files that were written."""
    if files:
        speaker.out.print(speaker.text("文件：", "files:"), markup=False)
        for file in files:
            speaker.out.print(f"  {file}", markup=False)


def tell_changes(speaker: Voice, comparison: Comparison) -> None:
    """A line per level: households moved, what is proved of it, and fates of areas."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    anew = any(level.scratch is not None for level in comparison.levels)
    headings = [("层级", "level"), ("变动户数", "moved"), ("证明", "proof")]
    headings += [("重划则变动", "anew")] if anew else []
    headings += [
        ("保留", "kept"),
        ("调整", "changed"),
        ("拆分", "split"),
        ("合并", "merged"),
        ("新设", "new"),
        ("撤销", "retired"),
    ]
    for zh, en in headings:
        table.add_column(speaker.text(zh, en), justify="left" if zh in ("层级", "证明") else "right")
    for level in comparison.levels:
        title = level.title
        cells = [speaker.text(title.zh, title.en), f"{level.moved:,}", _proof(speaker, level)]
        if anew:
            cells.append("–" if level.scratch is None else f"{level.scratch:,}")
        table.add_row(*cells, *(f"{num:,}" for num in fates_of(level).values()))
    speaker.out.print(table)


def tell_staff(speaker: Voice, comparison: Comparison) -> None:
    """Whose posts change, the first few by name."""
    staff = comparison.staff
    if staff is None:
        return
    speaker.out.print(speaker.text(f"岗位有变：{len(staff)} 人", f"posts of {len(staff)} people change"))
    for change in staff[:MAX_SHOWN]:
        why = "" if change.reason is None else speaker.text(f"（{change.reason.zh}）", f" ({change.reason.en})")
        left, joined = "、".join(change.left) or "–", "、".join(change.joined) or "–"
        speaker.out.print(f"  {change.person}: {left} → {joined}{why}", markup=False)
    if len(staff) > MAX_SHOWN:
        more = len(staff) - MAX_SHOWN
        speaker.out.print(speaker.text(f"  ……另有 {more} 人", f"  … and {more} more"))


def staff_document(comparison: Comparison) -> list[dict[str, Any]]:
    """Whose posts change, for `--json`."""
    return [
        {
            "person": change.person,
            "left": list(change.left),
            "joined": list(change.joined),
            "kept": list(change.kept),
            "reason": None if change.reason is None else {"zh": change.reason.zh, "en": change.reason.en},
        }
        for change in comparison.staff or ()
    ]


def _proof(speaker: Voice, level: LevelChange) -> str:
    if level.moved_bound is None:
        return "–"
    if level.proved:
        return speaker.text("最少", "fewest")
    return speaker.text(f"至少 {level.moved_bound:,}", f"at least {level.moved_bound:,}")


def fates_of(level: LevelChange) -> dict[str, int]:
    """How many areas came to what."""
    return {fate: sum(area.fate == fate for area in level.fates) for fate in FATES}


def _levels(done: Redrawing) -> list[dict[str, Any]]:
    levels = []
    for planned, change in zip(done.planned.levels, done.comparison.levels, strict=True):
        document = {"level": planned.level.name, **result_document(planned.problem, planned.result, [])}
        del document["files"]
        levels.append(document | change_document(change))
    return levels


def change_document(change: LevelChange) -> dict[str, Any]:
    """One level's change for `--json`."""
    terms = ("walk", "split", "balance", "move", "total")
    return {
        "moved": change.moved,
        "moved_bound": change.moved_bound,
        "proved_fewest": change.proved if change.moved_bound is not None else None,
        "moved_anew": change.scratch,
        "num_moved_units": len(change.moves),
        "fates": fates_of(change),
        "before": {term: getattr(change.worth_before, term) for term in terms},
        "after": {term: getattr(change.worth_after, term) for term in terms},
        "broken_before": change.broken_before,
        "broken_after": change.broken_after,
        "moves": [_move_document(move) for move in change.moves],
    }


def _move_document(move: UnitMove) -> dict[str, Any]:
    return {
        "unit": move.unit,
        "households": move.households,
        "from": move.before,
        "to": move.after,
        "reason": {"zh": move.reason.zh, "en": move.reason.en},
    }


def curve_document(curve: Curve) -> dict[str, Any]:
    """A trade-off for `--json`."""
    return {
        "level": curve.level.name,
        "fewest": curve.fewest,
        "best_quality": curve.best_quality,
        "remark": None if curve.remark is None else {"zh": curve.remark.zh, "en": curve.remark.en},
        "points": [
            {"moved": p.moved, "quality": p.quality, "bound": p.bound, "status": p.status} for p in curve.points
        ],
    }


def tell_curve(speaker: Voice, curve: Curve) -> None:
    """A line per point, and why there is but one."""
    if speaker.as_json or speaker.quiet:
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for zh, en in (("变动户数", "moved"), ("其余目标", "other terms"), ("下界", "bound")):
        table.add_column(speaker.text(zh, en), justify="right")
    for point in curve.points:
        bound = "–" if point.bound is None else f"{point.bound:,.0f}"
        table.add_row(f"{point.moved:,}", f"{point.quality:,.0f}", bound)
    speaker.out.print(table)
    if curve.remark is not None:
        speaker.out.print(curve.remark.in_language(speaker.language))
