"""A folder that `wangge plan` wrote becomes a project of the service."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import time
from pathlib import Path

from partitioner.io.writing import PlannedLevels
from partitioner.profiles import shipped_profiles
from service.jobs.kinds.keeping import make_servable
from service.records import PlanRecord, Project, new_id
from service.storage import BlobStore, Store

ACTOR = "local"
PROFILE = "hebei"


def take_in(folder: Path, planned: PlannedLevels, store: Store, blobs: BlobStore) -> str:
    """Make a project of the plan in `folder`, unless that was done before; returns the project's id.

    The folder itself stays as it is: its files are copied. A profile that does not ship with the library is kept with
    the plan only; new plans of the project follow `PROFILE` until its admin says otherwise.

    Parameters
    ----------
    planned : PlannedLevels
        What `read_planned` read from `folder`.
    """
    project_id = _fingerprint(folder)
    if store.project(project_id) is not None:
        return project_id
    now = time.time()
    name = planned.levels[0].county.name or folder.resolve().name
    own = planned.levels[0].profile.name
    profile = own if own in shipped_profiles() else PROFILE
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "plan"
        shutil.copytree(folder, copy, ignore=lambda here, names: [n for n in names if (Path(here) / n).is_dir()])
        summary = make_servable(planned, copy)
        files = tuple(blobs.add_file(path) for path in sorted(copy.iterdir()))
    store.add_project(Project(id=project_id, name=name, profile=profile, created=now, updated=now))
    store.add_plan(
        PlanRecord(
            id=new_id(),
            project=project_id,
            number=0,
            name=folder.resolve().name,
            dataset=None,
            base=None,
            job=None,
            origin="plan",
            summary=summary,
            files=files,
            created=now,
            actor=ACTOR,
        )
    )
    return project_id


def _fingerprint(folder: Path) -> str:
    """The same plan gives the same id, so that opening it again finds the project again.

    Ids begin with the time of making; this one sorts before all others.
    """
    digest = hashlib.sha256()
    for path in sorted([*folder.glob("plan*.json"), *folder.glob("state.gpkg")]):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return 12 * "0" + digest.hexdigest()[:12]
