"""What a run ends with: who serves where, what it is worth, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from partitioner.model import StopReason
from partitioner.staffing.goal import Stage, StageReport
from partitioner.staffing.roster import Pair


@dataclass(frozen=True, kw_only=True)
class RoleResult:
    """One role.

    Parameters
    ----------
    posted : tuple of Pair
        By person, then target, in the roster's order.
    stages : tuple of StageReport
        In the order of the aims.
    short_targets : tuple of (str, int)
        Targets that lack people, and how many.
    short_people : tuple of (str, int)
        People who have fewer posts than they must, and how many fewer.
    """

    role: str
    posted: tuple[Pair, ...]
    stages: tuple[StageReport, ...]
    short_targets: tuple[tuple[str, int], ...] = ()
    short_people: tuple[tuple[str, int], ...] = ()

    def stage(self, name: Stage) -> StageReport:
        """The report of one stage."""
        return next(one for one in self.stages if one.stage == name)

    @property
    def proved(self) -> bool:
        """Whether every stage is."""
        return all(one.proved for one in self.stages)


@dataclass(frozen=True, kw_only=True)
class Staffing:
    """All roles. `stop_reason` is "proved" only if every stage of every role is."""

    roles: tuple[RoleResult, ...]
    stop_reason: StopReason
    seconds: float = 0.0
    seed: int = 0

    @cached_property
    def posted(self) -> tuple[Pair, ...]:
        """All pairs, role by role."""
        return tuple(pair for role in self.roles for pair in role.posted)

    def role(self, name: str) -> RoleResult:
        """The result of one role."""
        return next(one for one in self.roles if one.role == name)
