"""The tables of `docs/reference/command.md`, made from the command's own help.

Run it from the checkout (``PYTHONPATH=. python tests/cli/command_tables.py``) to bring the page up to date after an
option changed. Commands without a section get one with their table, to be written out by hand.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import typer

from partitioner.cli.main import app

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "command.md"


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


def with_tables(text: str) -> str:
    """The page with the tables that the commands have now."""
    for name, command in commands().items():
        table = "\n".join(["| argument or option | meaning |", "|---|---|", *rows_of(command)])
        heading = f"## wangge {name}\n"
        if heading not in text:
            summary = str(command.help).split("· ")[-1].strip()
            text = f"{text.rstrip()}\n\n{heading}\n{summary}\n\n{table}\n"
            continue
        before, after = text.split(heading)
        own, *others = after.split("\n## ", 1)
        own = re.sub(r"\| argument or option \| meaning \|\n(\|.*(\n|$))+", lambda _, table=table: f"{table}\n", own)
        text = before + heading + "\n## ".join([own, *others])
    return text


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
