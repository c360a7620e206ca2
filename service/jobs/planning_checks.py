"""What a plan is asked for by: a profile, with other bounds and weights, and levels of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from partitioner.errors import Fault, InputError, Place, Text
from partitioner.profiles import Level, Profile

PLANNED = ("community", "grid", "micro")
"""Levels that can be planned."""


def adapted(
    profile: Profile, bounds: Mapping[str, Mapping[str, Any]], weights: Mapping[str, Mapping[str, Any]]
) -> Profile:
    """`profile` with other bounds and weights.

    Raises
    ------
    InputError
        A level that it does not have, or bounds that hold nothing.
    """
    faults = [
        _unknown_level(profile, name, f"/inputs/{what}/{name}")
        for what, changes in (("bounds", bounds), ("weights", weights))
        for name in changes
        if name not in {level.name for level in profile.levels}
    ]
    levels = []
    for level in profile.levels:
        try:
            levels.append(_adapted(level, bounds.get(level.name) or {}, weights.get(level.name) or {}))
        except ValueError as error:
            faults.append(_wrong(f"/inputs/bounds/{level.name}", str(error)))
    if faults:
        raise InputError(faults)
    return replace(profile, levels=tuple(levels))


def _adapted(level: Level, bounds: Mapping[str, Any], weights: Mapping[str, Any]) -> Level:
    given = {key: value for key, value in bounds.items() if value is not None}
    if given and "target" not in given and ("min" in given or "max" in given):
        given["target"] = None  # the middle
    return replace(
        level,
        bounds=replace(level.bounds, **given) if given else level.bounds,
        weights=replace(level.weights, **{key: value for key, value in weights.items() if value is not None}),
    )


def wanted_levels(profile: Profile, names: list[str]) -> list[Level]:
    """The levels called `names`: neighbours in the profile, the widest first.

    Raises
    ------
    InputError
    """
    known = [level.name for level in profile.levels]
    runs = [known[i:j] for i in range(len(known)) for j in range(i + 1, len(known) + 1)]
    if names not in runs or not set(names) <= set(PLANNED):
        shown = ", ".join(known)
        fault = Fault(
            rule="levels_not_neighbours",
            place=Place(pointer="/inputs/levels"),
            value=", ".join(names),
            message=Text("层级须由大到小相邻", "levels must be neighbours in the profile, the widest first"),
            remedy=Text(f"规则 {profile.name} 的层级：{shown}", f"profile {profile.name} has {shown}"),
        )
        raise InputError([fault])
    return [profile.level(name) for name in names]


def checked(inputs: Mapping[str, Any], profile: Profile) -> None:
    """Everything that can be told before the work begins.

    Raises
    ------
    InputError
    """
    levels = wanted_levels(adapted(profile, inputs.get("bounds") or {}, inputs.get("weights") or {}), inputs["levels"])
    names = {level.name for level in levels}
    faults = [_unplanned(name) for name in inputs.get("counts") or {} if name not in names]
    if faults:
        raise InputError(faults)


def _unplanned(name: str) -> Fault:
    return Fault(
        rule="count_of_other_level",
        place=Place(pointer=f"/inputs/counts/{name}"),
        value=name,
        message=Text("未划分该层级，不能指定数量", "this level is not planned, so it has no count"),
        remedy=Text("请同时划分该层级，或去掉数量", "plan that level as well, or leave the count out"),
    )


def _unknown_level(profile: Profile, name: str, pointer: str) -> Fault:
    shown = ", ".join(level.name for level in profile.levels)
    return Fault(
        rule="level_unknown",
        place=Place(pointer=pointer),
        value=name,
        message=Text("规则中没有该层级", "the profile has no such level"),
        remedy=Text(f"可用：{shown}", f"it has {shown}"),
    )


def _wrong(pointer: str, reason: str) -> Fault:
    return Fault(
        rule="bounds_invalid",
        place=Place(pointer=pointer),
        message=Text(f"上下限不成立（{reason}）", f"these bounds hold nothing ({reason})"),
        remedy=Text("请使 0 ≤ 下限 ≤ 目标 ≤ 上限", "make 0 ≤ min ≤ target ≤ max"),
    )
