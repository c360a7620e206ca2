"""Who may be posted where: all allowed pairs of one role, as arrays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from partitioner.model import FloatArray, IntArray
from partitioner.staffing.people import Person
from partitioner.staffing.roles import Role
from partitioner.staffing.roster import Roster
from partitioner.staffing.targets import Target

SLACK_M = 1e-6
"""Metres by which the search tree looks further than the limit, which is then applied to the exact distance."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Pairs:
    """People and targets of one role, and the pairs of positions among them that may be posted, ascending.

    Parameters
    ----------
    person, target : int arrays, shape (pairs,)
    metres : int array, shape (pairs,)
        From home to target, whole metres; 0 where one of the places is unknown.
    must : bool array, shape (pairs,)
        Locked pairs.
    """

    people: tuple[Person, ...]
    targets: tuple[Target, ...]
    person: IntArray
    target: IntArray
    metres: IntArray
    must: np.ndarray[tuple[int], np.dtype[np.bool_]]


def allowed_pairs(roster: Roster, role: Role) -> Pairs:
    """All pairs of `role` that its rules allow, and all that are locked."""
    people = tuple(person for person in roster.people if person.role == role.name)
    targets = tuple(target for target in roster.targets if target.level == role.level)
    number = {person.number: i for i, person in enumerate(people)}
    name = {target.id: j for j, target in enumerate(targets)}
    where, home = _places(targets), _places(people)
    person, target = _candidates(roster, role, people, targets, home, where)
    keep = np.ones(len(person), dtype=bool)
    if role.max_distance_m is not None:
        away = np.hypot(*(home[person] - where[target]).T)
        keep &= ~(away > role.max_distance_m)
    keep &= _tagged(role, people, targets, person, target)
    keep &= _led(roster, role, people, targets, person, target)
    code = person * max(len(targets), 1) + target
    ruled_out, wanted = _ruled_out(roster, people, name), _at_home(roster, role, people, name)
    must = _codes(((number[n], name[t]) for n, t in roster.must if n in number), len(targets))
    must_not = _codes(((number[n], name[t]) for n, t in roster.must_not if n in number), len(targets))
    if role.living == "here":
        keep &= among(code, _codes(wanted, len(targets)))
    elif role.living == "elsewhere":
        keep &= ~among(code, _codes(wanted, len(targets)))
    keep &= ~among(code, _codes(ruled_out, len(targets))) & ~among(code, must_not)
    code = code[keep]
    code = np.sort(np.concatenate([code, must[~np.isin(must, code[among(code, must)])]]))
    person, target = np.divmod(code, max(len(targets), 1))
    away = np.hypot(*(home[person] - where[target]).T)
    return Pairs(
        people=people,
        targets=targets,
        person=person,
        target=target,
        metres=np.floor(np.nan_to_num(away) + 0.5).astype(np.int64),
        must=among(code, must),
    )


def among(code: IntArray, wanted: IntArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which entries of `code`, ascending and different, are in `wanted`."""
    found = np.zeros(len(code), dtype=bool)
    at = np.searchsorted(code, wanted)
    known = at < len(code)
    at = at[known]
    found[at[code[at] == wanted[known]]] = True
    return found


def _places(things: Iterable[Person | Target]) -> FloatArray:
    found = [(np.nan, np.nan) if thing.x is None or thing.y is None else (thing.x, thing.y) for thing in things]
    return np.array(found, dtype=np.float64).reshape(-1, 2)


def _codes(pairs: Iterable[tuple[int, int]], num_targets: int) -> IntArray:
    return np.unique(np.array([i * num_targets + j for i, j in pairs], dtype=np.int64))


def _candidates(
    roster: Roster,
    role: Role,
    people: tuple[Person, ...],
    targets: tuple[Target, ...],
    home: FloatArray,
    where: FloatArray,
) -> tuple[IntArray, IntArray]:
    """Pairs that may be allowed, by the rule that leaves the fewest."""
    if role.own_area:
        inside: dict[str, list[int]] = defaultdict(list)
        for j, target in enumerate(targets):
            for area in roster.around[target.id]:
                inside[area].append(j)
        lists = [sorted({j for area in person.areas for j in inside.get(area, ())}) for person in people]
    elif role.same_organisation:
        lists = []
    elif role.max_distance_m is not None and len(people) * len(targets) > 10**5:
        return _near(home, where, role.max_distance_m)
    else:
        return _product(len(people), len(targets))
    if role.same_organisation:
        of: dict[str, list[int]] = defaultdict(list)
        for j, target in enumerate(targets):
            if target.organisation is not None:
                of[target.organisation].append(j)
        same = [of.get(person.organisation, []) if person.organisation is not None else [] for person in people]
        lists = [sorted(set(a) & set(b)) for a, b in zip(lists, same, strict=True)] if role.own_area else same
    sizes = [len(one) for one in lists]
    return np.repeat(np.arange(len(people)), sizes), np.array([j for one in lists for j in one], dtype=np.int64)


def _product(num_people: int, num_targets: int) -> tuple[IntArray, IntArray]:
    return np.repeat(np.arange(num_people), num_targets), np.tile(np.arange(num_targets), num_people)


def _near(home: FloatArray, where: FloatArray, limit_m: float) -> tuple[IntArray, IntArray]:
    at, there = np.flatnonzero(~np.isnan(home[:, 0])), np.flatnonzero(~np.isnan(where[:, 0]))
    found = cKDTree(home[at]).query_ball_point(where[there], limit_m + SLACK_M)
    person = [at[np.array(one, dtype=np.int64)] for one in found]
    target = np.repeat(there, [len(one) for one in person])
    nowhere_i, nowhere_j = np.flatnonzero(np.isnan(home[:, 0])), np.flatnonzero(np.isnan(where[:, 0]))
    all_j, all_i = np.arange(len(where)), at
    i = [*person, np.repeat(nowhere_i, len(all_j)), np.repeat(all_i, len(nowhere_j))]
    j = [target, np.tile(all_j, len(nowhere_i)), np.tile(nowhere_j, len(all_i))]
    code = np.sort(np.concatenate(i).astype(np.int64) * len(where) + np.concatenate(j).astype(np.int64))
    return np.divmod(np.unique(code), max(len(where), 1))


def _tagged(
    role: Role, people: tuple[Person, ...], targets: tuple[Target, ...], person: IntArray, target: IntArray
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    keep = np.ones(len(person), dtype=bool)
    if role.tag is not None:
        keep &= np.array([role.tag in one.tags for one in people], dtype=bool)[person]
    for tag in sorted({tag for one in targets for tag in one.wants}):
        has = np.array([tag in one.tags for one in people], dtype=bool)
        wants = np.array([tag in one.wants for one in targets], dtype=bool)
        keep &= has[person] | ~wants[target]
    return keep


def _led(
    roster: Roster,
    role: Role,
    people: tuple[Person, ...],
    targets: tuple[Target, ...],
    person: IntArray,
    target: IntArray,
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Pairs in which somebody of the person's organisation leads, or nobody leads at all."""
    if role.led_within != "organisation" or not roster.leading:
        return np.ones(len(person), dtype=bool)
    names = sorted({one.organisation for one in people if one.organisation is not None})
    number = {name: k for k, name in enumerate(names)}
    own = np.array([number.get(one.organisation or "", len(names)) for one in people], dtype=np.int64)
    may = np.ones((len(targets), len(names) + 1), dtype=bool)
    for j, one in enumerate(targets):
        leaders = roster.leaders(role, one.id)
        if leaders:
            may[j] = False
            may[j, [number[lead.organisation] for lead in leaders if lead.organisation in number]] = True
    return may[target, own[person]]


def _inside(roster: Roster, name: dict[str, int], areas: Iterable[str]) -> set[int]:
    """Targets that are one of `areas` or lie in one."""
    wanted = set(areas)
    return {j for target, j in name.items() if wanted & set(roster.around[target])}


def _ruled_out(roster: Roster, people: tuple[Person, ...], name: dict[str, int]) -> list[tuple[int, int]]:
    """Targets that people must not take."""
    return [(i, j) for i, one in enumerate(people) if one.avoid for j in sorted(_inside(roster, name, one.avoid))]


def _at_home(roster: Roster, role: Role, people: tuple[Person, ...], name: dict[str, int]) -> list[tuple[int, int]]:
    """Targets in which people live."""
    if role.living == "anywhere":
        return []
    return [(i, name[area]) for i, one in enumerate(people) for area in roster.home_areas(one) if area in name]
