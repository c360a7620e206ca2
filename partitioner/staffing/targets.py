"""What people are posted to: an area or a building of some level, and the work that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, kw_only=True)
class Target:
    """A community, grid, micro-grid, compound, building or stairwell.

    Parameters
    ----------
    id : str
        Different for every target, of whatever level.
    level : str
        Compared with the level of the role.
    parent : str or None
        Id of the area it lies in; need not be a target itself.
    x, y : float or None
        Where it is, in metres.
    work : mapping of str to float
        Amounts that make load: `households`, `elderly`, `special_care`, `no_lift`, `events`, `special` and any others.
    organisation : str or None
        Whose people may serve it, where a role asks for the same organisation.
    wants : tuple of str
        Tags that everybody posted here must have.
    people : mapping of str to (int, int or None)
        Fewest and most people by role, where they differ from what the role says; None is no limit.
    """

    id: str
    level: str
    parent: str | None = None
    x: float | None = None
    y: float | None = None
    work: Mapping[str, float] = field(default_factory=dict)
    organisation: str | None = None
    wants: tuple[str, ...] = ()
    people: Mapping[str, tuple[int, int | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "work", MappingProxyType(dict(self.work)))
        object.__setattr__(self, "people", MappingProxyType(dict(self.people)))
