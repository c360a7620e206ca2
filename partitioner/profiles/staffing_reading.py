"""The table `[staffing]` of a profile: weights of work, and one `[[staffing.roles]]` per kind of post."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

from partitioner.errors import Text
from partitioner.profiles.staffing import AREA_LEVELS, COUNTED_BY, TARGET_LEVELS, WORK_KINDS, StaffRole, StaffRules
from partitioner.profiles.table import Table
from partitioner.staffing.checking import MAX_COUNT, MAX_LOAD, MAX_METRES
from partitioner.staffing.roles import MAX_SHARERS, Role

LIVING = ("anywhere", "elsewhere", "here")
LED_WITHIN = ("anyone", "organisation")
MEASURES = ("load", "posts")


def staff_rules(table: Table) -> StaffRules:
    """Check and convert; what does not fit is noted in the table."""
    weights = _weights(table.table("weights")) or {"households": 1.0}
    roles = [role for item in table.tables("roles", required=False) if (role := _role(item, weights)) is not None]
    table.refuse_unknown()
    _check_words(roles, table)
    return StaffRules(roles=tuple(_led(roles)), weights=weights)


def _led(roles: list[StaffRole]) -> Iterator[StaffRole]:
    """The roles, each with the first one that leads it."""
    leader = {one.leads: one.name for one in reversed(roles) if one.leads is not None}
    for one in roles:
        yield replace(one, role=replace(one.role, led_by=leader.get(one.name)))


def same_word(word: str) -> str:
    """A word as it is compared: without width, case and blanks."""
    return "".join(unicodedata.normalize("NFKC", word).casefold().split())


def _weights(table: Table) -> dict[str, float]:
    found = {kind: table.number(kind, None) for kind in WORK_KINDS}
    table.refuse_unknown()
    for kind, weight in found.items():
        if weight is not None and weight > MAX_LOAD:
            _out_of_range(table, kind, 0, MAX_LOAD, weight)
    return {kind: weight for kind, weight in found.items() if weight is not None}


def _role(table: Table, weights: dict[str, float]) -> StaffRole | None:
    before = table.num_faults
    name = table.text("id", "")
    title = Text(table.text("title_zh", name, required=False), table.text("title_en", name, required=False))
    own_area, living = table.boolean("own_area", default=False), _word(table, "living", LIVING, "anywhere")
    home_area = _word(table, "home_area", AREA_LEVELS, None)
    shared = table.boolean("shared", default=False)
    people = _range(table.table("people"), 1, MAX_SHARERS if shared else MAX_COUNT)
    targets = _range(table.table("targets"), 0, MAX_COUNT)
    own = _weights(table.table("weights"))
    values: dict[str, Any] = {
        "level": _word(table, "level", TARGET_LEVELS, None, required=True),
        "min_people": people[0],
        "max_people": people[1],
        "min_posts": targets[0],
        "max_posts": targets[1],
        "capacity": _between(table, "capacity", 1.0, 0.01, MAX_LOAD),
        "measure": _word(table, "measure", MEASURES, "load"),
        "sharing": "split" if shared else "each",
        "max_ratio": _between(table, "max_ratio", None, 0.0, 1e4),
        "own_area": own_area,
        "same_organisation": table.boolean("same_organisation", default=False),
        "tag": table.text("tag", "", required=False) or None,
        "max_distance_m": _between(table, "max_distance_m", None, 0.0, MAX_METRES),
        "living": living,
        "led_within": _word(table, "led_within", LED_WITHIN, "anyone"),
        "contiguous": table.boolean("contiguous", default=False),
        "weights": own or weights,
    }
    counted = tuple(_known(table, "counted_by", table.texts("counted_by"), COUNTED_BY))
    aliases, leads = tuple(table.texts("aliases")), table.text("leads", "", required=False) or None
    table.refuse_unknown()
    if home_area is not None and not own_area:
        table.fault(
            "home_area",
            "home_area_unused",
            Text("home_area 只在 own_area = true 时有用", "home_area needs own_area = true"),
            Text("请补上 own_area = true，或删去 home_area", "Add own_area = true, or leave home_area out"),
        )
    if table.num_faults > before:
        return None
    return StaffRole(
        role=Role(name=name, **values),
        title=title,
        aliases=aliases,
        home_area=home_area,
        counted_by=cast("tuple[Any, ...]", counted),
        leads=leads,
    )


def _range(table: Table, default: int, most: int) -> tuple[int, int | None]:
    """`min` and `max`; without `max` there is no limit, without the table it is one at most."""
    given = table.given
    low, high = table.integer("min"), table.integer("max")
    table.refuse_unknown()
    low = default if low is None else low
    if not given:
        return low, 1
    if low > most or (high is not None and not low <= high <= most):
        table.fault(
            "",
            "range_order",
            Text(f"应满足 0 ≤ min ≤ max ≤ {most}", f"needs 0 <= min <= max <= {most}"),
            Text("请改正 min 或 max", "Correct min or max"),
            f"{low} … {high}",
        )
    return low, high


def _between(table: Table, key: str, default: float | None, low: float, high: float) -> float | None:
    value = table.number(key, default)
    if value is not None and not low <= value <= high:
        _out_of_range(table, key, low, high, value)
        return default
    return value


def _out_of_range(table: Table, key: str, low: float, high: float, value: float) -> None:
    table.fault(
        key,
        "value_range",
        Text(f"{key} 应在 {low:g} 与 {high:g} 之间", f"{key} must lie between {low:g} and {high:g}"),
        Text("请改正该值", "Correct the value"),
        value,
    )


def _word(table: Table, key: str, known: tuple[str, ...], default: str | None, *, required: bool = False) -> str | None:
    word = table.text(key, default or "", required=required) or None
    return word if word is None or _known(table, key, [word], known) else default


def _known(table: Table, key: str, words: list[str], known: tuple[str, ...]) -> list[str]:
    for word in words:
        if word not in known:
            table.fault(
                key,
                "word_unknown",
                Text(f"{key} 应为以下之一：{'、'.join(known)}", f"{key} must be one of {', '.join(known)}"),
                Text("请改正该值", "Correct the value"),
                word,
            )
    return [word for word in words if word in known]


def _check_words(roles: list[StaffRole], table: Table) -> None:
    """No word may mean two roles, and only a role can be led."""
    for role in roles:
        if role.leads is not None and role.leads not in {other.name for other in roles} - {role.name}:
            table.fault(
                "roles",
                "leads_unknown",
                Text(f"{role.name} 所领导的职务不存在", f"{role.name} leads a role that there is not"),
                Text("请填另一职务的 id", "Give the id of another role"),
                role.leads,
            )
    owner: dict[str, str] = {}
    for role in roles:
        for word in dict.fromkeys(map(same_word, role.words)):
            if word in owner:
                table.fault(
                    "roles",
                    "role_word_twice",
                    Text(f"{word} 同时指 {owner[word]} 与 {role.name}", f"{word} means {owner[word]} and {role.name}"),
                    Text("每个职务的 id、名称和别名须各不相同", "Ids, titles and aliases must differ between roles"),
                    word,
                )
            owner.setdefault(word, role.name)
