"""Tiny rosters: the engine finds what trying everything finds, in every stage, and proves it."""

from __future__ import annotations

import pytest
from tiny_rosters import enumerated, random_roster

from partitioner.staffing import LEAST_CHANGE, ORDER, Stage, assign
from partitioner.staffing.judging import judge

ORDERS: tuple[tuple[Stage, ...], ...] = (ORDER, LEAST_CHANGE, ("unfilled", "metres", "deviation", "changes", "ratio"))


@pytest.mark.parametrize("block", range(16))
def test_every_stage_of_tiny_rosters_equals_full_enumeration_with_proof(block: int) -> None:
    for seed in range(block * 25, block * 25 + 25):
        roster = random_roster(seed, max_pairs=7)
        order = ORDERS[seed % 3]
        role = assign(roster, order=order).roles[0]
        judgement = judge(roster, role.posted)
        assert not judgement.breaches, seed
        assert tuple(one.value for one in role.stages) == enumerated(roster, order), seed
        assert tuple(judgement.stages[role.role][stage] for stage in order) == enumerated(roster, order), seed
        assert role.proved, seed
