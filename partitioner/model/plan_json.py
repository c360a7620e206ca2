"""`wangge-plan/1`: the solver's output as a JSON document (schema: `schema/wangge-plan-1.json`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_args

from partitioner.errors import Text
from partitioner.model.arrays import Labels
from partitioner.model.files import write_text
from partitioner.model.json_reading import Faults, load_json
from partitioner.model.plan import Plan, Result
from partitioner.model.problem_json import dump_json
from partitioner.model.status import Status, StopReason
from partitioner.model.violation import RULES, Violation

FORMAT = "wangge-plan/1"

_KEYS = (
    "format", "problem", "grid", "status", "stop_reason", "objective", "bound", "gap", "violations", "warnings",
    "seconds", "seed", "engine",
)  # fmt: skip
_TERMS = ("walk", "split", "balance", "move", "total")
_VIOLATION_KEYS = ("rule", "grid", "units", "amount", "message", "remedy")
_CORRECT = Text("请改正该值", "correct the value")


def read_plan(path: str | Path) -> Plan:
    """The labels in a plan file; what else the file says is checked for form but never believed.

    Raises
    ------
    InputError
        The file cannot be read or breaks the format; every fault is named with its JSON pointer.
    """
    return plan_from_json(load_json(path), file=str(path))


def write_plan(result: Result, path: str | Path) -> None:
    """Write `result` whole or not at all; equal results give equal bytes.

    Raises
    ------
    OutputError
    """
    write_text(path, dump_json(plan_to_json(result)))


def plan_to_json(result: Result) -> dict[str, Any]:
    """The document of `result`. Messages are “Chinese / English”."""
    return {
        "format": FORMAT,
        "problem": result.problem,
        "grid": list(result.plan.grid.values()),
        "status": result.status,
        "stop_reason": result.stop_reason,
        "objective": {term: getattr(result.objective, term) for term in _TERMS},
        "bound": result.bound,
        "gap": result.gap,
        "violations": [_violation_to_json(v) for v in result.violations],
        "warnings": [_violation_to_json(v) for v in (*result.warnings, *result.notes)],
        "seconds": result.seconds,
        "seed": result.seed,
        "engine": result.engine,
    }


def _violation_to_json(violation: Violation) -> dict[str, Any]:
    return {
        "rule": violation.rule,
        "grid": violation.grid,
        "units": list(violation.units),
        "amount": violation.amount,
        "message": str(violation.message),
        "remedy": str(violation.remedy),
    }


def plan_from_json(document: Any, *, file: str | None = None) -> Plan:
    """The labels of a plan document. Only `format` and `grid` are required, so that plans can be drawn by hand.

    Raises
    ------
    InputError
        With every fault that was found.
    """
    faults = Faults(file)
    top = faults.mapping(document, "", _KEYS, required=("format", "grid"))
    if "format" in top and top["format"] != FORMAT:
        faults.add(
            "/format",
            "format",
            Text(f"应为 {FORMAT!r}", f"expected {FORMAT!r}"),
            Text("请用本版本支持的格式导出", "export it in the format that this version reads"),
            top["format"],
        )
    grid = faults.names(top.get("grid", []), "/grid", nullable=True)
    _check_rest(faults, top)
    faults.check()
    return Plan(grid=Labels(grid))


def _check_rest(faults: Faults, top: Mapping[str, Any]) -> None:
    for key, allowed in (("status", get_args(Status)), ("stop_reason", get_args(StopReason))):
        if key in top and top[key] not in allowed:
            _wrong_choice(faults, f"/{key}", top[key], allowed)
    if "objective" in top:
        terms = faults.mapping(top["objective"], "/objective", _TERMS, _TERMS)
        for term in _TERMS:
            if term in terms:
                faults.number(terms[term], f"/objective/{term}", high=1e300)
    for key in ("bound", "gap"):
        if top.get(key) is not None:
            faults.number(top[key], f"/{key}", low=-1e300, high=1e300)
    for key in ("violations", "warnings"):
        for i, entry in enumerate(faults.array(top[key], f"/{key}") or () if key in top else ()):
            _check_violation(faults, entry, f"/{key}/{i}")
    for key in ("problem", "engine"):
        if key in top and not isinstance(top[key], str):
            faults.add(f"/{key}", "type", Text("应为文本", "expected text"), _CORRECT, top[key])
    if "seconds" in top:
        faults.number(top["seconds"], "/seconds")
    if "seed" in top:
        faults.whole(top["seed"], "/seed", low=-(2**63), high=2**63)


def _check_violation(faults: Faults, entry: object, pointer: str) -> None:
    given = faults.mapping(entry, pointer, _VIOLATION_KEYS, ("rule",))
    if "rule" in given and given["rule"] not in RULES:
        _wrong_choice(faults, f"{pointer}/rule", given["rule"], RULES)
    if "units" in given:
        faults.names(given["units"], f"{pointer}/units")
    if "amount" in given:
        faults.number(given["amount"], f"{pointer}/amount", low=-1e300, high=1e300)
    for key in ("grid", "message", "remedy"):
        if key in given and not (key == "grid" and given[key] is None):
            faults.text(given[key], f"{pointer}/{key}")


def _wrong_choice(faults: Faults, pointer: str, value: object, allowed: Iterable[str]) -> None:
    names = ", ".join(allowed)
    faults.add(pointer, "choice", Text(f"应为其中之一：{names}", f"expected one of {names}"), _CORRECT, value)


def gap_of(total: float, bound: float | None) -> float | None:
    """(total - bound) / total; 0 where both are 0; None without a bound."""
    if bound is None:
        return None
    if total == 0:
        return 0.0
    return (total - bound) / total
