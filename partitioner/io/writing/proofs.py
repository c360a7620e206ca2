"""How many areas above are cut with proof: the best lawful way, or the one that leaves fewest households outside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from partitioner.errors import Text
from partitioner.model import PieceResult, Result, by_parent

Proof = Literal["best", "lawful", "least", "impossible", "open"]
"""What is known of the way one area above is cut."""

PROOFS: dict[Proof, Text] = {
    "best": Text("合规，已证明最优", "lawful, proved best"),
    "least": Text("无合规方案，界外户数已证明最少", "no lawful plan, proved to leave fewest outside"),
    "lawful": Text("合规，未证明最优", "lawful, not proved best"),
    "impossible": Text("无合规方案，界外户数未证明最少", "no lawful plan, fewest outside not proved"),
    "open": Text("未找到合规方案，也未证明没有", "no lawful plan found, nor proved impossible"),
}
"""In words, those that are proved first."""


def proof_of(piece: PieceResult) -> Proof:
    """What is known of a piece, or of an area above with all its pieces."""
    if piece.lawful:
        return "best" if piece.proved else "lawful"
    if piece.status == "infeasible":
        return "least" if piece.proved else "impossible"
    return "open"


@dataclass(frozen=True, kw_only=True)
class Share:
    """Areas above of one kind: how many, their households, and those of these that are and must be outside."""

    proof: Proof
    parents: int
    households: int
    outside: int
    least_outside: int


@dataclass(frozen=True, kw_only=True)
class Proofs:
    """Proofs of one level, by area above.

    Parameters
    ----------
    parents : tuple of PieceResult
        The areas above, those of one null name together, in the order of their first units.
    """

    parents: tuple[PieceResult, ...]

    @classmethod
    def of(cls, result: Result) -> Proofs:
        """From the pieces of a result; without parents where nobody kept account."""
        return cls(parents=by_parent(result.pieces))

    @property
    def shares(self) -> tuple[Share, ...]:
        """One for each kind, in the order of `PROOFS`; also those of which there are none."""
        return tuple(_share(proof, [p for p in self.parents if proof_of(p) == proof]) for proof in PROOFS)

    @property
    def proved(self) -> float | None:
        """Share of the areas above that are cut with proof; None where there are none."""
        return sum(parent.proved for parent in self.parents) / len(self.parents) if self.parents else None

    @property
    def outside(self) -> int:
        """Households outside the bounds."""
        return sum(parent.outside for parent in self.parents)

    @property
    def avoidable(self) -> int:
        """Households outside the bounds beyond those that are proved to have to be, inside these areas above."""
        return sum(parent.outside - min(parent.outside, parent.least_outside) for parent in self.parents)

    @property
    def households(self) -> int:
        """Of all areas above."""
        return sum(parent.households for parent in self.parents)

    def unproved(self) -> Sequence[PieceResult]:
        """Areas above that are cut without proof: unlawful ones by what may be avoidable, then by gap."""
        rest = [parent for parent in self.parents if not parent.proved]
        return sorted(rest, key=lambda p: (-(p.outside - p.least_outside), -(p.gap or 0.0), p.parent or ""))


def _share(proof: Proof, parents: Iterable[PieceResult]) -> Share:
    some = list(parents)
    return Share(
        proof=proof,
        parents=len(some),
        households=sum(parent.households for parent in some),
        outside=sum(parent.outside for parent in some),
        least_outside=sum(min(parent.outside, parent.least_outside) for parent in some),
    )
