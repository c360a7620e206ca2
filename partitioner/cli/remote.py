"""`wangge plan --server`: files go to a service, the plan is made there and comes back as the same folder."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from partitioner.cli.ordering import Order, Server
from partitioner.cli.progress import PHASES, ProgressLine
from partitioner.errors import Fault, InputError, OutputError, Place, Text
from partitioner.io.reading.findings import Findings
from partitioner.io.reading.planned_folder import read_planned
from partitioner.io.reading.sources import SHAPEFILE_PARTS, Source, find_sources
from partitioner.io.writing import PlannedLevels
from partitioner.io.writing.folder import folder_names
from partitioner.profiles import shipped_profiles
from partitioner.solver import Cancel, Limits, Snapshot
from service.client import Client, ClientError, Job, Project, Refused, Session

T = TypeVar("T")

SOLVING = ("prepare", "search", "finish")
"""Phases in which there are figures to show."""


def plan_on_server(
    order: Order, server: Server, folder: Path, line: ProgressLine, cancel: Cancel
) -> tuple[PlannedLevels, list[Path]]:
    """The plan and its files, in `folder`, as if they had been made here.

    Raises
    ------
    InputError
        What is wrong with the inputs, or with the order, or that the server cannot be reached or refuses.
    OutputError
        A file cannot be written.
    """
    files = _files_of(order.inputs)
    with _telling(server.url), Client(server.url, _token(server.token_file)) as client:
        home = _project(client, server.project, order.name or files[0].stem).id
        line.phase("read")
        dataset, county = _read(client, home, files, order)
        job = _planned(client, home, _inputs(order, dataset, county), order.limits, line, cancel)
        line.phase("write")
        return _fetched(client, home, job, folder, order.sheets)


def _token(file: Path | None) -> str | None:
    if file is None:
        return os.environ.get("WANGGE_TOKEN") or None
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            [
                Fault(
                    rule="token_file_unreadable",
                    place=Place(file=str(file)),
                    message=Text(f"令牌文件无法读取：{error}", f"the token file cannot be read: {error}"),
                    remedy=Text("请检查路径", "check the path"),
                )
            ]
        ) from None


def _files_of(inputs: Sequence[Path]) -> list[Path]:
    """Every file that is read for `inputs`: of folders, and with the companions of shapefiles."""
    findings = Findings()
    sources = find_sources(inputs, findings)
    for source in sources:
        if source.kind == "gdb":
            findings.faults.append(_whole_folder(source))
    if findings.faults:
        raise InputError(findings.faults)
    files = [file for source in sources for file in _with_companions(source)]
    return list(dict.fromkeys(files))


def _whole_folder(source: Source) -> Fault:
    return Fault(
        rule="folder_not_sent",
        place=Place(file=source.shown),
        message=Text("FileGDB 是一个目录，不能上传", "a FileGDB is a folder and cannot be sent"),
        remedy=Text("请另存为 GeoPackage", "save it as a GeoPackage"),
    )


def _with_companions(source: Source) -> Iterator[Path]:
    yield source.path
    if source.kind == "shp":
        for beside in sorted(source.path.parent.iterdir()):
            if beside.stem == source.path.stem and beside.suffix.casefold() in SHAPEFILE_PARTS:
                yield beside


def _project(client: Client, wanted: str | None, fallback: str) -> Project:
    """The project that is named, by id or name; without one the only one there is, or one of the county's name.

    Whoever may make projects gets the one that is missing.
    """
    projects, session = client.projects(), client.session()
    name = wanted or fallback
    found = [project for project in projects if name in (project.id, project.name)]
    if not found and wanted is None and len(projects) == 1:
        found = projects
    if len(found) == 1:
        return found[0]
    if not found and session.server_admin:
        return client.make_project(name)
    raise InputError([_no_project(wanted, found or projects, session)])


def _no_project(wanted: str | None, known: Sequence[Project], session: Session) -> Fault:
    names = "、".join(f"{project.name}（{project.id}）" for project in known[:20]) or "—"
    english = ", ".join(f"{project.name} ({project.id})" for project in known[:20]) or "–"
    return Fault(
        rule="project_unclear",
        place=Place(column="--project"),
        value=wanted,
        message=Text(
            f"{session.actor} 没有唯一对应的项目", f"{session.actor} has no project, or several, that could be meant"
        ),
        remedy=Text(f"请用 --project 指明，可选：{names}", f"name it with --project; there are: {english}"),
    )


def _read(client: Client, project: str, files: Sequence[Path], order: Order) -> tuple[str, str]:
    """The id of the dataset that `files` became, and the name of its county."""
    options: dict[str, Any] = {"roles": dict(order.roles), "columns": dict(order.columns)}
    if order.crs is not None:
        options["crs"] = order.crs if isinstance(order.crs, str) else dict(order.crs)
    try:
        dataset = client.upload(project, files, options=options)
    except Refused as refused:
        if "dataset" not in refused.document:
            raise
        raise InputError(_faults_of(client, project, refused.document["dataset"])) from None
    dataset = client.wait_for_dataset(project, dataset)
    if dataset.state != "ready":
        raise InputError(_faults_of(client, project, dataset.id))
    return dataset.id, order.name or str(dataset.summary["county"])


def _faults_of(client: Client, project: str, dataset: str) -> list[Fault]:
    told = [client.faults(project, dataset, language=language) for language in ("zh", "en")]
    faults = [_fault(zh, en) for zh, en in zip(*told, strict=True)]
    return faults or [_ended("读取未完成", "the reading did not end")]


def _inputs(order: Order, dataset: str, county: str) -> dict[str, Any]:
    inputs: dict[str, Any] = {
        "dataset": dataset,
        "county": county,
        "levels": [level.name for level in order.levels],
        "counts": dict(order.counts),
        "retired": list(order.retired),
        "sheets": order.sheets,
    }
    if order.profile in shipped_profiles():
        return inputs | {"profile": order.profile}
    return inputs | {"profile_toml": Path(order.profile).read_text("utf-8")}


def _planned(
    client: Client, project: str, inputs: Mapping[str, Any], limits: Limits, line: ProgressLine, cancel: Cancel
) -> Job:
    """The job when it succeeded; leaving in a hurry dismisses it."""
    asked = {
        "time_limit_s": limits.time_limit_s,
        "step_limit": limits.step_limit,
        "seed": limits.seed,
        "threads": limits.threads,
    }
    wanted = {name: value for name, value in asked.items() if value is not None}
    key = uuid.uuid4().hex
    job = _in_both(lambda language: client.submit(project, "plan", inputs, limits=wanted, key=key, language=language))
    try:
        job = client.wait(project, job.id, on_change=lambda now: _show(now, line), stopping=cancel.event.is_set)
    except KeyboardInterrupt:
        client.dismiss(project, job.id)
        raise
    if job.state == "dismissed":
        raise InputError([_ended("任务已被取消", "somebody dismissed the job")])
    if job.state == "failed":
        told = [client.job(project, job.id, language=language).error or {} for language in ("zh", "en")]
        raise InputError(_faults(*told))
    return job


def _in_both(ask: Callable[[str], T]) -> T:
    """What is refused in Chinese is asked again in English: faults are told in both."""
    try:
        return ask("zh")
    except Refused as refused:
        try:
            return ask("en")
        except Refused as again:
            raise InputError(_faults(refused.document, again.document)) from None


def _show(job: Job, line: ProgressLine) -> None:
    if job.level in PHASES and job.phase in SOLVING:
        line.phase(job.level)
    if job.phase in SOLVING and job.progress:
        told = job.progress
        line.on_progress(
            Snapshot(
                phase=job.phase,  # type: ignore[arg-type]
                best=told.get("best"),
                bound=told.get("bound"),
                done=told.get("done", 0),
                pieces=told.get("pieces", 0),
                misfit=told.get("misfit", 0),
            )
        )
    elif job.phase in PHASES:
        line.phase(job.phase)


def _fetched(client: Client, project: str, job: Job, folder: Path, sheets: bool) -> tuple[PlannedLevels, list[Path]]:
    files = client.files(project, job.plan or "")
    try:
        made = {file.name: client.download(file, folder) for file in files}
    except OSError as error:
        raise OutputError(folder, error.strerror or str(error)) from error
    planned = read_planned(folder)
    return planned, [made[name] for name in folder_names(planned, sheets=sheets)]


@contextmanager
def _telling(url: str) -> Iterator[None]:
    """Failures of the client as faults."""
    try:
        yield
    except Refused as refused:
        raise InputError(_faults(refused.document, refused.document)) from None
    except ClientError as error:
        fault = Fault(
            rule="server_unreachable",
            place=Place(column="--server"),
            value=url,
            message=Text(f"连不上服务：{error}", f"the server cannot be reached: {error}"),
            remedy=Text("请检查网址、网络和服务是否在运行", "check address and network, and whether it runs"),
        )
        raise InputError([fault]) from None


def _faults(zh: Mapping[str, Any], en: Mapping[str, Any]) -> list[Fault]:
    """The faults of a problem in both languages; without any, the problem itself."""
    listed = [_fault(*pair) for pair in zip(zh.get("errors") or (), en.get("errors") or (), strict=True)]
    return listed or [
        Fault(
            rule=str(zh.get("code", "job_failed")),
            message=Text(str(zh.get("detail", "任务失败")), str(en.get("detail", "the job failed"))),
            remedy=Text(str(zh.get("remedy", "请重试")), str(en.get("remedy", "try again"))),
        )
    ]


def _fault(zh: Mapping[str, Any], en: Mapping[str, Any]) -> Fault:
    place = Place(**{name: zh.get(name) for name in ("file", "layer", "row", "column", "pointer")})
    return Fault(
        rule=zh["rule"],
        place=place,
        message=Text(zh["message"], en["message"]),
        remedy=Text(zh["remedy"], en["remedy"]),
        value=zh.get("value"),
    )


def _ended(zh: str, en: str) -> Fault:
    return Fault(rule="job_ended", message=Text(zh, en), remedy=Text("请重新提交", "submit it again"))
