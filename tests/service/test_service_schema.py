"""Every route under requests made up from the contract: no breakdown, and no answer that the contract does not know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from service_running import ended, made_project, running, uploaded

from service.app import contract

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

FEW = settings(
    max_examples=4,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)

SCHEMA = schemathesis.openapi.from_dict(contract())


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A server with a project that holds one of everything; jobs that the requests make wait for ever."""
    folder = tmp_path_factory.mktemp("schema")
    known = {}
    with running(folder, spare=True, running_jobs=1) as server, server.client() as client:
        project = made_project(client)
        known["project"] = project.rpartition("/")[2]
        known["dataset"] = uploaded(client, project).json()["id"]
        job = ended(client, project, "plan", {"dataset": known["dataset"]})
        known |= {"job": job["id"], "plan": job["result"]["plan"], "process": "check"}
        known["draft"] = client.post(f"{project}/drafts", json={"plan": known["plan"]}).json()["id"]
        cells = client.get(f"{project}/plans/{known['plan']}/layers/cells").json()["features"]
        known |= {"feature": cells[0]["id"], "number": "0"}
    with running(folder, running_jobs=0, wait_s=0.0, requests_per_minute=10**9, queued_jobs=5) as server:
        yield known | {"url": server.url}


LAYERS = {
    "layers/{name}": "cells",
    "collections/{name}": "cells",
    "files/{name}": "ledger.xlsx",
    "profiles/{name}": "hebei",
}
"""What is there, by the end of a route."""

OPERATIONS = {operation.ok().label: operation.ok() for operation in SCHEMA.get_all_operations()}


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("label", OPERATIONS)
def test_no_answer_is_a_breakdown_or_a_surprise(place: dict[str, str], label: str, mode: GenerationMode) -> None:
    operation = OPERATIONS[label]
    strategy = operation.as_strategy(generation_mode=mode)

    @FEW
    @given(case=strategy)
    def ask(case: Any) -> None:
        case.path_parameters = dict(case.path_parameters or {}) | there(operation.method, operation.path, place)
        reply = case.call(base_url=place["url"])
        case.validate_response(reply, checks=CHECKS)

    try:
        ask()
    except Unsatisfiable:
        # Nothing can be wrong with a request that has no parameters.
        assert mode is GenerationMode.NEGATIVE


def there(method: str, path: str, known: dict[str, str]) -> dict[str, str]:
    """Values of path parameters that lead to something; what a request would take away stays made up."""
    names = re.findall(r"\{(\w+)\}", path)
    if method.upper() == "DELETE":
        names = names[:-1]
    found = {name: known[name] for name in names if name in known}
    for end, value in LAYERS.items():
        if end in path and "name" in names:
            found["name"] = value
    return found
