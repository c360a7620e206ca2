"""Running the command as a user does, and small inputs for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from datasets.instances import city, community
from partitioner.cli.main import app
from partitioner.model import Problem
from partitioner.model.problem_json import problem_to_json, write_problem

Rows = Sequence[Sequence[object]]

LEDGER: Rows = (
    ("楼栋编号", "小区", "社区", "户数", "经度", "纬度"),
    *(
        (
            f"b{k:02d}",
            f"小区{k // 6 + 1}",
            "东街社区",
            60,
            f"{116.3 + 6e-4 * (k % 6):.5f}",
            f"{39.43 + 5e-4 * (k // 6):.5f}",
        )
        for k in range(24)
    ),
)
"""24 buildings of 60 households: 1,440 households, three to four grids."""


def wangge(*words: object, env: dict[str, str] | None = None) -> Any:
    """Run the command in this process; a traceback fails the test at once."""
    result = CliRunner().invoke(app, [str(word) for word in words], env={"WANGGE_LANG": None, **(env or {})})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert "Traceback" not in result.output
    return result


def document(result: Any) -> dict[str, Any]:
    """Standard output, which must be one JSON document and nothing else."""
    loaded: dict[str, Any] = json.loads(result.stdout)
    return loaded


def write_csv(path: Path, rows: Rows = LEDGER, encoding: str = "utf-8") -> Path:
    text = "\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in rows) + "\n"
    path.write_bytes(text.encode(encoding))
    return path


def changed(row: int, heading: str, value: object) -> list[list[object]]:
    """The ledger with one cell replaced; `row` as a reader counts (1 is the headings)."""
    cells = [list(r) for r in LEDGER]
    cells[row - 1][cells[0].index(heading)] = value
    return cells


def without(*headings: str) -> list[list[object]]:
    """The ledger without some columns."""
    keep = [i for i, name in enumerate(LEDGER[0]) if name not in headings]
    return [[row[i] for i in keep] for row in LEDGER]


def small_problem(path: Path, **changes: object) -> Path:
    """A community as problem.json, some keys replaced."""
    document = problem_to_json(community(0)) | changes
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


def city_problem(path: Path) -> tuple[Path, Problem]:
    problem = city(2, 1_500)
    write_problem(problem, path)
    return path, problem
