"""Uploaded files on their way to being a dataset."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import UploadFile

from partitioner.errors import Fault, Place, Text
from service.api.coordinate_systems import with_system_of
from service.api.services import Services
from service.auth import Actor
from service.errors import FaultsError, ServiceError
from service.jobs.preparing import safe_name
from service.records import Blob, Dataset, Job, Project, new_id

ENDINGS = (
    ".gpkg", ".geojson", ".json", ".shp", ".shx", ".dbf", ".prj", ".cpg", ".zip", ".xlsx", ".xlsm", ".xls", ".csv",
    ".tsv", ".txt",
)  # fmt: skip
"""What may be uploaded; anything else is refused before it is opened. A FileGDB is a folder and cannot be."""


def received(services: Services, files: Sequence[UploadFile]) -> list[Blob]:
    """The files, kept.

    Raises
    ------
    FaultsError
        Endings that are not read, empty files, or too many of them.
    """
    limits = services.settings.limits
    if len(files) > limits.upload_files:
        raise ServiceError(
            "too_large",
            Text(f"一次最多 {limits.upload_files} 个文件", f"at most {limits.upload_files} files at a time"),
        )
    faults = [fault for file in files for fault in _faults(file)]
    if faults:
        raise FaultsError(faults)
    return [_kept(services, file) for file in files]


def _kept(services: Services, file: UploadFile) -> Blob:
    with services.blobs.receiving() as (path, stream):
        shutil.copyfileobj(file.file, stream, 1024 * 1024)
    return services.blobs.add_file(path, safe_name(file.filename or "file"))


def _faults(file: UploadFile) -> list[Fault]:
    name = safe_name(file.filename or "")
    if not name.casefold().endswith(ENDINGS):
        endings = " ".join(ENDINGS)
        return [
            Fault(
                rule="file_kind_unknown",
                place=Place(file=name),
                message=Text("不读取这种文件", "files of this kind are not read"),
                remedy=Text(f"可上传：{endings}", f"send one of {endings}"),
            )
        ]
    if file.size == 0:
        return [
            Fault(
                rule="file_empty",
                place=Place(file=name),
                message=Text("文件是空的", "the file is empty"),
                remedy=Text("请重新导出", "export it again"),
            )
        ]
    return []


def stored_dataset(
    services: Services, actor: Actor, project: Project, name: str, files: Sequence[Blob], options: Mapping[str, Any]
) -> Dataset:
    """A dataset to be read, with the job that reads it.

    The project's coordinate system becomes one of its options: plans read the files again, and must find the same.
    """
    if services.draining:
        raise ServiceError("draining", retry_after_s=10)
    now, key, job_key = time.time(), new_id(), new_id()
    job = Job(
        id=job_key,
        project=project.id,
        kind="read",
        name=name,
        request={"inputs": {"dataset": key}, "limits": {}},
        created=now,
        actor=actor.name,
    )
    dataset = Dataset(
        id=key,
        project=project.id,
        name=name,
        version=0,
        state="reading",
        options=with_system_of(project, options),
        files=tuple(files),
        job=job_key,
        created=now,
        actor=actor.name,
    )
    stored = services.store.add_dataset(dataset, job)
    services.runner.wake()
    return stored
