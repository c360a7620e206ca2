"""What jobs do: one module for each kind, all with the same shape."""

from __future__ import annotations

from collections.abc import Callable

from service.jobs.kinds.changing import diff, finish, redraw, repair, trade_off
from service.jobs.kinds.checking import check
from service.jobs.kinds.exporting import export
from service.jobs.kinds.planning import plan
from service.jobs.kinds.printing import print_map
from service.jobs.kinds.reading import read
from service.jobs.kinds.saving import save
from service.jobs.kinds.staffing import staff, takers
from service.jobs.task import Outcome, Task

KINDS: dict[str, Callable[[Task], Outcome]] = {
    "read": read,
    "plan": plan,
    "check": check,
    "save": save,
    "finish": finish,
    "repair": repair,
    "redraw": redraw,
    "trade_off": trade_off,
    "diff": diff,
    "staff": staff,
    "takers": takers,
    "export": export,
    "print": print_map,
}
"""From kind to the work."""
