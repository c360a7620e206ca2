"""What a hand holds in place against what a plan keeps as it is, such as special grids."""

from __future__ import annotations

from partitioner.errors import Fault, Text, shorten
from partitioner.model import Labels, Problem
from partitioner.redraw import Frozen


def contradictions(problem: Problem, before: Labels, drawn: Labels, frozen: Frozen) -> list[Fault]:
    """Locked grids that a hand has given units, or taken some from, which are held now: no plan has both.

    Parameters
    ----------
    before, drawn : Labels
        Of the units of `problem`: in the plan and in the draft of it.
    """
    members = [frozenset(units.tolist()) for units in drawn.members()]
    held = {i for i, unit in enumerate(problem.units.id) if unit in frozen.units}
    held |= {i for name, units in zip(drawn.names, members, strict=True) if name in frozen.grids for i in units}
    faults = []
    for locked in map(frozenset, problem.locked):
        mixed = frozenset[int]().union(*(units for units in members if units & locked and units != locked))
        if mixed & held:
            name = before.values()[min(locked)] or ""
            faults.append(_both(name, [problem.units.id[i] for i in sorted(mixed & held)]))
    return faults


def _both(grid: str, units: list[str]) -> Fault:
    return Fault(
        rule="held_in_locked",
        value=shorten(", ".join(units)),
        message=Text(
            f"手工改动了锁定网格 {grid}（如专属网格）：改动与该网格不能同时保留",
            f"a hand changed the locked grid {grid} (such as a special one): both cannot stay",
        ),
        remedy=Text(
            "请撤销所列楼栋的改动；修复方案（repair）会自动恢复锁定网格",
            "undo what was done to these units; a repair restores locked grids by itself",
        ),
    )
