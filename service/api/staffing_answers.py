"""The staff of a draft as answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from partitioner.staffing import Breach, Posts
from service.api.staff_editing import DraftStaff, StaffOutcome

MAX_LISTED = 1000


def staff_state(staff: DraftStaff) -> dict[str, Any]:
    """In short, as a draft tells it."""
    posts = staff.posts
    return {
        "changes": staff.num_changes,
        "lawful": not posts.breaches,
        "num_broken": len(posts.breaches),
        "num_short": sum(sum(role.short_targets.values()) for role in posts.roles.values()),
    }


def staff_answer(outcome: StaffOutcome, language: str) -> dict[str, Any]:
    """What an edit did or would do to the staff."""
    after = outcome.after
    return {
        "lawful": not outcome.broken,
        "people": [{**_person(after, number), "load_before": round(load, 2)} for number, load in outcome.people],
        "change": [{"role": role, **_rounded(stages)} for role, stages in outcome.change.items()],
        "broken": _breaches(outcome.broken, language),
        "mended": _breaches(outcome.mended, language),
        "short": _short(after, outcome.change),
    }


def staffing_answer(staff: DraftStaff, language: str) -> dict[str, Any]:
    """Who serves where now."""
    posts = staff.posts
    return {
        "posted": [
            {
                "role": name,
                "person": number,
                "target": target,
                "title": staff.kept.titles.get(target, target),
                "previous": (number, target) in staff.base,
            }
            for name, role in posts.roles.items()
            for number, target in role.posted
        ],
        "people": [_person(posts, person.number) for person in posts.roster.people],
        "roles": [
            {"role": name, "level": role.role.level, **_rounded(role.stages)} for name, role in posts.roles.items()
        ],
        "short": _short(posts, posts.roles),
        "broken": _breaches(posts.breaches, language),
    }


def _person(posts: Posts, number: str) -> dict[str, Any]:
    person = posts.roster.person[number]
    role = posts.roles[person.role]
    return {
        "person": number,
        "role": person.role,
        "targets": list(posts.held.get(number, ())),
        "load": round(role.load[number], 2),
        "share": round(role.share[number], 2),
        "capacity": round(float(posts.roster.capacity(person)), 2),
    }


def _rounded(stages: Any) -> dict[str, Any]:
    whole = ("unfilled", "changes", "metres")
    return {name: int(value) if name in whole else round(float(value), 6) for name, value in stages.items()}


def _breaches(found: Iterable[Breach], language: str) -> list[dict[str, Any]]:
    listed = [
        {"rule": one.rule, "person": one.person, "target": one.target, "message": one.message.in_language(language)}
        for one in found
    ]
    return listed[:MAX_LISTED]


def _short(posts: Posts, roles: Iterable[str]) -> list[dict[str, Any]]:
    listed = [
        {"role": name, "target": target, "missing": missing}
        for name in roles
        for target, missing in posts.roles[name].short_targets.items()
    ]
    return listed[:MAX_LISTED]
