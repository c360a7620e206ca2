"""Who leads whom: people of one role lead those of another, in the same target or in an area inside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from partitioner.staffing.roles import Role
from partitioner.staffing.roster import Lead, Pair, Roster


@dataclass(frozen=True, kw_only=True, slots=True)
class Contact:
    """One post, and who leads there.

    Parameters
    ----------
    leaders : tuple of str
        Numbers; empty where nobody leads.
    """

    person: str
    target: str
    leaders: tuple[str, ...]


def led(roster: Roster, posted: Iterable[Pair]) -> Roster:
    """The roster for roles that are led, once their leaders are `posted`; other posts are ignored."""
    leading = {role.led_by for role in roster.roles if role.led_by is not None}
    if not leading:
        return roster
    found = []
    for number, name in sorted(set(posted)):
        person = roster.person.get(number)
        if person is not None and person.role in leading:
            found.append(Lead(role=person.role, target=name, person=number, organisation=person.organisation))
    return replace(roster, leading=tuple(found))


def in_turn(roles: Iterable[Role]) -> tuple[tuple[Role, ...], ...]:
    """Roles in layers: those that nobody leads, those led by them, and so on; the order within stays."""
    left = list(roles)
    known: set[str] = set()
    layers: list[tuple[Role, ...]] = []
    names = {role.name for role in left}
    while left:
        layer = tuple(role for role in left if role.led_by is None or role.led_by in known or role.led_by not in names)
        known |= {role.name for role in layer}
        layers.append(layer)
        left = [role for role in left if role.name not in known]
    return tuple(layers)


def contacts(roster: Roster, posted: Iterable[Pair]) -> tuple[Contact, ...]:
    """Every post of a role that is led, with its leaders; tiers above are the contacts of the leaders themselves."""
    pairs = tuple(posted)
    known = led(roster, pairs)
    found = []
    for number, name in pairs:
        role = roster.role[roster.person[number].role]
        if role.led_by is not None:
            leaders = tuple(lead.person for lead in known.leaders(role, name))
            found.append(Contact(person=number, target=name, leaders=leaders))
    return tuple(found)
