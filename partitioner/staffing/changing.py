"""People come and go, areas are redrawn: the next roster, with today's assignment as the previous one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace

from partitioner.staffing.people import Person
from partitioner.staffing.roster import Pair, Roster
from partitioner.staffing.targets import Target


def settled(roster: Roster, posted: Iterable[Pair]) -> Roster:
    """The same roster, with `posted` as everybody's previous targets."""
    served: dict[str, list[str]] = defaultdict(list)
    for number, name in sorted(set(posted)):
        served[number].append(name)
    return replace(
        roster, people=tuple(replace(one, previous=tuple(served.get(one.number, ()))) for one in roster.people)
    )


def without_people(roster: Roster, numbers: Collection[str]) -> Roster:
    """The roster after these people have left; locks on them go as well.

    Raises
    ------
    KeyError
        Somebody is not on the roster.
    """
    unknown = sorted(set(numbers) - set(roster.person))
    if unknown:
        raise KeyError(f"not on the roster: {', '.join(unknown)}")
    return replace(
        roster,
        people=tuple(one for one in roster.people if one.number not in numbers),
        must=tuple(pair for pair in roster.must if pair[0] not in numbers),
        must_not=tuple(pair for pair in roster.must_not if pair[0] not in numbers),
    )


def with_people(roster: Roster, people: Iterable[Person]) -> Roster:
    """The roster after these people have arrived."""
    return replace(roster, people=(*roster.people, *people))


def with_targets(
    roster: Roster, targets: tuple[Target, ...], neighbours: tuple[tuple[str, str], ...], heirs: dict[str, str]
) -> Roster:
    """The roster after a redraw.

    Parameters
    ----------
    targets, neighbours : tuples
        Those of the new plan.
    heirs : dict of str to str
        New id of a target that goes on under another one; those not named keep theirs. Locks and previous targets
        follow, and are dropped where nothing goes on.
    """
    ids = {target.id for target in targets}

    def follow(pairs: tuple[Pair, ...]) -> tuple[Pair, ...]:
        moved = ((number, heirs.get(name, name)) for number, name in pairs)
        return tuple(pair for pair in moved if pair[1] in ids)

    def names(old: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(heirs.get(name, name) for name in old))

    return replace(
        roster,
        people=tuple(
            replace(
                one,
                previous=tuple(name for name in names(one.previous) if name in ids),
                avoid=names(one.avoid),
                areas=names(one.areas),
                home=None if one.home is None else heirs.get(one.home, one.home),
            )
            for one in roster.people
        ),
        targets=targets,
        neighbours=neighbours,
        must=follow(roster.must),
        must_not=follow(roster.must_not),
    )


def with_locks(roster: Roster, must: Iterable[Pair] = (), must_not: Iterable[Pair] = ()) -> Roster:
    """The roster with more locks.

    Raises
    ------
    InputError
        The locks contradict one another or a rule that locks keep to.
    """
    return replace(
        roster,
        must=tuple(dict.fromkeys((*roster.must, *must))),
        must_not=tuple(dict.fromkeys((*roster.must_not, *must_not))),
    )
