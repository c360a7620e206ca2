"""Drafts: a plan edited by hand, every step answered with what it does."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request, Response

from partitioner.errors import Text
from service.api import answers as a
from service.api.asking import Cursor, Id, Inside, Limit, Reading, Writing, not_found
from service.api.auditing import note
from service.api.bodies import EditBody, NewDraft, Steps, TargetBody, UnitsBody
from service.api.conditions import IfMatch, etag, since, tagged, unchanged, wanted_revision
from service.api.convert import brokens, change, draft_answer, draft_item, edit_answer, outcome_answer
from service.api.editing import Move, Open, Outcome, back_to, checked_locks, done, moves_of
from service.api.paging import by_id
from service.api.routes.plans import level_of, plan_in
from service.api.staff_editing import DraftStaff, StaffOutcome, checked_staff, staff_outcome
from service.api.staff_editing import takers as who_could_take
from service.api.staffing_answers import staffing_answer
from service.errors import ServiceError, invalid
from service.jobs.drafting import Drawn
from service.records import Draft, Edit, new_id
from service.storage import Changed, Conflict

router = APIRouter(prefix="/api/v1/projects/{project}/drafts", tags=["drafts"])


@router.get("")
def listed(at: Reading, limit: Limit = 100, cursor: Cursor = None) -> a.Page[a.DraftItem]:
    """Newest first."""
    page: Any = by_id(at.services.store.drafts(at.key, limit + 1, cursor), limit, draft_item)
    return page


@router.post("", status_code=201)
def made(body: NewDraft, at: Writing, response: Response) -> a.DraftAnswer:
    """A draft of a plan, or a fork of another draft with its edits so far."""
    if (body.plan is None) == (body.draft is None):
        raise invalid("", "须给出 plan 或 draft 之一", "plan or draft is needed", "给出其中一个", "give one of the two")
    draft, edits = _forked(at, body) if body.draft is not None else (_of_plan(at, body), [])
    state = at.services.desk.opened(draft, plan_in(at, draft.plan), edits)
    at.services.store.add_draft(draft, edits)
    note(at.services, at.actor, at.key, "draft.make", draft.id, 201)
    answer = draft_answer(draft, state, at.language)
    tagged(response, draft.revision)
    response.headers["Location"] = answer["links"]["self"]
    return a.DraftAnswer(**answer)


@router.get("/{draft}", responses={304: {}}, response_model=a.DraftAnswer)
def one(draft: Id, at: Reading, request: Request, response: Response) -> Any:
    """What it is worth now."""
    found = _found(at, draft)
    if since(request, found.revision):
        return unchanged(etag(found.revision))
    tagged(response, found.revision)
    with at.services.desk.lock(draft):
        return a.DraftAnswer(**draft_answer(found, _opened(at, found), at.language))


@router.delete("/{draft}", status_code=204)
def removed(draft: Id, at: Writing) -> Response:
    """Thrown away; the plan stays."""
    if not at.services.store.remove_draft(at.key, draft):
        raise not_found("draft")
    at.services.desk.forget(draft)
    note(at.services, at.actor, at.key, "draft.remove", draft, 204)
    return Response(status_code=204)


@router.get("/{draft}/labels", responses={304: {}}, response_model=a.LabelsAnswer)
def labels(draft: Id, at: Reading, request: Request, response: Response) -> Any:
    """The grid of every unit, now and in the plan."""
    found = _found(at, draft)
    if since(request, found.revision):
        return unchanged(etag(found.revision))
    tagged(response, found.revision)
    with at.services.desk.lock(draft):
        drawn = _opened(at, found).drawn
        return a.LabelsAnswer(units=list(drawn.units), grid=list(drawn.labels), previous=list(drawn.base))


@router.get("/{draft}/edits")
def edits(draft: Id, at: Reading) -> list[a.EditAnswer]:
    """Every step, oldest first; those beyond the position were undone."""
    found = _found(at, draft)
    return [a.EditAnswer(**edit_answer(edit, found.position)) for edit in at.services.store.edits(draft)]


@router.post("/{draft}/edits")
def edited(draft: Id, body: EditBody, at: Writing, response: Response, if_match: IfMatch = None) -> a.OutcomeAnswer:
    """Moves, locks, staff; units and people go where they are told, and what that breaks is said."""
    revision = wanted_revision(if_match)
    with at.services.desk.lock(draft):
        found = _at_revision(at, draft, revision)
        state = _opened(at, found)
        stored: dict[str, Any] = {
            name: lock for name in ("lock", "unlock") if (lock := _locks(body, name, state)) is not None
        }
        stored |= {"comment": body.comment, **_asked(body, state)}
        # Cloned, so that a step that cannot be stored leaves no trace on the desk.
        fresh, outcome = _stepped(state, stored)
        edit = Edit(draft=draft, number=0, at=time.time(), actor=at.actor.name, body=stored)
        after = _stored(at, draft, lambda: at.services.store.add_edit(revision, edit))
        fresh.revision = after.revision
        at.services.desk.keep(draft, fresh)
        tagged(response, after.revision)
        told = draft_answer(after, fresh, at.language)
        return a.OutcomeAnswer(**outcome_answer(outcome, told, _staff_change(state, fresh), at.language))


@router.post("/{draft}/trials")
def tried(draft: Id, body: EditBody, at: Reading) -> a.OutcomeAnswer:
    """What an edit would do; nothing changes."""
    with at.services.desk.lock(draft):
        state = _opened(at, _found(at, draft))
        would, outcome = _stepped(state, _asked(body, state))
        return a.OutcomeAnswer(**outcome_answer(outcome, None, _staff_change(state, would), at.language))


@router.get("/{draft}/staffing")
def staffing(draft: Id, at: Reading) -> a.StaffingAnswer:
    """Who serves where in the draft of a staffed plan."""
    with at.services.desk.lock(draft):
        return a.StaffingAnswer(**staffing_answer(_staff_of(at, draft), at.language))


@router.post("/{draft}/staff-takers")
def staff_takers(draft: Id, body: TargetBody, at: Reading) -> list[a.StaffTakersAnswer]:
    """Who could take a target as the draft stands, role by role, best first."""
    with at.services.desk.lock(draft):
        return [a.StaffTakersAnswer(**told) for told in who_could_take(_staff_of(at, draft), body.target)]


@router.post("/{draft}/takers")
def takers(draft: Id, body: UnitsBody, at: Reading) -> list[a.TakerAnswer]:
    """Neighbouring grids that could take the units, best first."""
    with at.services.desk.lock(draft):
        state = _opened(at, _found(at, draft))
        places = _places(body.units, state)
        return [
            a.TakerAnswer(
                grid=grid,
                lawful=trial.lawful,
                change=a.Change(**change(trial)),
                broken=[a.BrokenAnswer(**told) for told in brokens(trial.broken, at.language)],
                mended=[a.BrokenAnswer(**told) for told in brokens(trial.mended, at.language)],
                households=trial.households,
            )
            for grid, trial in state.editor.takers(places)
        ]


@router.post("/{draft}/undo")
def undone(draft: Id, body: Steps, at: Writing, response: Response, if_match: IfMatch = None) -> a.OutcomeAnswer:
    """Back by some steps."""
    return _moved(at, draft, -body.steps, if_match, response)


@router.post("/{draft}/redo")
def redone(draft: Id, body: Steps, at: Writing, response: Response, if_match: IfMatch = None) -> a.OutcomeAnswer:
    """Forward again."""
    return _moved(at, draft, body.steps, if_match, response)


def _moved(at: Inside, draft: str, steps: int, if_match: str | None, response: Response) -> a.OutcomeAnswer:
    revision = wanted_revision(if_match)
    with at.services.desk.lock(draft):
        found = _at_revision(at, draft, revision)
        state = _opened(at, found)
        position = found.position + steps
        after = _stored(at, draft, lambda: at.services.store.move_position(draft, revision, position, time.time()))
        drawn = Drawn(units=state.drawn.units, base=state.drawn.base, labels=list(state.drawn.base))
        for edit in at.services.store.edits(draft)[:position]:
            drawn.apply(edit.body)
        redrawn = drawn.labels != state.drawn.labels
        staff = state.staff and state.staff.after(drawn, state.problem, redrawn=redrawn)
        fresh, outcome = _at(state, drawn, back_to(state, drawn.labels), staff)
        fresh.revision = after.revision
        at.services.desk.keep(draft, fresh)
        tagged(response, after.revision)
        told = draft_answer(after, fresh, at.language)
        return a.OutcomeAnswer(**outcome_answer(outcome, told, _staff_change(state, fresh), at.language))


def _asked(body: EditBody, state: Open) -> dict[str, Any]:
    """Moves and changes of staff as they are stored; new grids have names."""
    moves = moves_of([move.model_dump() for move in body.moves], state)
    return {
        "moves": [{"units": [state.drawn.units[place] for place in move.units], "grid": move.grid} for move in moves],
        "staff": [one.model_dump(by_alias=True) for one in body.staff],
    }


def _stepped(state: Open, edit: Mapping[str, Any]) -> tuple[Open, Outcome]:
    """The draft after an edit, apart from the draft on the desk.

    Raises
    ------
    FaultsError
        The changes of staff name what is not there.
    """
    drawn, place, staff = _copied(state.drawn), state.drawn.place, state.staff
    moves = [Move(units=tuple(place[unit] for unit in move["units"]), grid=move["grid"]) for move in edit["moves"]]
    drawn.apply({"moves": edit["moves"]})
    staff = staff and staff.after(drawn, state.problem, redrawn=bool(moves))
    checked_staff(edit["staff"], staff)
    drawn.apply({key: value for key, value in edit.items() if key != "moves"})
    return _at(state, drawn, moves, staff and staff.after(drawn, state.problem, redrawn=False))


def _at(state: Open, drawn: Drawn, moves: Sequence[Move], staff: DraftStaff | None) -> tuple[Open, Outcome]:
    """The draft as `drawn` tells it, which the moves lead to."""
    editor = state.editor.fork()
    outcome = done(editor, moves)
    return replace(state, editor=editor, drawn=drawn, staff=staff, judged=None), outcome


def _staff_change(before: Open, after: Open) -> StaffOutcome | None:
    if before.staff is None or after.staff is None:
        return None
    return staff_outcome(before.staff.posts, after.staff.posts)


def _staff_of(at: Inside, draft: str) -> DraftStaff:
    found = _opened(at, _found(at, draft)).staff
    if found is None:
        raise not_found("staffing")
    return found


def _of_plan(at: Inside, body: NewDraft) -> Draft:
    plan = at.services.store.plan(at.key, body.plan or "")
    if plan is None:
        raise invalid("/plan", "项目中没有它", "the project has no such plan", "请检查编号", "check the id", body.plan)
    now = time.time()
    return Draft(
        id=new_id(),
        project=at.key,
        plan=plan.id,
        level=level_of(plan, body.level),
        name=body.name,
        created=now,
        updated=now,
        actor=at.actor.name,
    )


def _forked(at: Inside, body: NewDraft) -> tuple[Draft, list[Edit]]:
    source = at.services.store.draft(at.key, body.draft or "")
    if source is None:
        raise invalid(
            "/draft", "项目中没有它", "the project has no such draft", "请检查编号", "check the id", body.draft
        )
    position = source.position if body.position is None else body.position
    kept = at.services.store.edits(source.id)[:position]
    now, key = time.time(), new_id()
    draft = replace(
        source,
        id=key,
        name=body.name or source.name,
        revision=1,
        position=len(kept),
        num_edits=len(kept),
        created=now,
        updated=now,
        actor=at.actor.name,
    )
    return draft, [replace(edit, draft=key) for edit in kept]


def _found(at: Inside, draft: str) -> Draft:
    found = at.services.store.draft(at.key, draft)
    if found is None:
        raise not_found("draft")
    return found


def _opened(at: Inside, draft: Draft) -> Open:
    return at.services.desk.opened(draft, plan_in(at, draft.plan), at.services.store.edits(draft.id))


def _at_revision(at: Inside, draft: str, revision: int) -> Draft:
    found = _found(at, draft)
    if found.revision != revision:
        raise _changed(at, found)
    return found


def _changed(at: Inside, now: Draft) -> ServiceError:
    current = draft_answer(now, _opened(at, now), at.language)
    return ServiceError("draft_changed", extra={"current": current})


def _stored(at: Inside, draft: str, store: Any) -> Draft:
    try:
        after: Draft = store()
    except Changed:
        at.services.desk.forget(draft)
        raise _changed(at, _found(at, draft)) from None
    except Conflict:
        raise ServiceError("conflict", Text("没有可撤销或重做的步骤", "there is nothing to undo or redo")) from None
    return after


def _locks(body: EditBody, name: str, state: Open) -> dict[str, Any] | None:
    given = body.lock if name == "lock" else body.unlock
    return None if given is None else checked_locks(given.model_dump(), state, name)


def _places(units: list[str], state: Open) -> list[int]:
    missing = [unit for unit in units if unit not in state.drawn.place]
    if missing:
        raise invalid("/units", "草稿中没有它", "the draft has no such unit", "请检查编号", "check the id", missing[0])
    return [state.drawn.place[unit] for unit in units]


def _copied(drawn: Drawn) -> Drawn:
    return Drawn(
        units=drawn.units,
        base=drawn.base,
        labels=list(drawn.labels),
        locked_units=set(drawn.locked_units),
        locked_grids=set(drawn.locked_grids),
        locked_lines=dict(drawn.locked_lines),
        touched=set(drawn.touched),
        begun=set(drawn.begun),
        ended=set(drawn.ended),
    )
