"""What a place asks of its staff: roles with their rules, and what makes work, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from partitioner.errors import Text
from partitioner.staffing.roles import Role

TARGET_LEVELS = ("community", "grid", "special", "micro", "compound", "building", "stairwell")
"""Levels of targets; `special` are the special grids, which ordinary roles of grids leave alone."""

AREA_LEVELS = ("township", "community", "grid", "micro", "compound", "building")
"""Levels of areas that people belong to."""

WORK_KINDS = ("households", "residents", "elderly", "special_care", "no_lift", "events", "special")
"""Kinds of work that a plan tells of a target: `no_lift` are households in buildings known to have no lift, `special`
the special grids in a community."""

CountedBy = Literal["community_workers", "full_time_workers"]
"""Norms that count the people of a role."""

COUNTED_BY: tuple[CountedBy, ...] = ("community_workers", "full_time_workers")


@dataclass(frozen=True, kw_only=True)
class StaffRole:
    """A role as a profile has it.

    Parameters
    ----------
    role : Role
        Its rules; `role.name` is the word that rosters and files use.
    title : Text
    aliases : tuple of str
        Other words for it in a roster.
    home_area : str or None
        One of `AREA_LEVELS`: whoever names no areas may serve that area around home.
    counted_by : tuple
        Norms that count its people.
    leads : str or None
        The role whose people are led: those who serve the same target, or one inside it.
    """

    role: Role
    title: Text
    aliases: tuple[str, ...] = ()
    home_area: str | None = None
    counted_by: tuple[CountedBy, ...] = ()
    leads: str | None = None

    @property
    def name(self) -> str:
        """The id of the role."""
        return self.role.name

    @property
    def words(self) -> tuple[str, ...]:
        """Everything a roster may call it."""
        return tuple(dict.fromkeys((self.role.name, self.title.zh, self.title.en, *self.aliases)))


@dataclass(frozen=True, kw_only=True)
class StaffRules:
    """All roles of a profile, and the weights of work that hold where a role has none of its own."""

    roles: tuple[StaffRole, ...] = ()
    weights: Mapping[str, float] = field(default_factory=lambda: {"households": 1.0})

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", MappingProxyType(dict(self.weights)))

    def role(self, name: str) -> StaffRole:
        """The role of that id.

        Raises
        ------
        KeyError
            There is none.
        """
        for one in self.roles:
            if one.name == name:
                return one
        raise KeyError(name)
