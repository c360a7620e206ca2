"""A plan with its people: what every writer of staffing is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from partitioner.errors import Fault
from partitioner.io.targets import PlanTargets
from partitioner.profiles import StaffRules
from partitioner.staffing import EmptyPost, Pair, Role, Roster, Situation, Staffing
from partitioner.staffing.loads import LOAD_UNIT
from partitioner.staffing.measuring import loads


@dataclass(frozen=True, kw_only=True, slots=True)
class NormRow:
    """One community against the norms of the profile; None where a norm is not set.

    Parameters
    ----------
    residents : float
    estimated : bool
        Whether residents are households times the norm, not counted.
    workers, required : int
        Community workers posted inside, and how many the norm asks for.
    grids, full_time, required_full_time : int
        Ordinary grids, full-time workers posted to them, and how many the norm asks for.
    """

    community: str
    residents: float
    estimated: bool
    workers: int
    required: int | None
    grids: int
    full_time: int
    required_full_time: int | None

    @property
    def shortfall(self) -> int:
        """Community workers that the norm asks for and that are not there."""
        return 0 if self.required is None else max(0, self.required - self.workers)

    @property
    def full_time_shortfall(self) -> int:
        """Full-time workers that the norm asks for and that are not there."""
        return 0 if self.required_full_time is None else max(0, self.required_full_time - self.full_time)


@dataclass(frozen=True, kw_only=True, eq=False)
class Staffed:
    """Everything that `wangge staff` knows when it is done.

    Parameters
    ----------
    profile : str
        Name of the profile whose rules held.
    roster : Roster
        With the targets of the levels that its roles serve.
    empty : mapping from role to its bottlenecks
        Why posts stay open, and the least that would fill one.
    norms : tuple of NormRow
    notices : tuple of Fault
    left : tuple of Pair
        Earlier postings of people who are not there any more.
    names : mapping from number to name
        Empty unless names were asked for.
    """

    targets: PlanTargets
    profile: str
    rules: StaffRules
    roster: Roster
    staffing: Staffing
    empty: Mapping[str, tuple[EmptyPost, ...]] = field(default_factory=dict)
    norms: tuple[NormRow, ...] = ()
    notices: tuple[Fault, ...] = ()
    left: tuple[Pair, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict, repr=False)

    @cached_property
    def situations(self) -> Mapping[str, Situation]:
        """What is posted, role by role, ready for questions."""
        return {role.name: Situation(self.roster, role, self.staffing.posted) for role in self.roster.roles}

    @cached_property
    def held(self) -> Mapping[str, tuple[str, ...]]:
        """From a person's number to the targets posted to."""
        found: dict[str, list[str]] = {person.number: [] for person in self.roster.people}
        for number, target in self.staffing.posted:
            found[number].append(target)
        return {number: tuple(targets) for number, targets in found.items()}

    @cached_property
    def serving(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """From role and target to the people posted there."""
        found: dict[tuple[str, str], list[str]] = {}
        for result in self.staffing.roles:
            for number, target in result.posted:
                found.setdefault((result.role, target), []).append(number)
        return {key: tuple(numbers) for key, numbers in found.items()}

    @cached_property
    def loads(self) -> Mapping[str, tuple[float, float]]:
        """From a person's number to load and fair share, in households or posts."""
        found: dict[str, tuple[float, float]] = {}
        for situation in self.situations.values():
            for piece, chosen in zip(situation.pieces, situation.chosen, strict=True):
                unit = piece.scale * LOAD_UNIT
                both = zip(loads(piece, chosen).tolist(), piece.fair.tolist(), strict=True)
                for i, (load, share) in zip(piece.people_at.tolist(), both, strict=True):
                    found[situation.pairs.people[i].number] = (load / unit, share / unit)
        return found

    @cached_property
    def locked(self) -> frozenset[tuple[str, str]]:
        """Pairs that had to be kept."""
        return frozenset(self.roster.must)

    @property
    def num_short(self) -> int:
        """Posts that stay open."""
        return sum(missing for result in self.staffing.roles for _, missing in result.short_targets)

    @property
    def num_idle(self) -> int:
        """Posts that people lack who must have some."""
        return sum(missing for result in self.staffing.roles for _, missing in result.short_people)

    @property
    def shortfall_proved(self) -> bool:
        """Whether it is proved that no assignment leaves fewer posts open."""
        return all(result.stage("unfilled").proved for result in self.staffing.roles)

    def targets_of(self, role: Role) -> int:
        """How many targets a role has."""
        return sum(target.level == role.level for target in self.roster.targets)
