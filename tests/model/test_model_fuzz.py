"""Random documents raise nothing but InputError."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from model_documents import plan_document, problem_document

from partitioner.errors import InputError
from partitioner.model.plan_json import plan_from_json, read_plan
from partitioner.model.problem_json import problem_from_json, problem_to_json, read_problem

RUN = settings(
    max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
SCALAR = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(-3, 3), st.floats(), st.text(max_size=3),
    st.sampled_from(["b1", "b2", "东", 10**400, "wangge-problem/1", "optimal"]),
)  # fmt: skip
KEY = st.sampled_from(["id", "min", "max", "u", "v", "by_parent", "rule", "grid", "东"]) | st.text(max_size=2)
ANYTHING = st.recursive(
    SCALAR, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEY, inner, max_size=3), max_leaves=8
)


def only_input_errors(call: Callable[[], object]) -> None:
    """`call` ends well or names its faults; anything else fails the test."""
    try:
        call()
    except InputError as error:
        for fault in error.faults:
            fault.text()


def places(document: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) in a document."""
    keys = range(len(document)) if isinstance(document, list) else list(document) if isinstance(document, dict) else ()
    return [(document, key) for key in keys] + [place for key in keys for place in places(document[key])]


@RUN
@given(document=ANYTHING)
def test_any_document_is_read_or_refused(document: object) -> None:
    only_input_errors(lambda: problem_from_json(document))
    only_input_errors(lambda: plan_from_json(document))


@RUN
@given(data=st.data())
def test_a_good_document_with_some_places_changed_is_read_or_refused(data: st.DataObject) -> None:
    for make, read in ((problem_document, problem_from_json), (plan_document, plan_from_json)):
        document = make()
        for _ in range(data.draw(st.integers(1, 3))):
            container, key = data.draw(
                st.sampled_from(range(10**6)).map(lambda i, d=document: places(d)[i % len(places(d))])
            )
            if data.draw(st.booleans()):
                container[key] = data.draw(ANYTHING)
            else:
                del container[key]
        only_input_errors(lambda read=read, document=document: read(document))


@RUN
@given(data=st.data())
def test_what_is_read_can_be_written_and_read_again(data: st.DataObject) -> None:
    document = problem_document()
    spots = [p for p in places(document) if not isinstance(p[0][p[1]], dict | list)]
    container, key = data.draw(st.sampled_from(spots))
    container[key] = data.draw(SCALAR)
    try:
        problem = problem_from_json(document)
    except InputError:
        return
    written = json.loads(json.dumps(problem_to_json(problem), allow_nan=False))
    assert problem_to_json(problem_from_json(written)) == written


@RUN
@given(
    content=st.binary(max_size=60) | st.text(alphabet='{}[]":,0123456789.eE-+ntrufals \\', max_size=40).map(str.encode)
)
def test_any_bytes_are_read_or_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    only_input_errors(lambda: read_problem(path))
    only_input_errors(lambda: read_plan(path))
