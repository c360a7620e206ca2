"""Two runs against each other, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from benchmarks.rows import Row, by_key

Verdict = Literal["better", "worse", "same"]
STATUSES = ("unknown", "infeasible", "feasible", "optimal")
"""From nothing known to everything. Infeasible is a proof, so it is worth more than unknown."""


@dataclass(frozen=True, kw_only=True)
class Tolerance:
    """How far a figure may move before it counts: `relative` of the old one or `absolute`, whichever is more."""

    relative: float = 0.0
    absolute: float = 0.0
    more_is_better: bool = False

    def judge(self, old: float, new: float) -> Verdict:
        gain = new - old if self.more_is_better else old - new
        if abs(gain) <= max(self.relative * abs(old), self.absolute):
            return "same"
        return "better" if gain > 0 else "worse"


TOLERANCES: dict[str, Tolerance] = {
    "seconds": Tolerance(relative=0.25, absolute=0.5),
    "first_lawful_s": Tolerance(relative=0.5, absolute=0.5),
    "rescore_s": Tolerance(relative=0.5, absolute=0.2),
    "peak_mb": Tolerance(relative=0.15, absolute=20),
    "total": Tolerance(relative=0.002),
    "bound": Tolerance(relative=0.002, more_is_better=True),
    "gap": Tolerance(absolute=0.002),
    "violations": Tolerance(),
    "near_best_s": Tolerance(relative=0.5, absolute=1.0),
    "proof_s": Tolerance(relative=0.5, absolute=1.0),
    "to_2pct_s": Tolerance(relative=0.5, absolute=1.0),
    "gap_left": Tolerance(absolute=0.005),
    "households_per_s": Tolerance(relative=0.25, more_is_better=True),
    "outside_share": Tolerance(absolute=0.0005),
    "holds": Tolerance(more_is_better=True),
    "times_faster": Tolerance(relative=0.15, more_is_better=True),
    "of_peers_true": Tolerance(relative=0.0005, more_is_better=True),
}
"""The figures that are compared; the others describe."""

CUT_SHORT: dict[str, Tolerance] = {
    "total": Tolerance(relative=0.005),
    "bound": Tolerance(relative=0.02, more_is_better=True),
    "gap": Tolerance(absolute=0.015),
}
"""Instead, where the clock ended either run: how far it came depends on what else the machine did. Three runs of 6 s on
a city, beside other work, differed by 0.004 % in the total and by 1.8 % in the bound."""

BUDGET = ("time_limit_s", "seed", "buildings", "units", "households")
"""Rows that differ here did not do the same work and are not compared."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What became of one row, or of one figure of it."""

    suite: str
    name: str
    part: str
    figure: str
    old: Any
    new: Any
    verdict: Literal["better", "worse", "same", "not compared"]
    why: str = ""


def compare(old: Sequence[Row], new: Sequence[Row]) -> list[Finding]:
    """One finding per figure of every row of either run; a row that only one of them has is not compared.

    Rows of peers are left out: they are there to be compared with, not to be kept from changing.
    """
    before, after = (by_key(row for row in rows if not row.get("peer")) for rows in (old, new))
    findings = []
    for key in [*before, *(key for key in after if key not in before)]:
        for figure, was, now, verdict, why in _row(before.get(key), after.get(key)):
            suite, name, part = key
            findings.append(
                Finding(suite=suite, name=name, part=part, figure=figure, old=was, new=now, verdict=verdict, why=why)
            )
    return findings


_Part = tuple[str, Any, Any, Literal["better", "worse", "same", "not compared"], str]


def _row(old: Row | None, new: Row | None) -> Iterator[_Part]:
    if old is None or new is None:
        yield "row", None, None, "not compared", "only in the new run" if old is None else "only in the old run"
        return
    if "failed" in old or "failed" in new:
        if "failed" in old and "failed" in new:
            yield "row", "failed", "failed", "not compared", str(new["failed"])
        else:
            worse = "failed" in new
            was, now = ("measured", "failed") if worse else ("failed", "measured")
            yield "row", was, now, "worse" if worse else "better", str((new if worse else old)["failed"])
        return
    other = [key for key in BUDGET if old.get(key) != new.get(key)]
    if other:
        yield "row", None, None, "not compared", f"another {', '.join(other)}"
        return
    if "status" in old and "status" in new:
        rank = {status: k for k, status in enumerate(STATUSES)}
        verdict = Tolerance(more_is_better=True).judge(rank[old["status"]], rank[new["status"]])
        yield "status", old["status"], new["status"], verdict, ""
    limited = any(row.get("stop") == "time_limit" for row in (old, new))
    for figure, tolerance in (TOLERANCES | (CUT_SHORT if limited else {})).items():
        if figure in old and figure in new:
            yield from _figure(figure, tolerance, old, new)


def _figure(figure: str, tolerance: Tolerance, old: Row, new: Row) -> Iterator[_Part]:
    was, now = old[figure], new[figure]
    if was is None or now is None:
        if (was is None) != (now is None):
            yield figure, was, now, "worse" if now is None else "better", "known in one run only"
        return
    unlawful = any(row.get("violations") for row in (old, new))
    if figure in ("total", "bound", "gap") and unlawful:
        yield figure, was, now, "not compared", "a plan breaks rules"
        return
    yield figure, was, now, tolerance.judge(was, now), ""


def told(findings: Sequence[Finding], *, all_of_them: bool) -> str:
    """A line per finding that is not the same as before, and a last line that counts."""
    shown = [finding for finding in findings if all_of_them or finding.verdict != "same"]
    lines = []
    for finding in shown:
        name = " · ".join(text for text in (finding.suite, finding.name, finding.part, finding.figure) if text)
        change = "" if finding.old is None and finding.new is None else f": {finding.old} → {finding.new}"
        lines.append(f"{finding.verdict:<13}{name}{change}{f' ({finding.why})' if finding.why else ''}")
    counts = [f"{sum(f.verdict == v for f in findings)} {v}" for v in ("better", "worse", "same", "not compared")]
    return "\n".join([*lines, ", ".join(counts)]) + "\n"
