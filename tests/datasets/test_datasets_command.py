"""`python -m datasets` and the settings it reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from datasets.__main__ import main
from datasets.cases import HERE
from datasets.generator.settings import read_settings


def test_list_names_every_case(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 9
    assert lines[1] == "cisheng\t温县慈胜社区"


def test_a_case_needs_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["cisheng"])
    assert stopped.value.code == 2
    assert "-o DIR" in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    assert main(["cisheng", "-o", str(tmp_path / "file")]) == 2
    assert "file" in capsys.readouterr().err


def test_writing_again_replaces_whole_files_and_leaves_nothing_behind(tmp_path: Path) -> None:
    assert main(["cisheng", "-o", str(tmp_path)]) == 0
    first = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert main(["cisheng", "-o", str(tmp_path)]) == 0
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == first
    assert main(["cisheng", "-o", str(tmp_path), "--seed", "5"]) == 0
    assert (tmp_path / "county.gpkg").read_bytes() != first["county.gpkg"]
    assert {path.name for path in tmp_path.iterdir()} == set(first)


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("columns = 2", "colums = 2", "unknown keys of streets: colums"),
        ("communities = 1", "communities = 2", "2 communities need as many names"),
        ("courtyards = 1", "villages = 1", "1 villages need as many names"),
        ("seed = 13\n", "", "seed"),
        ("courtyards = 1", "sizes = [1, 2]", "1 communities need as many sizes"),
        ("[streets]", '[[townships]]\nname = "A"\ncode = "410825001"\ncommunities = 2\n[streets]', "the townships"),
        ("[streets]", "[[sites]]\neast_m = 0\nnorth_m = 0\nhomes = { grids = 9 }\n[streets]", "9 grids, homes.grids"),
        ("[streets]", "[exactly]\nhomes = 9\n[streets]", "unknown keys of exactly: homes"),
    ],
)
def test_wrong_settings_are_named(tmp_path: Path, before: str, after: str, complaint: str) -> None:
    text = (HERE / "cisheng" / "settings.toml").read_text(encoding="utf-8")
    assert before in text
    path = tmp_path / "settings.toml"
    path.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(ValueError, match=complaint):
        read_settings(path)
