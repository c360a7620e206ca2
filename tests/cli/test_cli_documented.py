"""`docs/reference/command.md` lists every command with every argument and option, as the command's own help does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from partitioner.cli.main import app

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "command.md"

COMING = frozenset({"staff"})
"""Commands that may be registered before their section is written; remove those that have one."""


def commands() -> dict[str, Any]:
    """From name to command. Typer may bring its own copy of click, so that types say nothing here."""
    group: Any = typer.main.get_command(app)
    return dict(group.commands)


def sections() -> dict[str, str]:
    """From the name of a command to the text below its heading."""
    parts = re.split(r"^## wangge ([a-z-]+)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {name: text.split("\n## ")[0] for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def rows_of(command: Any) -> list[str]:
    """The rows of the command's table, as its help tells them."""
    return [f"| {_name(parameter)} | {_help(parameter)} |" for parameter in command.params if parameter.name != "help"]


def _name(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{(parameter.metavar or parameter.name.upper())}`"
    names = ", ".join(f"`{name}`" for name in sorted((*parameter.secondary_opts, *parameter.opts), key=len))
    if parameter.is_flag:
        return names
    return f"{names} {parameter.metavar or ''}".strip().replace("|", "\\|")


def _help(parameter: Any) -> str:
    text = str(parameter.help or "").replace("|", "\\|")
    default = parameter.default
    plain = isinstance(default, str | int | float) and not isinstance(default, bool)
    return f"{text} [{default}]" if plain and not parameter.required else text


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
    assert found == expected, f"the table of {name} should be:\n{wanted}"
    assert str(command.help).split("· ")[-1].strip().rstrip(".") in text, f"{name}: {command.help}"


def test_exit_codes_are_told() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [code for code in range(5) if f"| {code} |" in text] == [0, 1, 2, 3, 4]
