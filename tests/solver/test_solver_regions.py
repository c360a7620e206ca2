"""Regions of a large piece: each is a problem of its own, and settling it never makes the plan worse."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from datasets import instances
from partitioner.model import Count, CountRange, Problem
from partitioner.scoring import score
from partitioner.solver import Limits, regions, solve
from partitioner.solver.kernels.chance import make_stream
from partitioner.solver.limits import StopSignal
from partitioner.solver.piecework import PieceRun
from partitioner.solver.regions import REGION_NODES, Region, Regions
from partitioner.solver.tasks import Task, tasks_of

UNITS = 420


@pytest.fixture(scope="module")
def city() -> Problem:
    """Just too large to be listed."""
    problem = instances.city(3, num_units=UNITS)
    return replace(problem, together=(_neighbours(problem, 7), _neighbours(problem, 300)))


def _neighbours(problem: Problem, unit: int) -> tuple[int, int]:
    """A unit and one beside it that may share a grid."""
    households = problem.units.households
    near = [v for v in problem.graph.neighbours(unit).tolist() if households[unit] + households[v] < 300]
    return min(unit, near[0]), max(unit, near[0])


def opened(problem: Problem, signal: StopSignal) -> PieceRun:
    task = max(tasks_of(problem, problem.together), key=lambda task: len(task.units))
    run = PieceRun(problem, task, seed=0, stream=0, signal=signal)
    run.open()
    while not run.record.found.lawful:
        run.record.search.round()
    return run


def drawn(run: PieceRun) -> Regions:
    return Regions(problem=run.record.problem, task=run.record.task, piece=run.record.piece, rng=make_stream(0, 1))


def labels(run: PieceRun) -> np.ndarray:
    return np.unique(run.record.found.label, return_inverse=True)[1].astype(np.int64)


def even(label: np.ndarray) -> np.ndarray:
    return np.ones(int(label.max()) + 1)


def test_regions_are_drawn_where_grids_weigh_most_and_two_at_a_time_share_none(city: Problem) -> None:
    with StopSignal(None, None) as signal:
        run = opened(city, signal)
        label, drawing = labels(run), drawn(run)
        for dear in range(0, int(label.max()) + 1, 5):
            weight = even(label)
            weight[dear] = 2.0
            first = drawing.draw(label, weight)
            assert dear in label[first.nodes]
            second = drawing.draw(label, weight, first)
            assert not np.isin(second.nodes, first.nodes).any()
        run.close()


def test_regions_settled_side_by_side_give_what_they_give_one_by_one(city: Problem) -> None:
    found = []
    for threads in (0, 2):
        with StopSignal(None, None) as signal, ThreadPoolExecutor(max_workers=2) as pool:
            run = opened(city, signal)
            run.regions.draw_anew()
            for _ in range(4):
                run.regions.settle(pool if threads else None)
            found.append(run.record.found.label.tolist())
            run.close()
    assert found[0] == found[1]


def test_a_region_is_made_of_whole_connected_grids_and_keeps_what_must_stay_together(city: Problem) -> None:
    with StopSignal(None, None) as signal:
        run = opened(city, signal)
        label, drawing = labels(run), drawn(run)
        kept = set()
        for _ in range(40):
            region = drawing.draw(label, even(label))
            grids = np.unique(label[region.nodes])
            assert np.array_equal(region.nodes, np.flatnonzero(np.isin(label, grids)))
            assert len(region.nodes) <= REGION_NODES or len(grids) == 1
            units = [city.units.id[unit] for unit in run.record.piece.units[region.units].tolist()]
            assert [region.problem.units.id[unit] for unit in region.task.units.tolist()] == units
            assert len(tasks_of_units(region)) == 1
            low, high = region.task.counts
            assert low <= len(grids) <= high
            for members in region.task.together:
                kept.add(tuple(sorted(region.problem.units.id[unit] for unit in members)))
            drawing.settled(region, changed=False)
        assert kept == {tuple(sorted(city.units.id[unit] for unit in members)) for members in city.together}
        run.close()


def tasks_of_units(region: Region) -> list[Task]:
    """Connected parts of a region's own units."""
    problem, units = region.problem, region.task.units
    inside = np.isin(problem.graph.u, units) & np.isin(problem.graph.v, units)
    alone = replace(problem.graph, u=problem.graph.u[inside], v=problem.graph.v[inside],
                    length_m=problem.graph.length_m[inside])  # fmt: skip
    wanted = set(units.tolist())
    return [task for task in tasks_of(replace(problem, graph=alone), ()) if wanted & set(task.units.tolist())]


def test_all_is_finished_when_every_node_was_in_enough_regions_and_open_again_where_grids_change(city: Problem) -> None:
    with StopSignal(None, None) as signal:
        run = opened(city, signal)
        label, drawing = labels(run), drawn(run)
        for _ in range(1_000):
            if drawing.finished:
                break
            region = drawing.draw(label, even(label))
            drawing.settled(region, changed=False)
        assert drawing.finished
        drawing.settled(region, changed=True)
        assert not drawing.finished
        again = drawing.draw(label, even(label))
        assert np.isin(again.nodes, region.nodes).any()
        run.close()


def test_settling_regions_improves_a_plan_and_keeps_every_rule(city: Problem) -> None:
    with StopSignal(None, None) as signal:
        run = opened(city, signal)
        run.regions.draw_anew()
        before = run.record.found
        improved = 0
        for _ in range(6):
            cost = run.record.found.cost
            improved += run.regions.settle(None)
            assert run.record.found.lawful
            assert run.record.found.cost <= cost
        assert improved > 0
        assert run.record.found.cost < before.cost
        run.close()


def test_where_the_number_of_all_grids_is_fixed_a_region_keeps_its_own(city: Problem) -> None:
    grids = round(int(city.units.households.sum()) / 400)
    with StopSignal(None, None) as signal:
        run = opened(replace(city, count=Count(default=CountRange(min=grids, max=grids))), signal)
        label, drawing = labels(run), drawn(run)
        for _ in range(5):
            region = drawing.draw(label, even(label))
            inside = len(np.unique(label[region.nodes]))
            assert region.task.counts == (inside, inside)
            drawing.settled(region, changed=False)
        run.close()


def test_a_limit_of_steps_gives_the_same_plan_with_any_number_of_threads(
    city: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("partitioner.solver.region_turns.REGIONS_FROM", 0)
    counted = []
    draw = Regions.draw
    monkeypatch.setattr(regions.Regions, "draw", lambda self, *given: counted.append(1) or draw(self, *given))
    found = [solve(city, Limits(step_limit=1_500 * UNITS, threads=threads)) for threads in (1, 2)]
    assert counted
    assert found[0].plan == found[1].plan
    assert found[0].bound == found[1].bound
    assert found[0].violations == ()
    assert found[0].bound is not None
    assert found[0].bound <= score(city, found[0].plan).total
