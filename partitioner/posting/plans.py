"""What people can be posted to: from a planned folder, or from a plan that was just made."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from partitioner.errors import Fault, InputError, Place, Text
from partitioner.io.reading.planned_folder import read_planned
from partitioner.io.targets import PlanTargets, targets_of_plan, targets_of_problem
from partitioner.io.writing.bundle import PlannedLevels
from partitioner.model.plan_json import read_plan
from partitioner.model.problem_json import read_problem
from partitioner.profiles import Profile, StaffRules, load_profile, shipped_profiles


@dataclass(frozen=True, kw_only=True, eq=False)
class PlanFolder:
    """A folder with a plan: what people can be posted to, the profile whose rules hold, and the plan with its geometry.

    `planned` is None for a folder that holds nothing but a problem and its plan.
    """

    targets: PlanTargets
    profile: Profile
    planned: PlannedLevels | None


def read_plan_folder(folder: str | os.PathLike[str], profile: Profile | None) -> PlanFolder:
    """Read a planned folder for staffing.

    A folder of `wangge plan` tells everything. A folder with nothing but problem.json and plan.json tells grids, their
    communities and compounds, without coordinates on the map.

    Parameters
    ----------
    profile : Profile or None
        None: the one that the plan was made with.

    Raises
    ------
    InputError
        The folder holds no plan, or nothing says which roles there are.
    """
    home = Path(folder)
    if (home / "state.gpkg").is_file():
        planned = read_planned(home)
        chosen = staffing_profile(profile or planned.levels[0].profile)
        return PlanFolder(targets=planned_targets(planned, chosen), profile=chosen, planned=planned)
    if not ((home / "problem.json").is_file() and (home / "plan.json").is_file()):
        raise InputError([_no_plan(home)])
    problem, plan = read_problem(home / "problem.json"), read_plan(home / "plan.json")
    chosen = staffing_profile(profile or load_profile("hebei"))
    targets = targets_of_problem(problem, plan, _levels(chosen.staffing))
    return PlanFolder(targets=targets, profile=chosen, planned=None)


def plan_targets(folder: str | os.PathLike[str], profile: Profile | None) -> tuple[PlanTargets, Profile]:
    """Targets and profile of `read_plan_folder`."""
    found = read_plan_folder(folder, profile)
    return found.targets, found.profile


def planned_targets(planned: PlannedLevels, profile: Profile) -> PlanTargets:
    """What people can be posted to in a plan that was just made."""
    return targets_of_plan(planned, _levels(profile.staffing))


def staffing_profile(profile: Profile) -> Profile:
    """`profile`, with the roles of the shipped one of its name where it has none itself.

    Raises
    ------
    InputError
        It has none, and there is no shipped one.
    """
    if profile.staffing.roles:
        return profile
    if profile.name in shipped_profiles():
        return replace(profile, staffing=load_profile(profile.name).staffing)
    fault = Fault(
        rule="roles_missing",
        value=profile.name,
        message=Text("规则模板没有职务（[[staffing.roles]]）", "the profile has no roles ([[staffing.roles]])"),
        remedy=Text(
            "请补写职务，或用 --profile 指明有职务的规则模板",
            "Add roles, or name a profile that has some with --profile",
        ),
    )
    raise InputError([fault])


def _levels(rules: StaffRules) -> set[str]:
    return {role.role.level for role in rules.roles}


def _no_plan(home: Path) -> Fault:
    return Fault(
        rule="plan_missing",
        place=Place(file=str(home)),
        message=Text(
            "目录里没有 state.gpkg，也没有 problem.json 和 plan.json",
            "the folder holds neither state.gpkg nor problem.json with plan.json",
        ),
        remedy=Text(
            "请给出 wangge plan 的输出目录",
            "Name a folder that wangge plan wrote, or one with problem.json and plan.json",
        ),
    )
