"""The folder of a task: what its inputs name, fetched from storage."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Any

from partitioner.errors import Text
from service.errors import ServiceError
from service.jobs.drafting import drafted
from service.jobs.rosters import ROSTER
from service.jobs.task import TASK, write_json
from service.records import Blob, Job, PlanRecord
from service.settings import Settings
from service.storage import BlobStore, Store


def prepare(job: Job, folder: Path, store: Store, blobs: BlobStore, settings: Settings) -> None:
    """Make `folder` ready for a worker.

    Raises
    ------
    ServiceError
        What the inputs name is no longer there.
    """
    given = folder / "in"
    given.mkdir(parents=True)
    inputs = dict(job.request["inputs"])
    if inputs.get("dataset") is not None:
        dataset = store.dataset(job.project, inputs["dataset"])
        if dataset is None:
            raise _gone("dataset")
        inputs |= {"files": lay_out(dataset.files, given, blobs), "options": dataset.options}
        inputs["rows"] = settings.limits.rows
    if job.kind == "plan":
        project = store.project(job.project)
        if project is None:
            raise _gone("project")
        inputs.setdefault("county", project.name)
        if not inputs.get("profile") and not inputs.get("profile_toml"):
            inputs |= {"profile": project.profile, "profile_toml": project.profile_toml}
    if job.kind == "check":
        inputs["pairs"] = _pairs(job, inputs, given, store, blobs)
    if job.kind in ("export", "print", "redraw", "trade_off", "staff", "takers", "diff"):
        plan = _plan(store, job, inputs["plan"])
        _lay_out_plan(plan, given / "plan", blobs)
        if job.kind in ("redraw", "export"):
            _lay_out_roster(plan, given, blobs)
    if job.kind == "diff":
        _lay_out_plan(_plan(store, job, inputs["against"]), given / "before", blobs)
    if job.kind in ("save", "finish", "repair"):
        draft = store.draft(job.project, inputs["draft"])
        if draft is None:
            raise _gone("draft")
        plan = _plan(store, job, draft.plan)
        _lay_out_plan(plan, given / "plan", blobs)
        _lay_out_roster(plan, given, blobs)
        inputs |= drafted(draft, plan, store.edits(draft.id)[: inputs.get("position", draft.position)], blobs)
    write_json(folder / TASK, {"kind": job.kind, "inputs": inputs, "limits": _limits(job, settings)})


def _limits(job: Job, settings: Settings) -> dict[str, Any]:
    asked = dict(job.request.get("limits") or {})
    if asked.get("time_limit_s") is None and asked.get("step_limit") is None:
        asked["time_limit_s"] = settings.limits.job_s
    cores = max(1, (os.cpu_count() or 1) // settings.limits.running_jobs)
    return {
        "time_limit_s": asked.get("time_limit_s"),
        "step_limit": asked.get("step_limit"),
        "seed": asked.get("seed") or 0,
        "threads": min(asked.get("threads") or cores, os.cpu_count() or 1),
        "processes": True,
    }


def _pairs(job: Job, inputs: dict[str, Any], given: Path, store: Store, blobs: BlobStore) -> dict[str, tuple[str, str]]:
    if inputs.get("plan") is None:
        write_json(given / "problem.json", inputs.pop("problem"))
        write_json(given / "plan.json", inputs.pop("labels"))
        return {"grid": ("problem.json", "plan.json")}
    plan = _plan(store, job, inputs["plan"])
    _lay_out_plan(plan, given / "plan", blobs)
    return {
        level: (f"plan/{file_of(plan, level, 'problem')}", f"plan/{file_of(plan, level, 'plan')}")
        for level in levels_of(plan)
    }


def levels_of(plan: PlanRecord) -> list[str]:
    """The levels of a plan, the widest first."""
    return [level["level"] for level in plan.summary["levels"]]


def file_of(plan: PlanRecord, level: str, stem: str) -> str:
    """The name of a level's problem or plan file."""
    return f"{stem}.json" if len(levels_of(plan)) == 1 else f"{stem}-{level}.json"


def _plan(store: Store, job: Job, plan_id: str) -> PlanRecord:
    plan = store.plan(job.project, plan_id)
    if plan is None:
        raise _gone("plan")
    return plan


def _lay_out_plan(plan: PlanRecord, folder: Path, blobs: BlobStore) -> None:
    folder.mkdir()
    for blob in plan.files:
        if not blob.name.startswith("_"):
            shutil.copyfile(blobs.path(blob.sha256), folder / safe_name(blob.name))


def _lay_out_roster(plan: PlanRecord, folder: Path, blobs: BlobStore) -> None:
    """Of a staffed plan: who served where is among its files, who could is here."""
    for blob in plan.files:
        if blob.name == ROSTER:
            shutil.copyfile(blobs.path(blob.sha256), folder / ROSTER)


def lay_out(files: Sequence[Blob], given: Path, blobs: BlobStore) -> list[str]:
    """Copies of uploaded files under their own names side by side; the names, as paths below `given`.

    Copies, because a driver may write into what it opens.
    """
    names: list[str] = []
    for number, blob in enumerate(files):
        name = safe_name(blob.name)
        if (given / name).exists():
            (given / str(number)).mkdir()
            name = f"{number}/{name}"
        shutil.copyfile(blobs.path(blob.sha256), given / name)
        names.append(name)
    return names


def safe_name(name: str) -> str:
    """The last part of a file name without anything that leads elsewhere."""
    last = PurePath(name.replace("\\", "/")).name
    cleaned = re.sub(r'[\x00-\x1f\x7f<>:"|?*]', "_", last).strip(". ")
    stem, ending = os.path.splitext(cleaned)
    while len((stem + ending).encode()) > 200 and stem:
        stem = stem[:-1]
    return stem + ending or "file"


def _gone(what: str) -> ServiceError:
    return ServiceError("not_found", Text(f"任务所需的 {what} 已不存在", f"the {what} that the job needs is gone"))
