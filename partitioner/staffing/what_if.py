"""“Who could take this target?”: every lawful way, ranked by what it does to all stages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from partitioner.staffing.goal import ORDER, Stage
from partitioner.staffing.pieces import BoolArray, Piece
from partitioner.staffing.roster import Pair
from partitioner.staffing.situation import Situation, Values, areas_of, lawful, ranked


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One way to post a person to the target.

    Parameters
    ----------
    gained, lost : tuple of Pair
        What is posted anew, and what is not any longer.
    values, effect : dict of Stage to Fraction
        All stages of the role afterwards, and by how much they change.
    """

    person: str
    gained: tuple[Pair, ...]
    lost: tuple[Pair, ...]
    values: Values
    effect: Values


def who_could_take(
    situation: Situation, target: str, *, leaving: str | None = None, order: Sequence[Stage] = ORDER
) -> tuple[Choice, ...]:
    """The best way for every person who may serve `target` and does not yet, the best person first.

    The person joins where there is room, takes over from one of those who serve there, swaps a target with one of
    them, or gives a target up. All else stays as it is; for the best over all assignments lock the pair and assign.

    Parameters
    ----------
    leaving : str or None
        Only this person is replaced; None: anybody.

    Raises
    ------
    KeyError
        No such target in this role.
    """
    k, t = situation.piece_of[target]
    piece, now, before = situation.pieces[k], situation.chosen[k], situation.total()
    areas = areas_of(piece)
    best: dict[str, Choice] = {}
    for person, chosen in _ways(situation, piece, now, t, leaving):
        if not lawful(piece, chosen, areas):
            continue
        values = situation.total((k, chosen))
        if person not in best or ranked(values, order) < ranked(best[person].values, order):
            best[person] = Choice(
                person=person,
                gained=tuple(situation.names(piece, q) for q in np.flatnonzero(chosen & ~now).tolist()),
                lost=tuple(situation.names(piece, q) for q in np.flatnonzero(now & ~chosen).tolist()),
                values=values,
                effect={stage: values[stage] - before[stage] for stage in order},
            )
    return tuple(sorted(best.values(), key=lambda one: ranked(one.values, order)))


def _ways(
    situation: Situation, piece: Piece, now: BoolArray, t: int, leaving: str | None
) -> Iterator[tuple[str, BoolArray]]:
    """Assignments in which somebody new serves target `t`."""
    here = np.flatnonzero(piece.pair_target == t)
    holders = [q for q in here[now[here]].tolist() if leaving in (None, situation.names(piece, q)[0])]
    pair_of = {
        (p, u): q for q, (p, u) in enumerate(zip(piece.pair_person.tolist(), piece.pair_target.tolist(), strict=True))
    }
    for new in here[~now[here]].tolist():
        p = int(piece.pair_person[new])
        person = situation.names(piece, new)[0]
        own = np.flatnonzero(now & (piece.pair_person == p)).tolist()
        if leaving is None:
            yield person, _changed(now, (new,), ())
            yield from ((person, _changed(now, (new,), (given,))) for given in own)
        for old in holders:
            yield person, _changed(now, (new,), (old,))
            for given in own:
                back = pair_of.get((int(piece.pair_person[old]), int(piece.pair_target[given])))
                yield person, _changed(now, (new,), (old, given))
                if back is not None and not now[back]:
                    yield person, _changed(now, (new, back), (old, given))


def _changed(now: BoolArray, gained: tuple[int, ...], lost: tuple[int, ...]) -> BoolArray:
    chosen = now.copy()
    chosen[list(lost)] = False
    chosen[list(gained)] = True
    return chosen
