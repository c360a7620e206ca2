"""An assignment as it stands, piece by piece: what a small change of it does to every stage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

import numpy as np

from partitioner.staffing.areas import Areas, neighbours_none
from partitioner.staffing.goal import ORDER, Stage
from partitioner.staffing.leading import led
from partitioner.staffing.loads import LOAD_UNIT
from partitioner.staffing.measuring import loads, value
from partitioner.staffing.pairs import allowed_pairs
from partitioner.staffing.pieces import BoolArray, Piece, pieces_of
from partitioner.staffing.roles import Role
from partitioner.staffing.roster import Pair, Roster

Values = dict[Stage, Fraction]


class Situation:
    """One role of a roster with what is posted; pairs that are not allowed are left out.

    Made once, it answers any number of questions.
    """

    def __init__(self, roster: Roster, role: Role, posted: Iterable[Pair]) -> None:
        posted = tuple(posted)
        roster = led(roster, posted)
        self.roster, self.role = roster, role
        self.pairs = allowed_pairs(roster, role)
        self.pieces = list(pieces_of(roster, role, self.pairs))
        number = {person.number: i for i, person in enumerate(self.pairs.people)}
        name = {target.id: j for j, target in enumerate(self.pairs.targets)}
        held = {(number[n], name[t]) for n, t in posted if n in number and t in name}
        self.chosen = [self._chosen(piece, held) for piece in self.pieces]
        self.values = [self._values(piece, chosen) for piece, chosen in zip(self.pieces, self.chosen, strict=True)]
        self.piece_of = {
            self.pairs.targets[j].id: (k, t)
            for k, piece in enumerate(self.pieces)
            for t, j in enumerate(piece.targets_at.tolist())
        }

        self.place_of = {
            self.pairs.people[i].number: (k, p)
            for k, piece in enumerate(self.pieces)
            for p, i in enumerate(piece.people_at.tolist())
        }

    def load_and_share(self, number: str) -> tuple[float, float]:
        """Load and fair share of a person."""
        k, p = self.place_of[number]
        piece = self.pieces[k]
        unit = piece.scale * LOAD_UNIT
        return float(loads(piece, self.chosen[k])[p]) / unit, float(piece.fair[p]) / unit

    def num_posts(self, number: str) -> int:
        """How many targets a person serves."""
        k, p = self.place_of[number]
        return int(np.count_nonzero(self.chosen[k] & (self.pieces[k].pair_person == p)))

    def _chosen(self, piece: Piece, held: set[tuple[int, int]]) -> BoolArray:
        people, targets = piece.people_at[piece.pair_person], piece.targets_at[piece.pair_target]
        return np.array([pair in held for pair in zip(people.tolist(), targets.tolist(), strict=True)], dtype=bool)

    def _values(self, piece: Piece, chosen: BoolArray) -> Values:
        found = {stage: value(piece, chosen, stage) for stage in ORDER}
        found["deviation"] /= piece.scale * LOAD_UNIT
        return found

    def total(self, instead: tuple[int, BoolArray] | None = None) -> Values:
        """The stages of the whole role, with one piece assigned in another way."""
        values = self.values
        if instead is not None:
            values = [
                *values[: instead[0]],
                self._values(self.pieces[instead[0]], instead[1]),
                *values[instead[0] + 1 :],
            ]
        total: Values = {stage: sum((one[stage] for one in values), Fraction(0)) for stage in ORDER}
        total["ratio"] = max((one["ratio"] for one in values), default=Fraction(0))
        return total

    def names(self, piece: Piece, pair: int) -> Pair:
        """Number and id of a pair."""
        person = self.pairs.people[piece.people_at[piece.pair_person[pair]]]
        return person.number, self.pairs.targets[piece.targets_at[piece.pair_target[pair]]].id


def lawful(piece: Piece, chosen: BoolArray, areas: Areas | None) -> bool:
    """Whether an assignment of a piece keeps all rules."""
    posts = np.bincount(piece.pair_person[chosen], minlength=piece.num_people)
    people = np.bincount(piece.pair_target[chosen], minlength=piece.num_targets)
    return bool(
        np.all(chosen | ~piece.must)
        and np.all(posts <= piece.max_posts)
        and np.all(people <= piece.max_people)
        and np.all(loads(piece, chosen) <= piece.limit)
        and (areas is None or not areas.broken(piece, chosen))
    )


def areas_of(piece: Piece) -> Areas | None:
    """What checks that areas hang together; None where that cannot bind."""
    return None if neighbours_none(piece) else Areas(piece)


def ranked(values: Values, order: Sequence[Stage]) -> tuple[Fraction, ...]:
    """Values in the order of the aims."""
    return tuple(values[stage] for stage in order)
