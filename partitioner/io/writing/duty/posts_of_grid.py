"""Who serves in a grid: in the grid itself, in what it lies in, and in what lies in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from partitioner.errors import Text
from partitioner.io.writing.staffed import Staffed
from partitioner.staffing import Role, Target

INSIDE = ("compound", "micro", "building", "stairwell")
"""Levels of targets inside a grid; compounds may lie in several."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Post:
    """Who serves one target in one role.

    Parameters
    ----------
    people : tuple of str
        Names where they may be told, else numbers.
    missing : int
        Posts that are open.
    """

    target: Target
    title: str
    people: tuple[str, ...]
    missing: int


@dataclass(frozen=True, kw_only=True)
class RolePosts:
    """The posts of one role that concern a grid."""

    role: Role
    title: Text
    posts: tuple[Post, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class PostsOfGrids:
    """Looks up who serves where.

    Parameters
    ----------
    names : bool
        Whether names are told; they are known only where they were read.
    """

    staffed: Staffed
    names: bool

    def of(self, code: str, compounds: tuple[str, ...]) -> tuple[RolePosts, ...]:
        """Roles that serve the grid `code`, what is around it and what is in it, in the order of the profile."""
        found = []
        for role in self.staffed.roster.roles:
            posts = tuple(self._post(role, target) for target in self._targets(role.level, code, compounds))
            posts = tuple(one for one in posts if one.people or one.missing)
            if posts:
                found.append(RolePosts(role=role, title=self.staffed.rules.role(role.name).title, posts=posts))
        return tuple(found)

    def at(self, level: str, code: str) -> Target | None:
        """The target of a level that has this code."""
        return self._by_code.get((level, code))

    @cached_property
    def _by_code(self) -> dict[tuple[str, str], Target]:
        """Ids are codes; where two levels share one, the narrower has its level before it."""
        return {
            (target.level, target.id.removeprefix(f"{target.level}:")): target
            for target in self.staffed.targets.targets
        }

    @cached_property
    def _inside(self) -> dict[str, list[Target]]:
        found: dict[str, list[Target]] = defaultdict(list)
        for target in self.staffed.targets.targets:
            if target.parent is not None:
                found[target.parent].append(target)
        return found

    @cached_property
    def _missing(self) -> dict[tuple[str, str], int]:
        return {
            (result.role, target): missing
            for result in self.staffed.staffing.roles
            for target, missing in result.short_targets
        }

    def _targets(self, level: str, code: str, compounds: tuple[str, ...]) -> Iterator[Target]:
        grid = self.at("grid", code) or self.at("special", code)
        if grid is None:
            return
        if level in ("grid", "special"):
            yield from [grid] if grid.level == level else []
        elif level == "compound":
            yield from (one for one in (self.at("compound", name) for name in compounds) if one is not None)
        elif level in INSIDE:
            yield from self._below(grid.id, level)
        else:
            yield from self._above(grid, level)

    def _below(self, parent: str, level: str) -> Iterator[Target]:
        for target in self._inside.get(parent, ()):
            if target.level == level:
                yield target
            yield from self._below(target.id, level)

    def _above(self, grid: Target, level: str) -> Iterator[Target]:
        ids = {target.id: target for target in self.staffed.targets.targets if target.level == level}
        at = grid.parent
        while at is not None:
            if at in ids:
                yield ids[at]
                return
            at = self._parents.get(at)

    @cached_property
    def _parents(self) -> dict[str, str | None]:
        return {target.id: target.parent for target in self.staffed.targets.targets}

    def _post(self, role: Role, target: Target) -> Post:
        numbers = self.staffed.serving.get((role.name, target.id), ())
        told = self.staffed.names if self.names else {}
        return Post(
            target=target,
            title=self.staffed.targets.title(target.id).removeprefix(f"{target.level}:"),
            people=tuple(told.get(number) or number for number in numbers),
            missing=self._missing.get((role.name, target.id), 0),
        )
