"""Problems and plans survive being written and read."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from model_documents import plan_document, problem_document, schema, write
from strategies import NAME, problems

from partitioner.errors import OutputError, Text
from partitioner.model import Labels, Objective, Plan, Result, Violation
from partitioner.model.plan_json import gap_of, plan_from_json, plan_to_json, read_plan, write_plan
from partitioner.model.problem_json import (
    dump_json,
    problem_from_json,
    problem_to_json,
    read_problem,
    write_problem,
)
from partitioner.model.violation import RULES
from partitioner.scoring import score, validate

RUN = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
PROBLEM_SCHEMA, PLAN_SCHEMA = schema("wangge-problem-1"), schema("wangge-plan-1")


@RUN
@given(problem=problems())
def test_a_problem_reads_back_as_it_was_written(problem, tmp_path: Path) -> None:
    path = tmp_path / "problem.json"
    write_problem(problem, path)
    text = path.read_text("utf-8")
    jsonschema.validate(json.loads(text), PROBLEM_SCHEMA)
    again = read_problem(path)
    assert dump_json(problem_to_json(again)) == text
    assert again.units.households.tolist() == problem.units.households.tolist()
    assert again.units.id == problem.units.id
    assert (again.locked, again.together, again.apart) == (problem.locked, problem.together, problem.apart)
    assert again.weights == problem.weights
    assert again.bounds == problem.bounds
    assert again.count == problem.count


@st.composite
def results(draw: st.DrawFn) -> Result:
    violation = st.builds(
        Violation,
        rule=st.sampled_from(RULES),
        grid=st.none() | NAME,
        units=st.lists(NAME, max_size=3).map(tuple),
        amount=st.integers(0, 10**9) | st.floats(0, 1e9),
        message=st.just(Text("甲", "a")),
        remedy=st.just(Text("乙", "b")),
    )
    objective = st.builds(
        Objective,
        walk=st.floats(0, 1e12),
        split=st.integers(0, 999),
        balance=st.floats(0, 1e12),
        move=st.integers(0, 10**9),
        total=st.floats(0, 1e12),
    )
    status = draw(st.sampled_from(["optimal", "feasible", "infeasible", "unknown"]))
    bound = None if status == "infeasible" else draw(st.none() | st.floats(0, 1e12))
    return Result(
        plan=Plan(grid=Labels(draw(st.lists(st.none() | NAME, max_size=8)))),
        status=status,
        stop_reason=draw(st.sampled_from(["proved", "time_limit", "step_limit", "cancelled", "stalled"])),
        objective=draw(objective),
        bound=bound,
        gap=None if bound is None else draw(st.none() | st.floats(0, 1)),
        violations=draw(st.lists(violation, max_size=3).map(tuple)),
        warnings=draw(st.lists(violation, max_size=2).map(tuple)),
        seconds=draw(st.floats(0, 1e5)),
        seed=draw(st.integers(0, 2**31 - 1)),
        engine="wangge 0.1.0",
        problem=draw(st.text(max_size=8)),
    )


@RUN
@given(result=results())
def test_a_plan_reads_back_as_it_was_written(result: Result, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    write_plan(result, path)
    jsonschema.validate(json.loads(path.read_text("utf-8")), PLAN_SCHEMA)
    assert read_plan(path) == result.plan


@RUN
@given(problem=problems(max_units=5), data=st.data())
def test_plans_judged_by_scoring_fit_the_schema(problem, data: st.DataObject) -> None:
    num = len(problem.units)
    plan = Plan(grid=Labels(data.draw(st.lists(st.sampled_from([None, "甲", "乙"]), min_size=num, max_size=num))))
    violations, warnings = validate(problem, plan)
    result = Result(
        plan=plan,
        status="unknown",
        stop_reason="stalled",
        objective=score(problem, plan),
        bound=None,
        gap=None,
        violations=violations,
        warnings=warnings,
    )
    document = json.loads(dump_json(plan_to_json(result)))
    jsonschema.validate(document, PLAN_SCHEMA)
    assert plan_from_json(document) == plan


def test_the_example_documents_are_read(tmp_path: Path) -> None:
    problem = read_problem(write(tmp_path / "p.json", problem_document()))
    assert problem.bounds.aim == 200
    assert problem.count.of("东").max == 2
    assert problem.count.of(None).max == 4
    assert problem.together == ((0, 1),)
    assert read_plan(write(tmp_path / "q.json", plan_document())).grid.values() == ("G001", "G001", None)


def test_what_is_left_out_takes_the_defaults() -> None:
    problem = problem_from_json(
        {
            "format": "wangge-problem/1",
            "units": {"id": ["a", "b"], "households": [1, 2]},
            "edges": {"u": [0], "v": [1]},
            "bounds": {"min": 1, "max": 4},
        }
    )
    assert problem.graph.length_m.tolist() == [1.0]
    assert problem.bounds.aim == 2.5
    weights = problem.weights
    assert (weights.walk, weights.walk_power, weights.split, weights.balance, weights.move) == (1, 1, 20_000, 40, 0)
    assert (problem.units.x, problem.max_walk_m, problem.locked, problem.name) == (None, None, (), "")
    assert problem.units.group.values() == (None, None)


def test_nulls_stand_for_what_is_left_out() -> None:
    document = problem_document()
    for key in ("count", "max_walk_m", "weights", "locked", "together", "apart"):
        document[key] = None
    document["bounds"]["target"] = None
    jsonschema.validate(document, PROBLEM_SCHEMA)
    problem = problem_from_json(document)
    assert problem.bounds.aim == 200
    assert (problem.locked, problem.max_walk_m) == ((), None)


def test_whole_numbers_may_be_written_with_a_point() -> None:
    document = problem_document()
    document["units"]["households"] = [120.0, 130, 0]
    assert problem_from_json(document).units.households.tolist() == [120, 130, 0]


def test_a_byte_order_mark_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_text(json.dumps(problem_document()), encoding="utf-8-sig")
    assert read_problem(path).name == "小镇"


def test_a_plan_drawn_by_hand_needs_labels_only() -> None:
    assert plan_from_json({"format": "wangge-plan/1", "grid": ["a", None]}).grid.values() == ("a", None)


def test_every_top_level_key_has_a_line_of_its_own() -> None:
    lines = dump_json(problem_document()).splitlines()
    assert len(lines) == 2 + len(problem_document())
    assert all("小镇" in line or "\\u" not in line for line in lines)


def test_a_file_that_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    problem = problem_from_json(problem_document())
    (tmp_path / "file").write_text("before")
    for target in (tmp_path / "file" / "p.json", tmp_path / "none" / "p.json", tmp_path):
        with pytest.raises(OutputError) as caught:
            write_problem(problem, target)
        assert caught.value.text().zh
        assert str(target) in str(caught.value)
    assert (tmp_path / "file").read_text() == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(
    ("total", "bound", "gap"),
    [(10.0, 9.0, 0.1), (0.0, 0.0, 0.0), (5.0, None, None), (0.0, None, None), (4.0, 0.0, 1.0)],
)
def test_the_gap_is_the_share_of_the_total_above_the_bound(
    total: float, bound: float | None, gap: float | None
) -> None:
    assert gap_of(total, bound) == (None if gap is None else pytest.approx(gap))
