"""What can be said of a job before it begins; also all that `validate_only` does."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from partitioner.errors import Text
from partitioner.model.plan_json import plan_from_json
from partitioner.model.problem_json import problem_from_json
from partitioner.profiles import Profile, load_profile, shipped_profiles
from partitioner.scoring.grids import check_length
from service.api.bodies import (
    CheckJob,
    DiffJob,
    ExportJob,
    KnownJob,
    PlanJob,
    PrintJob,
    RedrawJob,
    StaffJob,
    TakersJob,
    TradeOffJob,
)
from service.api.services import Services
from service.errors import ServiceError, invalid
from service.jobs.planning_checks import checked as planning_checked
from service.jobs.rosters import ROSTER
from service.records import PlanRecord, Project


def checked(services: Services, project: Project, body: KnownJob) -> dict[str, Any]:
    """What the stored request holds beside its inputs.

    Raises
    ------
    ServiceError, InputError
        The job would meet it at its start.
    """
    _check_limits(services, body)
    if isinstance(body, PlanJob):
        return _plan(services, project, body)
    if isinstance(body, CheckJob):
        return _check(services, project, body)
    if isinstance(body, ExportJob):
        plan = plan_of(services, project.id, body.inputs.plan, "/inputs/plan")
        if plan.approval == "filed":
            raise ServiceError("conflict", Text("已备案的方案不再改变", "a filed plan never changes"))
        if body.inputs.duty and not any(blob.name == ROSTER for blob in plan.files):
            raise invalid(
                "/inputs/duty", "该方案没有人员安排", "nobody is posted in this plan",
                "请先安排人员", "staff it first",
            )  # fmt: skip
        return {}
    if isinstance(body, RedrawJob | TradeOffJob):
        return _redraw(services, project, body)
    if isinstance(body, DiffJob):
        plan_of(services, project.id, body.inputs.plan, "/inputs/plan")
        plan_of(services, project.id, body.inputs.against, "/inputs/against")
        return {}
    if isinstance(body, StaffJob):
        return _staff(services, project, body)
    if isinstance(body, TakersJob):
        return _takers(services, project, body)
    if isinstance(body, PrintJob):
        return _print(services, project, body)
    return _draft(services, project, body.inputs.draft)


def _check_limits(services: Services, body: Any) -> None:
    limits = body.limits
    if limits.time_limit_s is not None and limits.step_limit is not None:
        raise invalid(
            "/limits", "只能给一个", "there are two limits", "时限与步数上限只给一个", "give time_limit_s or step_limit"
        )
    longest = services.settings.limits.job_s
    if limits.time_limit_s is not None and limits.time_limit_s > longest:
        raise invalid(
            "/limits/time_limit_s", "超过本服务的上限", "longer than this server allows",
            f"最多 {longest:g} 秒", f"at most {longest:g} s", limits.time_limit_s,
        )  # fmt: skip


def _plan(services: Services, project: Project, body: PlanJob) -> dict[str, Any]:
    inputs = body.inputs
    _ready_dataset(services, project, inputs.dataset, "county")
    if inputs.profile is not None and inputs.profile_toml is not None:
        raise invalid(
            "/inputs", "只能给一个", "give one of the two", "profile 与 profile_toml 只给一个", "give one of them"
        )
    text = inputs.profile_toml or (project.profile_toml if inputs.profile is None else None)
    profile = _shipped(inputs.profile or project.profile) if text is None else _written(text)
    planning_checked(inputs.model_dump(exclude_none=True), profile)
    return {}


def _redraw(services: Services, project: Project, body: RedrawJob | TradeOffJob) -> dict[str, Any]:
    inputs = body.inputs
    plan = plan_of(services, project.id, inputs.plan, "/inputs/plan")
    if inputs.dataset is not None:
        _ready_dataset(services, project, inputs.dataset, "county")
    if inputs.weight is not None and inputs.cap is not None:
        raise invalid("/inputs", "只能给一个", "give one of the two", "weight 与 cap 只给一个", "give weight or cap")
    return {"base": plan.id, "dataset": inputs.dataset or plan.dataset}


def _staff(services: Services, project: Project, body: StaffJob) -> dict[str, Any]:
    plan = plan_of(services, project.id, body.inputs.plan, "/inputs/plan")
    _ready_dataset(services, project, body.inputs.dataset, "roster")
    return {"base": plan.id, "dataset": plan.dataset}


def _takers(services: Services, project: Project, body: TakersJob) -> dict[str, Any]:
    """With the roster that the plan was staffed from."""
    plan: PlanRecord | None = plan_of(services, project.id, body.inputs.plan, "/inputs/plan")
    while plan is not None and plan.origin in FOLLOWING and any(blob.name == ROSTER for blob in plan.files):
        plan = services.store.plan(project.id, plan.base or "")
    job = services.store.job(project.id, plan.job) if plan and plan.origin == "staff" and plan.job else None
    if job is None:
        raise invalid(
            "/inputs/plan", "该方案没有人员安排", "nobody is posted in this plan",
            "请先安排人员", "staff it first", body.inputs.plan,
        )  # fmt: skip
    dataset = job.request["inputs"]["dataset"]
    _ready_dataset(services, project, dataset, "roster")
    return {"inputs": {"dataset": dataset}}


FOLLOWING = ("save", "finish", "repair", "redraw")
"""Plans that have the staff of the plan that they came from."""


def _print(services: Services, project: Project, body: PrintJob) -> dict[str, Any]:
    plan = plan_of(services, project.id, body.inputs.plan, "/inputs/plan")
    if body.inputs.level is not None and body.inputs.level not in [each["level"] for each in plan.summary["levels"]]:
        raise _missing("/inputs/level", body.inputs.level)
    return {}


def _ready_dataset(services: Services, project: Project, key: str, purpose: str) -> None:
    dataset = services.store.dataset(project.id, key)
    if dataset is None:
        raise _missing("/inputs/dataset", key)
    found = dataset.options.get("purpose", "county")
    if dataset.state != "ready" or found != purpose:
        wanted = _PURPOSES[purpose]
        raise invalid(
            "/inputs/dataset", f"需要已读取的{wanted.zh}", f"a {wanted.en} that was read is needed",
            "请先改正数据中的问题", "mend its faults first, or choose another", f"{found}, {dataset.state}",
        )  # fmt: skip


_PURPOSES = {"county": Text("台账或地图", "ledger or map"), "roster": Text("花名册", "roster")}


def _written(text: str) -> Profile:
    with tempfile.TemporaryDirectory(prefix="wangge-") as folder:
        path = Path(folder) / "profile.toml"
        path.write_text(text, encoding="utf-8")
        return load_profile(str(path))


def _shipped(name: str) -> Profile:
    """By name only: a path would open files of the server."""
    if name not in shipped_profiles():
        names = ", ".join(shipped_profiles())
        raise invalid(
            "/inputs/profile", "没有这个规则", "no such profile", f"可用：{names}", f"choose one of {names}", name
        )
    return load_profile(name)


def _check(services: Services, project: Project, body: CheckJob) -> dict[str, Any]:
    inputs = body.inputs
    documents = (inputs.problem is not None) + (inputs.labels is not None)
    if (inputs.plan is None) == (documents == 0) or documents == 1:
        raise invalid(
            "/inputs", "须给出 plan，或同时给出 problem 与 labels", "plan, or problem and labels, is needed",
            "请补全", "give one of the two",
        )  # fmt: skip
    if inputs.plan is not None:
        plan_of(services, project.id, inputs.plan, "/inputs/plan")
    else:
        check_length(problem_from_json(inputs.problem), plan_from_json(inputs.labels))
    return {}


def _draft(services: Services, project: Project, key: str) -> dict[str, Any]:
    draft = services.store.draft(project.id, key)
    if draft is None:
        raise _missing("/inputs/draft", key)
    plan = plan_of(services, project.id, draft.plan, "/inputs/draft")
    # As the draft is now: what is edited later is not part of this job.
    return {"base": plan.id, "dataset": plan.dataset, "inputs": {"position": draft.position}}


def plan_of(services: Services, project: str, key: str, pointer: str) -> PlanRecord:
    """The plan that a body names.

    Raises
    ------
    FaultsError
    """
    plan = services.store.plan(project, key)
    if plan is None:
        raise _missing(pointer, key)
    return plan


def _missing(pointer: str, key: str) -> ServiceError:
    return invalid(pointer, "项目中没有它", "the project has no such thing", "请检查编号", "check the id", key)
