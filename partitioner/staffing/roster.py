"""The whole question: people, targets, roles, locks, and which targets are neighbours."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from partitioner.errors import InputError
from partitioner.staffing.people import Person
from partitioner.staffing.roles import Role
from partitioner.staffing.targets import Target

Pair = tuple[str, str]
"""A person's number and the id of a target."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Lead:
    """Somebody of a leading role is posted here."""

    role: str
    target: str
    person: str
    organisation: str | None


@dataclass(frozen=True, kw_only=True)
class Roster:
    """Checks itself on construction.

    Parameters
    ----------
    people, targets, roles : tuples
    neighbours : tuple of (str, str)
        Ids of targets that touch; either order.
    must, must_not : tuple of Pair
        Locks: pairs that are kept, whatever eligibility and distance say, and pairs that are ruled out.
    leading : tuple of Lead
        Posts of leading roles that are settled, for the roles that they lead; `leading.led` fills it in.

    Raises
    ------
    InputError
        With every fault that was found.
    """

    people: tuple[Person, ...]
    targets: tuple[Target, ...]
    roles: tuple[Role, ...]
    neighbours: tuple[tuple[str, str], ...] = ()
    must: tuple[Pair, ...] = ()
    must_not: tuple[Pair, ...] = field(default=())
    leading: tuple[Lead, ...] = ()

    def __post_init__(self) -> None:
        from partitioner.staffing.checking import faults_of

        faults = faults_of(self)
        if faults:
            raise InputError(faults)

    @cached_property
    def person(self) -> dict[str, Person]:
        """People by number."""
        return {person.number: person for person in self.people}

    @cached_property
    def target(self) -> dict[str, Target]:
        """Targets by id."""
        return {target.id: target for target in self.targets}

    @cached_property
    def role(self) -> dict[str, Role]:
        """Roles by name."""
        return {role.name: role for role in self.roles}

    @cached_property
    def around(self) -> dict[str, tuple[str, ...]]:
        """Every target's id, and those of all areas it lies in, the nearest first."""
        found: dict[str, tuple[str, ...]] = {}
        for target in self.targets:
            chain = [target.id]
            parent = target.parent
            while parent is not None and parent not in chain:
                chain.append(parent)
                parent = self.target[parent].parent if parent in self.target else None
            found[target.id] = tuple(chain)
        return found

    def leaders(self, role: Role, target: str) -> tuple[Lead, ...]:
        """Who leads people of `role` at a target: those at the nearest area around it, itself first, that has any."""
        if role.led_by is None:
            return ()
        found = (self._leading_at.get((role.led_by, area)) for area in self.around[target])
        return next((tuple(leads) for leads in found if leads), ())

    @cached_property
    def _leading_at(self) -> dict[tuple[str, str], list[Lead]]:
        found: dict[tuple[str, str], list[Lead]] = {}
        for lead in self.leading:
            found.setdefault((lead.role, lead.target), []).append(lead)
        return found

    def home_areas(self, person: Person) -> tuple[str, ...]:
        """Where a person lives: the unit, and all areas around it as far as they are known."""
        return () if person.home is None else self.around.get(person.home, (person.home,))

    def people_range(self, role: Role, target: Target) -> tuple[int, int | None]:
        """Fewest and most people of `role` at `target`."""
        return target.people.get(role.name, (role.min_people, role.max_people))

    def posts_range(self, person: Person) -> tuple[int, int | None]:
        """Fewest and most targets of a person."""
        role = self.role[person.role]
        low = role.min_posts if person.min_posts is None else person.min_posts
        return low, role.max_posts if person.max_posts is None else person.max_posts

    def capacity(self, person: Person) -> float:
        """The capacity of a person, the role's where none is declared."""
        return self.role[person.role].capacity if person.capacity is None else person.capacity
