"""`docs/reference/command.md` lists every command with every argument and option, as the command's own help does."""

from __future__ import annotations

import re

import pytest
from command_tables import PAGE, commands, rows_of, sections


def test_every_command_has_its_section() -> None:
    missing = sorted(commands().keys() - sections().keys())
    unknown = sorted(sections().keys() - commands().keys())
    assert not unknown, f"{PAGE.name} describes commands that are not there: {', '.join(unknown)}"
    assert not missing, (
        f"{PAGE.name} lacks “## wangge NAME” for: {', '.join(missing)}; tests/cli/command_tables.py adds it"
    )


@pytest.mark.parametrize("name", sorted(commands()))
def test_a_section_lists_the_arguments_and_options_of_the_help(name: str) -> None:
    text = sections().get(name, "")
    command = commands()[name]
    expected = rows_of(command)
    found = [line for line in text.splitlines() if re.match(r"\| `", line)]
    wanted = "\n".join(expected)
    assert found == expected, f"the table of {name} should be (tests/cli/command_tables.py writes it):\n{wanted}"
    assert str(command.help).split("· ")[-1].strip().rstrip(".") in text, f"{name}: {command.help}"


def test_exit_codes_are_told() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [code for code in range(5) if f"| {code} |" in text] == [0, 1, 2, 3, 4]
