"""Posts that a hand changes: whatever is given is kept, and what it breaks is told.

The engine only ever holds lawful assignments. Here everything is judged by the witness, role by role, and only those
roles that a change reaches are judged anew.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from partitioner.staffing.goal import ORDER, Stage, StageReport
from partitioner.staffing.judging import (
    Breach,
    breaches_of,
    fair_shares,
    given_up,
    loads_of,
    short_people,
    short_targets,
    stages_of,
    why_not,
)
from partitioner.staffing.leading import led
from partitioner.staffing.loads import LOAD_UNIT
from partitioner.staffing.result import RoleResult, Staffing
from partitioner.staffing.roles import Role
from partitioner.staffing.roster import Pair, Roster


@dataclass(frozen=True, kw_only=True, eq=False)
class RolePosts:
    """One role as it stands.

    Parameters
    ----------
    posted : tuple of Pair
        Sorted.
    breaches : tuple of Breach
        Rules that its posts break, locks that are not kept included.
    load, share : mapping of str to float
        Of everybody in the role, in households or posts.
    """

    role: Role
    posted: tuple[Pair, ...]
    breaches: tuple[Breach, ...]
    stages: Mapping[Stage, Fraction]
    short_targets: Mapping[str, int]
    short_people: Mapping[str, int]
    load: Mapping[str, float]
    share: Mapping[str, float]
    fair: Mapping[str, int]


class Posts:
    """Who serves where, lawful or not.

    Parameters
    ----------
    roster : Roster
    posted : iterable of Pair
        People or targets that are not there, and targets of another level than the role's, are left out.
    like : Posts, optional
        An earlier state; what has not changed since is not judged again.
    """

    def __init__(self, roster: Roster, posted: Iterable[Pair], like: Posts | None = None) -> None:
        kept = {pair for pair in posted if _is_there(roster, pair)}
        self.posted = frozenset(kept)
        self._plain = roster
        self._own: dict[str, list[Pair]] = {role.name: [] for role in roster.roles}
        for pair in sorted(kept):
            self._own[roster.person[pair[0]].role].append(pair)
        known = like if like is not None and like._plain is roster else None
        leading = {role.led_by for role in roster.roles} - {None}
        led_alike = known is not None and all(known._own.get(str(name)) == self._own.get(str(name)) for name in leading)
        self.roster: Roster = known.roster if known is not None and led_alike else led(roster, kept)
        self.roles: dict[str, RolePosts] = {
            role.name: self._judged(role, None if known is None else known.roles[role.name], led_alike)
            for role in roster.roles
        }

    @cached_property
    def held(self) -> Mapping[str, tuple[str, ...]]:
        """From a person's number to the targets that this person serves."""
        found: dict[str, list[str]] = defaultdict(list)
        for number, name in sorted(self.posted):
            found[number].append(name)
        return {number: tuple(names) for number, names in found.items()}

    @property
    def breaches(self) -> tuple[Breach, ...]:
        """Of all roles."""
        return tuple(breach for role in self.roles.values() for breach in role.breaches)

    def changed(self, begun: Iterable[Pair], ended: Iterable[Pair]) -> Posts:
        """The posts after some have begun and others ended."""
        return Posts(self._plain, (self.posted - set(ended)) | set(begun), self)

    def staffing(self) -> Staffing:
        """As a result of the engine's shape; nothing is known of how good it could be."""
        roles = tuple(
            RoleResult(
                role=name,
                posted=one.posted,
                stages=tuple(StageReport(stage=stage, value=one.stages[stage], bound=None) for stage in ORDER),
                short_targets=tuple(sorted(one.short_targets.items())),
                short_people=tuple(sorted(one.short_people.items())),
            )
            for name, one in self.roles.items()
        )
        return Staffing(roles=roles, stop_reason="stalled")

    def roomy(self) -> Roster:
        """The roster with room for what is posted: no limit of numbers, load or contiguity is broken in it."""
        roster = self._plain
        over = {breach.rule for breach in self.breaches}
        held = Counter(number for number, _ in self.posted)
        serving = Counter((name, roster.person[number].role) for number, name in self.posted)
        room: dict[str, dict[str, tuple[int, int | None]]] = defaultdict(dict)
        for (name, role), num in serving.items():
            low, high = roster.people_range(roster.role[role], roster.target[name])
            if high is not None and num > high:
                room[name][role] = (low, num)
        most = {one.number: roster.posts_range(one)[1] for one in roster.people if one.number in held}
        crowded = {number for number, limit in most.items() if limit is not None and held[number] > limit}
        return replace(
            roster,
            people=tuple(
                replace(one, max_posts=held[one.number]) if one.number in crowded else one for one in roster.people
            ),
            targets=tuple(
                replace(one, people={**one.people, **room[one.id]}) if one.id in room else one for one in roster.targets
            ),
            roles=tuple(
                replace(
                    role,
                    max_ratio=None if "max_ratio" in over else role.max_ratio,
                    contiguous=role.contiguous and "contiguous" not in over,
                )
                for role in roster.roles
            ),
        )

    def forced(self) -> Roster:
        """As `roomy`, with posts that eligibility forbids as locks: so the engine takes them in."""
        roster = self.roomy()
        must = [
            pair
            for one in self.roles.values()
            for pair in one.posted
            if why_not(self.roster, one.role, roster.person[pair[0]], roster.target[pair[1]]) is not None
        ]
        if not must:
            return roster
        return replace(
            roster,
            must=tuple(dict.fromkeys((*(pair for pair in roster.must if pair in self.posted), *must))),
            must_not=tuple(pair for pair in roster.must_not if pair not in set(must)),
        )

    def _judged(self, role: Role, before: RolePosts | None, led_alike: bool) -> RolePosts:
        """`before` holds for the same roster."""
        own = self._own[role.name]
        led_freely = role.led_by is None or led_alike
        if before is not None and led_freely and before.posted == tuple(own):
            return before
        fair = before.fair if before is not None and led_freely else fair_shares(self.roster, role)
        lost = [one for one in given_up(self.roster, own) if self.roster.person[str(one.person)].role == role.name]
        loads = loads_of(self.roster, role, own)
        return RolePosts(
            role=role,
            posted=tuple(own),
            breaches=(*lost, *breaches_of(self.roster, role, own)),
            stages=stages_of(self.roster, role, own, fair),
            short_targets=short_targets(self.roster, role, own),
            short_people=short_people(self.roster, role, own),
            load={number: float(load) / LOAD_UNIT for number, load in loads.items()},
            share={number: share / LOAD_UNIT for number, share in fair.items()},
            fair=fair,
        )


def _is_there(roster: Roster, pair: Pair) -> bool:
    person, target = roster.person.get(pair[0]), roster.target.get(pair[1])
    return person is not None and target is not None and roster.role[person.role].level == target.level
