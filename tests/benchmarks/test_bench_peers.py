"""Peers: what they are told, how they are steered, and what is made of what they find."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from benchmarks import contest
from benchmarks.contestants import GOAL, PEERS, TENTH, Peer
from benchmarks.entrants import _lawful_core, case_of, class_of, entrants, problem_of
from benchmarks.judging import Judged, best_so_far, chosen, judged
from benchmarks.machine import ROOT
from benchmarks.peers.case import Case, read_case, write_case
from benchmarks.peers.centres import candidates, centres_of, tree_towards
from benchmarks.peers.found import Found
from benchmarks.peers.objective import GridCosts, members_of, misfit
from benchmarks.peers.repair import repaired
from benchmarks.rows import Row
from benchmarks.standing import claim, placed
from datasets import instances
from partitioner.model import Bounds, Graph, Labels, Plan, Problem, Units, Weights
from partitioner.scoring import score, validate
from partitioner.scoring.grids import pieces_of
from partitioner.solver import Limits, solve


def chain(*households: int, least: int = 300, most: int = 500) -> Problem:
    """Units in a row, 100 m apart."""
    num = len(households)
    ends = np.arange(num - 1)
    return Problem(
        units=Units(
            id=tuple(f"b{k}" for k in range(num)),
            households=np.array(households),
            x=np.arange(num) * 100.0,
            y=np.zeros(num),
            group=Labels(["a"] * (num // 2) + ["b"] * (num - num // 2)),
        ),
        graph=Graph(num_units=num, u=ends, v=ends + 1, length_m=np.full(num - 1, 100.0)),
        bounds=Bounds(min=least, max=most),
    )


def small_case(**asked: Any) -> Case:
    case: Case = case_of(chain(150, 200, 210, 190, 160, 230), **{"num_grids": 3, "seconds": 2.0, **asked})
    return case


# What they are told


def test_a_case_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    case = small_case()
    write_case(tmp_path / "case.npz", case)
    again = read_case(tmp_path / "case.npz")
    assert (again.num_grids, again.min, again.max, again.target, again.walk_power) == (3, 300, 500, 400.0, 1.0)
    np.testing.assert_array_equal(again.metres, case.metres)
    assert again.asked(num_grids=4).num_grids == 4


def test_rules_that_peers_do_not_know_are_refused() -> None:
    problem = chain(300, 300)
    tied = Problem(units=problem.units, graph=problem.graph, bounds=problem.bounds, together=((0, 1),))
    with pytest.raises(ValueError, match="no further rules"):
        case_of(tied)
    with pytest.raises(ValueError, match="no further rules"):
        case_of(instances.county(0, 200))


def test_a_case_must_be_connected() -> None:
    problem = chain(300, 300, 300)
    torn = Graph(num_units=3, u=np.array([0]), v=np.array([1]), length_m=np.array([1.0]))
    with pytest.raises(ValueError, match="connected"):
        case_of(Problem(units=problem.units, graph=torn, bounds=problem.bounds))


@pytest.mark.parametrize("power", [1.0, 2.0])
def test_the_objective_that_steers_peers_is_ours(power: float) -> None:
    """On generated communities and random plans, to the digit."""
    for seed in range(3):
        drawn = instances.community(seed)
        problem = Problem(
            units=drawn.units, graph=drawn.graph, bounds=drawn.bounds, weights=Weights(walk=0.5, walk_power=power)
        )
        costs = GridCosts(case_of(problem))
        for _ in range(3):
            grid = np.random.default_rng(seed).integers(0, 6, len(drawn.units))
            plan = Plan(grid=Labels(str(label) for label in grid))
            assert costs.total(grid) == pytest.approx(score(problem, plan).total, rel=1e-12)


def test_members_of_lists_every_unit_once() -> None:
    found = [units.tolist() for units in members_of(np.array([7, 2, 7, -1, 2]))]
    assert found == [[3], [1, 4], [0, 2]]


def test_misfit_counts_households_outside_the_bounds() -> None:
    assert misfit(small_case(), np.array([0, 0, 0, 1, 1, 2])) == 60 + 70


# Mending


def test_repair_joins_torn_grids_and_brings_sizes_within_the_bounds() -> None:
    problem = instances.town(1)
    case = case_of(problem)
    k = round(case.households.sum() / 400)
    stripes = np.argsort(np.argsort(case.x)) * k // len(case)
    grid = repaired(case, stripes, Random(0))
    assert misfit(case, grid) < misfit(case, stripes)
    for units in members_of(grid):
        assert len(pieces_of(problem.graph, units)) == 1


def test_repair_leaves_a_lawful_plan_alone() -> None:
    grid = np.array([0, 0, 1, 1, 2, 2])
    np.testing.assert_array_equal(repaired(small_case(), grid, Random(0)), grid)


def test_a_surplus_travels_through_a_grid_that_is_full() -> None:
    case = case_of(chain(100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, least=400, most=400))
    grid = repaired(case, np.array([0] * 5 + [1] * 4 + [2] * 3), Random(0))
    assert misfit(case, grid) == 0


def test_repair_ends_when_it_is_told_to() -> None:
    grid = np.array([0, 0, 0, 0, 0, 1])
    np.testing.assert_array_equal(repaired(small_case(), grid, Random(0), over=lambda: True), grid)


# Exact models


def test_a_plan_as_centres_and_trees_spans_every_grid() -> None:
    case, grid = small_case(), np.array([0, 0, 1, 1, 2, 2])
    centre = centres_of(case, grid)
    assert all(grid[c] == label for c, label in zip(centre, grid, strict=True))
    before, steps = tree_towards(case, grid, centre)
    assert len(before) == 3
    assert all(steps[unit] == steps[above] + 1 for unit, above in before.items())


def test_large_cases_offer_few_centres_and_say_that_they_are_not_all() -> None:
    case = case_of(instances.city(0, 300), num_grids=30)
    allowed, complete = candidates(case, None)
    assert not complete
    assert max(map(len, allowed)) <= 14
    assert all(unit in centres for unit, centres in enumerate(allowed) for c in centres if c == unit)
    assert candidates(small_case(), None) == ([list(range(6))] * 6, True)


# Each of them


def answers(part: str, tmp_path: Path, **asked: Any) -> list[Row]:
    """Run one peer as the comparison does, on a chain whose best plan is known."""
    if (why := PEERS[part].absent) is not None:
        pytest.skip(why)
    write_case(tmp_path / "case.npz", small_case())
    command = [sys.executable, "-m", "benchmarks.peers", PEERS[part].module, "case.npz", "found.jsonl"]
    asked = {"num_grids": 3 + PEERS[part].more_grids, "seconds": 1.0, **asked}
    done = subprocess.run(
        [*command[:-2], str(tmp_path / "case.npz"), str(tmp_path / "found.jsonl"), json.dumps(asked)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in (tmp_path / "found.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize("part", ["GerryChain k", "METIS", "KaHIP", "spopt max-p", "CP-SAT", "HiGHS"])
def test_every_peer_finds_the_one_lawful_plan_of_a_chain(part: str, tmp_path: Path) -> None:
    problem = chain(150, 200, 210, 190, 160, 230)
    lines = answers(part, tmp_path)
    plans = [line["grid"] for line in lines if "grid" in line]
    assert plans, lines
    assert judged(problem, 0.0, plans[-1]).violations == 0
    best = solve(problem, Limits(step_limit=10_000)).objective.total
    assert judged(problem, 0.0, plans[-1]).total == pytest.approx(best, abs=0.1)
    bounds = [line["bound"] for line in lines if "bound" in line]
    assert all(bound <= best + 0.1 for bound in bounds)
    assert lines[-1]["end"]
    assert lines[-1]["peak_mb"] > 0


@pytest.mark.parametrize("part", ["CP-SAT", "HiGHS"])
def test_exact_models_prove_a_chain(part: str, tmp_path: Path) -> None:
    lines = answers(part, tmp_path, seconds=5.0)
    best = solve(chain(150, 200, 210, 190, 160, 230), Limits(step_limit=10_000)).objective.total
    assert max(line["bound"] for line in lines if "bound" in line) == pytest.approx(best, rel=1e-3)


def test_gerrychain_with_an_impossible_number_of_grids_says_so(tmp_path: Path) -> None:
    lines = answers("GerryChain k", tmp_path, num_grids=5)
    assert [line["said"] for line in lines if "said" in line] == ["no start within the bounds"]


# What is made of it


def row(part: str, total: float | None, **more: Any) -> Row:
    lawful = {"violations": 0, "misfit": 0, "trail": [[1.0, total, None]], "bound": None, "time_limit_s": 60.0}
    return {"part": part, **({"total": total} if total is not None else {}), **lawful, **more}


@pytest.mark.parametrize(
    ("ours", "peer", "holds"),
    [
        (row(TENTH, 100.0), row("METIS", 101.0), True),
        (row(TENTH, 100.0), row("METIS", 100.0), True),
        (row(TENTH, 100.0), row("METIS", 99.9), False),
        (row(TENTH, 100.0), row("METIS", 50.0, violations=1, misfit=3), True),
        (row(TENTH, 50.0, violations=1, misfit=3), row("METIS", 100.0), False),
        (row(TENTH, 50.0, violations=1, misfit=3), row("METIS", 10.0, violations=1, misfit=4), True),
        ({"part": TENTH, "failed": "no"}, row("METIS", 100.0), False),
    ],
)
def test_we_are_never_worse_than_the_best_peer_or_it_is_said(ours: Row, peer: Row, holds: bool) -> None:
    assert claim("town-0", [row(GOAL, 1.0), ours, peer])["holds"] is holds


def test_without_any_peer_nothing_is_claimed_of_an_unlawful_plan() -> None:
    assert claim("town-0", [row(TENTH, 1.0, violations=2)])["holds"] is None


def test_a_bound_above_a_lawful_plan_is_named() -> None:
    rows = [row(TENTH, 100.0, bound=100.0), row("METIS", 90.0, violations=1), row("HiGHS", 110.0, bound=101.0)]
    assert claim("town-0", rows)["bound_above"] == "HiGHS"
    assert claim("town-0", rows[:2])["bound_above"] is None


@pytest.mark.parametrize(
    ("only", "quick", "instances_run", "peers_run"),
    [
        ((), True, {"community-0"}, set(PEERS)),
        (("town-1",), True, {"town-1"}, set(PEERS)),
        (("METIS",), True, {"community-0"}, {"METIS"}),
        (("METIS", "town-1", "city-0"), False, {"town-1", "city-0"}, {"METIS"}),
        (("nowhere",), False, set(), set()),
    ],
)
def test_instances_and_peers_are_chosen_by_name(
    only: tuple[str, ...],
    quick: bool,
    instances_run: set[str],
    peers_run: set[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def instance(name: str, goal_s: float, peer_s: float, peers: dict[str, Peer]) -> list[Row]:
        assert (goal_s, peer_s) == (2.0, 3.0) if quick else goal_s >= 10.0
        return [{"name": name, "peers": set(peers)}]

    monkeypatch.setattr(contest, "_instance", instance)
    rows = list(contest.run(lambda name: not only or name in only, quick=quick))
    assert {found["name"] for found in rows} == instances_run
    assert all(found["peers"] == peers_run for found in rows)


def test_times_and_gaps_refer_to_the_best_of_all_parts() -> None:
    ours = row(GOAL, 100.0, bound=90.0, trail=[[0.1, 120.0, None], [0.5, 100.5, 80.0], [2.0, 100.0, 90.0]])
    theirs = row("METIS", 120.0, trail=[[3.0, 120.0, None]])
    first, second, failed = placed([ours, theirs, {"part": "HiGHS", "failed": "no"}])
    assert (first["near_best_s"], first["over_best"], first["over_bound"]) == (0.5, 0.0, 0.1)
    assert (second["near_best_s"], second["over_best"], second["over_bound"]) == (None, 0.2, 0.25)
    assert failed == {"part": "HiGHS", "failed": "no"}


def test_judging_counts_rules_and_households() -> None:
    problem = chain(150, 200, 210, 190, 160, 230)
    found = judged(problem, 1.0, [0, 0, 0, 1, 1, 2])
    plan = Plan(grid=Labels(["0", "0", "0", "1", "1", "2"]))
    assert (found.violations, found.misfit, found.grids) == (len(validate(problem, plan)[0]), 130, 3)


def test_only_better_plans_stay_in_a_course_and_lawful_ones_come_first() -> None:
    worth = [(50.0, 1, 9), (40.0, 1, 9), (90.0, 0, 0), (95.0, 0, 0), (80.0, 0, 0)]
    plans = [Judged(s=float(k), total=t, violations=v, misfit=m, grids=1) for k, (t, v, m) in enumerate(worth)]
    assert [plan.total for plan in best_so_far(plans)] == [50.0, 40.0, 90.0, 80.0]


def test_first_and_last_plan_are_always_judged() -> None:
    assert chosen(3) == [0, 1, 2]
    picked = chosen(1000, 40)
    assert (picked[0], picked[-1], len(picked)) == (0, 999, 40)


def test_a_peer_that_is_not_installed_is_named_and_left_out() -> None:
    absent = Peer(module="nothing", package="no_such_package_at_all")
    assert absent.absent == "no_such_package_at_all is not installed: it comes with the extra “bench”"


def test_a_peer_that_runs_on_is_ended_and_what_it_had_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contest, "GRACE_S", 0.2)
    record = tmp_path / "found.jsonl"
    code = f"open({str(record)!r}, 'w').write('x'); import time; time.sleep(600)"
    assert contest._ended([sys.executable, "-c", code], record, 0.2) == ["ended from outside: it ran on after its time"]
    assert contest._ended([sys.executable, "-c", "raise ValueError('so it goes')"], record, 5.0) == [
        "failed: ValueError: so it goes"
    ]


def test_found_keeps_only_better_bounds(tmp_path: Path) -> None:
    found = Found(tmp_path / "found.jsonl", 10.0)
    for bound in (-1.0, 5.0, 3.0, 6.0):
        found.bound(bound)
    found.end()
    lines = [json.loads(line) for line in (tmp_path / "found.jsonl").read_text("utf-8").splitlines()]
    assert [line["bound"] for line in lines if "bound" in line] == [5.0, 6.0]


# Instances


def test_classes_and_names() -> None:
    assert set(entrants(quick=True)) == {"community-0"}
    names = entrants(quick=False)
    assert {"town-3", "village-1", "city-0"} <= set(names)
    assert [class_of(name) for name in ("town-3", "guan")] == ["town", "real"]
    assert problem_of("community-2")[0].name == "community-2"


def test_what_no_lawful_grid_can_hold_is_left_out() -> None:
    """A unit above max cuts the chain; a pocket of 260 behind a unit of 290 is neither a grid nor part of one."""
    core, left_out = _lawful_core(chain(200, 200, 501, 150, 200, 210, 190, 290, 130, 130))
    assert left_out == 5
    assert core.units.households.tolist() == [150, 200, 210, 190, 290]
    lonely, left_out = _lawful_core(chain(200, 200, 300, 240))
    assert (left_out, lonely.units.households.tolist()) == (1, [200, 200, 300])
    with pytest.raises(ValueError, match="no lawful grid"):
        _lawful_core(chain(200, 200, 290, 240))


@pytest.mark.usefixtures("wangge_data")
def test_a_real_place_becomes_a_case() -> None:
    problem, left_out = problem_of("shijiazhuang")
    assert left_out > 0
    assert len(case_of(problem)) == len(problem.units)
