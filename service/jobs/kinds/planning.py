"""`plan`: a dataset planned by a profile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from partitioner.io.reading import read_county
from partitioner.planning import plan_levels
from partitioner.profiles import Profile, load_profile
from service.jobs.kinds.keeping import keep
from service.jobs.planning_checks import adapted, wanted_levels
from service.jobs.task import Outcome, Task
from service.jobs.watching import Watch


def plan(task: Task) -> Outcome:
    """Plan the dataset; the summary's status says how it ended."""
    profile = profile_of(task.inputs, task)
    levels = wanted_levels(profile, task.inputs["levels"])
    watch = Watch(task)
    watch.phase("read")
    options = task.inputs["options"]
    county = read_county(
        [task.given / name for name in task.inputs["files"]],
        crs=options.get("crs"),
        roles=options.get("roles"),
        columns=options.get("columns"),
        name=task.inputs.get("county"),
        expand_seed=task.limits.seed,
    )
    planned = plan_levels(
        county,
        profile,
        levels,
        counts=task.inputs.get("counts"),
        retired=task.inputs.get("retired") or (),
        limits=task.limits,
        observer=watch,
        cancel=task.cancel,
        notify=watch.phase,
    )
    summary = keep(planned, task, sheets=bool(task.inputs.get("sheets")))
    worst = max((level.result.status for level in planned.levels), key=_STATUSES.index)
    return Outcome(result={"status": worst}, plan=summary, stop_reason=planned.levels[-1].result.stop_reason)


_STATUSES = ("optimal", "feasible", "infeasible", "unknown")


def profile_of(inputs: Mapping[str, Any], task: Task) -> Profile:
    """The profile asked for, with other bounds and weights where these are given."""
    if inputs.get("profile_toml"):
        path = task.given / "profile.toml"
        path.write_text(inputs["profile_toml"], encoding="utf-8")
        profile = load_profile(str(path))
    else:
        profile = load_profile(inputs["profile"])
    return adapted(profile, inputs.get("bounds") or {}, inputs.get("weights") or {})
