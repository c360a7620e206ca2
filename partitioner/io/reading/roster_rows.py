"""One row of a roster as a person."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from partitioner.errors import Place, Text
from partitioner.io.reading.cells import CellError, is_blank, plain_text, read_code, read_coordinate, read_count
from partitioner.io.reading.findings import Findings
from partitioner.io.reading.located import Located
from partitioner.io.reading.roster_places import AREA_ORDER, RosterPlaces
from partitioner.model import FloatArray
from partitioner.profiles import StaffRole, StaffRules
from partitioner.profiles.staffing_reading import same_word
from partitioner.staffing import Pair, Person
from partitioner.staffing.checking import MAX_LOAD

PARTY = "党员"
"""Tag of a party member."""

_LISTED = re.compile(r"[、，,;；/|\n\r\t]+")
_PARTY = frozenset({"是", "党员", "中共党员", "预备党员", "中共预备党员", "yes", "y", "true", "1", "√", "✓"})
_NO_PARTY = frozenset(
    {"否", "不是", "群众", "团员", "共青团员", "民主党派", "无党派", "no", "n", "false", "0", "无", "×"}
)
_SHOWN = 4


@dataclass(frozen=True, kw_only=True)
class RosterRow:
    """A row: the person, unless something about it is wrong."""

    number: str | None
    person: Person | None
    locked: tuple[Pair, ...]
    place: Place
    source: str


def read_row(
    located: Located,
    record: int,
    xy: FloatArray,
    places: RosterPlaces,
    rules: StaffRules,
    words: Mapping[str, StaffRole],
    default: StaffRole | None,
    findings: Findings,
) -> RosterRow:
    """Read one row; every fault of it is noted."""
    row = _Row(located, record, places, findings)
    number = row.code("number")
    if number is None and not findings.named(row.place("number")):
        findings.fault("number_blank", row.place("number"))
    role = row.role(rules, words, default)
    home = row.home(xy)
    person = row.person(number or "?", role, home, xy)
    locked = () if role is None or number is None else tuple((number, name) for name in row.targets("locked", role))
    return RosterRow(
        number=number,
        person=person,
        locked=locked,
        place=row.place("number"),
        source=located.layer.source(record),
    )


def roles_in_words(rules: StaffRules) -> Text:
    """The roles of a profile as a message lists them."""
    return Text(
        "、".join(f"{role.title.zh}（{role.name}）" for role in rules.roles) or "—",
        ", ".join(f"{role.title.en} ({role.name})" for role in rules.roles) or "—",
    )


class _Row:
    """Cells of one record by field."""

    def __init__(self, located: Located, record: int, places: RosterPlaces, findings: Findings) -> None:
        self.located, self.record = located, record
        self.places, self.findings = places, findings

    def cell(self, field: str) -> object:
        column = self.located.fields.get(field)
        return None if column is None else self.located.layer.columns[column][self.record]

    def place(self, field: str) -> Place:
        return self.located.layer.place(self.record, self.located.fields.get(field))

    def fault(self, rule: str, field: str, value: object = None, **details: object) -> None:
        self.findings.fault(rule, self.place(field), value, **details)

    def code(self, field: str) -> str | None:
        try:
            return read_code(self.cell(field))
        except CellError as error:
            self.fault(error.rule, field, self.cell(field))
            return None

    def words(self, field: str) -> list[str]:
        """A cell that lists several things."""
        text = self.code(field) or ""
        return list(dict.fromkeys(word.strip() for word in _LISTED.split(text) if word.strip()))

    def role(self, rules: StaffRules, words: Mapping[str, StaffRole], default: StaffRole | None) -> StaffRole | None:
        told = self.code("role")
        known = roles_in_words(rules)
        if told is None:
            if default is None and not self.findings.named(self.place("role")):
                self.fault("staff_role_blank", "role", roles=known)
            return default
        role = words.get(same_word(told))
        if role is None:
            self.fault("staff_role_unknown", "role", told, roles=known)
        return role

    def home(self, xy: FloatArray) -> str | None:
        """The building this person lives in."""
        word, compound = self.code("building"), self.code("compound")
        if word is not None:
            return self._one_building(word, self.places.buildings(word, compound))
        address = self.code("address")
        if address is not None:
            found = self.places.in_address(address)
            if len(found) == 1:
                home = self.places.home(found[0])
                told = f"{home.compound or ''} {home.title}（{home.id}）".strip()
                self.findings.notice("address_matched", self.place("address"), found=told)
                return found[0]
            if not np.isfinite(xy).all():
                # The address itself is nobody's business: the row is enough to find it.
                self.findings.notice("address_unmatched", self.place("address"))
        return self.places.nearest_building(xy) if np.isfinite(xy).all() else None

    def _one_building(self, word: str, found: Sequence[str]) -> str | None:
        if len(found) == 1:
            return found[0]
        if found:
            self.fault("building_ambiguous", "building", word, several=_several(found))
        else:
            self.fault("building_unknown", "building", word, near=self._near(word, ("building",)))
        return None

    def _near(self, word: str, levels: Sequence[str]) -> Text:
        near = self.places.near(word, levels)
        return Text(f"，是否指 {near}", f"; did you mean {near}") if near else Text("", "")

    def person(self, number: str, role: StaffRole | None, home: str | None, xy: FloatArray) -> Person | None:
        """The person; cells are looked at whether the role is known or not, so that every fault is told."""
        place = None if home is None else self.places.home(home)
        x, y = (float(xy[0]), float(xy[1])) if np.isfinite(xy).all() else (None, None)
        if x is None and place is not None:
            x, y = place.x, place.y
        low, high = self.count("min_posts"), self.count("max_posts")
        if low is not None and high is not None and low > high:
            self.fault("posts_order", "max_posts", f"{low} … {high}")
        areas, avoid, capacity = self.areas("areas"), self.areas("avoid"), self.capacity()
        organisation, tags = self.organisation(), self.tags()
        if role is None:
            return None
        if not areas and role.home_area is not None and place is not None:
            areas = [place.areas[role.home_area]] if role.home_area in place.areas else []
        return Person(
            number=number,
            role=role.name,
            organisation=organisation,
            areas=tuple(areas),
            home=None if place is None else _home_target(place.areas, role.role.level),
            x=x,
            y=y,
            capacity=capacity,
            min_posts=low,
            max_posts=high,
            tags=tags,
            previous=tuple(self.targets("previous", role)),
            avoid=tuple(avoid),
        )

    def organisation(self) -> str | None:
        """An employer; where an area is called so, that area."""
        told = self.code("organisation")
        if told is None:
            return None
        found, _ = self.places.areas(told, ("community", "township"))
        return found[0] if len(found) == 1 else told

    def areas(self, field: str) -> list[str]:
        found: list[str] = []
        for word in self.words(field):
            names, nearly = self.places.areas(word)
            if not names:
                self.fault("area_unknown", field, word, near=self._near(word, AREA_ORDER))
            elif len(names) > 1:
                self.fault("area_ambiguous", field, word, several=_several(names))
            else:
                if nearly:
                    told = self.places.targets.title(names[0])
                    self.findings.notice("area_near", self.place(field), word, found=told)
                found.append(names[0])
        return list(dict.fromkeys(found))

    def targets(self, field: str, role: StaffRole) -> list[str]:
        """Targets of the role's level."""
        level, found = role.role.level, []
        for word in self.words(field):
            names, _ = self.places.areas(word, (level,))
            if len(names) == 1:
                found.append(names[0])
            elif names:
                self.fault("area_ambiguous", field, word, several=_several(names))
            elif self.places.areas(word)[0]:
                self.fault("target_of_other_level", field, word, role=role.title, level=level)
            else:
                zh, en = _hints(field)
                near = self._near(word, (level,))
                self.fault("target_unknown", field, word, near=near, hint_zh=zh, hint_en=en)
        return list(dict.fromkeys(found))

    def capacity(self) -> float | None:
        value = self.cell("capacity")
        try:
            number = read_coordinate(value)
        except CellError:
            self.fault("capacity_text", "capacity", value)
            return None
        if number is not None and not 0.01 <= number <= MAX_LOAD:
            self.fault("capacity_range", "capacity", value, limit=f"{MAX_LOAD:,.0f}")
            return None
        return number if number is None or math.isfinite(number) else None

    def count(self, field: str) -> int | None:
        try:
            return read_count(self.cell(field))
        except CellError:
            self.fault("posts_count", field, self.cell(field))
            return None

    def tags(self) -> tuple[str, ...]:
        tags = [*self.words("tags"), *self.words("skills")]
        value = self.cell("party")
        if not is_blank(value):
            word = plain_text(value).casefold()
            if word in _PARTY:
                tags.append(PARTY)
            elif word not in _NO_PARTY:
                self.findings.notice("party_unknown", self.place("party"))
        return tuple(dict.fromkeys(tags))


def _several(names: Sequence[str]) -> str:
    rest = f" … {len(names)}" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + rest


def _hints(field: str) -> tuple[str, str]:
    if field == "previous":
        return (
            "请改正编码；重新划分后编码会变，可清空此列，改用 --previous 给出以前的安排",
            "correct the code; after a redraw leave the column blank and give the earlier assignment with --previous",
        )
    return "请改正编码", "correct the code"


def _home_target(areas: Mapping[str, str], level: str) -> str | None:
    """The narrowest area around a home that targets of `level` can be compared with."""
    order = {
        "micro": ("micro", "grid", "special", "community"),
        "compound": ("compound", "grid", "community"),
        "building": ("building", "grid", "community"),
        "stairwell": ("building", "grid", "community"),
    }.get(level, ("grid", "special", "community", "township"))
    return next((areas[name] for name in order if name in areas), None)
