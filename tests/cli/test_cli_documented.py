"""`docs/reference/command.md` lists every command with every argument and option, as the command's own help does."""

from __future__ import annotations

import re

import pytest
from command_tables import PAGE, commands, rows_of, sections

COMING = frozenset({"staff"})
"""Commands that may be registered before their section is written; remove those that have one."""


def test_every_command_has_its_section() -> None:
    missing = sorted(commands().keys() - sections().keys())
    unknown = sorted(sections().keys() - commands().keys() - COMING)
    assert not unknown, f"{PAGE.name} describes commands that are not there: {', '.join(unknown)}"
    assert set(missing) <= COMING, f"{PAGE.name} lacks “## wangge NAME” for: {', '.join(missing)}"
    if missing:
        pytest.xfail(f"{PAGE.name} still lacks the sections of: {', '.join(missing)}")


@pytest.mark.parametrize("name", sorted(commands()))
def test_a_section_lists_the_arguments_and_options_of_the_help(name: str) -> None:
    text = sections().get(name)
    if text is None:
        assert name in COMING, f"{PAGE.name} lacks the section of {name}"
        pytest.xfail(f"{PAGE.name} still lacks the section of {name}")
    command = commands()[name]
    expected = rows_of(command)
    found = [line for line in text.splitlines() if re.match(r"\| `", line)]
    wanted = "\n".join(expected)
    assert found == expected, f"the table of {name} should be (tests/cli/command_tables.py writes it):\n{wanted}"
    assert str(command.help).split("· ")[-1].strip().rstrip(".") in text, f"{name}: {command.help}"


def test_exit_codes_are_told() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [code for code in range(5) if f"| {code} |" in text] == [0, 1, 2, 3, 4]
