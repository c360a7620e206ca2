"""From records and values of the library to answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import numpy as np

from partitioner.errors import Text
from partitioner.io.writing.report import FILES
from partitioner.profiles import Profile
from partitioner.redraw import Line, Trial
from partitioner.redraw.editing import Broken
from service.api.editing import Open, Outcome
from service.api.staff_editing import StaffOutcome
from service.api.staffing_answers import staff_answer, staff_state
from service.errors import fault_document, fault_from_stored, from_stored, problem_document
from service.records import AuditEntry, Blob, Dataset, Draft, Edit, Job, PlanRecord, Project, TrailEntry

ROOT = "/api/v1"

MAX_VIOLATIONS = 1000

MEDIA = {
    ".json": "application/json",
    ".geojson": "application/geo+json",
    ".gpkg": "application/geopackage+sqlite3",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".png": "image/png",
    ".pdf": "application/pdf",
    ".md": "text/markdown; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".zip": "application/zip",
}


def when(at: float | None) -> Any:
    """RFC 3339 in UTC."""
    return (
        None
        if at is None
        else datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )


def path_of(project: str, *parts: str) -> str:
    return "/".join((f"{ROOT}/projects/{project}", *parts))


def media_type(name: str) -> str:
    """What a file is sent as."""
    return next((media for ending, media in MEDIA.items() if name.endswith(ending)), "application/octet-stream")


def file_answer(blob: Blob) -> dict[str, Any]:
    return {"name": blob.name, "bytes": blob.bytes, "sha256": blob.sha256}


def project_answer(project: Project, role: str, job: str | None = None) -> dict[str, Any]:
    links = {name: path_of(project.id, name) for name in ("datasets", "jobs", "plans", "drafts", "members", "audit")}
    if job is not None:
        links["demo_job"] = path_of(project.id, "jobs", job)
    return {
        "id": project.id,
        "name": project.name,
        "profile": project.profile,
        "profile_toml": project.profile_toml,
        "crs": project.crs,
        "revision": project.revision,
        "role": role,
        "created": when(project.created),
        "updated": when(project.updated),
        "links": {"self": path_of(project.id), **links},
    }


def audit_answer(entry: AuditEntry) -> dict[str, Any]:
    return {
        "at": when(entry.at),
        "actor": entry.actor,
        "action": entry.action,
        "target": entry.target,
        "status": entry.status,
    }


def dataset_answer(dataset: Dataset, language: str) -> dict[str, Any]:
    home = path_of(dataset.project, "datasets", dataset.id)
    names = [blob.name for blob in dataset.outputs]
    links = {"self": home}
    for layer in ("buildings", "communities", "barriers", "boundary"):
        if f"_{layer}.geojson.gz" in names:
            links[layer] = f"{home}/layers/{layer}"
    if "faults.xlsx" in names:
        links |= {"faults": f"{home}/faults", "faults_table": f"{home}/faults.xlsx"}
    if dataset.job is not None:
        links["job"] = path_of(dataset.project, "jobs", dataset.job)
    summary = dict(dataset.summary)
    notices = summary.pop("notices", [])
    return {
        "id": dataset.id,
        "name": dataset.name,
        "version": dataset.version,
        "state": dataset.state,
        "options": dataset.options,
        "files": [file_answer(blob) for blob in dataset.files],
        "summary": summary,
        "notices": [fault_document(fault_from_stored(n), language) for n in notices],
        "num_faults": dataset.num_faults,
        "job": dataset.job,
        "created": when(dataset.created),
        "actor": dataset.actor,
        "links": links,
    }


def job_answer(job: Job, language: str) -> dict[str, Any]:
    home = path_of(job.project, "jobs", job.id)
    links = {"self": home}
    if not job.over:
        links |= {"events": f"{home}/events", "best": f"{home}/best", "stop": f"{home}/stop"}
    result = dict(job.result) if job.result else None
    if result is not None:
        result.pop("blobs", None)
        links["results"] = f"{home}/results"
        if "plan" in result:
            links["plan"] = path_of(job.project, "plans", result["plan"])
        if "dataset" in result:
            links["dataset"] = path_of(job.project, "datasets", result["dataset"])
    error = None
    if job.error:
        error = problem_document(from_stored(job.error), language, home)
        if job.kind == "read" and error.get("num_errors"):
            error["download"] = path_of(job.project, "datasets", job.request["inputs"]["dataset"], "faults.xlsx")
    inputs = {k: v for k, v in job.request.get("inputs", {}).items() if k not in ("problem", "labels")}
    return {
        "id": job.id,
        "kind": job.kind,
        "name": job.name,
        "state": job.state,
        "phase": job.phase,
        "level": job.level,
        "progress": job.progress,
        "stop_requested": job.stop_requested,
        "stop_reason": job.stop_reason,
        "attempts": job.attempt,
        "error": error,
        "result": result,
        "limits": job.request.get("limits", {}),
        "inputs": inputs,
        "revision": job.revision,
        "created": when(job.created),
        "started": when(job.started),
        "finished": when(job.finished),
        "actor": job.actor,
        "links": links,
    }


def plan_answer(plan: PlanRecord, language: str, *, whole: bool = True) -> dict[str, Any]:
    """A plan; in lists without its notices."""
    home = path_of(plan.project, "plans", plan.id)
    links = {"self": home}
    links |= {
        name: f"{home}/{name}" for name in ("areas", "violations", "explanation", "files", "trail", "labels", "problem")
    }
    for layer in layers_of(plan):
        links[f"layer:{layer}"] = f"{home}/layers/{layer}"
    if plan.base is not None:
        links |= {"base": path_of(plan.project, "plans", plan.base), "lineage": f"{home}/lineage"}
    levels = [{**level, "title": Text(*level["title"]).in_language(language)} for level in plan.summary["levels"]]
    notices = plan.summary.get("notices", []) if whole else []
    return {
        "id": plan.id,
        "number": plan.number,
        "name": plan.name,
        "dataset": plan.dataset,
        "base": plan.base,
        "job": plan.job,
        "origin": plan.origin,
        "county": plan.summary["county"],
        "levels": levels,
        "approval": plan.approval,
        "notices": [fault_document(fault_from_stored(n), language) for n in notices],
        "num_notices": plan.summary.get("num_notices", 0),
        "revision": plan.revision,
        "created": when(plan.created),
        "actor": plan.actor,
        "links": links,
    }


def layer_files(plan: PlanRecord) -> dict[str, Blob]:
    """From layer to the compressed file that holds it. `cells` is that of the grids, or else of the narrowest level."""
    names = [level["level"] for level in plan.summary["levels"]]
    found: dict[str, Blob] = {}
    for blob in plan.files:
        if blob.name.startswith("_") and blob.name.endswith(".geojson.gz"):
            found[blob.name[1 : -len(".geojson.gz")]] = blob
    main = "grid" if "grid" in names else names[-1]
    if f"cells-{main}" in found:
        found["cells"] = found[f"cells-{main}"]
    return found


def layers_of(plan: PlanRecord) -> list[str]:
    """Names of the layers."""
    several = len(plan.summary["levels"]) > 1
    return sorted(name for name in layer_files(plan) if several or not name.startswith("cells-"))


def outputs_of(plan: PlanRecord, language: str) -> list[dict[str, Any]]:
    """Every output file, with what it is for."""
    home = path_of(plan.project, "plans", plan.id, "files")
    return [
        {
            **file_answer(blob),
            "media_type": media_type(blob.name),
            "purpose": _purpose(blob.name).in_language(language),
            "href": f"{home}/{blob.name}",
        }
        for blob in plan.files
        if not blob.name.startswith("_")
    ]


def _purpose(name: str) -> Text:
    stem, _, ending = name.rpartition(".")
    for level in ("", "-community", "-grid", "-micro"):
        found = FILES.get(f"{stem.removesuffix(level)}.{ending}" if level else name)
        if found is not None:
            return found
    return Text("", "")


def violation_answer(stored: Mapping[str, Any], level: str, kind: str, language: str) -> dict[str, Any]:
    return {
        "level": level,
        "rule": stored["rule"],
        "kind": kind,
        "grid": stored["grid"],
        "units": stored["units"],
        "amount": stored["amount"],
        "message": Text(*stored["message"]).in_language(language),
        "remedy": Text(*stored["remedy"]).in_language(language),
    }


def trail_answer(entry: TrailEntry) -> dict[str, Any]:
    return {
        "at": when(entry.at),
        "actor": entry.actor,
        "action": entry.action,
        "before": entry.before,
        "after": entry.after,
        "comment": entry.comment,
    }


def draft_item(draft: Draft) -> dict[str, Any]:
    """A draft in a list."""
    home = path_of(draft.project, "drafts", draft.id)
    names = ("labels", "edits", "trials", "takers", "staffing", "staff-takers", "undo", "redo")
    links = {name: f"{home}/{name}" for name in names}
    return {
        "id": draft.id,
        "name": draft.name,
        "plan": draft.plan,
        "level": draft.level,
        "revision": draft.revision,
        "position": draft.position,
        "num_edits": draft.num_edits,
        "created": when(draft.created),
        "updated": when(draft.updated),
        "actor": draft.actor,
        "links": {"self": home, "plan": path_of(draft.project, "plans", draft.plan), **links},
    }


def draft_answer(draft: Draft, state: Open, language: str) -> dict[str, Any]:
    """A draft with what it is worth."""
    objective, violations = state.judgement()
    moved = state.drawn.moved()
    listed = [
        {
            "level": draft.level,
            "rule": v.rule,
            "kind": "violation",
            "grid": v.grid,
            "units": list(v.units),
            "amount": v.amount,
            "message": v.message.in_language(language),
            "remedy": v.remedy.in_language(language),
        }
        for v in violations[:MAX_VIOLATIONS]
    ]
    return draft_item(draft) | {
        "can_undo": draft.position > 0,
        "can_redo": draft.position < draft.num_edits,
        "locks": state.drawn.locks(),
        "objective": asdict(objective),
        "base_objective": asdict(state.base_objective),
        "num_violations": len(violations),
        "violations": listed,
        "num_grids": len({label for label in state.drawn.labels if label is not None}),
        "moved_units": len(moved),
        "moved_households": int(np.sum(state.problem.units.households[moved])) if moved else 0,
        "staff": None if state.staff is None else staff_state(state.staff),
    }


def outcome_answer(
    outcome: Outcome, draft: dict[str, Any] | None, staff: StaffOutcome | None, language: str
) -> dict[str, Any]:
    """What an edit did or would do."""
    return {
        "draft": draft,
        "lawful": outcome.lawful,
        "change": change(outcome),
        "broken": brokens(outcome.broken, language),
        "mended": brokens(outcome.mended, language),
        "households": outcome.households,
        "labels": outcome.labels,
        "staff": None if staff is None else staff_answer(staff, language),
    }


def change(of: Outcome | Trial) -> dict[str, Any]:
    return {name: getattr(of, name) for name in ("walk", "split", "balance", "move", "total")}


def brokens(faults: Sequence[Broken], language: str) -> list[dict[str, Any]]:
    return [
        {"rule": f.rule, "grid": f.grid, "amount": f.amount, "message": f.message.in_language(language)} for f in faults
    ]


def edit_answer(edit: Edit, position: int) -> dict[str, Any]:
    return {
        "number": edit.number,
        "in_force": edit.number <= position,
        "at": when(edit.at),
        "actor": edit.actor,
        "moves": edit.body.get("moves", []),
        "staff": edit.body.get("staff", []),
        "lock": edit.body.get("lock"),
        "unlock": edit.body.get("unlock"),
        "comment": edit.body.get("comment", ""),
    }


def line_answer(line: Line) -> dict[str, Any]:
    return {
        "grid": line.grid,
        "previous": line.previous,
        "fate": line.fate,
        "households": line.households,
        "retained": line.retained,
        "origins": [list(pair) for pair in line.origins],
        "heirs": [list(pair) for pair in line.heirs],
    }


def profile_answer(profile: Profile, language: str) -> dict[str, Any]:
    """Levels with what a planner may turn."""
    return {
        "name": profile.name,
        "title": profile.title.in_language(language),
        "levels": [
            {
                "level": level.name,
                "title": level.title.in_language(language),
                "bounds": {"min": level.bounds.min, "max": level.bounds.max, "target": level.bounds.aim},
                "weights": asdict(level.weights),
                "max_walk_m": level.max_walk_m,
                "measure": level.measure,
                "code": level.code.text,
            }
            for level in profile.levels
        ],
    }
