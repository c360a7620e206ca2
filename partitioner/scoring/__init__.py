"""Judgement: what a plan is worth, which rules it breaks, and why. Written plainly, apart from the solver."""

from partitioner.scoring.explanation import explain
from partitioner.scoring.objective import score
from partitioner.scoring.pieces import judged_pieces
from partitioner.scoring.validation import validate

__all__ = ["explain", "judged_pieces", "score", "validate"]
