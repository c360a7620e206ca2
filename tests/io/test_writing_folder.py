"""One call writes the whole folder, and what it wrote can be scored again."""

from __future__ import annotations

from pathlib import Path

import pytest
from writing_county import planned_town

from partitioner.errors import OutputError
from partitioner.io.writing import write_folder
from partitioner.io.writing.report import FILES
from partitioner.model.plan_json import read_plan
from partitioner.model.problem_json import read_problem
from partitioner.scoring import score, validate


def test_the_folder_holds_every_file_and_nothing_else(tmp_path: Path) -> None:
    planned = planned_town()
    paths = write_folder(planned, tmp_path / "new" / "out")
    assert [path.name for path in paths] == list(FILES)
    assert sorted(path.name for path in (tmp_path / "new" / "out").iterdir()) == sorted(FILES)
    problem, plan = read_problem(paths[-2]), read_plan(paths[-1])
    assert score(problem, plan) == planned.result.objective
    assert validate(problem, plan) == ((), ())


def test_a_file_in_the_way_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("kept", encoding="utf-8")
    with pytest.raises(OutputError):
        write_folder(planned_town(), tmp_path / "out")
    assert (tmp_path / "out").read_text(encoding="utf-8") == "kept"
