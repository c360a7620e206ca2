"""From the name of a shipped profile or the path of a file to a `Profile`."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from importlib import resources
from pathlib import Path

from partitioner.errors import Fault, InputError, Place, Text
from partitioner.profiles.profile import Profile
from partitioner.profiles.reading import profile_from_table

MAX_BYTES = 1_000_000
"""A profile is a page; a longer file is something else."""


def shipped_profiles() -> tuple[str, ...]:
    """Names of the profiles that come with the package, sorted."""
    folder = resources.files("partitioner.profiles")
    return tuple(sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml")))


def load_profile(name_or_path: str | os.PathLike[str]) -> Profile:
    """The profile of that name, or the one in that file.

    A text without a path separator and without the ending ``.toml`` is a name.

    Raises
    ------
    InputError
        No such profile (the message lists the shipped ones), an unreadable file, no TOML, or contents that do not fit:
        every fault at once, each with a JSON pointer.
    """
    text = os.fspath(name_or_path)
    if _is_path(text):
        return _parse(_read_file(text), file=text)
    if text not in shipped_profiles():
        raise InputError([_unknown_name(text)])
    contents = (resources.files("partitioner.profiles") / f"{text}.toml").read_bytes()
    return _parse(contents, file=f"{text}.toml")


def _is_path(text: str) -> bool:
    return text.endswith(".toml") or os.sep in text or bool(os.altsep and os.altsep in text)


def _unknown_name(name: str) -> Fault:
    shipped = shipped_profiles()
    near = difflib.get_close_matches(name.lower(), shipped, n=1)
    hint_zh, hint_en = (f"，是否指 {near[0]}", f"; did you mean {near[0]}") if near else ("", "")
    return Fault(
        rule="profile_unknown",
        message=Text(f"没有这个名称的规则模板{hint_zh}", f"there is no profile of this name{hint_en}"),
        remedy=Text(
            f"可用：{'、'.join(shipped)}；或给出 .toml 文件的路径",
            f"Choose one of {', '.join(shipped)}, or give the path of a .toml file",
        ),
        value=name,
    )


def _read_file(path: str) -> bytes:
    try:
        with Path(path).open("rb") as stream:
            contents = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(
            [
                Fault(
                    rule="profile_unreadable",
                    message=Text(f"无法读取规则模板文件（{reason}）", f"the profile cannot be read ({reason})"),
                    remedy=Text("请检查路径和读取权限", "Check the path and the permission to read it"),
                    place=Place(file=path),
                )
            ]
        ) from error
    if len(contents) > MAX_BYTES:
        raise InputError(
            [
                Fault(
                    rule="profile_too_long",
                    message=Text("文件超过 1 MB，不是规则模板", "the file is longer than 1 MB and no profile"),
                    remedy=Text("请检查路径", "Check the path"),
                    place=Place(file=path),
                )
            ]
        )
    return contents


def _parse(contents: bytes, *, file: str) -> Profile:
    try:
        table = tomllib.loads(contents.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        row = contents[: error.start].count(b"\n") + 1
        raise InputError(
            [
                Fault(
                    rule="profile_encoding",
                    message=Text("文件不是 UTF-8 编码", "the file is not UTF-8"),
                    remedy=Text("请另存为 UTF-8", "Save it as UTF-8"),
                    place=Place(file=file, row=row),
                )
            ]
        ) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError([_syntax_fault(str(error), file)]) from error
    return profile_from_table(table, file=file)


def _syntax_fault(message: str, file: str) -> Fault:
    line = re.search(r"at line (\d+)", message)
    return Fault(
        rule="toml_syntax",
        message=Text(f"不是有效的 TOML（{message}）", f"not valid TOML ({message})"),
        remedy=Text("请改正这一行；文字要加引号", "Correct that line; texts need quotes"),
        place=Place(file=file, row=int(line.group(1)) if line else None),
    )
