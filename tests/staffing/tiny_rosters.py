"""Random small rosters with all rules mixed, and a slow exact solver that only knows the judge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from partitioner.errors import InputError
from partitioner.staffing import ORDER, Pair, Person, Role, Roster, Stage, Target
from partitioner.staffing.judging import judge, why_not

KINDS = ("households", "elderly", "events")


def random_roster(seed: int, *, max_people: int = 4, max_targets: int = 4, max_pairs: int = 10) -> Roster:
    """A valid roster with one role, of which at most `max_pairs` pairs are allowed."""
    rng = np.random.default_rng(seed)
    while True:
        try:
            roster = _draw(rng, max_people, max_targets)
        except InputError:
            continue
        if len(allowed(roster, roster.roles[0])) <= max_pairs:
            return roster


def _maybe(rng: np.random.Generator, chance: float, value: Any, otherwise: Any = None) -> Any:
    return value if rng.random() < chance else otherwise


def _draw(rng: np.random.Generator, max_people: int, max_targets: int) -> Roster:
    num_people, num_targets = int(rng.integers(1, max_people + 1)), int(rng.integers(1, max_targets + 1))
    low, posts = int(rng.integers(0, 3)), int(rng.integers(0, 2))
    role = Role(
        name="worker",
        level="grid",
        min_people=low,
        max_people=_maybe(rng, 0.8, low + int(rng.integers(0, 2)) or 1),
        min_posts=posts,
        max_posts=_maybe(rng, 0.8, posts + int(rng.integers(0, 3)) or 1),
        capacity=float(rng.choice([1, 3, 100])),
        measure=str(rng.choice(["load", "load", "posts"])),  # type: ignore[arg-type]
        sharing=str(rng.choice(["each", "each", "split"])),  # type: ignore[arg-type]
        max_ratio=_maybe(rng, 0.25, float(rng.choice([0.5, 1.0, 3.3]))),
        own_area=bool(rng.random() < 0.3),
        same_organisation=bool(rng.random() < 0.1),
        tag=_maybe(rng, 0.1, "party"),
        max_distance_m=_maybe(rng, 0.3, float(rng.integers(20, 120))),
        living=str(rng.choice(["anywhere", "anywhere", "elsewhere", "here"], p=[0.5, 0.3, 0.1, 0.1])),  # type: ignore[arg-type]
        contiguous=bool(rng.random() < 0.4),
        weights=dict(zip(KINDS, [1.0, *rng.choice([0.0, 0.5, 2.0], 2).tolist()], strict=True)),
    )
    same = bool(rng.random() < 0.3)
    targets = tuple(
        Target(
            id=f"g{j}",
            level=_maybe(rng, 0.05, "community", "grid"),
            parent=str(rng.choice(["c0", "c1"])),
            x=_maybe(rng, 0.9, float(rng.integers(0, 100))),
            y=float(rng.integers(0, 100)),
            work={"households": 2.0} if same else dict(zip(KINDS, rng.integers(0, 5, 3).tolist(), strict=True)),
            organisation=str(rng.choice(["a", "b"])),
            wants=_maybe(rng, 0.1, ("party",), ()),
            people=_maybe(rng, 0.1, {"worker": (1, 2)}, {}),
        )
        for j in range(num_targets)
    )
    people = tuple(_person(rng, i, num_targets) for i in range(num_people))
    pairs = [(p.number, t.id) for p in people for t in targets]
    chosen = [pairs[k] for k in rng.permutation(len(pairs))[:4].tolist()]
    links = [(f"g{a}", f"g{b}") for a in range(num_targets) for b in range(a) if rng.random() < 0.5]
    return Roster(
        people=people,
        targets=targets,
        roles=(role,),
        neighbours=tuple(links),
        must=tuple(chosen[: int(_maybe(rng, 0.2, rng.integers(1, 3), 0))]),
        must_not=tuple(chosen[2 : 2 + int(_maybe(rng, 0.2, rng.integers(1, 3), 0))]),
    )


def _person(rng: np.random.Generator, i: int, num_targets: int) -> Person:
    any_target = [f"g{j}" for j in range(num_targets)]
    return Person(
        number=f"p{i}",
        role="worker",
        organisation=_maybe(rng, 0.9, str(rng.choice(["a", "b"]))),
        areas=tuple(sorted({str(one) for one in rng.choice(["c0", "c1", *any_target], 2)})),
        home=_maybe(rng, 0.6, str(rng.choice(any_target))),
        x=_maybe(rng, 0.9, float(rng.integers(0, 100))),
        y=float(rng.integers(0, 100)),
        capacity=_maybe(rng, 0.3, float(rng.choice([1, 2, 7]))),
        min_posts=_maybe(rng, 0.1, int(rng.integers(0, 2))),
        max_posts=_maybe(rng, 0.1, int(rng.integers(1, 4))),
        tags=_maybe(rng, 0.7, ("party",), ()),
        previous=tuple(str(one) for one in rng.choice(any_target, int(rng.integers(0, 3)))),
        avoid=_maybe(rng, 0.1, (str(rng.choice(["c0", *any_target])),), ()),
    )


def allowed(roster: Roster, role: Role) -> list[Pair]:
    """All pairs that may be posted."""
    return [
        (person.number, target.id)
        for person in roster.people
        for target in roster.targets
        if person.role == role.name
        and (why_not(roster, role, person, target) is None or (person.number, target.id) in roster.must)
    ]


def enumerated(roster: Roster, order: Sequence[Stage] = ORDER) -> tuple[Fraction, ...]:
    """The best stages of all assignments."""
    role = roster.roles[0]
    return min(
        tuple(judgement.stages[role.name][stage] for stage in order)
        for judgement in (judge(roster, pairs) for pairs in subsets(allowed(roster, role)))
        if not judgement.breaches
    )


def subsets(pairs: list[Pair]) -> Iterator[list[Pair]]:
    for take in product((False, True), repeat=len(pairs)):
        yield [pair for pair, taken in zip(pairs, take, strict=True) if taken]
