"""Staffing: rosters after published figures against three usual ways, and generalised assignment.

`python -m benchmarks.staffing [NAME…]` prints a line per role and stage. A gap of a stage is (value − bound) / value.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from benchmarks.child import measured
from benchmarks.rows import Row

if TYPE_CHECKING:
    from partitioner.staffing import Roster

TIME_LIMIT_S, QUICK_TIME_LIMIT_S = 30.0, 2.0
ASSIGNMENT_S = 60.0
SIZES = ((5, 100), (10, 100), (20, 100), (10, 200))
"""Agents and jobs."""

ROSTERS = ("gucheng", "guan", "keepers-single", "keepers-wide", "keepers-several")
QUICK = ("gucheng", "guan")
COMPARED_PEOPLE = 5_000
"""Up to so many people the usual ways are run and judged as well."""


def names() -> list[str]:
    """All instances of this suite."""
    return [*ROSTERS, *(f"assignment-{kind}-{m}-{n}" for kind in "abcde" for m, n in SIZES)]


def run(wanted: Callable[[str], bool], *, quick: bool) -> Iterator[Row]:
    """A row per role, or per instance of generalised assignment; each roster in a process of its own."""
    chosen = [name for name in names() if wanted(name)]
    if quick and len(chosen) == len(names()):
        chosen = list(QUICK)
    for name in chosen:
        usual = ASSIGNMENT_S if name.startswith("assignment") else TIME_LIMIT_S
        yield from measured("staffing", name, {"time_limit_s": QUICK_TIME_LIMIT_S if quick else usual})


def work(name: str, *, time_limit_s: float) -> Iterator[Row]:
    """The rows of one name."""
    from partitioner.solver.warm_up import ready

    ready()
    if name.startswith("assignment"):
        yield _assignment(name, time_limit_s)
    else:
        yield from _roster(name, time_limit_s)


def roster_of(name: str) -> Roster:
    """The roster of a name."""
    from benchmarks import rosters

    kind, _, variant = name.partition("-")
    return rosters.keepers(variant) if kind == "keepers" else {"guan": rosters.guan, "gucheng": rosters.gucheng}[kind]()


def _roster(name: str, time_limit_s: float) -> Iterator[Row]:
    from benchmarks.staffing_rivals import RIVALS
    from partitioner.solver import Limits
    from partitioner.staffing import ORDER, assign, judge

    roster = roster_of(name)
    began = time.monotonic()
    found = assign(roster, limits=Limits(time_limit_s=time_limit_s))
    seconds = time.monotonic() - began
    small = len(roster.people) <= COMPARED_PEOPLE
    judged = judge(roster, found.posted) if small else None
    for result in found.roles:
        row: Row = {"part": result.role, "seconds": round(seconds, 2), "time_limit_s": time_limit_s}
        row |= {"people": sum(one.role == result.role for one in roster.people), "posts": len(result.posted)}
        for stage in result.stages:
            row[stage.stage] = round(float(stage.value), 4)
            row[f"{stage.stage}_gap"] = None if stage.gap is None else round(stage.gap, 5)
        row["gap"] = max((row[f"{stage}_gap"] for stage in ORDER if row[f"{stage}_gap"] is not None), default=None)
        row["proved"] = result.proved
        if judged is not None:
            row["breaches"] = len(judged.breaches)
            ours = tuple(judged.stages[result.role][stage] for stage in ORDER)
            for rival, post in RIVALS.items():
                theirs = judge(roster, [*post(roster, roster.role[result.role])]).stages[result.role]
                row[rival] = "no better" if ours <= tuple(theirs[stage] for stage in ORDER) else "BETTER"
                row[f"{rival} ratio"] = round(float(theirs["ratio"]), 4)
        yield row


def _assignment(name: str, time_limit_s: float) -> Row:
    from benchmarks.assignment_instances import generalised_assignment
    from partitioner.solver import Limits
    from partitioner.staffing.engine import work_through

    _, kind, agents, jobs = name.split("-")
    piece = generalised_assignment(kind, int(agents), int(jobs), 0)
    began = time.monotonic()
    (unfilled, _), (value, bound) = work_through(piece, ("unfilled", "metres"), Limits(time_limit_s=time_limit_s))
    return {
        "part": "assignment",
        "people": int(agents),
        "posts": int(jobs),
        "unfilled": unfilled,
        "total": value,
        "bound": bound,
        "gap": round((value - bound) / value, 5) if value else 0.0,
        "proved": unfilled == 0 and bound >= value,
        "seconds": round(time.monotonic() - began, 2),
        "time_limit_s": time_limit_s,
    }


def main() -> None:
    """Print the rows."""
    only = set(sys.argv[1:])
    for row in run(lambda name: not only or name in only, quick=False):
        sys.stdout.write("  ".join(f"{key}={value}" for key, value in row.items() if key != "suite") + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
