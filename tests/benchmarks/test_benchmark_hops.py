"""Counties into districts: the instances, and the rows of one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks import hops
from benchmarks.rows import Row
from partitioner.solver.pieces import components_of


@pytest.mark.parametrize(("num", "districts"), hops.GENERATED.values(), ids=hops.GENERATED.keys())
def test_generated_counties_are_connected_and_the_same_each_time(num: int, districts: int) -> None:
    problem, again = hops.counties(num, districts, 0), hops.counties(num, districts, 0)
    assert len(problem.units) == num
    assert len(components_of(problem, np.arange(num))) == 1
    assert (problem.units.households == again.units.households).all()
    assert (problem.graph.length_m == 1).all()
    ideal = problem.units.households.sum() / districts
    assert ideal * 0.995 <= problem.bounds.min < problem.bounds.max <= ideal * 1.005
    assert problem.bounds.max > 4096


def test_states_are_those_of_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("WANGGE_HOPS", raising=False)
    assert hops.names() == list(hops.GENERATED)
    (tmp_path / "ZZ.json").write_text("{}")
    monkeypatch.setenv("WANGGE_HOPS", str(tmp_path))
    assert hops.names() == ["ZZ", *hops.GENERATED]


def test_names_and_limits_are_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str, dict[str, float]]] = []

    def measured(suite: str, name: str, settings: dict[str, float]) -> list[Row]:
        asked.append((suite, name, settings))
        return []

    monkeypatch.delenv("WANGGE_HOPS", raising=False)
    monkeypatch.setattr(hops, "measured", measured)
    list(hops.run(lambda _: True, quick=True))
    list(hops.run(lambda name: name == "counties-60-5", quick=False))
    assert [(suite, name) for suite, name, _ in asked] == [("hops", hops.QUICK), ("hops", "counties-60-5")]
    assert [settings["search_s"] for _, _, settings in asked] == [hops.QUICK_SEARCH_S, hops.SEARCH_S]


def test_what_is_proved_is_no_worse_than_what_was_searched() -> None:
    solved, proved = hops.work("counties-30-3", search_s=1.0, proof_s=20.0)
    assert (solved["part"], proved["part"]) == ("solve", "proof")
    assert solved["violations"] == 0
    assert proved["total"] <= solved["total"]
    assert proved["bound"] <= proved["total"]
    assert proved["status"] in ("optimal", "open")
