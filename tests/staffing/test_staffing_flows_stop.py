"""Flows end when the run does, and find the same in a process of their own."""

from __future__ import annotations

import numpy as np
import pytest
from tiny_rosters import random_roster

from benchmarks import rosters
from partitioner.solver import Cancel, Limits
from partitioner.staffing import StageReport, assign, flow_solving, judge
from partitioner.staffing.engine import RoleRun
from partitioner.staffing.flow_piece import FlowPiece
from partitioner.staffing.flow_solving import Infeasible, Stopped, solved
from partitioner.staffing.goal import ORDER

ARCS = tuple(np.array(one) for one in ([0, 0, 1, 2], [1, 2, 3, 3], [2, 2, 2, 2], [1, 3, 1, 1]))


def test_a_process_of_its_own_finds_the_same_flow(monkeypatch: pytest.MonkeyPatch) -> None:
    supply = np.array([3, 0, 0, -3])
    here = solved(ARCS, supply, lambda: False)  # type: ignore[arg-type]
    monkeypatch.setattr(flow_solving, "LARGE", 0)
    assert solved(ARCS, supply, lambda: False).tolist() == here.tolist() == [2, 1, 2, 1]  # type: ignore[arg-type]
    with pytest.raises(Infeasible):
        solved(ARCS, np.array([9, 0, 0, -9]), lambda: False)  # type: ignore[arg-type]


def test_a_flow_that_would_never_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow_solving, "LARGE", 0)
    monkeypatch.setattr(flow_solving, "CHILD", "while True: pass")
    looks = iter([False, False, False, True])
    with pytest.raises(Stopped):
        solved(ARCS, np.array([3, 0, 0, -3]), lambda: next(looks))  # type: ignore[arg-type]


def test_a_stopped_stage_leaves_the_optimum_of_the_stages_before() -> None:
    roster = rosters.gucheng()
    piece = RoleRun(roster, roster.roles[0], ORDER).pieces[0]
    stop = [False]
    flow = FlowPiece(piece, lambda: stop[0])
    assert flow.minimise("unfilled") == 0
    before = flow.chosen.copy()
    stop[0] = True
    with pytest.raises(Stopped):
        flow.minimise("metres")
    assert np.array_equal(flow.chosen, before)


def test_a_run_without_time_is_lawful_and_claims_nothing() -> None:
    for seed in range(30):
        roster = random_roster(seed)
        found = assign(roster, limits=Limits(time_limit_s=0.0))
        judged = judge(roster, found.posted)
        assert not judged.breaches, seed
        for stage in found.roles[0].stages:
            assert judged.stages["worker"][stage.stage] == stage.value, seed
            assert stage.bound is None or stage.bound <= stage.value, seed


def test_stages_are_told_as_they_end_and_a_stop_among_them_keeps_what_there_is() -> None:
    roster = random_roster(3)
    cancel = Cancel()
    told: list[tuple[str, StageReport]] = []

    def watch(role: str, stage: StageReport) -> None:
        told.append((role, stage))
        cancel.set()

    found = assign(roster, cancel=cancel, on_stage=watch)
    assert [stage for _, stage in told] == list(found.roles[0].stages)
    assert {role for role, _ in told} == {roster.roles[0].name}
    assert not judge(roster, found.posted).breaches
