"""A person of the roster: known by a number, never by a name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody who serves in one role.

    Parameters
    ----------
    number : str
        Staff number, different for everybody.
    role : str
        Name of the role.
    organisation : str or None
        Employer, department or party branch.
    areas : tuple of str
        Areas in which this person may serve, by id: targets in them, or the targets themselves.
    home : str or None
        The unit or target where this person lives.
    x, y : float or None
        Home in metres.
    capacity : float or None
        Load (or posts, as the role measures) that makes a full job; None takes the role's.
    min_posts, max_posts : int or None
        Fewest and most targets; None takes the role's.
    tags : tuple of str
        What this person is or can do, such as a party member.
    previous : tuple of str
        Targets served so far.
    avoid : tuple of str
        Targets that must not be given to this person, with all that lies in them.
    """

    number: str
    role: str
    organisation: str | None = None
    areas: tuple[str, ...] = ()
    home: str | None = None
    x: float | None = None
    y: float | None = None
    capacity: float | None = None
    min_posts: int | None = None
    max_posts: int | None = None
    tags: tuple[str, ...] = ()
    previous: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
