"""What a command says, and with which exit code it ends."""

from __future__ import annotations

import json
import locale
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import typer
from rich.console import Console

from partitioner.cli.options import Language
from partitioner.errors import MAX_LISTED_FAULTS, Fault, InputError, OutputError, Text
from partitioner.io.reading.fault_table import write_fault_table
from partitioner.io.writing.condensing import condensed

FOUND, BROKEN, BAD_INPUT, INFEASIBLE, NOTHING_FOUND = 0, 1, 2, 3, 4
"""Exit codes. `BROKEN` is only for `check`: the plan breaks rules."""

MAX_OF_A_KIND = 10
"""Faults of one kind that the terminal lists where a workbook holds them all."""


@dataclass(frozen=True, kw_only=True)
class Voice:
    """Language and form of everything that a command prints.

    With `as_json` standard output carries one JSON document and nothing else. Progress and errors for people go to
    standard error.
    """

    language: str
    as_json: bool = False
    quiet: bool = False

    @property
    def out(self) -> Console:
        return Console(highlight=False, soft_wrap=True)

    @property
    def err(self) -> Console:
        return Console(stderr=True, highlight=False, soft_wrap=True)

    def text(self, zh: str, en: str) -> str:
        """The sentence in the reader's language."""
        return Text(zh, en).in_language(self.language)

    def say(self, zh: str, en: str) -> None:
        """A line for people, on standard error."""
        if not self.quiet:
            self.err.print(self.text(zh, en), markup=False)

    def stacked(self, text: Text, indent: str = "") -> str:
        """In both languages one below the other: side by side they are wider than a terminal."""
        both = self.language == "both" and text.zh != text.en
        return f"{text.zh}\n{indent}{text.en}" if both else text.in_language(self.language)

    def tell(self, mark: str, text: Text) -> None:
        """An entry of a list for people, on standard error."""
        if not self.quiet:
            self.err.print(mark + self.stacked(text, " " * len(mark)), markup=False)

    def document(self, document: dict[str, Any]) -> None:
        """The JSON result, on standard output."""
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def voice(language: Language | None, as_json: bool = False, quiet: bool = False) -> Voice:
    """The voice for the options given; without `--lang` the terminal's language decides, both where it is neither."""
    chosen = language.value if language else _terminal_language()
    return Voice(language=chosen, as_json=as_json, quiet=quiet)


def _terminal_language() -> str:
    told = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    if not told and sys.platform == "win32":
        told = locale.getlocale()[0] or ""
    for start, language in (("zh", "zh"), ("Chinese", "zh"), ("en", "en"), ("English", "en")):
        if told.startswith(start):
            return language
    return Language.BOTH.value


@contextmanager
def telling_faults(speaker: Voice, fault_table: Path | None = None) -> Iterator[None]:
    """End the command with exit code 2 and all faults told when the input is wrong or an output cannot be written.

    Parameters
    ----------
    fault_table : Path, optional
        Where to write the faults as a workbook, as far as that is possible.
    """
    try:
        yield
    except InputError as error:
        tell_faults(speaker, error.faults, write_table(error, fault_table))
    except OutputError as error:
        if speaker.as_json:
            speaker.document({"error": "output", "message": {"zh": error.text().zh, "en": error.text().en}})
        else:
            speaker.err.print(error.text().in_language(speaker.language), style="red", markup=False)
        raise typer.Exit(BAD_INPUT) from None


def write_table(error: InputError, path: Path | None) -> Path | None:
    """The faults as a workbook; None where that was not asked for or not possible."""
    if path is None:
        return None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_fault_table(error.faults, path)
    except (OSError, OutputError):
        return None  # the faults are told on the terminal in any case
    return path


def tell_faults(speaker: Voice, faults: tuple[Fault, ...], table: Path | None) -> NoReturn:
    """All faults, or the first of each kind and where the others are; ends the command with exit code 2."""
    if speaker.as_json:
        speaker.document(
            {
                "error": "input",
                "faults": [fault_document(fault) for fault in faults[:MAX_LISTED_FAULTS]],
                "num_faults": len(faults),
                "fault_table": None if table is None else str(table),
            }
        )
        raise typer.Exit(BAD_INPUT)
    err = speaker.err
    num = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    err.print(speaker.text(f"输入有 {len(faults)} 处问题：", f"{num} in the input:"), style="red bold")
    for text in condensed(faults, MAX_LISTED_FAULTS if table is None else MAX_OF_A_KIND):
        err.print("• " + speaker.stacked(text, "  "), markup=False)
    if table is not None:
        err.print(speaker.text(f"全部问题见 {table}", f"all of them are listed in {table}"), markup=False)
    raise typer.Exit(BAD_INPUT)


def fault_document(fault: Fault) -> dict[str, Any]:
    """A fault for `--json`."""
    place = fault.place
    return {
        "rule": fault.rule,
        "file": place.file,
        "layer": place.layer,
        "row": place.row,
        "column": place.column,
        "pointer": place.pointer,
        "value": fault.value,
        "message": {"zh": fault.message.zh, "en": fault.message.en},
        "remedy": {"zh": fault.remedy.zh, "en": fault.remedy.en},
    }
