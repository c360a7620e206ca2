"""staffing.json: who serves where, stage by stage how good that is; read back as the previous assignment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from partitioner.errors import Text
from partitioner.io.writing.staffed import Staffed
from partitioner.model.files import write_text
from partitioner.model.json_reading import Faults, load_json
from partitioner.staffing import Pair, RoleResult, StageReport
from partitioner.staffing.judging import metres_between

FORMAT = "wangge-staffing/1"
DECIMALS = 6
"""Fractions are written with so many; who serves where is exact."""

_KEYS = ("format", "plan", "profile", "stop_reason", "seconds", "seed", "engine", "roles", "posted")
_ROLE_KEYS = ("role", "title", "level", "people", "targets", "posts", "stages", "short_targets", "short_people")
_POSTED_KEYS = ("role", "person", "target", "title", "load", "metres", "previous", "locked")


@dataclass(frozen=True, kw_only=True)
class StaffingRecord:
    """What a later run needs of an earlier one.

    Parameters
    ----------
    roles : mapping of str to str
        From people who have posts to their role, where the document tells it.
    """

    plan: str
    profile: str
    posted: tuple[Pair, ...]
    roles: Mapping[str, str] = field(default_factory=dict)


def staffing_to_json(staffed: Staffed, engine: str) -> dict[str, Any]:
    """The document; people by number only, no homes and no names."""
    found = staffed.staffing
    return {
        "format": FORMAT,
        "plan": staffed.targets.name,
        "profile": staffed.profile,
        "stop_reason": found.stop_reason,
        "seconds": round(found.seconds, 3),
        "seed": found.seed,
        "engine": engine,
        "roles": [_role(staffed, result) for result in found.roles],
        "posted": [entry for result in found.roles for entry in _posted(staffed, result)],
    }


def _role(staffed: Staffed, result: RoleResult) -> dict[str, Any]:
    rule = staffed.rules.role(result.role)
    return {
        "role": result.role,
        "title": {"zh": rule.title.zh, "en": rule.title.en},
        "level": rule.role.level,
        "people": sum(person.role == result.role for person in staffed.roster.people),
        "targets": staffed.targets_of(rule.role),
        "posts": len(result.posted),
        "stages": [stage_to_json(stage) for stage in result.stages],
        "short_targets": [{"target": name, "missing": missing} for name, missing in result.short_targets],
        "short_people": [{"person": number, "missing": missing} for number, missing in result.short_people],
    }


def stage_to_json(stage: StageReport) -> dict[str, Any]:
    """A stage with its value, bound and whether they meet."""
    return {
        "stage": stage.stage,
        "value": round(float(stage.value), DECIMALS),
        "bound": None if stage.bound is None else round(float(stage.bound), DECIMALS),
        "proved": stage.proved,
    }


def _posted(staffed: Staffed, result: RoleResult) -> list[dict[str, Any]]:
    roster = staffed.roster
    return [
        {
            "role": result.role,
            "person": number,
            "target": name,
            "title": staffed.targets.title(name),
            "load": round(staffed.loads[number][0], 2),
            "metres": _metres(staffed, number, name),
            "previous": name in roster.person[number].previous,
            "locked": (number, name) in staffed.locked,
        }
        for number, name in result.posted
    ]


def _metres(staffed: Staffed, number: str, name: str) -> int | None:
    metres = metres_between(staffed.roster.person[number], staffed.roster.target[name])
    return None if metres is None else round(metres)


def write_staffing(staffed: Staffed, path: str | Path, engine: str) -> None:
    """Write staffing.json, whole or not at all.

    Raises
    ------
    OutputError
        The file cannot be written; what stood there is untouched.
    """
    text = json.dumps(staffing_to_json(staffed, engine), ensure_ascii=False, indent=1, allow_nan=False)
    write_text(path, text + "\n")


def read_staffing(path: str | Path) -> StaffingRecord:
    """Who served where.

    Raises
    ------
    InputError
        With every fault of the document.
    """
    return staffing_from_json(load_json(path), file=str(path))


def staffing_from_json(document: Any, file: str | None = None) -> StaffingRecord:
    """See `read_staffing`."""
    faults = Faults(file)
    top = faults.mapping(document, "", _KEYS, ("format", "posted"))
    if top.get("format", FORMAT) != FORMAT:
        faults.add(
            "/format",
            "format",
            Text(f"格式应为 {FORMAT}", f"the format must be {FORMAT}"),
            Text("请给出 wangge staff 写出的 staffing.json", "give a staffing.json that wangge staff wrote"),
            top["format"],
        )
    for k, role in enumerate(faults.array(top.get("roles", []), "/roles") or ()):
        faults.mapping(role, f"/roles/{k}", _ROLE_KEYS, ("role",))
    posted = []
    roles: dict[str, str] = {}
    for k, entry in enumerate(faults.array(top.get("posted", []), "/posted") or ()):
        found = faults.mapping(entry, f"/posted/{k}", _POSTED_KEYS, ("person", "target"))
        pair = [faults.text(found[key], f"/posted/{k}/{key}") for key in ("person", "target") if key in found]
        if len(pair) == 2 and pair[0] is not None and pair[1] is not None:
            posted.append((pair[0], pair[1]))
            role = faults.text(found["role"], f"/posted/{k}/role") if "role" in found else None
            if role is not None:
                roles[pair[0]] = role
    faults.check()
    return StaffingRecord(
        plan=str(top.get("plan", "")), profile=str(top.get("profile", "")), posted=tuple(posted), roles=roles
    )
