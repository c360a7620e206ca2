"""Whether the targets of one person hang together."""

from __future__ import annotations

from partitioner.staffing.pieces import BoolArray, Piece


class Areas:
    """Connected parts of what a person holds. Targets locked to the same person count as neighbours of one another."""

    def __init__(self, piece: Piece) -> None:
        assert piece.neighbours is not None
        self.neighbours = [frozenset(one.tolist()) for one in piece.neighbours]
        self.locked: list[frozenset[int]] = [frozenset()] * piece.num_people
        for p, t in zip(piece.pair_person[piece.must].tolist(), piece.pair_target[piece.must].tolist(), strict=True):
            self.locked[p] |= {t}

    def beside(self, person: int, target: int) -> frozenset[int]:
        """Neighbours of a target in the eyes of a person."""
        if target in self.locked[person]:
            return self.neighbours[target] | (self.locked[person] - {target})
        return self.neighbours[target]

    def parts(self, person: int, held: set[int]) -> list[set[int]]:
        """Connected parts of `held`, by their least target."""
        left, found = set(held), []
        while left:
            part = {min(left)}
            border = list(part)
            while border:
                new = (self.beside(person, border.pop()) & left) - part
                part |= new
                border += sorted(new)
            left -= part
            found.append(part)
        return found

    def connected(self, person: int, held: set[int]) -> bool:
        """Whether `held` is in one part (or empty)."""
        return len(self.parts(person, held)) <= 1

    def broken(self, piece: Piece, chosen: BoolArray) -> list[tuple[int, list[set[int]]]]:
        """People whose targets fall apart, with the parts."""
        held: dict[int, set[int]] = {}
        for p, t in zip(piece.pair_person[chosen].tolist(), piece.pair_target[chosen].tolist(), strict=True):
            held.setdefault(p, set()).add(t)
        parts = ((p, self.parts(p, targets)) for p, targets in sorted(held.items()) if len(targets) > 1)
        return [(p, one) for p, one in parts if len(one) > 1]

    def around(self, person: int, part: set[int]) -> set[int]:
        """Targets beside `part` that are not in it."""
        return {t for inside in part for t in self.beside(person, inside)} - part


def neighbours_none(piece: Piece) -> bool:
    """Whether hanging together cannot bind: it is not asked, or nobody holds two targets."""
    return piece.neighbours is None or int(piece.max_posts.max(initial=0)) <= 1
