"""Combs: chains of nodes hanging off a small core are settled exactly, and at once."""

from __future__ import annotations

import numpy as np
import pytest
from enumeration import Enumerated, enumerate_plans

from partitioner.model import Bounds, Graph, IntArray, Labels, Plan, Problem, Units, Weights
from partitioner.scoring import score, validate
from partitioner.solver import Limits, solve
from partitioner.solver.comb_shape import chains_of, comb_of
from partitioner.solver.combs import Combed, settle_comb
from partitioner.solver.kernels.case import Case
from partitioner.solver.limits import StopSignal
from partitioner.solver.pieces import Piece, make_piece
from partitioner.solver.warm_up import ready


def comb(
    seed: int, *, num_chains: int, floors: int, high: int = 15, low: int = 10, most_households: int = 2
) -> Problem:
    """Chains of up to so many floors, joined at random by their lowest ones; some floors hold nobody."""
    rng = np.random.default_rng([23, seed])
    lengths = rng.integers(1, floors + 1, num_chains)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    edges = {(int(a + i), int(a + i + 1)) for a, n in zip(starts, lengths, strict=False) for i in range(n - 1)}
    for chain in range(1, num_chains):
        edges.add((int(starts[rng.integers(max(0, chain - 2), chain)]), int(starts[chain])))
    for _ in range(num_chains // 3):
        a, b = sorted(rng.choice(num_chains, 2, replace=False).tolist())
        edges.add((int(starts[a]), int(starts[b])))
    num = int(starts[-1])
    order = rng.permutation(num)  # nothing may depend on how units are numbered
    chain_of = np.repeat(np.arange(num_chains), lengths)
    upper = np.setdiff1d(np.arange(num), starts)  # a group of two chains shows at both roots
    group: list[str | None] = [f"g{chain // 2 if seed % 2 else chain}" for chain in chain_of.tolist()]
    for i in upper[rng.random(len(upper)) < 0.1].tolist():
        group[i] = None if seed % 4 < 2 else f"upper {i}"
    households = np.where(rng.random(num) < 0.15, 0, rng.integers(1, most_households + 1, num))
    place = np.empty(num, dtype=np.int64)
    place[order] = np.arange(num)
    ends = np.array(sorted(edges), dtype=np.int64).reshape(-1, 2)
    return Problem(
        units=Units(
            id=tuple(f"u{i}" for i in range(num)),
            households=households[order],
            group=Labels([group[i] for i in order.tolist()]),
        ),
        graph=Graph(num_units=num, u=place[ends[:, 0]], v=place[ends[:, 1]], length_m=rng.uniform(1, 30, len(ends))),
        bounds=Bounds(min=low, max=high),
        weights=Weights(split=float(rng.choice([0.0, 40.0])), balance=float(rng.choice([0.0, 30.0]))),
    )


def tiny(seed: int) -> Problem:
    """A comb of about eight floors, with bounds that are narrow, loose, or contradict the floors."""
    low, high = ((2, 3), (3, 4), (1, 6), (0, 4), (4, 4), (5, 6))[seed % 6]
    return comb(
        seed,
        num_chains=2 + seed // 6 % 2,
        floors=4 - seed // 6 % 2,
        low=low,
        high=high,
        most_households=2 + seed // 12 % 2,
    )


def piece_of(problem: Problem) -> Piece:
    num = len(problem.units)
    return make_piece(problem, np.arange(num), (), (1, num))


def settled(case: Case) -> Combed | None:
    ready()
    with StopSignal(None, None) as signal:
        return settle_comb(case, signal)


def plan_of(num: int, grids: tuple[IntArray, ...]) -> Plan:
    label = np.full(num, -1)
    for slot, nodes in enumerate(grids):
        assert (label[nodes] == -1).all()
        label[nodes] = slot
    assert (label >= 0).all()
    return Plan(grid=Labels(str(slot) for slot in label.tolist()))


def check(problem: Problem, known: Combed, truth: Enumerated) -> None:
    plan = plan_of(len(problem.units), known.grids)
    violations, _ = validate(problem, plan)
    assert {violation.rule for violation in violations} <= {"size_min", "size_max"}
    assert sum(violation.amount for violation in violations) == known.outside >= truth.least_misfit
    assert known.least_outside <= truth.least_misfit
    if known.best:
        assert known.outside == known.least_outside
        if truth.best is not None:
            assert score(problem, plan).total == pytest.approx(truth.best)


def test_tiny_combs_agree_with_full_enumeration(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be it from lists of all sets of roots or, where these are too many, from those that prices ask for."""
    kinds = {"lawful": 0, "least": 0, "other": 0}
    for seed in range(120):
        problem = tiny(seed)
        known = settled(piece_of(problem).case)
        if known is None:
            kinds["other"] += 1
            continue
        truth = enumerate_plans(problem)
        check(problem, known, truth)
        with monkeypatch.context() as patched:
            patched.setattr("partitioner.solver.comb_plans.FEW_VISITS", 0)
            priced = settled(piece_of(problem).case)
        assert priced is not None
        check(problem, priced, truth)
        kinds["lawful" if known.outside == 0 else "least"] += 1
    assert min(kinds["lawful"], kinds["least"]) >= 20


@pytest.mark.parametrize("seed", range(8))
def test_larger_combs_are_proved_at_once_and_no_other_method_finds_better(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = comb(seed, num_chains=6, floors=8, high=8, low=4)
    result = solve(problem, Limits(step_limit=1, threads=1))
    assert result.status in ("optimal", "infeasible")
    assert result.stop_reason == "proved"
    monkeypatch.setattr("partitioner.solver.proving.settle_comb", lambda *_: None)
    again = solve(problem, Limits(step_limit=200_000, threads=1))
    assert (again.status == "infeasible") == (result.status == "infeasible")
    assert again.objective.total >= result.objective.total * (1 - 1e-6) or again.status == "infeasible"
    if result.status == "infeasible":
        assert sum(v.amount for v in again.violations) >= sum(v.amount for v in result.violations)
    elif again.status == "optimal":
        assert again.objective.total == pytest.approx(result.objective.total, rel=1e-6)


def row_of_stairwells(groups: list[str | None]) -> Case:
    """Three stairwells of three floors on a row of ground floors; two floors more hang on the middle one."""
    u = [0, 1, 3, 4, 6, 7, 0, 3, 3, 9]
    v = [1, 2, 4, 5, 7, 8, 3, 6, 9, 10]
    problem = Problem(
        units=Units(id=tuple("abcdefghijk"), households=np.ones(11, dtype=np.int64), group=Labels(groups)),
        graph=Graph(num_units=11, u=np.array(u), v=np.array(v), length_m=np.ones(10)),
        bounds=Bounds(min=2, max=3),
    )
    return piece_of(problem).case


def test_chains_are_pendant_paths_root_first() -> None:
    """The ends of the row hang on the middle with all their floors."""
    assert chains_of(row_of_stairwells([*"xxxyyyzzzww"])) == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10]]


def test_a_group_of_two_chains_that_a_root_does_not_show_is_left_to_other_methods() -> None:
    """It would be counted once for each chain."""
    assert comb_of(row_of_stairwells([*"xxxyyyzzzww"])) is not None
    assert comb_of(row_of_stairwells(["x", "x", "s", "y", "y", "s", "z", "z", "z", "w", "w"])) is None


def test_an_ended_run_proves_nothing() -> None:
    problem = comb(1, num_chains=12, floors=6)
    with StopSignal(None, None) as signal:
        signal._stop("cancelled")
        known = settle_comb(piece_of(problem).case, signal)
    assert known is None or not known.best or known.grids
