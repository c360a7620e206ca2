"""What a draft's edits amount to: labels and locks, by replay."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.records import Draft, Edit, PlanRecord
from service.storage import BlobStore

Pair = tuple[str, str]
"""Number of a person and code of a target."""

Line = tuple[str, str]
"""Two neighbouring grids, sorted by name."""


def line_of(a: str, b: str) -> Line:
    """The line between two grids."""
    return min(a, b), max(a, b)


@dataclass(kw_only=True)
class Drawn:
    """A plan with edits in force.

    Parameters
    ----------
    units : tuple of str
    base, labels : list
        Grid of every unit in the plan and now.
    locked_units, locked_grids : set
    locked_lines : dict of (str, str) to (frozenset of str, frozenset of str)
        Pairs of grids, sorted, and the units that were on either side when the line was locked.
    touched : set of str
        Units that any edit in force moved.
    begun, ended : set of (str, str)
        Posts (person, target) that the plan does not have, and those of the plan that are given up.
    """

    units: tuple[str, ...]
    base: list[str | None]
    labels: list[str | None]
    locked_units: set[str] = field(default_factory=set)
    locked_grids: set[str] = field(default_factory=set)
    locked_lines: dict[Line, tuple[frozenset[str], frozenset[str]]] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    begun: set[Pair] = field(default_factory=set)
    ended: set[Pair] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.place = {unit: i for i, unit in enumerate(self.units)}

    def apply(self, body: Mapping[str, Any]) -> None:
        """One edit."""
        for move in body.get("moves", ()):
            for unit in move["units"]:
                self.labels[self.place[unit]] = move["grid"]
                self.touched.add(unit)
        for one in body.get("staff", ()):
            self._post(one["target"], one["from"], one["to"])
        for name, sign in (("lock", True), ("unlock", False)):
            change = body.get(name) or {}
            self._lock(self.locked_units, change.get("units", ()), sign)
            self._lock(self.locked_grids, change.get("grids", ()), sign)
            self._lock_lines(change.get("lines", ()), sign)

    def locks(self) -> dict[str, Any]:
        """What is locked, as it is told."""
        return {
            "units": sorted(self.locked_units),
            "grids": sorted(self.locked_grids),
            "lines": [list(line) for line in sorted(self.locked_lines)],
        }

    def kept_apart(self) -> list[Line]:
        """Pairs of grids as they are now between which nothing may pass, so that locked lines hold."""
        label = dict(zip(self.units, self.labels, strict=True))
        here = [
            [sorted({label[unit] or "" for unit in side}) for side in sides] for sides in self.locked_lines.values()
        ]
        return sorted({line_of(a, b) for one, other in here for a in one for b in other if a and b and a != b})

    def moved(self) -> list[int]:
        """Positions of units that are in another grid than in the plan."""
        return [i for i, (was, now) in enumerate(zip(self.base, self.labels, strict=True)) if was != now]

    def _lock(self, locked: set[str], names: Sequence[str], sign: bool) -> None:
        if sign:
            locked.update(names)
        else:
            locked.difference_update(names)

    def _post(self, target: str, leaves: str | None, comes: str | None) -> None:
        """A post that was begun and ended again was never there."""
        for person, into, other in ((leaves, self.ended, self.begun), (comes, self.begun, self.ended)):
            if person is None:
                continue
            if (person, target) in other:
                other.discard((person, target))
            else:
                into.add((person, target))

    def _lock_lines(self, lines: Sequence[Sequence[str]], sign: bool) -> None:
        for a, b in lines:
            line = line_of(a, b)
            if not sign:
                self.locked_lines.pop(line, None)
            elif line not in self.locked_lines:
                self.locked_lines[line] = (self._members(line[0]), self._members(line[1]))

    def _members(self, grid: str) -> frozenset[str]:
        return frozenset(unit for unit, label in zip(self.units, self.labels, strict=True) if label == grid)


def labels_file(plan: PlanRecord, level: str) -> tuple[str, str]:
    """Names of the problem and plan files of one level."""
    part = "" if len(plan.summary["levels"]) == 1 else f"-{level}"
    return f"problem{part}.json", f"plan{part}.json"


def drawn(plan: PlanRecord, level: str, edits: Sequence[Edit], blobs: BlobStore) -> Drawn:
    """The plan's labels at `level` with `edits` in force."""
    hashes = {blob.name: blob.sha256 for blob in plan.files}
    problem, labels = labels_file(plan, level)
    units = tuple(json.loads(blobs.read(hashes[problem]))["units"]["id"])
    base = json.loads(blobs.read(hashes[labels]))["grid"]
    found = Drawn(units=units, base=base, labels=list(base))
    for edit in edits:
        found.apply(edit.body)
    return found


def drafted(draft: Draft, plan: PlanRecord, edits: Sequence[Edit], blobs: BlobStore) -> dict[str, Any]:
    """What `save` and `finish` need to know of a draft."""
    found = drawn(plan, draft.level, edits, blobs)
    return {
        "level": draft.level,
        "labels": found.labels,
        "touched": sorted(found.touched),
        "locks": found.locks() | {"lines": found.kept_apart()},
        "posts": {"begun": sorted(found.begun), "ended": sorted(found.ended)},
    }
