"""Drafts on the desk: editors that stay open between requests, so that an edit is answered at once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from partitioner.errors import Fault, Place, Text
from partitioner.model import Labels, Objective, Plan, Problem, Violation
from partitioner.model.problem_json import problem_from_json
from partitioner.redraw import Editor, Trial
from partitioner.redraw.editing import Broken
from partitioner.scoring import score, validate
from service.api.layers import LayerCache, blob_named
from service.api.staff_editing import DraftStaff, opened, unknown_name
from service.errors import FaultsError, ServiceError
from service.jobs.drafting import Drawn, Line, labels_file, line_of
from service.jobs.rosters import ROSTER, kept_roster
from service.records import Draft, Edit, PlanRecord

MAX_UNITS = 100_000
"""Of one edit."""


@dataclass(kw_only=True)
class Open:
    """A draft at one revision, ready to be edited."""

    revision: int
    editor: Editor
    drawn: Drawn
    base_objective: Objective
    staff: DraftStaff | None = None
    judged: tuple[Objective, tuple[Violation, ...]] | None = None

    @property
    def problem(self) -> Problem:
        return self.editor.problem

    def judgement(self) -> tuple[Objective, tuple[Violation, ...]]:
        """What the draft is worth as it is, and every rule that it breaks."""
        if self.judged is None:
            plan = self.editor.plan
            self.judged = score(self.problem, plan), validate(self.problem, plan)[0]
        return self.judged


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What an edit does, all its moves together."""

    lawful: bool
    walk: float
    split: int
    balance: float
    move: int
    total: float
    broken: tuple[Broken, ...]
    mended: tuple[Broken, ...]
    households: dict[str, int]
    labels: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Move:
    """Units (positions) and the grid that they go to."""

    units: tuple[int, ...]
    grid: str


class Desk:
    """The drafts that were touched last."""

    def __init__(self, layers: LayerCache, most: int = 32) -> None:
        self._layers, self._most = layers, most
        self._open: OrderedDict[str, Open] = OrderedDict()
        self._locks: dict[str, threading.RLock] = {}
        self._lock = threading.Lock()
        self._problems: OrderedDict[str, Problem] = OrderedDict()

    def lock(self, draft: str) -> threading.RLock:
        """Held while a draft is looked at or changed."""
        with self._lock:
            return self._locks.setdefault(draft, threading.RLock())

    def opened(self, draft: Draft, plan: PlanRecord, edits: Iterable[Edit]) -> Open:
        """The draft with its edits in force.

        Raises
        ------
        FaultsError
            The plan left out units, so that it cannot be edited.
        """
        known = self._open.get(draft.id)
        if known is None or known.revision != draft.revision:
            known = self._from_storage(draft, plan, list(edits)[: draft.position])
            self.keep(draft.id, known)
        else:
            with self._lock:
                self._open.move_to_end(draft.id)
        return known

    def keep(self, draft: str, state: Open) -> None:
        """Remember a draft as it is now."""
        with self._lock:
            self._open[draft] = state
            self._open.move_to_end(draft)
            while len(self._open) > self._most:
                gone, _ = self._open.popitem(last=False)
                self._locks.pop(gone, None)

    def forget(self, draft: str) -> None:
        """It was changed elsewhere, or is gone."""
        with self._lock:
            self._open.pop(draft, None)

    def problem(self, plan: PlanRecord, level: str) -> Problem:
        """Of one level of a plan."""
        blob = blob_named(plan.files, labels_file(plan, level)[0])
        if blob is None:
            raise ServiceError("not_found")
        with self._lock:
            if blob.sha256 in self._problems:
                self._problems.move_to_end(blob.sha256)
                return self._problems[blob.sha256]
        problem = problem_from_json(self._layers.document(blob.sha256))
        with self._lock:
            self._problems[blob.sha256] = problem
            while len(self._problems) > self._most:
                self._problems.popitem(last=False)
        return problem

    def labels(self, plan: PlanRecord, level: str) -> list[str | None]:
        """The labels of one level of a plan."""
        blob = blob_named(plan.files, labels_file(plan, level)[1])
        if blob is None:
            raise ServiceError("not_found")
        return list(self._layers.document(blob.sha256)["grid"])

    def _from_storage(self, draft: Draft, plan: PlanRecord, edits: Sequence[Edit]) -> Open:
        problem = self.problem(plan, draft.level)
        base = self.labels(plan, draft.level)
        found = Drawn(units=problem.units.id, base=base, labels=list(base))
        for edit in edits:
            found.apply(edit.body)
        return Open(
            revision=draft.revision,
            editor=Editor(problem, Plan(grid=Labels(found.labels))),
            drawn=found,
            base_objective=score(problem, Plan(grid=Labels(base))),
            staff=self._staff(draft, plan, found, problem),
        )

    def _staff(self, draft: Draft, plan: PlanRecord, drawn: Drawn, problem: Problem) -> DraftStaff | None:
        """Of a plan that was staffed; those that older servers staffed have no roster with them."""
        roster, staffing = blob_named(plan.files, ROSTER), blob_named(plan.files, "staffing.json")
        if roster is None or staffing is None:
            return None
        kept = kept_roster(self._layers.document(roster.sha256))
        posted = [(post["person"], post["target"]) for post in self._layers.document(staffing.sha256)["posted"]]
        return opened(kept, posted, draft.level, drawn, problem)


def moves_of(body: Sequence[Mapping[str, Any]], state: Open) -> list[Move]:
    """The moves of an edit; a null grid is a new one.

    Raises
    ------
    FaultsError
        Units that are not there. ServiceError: some are locked.
    """
    faults: list[Fault] = []
    moves: list[Move] = []
    taken = {label for label in state.drawn.labels if label is not None}
    for i, move in enumerate(body):
        places = []
        for j, unit in enumerate(move["units"]):
            place = state.drawn.place.get(unit)
            if place is None:
                faults.append(unknown_name(f"/moves/{i}/units/{j}", unit))
            else:
                places.append(place)
        grid = move["grid"]
        if grid is None:
            grid = next(f"新{n}" for n in range(1, len(taken) + 2) if f"新{n}" not in taken)
        taken.add(grid)
        moves.append(Move(units=tuple(dict.fromkeys(places)), grid=grid))
    if faults:
        raise FaultsError(faults, "request_invalid")
    _check_locks(moves, state.drawn)
    return moves


def _check_locks(moves: Sequence[Move], drawn: Drawn) -> None:
    stuck = []
    for move in moves:
        into = move.grid in drawn.locked_grids
        for place in move.units:
            unit, grid = drawn.units[place], drawn.labels[place]
            if grid != move.grid and (into or unit in drawn.locked_units or grid in drawn.locked_grids):
                stuck.append(unit)
    over, lines = _over_lines(moves, drawn)
    if stuck or over:
        detail = Text(
            f"{len(stuck)} 个对象已锁定，或属于、划入锁定的网格",
            f"{len(stuck)} units are locked, by themselves or their grid",
        )
        if not stuck:
            detail = Text(
                f"{len(over)} 个对象会越过锁定的界线 {_shown(lines)}",
                f"{len(over)} units would cross the locked line {_shown(lines)}",
            )
        units = list(dict.fromkeys((*stuck, *over)))
        raise ServiceError(
            "unit_locked", detail, extra={"units": units[:1000], "lines": [list(line) for line in lines]}
        )


def _over_lines(moves: Sequence[Move], drawn: Drawn) -> tuple[list[str], list[Line]]:
    """Units that would share a grid with units of the other side of a locked line, and those lines."""
    if not drawn.locked_lines:
        return [], []
    before = dict(zip(drawn.units, drawn.labels, strict=True))
    after = dict(before)
    for move in moves:
        after |= dict.fromkeys((drawn.units[place] for place in move.units), move.grid)
    moved = {unit for unit, label in after.items() if before[unit] != label}
    over: dict[str, None] = {}
    lines = []
    for line, sides in sorted(drawn.locked_lines.items()):
        here = [{after[unit] for unit in side} for side in sides]
        both = here[0] & here[1]
        crossing = sorted(unit for side in sides for unit in side & moved if after[unit] in both)
        if crossing:
            lines.append(line)
            over |= dict.fromkeys(crossing)
    return list(over), lines


def _shown(lines: Sequence[Line]) -> str:
    more = "…" if len(lines) > 3 else ""
    return ", ".join(f"{a} | {b}" for a, b in lines[:3]) + more


def checked_locks(lock: Mapping[str, Any], state: Open, name: str) -> dict[str, Any]:
    """A change of locks with everything spelled out; `all` names every grid.

    Parameters
    ----------
    name : {"lock", "unlock"}
        What is done, which is also where it stands in the body.

    Raises
    ------
    FaultsError
    """
    pointer = f"/{name}"
    grids = {label for label in state.drawn.labels if label is not None}
    faults = [
        unknown_name(f"{pointer}/{kind}/{i}", name)
        for kind, known in (("units", state.drawn.place), ("grids", grids))
        for i, name in enumerate(lock.get(kind) or [])
        if name not in known
    ]
    lines = {line_of(*pair): i for i, pair in reversed(list(enumerate(lock.get("lines") or [])))}
    faults += _wrong_lines(lines, state, grids, pointer, only_locked=name == "unlock")
    if faults:
        raise FaultsError(faults, "request_invalid")
    named = sorted(grids) if lock.get("all") else list(dict.fromkeys(lock.get("grids") or []))
    return {
        "units": list(dict.fromkeys(lock.get("units") or [])),
        "grids": named,
        "lines": [list(line) for line in sorted(lines)],
    }


def _wrong_lines(
    lines: Mapping[Line, int], state: Open, grids: set[str], pointer: str, *, only_locked: bool
) -> list[Fault]:
    """A line lies between two grids that touch; one that was locked may be named though its grids are gone."""
    touching = None
    faults = []
    for line, i in sorted(lines.items(), key=lambda entry: entry[1]):
        if line in state.drawn.locked_lines or (only_locked and set(line) <= grids):
            continue
        missing = next((grid for grid in line if grid not in grids), None)
        if missing is not None:
            faults.append(unknown_name(f"{pointer}/lines/{i}", missing))
            continue
        touching = touching or _touching(state)
        if line not in touching:
            faults.append(_apart(f"{pointer}/lines/{i}", line))
    return faults


def _touching(state: Open) -> set[Line]:
    graph, labels = state.problem.graph, state.drawn.labels
    pairs = ((labels[u], labels[v]) for u, v in zip(graph.u.tolist(), graph.v.tolist(), strict=True))
    return {line_of(a, b) for a, b in pairs if a is not None and b is not None and a != b}


def _apart(pointer: str, line: Line) -> Fault:
    return Fault(
        rule="not_neighbours",
        place=Place(pointer=pointer),
        value=" / ".join(line),
        message=Text("两个网格不相邻，中间没有界线", "no line lies between these, they do not touch"),
        remedy=Text("请给出相邻的两个网格", "name two grids that are neighbours"),
    )


def done(editor: Editor, moves: Sequence[Move]) -> Outcome:
    """Do the moves one after the other; what they change together."""
    before = {place: label for move in moves for place, label in _labels_at(editor, move.units)}
    terms = dict.fromkeys(("walk", "split", "balance", "move", "total"), 0.0)
    broken: dict[str, list[Broken]] = {}
    counts: list[Broken] = []
    mended: dict[tuple[str, str], Broken] = {}
    households: dict[str, int] = {}
    for move in moves:
        trial = editor.move(move.units, move.grid)
        for name in terms:
            terms[name] += getattr(trial, name)
        _gather(trial, broken, mended, households)
        counts = [fault for fault in trial.broken if fault.rule in COUNTS]
    faults = [*counts, *(fault for name in sorted(broken) for fault in broken[name])]
    now = {(fault.rule, fault.grid) for fault in faults}
    changed = dict(_labels_at(editor, before))
    return Outcome(
        lawful=not faults,
        walk=terms["walk"],
        split=round(terms["split"]),
        balance=terms["balance"],
        move=round(terms["move"]),
        total=terms["total"],
        broken=tuple(faults),
        mended=tuple(fault for key, fault in sorted(mended.items()) if key not in now),
        households=households,
        labels={editor.problem.units.id[place]: changed[place] for place in before if changed[place] != before[place]},
    )


COUNTS = ("count_min", "count_max")
"""Rules that speak of a parent, not of one grid."""


def _labels_at(editor: Editor, places: Iterable[int]) -> list[tuple[int, str]]:
    return [(place, editor.label(place)) for place in places]


def _gather(
    trial: Trial,
    broken: dict[str, list[Broken]],
    mended: dict[tuple[str, str], Broken],
    households: dict[str, int],
) -> None:
    for name in trial.households:
        broken[name] = [fault for fault in trial.broken if fault.grid == name and fault.rule not in COUNTS]
    for fault in trial.mended:
        mended[fault.rule, fault.grid] = fault
    households |= trial.households


def back_to(state: Open, wanted: Sequence[str | None]) -> list[Move]:
    """The moves from the labels of now to those of another step."""
    groups: dict[str, list[int]] = {}
    for place, label in enumerate(wanted):
        if label is not None and state.editor.label(place) != label:
            groups.setdefault(label, []).append(place)
    return [Move(units=tuple(places), grid=label) for label, places in sorted(groups.items())]
